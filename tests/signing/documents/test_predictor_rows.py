"""Rows of a predictor that fill the memory: found before any reader makes room, however their length is written."""

import struct
import zlib

import pikepdf
import pytest

from signing.errors import MalformedDocument
from signing.pades.intake import open_for_signing as opened
from signing.pades.predictor_rows import has_long_rows
from tests.fakes import sample_pdf as documents


@pytest.mark.parametrize(
    "shape",
    [
        b"/Columns 4294967295", b"/Columns 3 /Colors 1000000000", b"/Columns%\n4294967295", b"/Columns\x004294967295",
        b"/#43olumns 4294967295", b"/Colum#6Es 4", b"/#43#6f#6c#75#6d#6e#73 4", b"/Columns 4 /Colo#72s 1000000000",
        b"/Columns 3 0 R", b"/Columns +3 -00 R", b"/Columns 3%\n0 R", b"/Columns 3 0 %\nR",
        b"/Columns 9999999 /Colors 400", b"/Columns 999999 /Colors 100", b"/Columns 1000000",
        b"/Columns +0001000000",
    ],
)  # fmt: skip
def test_rows_that_would_fill_the_memory_are_refused_before_any_reader_makes_room(
    shape: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = pikepdf.ObjectStreamMode.generate
    pdf = documents.changed(documents.small(), lambda _: None, object_stream_mode=packed)
    monkeypatch.setattr(pikepdf, "open", lambda *_, **__: pytest.fail("QPDF would take gigabytes"))
    with pytest.raises(MalformedDocument):
        opened(pdf.replace(b"/Columns 4", shape))


def packed_objects(parameters: bytes, *, packed: bool, told: bytes = b"/DecodeParms 5 0 R") -> bytes:
    """A file whose pages lie in an object stream, the parameters of whose filter are an object of their own."""
    pages = {
        1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/Resources<<>>/MediaBox[0 0 300 300]>>",
    }  # fmt: skip
    out, rows = bytearray(b"%PDF-1.7\n"), {0: (0, 0, 65535), **{number: (2, 4, number - 1) for number in pages}}

    def add(number: int, body: bytes) -> None:
        rows[number] = (1, len(out), 0)
        out.extend(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def add_stream(number: int, inside: dict[int, bytes], more: bytes = b"") -> None:
        starts = [sum(len(one) + 1 for one in list(inside.values())[:at]) for at in range(len(inside))]
        head = b"".join(b"%d %d " % pair for pair in zip(inside, starts, strict=True))
        data = zlib.compress(head + b" ".join(inside.values()))
        about = b"/N %d/First %d/Length %d/Filter/FlateDecode%b" % (len(inside), len(head), len(data), more)
        add(number, b"<</Type/ObjStm%b>>stream\n%b\nendstream" % (about, data))

    if packed:
        add_stream(6, {5: parameters})
        rows[5] = (2, 6, 0)
    else:
        add(5, parameters)
        rows[6] = (0, 0, 65535)
    add_stream(4, pages, told)
    rows[7] = (1, len(out), 0)
    table = b"".join(struct.pack(">BIH", *rows[number]) for number in range(8))
    about = b"/Type/XRef/Size 8/Root 1 0 R/W[1 4 2]/Length %d" % len(table)
    start = len(out)
    add(7, b"<<%b>>stream\n%b\nendstream" % (about, table))
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % start


def refused_unopened(monkeypatch: pytest.MonkeyPatch, pdf: bytes) -> None:
    monkeypatch.setattr(pikepdf, "open", lambda *_, **__: pytest.fail("QPDF would take gigabytes"))
    with pytest.raises(MalformedDocument):
        opened(pdf)


LONG_ROWS = b"<</Predictor 12/Columns 4294967000>>"


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    "told",
    [
        b"/DecodeParms 5 0 R", b"/Decode#50arms 5 0 R", b"/DecodeParms%\n5%\n0 R", b"/DecodeParms[5 0 R]",
        b"/DecodeParms[" + b" " * 5_000 + b"5 0 R]", b"/DecodeParms[%]\n5 0 R]", b"/DecodeParms[<</X(])>>5 0 R]",
        b"/DecodeParms +5 0 R", b"/DecodeParms 5 -0 R", b"/DecodeParms 5\x00000000 R",
        b"/DecodeParms[" + b"0" * 50 + b"5 0 R]",
        b"/DecodeParms 5%\n0 R", b"/DecodeParms 5 0%\nR", b"/DecodeParms[5 0%\nR]",
    ],
)  # fmt: skip
def test_rows_whose_length_stands_in_another_object_are_found_there(
    monkeypatch: pytest.MonkeyPatch, told: bytes, *, packed: bool
) -> None:
    refused_unopened(monkeypatch, packed_objects(LONG_ROWS, packed=packed, told=told))


@pytest.mark.parametrize(
    "parameters",
    [
        b"[%b]" % LONG_ROWS, b"[null %b]" % LONG_ROWS, b"<</#43olumns 4294967000>>", b"5 0 R", b"<<",
        b"<</Columns 4/Columns 4294967000>>", b"<</Columns 999999/Colors 100>>", b"<</Columns 5 0 R>>",
        b"<</Columns/Many>>", b"<</Columns -1>>",
    ],
)  # fmt: skip
def test_packed_parameters_are_understood_or_refused(monkeypatch: pytest.MonkeyPatch, parameters: bytes) -> None:
    refused_unopened(monkeypatch, packed_objects(parameters, packed=True))


@pytest.mark.parametrize(
    "parameters", [b"<</Predictor 1/Columns 4>>", b"[<</Columns 4>>]", b"[null]", b"null", b"<<>>"]
)
@pytest.mark.parametrize("packed", [True, False])
def test_parameters_of_a_filter_that_are_an_object_of_their_own_are_no_reason_to_refuse(
    parameters: bytes, *, packed: bool
) -> None:
    assert opened(packed_objects(parameters, packed=packed))


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "piece",
    [
        b"/Columns%", b"/Columns ", b"/Columns 00", b"/#43olumn", b"#50", b"/", b"/DecodeParms[", b"/DecodeParms%",
        b"/DecodeParms[5 0 R]", b"/DecodeParms 5 0 R ", b"/DecodeParms[" + b"1 " * 500,
    ],
)  # fmt: skip
def test_looking_takes_time_in_proportion_to_the_file(piece: bytes) -> None:
    """Three megabytes; a pattern that looks at the rest from each place again takes days."""
    has_long_rows(piece * (3_000_000 // len(piece)))
    has_long_rows(b"/Columns" + b" " * 3_000_000)
    has_long_rows(b"/DecodeParms " + b"1" * 3_000_000)
    assert has_long_rows(b"/DecodeParms " + b"1" * 3_000_000 + b" 0 R")
