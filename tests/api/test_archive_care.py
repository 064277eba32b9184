"""Stored documents get another time-stamp before the last one loses its force; no stored byte is changed (I24)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.bootstrap import build_rota
from api.callers import SYSTEM_CALLER, Role
from api.records.archive_terms import ARCHIVE_TERMS, ArchiveTerm, ArchiveTerms, Wanted
from api.services import Services
from api.usecases.establish_pki import establish_pki
from api.usecases.keep_archive import KeepArchive, keep_archive, report_archive
from tests.api.conftest import Installation, install
from tests.api.office import Office, open_office
from vault.catalogue_sql import Documents
from vault.catalogue_sql.tables import FILES
from vault.errors import IntegrityMismatch, StoreUnavailable
from vault.model import FileRole

YEARS = timedelta(days=365)


@pytest.fixture
def lone(tmp_path: Any) -> Iterator[Office]:
    """A ward of its own, for tests that move its clock by years."""
    made: Installation = install(tmp_path / "data")
    yield open_office(made)
    made.services.close()


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, tuple[str, str]]]:
    """A ward with two issued documents."""
    made: Installation = install(tmp_path_factory.mktemp("archive"))
    office = open_office(made)
    yield office, (issued(office), issued(office))
    made.services.close()


@pytest.fixture
def office(ward: tuple[Office, tuple[str, str]]) -> Office:
    """The ward as before its first round."""
    with ward[0].installation.services.db.transaction() as tx:
        tx.execute(ARCHIVE_TERMS.delete())
        tx.execute(FILES.delete().where(FILES.c.role == FileRole.ARCHIVE.value))
    return ward[0]


@pytest.fixture
def document(ward: tuple[Office, tuple[str, str]]) -> str:
    return ward[1][0]


def issued(office: Office) -> str:
    result = office.numbered()
    for answer in (office.sign(result), office.seal(result), office.send_issue(result)):
        assert answer.status_code in {200, 201}, answer.text
    return str(answer.json()["document_id"])


def round_of(office: Office, services: Services | None = None, **changes: int) -> tuple[int, int, int, int]:
    chosen = services or office.installation.services
    done = keep_archive(KeepArchive(**changes), chosen, SYSTEM_CALLER, office.installation.clock.at)
    return done.examined, done.renewed, done.failed, done.alarmed


def term(office: Office, document: str) -> ArchiveTerm:
    far = office.installation.clock.at + 50 * YEARS
    with office.installation.services.db.reading() as tx:
        found = ArchiveTerms(tx).due(Wanted(before=far, unarchived=True), limit=100)
    (one,) = [each for each in found if each.document_id == document]
    return one


def files(office: Office, document: str) -> dict[tuple[str, int], bytes]:
    services = office.installation.services
    with services.db.reading() as tx:
        found = Documents(tx).get(document)
        return {(one.role.value, one.generation): services.vault.read_file(tx, found, one) for one in found.files}


def with_settings(services: Services, **changes: object) -> Services:
    return replace(services, settings=services.settings.model_copy(update=changes))


def verified(office: Office, pdf: bytes) -> dict[str, Any]:
    answer = office.installation.client.post("/v1/verifications", files={"file": ("a.pdf", pdf, "application/pdf")})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_document_is_renewed_before_its_protection_ends_and_every_file_stays_as_it_was(lone: Office) -> None:
    office, document = lone, issued(lone)
    original = files(office, document)
    assert round_of(office) == (1, 0, 0, 0)
    assert round_of(office) == (0, 0, 0, 0)
    known = term(office, document)
    assert (known.tokens, known.generation) == (0, 0)
    assert known.until is not None
    office.installation.clock.at = known.until - timedelta(days=181)
    assert report_archive(office.installation.services, office.installation.clock.at).due == 0
    office.installation.clock.at = known.until - timedelta(days=179)
    establish_pki(office.installation.services, office.installation.clock.at)  # the unit gets a new key in time
    report = report_archive(office.installation.services, office.installation.clock.at)
    assert [one.document_id for one in report.most_urgent] == [document]
    assert files(office, document) == original  # a report changes nothing
    assert round_of(office) == (0, 1, 0, 0)
    renewed = files(office, document)
    assert {place: renewed[place] for place in original} == original
    assert renewed["archive", 1].startswith(original["master", 1])
    later = term(office, document)
    assert (later.tokens, later.generation) == (1, 1)
    assert later.until is not None
    assert later.until > known.until + 3 * YEARS
    assert round_of(office) == (0, 0, 0, 0)
    for pdf in (original["master", 1], renewed["archive", 1]):
        assert verified(office, pdf)["document_status"]["vault_match"] == "identical"
    found = verified(office, renewed["archive", 1])
    assert found["verdict"] == "valid", found["reason_codes"]
    assert {one["level"] for one in found["signatures"] if one["kind"] == "signature"} == {"B-LTA"}
    office.installation.clock.at = known.until + timedelta(days=30)
    assert verified(office, renewed["archive", 1])["verdict"] == "valid"
    assert verified(office, original["master", 1])["verdict"] == "indeterminate"


def test_a_round_is_bounded_and_the_next_one_goes_on(office: Office) -> None:
    eager = with_settings(office.installation.services, archive_results=True)
    assert round_of(office, eager, examine=1, renew=1) == (1, 1, 0, 0)
    assert round_of(office, eager, examine=1, renew=1) == (1, 1, 0, 0)
    assert round_of(office, eager, examine=1, renew=1) == (0, 0, 0, 0)


def test_the_same_authority_cannot_protect_longer_and_after_three_tries_an_alarm_says_so(lone: Office) -> None:
    office, document = lone, issued(lone)
    at_once = with_settings(office.installation.services, archive_results=True)
    assert round_of(office, at_once) == (1, 1, 0, 0)
    assert round_of(office, at_once) == (0, 0, 0, 0)  # archived once is archived
    before = files(office, document)
    assert set(before) == {("master", 1), ("archive", 1)}
    eager = with_settings(office.installation.services, archive_lead_days=1830)
    office.installation.headers(Role.ADMINISTRATOR)  # somebody looks after the service
    for number, rest in enumerate((1, 2, 4)):
        assert round_of(office, eager) == (0, 0, 1, 1 if number == 2 else 0)
        assert round_of(office, eager) == (0, 0, 0, 0)  # it rests
        office.installation.clock.forward(hours=rest)
    assert files(office, document) == before
    headers = office.installation.headers(Role.ADMINISTRATOR)
    told = [
        one["payload"]
        for one in office.installation.client.get("/v1/notices", headers=headers).json()["items"]
        if one["type"] == "archive_renewal_failed"
    ]
    assert [(one["documents"], one["reason_code"]) for one in told] == [(document, "ARCHIVE_NOT_LONGER")]


def test_an_authority_that_is_away_is_tried_again_later(office: Office, document: str) -> None:
    services = office.installation.services
    gone = with_settings(
        services, archive_results=True, timestamp_authorities="away=http://127.0.0.1:9/", timestamp_patience_s=1.0
    )
    gone = replace(gone, timestamps=build_rota(gone.settings, gone.db, gone.tsa_client))
    assert round_of(office, gone) == (2, 0, 2, 0)
    assert term(office, document).error_code == "TIMESTAMP_UNAVAILABLE"
    assert round_of(office, gone) == (0, 0, 0, 0)  # it rests
    office.installation.clock.forward(hours=2)
    assert round_of(office, with_settings(services, archive_results=True)) == (0, 2, 0, 0)
    assert term(office, document).attempts == 0


def test_of_two_renewals_at_once_one_is_kept(office: Office, document: str) -> None:
    services = office.installation.services
    eager = with_settings(services, archive_results=True)
    first = True

    class Slow:
        """The vault, but while the first renewal is written another one is done."""

        def __getattr__(self, name: str) -> Any:
            return getattr(services.vault, name)

        def stage(self, *args: Any, **more: Any) -> Any:
            nonlocal first
            staged = services.vault.stage(*args, **more)
            if first:
                first = False
                assert round_of(office, eager) == (0, 2, 0, 0)
            return staged

    assert round_of(office, replace(eager, vault=Slow())) == (2, 0, 2, 0)
    assert set(files(office, document)) == {("master", 1), ("archive", 1)}
    assert term(office, document).generation == 1


def test_a_store_that_is_away_leaves_everything_as_it_was(
    office: Office, document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(office, document)
    eager = with_settings(office.installation.services, archive_results=True)
    with monkeypatch.context() as patch:

        def away(*_: object, **__: object) -> None:
            raise StoreUnavailable("away")

        patch.setattr(type(eager.vault), "stage", away)
        assert round_of(office, eager) == (2, 0, 2, 0)
    assert files(office, document) == before


def test_a_damaged_file_is_named_at_once_and_a_store_that_is_away_is_asked_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = office.installation.services
    with monkeypatch.context() as patch:

        def away(*_: object, **__: object) -> None:
            raise StoreUnavailable("away")

        patch.setattr(type(services.vault), "read_file", away)
        assert round_of(office) == (2, 0, 0, 0)
    with monkeypatch.context() as patch:

        def damaged(*_: object, **__: object) -> None:
            raise IntegrityMismatch("digest")

        patch.setattr(type(services.vault), "read_file", damaged)
        assert round_of(office) == (2, 0, 0, 2)
    assert round_of(office) == (0, 0, 0, 0)


def test_another_policy_in_force_has_every_document_looked_at_again(office: Office, document: str) -> None:
    services = office.installation.services
    assert round_of(office) == (2, 0, 0, 0)
    newer = replace(services.verifier.policy, policy_id="vn-next")
    changed = replace(services, verifier=replace(services.verifier, policy=newer))
    assert round_of(office, changed) == (2, 0, 0, 0)
    assert term(office, document).policy_id == "vn-next"
    assert round_of(office, changed) == (0, 0, 0, 0)
