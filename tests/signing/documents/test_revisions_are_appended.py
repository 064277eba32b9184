"""Whatever order signatures, time-stamps and augmentations come in: what was there is a prefix of what is there (I12).

And what is forbidden writes nothing. Also the reader that makes this quick says the same as pyHanko's own.
"""

import io
import zlib
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.errors import DocumentNotSignable, MalformedDocument
from signing.pades import SigningRequest, augment_pdf, sign_pdf
from signing.pades.filled import filled_fields
from signing.pades.page_tree import page_reference
from signing.pades.revision import RevisionReader, RevisionWriter
from signing.validation import VN_TT15_2025, Verdict, verify_pdf
from tests.fakes import sample_pdf as documents
from tests.fakes.producers import producer_files

SAVED = [
    {}, {"object_stream_mode": pikepdf.ObjectStreamMode.disable},
    {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
    {"linearize": True}, {"compress_streams": False},
]  # fmt: skip
STEPS = ["sign", "sign B-T", "sign B-LT", "certify", "close", "augment", "archive", "same field", "full stop"]


def step(pki: Any, pdf: bytes, what: str, name: str) -> bytes:
    """One thing that somebody does to the file, or the refusal of it."""
    if what in {"augment", "archive"}:
        made = augment_pdf(pdf, stamp=pki.stamp, evidence=pki.evidence, at=pki.at, archive=what == "archive")
        return made.pdf
    request = SigningRequest(
        credential=pki.credential(), field_name=name, certify=what == "certify", closes=what == "close"
    )
    with_stamp, with_evidence = what in {"sign B-T", "sign B-LT"}, what == "sign B-LT"
    made = sign_pdf(
        pdf, request, keys=pki.keys, stamp=pki.stamp if with_stamp else None,
        evidence=pki.evidence if with_evidence else None, at=pki.at,
    )  # fmt: skip
    return made.pdf


@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=4), saved=st.sampled_from(SAVED))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_earlier_revision_is_a_prefix_and_what_is_forbidden_writes_nothing(
    pki: Any, steps: list[str], saved: dict[str, Any]
) -> None:
    pdf = documents.changed(documents.small(), lambda _: None, **saved)
    signed = closed = 0
    taken: str | None = None
    for number, what in enumerate(steps):
        allowed = {
            "augment": signed > 0, "archive": signed > 0, "full stop": False,
            "certify": signed == 0, "same field": False,
        }.get(what, not closed)  # fmt: skip
        name = {"same field": taken, "full stop": "a.b"}.get(what, f"F{number}")
        if name is None:
            continue
        try:
            made = step(pki, pdf, what, name)
        except DocumentNotSignable:
            assert not allowed or closed, what
            continue
        assert allowed, what
        assert made.startswith(pdf)
        assert len(made) > len(pdf)
        signed += 1
        closed += what == "close"
        taken = taken or (name if what not in {"augment", "archive"} else None)
        pdf = made
    if signed:
        ends = [one.end for one in filled_fields(RevisionReader(pdf))]
        assert ends == sorted(set(ends))
        report = verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at, compare_pages=False)
        assert all(one.intact for one in report.signatures)
        assert {one.changes_after.value for one in report.signatures} <= {"none", "permitted"}
        assert report.verdict in {Verdict.VALID, Verdict.INDETERMINATE}  # B-B: nobody told about revocation


def said(handler: Any, reference: generic.Reference) -> Any:
    try:
        return handler.xrefs[reference]
    except KeyError:
        return "nothing"


def assert_same(pdf: bytes) -> None:
    """Both readers put every object of a file in the same place and read the same there."""
    theirs, ours = PdfFileReader(io.BytesIO(pdf), strict=True), RevisionReader(pdf)
    assert (ours.last_startxref, ours.has_xref_stream) == (theirs.last_startxref, theirs.has_xref_stream)
    assert ours.trailer.flatten() == theirs.trailer.flatten()
    for number in range(int(theirs.trailer["/Size"]) + 2):
        for generation in (0, 1):
            assert said(ours, generic.Reference(number, generation, ours)) == said(
                theirs, generic.Reference(number, generation, theirs)
            )
        reference = generic.Reference(number, 0)
        if not theirs.encrypted and said(theirs, reference) not in {None, "nothing"}:
            assert read_object(ours, reference) == read_object(theirs, reference)


def read_object(handler: Any, reference: generic.Reference) -> Any:
    try:
        return plain(handler.get_object(reference))
    except Exception:  # noqa: BLE001 - whatever pyHanko raises
        return "unreadable"


def plain(value: Any) -> Any:
    """An object in a form that compares: how the digits of a container were written does not count."""
    if isinstance(value, dict):
        data = getattr(value, "_encoded_data", None)
        return {key: plain(value.raw_get(key)) for key in value} | {"data": data}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, generic.NullObject):
        return None
    return getattr(value, "original_bytes", None) or repr(value)


@given(
    objects=st.lists(st.sampled_from([b"<< /A 1 >>", b"[1 2 3]", b"<< /B [(text) null] >>"]), max_size=30),
    saved=st.sampled_from(SAVED),
)
@settings(max_examples=25, deadline=None)
def test_the_quick_reader_says_what_pyhanko_says(objects: list[bytes], saved: dict[str, Any]) -> None:
    def add(document: Any) -> None:
        document.Root.More = [document.make_indirect(pikepdf.Object.parse(one)) for one in objects]

    assert_same(documents.changed(documents.small(), add, **saved))


@pytest.mark.parametrize("name", sorted(name for name in producer_files() if name.endswith(".pdf"))[::4])
def test_the_quick_reader_says_the_same_about_files_of_other_producers(name: str) -> None:
    pdf = producer_files()[name]
    try:
        PdfFileReader(io.BytesIO(pdf), strict=True)
    except Exception:  # noqa: BLE001 - whatever pyHanko raises
        with pytest.raises(Exception):  # noqa: B017, PT011 - the same
            RevisionReader(pdf)
    else:
        assert_same(pdf)


def table(*rows: bytes, head: bytes = b"0000000000 65535 f ") -> bytes:
    """A file whose cross-reference table has these rows for its four objects."""
    base = documents.small()
    at = base.index(b"xref\n0 5\n") + len(b"xref\n0 5\n")
    own = [base[at + 20 * n : at + 20 * n + 19] for n in range(5)]
    own[0] = head
    for number, row in enumerate(rows, 1):
        own[number] = row or own[number]
    return base[:at] + b"\n".join(own) + b"\n" + base[at + 100 :]


@pytest.mark.parametrize(
    "pdf",
    [
        table(),
        table(head=b"0000000003 65535 f "),
        table(b"", b"", b"", b"0000000000 00001 f "),
        table(b"", b"", b"", b"0000000020 00001 n "),
        table(b"", b"", b"", b"0000000020 00000 x "),
        table(b"", b"", b"", b"00000000x0 00000 n "),
        table().replace(b"0 5\n", b"0 5 \n"),
        table().replace(b"xref\n0 5\n", b"xref\n0 5\r\n"),
        table().replace(b"/Size 5", b"/Size 4"),
        table().replace(b"/Size 5", b"/Size 5 /Prev (x)"),
        table().replace(b"xref\n0 5", b"xref\n0 9"),
    ],
)
def test_what_is_not_in_the_usual_form_is_left_to_pyhanko(pdf: bytes) -> None:
    try:
        PdfFileReader(io.BytesIO(pdf), strict=True)
    except Exception:  # noqa: BLE001 - whatever pyHanko raises
        with pytest.raises(Exception):  # noqa: B017, PT011 - the same
            RevisionReader(pdf)
    else:
        assert_same(pdf)


def stream_file(
    *, kinds: bytes = b"\x00\x01\x01\x01\x01\x01", generation: int = 0, more: str = "", widths: str = "1 2 1",
    predictor: int = 0, index: str = "0 6", extra: bytes = b"",
) -> bytes:  # fmt: skip
    """A file of five objects whose cross-references are a stream in a form of choice."""
    base = documents.small()
    body = base[: base.index(b"xref\n0 5")]
    places = [0, *(body.index(b"%d 0 obj" % number) for number in range(1, 5)), len(body)]
    rows = [
        bytes((kind,)) + place.to_bytes(2, "big") + bytes((generation,))
        for kind, place in zip(kinds, places, strict=True)
    ]
    if predictor:
        above, coded = bytes(4), []
        for row in rows:
            coded.append(b"\x02" + bytes((one - other) % 256 for one, other in zip(row, above, strict=True)))
            above = row
        rows, more = coded, f"/DecodeParms << /Predictor {predictor} /Columns 4 >> {more}"
    data = zlib.compress(b"".join(rows) + extra)
    entries = f"/Type /XRef /Size 6 /Root 1 0 R /W [{widths}] /Index [{index}] /Filter /FlateDecode {more}"
    head = f"5 0 obj\n<< {entries} /Length {len(data)} >>\nstream\n".encode()
    return body + head + data + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(body)


@pytest.mark.parametrize(
    "pdf",
    [
        stream_file(), stream_file(predictor=12), stream_file(predictor=15), stream_file(generation=1),
        stream_file(kinds=b"\x00\x01\x01\x01\x00\x01"), stream_file(kinds=b"\x01\x01\x01\x01\x01\x01"),
        stream_file(kinds=b"\x00\x01\x01\x01\x07\x01"), stream_file(extra=b"more"), stream_file(index="0 7"),
        stream_file(index="3 3 0 3"), stream_file(widths="0 3 1"), stream_file(widths="1 2"),
        stream_file(more="/Prev (x)"), stream_file(predictor=12, more="/X 1").replace(b"/Columns 4", b"/Columns 3"),
    ],
)  # fmt: skip
def test_a_stream_that_is_not_in_the_usual_form_is_left_to_pyhanko(pdf: bytes) -> None:
    test_what_is_not_in_the_usual_form_is_left_to_pyhanko(pdf)


@given(shape=st.recursive(st.just("page"), lambda below: st.lists(below, min_size=1, max_size=4), max_leaves=12))
@settings(max_examples=30, deadline=None)
def test_a_page_is_found_in_any_tree(shape: Any) -> None:
    shape = [shape] if shape == "page" else shape
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    pages: list[int] = []

    def node(own: Any, parent: int) -> int:
        objects.append(b"")
        number = len(objects)
        if own == "page":
            pages.append(number)
            objects[number - 1] = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 9 9] >>" % parent
            return 1
        kids, count = [], 0
        for one in own:
            kids.append(b"%d 0 R" % (len(objects) + 1))
            count += node(one, number)
        objects[number - 1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, b" ".join(kids))
        return count

    total = node(shape, 0)
    reader = RevisionReader(documents.assembled(objects))
    assert [page_reference(reader, number)[0] for number in range(total)] == pages
    assert page_reference(reader, -1)[0] == pages[-1]
    for wrong in (total, -total - 1):
        with pytest.raises(Exception, match="no such page"):
            page_reference(reader, wrong)


@pytest.mark.parametrize(
    "tree",
    [
        b"<< /Type /Pages /Count 2 /Kids [3 0 R] >>",
        b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>",
        b"<< /Type /Pages /Count 1 /Kids [<< /Type /Page >>] >>",
        b"<< /Type /Pages /Count 1 /Kids [9 0 R] >>",
    ],
)
def test_a_tree_that_lies_is_refused_with_its_own_code(pki: Any, tree: bytes) -> None:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", tree, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"]
    request = SigningRequest(credential=pki.credential(), field_name="S")
    pdf = documents.assembled(objects)
    with pytest.raises((DocumentNotSignable, MalformedDocument)):
        sign_pdf(pdf, request, keys=pki.keys, stamp=None, evidence=None, at=pki.at)


def test_resources_of_a_page_are_its_own_or_inherited() -> None:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 2 /Kids [3 0 R 4 0 R] /Resources << /A 1 >> >>",
        b"<< /Type /Page /Parent 2 0 R /Resources << /B 2 >> >>", b"<< /Type /Page /Parent 2 0 R >>",
    ]  # fmt: skip
    writer = RevisionWriter(documents.assembled(objects))
    assert [list(writer.find_page_for_modification(number)[1]) for number in (0, 1)] == [["/B"], ["/A"]]


@pytest.mark.parametrize("separator", [b" ", b"\n"])
def test_a_tree_in_unusual_spelling_is_read_by_pyhanko(separator: bytes) -> None:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Note (/Kids [9 0 R])%s/Count 2 /Kids [3 0 R 4 0 R] >>" % separator,
        b"<< /Type /Page /Parent 2 0 R /Note (x) >>",
        b"<< /Type /Pages /Parent 2 0 R /Count 1 /Kids [5 0 R] %% a comment\n>>",
        b"<< /Type /Page /Parent 4 0 R >>",
    ]
    reader = RevisionReader(documents.assembled(objects))
    assert [page_reference(reader, number)[0] for number in (0, 1)] == [3, 5]


def test_unequal_kids_are_counted() -> None:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 3 /Kids [3 0 R 4 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R >>", b"<< /Type /Pages /Parent 2 0 R /Count 2 /Kids [5 0 R 6 0 R] >>",
        b"<< /Type /Page /Parent 4 0 R >>", b"<< /Type /Page /Parent 4 0 R >>",
    ]  # fmt: skip
    reader = RevisionReader(documents.assembled(objects))
    assert [page_reference(reader, number)[0] for number in range(3)] == [3, 5, 6]
    lying = RevisionReader(documents.assembled(objects).replace(b"/Count 3", b"/Count 4"))
    with pytest.raises(Exception, match="fewer pages"):
        page_reference(lying, 3)
