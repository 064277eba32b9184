"""`anso ocr`: fixed names, data on standard output, progress on standard error, exit codes."""

import io
import json
from datetime import datetime
from pathlib import Path

import pikepdf.pdfa
import pytest

from api.cli.app import main
from digitize import pipeline
from digitize.errors import DigitizeError, EngineMissing, NotArchivable, TimedOut
from digitize.pipeline import DigitisedDocument, Digitiser
from digitize.tools import Progress

SAMPLE = Path(__file__).resolve().parents[2] / "demo" / "samples" / "giay-khai-sinh.jpg"
DOCUMENT = {
    "document_type": "giay_khai_sinh",
    "text": "GIẤY KHAI SINH",
    "pages": [],
    "fields": {"number": {"value": "57/2020", "needs_review": True}, "sex": {"value": "Nam", "needs_review": False}},
}


def ran(*arguments: str) -> int:
    try:
        main(["ocr", *arguments])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def canned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that answers by the file's content: an error's name, or the document above."""

    def digitise(_self: Digitiser, source: bytes, *, at: datetime, progress: Progress) -> DigitisedDocument:
        assert at.tzinfo is not None
        progress(1, 1, "done")
        errors: dict[bytes, type[DigitizeError]] = {b"slow": TimedOut, b"missing": EngineMissing, b"odd": NotArchivable}
        if source in errors:
            raise errors[source]
        return DigitisedDocument(document=DOCUMENT, pdf=b"%PDF-1.7 " + source)

    monkeypatch.setattr(pipeline.Digitiser, "digitise", digitise)


def file(folder: Path, name: str, content: bytes = b"a scan") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


@pytest.mark.service
def test_one_photo_gives_one_document_and_a_searchable_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(str(SAMPLE), "--out", str(tmp_path / "new"), "-o", "json") == 0
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert document["input"] == SAMPLE.name
    assert document["document_type"] == "giay_khai_sinh"
    assert document["fields"]["number"]["value"] == "57/2020"
    assert set(document["pages"][0]["lines"][0]) >= {"text", "confidence", "box"}
    assert "reading" in told.err
    pdf = (tmp_path / "new" / "giay-khai-sinh.pdf").read_bytes()
    assert pikepdf.pdfa.validate_written(io.BytesIO(pdf), "2b").passed
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["giay-khai-sinh.pdf"]


@pytest.mark.usefixtures("canned")
def test_lines_come_one_per_input_in_their_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [file(tmp_path, f"{n}.jpg") for n in range(5)]
    assert ran(*names, "-o", "jsonl", "--jobs", "3", "--quiet") == 0
    told = capsys.readouterr()
    assert [json.loads(line)["input"] for line in told.out.splitlines()] == [f"{n}.jpg" for n in range(5)]
    assert told.err == ""


@pytest.mark.usefixtures("canned")
def test_several_inputs_are_a_list_and_copies_of_one_stem_do_not_meet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [file(tmp_path, "a.jpg", b"one"), file(tmp_path, "a.png", b"two"), file(tmp_path, "b.pdf", b"three")]
    out = tmp_path / "out"
    assert ran(*names, "--out", str(out), "-o", "json") == 0
    assert [item["pdf"] for item in json.loads(capsys.readouterr().out)] == ["a.jpg.pdf", "a.png.pdf", "b.pdf"]
    assert (out / "a.png.pdf").read_bytes() == b"%PDF-1.7 two"


@pytest.mark.usefixtures("canned")
def test_people_read_fields_and_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(file(tmp_path, "a.jpg")) == 0
    told = capsys.readouterr().out
    assert "number: 57/2020  (cần xem lại / review)" in told
    assert "sex: Nam\n" in told
    assert told.endswith("GIẤY KHAI SINH\n")


@pytest.mark.usefixtures("canned")
@pytest.mark.parametrize(
    ("content", "code", "name"),
    [(b"slow", 8, "OCR_TIMEOUT"), (b"missing", 9, "OCR_ENGINE_MISSING"), (b"odd", 1, "SCAN_NOT_PDFA")],
)
def test_a_failure_has_its_exit_code_and_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, code: int, name: str
) -> None:
    path = file(tmp_path, "a.jpg", content)
    assert ran(path, "-o", "jsonl") == code
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == name
    assert error["detail_vi"] != error["detail_en"]
    assert ran(path) == code
    assert name in capsys.readouterr().out


def test_files_that_cannot_be_read_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(str(tmp_path / "none.jpg"), "-o", "json") == 10
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "FILE_UNREADABLE"
    assert ran(file(tmp_path, "a.pdf", b"PK\x03\x04"), "-o", "json") == 10
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "SCAN_UNSUPPORTED"


@pytest.mark.usefixtures("canned")
def test_a_batch_with_some_failures_says_so_and_reads_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [file(tmp_path, "a.jpg"), str(tmp_path / "none.jpg"), file(tmp_path, "c.jpg")]
    assert ran(*names, "-o", "jsonl") == 6
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert ["error" in item for item in found] == [False, True, False]


def test_a_folder_that_cannot_be_made_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    assert ran(str(SAMPLE), "--out", file(tmp_path, "taken") + "/deeper") == 2
