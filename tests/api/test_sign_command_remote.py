"""`anso sign --url`: the client of officials' and citizens' tokens, against a service on loopback, with SoftHSM."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509

from api.callers import Role
from api.cli.holder_keys import HolderKey
from api.cli.sign_items import Item
from api.cli.sign_remote import RemoteSigning, _done, sign_through
from api.cli.sign_run import _text
from api.cli.sign_service import ServiceAway, SigningService
from api.records.demonstration import PEOPLE
from signing.errors import TimestampUnavailable
from signing.keys import Credential, SignatureAlgorithm
from signing.pades.cms import signed_attributes
from tests.api.live_service import serving
from tests.api.token_commands import sign
from tests.api.token_holders import Holder, TokenOffice, holder_of, open_token_office
from tests.fakes import sample_pdf


@pytest.fixture(scope="module")
def url(installation: Any) -> Iterator[str]:
    with serving(installation.app) as address:
        yield address


@pytest.fixture(scope="module")
def citizen(installation: Any, softhsm: Any) -> Holder:
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    return holder_of(installation, softhsm, Role.CITIZEN, "mother", body)


@pytest.fixture(scope="module")
def ward(installation: Any, softhsm: Any) -> TokenOffice:
    return open_token_office(installation, softhsm)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    for number in range(3):
        (tmp_path / f"{number}.pdf").write_bytes(sample_pdf.small())
    return tmp_path


def told(result: Any) -> Any:
    assert result.exit_code == 0, (result.stdout, result.stderr)
    return json.loads(result.stdout)


def verdict(holder: Holder, path: Path) -> str:
    files = {"file": ("a.pdf", path.read_bytes())}
    return str(holder.installation.client.post("/v1/verifications", files=files).json()["verdict"])


def test_a_citizen_signs_files_through_the_service_with_one_pin(citizen: Holder, url: str, papers: Path) -> None:
    out = papers / "da-ky"
    found = told(sign(citizen, url, papers, "--out", out, "-o", "json"))
    assert [(one["state"], one["level"]) for one in found] == [("signed", "B-LT")] * 3
    for number in range(3):
        signed = out / f"{number}.pdf"
        assert signed.read_bytes().startswith((papers / f"{number}.pdf").read_bytes())
        assert verdict(citizen, signed) == "valid"


def test_a_leader_signs_results_and_a_clerk_seals_them(ward: TokenOffice, url: str, tmp_path: Path) -> None:
    results = [ward.office.numbered() for _ in range(2)]
    named = [part for one in results for part in ("--result", one)]
    signed = told(sign(ward.leader, url, *named, "--capacity", "kt", "-o", "json"))
    assert [(one["result_id"], one["level"]) for one in signed] == [(one, "B-LT") for one in results]
    sealed = told(sign(ward.seal, url, *named, "--seal", "--out", tmp_path, "-o", "json"))
    assert [one["state"] for one in sealed] == ["signed", "signed"]
    assert verdict(ward.seal, tmp_path / f"{results[0]}.pdf") == "valid"


def test_a_result_with_annexes_is_sealed_with_them_by_the_token(ward: TokenOffice, url: str, tmp_path: Path) -> None:
    office, client = ward.office, ward.office.installation.client
    plain, result = ward.signed(), str(office.draft().json()["id"])
    files = {"file": ("phu-luc.pdf", sample_pdf.page(), "application/pdf")}
    headers = office.installation.headers(Role.APPRAISER, "appraiser")
    assert client.post(f"/v1/results/{result}/annexes", files=files, headers=headers).status_code == 201
    assert office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal").status_code == 201
    early = sign(ward.seal, url, "--result", result, "--seal", "-o", "json")
    assert (early.exit_code, json.loads(early.stdout)["error"]["code"]) == (10, "SEAL_BEFORE_SIGNATURE")
    assert office.send(Role.CLERK, "clerk", f"/v1/results/{result}/number").status_code == 201
    assert sign(ward.leader, url, "--result", result, "--capacity", "kt").exit_code == 0
    both = ("--result", plain, "--result", result, "--seal", "--jobs", 2)
    done = told(sign(ward.seal, url, *both, "--out", tmp_path, "-o", "json"))
    assert [(one["state"], one["level"]) for one in done] == [("signed", "B-LT")] * 2
    assert verdict(ward.seal, tmp_path / f"{result}.pdf") == "valid"
    (annex,) = office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}/annexes").json()
    assert annex["signature_level"] == "B-LT"
    again = told(sign(ward.seal, url, *both, "--out", tmp_path, "--resume", "-o", "json"))
    assert [one["state"] for one in again] == ["skipped", "skipped"]


def codes(result: Any) -> list[str]:
    return [json.loads(line).get("error", {}).get("code", "") for line in result.stdout.splitlines()]


def test_a_bad_file_and_a_result_of_others_fail_alone(citizen: Holder, url: str, papers: Path) -> None:
    (papers / "1.pdf").write_bytes(sample_pdf.encrypted(sample_pdf.small(), user="x"))
    done = sign(citizen, url, papers, "--out", papers / "out", "--continue-on-error", "-o", "jsonl")
    assert (done.exit_code, codes(done)) == (6, ["", "DOCUMENT_ENCRYPTED", ""])
    alone = sign(citizen, url, papers / "1.pdf", "-o", "jsonl")
    assert (alone.exit_code, codes(alone)) == (10, ["DOCUMENT_ENCRYPTED"])
    foreign = sign(citizen, url, "--result", f"res_{'0' * 26}", "--capacity", "kt", "-o", "jsonl")
    assert (foreign.exit_code, codes(foreign)) == (7, ["ROLE_MISSING"])


def test_a_run_goes_on_without_signing_again(citizen: Holder, url: str, papers: Path) -> None:
    out = papers / "out"
    assert sign(citizen, url, papers / "0.pdf", "--out", out).exit_code == 0
    again = told(sign(citizen, url, papers / "[0-2].pdf", "--out", out, "--resume", "-o", "json"))
    assert [one["state"] for one in again] == ["skipped", "signed", "signed"]


def test_a_login_or_a_service_that_is_not_there_ends_the_run(
    citizen: Holder, url: str, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.sign_service._PAUSE_S", 0.05)
    refused = sign(citizen, url, papers, "--out", papers / "out", "-o", "jsonl", ANSO_TOKEN="x.y.z")
    assert (refused.exit_code, codes(refused)[0]) == (7, "TOKEN_INVALID")
    away = sign(citizen, "http://127.0.0.1:9", papers, "--out", papers / "out", "-o", "jsonl")
    assert (away.exit_code, codes(away)[0]) == (8, "SERVICE_AWAY")
    assert not [path for path in (papers / "out").rglob("*") if path.suffix in {".pdf", ".part"}]


def test_a_file_that_was_fetched_before_its_time_stamp_is_not_passed_off_as_complete(
    citizen: Holder, url: str, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object, **__: object) -> Any:
        raise TimestampUnavailable("silent")

    by = (papers / "0.pdf", papers / "none.pdf", "--out", papers / "out", "--continue-on-error", "-o", "jsonl")
    with monkeypatch.context() as away:
        away.setattr("api.usecases.signed_uploads.time_stamper", lambda *_, **__: silent)
        done = sign(citizen, url, *by)
        alone = sign(citizen, url, papers / "1.pdf", "-o", "json")
    first = json.loads(done.stdout.splitlines()[0])
    assert (done.exit_code, first["state"], first["level"]) == (6, "pending", "B-B")
    lack = {"wanted_level": "B-LT", "reason_code": "TIMESTAMP_UNAVAILABLE"}
    assert (alone.exit_code, json.loads(alone.stdout)["pending"]) == (8, lack)
    again = told(sign(citizen, url, papers / "0.pdf", "--out", papers / "out", "--resume", "-o", "json"))
    assert (again["state"], again["level"]) == (
        "signed",
        "B-LT",
    )  # by the service's time-stamps; the key made nothing more
    assert verdict(citizen, papers / "out" / "0.pdf") == "valid"


def test_of_a_result_that_waits_for_its_time_stamp_the_service_adds_the_rest() -> None:
    """A copy that was fetched is not continued here: the one that counts lies in the service."""
    item = Item(name="res_1", result_id="res_1", target=Path("da-ky/res_1.pdf"))
    preparation = {"level": "B-B", "file_sha256": "0", "document_sha256": "0", "id": "prep_1"}
    done = _done(item, {"preparation": preparation})
    assert (done.state, done.pending) == ("signed", None)
    assert "(B-B; dịch vụ tự bổ sung / the service adds the rest)" in _text(done)
    assert "dịch vụ" not in _text(replace(done, level="B-LT"))


class _Odd:
    """A service that does not do what it should."""

    def __init__(self, key: Any, file: bytes = b"", **changes: Any) -> None:
        self._key, self._file, self._changes = key, file, changes

    def prepare_files(self, paths: list[Path], _fields: object) -> list[dict[str, Any]]:
        return [{"preparation": {"id": "prep_1", **self._changes}, "error": None} for _ in paths]

    def complete(self, values: dict[str, bytes]) -> list[dict[str, Any]]:
        done = {"file": "/x", "file_sha256": hashlib.sha256(self._file).hexdigest(), "level": "B-LT"}
        return [{"preparation": {"id": one, "document_sha256": "", **done}, "error": None} for one in values]

    def file(self, _path: str) -> Iterator[bytes]:
        yield self._file


def attributes(certificate: bytes, digest: bytes) -> bytes:
    credential = Credential(key_id="", certificate=certificate, chain=(), algorithm=SignatureAlgorithm.ECDSA_SHA256)
    return signed_attributes(credential, digest)


def signing_through(service: Any, certificate: bytes, used: list[bytes]) -> RemoteSigning:
    def use(data: bytes) -> bytes:
        used.append(data)
        return b"value"

    key = HolderKey(certificate=certificate, chain=(), algorithm=SignatureAlgorithm.ECDSA_SHA256, sign=use)
    return RemoteSigning(key=key, service=service)


def test_the_client_signs_nothing_but_attributes_that_name_its_own_certificate(
    citizen: Holder, ward: TokenOffice, papers: Path
) -> None:
    own, digest = citizen.token.certificate, hashlib.sha256(b"x").digest()
    asked = {
        "another certificate": attributes(ward.leader.token.certificate, digest),
        "a certificate to be": x509.load_der_x509_certificate(own).tbs_certificate_bytes,
        "anything": b"sign this",
        "another digest": attributes(own, hashlib.sha256(b"y").digest()),
    }
    for what, data in asked.items():
        used: list[bytes] = []
        sent = base64.b64encode(data).decode()
        service = _Odd(own, to_be_signed=sent, digest=digest.hex())
        item = Item(name="0.pdf", source=papers / "0.pdf", target=papers / "out.pdf")
        (done,) = sign_through([item], lambda _: None, signing_through(service, own, used))
        assert done.failure is not None, what
        assert (done.failure.code, used) == ("KEY_USE_REFUSED", []), what


def test_what_does_not_continue_the_sent_file_is_not_kept(citizen: Holder, papers: Path) -> None:
    own, digest = citizen.token.certificate, hashlib.sha256(b"x").digest()
    sent, pdf = base64.b64encode(attributes(own, digest)).decode(), (papers / "0.pdf").read_bytes()
    for given in (b"", pdf, pdf.replace(b"%PDF", b"%PDX") + b"more", b"something else entirely" * 1000):
        service = _Odd(own, file=given, to_be_signed=sent, digest=digest.hex())
        item = Item(name="0.pdf", source=papers / "0.pdf", target=papers / "out.pdf")
        (done,) = sign_through([item], lambda _: None, signing_through(service, own, []))
        assert done.failure is not None
        assert done.failure.code == "SIGNED_FILE_FOREIGN"
        assert sorted(path.name for path in papers.iterdir()) == ["0.pdf", "1.pdf", "2.pdf"]


class _Slow(_Odd):
    """A service that says when it is asked, and answers a group of its own choice last."""

    def __init__(self, certificate: bytes, file: bytes, slowest: str = "") -> None:
        digest = hashlib.sha256(b"x").digest()
        sent = base64.b64encode(attributes(certificate, digest)).decode()
        super().__init__(certificate, file, to_be_signed=sent, digest=digest.hex())
        self._slowest, self._turn = slowest, threading.Lock()
        self.slow_came, self.first_done = threading.Event(), threading.Event()
        self.at_once = self.most_at_once = 0
        self.completed: list[str] = []

    def prepare_files(self, paths: list[Path], fields: object) -> list[dict[str, Any]]:
        with self._turn:
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
        if paths[0].name == self._slowest:
            self.slow_came.set()
            self.first_done.wait(20)
        elif self._slowest:
            self.slow_came.wait(20)  # a lane may begin late
        found = super().prepare_files(paths, fields)
        for path, one in zip(paths, found, strict=True):
            one["preparation"]["id"] = path.name
        with self._turn:
            self.at_once -= 1
        return found

    def complete(self, values: dict[str, bytes]) -> list[dict[str, Any]]:
        self.completed += values
        self.first_done.set()
        return super().complete(values)


def lanes_of(service: Any, certificate: bytes, jobs: int) -> RemoteSigning:
    return replace(signing_through(service, certificate, []), jobs=jobs)


def many(papers: Path, count: int) -> list[Item]:
    pdf = (papers / "0.pdf").read_bytes()
    for number in range(count):
        (papers / f"n{number}.pdf").write_bytes(pdf)
    return [
        Item(name=f"n{number}.pdf", source=papers / f"n{number}.pdf", target=papers / "out" / f"{number}.pdf")
        for number in range(count)
    ]


def test_several_groups_go_at_a_time_and_answers_come_in_the_order_of_the_files(citizen: Holder, papers: Path) -> None:
    own, pdf = citizen.token.certificate, (papers / "0.pdf").read_bytes()
    service = _Slow(own, pdf + b"more", slowest="n0.pdf")
    items, noted = many(papers, 9), list[str]()
    found = list(sign_through(items, lambda done: noted.append(done.item.name), lanes_of(service, own, 3)))
    assert [one.item.name for one in found] == [one.name for one in items]
    assert [one.failure for one in found] == [None] * 9
    # the slow first group was waited for, by answers only: another was completed before it
    assert service.completed[0] != "n0.pdf"
    assert 2 <= service.most_at_once <= 3
    assert sorted(noted) == sorted(one.name for one in items)


def test_no_more_than_eight_requests_go_at_a_time(citizen: Holder, papers: Path) -> None:
    own, pdf = citizen.token.certificate, (papers / "0.pdf").read_bytes()
    service = _Slow(own, pdf + b"more", slowest="n0.pdf")
    assert len(list(sign_through(many(papers, 24), lambda _: None, lanes_of(service, own, 64)))) == 24
    assert service.most_at_once <= 8


def test_whoever_stops_asking_stops_the_work_and_what_was_completed_is_kept(citizen: Holder, papers: Path) -> None:
    own, pdf = citizen.token.certificate, (papers / "0.pdf").read_bytes()
    service, noted = _Slow(own, pdf + b"more"), list[str]()
    signing = lanes_of(service, own, 2)
    asked = sign_through(many(papers, 200), lambda done: noted.append(done.item.name), signing)
    next(asked)
    asked.close()  # as Ctrl-C does
    assert signing.stopped.is_set()
    assert len(service.completed) < 200
    # each that the key signed stands there whole, and the journal knows of it
    kept = sorted(f"n{path.stem}.pdf" for path in (papers / "out").iterdir())
    assert kept == sorted(noted) == sorted(service.completed)


def test_a_stop_between_preparing_and_signing_signs_nothing(citizen: Holder, papers: Path) -> None:
    own, pdf = citizen.token.certificate, (papers / "0.pdf").read_bytes()
    service, used = _Slow(own, pdf + b"more"), list[bytes]()
    signing = signing_through(service, own, used)
    signing.stopped.set()
    assert list(sign_through(many(papers, 2), lambda _: None, signing)) == []
    assert (used, service.completed) == ([], [])


def test_a_fault_of_ours_in_a_lane_is_raised_and_not_lost(citizen: Holder, papers: Path) -> None:
    own, pdf = citizen.token.certificate, (papers / "0.pdf").read_bytes()

    def fails(_: object) -> None:
        raise RuntimeError("a fault")

    with pytest.raises(RuntimeError, match="a fault"):
        list(sign_through(many(papers, 4), fails, lanes_of(_Slow(own, pdf + b"more"), own, 2)))


def test_several_jobs_sign_what_one_does_and_a_later_run_skips_it(citizen: Holder, url: str, papers: Path) -> None:
    many(papers, 5)
    out = papers / "da-ky"
    by = (papers / "n*.pdf", "--out", out, "--jobs", 3, "-o", "json")
    found = told(sign(citizen, url, *by))
    assert [(one["input"][-6:], one["state"]) for one in found] == [(f"n{n}.pdf", "signed") for n in range(5)]
    (out / "n3.pdf").unlink()
    again = told(sign(citizen, url, *by, "--resume"))
    assert sorted((one["input"][-6:], one["state"]) for one in again) == [
        (f"n{n}.pdf", "signed" if n == 3 else "skipped") for n in range(5)
    ]
    assert verdict(citizen, out / "n3.pdf") == "valid"


class _WithAnnexes(_Odd):
    """A service whose result has annexes; one of what it wants sealed is something else."""

    def __init__(self, certificate: bytes, prepared: list[dict[str, Any]]) -> None:
        super().__init__(certificate)
        self._prepared, self.sealed = prepared, list[str]()

    def prepare_results(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        problem = {"code": "ANNEXES_UNSEALED", "title": "Có phụ lục"}
        return [{"preparation": None, "error": problem} for _ in body["result_ids"]]

    def prepare_seals(self, _result: str, _body: object) -> list[dict[str, Any]]:
        return self._prepared

    def seal(self, result_id: str, _values: object) -> dict[str, Any]:
        self.sealed.append(result_id)
        return {"preparation": None, "error": {"code": "SIGNATURE_PREPARATION_STALE", "title": "Đã đổi"}}


def _asked(certificate: bytes, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).digest()
    sent = base64.b64encode(attributes(certificate, digest)).decode()
    return {"preparation": {"id": f"prep_{content.hex()}", "to_be_signed": sent, "digest": digest.hex()}, "error": None}


def test_annexes_are_sealed_only_where_everything_is_the_own_seal_s_to_sign(ward: TokenOffice) -> None:
    own, other = ward.seal.token.certificate, ward.leader.token.certificate
    item = Item(name="res_1", result_id="res_1")
    for prepared, code in (
        ([_asked(own, b"main"), _asked(other, b"annex")], "KEY_USE_REFUSED"),
        ([{"preparation": None, "error": {"code": "SIG_CERT_HOLD", "title": "Tạm dừng"}}], "SIG_CERT_HOLD"),
        ([_asked(own, b"main"), _asked(own, b"annex")], "SIGNATURE_PREPARATION_STALE"),
    ):
        service = _WithAnnexes(own, prepared)
        signing = replace(signing_through(service, own, []), kind="seal")
        (done,) = sign_through([item], _never, signing)
        assert done.failure is not None
        assert done.failure.code == code
        assert bool(service.sealed) == (code == "SIGNATURE_PREPARATION_STALE")
    # a signature is no seal: there the refusal is told as it is
    (done,) = sign_through([item], lambda _: None, signing_through(_WithAnnexes(own, []), own, []))
    assert done.failure is not None
    assert done.failure.code == "ANNEXES_UNSEALED"


def _never(done: Any) -> None:
    raise AssertionError(done)


def _service(status: int, body: dict[str, Any]) -> SigningService:
    """One that answers everything in one way."""
    made = SigningService("http://127.0.0.1:9", "x")
    made._client.close()
    answer = httpx2.Response(status, json=body)
    made._client = httpx2.Client(transport=httpx2.MockTransport(lambda _: answer), base_url="http://x")
    return made


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [(401, {"code": "TOKEN_INVALID", "title": "x"}, "TOKEN_INVALID"), (201, {"items": []}, "SERVICE_ODD")],
)
def test_a_service_that_prepares_no_seals_ends_the_run(status: int, body: dict[str, Any], code: str) -> None:
    with _service(status, body) as service, pytest.raises(ServiceAway) as away:
        service.prepare_seals("res_1", {})
    assert (away.value.failure.code, away.value.failure.stops) == (code, True)


def test_a_refusal_of_one_result_is_that_result_s_own() -> None:
    with _service(409, {"code": "SEAL_BEFORE_SIGNATURE", "title": "x"}) as service:
        (found,) = service.prepare_seals("res_1", {})
        assert found["error"]["code"] == "SEAL_BEFORE_SIGNATURE"
        assert service.seal("res_1", {"prep_1": b"x"})["error"]["code"] == "SEAL_BEFORE_SIGNATURE"
