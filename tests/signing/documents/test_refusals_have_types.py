"""Whatever a reader of ours trips over in a document leaves as a typed refusal; nothing is written then."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic, misc

from signing.errors import DocumentNotSignable, KeyUseRefused, MalformedDocument
from signing.keys.der import DerError
from signing.pades import (
    SigningRequest,
    TextMark,
    augment_pdf,
    cms,
    filled,
    longterm,
    pages,
    prepare_signature,
    preview,
    printing,
)
from signing.pades import protection as protecting
from signing.pades.page_tree import page_reference
from signing.pades.refusals import FieldTaken
from signing.pades.revision import RevisionReader, revision_writer
from signing.signer import guard
from signing.validation import VN_TT15_2025
from tests.fakes.hostile_pdf import object_stream, plain, stream, with_xref_stream
from tests.fakes.sample_pdf import assembled


def tripping(*_args: Any, **_more: Any) -> None:
    """As pyHanko does over an entry of another type than it expects."""
    raise KeyError("/Type")


@pytest.fixture(scope="module")
def signed(sign: Any, sample_pdf: Any) -> bytes:
    pdf: bytes = sign(sample_pdf.page(), level="B-T").pdf
    return pdf


@pytest.fixture
def mark(font: bytes) -> TextMark:
    return TextMark(lines=("SAO Y",), font=font)


@pytest.mark.parametrize(
    ("inner", "error"),
    [
        ("filled_fields", MalformedDocument),
        ("has_validation_data", MalformedDocument),
        ("ValidationStore", MalformedDocument),
        ("signature_field", DocumentNotSignable),
    ],
)
def test_long_term_data_is_added_whole_or_refused(
    pki: Any, signed: bytes, monkeypatch: pytest.MonkeyPatch, inner: str, error: type[Exception]
) -> None:
    monkeypatch.setattr(longterm, inner, tripping)
    with pytest.raises(error):
        augment_pdf(signed, stamp=pki.stamp, evidence=pki.evidence, at=pki.at)


def test_a_token_that_does_not_fit_its_room_is_no_time_stamp(
    pki: Any, signed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(longterm, "_TOKEN_ROOM", 64)
    with pytest.raises(DocumentNotSignable):
        augment_pdf(signed, stamp=pki.stamp, evidence=pki.evidence, at=pki.at)


@pytest.mark.parametrize(
    ("module", "inner", "act", "error"),
    [
        (printing, "appearance_stream", printing.print_mark, DocumentNotSignable),
        (preview, "put_on_widget", preview.mark_preview, DocumentNotSignable),
        (pages, "_form", lambda pdf, _mark: pages.signed_places(pdf), MalformedDocument),
    ],
)
def test_a_mark_is_drawn_or_refused(  # noqa: PLR0917 - fixtures and cases
    sample_pdf: Any,
    mark: TextMark,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    inner: str,
    act: Callable[[bytes, TextMark], Any],
    error: type[Exception],
) -> None:
    monkeypatch.setattr(module, inner, tripping)
    with pytest.raises(error):
        act(sample_pdf.page(), mark)


def test_a_page_grows_or_the_mark_is_refused(sample_pdf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "numbers", tripping)
    with pytest.raises(DocumentNotSignable):
        printing._grown(sample_pdf.page(), 0, 20.0)


def test_octets_that_are_no_certificate_container_or_key_are_refused_as_such() -> None:
    with pytest.raises(DocumentNotSignable):
        cms._signer_name(b"junk")
    with pytest.raises(DerError):
        filled._read_container(b"0\x03\x02\x01\x01")
    with pytest.raises(KeyUseRefused):
        guard._key_sha1(b"junk")


@pytest.mark.parametrize(
    ("rows", "six"),
    [
        ({5: (2, 6, 1)}, object_stream({5: b"<< >>"})),
        ({5: (2, 6, 0)}, object_stream({7: b"<< >>"})),
        ({5: (2, 6, 0)}, object_stream({5: b"1 0 R"})),
        ({5: (2, 6, 0)}, object_stream({5: b"<< /A"})),
        ({5: (2, 6, 0)}, object_stream({5: b"<< >>"}, count=2)),
        ({5: (2, 6, 0)}, b"<< /Type /ObjStm >>"),
        ({5: (2, 6, 0)}, stream(b"5 0 << >>", b"/Type /Other /N 1 /First 4")),
    ],
)
def test_an_object_is_read_from_its_stream_or_not_at_all(rows: dict[int, tuple[int, int, int]], six: bytes) -> None:
    objects = {1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [] /Count 0 >>", 6: six}
    reader = RevisionReader(with_xref_stream(objects, rows))
    with pytest.raises(misc.PdfReadError):
        reader.get_object(generic.Reference(5, 0, reader))


def test_an_object_that_names_itself_otherwise_is_not_read_as_a_signature() -> None:
    value = b"<< /Type /Sig /ByteRange [0 1 2 3] /Contents <" + b"00" * 300 + b"> >>"
    good = plain(value)
    assert RevisionReader(good).get_object(generic.Reference(5, 0)) is not None
    reader = RevisionReader(good.replace(b"\n5 0 obj", b"\n7 0 obj"))
    with pytest.raises(misc.PdfReadError, match="another object"):
        reader.get_object(generic.Reference(5, 0, reader))
    with pytest.raises(misc.PdfReadError, match="version"):
        RevisionReader(b"junk" + good)


def test_what_protects_a_file_that_cannot_be_read_is_not_guessed(
    signed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protecting, "filled_fields", tripping)
    with pytest.raises(MalformedDocument):
        protecting.protection_of(signed, policy=VN_TT15_2025)


def test_a_page_that_is_not_there_is_not_shown(sample_pdf: Any) -> None:
    with pages.opened_pages(sample_pdf.page()) as document:
        for number in (1, -2):
            with pytest.raises(MalformedDocument):
                pages.ShownPage(document, number)


def test_what_does_not_begin_as_a_pdf_is_none(pki: Any, sample_pdf: Any) -> None:
    request = SigningRequest(credential=pki.credential(), field_name="S")
    with pytest.raises(MalformedDocument) as caught:
        prepare_signature(b" " * 1100 + sample_pdf.small(), request, with_stamp=False, at=pki.at)
    assert caught.value.code == "DOCUMENT_MALFORMED"


def test_a_name_is_as_long_as_is_allowed_and_stands_for_one_field(pki: Any, signed: bytes, sample_pdf: Any) -> None:
    def refused(pdf: bytes, name: str) -> bool:
        request = SigningRequest(credential=pki.credential(), field_name=name)
        try:
            prepare_signature(pdf, request, with_stamp=False, at=pki.at)
        except FieldTaken:
            return True
        return False

    assert not refused(sample_pdf.small(), "n" * 100)
    assert refused(sample_pdf.small(), "n" * 101)

    def twice(document: Any) -> None:
        first = document.Root.AcroForm.Fields[0]
        second = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T=first.T, Rect=[0, 0, 0, 0], F=132)
        second.Type, second.Subtype, second.P = pikepdf.Name.Annot, pikepdf.Name.Widget, document.pages[0].obj
        document.Root.AcroForm.Fields.append(document.make_indirect(second))

    with pikepdf.open(io.BytesIO(signed)) as document:
        name = str(document.Root.AcroForm.Fields[0].T)
    assert refused(sample_pdf.changed(signed, twice), name)  # of two fields of one name one is signed


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"


def reader_of(*objects: bytes) -> RevisionReader:
    return RevisionReader(assembled([*objects]))


@pytest.mark.parametrize(
    "objects",
    [
        (CATALOGUE, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"),
        (b"<< /Type /Catalog /Pages << /Type /Pages /Kids [] /Count 0 >> >>",),
        (CATALOGUE, b"<< /Type /Pages /Kids [<< /Type /Page >>] /Count 1 >>"),
        (CATALOGUE, b"<< /Type /Pages /Kids [] /Count 1 >>"),
        (CATALOGUE, b"<< /Type /Page >>"),
    ],
    ids=["in a circle", "root in the catalogue", "page in its parent", "fewer than it says", "no tree"],
)
def test_a_page_tree_that_cannot_be_followed_is_refused(objects: tuple[bytes, ...]) -> None:
    with pytest.raises(misc.PdfReadError):
        page_reference(reader_of(*objects), 0)


def test_resources_are_not_looked_for_in_a_circle() -> None:
    pdf = assembled(
        [
            CATALOGUE,
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 9 9] >>",
        ]
    )
    with pytest.raises(misc.PdfReadError):
        revision_writer(pdf).find_page_for_modification(0)
