"""`anso verify`: what it finds, what it says, and that no file ends the run."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from api.cli import verify_work
from api.cli.verify import app
from api.cli.verify_inputs import expand, names_several
from api.cli.verify_text import answer_text
from signing.ca import authority_of
from signing.profiles import AuthorityName
from signing.registry_sql import RegistrySql
from tests.api.sealed_files import sealed_by, signature_over, tampered
from tests.fakes import cms_builder, sample_pdf
from tests.fakes.small_pki import SmallPki

pytestmark = pytest.mark.usefixtures("kept_workers")
LETTER = "Kính gửi\n".encode() * 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, installation: Any) -> Path:
    """A folder as people keep them."""
    path: Path = tmp_path_factory.mktemp("hồ sơ")
    sealed = sealed_by(installation)
    (path / "sâu" / "hơn").mkdir(parents=True)
    (path / "good.pdf").write_bytes(sealed)
    (path / "sâu" / "bad.PDF").write_bytes(tampered(sealed))
    (path / "sâu" / "hơn" / "plain.pdf").write_bytes(sample_pdf.small())
    (path / "thư.txt").write_bytes(LETTER)
    (path / "thư.txt.p7s").write_bytes(signature_over(installation, LETTER))
    (path / "locked.bin").write_bytes(sample_pdf.encrypted(sample_pdf.small(), user="mở"))
    (path / "mật khẩu").write_text("mở\nkhác\n", encoding="utf-8")
    (path / "empty").mkdir()
    with installation.services.db.reading() as tx:
        root = authority_of(AuthorityName.ROOT, RegistrySql(tx)).certificate
    (path / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def anso(folder: Path, installation: Any) -> Any:
    """Runs the command in this process; gives exit code, standard output and standard error."""

    def run(*arguments: object, **more: Any) -> tuple[int, str, str]:
        at = ["--at", installation.clock.at.isoformat(), "--trust", str(folder / "root.pem")]
        result = CliRunner().invoke(app, [*map(str, arguments), *at], env={"ANSO_DATA": str(folder / "none")}, **more)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout, result.stderr

    return run


def names(out: str) -> list[str]:
    return [Path(json.loads(line)["input"]).name for line in out.splitlines()]


def test_a_folder_is_searched_for_documents_and_detached_signatures(folder: Path, anso: Any) -> None:
    code, out, _ = anso(folder, "-o", "jsonl")
    assert names(out) == ["good.pdf", "bad.PDF", "plain.pdf", "thư.txt.p7s"]
    assert code == 3


def test_a_quoted_pattern_goes_into_folders(folder: Path, anso: Any) -> None:
    _, out, _ = anso(f"{folder}/**/*.pdf", "-o", "jsonl", "--jobs", 3)
    assert names(out) == ["good.pdf", "plain.pdf"]


@pytest.mark.parametrize(("argument", "code"), [("empty", "FOLDER_WITHOUT_PDF"), ("*.xyz", "NO_FILE_MATCHES")])
def test_where_there_is_nothing_to_check_it_says_what_to_do(folder: Path, anso: Any, argument: str, code: str) -> None:
    exit_code, out, _ = anso(folder / argument, folder / "good.pdf", "-o", "jsonl")
    first, second = map(json.loads, out.splitlines())
    assert (exit_code, first["error"]["code"]) == (10, code)
    assert ";" in first["error"]["detail_vi"] or "mẫu" in first["error"]["detail_vi"]
    assert "verdict" in second  # the run went on


def test_a_file_that_is_called_like_a_pattern_is_meant_itself(tmp_path: Path) -> None:
    odd = tmp_path / "a[1].pdf"
    odd.write_bytes(b"%PDF-1.7")
    assert [one.path for one in expand([str(odd)])] == [odd]
    assert not names_several([str(odd)])


def test_the_same_file_named_twice_is_checked_once(folder: Path) -> None:
    assert len(expand([str(folder / "good.pdf"), str(folder / "good.pdf")])) == 1


@pytest.mark.parametrize(
    "arguments",
    [("thư.txt",), ("thư.txt.p7s",), ("thư.txt", "--signature", "thư.txt.p7s")],
    ids=["file", "p7s", "both"],
)
def test_a_signature_beside_a_file_is_found_or_named(folder: Path, anso: Any, arguments: tuple[str, ...]) -> None:
    paths = [one if one.startswith("--") else folder / one for one in arguments]
    _, out, _ = anso(*paths, "-o", "json")
    report = json.loads(out)
    assert report["signatures"][0]["intact"] is True
    assert report["verdict"] == "indeterminate"  # offline, and the signature brings no status with it


def test_a_signature_without_its_file_is_answered(folder: Path, anso: Any, tmp_path: Path) -> None:
    alone = tmp_path / "x.p7s"
    alone.write_bytes((folder / "thư.txt.p7s").read_bytes())
    code, out, _ = anso(alone, "-o", "json")
    assert code in {3, 4}
    assert json.loads(out)["verdict"] != "valid"


@pytest.mark.parametrize("name", ["thư.p7m", "THƯ.P7M"])
def test_a_file_inside_its_signature_is_checked_by_itself_and_in_a_folder(anso: Any, tmp_path: Path, name: str) -> None:
    pki = SmallPki()
    plan = cms_builder.Plan(by=cms_builder.signer(pki, "p256"), content=LETTER)
    (tmp_path / name).write_bytes(cms_builder.container(plan, LETTER))
    for argument in (tmp_path / name, tmp_path, tmp_path / "*"):
        _, out, _ = anso(argument, "-o", "jsonl")
        (report,) = (json.loads(line) for line in out.splitlines())
        assert report["signatures"][0]["intact"] is True


def test_a_password_comes_from_a_file(folder: Path, anso: Any) -> None:
    locked = folder / "locked.bin"
    assert anso(locked)[0] == 4
    code, out, _ = anso(locked, "--password-file", folder / "mật khẩu", "-o", "json")
    assert (code, json.loads(out)["verdict"]) == (5, "no_signature")
    assert anso(locked, "--password-file", folder / "none")[0] == 2


def test_standard_input_is_a_file_too(folder: Path, anso: Any) -> None:
    code, out, _ = anso("-", "-o", "json", input=(folder / "good.pdf").read_bytes())
    assert (code, json.loads(out)["input"]) == (0, "-")


def test_etsi_goes_to_standard_output_or_to_a_folder(folder: Path, anso: Any, tmp_path: Path) -> None:
    code, out, _ = anso(folder / "good.pdf", "--report", "etsi")
    assert (code, out.lstrip()[:1]) == (0, "<")
    code, out, _ = anso(folder, "--report", "etsi", "--out", tmp_path / "báo cáo")
    assert sorted(p.name for p in (tmp_path / "báo cáo").iterdir()) == [
        "bad.PDF.xml", "good.pdf.xml", "plain.pdf.xml", "thư.txt.p7s.xml",
    ]  # fmt: skip
    assert "good.pdf: " in out
    assert anso(folder / "none.pdf", "--report", "etsi")[0] == 10


@pytest.mark.parametrize(
    "options",
    [
        ("{f}", "--report", "etsi"),
        ("{f}/good.pdf", "--out", "{f}/out"),
        ("-", "-"),
        ("{f}", "--signature", "{f}/thư.txt.p7s"),
        ("{f}/good.pdf", "--policy", "none"),
        ("{f}/good.pdf", "--report", "etsi", "--out", "{f}/good.pdf/x"),
    ],
)
def test_options_that_do_not_go_together_are_told(folder: Path, anso: Any, options: tuple[str, ...]) -> None:
    assert anso(*(one.format(f=folder) for one in options))[0] == 2


def test_a_list_stays_a_list_and_one_file_is_one_object(folder: Path, anso: Any) -> None:
    assert isinstance(json.loads(anso(folder / "good.pdf", "-o", "json")[1]), dict)
    assert isinstance(json.loads(anso(folder / "sâu" / "hơn", "-o", "json")[1]), list)
    assert json.loads(anso(folder / "nix*.pdf", "-o", "json")[1])[0]["error"]["code"] == "NO_FILE_MATCHES"


def test_text_is_a_sentence_and_a_line_for_each_signature(folder: Path, anso: Any) -> None:
    _, out, _ = anso(folder / "good.pdf", folder / "sâu" / "bad.PDF")
    assert "HỢP LỆ (phát triển, không có giá trị pháp lý) / VALID" in out
    assert "KHÔNG nguyên vẹn / NOT intact" in out
    assert "[Seal]" in out


@pytest.mark.parametrize("depth", [(), ("--report", "simple")])
def test_text_says_what_the_circular_asks_for_in_the_time_of_viet_nam(
    folder: Path, anso: Any, depth: tuple[str, ...]
) -> None:
    _, out, _ = anso(folder / "good.pdf", *depth)
    minimum = json.loads(anso(folder / "good.pdf", "-o", "json")[1])["signatures"][0]["legal_minimum"]
    assert minimum["issuer"] in out
    assert f"Unit managing the certificate: {minimum['certificate_managing_unit']}" in out
    assert "Hiệu lực tại thời điểm ký / Validity at signing time: Còn hiệu lực / Valid" in out
    moments = (minimum["signing_time"]["at"], *minimum["certificate_period"].values())
    for moment in moments:
        assert vietnamese(moment) in out
    assert "theo dấu thời gian của chữ ký" in out
    assert "T" + minimum["signing_time"]["at"].split("T")[1] not in out


def vietnamese(moment: str) -> str:
    shown = datetime.fromisoformat(moment).astimezone(timezone(timedelta(hours=7)))
    return f"{shown:%d/%m/%Y %H:%M:%S} +07:00"


def test_text_says_in_words_what_was_added_and_what_to_make_of_it(folder: Path, anso: Any) -> None:
    _, out, _ = anso(folder / "good.pdf")
    assert "· validation_data" not in out
    assert "Thêm dữ liệu kiểm tra chữ ký. / Validation data for the signatures was added." in out
    assert "(ask); Thẩm quyền ký văn bản này chưa được đối chiếu." in out
    (code,) = json.loads(anso(folder / "good.pdf", "-o", "json")[1])["entitlement"]["reasons"]
    assert f"({code})" in out


def test_text_does_not_call_good_what_is_refused_for_want_of_a_right() -> None:
    report = {
        "verdict": "valid", "acceptance": "refuse", "reason_codes": [], "reasons_vi": [], "reasons_en": [],
        "entitlement": {"status": "not_entitled", "reasons": ["SEAL_BEFORE_SIGNATURE"]},
        "document_status": {"state": "unknown", "vault_match": "not_checked"}, "signatures": [],
    }  # fmt: skip
    out = answer_text("a.pdf", report)
    assert out.startswith("a.pdf: CHỮ KÝ HỢP LỆ, KHÔNG ĐÚNG THẨM QUYỀN / VALID SIGNATURE, SIGNER NOT ENTITLED")


@pytest.mark.parametrize(("codes", "advice"), [([], "may be used"), (["DEVELOPMENT_NO_LEGAL_VALUE"], "trials only")])
def test_text_recommends_nothing_that_was_signed_under_a_development_root(
    folder: Path, anso: Any, codes: list[str], advice: str
) -> None:
    report = json.loads(anso(folder / "good.pdf", "-o", "json")[1])
    report |= {"acceptance": "accept", "reason_codes": codes, "reasons_vi": codes, "reasons_en": codes}
    report["entitlement"] = {"status": "entitled", "reasons": []}
    assert f"{advice} (accept); Người ký có thẩm quyền." in answer_text("a.pdf", report)


def test_simple_and_detailed_are_two_depths(folder: Path, anso: Any) -> None:
    simple, usual, detailed = (
        json.loads(anso(folder / "good.pdf", "-o", "json", *depth)[1])["signatures"][0]
        for depth in (("--report", "simple"), (), ("--report", "detailed"))
    )
    assert "certificate" not in simple
    assert "der" not in usual["chain"][0]
    assert "der" in detailed["chain"][0]


@pytest.mark.parametrize(
    ("timeout_s", "entry", "reason"),
    [
        (0.0001, "signing.validation.isolated:tell_in_worker", "CHECK_TOO_COSTLY"),
        (60.0, "signing.validation.isolated:none", "CHECK_FAILED"),
    ],
)
def test_a_check_that_breaks_off_is_an_answer_and_the_run_goes_on(  # noqa: PLR0917 - fixtures and one case
    folder: Path, anso: Any, monkeypatch: pytest.MonkeyPatch, timeout_s: float, entry: str, reason: str
) -> None:
    monkeypatch.setattr(verify_work, "_TIMEOUT_S", timeout_s)
    monkeypatch.setattr(verify_work, "_TELL", entry)
    code, out, _ = anso(folder / "good.pdf", folder / "thư.txt.p7s", "-o", "jsonl")
    assert code == 4
    assert [json.loads(line)["reason_codes"] for line in out.splitlines()] == [[reason]] * 2


def test_rubbish_of_every_kind_gets_a_whole_report(tmp_path: Path, anso: Any) -> None:
    rubbish = {"null": b"\0" * 5000, "empty": b"", "head": b"%PDF-1.7", "zip": b"PK\x03\x04" + bytes(100)}
    for name, content in rubbish.items():
        (tmp_path / f"{name}.pdf").write_bytes(content)
    _, out, _ = anso(tmp_path, "-o", "jsonl")
    found = [json.loads(line) for line in out.splitlines()]
    assert len(found) == len(rubbish)
    assert all(one["verdict"] != "valid" and "signatures" in one for one in found)


def test_no_bar_is_shown_where_nobody_looks(folder: Path, anso: Any) -> None:
    assert anso(folder, "--jobs", 2)[2] == ""


def test_the_help_teaches_by_examples() -> None:
    out = CliRunner().invoke(app, ["--help"]).stdout
    assert "anso verify quyet-dinh.pdf" in out
    assert "--password-file" in out


def test_ctrl_c_shows_what_is_done_and_leaves_with_130(folder: Path, tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number:02}.pdf").write_bytes((folder / "good.pdf").read_bytes())
    command = [sys.executable, "-m", "api.cli", "verify", str(tmp_path), "-o", "jsonl", "--jobs", "1"]
    environment = {**os.environ, "ANSO_DATA": str(tmp_path / "none")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True) as run:
        first = run.stdout.readline() if run.stdout else ""
        begun = time.monotonic()
        run.send_signal(signal.SIGINT)
        rest, error = run.communicate(timeout=30)
    assert run.returncode == 130
    assert time.monotonic() - begun < 15
    assert json.loads(first)["input"].endswith("00.pdf")
    assert len(rest.splitlines()) < 39
    assert "Traceback" not in error
