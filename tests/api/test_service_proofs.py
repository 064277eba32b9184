"""What `anso sign --url` believes of a service that keeps the key, and where it asks for status evidence."""

from collections.abc import Callable
from threading import Event
from typing import Any

import httpx2
import pytest

from api.cli.csc_service import CscService, holder_failure, kept_credentials
from api.cli.exits import Exit
from api.cli.service_proofs import ServiceProofs
from api.cli.sign_service import ServiceAway
from api.records.demonstration import PEOPLE
from signing.ca import chain_of
from signing.errors import EvidenceUnavailable, RemoteCredentialChanged, SignatureValueWrong, TimestampUnavailable
from signing.registry_sql import RegistrySql
from signing.tsa import Question
from tests.api.office import issue_certificate
from tests.fakes.small_pki import SmallPki


@pytest.fixture(scope="module")
def chain(installation: Any) -> tuple[bytes, ...]:
    """A citizen's, up to the root."""
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    certificate_id = issue_certificate(installation, body)
    with installation.services.db.reading() as tx:
        record = RegistrySql(tx).get(certificate_id)
        return (record.der or b"", *chain_of(record.issuer, RegistrySql(tx)))


class Public:
    """The service's public side; what is refused, and what was asked."""

    def __init__(self, installation: Any, refuses: Callable[[str], int | None] = lambda _: None) -> None:
        self._client, self._refuses = installation.client, refuses
        self.asked: list[str] = []

    def get(self, path: str) -> Any:
        return self._answer(path, lambda: self._client.get(path))

    def post(self, path: str, **sent: Any) -> Any:
        return self._answer(path, lambda: self._client.post(path, **sent))

    def _answer(self, path: str, ask: Callable[[], Any]) -> Any:
        self.asked.append(path)
        status = self._refuses(path)
        return ask() if status is None else httpx2.Response(status, headers={"retry-after": "0"})


def proofs(installation: Any, public: Any, answer: Any = None) -> ServiceProofs:
    return ServiceProofs(csc=service(answer), public=public, at=installation.clock.at)


def service(answer: Any = None) -> CscService:
    """One that answers everything in one way."""

    def given(request: httpx2.Request) -> httpx2.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer or httpx2.Response(500, request=request)

    client = httpx2.Client(transport=httpx2.MockTransport(given), base_url="http://service")
    return CscService(client=client, stopped=Event(), tell=lambda _: None)


def test_every_certificate_but_the_root_is_answered_for_by_the_service_alone(
    installation: Any, chain: tuple[bytes, ...]
) -> None:
    public = Public(installation)
    given = proofs(installation, public)
    found = given.evidence(chain)
    assert found.certificates == chain
    assert len(found.ocsps) + len(found.crls) == len(chain) - 1
    assert found.ocsps
    assert all(path.startswith("/pki/") for path in public.asked)  # of the address in the certificate only the path
    before = len(public.asked)
    assert given.evidence(chain) == found
    assert len(public.asked) == before  # a batch does not ask anew for each file


def test_a_chain_without_its_root_is_completed_first(installation: Any, chain: tuple[bytes, ...]) -> None:
    found = proofs(installation, Public(installation)).evidence(chain[:1])
    assert found.certificates == chain


def test_where_no_answer_is_to_be_had_the_list_is_taken(installation: Any, chain: tuple[bytes, ...]) -> None:
    public = Public(installation, lambda path: 503 if "/ocsp" in path else None)
    found = proofs(installation, public).evidence(chain)
    assert (len(found.ocsps), len(found.crls)) == (0, len(chain) - 1)


def test_what_has_neither_is_not_proved(installation: Any, chain: tuple[bytes, ...]) -> None:
    with pytest.raises(EvidenceUnavailable):
        proofs(installation, Public(installation, lambda _: 503)).evidence(chain)
    # what comes is not what was asked for
    with pytest.raises(EvidenceUnavailable):
        proofs(installation, Public(installation, lambda _: 200)).evidence(chain)
    late = proofs(installation, Public(installation))
    late.at = late.at.replace(year=late.at.year + 5)  # every answer is out of date
    with pytest.raises(EvidenceUnavailable):
        late.evidence(chain)
    away = httpx2.Client(transport=httpx2.MockTransport(_gone), base_url="http://service")
    with pytest.raises(EvidenceUnavailable):
        proofs(installation, away).evidence(chain)


def _gone(_: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("gone")


def test_other_addresses_than_the_service_s_own_pki_are_never_asked(installation: Any) -> None:
    pki = SmallPki(address="http://elsewhere.example/status")
    public = Public(installation)
    with pytest.raises(EvidenceUnavailable):
        proofs(installation, public).evidence((pki.credential().certificate, pki.ca.der, pki.root.der))
    assert public.asked == []


def test_who_is_asked_too_often_is_asked_again_a_little_later(installation: Any, chain: tuple[bytes, ...]) -> None:
    seen: list[str] = []

    def busy(path: str) -> int | None:
        seen.append(path)
        return 429 if len(seen) == 1 else None

    assert proofs(installation, Public(installation, busy)).evidence(chain).ocsps
    stopped = proofs(installation, Public(installation, lambda _: 429))
    stopped.csc.stopped.set()
    with pytest.raises(EvidenceUnavailable):
        stopped.evidence(chain)


@pytest.mark.parametrize("answer", [None, httpx2.Response(200, json={"timestamp": "*"}), httpx2.Response(200, json={})])
def test_a_service_that_stamps_nothing_gives_no_time_stamp(installation: Any, answer: httpx2.Response | None) -> None:
    request = Question.over(bytes(32), "sha256").request()
    with pytest.raises(TimestampUnavailable):
        proofs(installation, None, answer).stamp(request)


@pytest.mark.parametrize(
    ("answer", "code", "exit_code"),
    [
        (httpx2.ConnectError("gone"), "SERVICE_AWAY", Exit.UNAVAILABLE),
        (httpx2.Response(200, text="<html>"), "SERVICE_AWAY", Exit.UNAVAILABLE),
        (httpx2.Response(200, json=[]), "SERVICE_AWAY", Exit.UNAVAILABLE),
        (httpx2.Response(404, json={"detail": "x"}), "SERVICE_AWAY", Exit.UNAVAILABLE),
        (httpx2.Response(200, json={"credentialInfos": [{}]}), "SERVICE_AWAY", Exit.UNAVAILABLE),
        (httpx2.Response(200, json={"credentialInfos": 1}), "SERVICE_AWAY", Exit.UNAVAILABLE),
        (httpx2.Response(403, json={"error": "access_denied", "code": "ROLE_MISSING"}), "ROLE_MISSING", Exit(7)),
        (httpx2.Response(503, json={"error": "temporarily_unavailable"}), "TEMPORARILY_UNAVAILABLE", Exit.UNAVAILABLE),
    ],
)
def test_an_answer_that_is_none_ends_the_run_and_says_why(answer: Any, code: str, exit_code: Exit) -> None:
    with pytest.raises(ServiceAway) as caught:
        kept_credentials(service(answer))
    failure = caught.value.failure
    assert (failure.code, failure.exit, failure.stops) == (code, exit_code, True)
    assert failure.vi
    assert failure.vi != failure.en


def test_values_that_the_key_did_not_make_end_the_run_too() -> None:
    wrong = holder_failure(SignatureValueWrong("x"))
    assert (wrong.code, wrong.stops) == ("SIGNATURE_VALUE_WRONG", True)
    assert holder_failure(RemoteCredentialChanged("x")).exit is Exit.NOT_AUTHORISED
    asked = service()
    asked.stopped.set()
    with pytest.raises(ServiceAway):
        asked.pause(60)
