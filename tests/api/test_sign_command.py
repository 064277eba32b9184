"""`anso sign` on this machine: with a key in a file or in a token, alone or many at once."""

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from api.cli.sign import app
from api.cli.sign_failures import of_problem
from api.cli.sign_files import JOURNAL
from signing.identity import DEFAULT_ARC, CertificateClass
from tests.api.signing_commands import environment
from tests.fakes import sample_pdf
from tests.fakes.small_pki import SmallPki
from tests.servers.own_token import OwnToken, make_token


@pytest.fixture(scope="module")
def own_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory, own_key: ec.EllipticCurvePrivateKey) -> Path:
    """A folder with a key and its certificate, and the same key under a password."""
    folder, pki = tmp_path_factory.mktemp("keys"), SmallPki()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nguyễn Thị Ánh")])
    policy = DEFAULT_ARC.policy(CertificateClass.PERSONAL, secondary=False)
    certificate = pki.certificate(name, own_key.public_key(), pki.ca, policy=policy)
    plain, locked = NoEncryption(), BestAvailableEncryption("mật khẩu".encode())
    (folder / "key.pem").write_bytes(own_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, plain))
    (folder / "locked.pem").write_bytes(own_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    chain = (certificate, pki.ca.certificate, pki.root.certificate)
    (folder / "cert.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    (folder / "root.pem").write_bytes(pki.root.certificate.public_bytes(Encoding.PEM))
    return folder


@pytest.fixture(scope="module")
def token(softhsm: Any, keys: Path, own_key: ec.EllipticCurvePrivateKey) -> OwnToken:
    der = x509.load_pem_x509_certificate((keys / "cert.pem").read_bytes()).public_bytes(Encoding.DER)
    return make_token(softhsm, own_key, der)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (tmp_path / name).write_bytes(sample_pdf.small())
    return tmp_path


def sign(*arguments: object, **variables: str) -> Any:
    """The command's end, in this process; nobody is at a terminal."""
    result = CliRunner().invoke(app, [*map(str, arguments)], env={"ANSO_DATA": "/none", **variables})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def by_file(keys: Path) -> tuple[object, ...]:
    return ("--key", keys / "key.pem", "--cert", keys / "cert.pem", "--level", "b-b")


def pdfsig(path: Path) -> str:
    """What poppler says; it has no part of ours."""
    done = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


def test_a_file_is_signed_beside_its_source_and_others_verify_it(keys: Path, papers: Path) -> None:
    done = sign(papers / "a.pdf", *by_file(keys), "-o", "json")
    assert done.exit_code == 0, done.stderr
    told, signed = json.loads(done.stdout), papers / "a.signed.pdf"
    assert (told["state"], told["level"], told["output"]) == ("signed", "B-B", str(signed))
    assert told["sha256"] == hashlib.sha256(signed.read_bytes()).hexdigest()
    assert signed.read_bytes().startswith((papers / "a.pdf").read_bytes())
    assert "Signature is Valid" in pdfsig(signed)
    assert sorted(one.name for one in papers.iterdir()) == ["a.pdf", "a.signed.pdf", "b.pdf", "c.pdf"]


def test_many_files_are_signed_with_one_pin_of_a_token(token: OwnToken, papers: Path) -> None:
    out = papers / "out"
    done = sign(
        papers, "--pkcs11", token.library, "--token-label", token.label, "--level", "b-b", "--out", out,
        "--jobs", "2", "--mark", "text", "-o", "jsonl", ANSO_PIN=token.pin,
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert [Path(json.loads(line)["output"]).name for line in done.stdout.splitlines()] == ["a.pdf", "b.pdf", "c.pdf"]
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        assert "Signature is Valid" in pdfsig(out / name)


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_list_is_taken_as_a_spreadsheet_of_either_language_saves_it(keys: Path, papers: Path, separator: str) -> None:
    (papers / "ky.csv").write_text(
        f'file{separator}reason\n{papers / "a.pdf"}{separator}"Đồng ý, ký; nộp"\n', encoding="utf-8-sig"
    )
    done = sign("--batch", papers / "ky.csv", *by_file(keys), "--out", papers / "out")
    assert done.exit_code == 0, done.stderr
    with pikepdf.open(papers / "out" / "a.pdf") as signed:
        assert str(signed.Root.AcroForm.Fields[0].V.Reason) == "Đồng ý, ký; nộp"


def codes(done: Any) -> list[str]:
    return [json.loads(line).get("error", {}).get("code", "") for line in done.stdout.splitlines()]


def test_a_wrong_pin_is_offered_once_and_ends_the_run(token: OwnToken, papers: Path) -> None:
    """Most tokens lock themselves after three: a batch of two hundred must not do that."""
    by = ("--pkcs11", token.library, "--token-label", token.label, "--level", "b-b")
    done = sign(papers, *by, "--continue-on-error", ANSO_PIN="0000")
    assert (done.exit_code, done.stdout) == (7, "")
    assert "KEY_LOGIN_REFUSED" in done.stderr
    assert "từ chối mã PIN" in done.stderr
    assert "thiết bị tự khóa sau vài lần sai / " in done.stderr
    assert "devices lock themselves after some wrong ones" in done.stderr
    assert "0000" not in done.stderr
    assert sign(papers / "a.pdf", *by, ANSO_PIN=token.pin).exit_code == 0  # it is not locked


def test_of_several_tokens_the_names_are_told_and_the_option_that_takes_one(
    softhsm: Any, token: OwnToken, own_key: ec.EllipticCurvePrivateKey, papers: Path
) -> None:
    other = make_token(softhsm, own_key, token.certificate).label
    done = sign(papers / "a.pdf", "--pkcs11", token.library, "--level", "b-b", ANSO_PIN=token.pin)
    assert done.exit_code == 7
    assert "có nhiều thiết bị" in done.stderr
    assert "--token-label" in done.stderr
    assert {token.label, other} <= set(done.stderr.replace(",", " ").split())


def test_a_problem_that_came_in_vietnamese_has_its_english_words_from_our_table() -> None:
    failure = of_problem({"code": "SIG_CERT_HOLDER", "title": "Không phải chứng thư của bạn", "detail": "Vì sao."})
    assert failure.vi == "Không phải chứng thư của bạn: Vì sao."
    assert failure.en == "The certificate is not yours to use: name one of your own"
    unknown = of_problem({"code": "OF_A_NEWER_SERVICE", "title": "Chưa biết"})
    assert (unknown.vi, unknown.en) == ("Chưa biết", "Chưa biết")


def test_a_token_or_key_that_is_not_there_is_told(token: OwnToken, keys: Path, papers: Path, tmp_path: Path) -> None:
    pdf, level = papers / "a.pdf", ("--level", "b-b")
    missing = sign(pdf, "--pkcs11", token.library, "--token-label", "không có", *level, ANSO_PIN="1")
    assert (missing.exit_code, "KEY_UNAVAILABLE" in missing.stderr) == (7, True)
    assert "không có thiết bị nào như vậy" in missing.stderr
    assert sign(pdf, "--pkcs11", tmp_path / "none.so", *level, ANSO_PIN="1").exit_code == 7
    other = tmp_path / "other.pem"
    plain = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    other.write_bytes(plain)
    assert sign(pdf, "--key", other, "--cert", keys / "cert.pem", *level).exit_code == 7
    assert sign(pdf, "--pkcs11", token.library, "--token-label", token.label, *level).exit_code == 7  # nobody to ask
    other.write_text("không phải khóa")
    assert sign(pdf, "--key", other, "--cert", keys / "cert.pem", *level).exit_code == 7
    assert sign(pdf, "--key", keys / "key.pem", "--cert", other, *level).exit_code == 2
    assert sorted(one.name for one in papers.glob("*.pdf")) == ["a.pdf", "b.pdf", "c.pdf"]


def test_a_key_under_a_password_is_opened_from_the_environment_or_a_descriptor(
    keys: Path, papers: Path, tmp_path: Path
) -> None:
    by = ("--key", keys / "locked.pem", "--cert", keys / "cert.pem", "--level", "b-b")
    assert sign(papers / "a.pdf", *by, ANSO_KEY_PASSWORD="mật khẩu").exit_code == 0
    assert sign(papers / "b.pdf", *by, ANSO_KEY_PASSWORD="sai").exit_code == 7
    (tmp_path / "secret").write_text("mật khẩu\nkhác\n", encoding="utf-8")
    with (tmp_path / "secret").open("rb") as secret:
        assert sign(papers / "b.pdf", *by, "--pin-fd", secret.fileno()).exit_code == 0
    assert sign(papers / "c.pdf", *by, "--pin-fd", "973").exit_code == 2


def test_nothing_is_written_over_and_no_source_is_touched(keys: Path, papers: Path) -> None:
    before = (papers / "a.pdf").read_bytes()
    assert sign(papers / "a.pdf", *by_file(keys)).exit_code == 0
    signed = (papers / "a.signed.pdf").read_bytes()
    again = sign(papers / "a.pdf", *by_file(keys), "-o", "jsonl")
    assert (again.exit_code, codes(again)) == (10, ["OUTPUT_EXISTS"])
    assert (papers / "a.signed.pdf").read_bytes() == signed
    assert sign(papers / "a.pdf", *by_file(keys), "--out", papers).exit_code == 2
    assert (papers / "a.pdf").read_bytes() == before


def test_a_bad_file_ends_the_run_unless_it_may_go_on(keys: Path, papers: Path) -> None:
    (papers / "b.pdf").write_bytes(sample_pdf.encrypted(sample_pdf.small(), user="x"))
    (papers / "d.pdf").write_bytes(b"")
    stopped = sign(papers / "*.pdf", *by_file(keys), "--out", papers / "1", "-o", "jsonl")
    assert (stopped.exit_code, codes(stopped)) == (6, ["", "DOCUMENT_ENCRYPTED"])
    went_on = sign(papers / "*.pdf", *by_file(keys), "--out", papers / "2", "--continue-on-error", "-o", "jsonl")
    assert (went_on.exit_code, codes(went_on)) == (6, ["", "DOCUMENT_ENCRYPTED", "", "DOCUMENT_MALFORMED"])
    assert sorted(one.name for one in (papers / "2").glob("*.pdf")) == ["a.pdf", "c.pdf"]
    alone = sign(papers / "b.pdf", *by_file(keys), "-o", "json")
    assert (alone.exit_code, json.loads(alone.stdout)["error"]["code"]) == (10, "DOCUMENT_ENCRYPTED")
    assert sign(papers / "none.pdf", *by_file(keys)).exit_code == 10


def test_a_run_goes_on_where_an_earlier_one_ended(keys: Path, papers: Path) -> None:
    out = papers / "out"
    (papers / "b.pdf").write_bytes(sample_pdf.encrypted(sample_pdf.small(), user="x"))
    assert sign(papers, *by_file(keys), "--out", out, "--continue-on-error").exit_code == 6
    kept = (out / "a.pdf").read_bytes()
    (papers / "b.pdf").write_bytes(sample_pdf.small())
    (papers / "c.pdf").write_bytes(sample_pdf.page())  # another input under an old name
    (out / "c.pdf").unlink()
    again = sign(papers, *by_file(keys), "--out", out, "--resume", "-o", "jsonl")
    assert again.exit_code == 0, again.stdout
    assert [json.loads(line)["state"] for line in again.stdout.splitlines()] == ["skipped", "signed", "signed"]
    assert (out / "a.pdf").read_bytes() == kept
    assert (out / "c.pdf").read_bytes().startswith(sample_pdf.page())
    (out / "a.pdf").write_bytes(kept[:-1])  # changed since: told, not trusted and not written over
    damaged = sign(papers / "a.pdf", *by_file(keys), "--out", out, "--resume", "-o", "jsonl")
    assert codes(damaged) == ["OUTPUT_EXISTS"]
    assert sign(papers, *by_file(keys), "--resume").exit_code == 2


def test_a_list_says_what_is_signed_and_where_it_goes(keys: Path, papers: Path) -> None:
    path = papers / "ky.csv"
    path.write_text("file,out,reason,mark\na.pdf,ket qua/x.pdf,Đồng ý,text\nb.pdf,,,\n", encoding="utf-8-sig")
    done = sign("--batch", path, *by_file(keys), "-o", "jsonl")
    assert done.exit_code == 0, done.stderr
    assert (papers / "ket qua" / "x.pdf").exists()
    assert (papers / "b.signed.pdf").exists()
    for wrong in (b"name\na.pdf\n", b"file\na.pdf,x\n", b"file,result_id\na.pdf,res_1\n", b'file\n"a\n', b"\xff"):
        path.write_bytes(wrong)
        assert sign("--batch", path, *by_file(keys)).exit_code == 2, wrong
    path.write_text("file,out\na.pdf,x.pdf\nb.pdf,x.pdf\n")
    assert sign("--batch", path, *by_file(keys)).exit_code == 2
    assert sign("--batch", papers / "none.csv", *by_file(keys)).exit_code == 2


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("file,out\na.pdf,k/../x.pdf\nb.pdf,x.pdf\n", "một chỗ"),
        ("file,out\na.pdf,k/../a.pdf\n", "không ghi đè"),
        ("file,file\na.pdf,b.pdf\n", "mỗi cột một lần"),
        ("file,out\na.pdf,x.pdf\nb.pdf\n", "dòng / line 3"),
        ("file,xyz\na.pdf,\n", "file,out,mark"),
        ("file,out,reason\na.pdf,x.pdf,Đồng ý \u202efdp\n", "cột reason: một dòng"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused_before_anything_is_done(
    keys: Path, papers: Path, lines: str, said: str
) -> None:
    (papers / "ky.csv").write_text(lines)
    done = sign("--batch", papers / "ky.csv", *by_file(keys), "--continue-on-error")
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr
    assert not [one for one in papers.iterdir() if one.is_dir() or one.name == "x.pdf"]


def test_names_of_columns_are_taken_as_people_type_them(keys: Path, papers: Path) -> None:
    (papers / "ky.csv").write_text("File , OUT\na.pdf,x.pdf\n")
    assert sign("--batch", papers / "ky.csv", *by_file(keys)).exit_code == 0
    assert (papers / "x.pdf").exists()


def test_a_file_that_a_list_names_twice_is_skipped_twice_when_the_run_goes_on(keys: Path, papers: Path) -> None:
    (papers / "ky.csv").write_text("file,out,reason\na.pdf,x.pdf,một\na.pdf,y.pdf,hai\n")
    arguments = ("--batch", papers / "ky.csv", *by_file(keys), "-o", "jsonl")
    assert sign(*arguments).exit_code == 0
    again = sign(*arguments, "--resume")
    assert (again.exit_code, [json.loads(line)["state"] for line in again.stdout.splitlines()]) == (0, ["skipped"] * 2)


def test_an_output_that_cannot_be_written_says_what_to_look_at(keys: Path, papers: Path) -> None:
    done = sign(papers / "a.pdf", *by_file(keys), "--out", papers / "b.pdf" / "x", "-o", "json")
    error = json.loads(done.stdout)["error"]
    assert (done.exit_code, error["code"]) == (1, "FILE_NOT_WRITTEN")
    assert "quyền ghi" in error["detail_vi"]
    assert "1 không ghi được tệp" in sign("--help").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("a.pdf",),
        ("a.pdf", "--key", "key.pem"),
        ("a.pdf", "--key", "key.pem", "--cert", "cert.pem"),  # b-lt without a data folder
        ("a.pdf", "--key", "key.pem", "--cert", "cert.pem", "--pkcs11", "x.so"),
        ("a.pdf", "--key", "key.pem", "--cert", "cert.pem", "--level", "b-b", "--mark", "person"),
        ("--result", "res_1", "--key", "key.pem", "--cert", "cert.pem", "--level", "b-b"),
        ("-", "--key", "key.pem", "--cert", "cert.pem", "--level", "b-b"),
        ("--key", "key.pem", "--cert", "cert.pem", "--level", "b-b"),
        ("a.pdf", "--url", "http://anso.tinh.gov.vn", "--key", "key.pem", "--cert", "cert.pem"),
        ("a.pdf", "--url", "ftp://x", "--key", "key.pem", "--cert", "cert.pem"),
        ("a.pdf", "--url", "https://x", "--level", "b-lta", "--key", "key.pem", "--cert", "cert.pem"),
    ],
)
def test_options_that_do_not_go_together_are_told_before_anything_is_opened(
    arguments: tuple[str, ...], keys: Path, papers: Path
) -> None:
    places = {"a.pdf": papers / "a.pdf", "key.pem": keys / "key.pem", "cert.pem": keys / "cert.pem"}
    done = sign(*(places.get(one, one) for one in arguments), ANSO_TOKEN="x")
    assert (done.exit_code, done.stdout) == (2, "")


def test_the_help_teaches_in_both_languages() -> None:
    said = sign("--help").stdout
    for word in ("Ký tệp PDF", "sign PDF files", "ANSO_PIN", "--resume", "Mã thoát", "exit codes", "Ví dụ"):
        assert word in said


@pytest.mark.parametrize("jobs", [1, 4])
def test_ctrl_c_keeps_and_tells_what_is_done_and_leaves_nothing_half(keys: Path, tmp_path: Path, jobs: int) -> None:
    out = tmp_path / "out"
    for number in range(60):
        (tmp_path / f"{number:02}.pdf").write_bytes(sample_pdf.small())
    arguments = [str(one) for one in (tmp_path, *by_file(keys), "--out", out, "--jobs", jobs, "-o", "jsonl")]
    command = [sys.executable, "-m", "api.cli", "sign", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(), bufsize=0, stdout=pipe, stderr=pipe) as running:
        assert running.stdout is not None
        first = running.stdout.readline()
        running.send_signal(signal.SIGINT)
        rest, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    written = sorted(one.name for one in out.iterdir())
    finished = [one for one in written if one.endswith(".pdf") and not one.startswith(".")]
    assert 0 < len(finished) < 60
    told = [Path(json.loads(line)["output"]).name for line in (first + rest).splitlines()]
    assert sorted(told) == finished
    assert not [one for one in written if one.endswith(".part")]
    noted = {Path(one["input"]).name for one in map(json.loads, (out / JOURNAL).read_text().splitlines())}
    again = sign(*arguments, "--resume")
    assert again.exit_code == 0, again.stderr
    states = [json.loads(line)["state"] for line in again.stdout.splitlines()]
    assert states.count("skipped") == len(finished)
    assert len(finished) <= len(noted) <= len(finished) + jobs  # noted first, then named


def test_what_was_noted_but_never_got_its_name_is_signed_when_the_run_goes_on(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(sample_pdf.small())
    arguments = [str(one) for one in (tmp_path / "a.pdf", *by_file(keys), "--out", tmp_path / "out", "-o", "jsonl")]
    assert sign(*arguments).exit_code == 0
    assert json.loads(sign(*arguments, "--resume").stdout)["state"] == "skipped"
    (tmp_path / "out" / "a.pdf").unlink()
    again = sign(*arguments, "--resume")
    assert (again.exit_code, json.loads(again.stdout)["state"]) == (0, "signed")


def test_a_file_that_no_run_noted_does_not_count_as_signed(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(sample_pdf.small())
    arguments = [str(one) for one in (tmp_path / "a.pdf", *by_file(keys), "--out", tmp_path / "out", "-o", "jsonl")]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.pdf").write_bytes(sample_pdf.small() + b"% longer")
    assert sign(*arguments, "--resume").exit_code != 0
    assert (tmp_path / "out" / "a.pdf").read_bytes().endswith(b"% longer")
