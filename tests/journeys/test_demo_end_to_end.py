"""The whole story as a newcomer runs it, judged afterwards by programs that are not ours."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.journey, pytest.mark.service, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Play the demo once on the embedded default; the folder with everything it made.

    Its processes are not traced: what they run other journeys run, too, and it takes half as long again.
    """
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "demo/run.py", "--output", str(folder / "output"), "--data", str(folder / "data")]
    untraced = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")}
    done = subprocess.run(command, cwd=ROOT, env=untraced, capture_output=True, text=True, check=False, timeout=540)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (folder / "output" / "printed.txt").write_text(done.stdout, encoding="utf-8")
    return folder / "output"


def outside_commands(output: Path) -> list[str]:
    lines = (output / "kiem-tra-ngoai.sh").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith(("openssl", "pdfsig"))]


def run(command: str, output: Path) -> str:
    done = subprocess.run(command.split(), cwd=output, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_pdfsig_calls_both_signatures_of_the_sealed_result_valid(output: Path) -> None:
    told = run("pdfsig ket-qua-da-dong-dau.pdf", output)
    assert told.count("Signature is Valid") == 2


def test_pdfsig_calls_the_signature_of_the_digitised_copy_valid(output: Path) -> None:
    assert "Signature is Valid" in run("pdfsig ban-sao-so-hoa.pdf", output)


def test_openssl_accepts_cms_status_and_time_stamp_with_the_printed_commands(output: Path) -> None:
    commands = outside_commands(output)
    kinds = {" ".join(command.split()[:2]) for command in commands if command.startswith("openssl")}
    assert kinds == {"openssl cms", "openssl verify", "openssl ocsp", "openssl ts"}
    told = {command: run(command, output) for command in commands}
    ocsp = next(text for command, text in told.items() if command.startswith("openssl ocsp"))
    assert "Response verify OK" in ocsp
    assert ": good" in ocsp
    printed = (output / "printed.txt").read_text(encoding="utf-8")
    assert all(command in printed for command in commands)


def test_every_signed_revision_is_a_prefix_of_the_next(output: Path) -> None:
    unsigned, signed, sealed = (
        (output / name).read_bytes() for name in ("ket-qua-chua-ky.pdf", "ket-qua-da-ky.pdf", "ket-qua-da-dong-dau.pdf")
    )
    assert signed.startswith(unsigned)
    assert sealed.startswith(signed)
    assert len(re.findall(rb"/ByteRange", sealed)) == 2


def test_the_digitised_copy_is_searchable_vietnamese_text(output: Path) -> None:
    told = subprocess.run(
        ["pdftotext", str(output / "ban-sao-so-hoa.pdf"), "-"], capture_output=True, text=True, check=True, timeout=60
    )
    assert "GIẤY KHAI SINH" in told.stdout.upper()


def test_the_unsigned_page_is_clean_pdf_a_2b(output: Path) -> None:
    from pikepdf import pdfa  # noqa: PLC0415 - the extra is heavy and used here only

    page = output / "ket-qua-chua-ky.pdf"
    with pikepdf.open(page) as pdf:
        assert pdf.pdf_version >= "1.4"
    assert pdfa.validate_written(page, "2b").passed


def test_reports_name_the_forgeries_and_the_missing_legal_value(output: Path) -> None:
    good = json.loads((output / "bao-cao" / "bao-cao-ban-goc.json").read_text(encoding="utf-8"))
    assert good["verdict"] == "valid"
    assert any("DEVELOPMENT" in reason for reason in good["reasons_en"])
    for name in ("sua-mot-byte", "ve-de-noi-dung"):
        forged = json.loads((output / "bao-cao" / f"bao-cao-{name}.json").read_text(encoding="utf-8"))
        assert forged["verdict"] == "invalid"
        assert forged["acceptance"] == "refuse"
