"""Files that were made to break a reader, or to keep it busy: built here byte by byte, none of them signed."""

import functools
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable

from tests.fakes import sample_pdf

CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << >> >>"
CONTENT = b"<< /Length 5 >>\nstream\n0 g q\nendstream"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(data), entries) + data + b"\nendstream"


def plain(*more: bytes, catalogue: bytes = CATALOGUE, page: bytes = PAGE, trailer: bytes = b"") -> bytes:
    """Four objects and others behind them, numbered from 5."""
    return sample_pdf.assembled([catalogue, PAGES, page, CONTENT, *more], trailer=trailer)


def with_xref_stream(
    objects: dict[int, bytes], rows: dict[int, tuple[int, int, int]], *, trailer: bytes = b"/Root 1 0 R"
) -> bytes:
    """Objects at their places, further rows as given, one cross-reference stream."""
    out = bytearray(b"%PDF-1.7\n")
    places = dict(rows)
    for number, body in objects.items():
        places[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    own, start = max(places) + 1, len(out)
    places[own] = (1, start, 0)
    data = b"".join(
        kind.to_bytes(1) + one.to_bytes(4) + two.to_bytes(4) for _, (kind, one, two) in sorted(places.items())
    )
    index = b" ".join(b"%d 1" % number for number in sorted(places))
    entries = b"/Type /XRef /W [1 4 4] /Index [%s] /Size %d %s" % (index, own + 1, trailer)
    out += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (own, stream(data, entries), start)
    return bytes(out)


def object_stream(bodies: dict[int, bytes], entries: bytes = b"", *, count: int | None = None) -> bytes:
    head, data = b"", b""
    for number, body in bodies.items():
        head += b"%d %d " % (number, len(data))
        data += body + b" "
    packed = zlib.compress(head + data)
    number_of = len(bodies) if count is None else count
    return stream(packed, b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode %s" % (number_of, len(head), entries))


def many_revisions(count: int) -> bytes:
    out = bytearray(sample_pdf.small())
    last = int(bytes(out).rsplit(b"startxref\n", 1)[1].split()[0])
    for _ in range(count):
        at = len(out)
        out += b"4 0 obj\n" + CONTENT + b"\nendobj\n"
        start = len(out)
        out += b"xref\n4 1\n%010d 00000 n \ntrailer\n<< /Size 5 /Root 1 0 R /Prev %d >>\n" % (at, last)
        out += b"startxref\n%d\n%%%%EOF\n" % start
        last = start
    return bytes(out)


def fields(count: int, value: bytes = b"") -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(5, 5 + count))
    catalogue = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [%s] >> >>" % kids
    return plain(*(b"<< /FT /Sig /T (f%d) %s >>" % (n, value) for n in range(count)), catalogue=catalogue)


def deep_pages(depth: int, *, loop: bool = False) -> bytes:
    nodes = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1) for number in range(5, 5 + depth)]
    nodes.append(b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>" if loop else PAGE)
    return plain(*nodes, catalogue=b"<< /Type /Catalog /Pages 5 0 R >>")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.pdf", sample_pdf.small())
    return out.getvalue()


def stored() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.pdf", sample_pdf.small())
    return out.getvalue()


def store(count: int) -> bytes:
    references = b" ".join(b"%d 0 R" % number for number in range(5, 5 + count))
    catalogue = b"<< /Type /Catalog /Pages 2 0 R /DSS << /Certs [%s] /CRLs [%s] >> >>" % (references, references)
    return plain(*(stream(b"item %d" % n) for n in range(count)), catalogue=catalogue)


def nested(depth: int) -> bytes:
    return plain(catalogue=b"<< /Type /Catalog /Pages 2 0 R /X " + b"<< /X " * depth + b"0" + b" >>" * depth + b" >>")


def xref_loop() -> bytes:
    pdf = many_revisions(2)
    first = int(pdf.split(b"startxref\n")[2].split()[0])
    last = int(pdf.split(b"startxref\n")[3].split()[0])
    return pdf.replace(
        b"/Prev %d >>\nstartxref\n%d" % (len_of_first(), first), b"/Prev %d >>\nstartxref\n%d" % (last, first)
    )


def len_of_first() -> int:
    return int(sample_pdf.small().rsplit(b"startxref\n", 1)[1].split()[0])


@functools.cache
def bomb() -> bytes:
    return zlib.compress(zlib.compress(b"\0" * 40_000_000))


def xref_bomb() -> bytes:
    packed = zlib.compress(b"\0" * 60_000_000)
    entries = b"/Type /XRef /W [1 4 1] /Size 10000000 /Root 1 0 R /Filter /FlateDecode"
    return b"%PDF-1.7\n1 0 obj\n" + stream(packed, entries) + b"\nendobj\nstartxref\n9\n%%EOF\n"


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "header_only": lambda: b"%PDF-1.7\n",
    "header_and_end": lambda: b"%PDF-1.7\n%%EOF\n",
    "end_only": lambda: b"%%EOF",
    "startxref_negative": lambda: sample_pdf.small().replace(b"startxref\n", b"startxref\n-"),
    "prev_negative": lambda: plain(trailer=b"/Prev -7"),
    "prev_is_itself": lambda: plain(trailer=b"/Prev %d" % len_of_first()),
    "prev_is_a_name": lambda: plain(trailer=b"/Prev /Name"),
    "xref_loop": xref_loop,
    "root_missing": lambda: sample_pdf.small().replace(b"/Root 1 0 R", b"/Toor 1 0 R"),
    "root_is_an_array": lambda: plain(catalogue=b"[1 2 3]"),
    "root_is_itself": lambda: plain(catalogue=b"1 0 R"),
    "pages_null": lambda: plain(catalogue=b"<< /Type /Catalog /Pages null >>"),
    "pages_missing": lambda: plain(catalogue=b"<< /Type /Catalog >>"),
    "kids_null": lambda: plain(catalogue=b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [null 9 0 R 3] >> >>"),
    "kids_loop": lambda: deep_pages(3, loop=True),
    "pages_deep": lambda: deep_pages(10_000),
    "pages_deep_loop": lambda: deep_pages(10_000, loop=True),
    "nested_dictionaries": lambda: nested(10_000),
    "nested_arrays": lambda: plain(
        catalogue=b"<< /Type /Catalog /Pages 2 0 R /X " + b"[" * 10_000 + b"]" * 10_000 + b" >>"
    ),
    "huge_integer": lambda: plain(catalogue=b"<< /Type /Catalog /Pages 2 0 R /X " + b"9" * 10_000 + b" >>"),
    "huge_real": lambda: plain(catalogue=b"<< /Type /Catalog /Pages 2 0 R /X 1e999999999 /Y -.-.- >>"),
    "fields_500": lambda: fields(500, b"/V << /Type /Sig >>"),
    "fields_501": lambda: fields(501, b"/V << /Type /Sig >>"),
    "fields_100000": lambda: fields(100_000),
    "revisions_10000": lambda: many_revisions(10_000),
    "store_10000": lambda: store(10_000),
    "archive": zipped,
    "archive_with_plain_document": stored,
    "web_page": lambda: b"<html><script>alert(1)</script>" + sample_pdf.small(),
    "picture": lambda: b"GIF89a\x01\x00\x01\x00" + sample_pdf.small(),
    "header_in_the_middle": lambda: sample_pdf.small() + b"%PDF-1.7\n",
    "data_behind": lambda: sample_pdf.small() + b"x" * 5_000,
    "content_bomb": lambda: plain(
        stream(bomb(), b"/Filter [/FlateDecode /FlateDecode]"), page=PAGE.replace(b"4 0", b"5 0")
    ),
    "object_stream_bomb": lambda: with_xref_stream(
        {
            2: PAGES,
            3: PAGE,
            4: CONTENT,
            5: stream(bomb(), b"/Type /ObjStm /N 9 /First 9 /Filter [/FlateDecode /FlateDecode]"),
        },
        {1: (2, 5, 0)},
    ),
    "object_stream_of_many": lambda: with_xref_stream(
        {2: PAGES, 3: PAGE, 4: CONTENT, 5: object_stream({1: CATALOGUE} | dict.fromkeys(range(10, 60000), b"0"))},
        {1: (2, 5, 0)},
    ),
    "object_stream_claims_many": lambda: with_xref_stream(
        {2: PAGES, 3: PAGE, 4: CONTENT, 5: object_stream({1: CATALOGUE}, count=2**31 - 1)}, {1: (2, 5, 0)}
    ),
    "object_stream_in_itself": lambda: with_xref_stream({2: PAGES, 3: PAGE, 4: CONTENT}, {1: (2, 5, 0), 5: (2, 5, 1)}),
    "object_streams_in_each_other": lambda: with_xref_stream(
        {2: PAGES, 3: PAGE, 4: CONTENT}, {1: (2, 5, 0), 5: (2, 6, 0), 6: (2, 5, 0)}
    ),
    "xref_bomb": xref_bomb,
    "encrypted_by_nobody": lambda: plain(b"<< /Filter /Nobody >>", trailer=b"/Encrypt 5 0 R"),
    "encrypted_badly": lambda: plain(b"<< /Filter /Standard /V 5 /R 6 /O (x) >>", trailer=b"/Encrypt 5 0 R"),
    "encrypted_by_a_number": lambda: plain(trailer=b"/Encrypt 7"),
}


def built(names: Iterable[str] = HOSTILE) -> dict[str, bytes]:
    return {name: HOSTILE[name]() for name in names}
