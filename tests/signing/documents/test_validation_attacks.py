"""Manipulated files, each built here from a clean one: never VALID, and the answer names what was done."""

import io
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from signing.keys import Credential, SignatureAlgorithm
from signing.pades import SigningRequest, TextMark, prepared, sign_pdf
from signing.trust import Evidence
from signing.validation import VN_TT15_2025, Reason, Verdict, verify_pdf
from signing.validation.changes import ChangeLevel
from signing.validation.geometry import GeometryFaultError, checked_coverage
from signing.validation.second_reader import SecondReader

name = generic.pdf_name


def check(pki: Any, pdf: bytes, **more: Any) -> Any:
    evidence = Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)))
    values = {"anchors": pki.anchors(), "policy": VN_TT15_2025, "at": pki.at + timedelta(minutes=5)}
    return verify_pdf(pdf, **(values | {"evidence": evidence} | more))


def updated(pdf: bytes, change: Any) -> bytes:
    """The file with one more revision, in which `change(writer)` did something."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(pdf)
    return out.getvalue()


def stream(data: bytes) -> Any:
    return generic.StreamObject(stream_data=data)


def page_of(writer: Any) -> Any:
    return writer.find_page_for_modification(0)[0].get_object()


def touch(writer: Any) -> Any:
    reference = writer.find_page_for_modification(0)[0]
    writer.mark_update(reference)
    return reference.get_object()


def draw_over(writer: Any) -> None:
    page = touch(writer)
    old = page.raw_get("/Contents")
    page["/Contents"] = generic.ArrayObject([old, writer.add_object(stream(b"1 0 0 rg 0 0 200 200 re f"))])


def replace_content(writer: Any) -> None:
    touch(writer)["/Contents"] = writer.add_object(stream(b"1 0 0 rg 0 0 50 50 re f"))


def replace_stream_in_place(writer: Any) -> None:
    reference = page_of(writer).raw_get("/Contents")
    content = reference.get_object()
    content._data = b"0 1 0 rg 0 0 90 90 re f"
    content._encoded_data = None
    writer.mark_update(reference.reference)


def add_page(writer: Any) -> None:
    pages = writer.root["/Pages"]
    page = generic.DictionaryObject({
        name("/Type"): name("/Page"), name("/Parent"): writer.root.raw_get("/Pages"),
        name("/MediaBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 300, 200))),
    })  # fmt: skip
    pages["/Kids"].append(writer.add_object(page))
    pages["/Count"] = generic.NumberObject(2)
    writer.update_container(pages)


def swap_catalogue(writer: Any) -> None:
    root = generic.DictionaryObject(dict(writer.root))
    page = generic.DictionaryObject({
        name("/Type"): name("/Page"), name("/Contents"): writer.add_object(stream(b"0 0 9 9 re f")),
        name("/MediaBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 300, 200))),
    })  # fmt: skip
    pages = generic.DictionaryObject({
        name("/Type"): name("/Pages"), name("/Count"): generic.NumberObject(1),
        name("/Kids"): generic.ArrayObject([writer.add_object(page)]),
    })  # fmt: skip
    root["/Pages"] = writer.add_object(pages)
    writer.root.update(root)
    writer.update_root()


def add_note(writer: Any) -> None:
    """Evil annotation attack: a text box painted over the page."""
    face = stream(b"1 1 1 rg 0 0 100 20 re f")
    face.update({
        name("/Type"): name("/XObject"), name("/Subtype"): name("/Form"),
        name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 100, 20))),
    })  # fmt: skip
    note = generic.DictionaryObject({
        name("/Type"): name("/Annot"), name("/Subtype"): name("/FreeText"), name("/F"): generic.NumberObject(4),
        name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (20, 600, 320, 840))),
        name("/AP"): generic.DictionaryObject({name("/N"): writer.add_object(face)}),
    })  # fmt: skip
    page = touch(writer)
    notes = list(page["/Annots"]) if "/Annots" in page else []
    page["/Annots"] = generic.ArrayObject([*notes, writer.add_object(note)])


def change_the_mark(writer: Any) -> None:
    """The picture in the signature's own widget is exchanged (hide and replace)."""
    field = writer.root["/AcroForm"]["/Fields"][0]
    face = stream(b"0 0 0 rg 0 0 500 500 re f")
    face.update({
        name("/Type"): name("/XObject"), name("/Subtype"): name("/Form"),
        name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 500, 500))),
    })  # fmt: skip
    field["/AP"] = generic.DictionaryObject({name("/N"): writer.add_object(face)})
    writer.update_container(field)


def empty_overlay_field(writer: Any) -> None:
    append_signature_field(writer, SigFieldSpec("Overlay", box=(10, 10, 200, 100), empty_field_appearance=True))


def remove_the_notes(writer: Any) -> None:
    touch(writer)["/Annots"] = generic.ArrayObject()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (draw_over, Reason.DOCUMENT_ALTERED),
        (replace_content, Reason.DOCUMENT_ALTERED),
        (replace_stream_in_place, Reason.DOCUMENT_ALTERED),
        (add_page, Reason.DOCUMENT_ALTERED),
        (swap_catalogue, Reason.DOCUMENT_ALTERED),
        (add_note, Reason.EVIL_ANNOTATION),
        (change_the_mark, Reason.SHADOW_REPLACE),
        (empty_overlay_field, Reason.SNEAKY_SIGNATURE),
        (remove_the_notes, Reason.SHADOW_HIDE),
    ],
)
def test_content_edited_by_an_incremental_update_is_invalid_by_name(  # noqa: PLR0917 - fixtures
    pki: Any, sign: Any, sample_pdf: Any, font: bytes, change: Any, reason: Reason
) -> None:
    mark = TextMark(lines=("SAO Y", "x"), font=font)
    signed = sign(sample_pdf.page(top="4cm"), level="B-B", mark=mark).pdf
    assert check(pki, signed).verdict is Verdict.VALID
    report = check(pki, updated(signed, change))
    assert report.verdict is Verdict.INVALID
    assert report.reasons[0] is reason
    (signature,) = report.signatures
    assert signature.changes_after is ChangeLevel.FORBIDDEN
    assert signature.intact  # told truthfully: the signed bytes themselves are untouched
    assert report.document()["acceptance"] == "refuse"


def replace_xmp(writer: Any) -> None:
    metadata = stream(
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"><pdf:Keywords>other</pdf:Keywords>'
        b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    metadata.update({name("/Type"): name("/Metadata"), name("/Subtype"): name("/XML")})
    writer.root["/Metadata"] = writer.add_object(metadata)
    writer.update_root()


def drop_xmp(writer: Any) -> None:
    del writer.root["/Metadata"]
    writer.update_root()


def retitle(writer: Any) -> None:
    writer.set_info(generic.DictionaryObject({name("/Title"): generic.pdf_string("Other")}))


def announce_extension(writer: Any) -> None:
    writer.root["/Extensions"] = generic.DictionaryObject({
        name("/EVIL"): generic.DictionaryObject({name("/ExtensionLevel"): generic.NumberObject(9)})
    })  # fmt: skip
    writer.update_root()


@pytest.mark.parametrize("change", [replace_xmp, drop_xmp, retitle, announce_extension])
def test_other_information_about_the_document_after_the_seal_is_not_plainly_valid(
    pki: Any, sealed_page: Any, change: Any
) -> None:
    report = check(pki, updated(sealed_page.pdf, change))
    assert (report.verdict, report.reasons[0]) == (Verdict.INDETERMINATE, Reason.METADATA_CHANGED)
    assert {s.changes_after for s in report.signatures} == {ChangeLevel.ANNOTATIONS}
    assert report.acceptance == "ask"


def form_entry(key: str, value: Any) -> Any:
    def change(writer: Any) -> None:
        writer.root["/AcroForm"][name(key)] = value
        writer.update_container(writer.root["/AcroForm"])
        writer.update_root()

    return change


@pytest.mark.parametrize(
    "change",
    [
        form_entry("/NeedAppearances", generic.BooleanObject(True)),
        form_entry("/DA", generic.pdf_string("/Helv 0 Tf 1 g")),
        form_entry("/Q", generic.NumberObject(2)),
    ],
)
def test_a_form_that_shall_be_drawn_in_another_way_after_the_seal_is_invalid(
    pki: Any, sign: Any, sample_pdf: Any, change: Any
) -> None:
    report = check(pki, updated(sign(form(sample_pdf), level="B-B").pdf, change))
    assert (report.verdict, report.reasons[0]) == (Verdict.INVALID, Reason.DOCUMENT_ALTERED)
    assert "form_appearance" in {change.what for change in report.signatures[0].changes}


@pytest.mark.parametrize("change", [form_entry("/DA", generic.pdf_string("/Helv 0 Tf 0 g"))])
def test_defaults_that_no_field_takes_its_looks_from_are_harmless(pki: Any, sealed_page: Any, change: Any) -> None:
    assert check(pki, updated(sealed_page.pdf, change)).verdict is Verdict.VALID


def test_dates_and_producer_that_a_writer_sets_anew_are_harmless(pki: Any, sealed_page: Any) -> None:
    """pyHanko's writer rewrites dates and producer in /Info and XMP with every revision, as other tools do."""
    pdf = updated(sealed_page.pdf, lambda writer: writer.mark_update(writer.root_ref))
    assert b"ModifyDate" in pdf[len(sealed_page.pdf) :] or b"/ObjStm" in pdf[len(sealed_page.pdf) :]
    assert check(pki, pdf).verdict is Verdict.VALID


def metadata_like(data: bytes) -> Any:
    def change(writer: Any) -> None:
        replace_xmp(writer)
        writer.root["/Metadata"]._data = data

    return change


@pytest.mark.parametrize("data", [b"not XML", b"\xff\xfe", b"<a/>", b"x" * 1_100_000])
def test_metadata_that_cannot_be_compared_is_not_plainly_valid(pki: Any, sealed_page: Any, data: bytes) -> None:
    report = check(pki, updated(sealed_page.pdf, metadata_like(data)))
    assert report.verdict is not Verdict.VALID
    assert report.acceptance != "accept"


def test_an_update_that_says_nothing_new_is_told_but_harmless(pki: Any, small_signed: bytes) -> None:
    def nothing(writer: Any) -> None:
        writer.mark_update(writer.root_ref)

    assert check(pki, updated(small_signed, nothing)).verdict is Verdict.VALID


def form(sample_pdf: Any) -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << >> /Annots [5 0 R] >>",
        b"<< /Length 5 >>\nstream\n0 g q\nendstream",
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (amount) /V (100) /Rect [20 20 120 40] /F 4 /P 3 0 R >>",
    ]
    return sample_pdf.assembled(objects)


def fill(writer: Any) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    field["/V"] = generic.pdf_string("100000000")
    writer.update_container(field)


def test_a_form_value_changed_after_the_signature_is_not_valid(pki: Any, sign: Any, sample_pdf: Any) -> None:
    report = check(pki, updated(sign(form(sample_pdf), level="B-B").pdf, fill))
    assert (report.verdict, report.reasons[0]) == (Verdict.INDETERMINATE, Reason.FORM_FILLED_AFTER_SIGNING)
    assert report.signatures[0].changes_after is ChangeLevel.FORM_FILL


def test_a_signer_who_certified_a_form_to_be_filled_in_permits_that(pki: Any, sign: Any, sample_pdf: Any) -> None:
    blank = form(sample_pdf).replace(b"/V (100)", b"/V ()   ")
    report = check(pki, updated(sign(blank, level="B-B", certify=True).pdf, fill))
    assert (report.verdict, report.signatures[0].changes_after) == (Verdict.VALID, ChangeLevel.FORM_FILL)
    assert Reason.FORM_FILLED_AFTER_SIGNING in report.signatures[0].warnings


def test_a_policy_may_accept_forms_filled_later(pki: Any, sign: Any, sample_pdf: Any) -> None:

    lenient = replace(VN_TT15_2025, accept_form_fill=True)
    assert check(pki, updated(sign(form(sample_pdf), level="B-B").pdf, fill), policy=lenient).verdict is Verdict.VALID


@pytest.mark.parametrize(
    "appended",
    [
        b"\n4 0 obj\n<< /Length 9 >>\nstream\n1 0 0 rg q\nendstream\nendobj\n",
        b"\n4 0 obj\n<< >>\nendobj\nxref\n0 0\ntrailer\n<< /Root 1 0 R /Size 9 >>\nstartxref\n0\n%%EOF\n",
        b"\n4 0 obj\n<< >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n",
        b"\nstartxref\n5\n%%EOF\n",
        b"garbage",
        b"\n%%EOF",
    ],
)
def test_bytes_behind_the_signature_that_no_revision_explains_are_never_valid(
    pki: Any, small_signed: bytes, appended: bytes
) -> None:
    """Incremental saving attack: readers that repair the file show what the signature does not cover."""
    report = check(pki, small_signed + appended)
    assert report.verdict in {Verdict.INVALID, Verdict.INDETERMINATE}
    if report.signatures:
        assert report.signatures[0].changes_after in {ChangeLevel.FORBIDDEN, ChangeLevel.UNKNOWN}


def test_a_hidden_update_is_named(pki: Any, small_signed: bytes) -> None:
    report = check(pki, small_signed + b"\n4 0 obj\n<< /Length 5 >>\nstream\n1 g q\nendstream\nendobj\n")
    assert Reason.HIDDEN_UPDATE in report.reasons


HIDDEN_OBJECT = b"\n5 0 obj\n<</Length 30>>stream\n0 0 1 rg 0 0 600 900 re f     \nendstream\nendobj\n"


@pytest.mark.parametrize("appended", [b"X" * 200, b"%" + HIDDEN_OBJECT[1:], HIDDEN_OBJECT])
def test_bytes_behind_the_last_revision_of_a_long_term_file_are_a_hidden_update(
    pki: Any, sealed_page: Any, appended: bytes
) -> None:
    report = check(pki, sealed_page.pdf + appended)
    assert (report.verdict, report.reasons[0]) == (Verdict.INVALID, Reason.HIDDEN_UPDATE)
    assert {s.changes_after for s in report.signatures} == {ChangeLevel.FORBIDDEN}


@pytest.mark.parametrize("appended", [b"\n%%EOF\n", HIDDEN_OBJECT + b"trailer\n<</Root 1 0 R>>\n%%EOF\n"])
def test_a_second_end_of_a_long_term_file_is_damage(pki: Any, sealed_page: Any, appended: bytes) -> None:
    assert check(pki, sealed_page.pdf + appended).verdict in {Verdict.INDETERMINATE, Verdict.INVALID}


def moved_update(pdf: bytes, inserted: bytes) -> bytes:
    """An appended revision with an old cross-reference table, and something between it and the revision before."""
    at = len(pdf) + len(inserted)
    last = int(pdf[pdf.rfind(b"startxref") + 9 :].split()[0])
    table = b"8999 0 obj\n<< >>\nendobj\n"
    return (
        pdf + inserted + table
        + b"xref\n8999 1\n%010d 00000 n \n" % at
        + b"trailer\n<< /Size 9000 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (last, at + len(table))
    )  # fmt: skip


@pytest.mark.parametrize("inserted", [b"X" * 50, HIDDEN_OBJECT, b"%%EOF\n"])
def test_bytes_between_two_revisions_are_a_hidden_update(pki: Any, small_signed: bytes, inserted: bytes) -> None:
    assert check(pki, moved_update(small_signed, b"\r\n")).verdict is Verdict.VALID
    report = check(pki, moved_update(small_signed, inserted))
    assert (report.verdict, report.reasons[0]) == (Verdict.INVALID, Reason.HIDDEN_UPDATE)


def test_an_object_between_trailer_and_end_is_a_hidden_update(pki: Any, small_signed: bytes) -> None:
    pdf = moved_update(small_signed, b"\n")
    at = pdf.rfind(b"startxref")
    report = check(pki, pdf[:at] + HIDDEN_OBJECT + pdf[at:])
    assert (report.verdict, report.reasons[0]) == (Verdict.INVALID, Reason.HIDDEN_UPDATE)


def test_white_space_behind_the_end_is_harmless(pki: Any, small_signed: bytes) -> None:
    assert check(pki, small_signed + b"\r\n \n").verdict is Verdict.VALID


def offsets(pdf: bytes) -> tuple[int, int, int, int]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return tuple(int(n) for n in document.Root.AcroForm.Fields[0].V.ByteRange)  # type: ignore[return-value]


def with_range(pdf: bytes, numbers: tuple[int, ...]) -> bytes:
    start = pdf.index(b"/ByteRange [")
    end = pdf.index(b"]", start) + 1
    text = b"/ByteRange [" + b" ".join(b"%d" % n for n in numbers) + b"]"
    room = len(pdf[start:]) - len(pdf[start:].lstrip(b"/ByteRange []0123456789"))
    return (
        pdf[:start]
        + text.ljust(max(end - start, room))[: max(end - start, room)]
        + pdf[start + max(end - start, room) :]
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda a, b, c, _: (a, b, c),
        lambda a, b, c, d: (a, b, c, d, 0, 0),
        lambda _, b, c, d: (1, b - 1, c, d),
        lambda a, b, c, d: (a, b, c, d + 5),
        lambda a, b, c, d: (a, b, c, d - 5),
        lambda a, b, c, d: (a, c, b, d),
        lambda a, b, c, d: (a, b - 9, c, d),
        lambda a, b, c, d: (a, b, c + 9, d - 9),
        lambda a, b, c, d: (a, -b, c, d),
        lambda a, _, c, d: (a, 0, 0, c + d),
        lambda *_: (0, 0, 0, 0),
    ],
)
def test_a_byte_range_that_is_not_everything_but_the_signature_is_refused(
    pki: Any, small_signed: bytes, change: Any
) -> None:
    report = check(pki, with_range(small_signed, change(*offsets(small_signed))))
    assert report.verdict is Verdict.INVALID
    assert report.reasons[0] in {Reason.SIGNATURE_COVERAGE, Reason.SIGNATURE_MALFORMED, Reason.DOCUMENT_ALTERED}


@pytest.mark.parametrize(
    "bad", [[], [0, 1, 2], [0, 1.5, 2, 3], ["0", "1", "2", "3"], [0, True, 9, 9], [0, 10**30, 10**31, 1]]
)
def test_a_byte_range_of_other_things_than_numbers_is_a_fault(bad: Any) -> None:
    with pytest.raises(GeometryFaultError):
        checked_coverage(b"0123456789", bad)


def test_a_gap_that_holds_more_than_one_string_is_signature_wrapping(pki: Any, small_signed: bytes) -> None:
    """SWA: the second part is moved back and other content is put into the gap."""
    _, first, second, length = offsets(small_signed)
    stuffed = small_signed[:second] + b"/Evil (content) <00>" + small_signed[second:]
    assert check(pki, with_range(stuffed, (0, first, second + 20, length))).verdict is not Verdict.VALID
    with pytest.raises(GeometryFaultError, match="more than the signature"):
        checked_coverage(stuffed, (0, first, second + 20, length))


def without(key: bytes, pdf: bytes) -> bytes:
    return pdf.replace(key, b"/" + b"x" * (len(key) - 1))


@pytest.mark.parametrize("key", [b"/ByteRange", b"/Contents <", b"/SubFilter"])
def test_a_signature_without_its_parts_is_never_valid(pki: Any, small_signed: bytes, key: bytes) -> None:
    """Universal signature forgery: the entries that would make a check fail are taken away."""
    broken = small_signed.replace(key, b"/" + b"x" * (len(key.rstrip(b" <")) - 1) + key[len(key.rstrip(b" <")) :])
    report = check(pki, broken)
    assert report.verdict in {Verdict.INVALID, Verdict.INDETERMINATE}
    assert len(report.signatures) == 1


@pytest.mark.parametrize("value", [b"null", b"()", b"<>", b"<00>", b"<" + b"00" * 100 + b">", b"[1 2]"])
def test_contents_of_other_kinds_are_never_valid(pki: Any, small_signed: bytes, value: bytes) -> None:
    _, first, second, _ = offsets(small_signed)
    broken = small_signed[:first] + value.ljust(second - first) + small_signed[second:]
    assert check(pki, broken).verdict in {Verdict.INVALID, Verdict.INDETERMINATE}


def test_data_behind_the_container_is_refused(pki: Any, small_signed: bytes) -> None:
    _, _, second, _ = offsets(small_signed)
    broken = small_signed[: second - 5] + b"DEAD" + small_signed[second - 1 :]
    report = check(pki, broken)
    assert (report.verdict, report.reasons[0]) == (Verdict.INVALID, Reason.SIGNATURE_MALFORMED)


def test_one_broken_field_never_hides_another(pki: Any, sign: Any, sample_pdf: Any) -> None:
    def add_broken(document: Any) -> None:
        fields = [
            pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="Nhiễu", V=pikepdf.Dictionary(Type=pikepdf.Name.Sig)),
            pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="Số", V=pikepdf.Dictionary(ByteRange=7)),
            pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="Rỗng"),
            pikepdf.Dictionary(FT=pikepdf.Name.Tx, T="Chữ", V="text"),
        ]
        group = document.make_indirect(pikepdf.Dictionary(T="Nhóm", Kids=[document.make_indirect(f) for f in fields]))
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[group])

    pdf = sample_pdf.changed(sample_pdf.small(), add_broken)
    report = check(pki, sign(pdf, level="B-B").pdf)
    verdicts = {s.field: s.verdict for s in report.signatures}
    assert verdicts == {"Signature1": Verdict.VALID, "Nhóm.Nhiễu": Verdict.INVALID, "Nhóm.Số": Verdict.INVALID}
    assert report.verdict is Verdict.INVALID


def test_two_fields_of_one_name_are_both_reported(pki: Any, sign: Any, sample_pdf: Any) -> None:
    def add(document: Any) -> None:
        field = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="Tên", V=pikepdf.Dictionary(Type=pikepdf.Name.Sig))
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[document.make_indirect(field)])

    pdf = sign(sample_pdf.changed(sample_pdf.small(), add), level="B-B", field_name="Other").pdf
    renamed = pdf.replace(b"/T (Other)", b"/T (T\\352n)")
    report = check(pki, renamed)
    assert len(report.signatures) == 2
    assert len({s.field for s in report.signatures}) == 2


def test_a_field_tree_that_loops_ends(pki: Any, sample_pdf: Any) -> None:
    def loop(document: Any) -> None:
        field = document.make_indirect(pikepdf.Dictionary(T="a"))
        field.Kids = pikepdf.Array([field])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[field])

    assert check(pki, sample_pdf.changed(sample_pdf.small(), loop)).verdict is Verdict.NO_SIGNATURE


def test_an_unknown_sub_filter_is_indeterminate(pki: Any, small_signed: bytes) -> None:
    report = check(pki, small_signed.replace(b"/ETSI.CAdES.detached", b"/ETSI.XAdES.detached"))
    assert (report.verdict, report.reasons[0]) == (Verdict.INDETERMINATE, Reason.UNSUPPORTED_SIGNATURE)


def test_a_time_stamp_sub_filter_on_a_signature_does_not_help(pki: Any, small_signed: bytes) -> None:
    report = check(pki, small_signed.replace(b"/ETSI.CAdES.detached", b"/ETSI.RFC3161       "))
    assert report.verdict is Verdict.NO_SIGNATURE
    assert report.signatures[0].kind == "timestamp"
    assert report.signatures[0].verdict is Verdict.INVALID


def weak_credential(pki: Any, key: Any, digest: Any) -> Credential:
    """A certificate whose key the policy forbids."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Yếu")])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(pki.ca.name).public_key(key.public_key())
    builder = builder.serial_number(pki.serial()).not_valid_before(pki.at - timedelta(days=1))
    builder = builder.not_valid_after(pki.at + timedelta(days=9))
    der = builder.sign(pki.ca.key, digest).public_bytes(Encoding.DER)
    return Credential(
        key_id="weak", certificate=der, chain=(pki.ca.der, pki.root.der), algorithm=SignatureAlgorithm.ECDSA_SHA256
    )


class OneKey:
    """A store with one key of any kind."""

    def __init__(self, key: Any) -> None:
        self.key = key

    def sign(self, _key_id: str, data: bytes, _algorithm: SignatureAlgorithm) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("kind", ["rsa1024", "curve192"])
def test_weak_keys_are_forbidden_and_integrity_is_still_told(
    pki: Any, sample_pdf: Any, strangers: Any, monkeypatch: Any, kind: str
) -> None:
    monkeypatch.setattr(prepared, "require_value", lambda *_: None)  # we would not finish such a signature

    key = (
        rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - weak on purpose
        if kind == "rsa1024"
        else ec.generate_private_key(ec.SECP192R1())
    )
    credential = weak_credential(pki, key, hashes.SHA256())
    if kind == "rsa1024":
        credential = replace(credential, algorithm=SignatureAlgorithm.RSASSA_PSS_SHA256)
    request = SigningRequest(credential=credential, field_name="S")
    signed = sign_pdf(sample_pdf.small(), request, keys=OneKey(key), stamp=None, evidence=None, at=pki.at)
    strangers.broken_on_purpose(signed.pdf)
    report = check(pki, signed.pdf)
    assert (report.verdict, report.reasons[0]) == (Verdict.INVALID, Reason.ALGORITHM_FORBIDDEN)
    assert report.signatures[0].sub_indication == "CRYPTO_CONSTRAINTS_FAILURE"
    assert report.signatures[0].intact is True


def test_a_digest_that_is_not_on_the_list_is_forbidden(pki: Any, small_signed: bytes) -> None:

    narrow = replace(VN_TT15_2025, digests=frozenset({"sha512"}))
    assert check(pki, small_signed, policy=narrow).reasons[0] is Reason.ALGORITHM_FORBIDDEN


def test_the_signature_value_of_another_key_is_wrong(
    pki: Any, sample_pdf: Any, strangers: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(prepared, "require_value", lambda *_: None)  # we would not finish such a signature

    thief = OneKey(ec.generate_private_key(ec.SECP256R1()))
    request = SigningRequest(credential=pki.credential(), field_name="S")
    forged = sign_pdf(sample_pdf.small(), request, keys=thief, stamp=None, evidence=None, at=pki.at)
    strangers.broken_on_purpose(forged.pdf)
    report = check(pki, forged.pdf)
    assert (report.verdict, report.reasons[0]) == (Verdict.INVALID, Reason.SIGNATURE_VALUE_WRONG)
    assert report.signatures[0].intact is False


def test_a_certificate_for_other_purposes_may_not_sign_documents(pki: Any, sample_pdf: Any) -> None:

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Máy chủ")])
    usage = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    der = pki.certificate(subject, key.public_key(), pki.ca, extra=(usage,)).public_bytes(Encoding.DER)
    credential = Credential(
        key_id="k", certificate=der, chain=(pki.ca.der, pki.root.der), algorithm=SignatureAlgorithm.ECDSA_SHA256
    )
    request = SigningRequest(credential=credential, field_name="S")
    signed = sign_pdf(sample_pdf.small(), request, keys=OneKey(key), stamp=None, evidence=None, at=pki.at)
    assert check(pki, signed.pdf).reasons[0] is Reason.CERT_PURPOSE


def test_a_damaged_time_stamp_inside_a_signature_is_never_valid(pki: Any, sign: Any, sample_pdf: Any) -> None:
    signed = sign(sample_pdf.small(), level="B-T").pdf
    assert check(pki, signed).verdict is Verdict.VALID
    token = signed.index(b"060B2A864886F70D0109100104")  # id-ct-TSTInfo
    for distance in (60, 120, 200):  # inside the TSTInfo: policy, imprint, serial number
        position = token + distance
        digit = b"1" if signed[position : position + 1] == b"0" else b"0"
        report = check(pki, signed[:position] + digit + signed[position + 1 :])
        assert report.verdict is not Verdict.VALID, distance


def test_readers_that_see_different_pages_make_every_signature_doubtful(
    pki: Any, signed_page: Any, monkeypatch: Any
) -> None:

    monkeypatch.setattr(SecondReader, "stored", lambda *_: b"other")
    report = check(pki, signed_page.pdf)
    assert (report.verdict, report.reasons[0]) == (Verdict.INDETERMINATE, Reason.READERS_DISAGREE)


def test_many_signatures_are_checked_in_bounded_time(pki: Any, sign: Any, sample_pdf: Any) -> None:

    pdf, credential = sample_pdf.small(), pki.credential()
    for number in range(12):
        pdf = sign(pdf, level="B-B", credential=credential, field_name=f"S{number}").pdf
    begin = time.process_time()
    report = check(pki, pdf)
    assert time.process_time() - begin < 3
    assert (report.verdict, len(report.signatures)) == (Verdict.VALID, 12)
    assert [s.field for s in report.signatures] == [f"S{n}" for n in range(12)]
