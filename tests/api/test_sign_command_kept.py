"""`anso sign --url` with a key that the service keeps: files stay here, hashes go, the holder agrees once for all."""

import json
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from api.callers import Role
from api.cli.augment import app as augment
from api.cli.sign import app
from api.records.demonstration import PEOPLE
from signing.errors import EvidenceUnavailable, TimestampUnavailable
from signing.isolation import Isolation, Limits
from tests.api.command_clock import follow_clock
from tests.api.csc.conftest import Desk
from tests.api.live_service import serving
from tests.api.office import Office, issue_certificate, official
from tests.api.signer_bench import GuardedOffice, guarded_office, wait_until
from tests.fakes import sample_pdf


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    """A leader without a second factor, a chairman with one; neither has a key of the own."""
    figures = ("leader", "chairman")
    certificates = {figure: issue_certificate(installation, official(figure)) for figure in figures}
    return Office(installation=installation, certificates=certificates)


@pytest.fixture(scope="module")
def desk(installation: Any, office: Office) -> Iterator[Desk]:
    with serving(installation.app) as address:
        yield Desk(office=office, address=address)


@pytest.fixture(scope="module")
def chairman(desk: Desk) -> Desk:
    made = Desk(office=desk.office, address=desk.address, figure="chairman")
    made.enrol()
    return made


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch, installation: Any) -> None:
    follow_clock(monkeypatch, installation)


class _Lasting(Isolation):
    """Workers that outlive a run: the next one finds their libraries loaded."""

    def close(self) -> None:
        """They end with the module."""

    stop = close


@pytest.fixture(scope="module")
def lasting() -> Iterator[Isolation]:
    made = _Lasting(workers=1, limits=Limits(cpu_s=60, memory_mb=4096), preload=("signing.pades.isolated_files",))
    yield made
    Isolation.stop(made)


@pytest.fixture
def own_workers() -> None:
    """For a test in which they begin and end as they do in a run."""


@pytest.fixture(autouse=True)
def _workers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, lasting: Isolation) -> None:
    if "own_workers" not in request.fixturenames:
        monkeypatch.setattr("api.cli.sign_kept.file_workers", lambda _: nullcontext(lasting))


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    for number in range(3):
        (tmp_path / f"{number}.pdf").write_bytes(sample_pdf.small() + f"%{number}\n".encode())
    return tmp_path


def sign(desk: Desk, *arguments: object, **variables: str) -> Any:
    known = {"ANSO_TOKEN": desk.token, **variables}
    result = CliRunner().invoke(app, [*map(str, arguments), "--url", desk.address], env=known)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def told(result: Any) -> Any:
    assert result.exit_code == 0, (result.stdout, result.stderr)
    return json.loads(result.stdout)


def codes(result: Any) -> list[str]:
    return [json.loads(line).get("error", {}).get("code", "") for line in result.stdout.splitlines()]


def report(desk: Desk, path: Path) -> dict[str, Any]:
    files = {"file": ("a.pdf", path.read_bytes())}
    return dict(desk.office.installation.client.post("/v1/verifications", files=files).json())


@pytest.mark.parametrize("level", ["b-b", "b-t", "b-lt", "b-lta"])
def test_a_file_is_signed_at_the_level_that_is_asked_for_and_never_leaves_this_machine(
    level: str, desk: Desk, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    real = desk.office.installation.app.__class__.__call__

    async def seen(self: Any, scope: Any, receive: Any, send: Any) -> None:
        async def noted() -> Any:
            message = await receive()
            sent.append(message.get("body", b""))
            return message

        await real(self, scope, noted, send)

    monkeypatch.setattr(desk.office.installation.app.__class__, "__call__", seen)
    out = papers / "da-ky"
    found = told(sign(desk, papers / "0.pdf", "--out", out, "--level", level, "--mark", "text", "-o", "json"))
    assert (found["state"], found["level"]) == ("signed", level.upper())
    assert sent
    assert not any(b"JVBERi" in one or b"%PDF" in one for one in sent)  # neither as it is nor in base64
    monkeypatch.undo()
    assert (out / "0.pdf").read_bytes().startswith((papers / "0.pdf").read_bytes())
    judged = report(desk, out / "0.pdf")
    assert (judged["signatures"][0]["intact"], judged["signatures"][0]["level"]) == (True, level.upper())


@pytest.mark.usefixtures("own_workers")
def test_many_files_are_signed_under_one_authorisation_with_one_code(chairman: Desk, papers: Path) -> None:
    before = authorisations(chairman)
    by = (papers / "[0-2].pdf", "--out", papers / "out", "--jobs", 2, "-o", "json")
    found = told(sign(chairman, *by, ANSO_OTP=str(chairman.code())))
    assert [(one["state"], one["level"]) for one in found] == [("signed", "B-LT")] * 3
    assert authorisations(chairman) == before + 1
    for number in range(3):
        assert report(chairman, papers / "out" / f"{number}.pdf")["signatures"][0]["intact"] is True
    (papers / "out" / "1.pdf").unlink()
    again = told(sign(chairman, *by, "--resume", ANSO_OTP=str(chairman.code())))
    assert sorted((one["input"][-5:], one["state"]) for one in again) == [
        ("0.pdf", "skipped"), ("1.pdf", "signed"), ("2.pdf", "skipped"),
    ]  # fmt: skip


def authorisations(desk: Desk) -> int:
    headers = desk.office.installation.headers(Role.AUDITOR)
    path = "/v1/audit-events?action=confirm_signature_authorisation&outcome=allowed"
    return len(desk.office.installation.client.get(path, headers=headers).json()["items"])


def test_a_wrong_or_missing_code_signs_nothing_and_ends_the_run(chairman: Desk, papers: Path) -> None:
    out = papers / "out"
    wrong = sign(chairman, papers, "--out", out, "--continue-on-error", "-o", "jsonl", ANSO_OTP="000000")
    assert (wrong.exit_code, codes(wrong)) == (7, ["SECOND_FACTOR_INVALID"])
    assert "000000" not in wrong.stdout + wrong.stderr
    nobody = sign(chairman, papers, "--out", out, "-o", "jsonl")
    assert (nobody.exit_code, "ANSO_OTP" in nobody.stderr) == (7, True)
    assert not list(out.rglob("*.pdf"))


def test_a_bad_file_fails_alone_or_ends_the_run_and_only_what_is_signed_was_agreed_to(desk: Desk, papers: Path) -> None:
    (papers / "1.pdf").write_bytes(sample_pdf.encrypted(sample_pdf.small(), user="x"))
    stopped = sign(desk, papers, "--out", papers / "1", "-o", "jsonl")
    assert (stopped.exit_code, codes(stopped)) == (6, ["", "DOCUMENT_ENCRYPTED"])
    went_on = sign(desk, papers / "[0-2].pdf", "--out", papers / "2", "--continue-on-error", "-o", "jsonl")
    assert (went_on.exit_code, codes(went_on)) == (6, ["", "DOCUMENT_ENCRYPTED", ""])
    assert sorted(one.name for one in (papers / "2").glob("*.pdf")) == ["0.pdf", "2.pdf"]
    before = authorisations(desk)
    alone = sign(desk, papers / "1.pdf", "-o", "jsonl")
    assert (alone.exit_code, codes(alone)) == (10, ["DOCUMENT_ENCRYPTED"])
    first = sign(desk, papers / "1.pdf", papers / "0.pdf", "--out", papers / "3", "-o", "jsonl")
    assert codes(first) == ["DOCUMENT_ENCRYPTED"]
    assert authorisations(desk) == before  # nobody is asked for nothing, nor for what would not be signed


def test_a_login_a_service_or_a_credential_that_is_not_there_is_told(desk: Desk, papers: Path) -> None:
    refused = sign(desk, papers, "--out", papers / "out", "-o", "jsonl", ANSO_TOKEN="x.y.z")
    assert (refused.exit_code, codes(refused)) == (7, ["TOKEN_INVALID"])
    away = Desk(office=desk.office, address="http://127.0.0.1:9")
    lost = sign(away, papers, "--out", papers / "out", "-o", "jsonl")
    assert (lost.exit_code, codes(lost)) == (8, ["SERVICE_AWAY"])
    none = sign(desk, papers / "0.pdf", "--credential", f"cert_{'0' * 26}")
    assert (none.exit_code, "--pkcs11" in none.stderr) == (7, True)
    assert not list((papers / "out").rglob("*.pdf"))


def test_of_several_credentials_one_has_to_be_named_and_a_held_one_signs_nothing(
    desk: Desk, installation: Any, papers: Path
) -> None:
    clerk = Desk(office=desk.office, address=desk.address, figure="clerk", role=Role.CLERK)
    first = issue_certificate(installation, official("clerk"))
    own = {"certificate_class": "citizen", "subject_id": PEOPLE["clerk"].subject_id}
    second = issue_certificate(installation, own)
    several = sign(clerk, papers / "0.pdf")
    assert (several.exit_code, first in several.stderr, second in several.stderr) == (2, True, True)
    named = told(sign(clerk, papers / "0.pdf", "--credential", second, "-o", "json"))
    assert named["state"] == "signed"
    path = f"/v1/certificates/{second}/suspension"
    headers = installation.headers(Role.SECURITY_OFFICER, "security_officer")
    assert installation.client.post(path, json={"reason": "key_in_doubt"}, headers=headers).status_code == 201
    held = sign(clerk, papers / "1.pdf", "--credential", second)
    assert (held.exit_code, "tạm dừng" in held.stderr) == (7, True)
    assert told(sign(clerk, papers / "1.pdf", "-o", "json"))["state"] == "signed"  # the one that is left


@pytest.mark.parametrize(
    "arguments",
    [
        ("--result", "res_1"),
        ("0.pdf", "--seal"),
        ("0.pdf", "--capacity", "kt"),
        ("0.pdf", "--mark", "person"),
        ("0.pdf", "--cert", "0.pdf"),
        ("0.pdf", "--credential", "cert_1", "--key", "0.pdf", "--cert", "0.pdf"),
    ],
)
def test_what_a_key_in_the_service_does_not_sign_from_here_is_told_before_anybody_logs_in(
    arguments: tuple[str, ...], papers: Path
) -> None:
    told_of = [str(papers / one) if one == "0.pdf" else one for one in arguments]
    done = CliRunner().invoke(app, [*told_of, "--url", "https://anso.example.vn"], env={"ANSO_TOKEN": "x"})
    assert (done.exit_code, done.stdout) == (2, "")


def test_the_help_teaches_the_way_with_a_key_in_the_service() -> None:
    said = CliRunner().invoke(app, ["--help"]).stdout
    for word in ("--credential", "ANSO_OTP", "khóa bảo mật", "a passkey at the service"):
        assert word in said


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GuardedOffice, str]]:
    with guarded_office(tmp_path_factory.mktemp("kept-guarded")) as made, serving(made.installation.app) as address:
        yield made, address


def test_where_the_holder_agrees_with_a_passkey_the_command_tells_where_and_waits(
    guarded: tuple[GuardedOffice, str], papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, address = guarded
    office.tick()
    monkeypatch.setattr("api.clock.now", lambda: office.installation.clock.at)
    monkeypatch.setattr("signing.keys.remote_csc._ASK_AGAIN_S", 0.1)
    asked: list[str] = []
    monkeypatch.setattr("api.cli.holder_keys.print_warning", asked.append)
    holder = threading.Thread(target=lambda: agree(office, asked))
    holder.start()
    token = office.installation.token(Role.AUTHORISED_SIGNER, "leader")
    done = CliRunner().invoke(
        app, [str(papers), "--out", str(papers / "out"), "--url", address, "-o", "json"], env={"ANSO_TOKEN": token}
    )
    holder.join()
    assert [(one["state"], one["level"]) for one in told(done)] == [("signed", "B-LT")] * 3
    assert len(asked) == 1  # told once, waited for as long as it takes
    files = {"file": ("a.pdf", (papers / "out" / "0.pdf").read_bytes())}
    assert office.installation.client.post("/v1/verifications", files=files).json()["signatures"][0]["intact"] is True


def agree(office: GuardedOffice, asked: list[str]) -> None:
    """As the holder does, at the place of which the command tells."""
    wait_until(lambda: asked)
    (handle,) = [part.split("/")[-2] for part in asked[0].split() if part.endswith("/confirmation;")]
    headers = office.installation.headers(Role.AUTHORISED_SIGNER, "leader")
    path = f"/v1/signature-authorisations/{handle}"
    opened = office.installation.client.get(path, headers=headers).json()
    assert len(opened["digests"]) == 3
    assert office.confirm(opened).status_code == 201


@pytest.mark.parametrize(("is_stopped", "code"), [(False, 7), (True, 130)])
def test_a_holder_who_does_not_agree_is_not_waited_for_for_ever_and_nothing_is_left_to_agree_to(
    is_stopped: bool,  # noqa: FBT001 - a table
    code: int,
    guarded: tuple[GuardedOffice, str],
    papers: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office, address = guarded
    office.tick()
    monkeypatch.setattr("api.clock.now", lambda: office.installation.clock.at)
    monkeypatch.setattr("signing.keys.remote_csc._ASK_AGAIN_S", 0.1)
    monkeypatch.setattr("api.cli.sign_kept.PATIENCE_S", 0.3)
    asked: list[str] = []
    monkeypatch.setattr("api.cli.holder_keys.print_warning", asked.append)
    if is_stopped:
        monkeypatch.setattr("api.cli.csc_service.CscService.pause", _ctrl_c)
    token = office.installation.token(Role.AUTHORISED_SIGNER, "leader")
    arguments = [str(papers), "--out", str(papers / "out"), "--url", address, "-o", "jsonl"]
    done = CliRunner().invoke(app, arguments, env={"ANSO_TOKEN": token})
    assert (done.exit_code, codes(done)) == (code, [] if is_stopped else ["REMOTE_HOLDER_AWAY"])
    assert not list((papers / "out").rglob("*.pdf"))
    (handle,) = [part.split("/")[-2] for part in asked[0].split() if part.endswith("/confirmation;")]
    headers = office.installation.headers(Role.AUTHORISED_SIGNER, "leader")
    path = f"/v1/signature-authorisations/{handle}"
    assert office.installation.client.get(path, headers=headers).json()["state"] == "cancelled"


def _ctrl_c(*_: object) -> None:
    raise KeyboardInterrupt


def test_more_files_than_one_authorisation_covers_are_signed_under_several(
    desk: Desk, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.schemas.csc_described.MOST_SIGNATURES", 2)
    before = authorisations(desk)
    found = told(sign(desk, papers, "--out", papers / "out", "--level", "b-b", "--jobs", 2, "-o", "json"))
    assert [(one["input"][-5:], one["state"]) for one in found] == [(f"{n}.pdf", "signed") for n in range(3)]
    assert authorisations(desk) == before + 2


def _silent(*_: object) -> bytes:
    raise TimestampUnavailable("silent")


def test_a_missing_time_stamp_costs_no_agreement_and_no_file_passes_for_more_than_it_is(
    desk: Desk, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, out = authorisations(desk), papers / "out"
    by = (papers / "[0-2].pdf", "--out", out, "-o", "json")
    with monkeypatch.context() as away:
        away.setattr("api.routes.csc.stamp_hash", _silent)
        done = sign(desk, *by)
        first = [(out / f"{number}.pdf").read_bytes() for number in range(3)]
        again = sign(desk, *by, "--resume")
    found = json.loads(done.stdout)
    assert (done.exit_code, [(one["state"], one["level"]) for one in found]) == (8, [("pending", "B-B")] * 3)
    lack = {"wanted_level": "B-LT", "reason_code": "TIMESTAMP_UNAVAILABLE"}
    assert [one["pending"] for one in found] == [lack] * 3
    judged = report(desk, out / "0.pdf")["signatures"]
    assert [(one["intact"], one["level"]) for one in judged] == [(True, "B-B")]
    assert (again.exit_code, json.loads(again.stdout)) == (8, found)
    assert [(out / f"{number}.pdf").read_bytes() for number in range(3)] == first
    by_url = [str(out / "0.pdf"), "--url", desk.address, "--out", str(papers / "du"), "-o", "json"]
    later = told(CliRunner().invoke(augment, by_url, env={"ANSO_TOKEN": desk.token}))
    assert (later["state"], later["level"]) == ("augmented", "B-LT")
    assert report(desk, papers / "du" / "0.pdf")["verdict"] == "valid"
    resumed = told(sign(desk, *by, "--resume"))
    assert [(one["state"], one["level"]) for one in resumed] == [("signed", "B-LT")] * 3
    for number, before_it in enumerate(first):
        assert (out / f"{number}.pdf").read_bytes().startswith(before_it)
        assert report(desk, out / f"{number}.pdf")["verdict"] == "valid"
    assert [one["state"] for one in told(sign(desk, *by, "--resume"))] == ["skipped"] * 3
    assert authorisations(desk) == before + 1  # the holder agreed once, and to nothing of the rest
    assert sorted(one.suffix for one in out.iterdir()) == [".jsonl", ".pdf", ".pdf", ".pdf"]


_PROVING: Final = {
    "B-T": "api.cli.service_proofs.ServiceProofs.evidence",
    "B-LT": "api.cli.file_signing.FileAugmenting.augment",
}
"""Up to which level a file comes, when this does not work."""


@pytest.mark.parametrize(("level", "reached"), [("b-lt", "B-T"), ("b-lta", "B-LT")])
def test_what_is_proved_so_far_is_kept_and_what_is_not_is_told(
    level: str, reached: str, desk: Desk, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_PROVING[reached], _half_way)
    done = sign(desk, papers / "0.pdf", "--level", level, "-o", "json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["state"], found["level"]) == (8, "pending", reached)
    assert found["pending"] == {"wanted_level": level.upper(), "reason_code": "EVIDENCE_UNAVAILABLE"}
    judged = report(desk, papers / "0.signed.pdf")["signatures"]
    assert [(one["intact"], one["level"]) for one in judged] == [(True, reached)]
    assert b"half of a revision" not in (papers / "0.signed.pdf").read_bytes()


def _half_way(_: object, given: Any, **__: bool) -> Any:
    if not isinstance(given, tuple):
        given.write(b"half of a revision")
    raise EvidenceUnavailable("silent")


def test_whoever_reads_the_text_is_told_how_a_pending_file_is_completed(
    desk: Desk, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routes.csc.stamp_hash", _silent)
    for level, way in (("b-t", "--level b-lt"), ("b-lta", "--level b-lta")):
        done = sign(desk, papers / "0.pdf", "--level", level, "--out", papers / level)
        assert (done.exit_code, f"anso augment {way}" in done.stdout) == (8, True)
        assert f"chưa đạt {level.upper()}" in done.stdout
    assert told(sign(desk, papers / "0.pdf", "--level", "b-b", "-o", "json"))["state"] == "signed"
