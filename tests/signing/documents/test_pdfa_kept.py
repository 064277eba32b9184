"""A PDF/A file stays one after everything that we add: our rules per revision, PDFium's eyes elsewhere."""

import functools
import io
from typing import Any

import pikepdf
import pytest
import typst
from pikepdf import pdfa
from pyhanko.pdf_utils import generic

from signing.pades import PersonMark, SealMark, SigningRequest, TextMark, augment_pdf, prepare_signature
from signing.pades.archival_form import archival_faults, claimed_part
from signing.pades.form import widgets
from signing.pades.refusals import ArchivalFormLost
from signing.pades.revision import RevisionReader, RevisionWriter
from tests.fakes import sample_pdf as documents


@functools.cache
def page_of(level: str) -> bytes:
    """The administrative page as PDF/A of a level ('1b', '2b'); pikepdf's validator finds nothing to say against it."""
    if level == "2b":
        return documents.page()
    source = '#set text(font: "Tinos")\n' + documents._PAGE.replace("PAPER", "a4").replace("FLIPPED", "false")
    raw = typst.compile(
        source.replace("TOP", "2cm").encode(), font_paths=[str(documents.FONT_FOLDER)], ignore_system_fonts=True,
        pdf_standards=["a-1b"], timestamp=0,
    )  # fmt: skip
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(raw)) as document:
        pdfa.save(document, out, "1b")
    return out.getvalue()


def faults(pdf: bytes, part: int) -> list[str]:
    """What our rules say against the newest revision."""
    reader = RevisionReader(pdf)
    fields = [field.get_object() for field in reader.root["/AcroForm"]["/Fields"]]
    return list(archival_faults(reader.root, tuple(one for field in fields for one in widgets(field)), part=part))


@pytest.mark.parametrize("level", ["1b", "2b"])
def test_no_signature_time_stamp_or_validation_data_makes_a_pdfa_something_else(  # noqa: PLR0917 - fixtures
    pki: Any, sign: Any, level: str, signature_picture: bytes, seal_picture: bytes, font: bytes
) -> None:
    pdf, part = page_of(level), int(level[0])
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert pdfa.check(document, level).findings == []
    assert claimed_part(RevisionReader(pdf).root) == part
    signed = sign(pdf, field_name="Person", mark=PersonMark(picture=signature_picture)).pdf
    sealed = sign(signed, field_name="Seal", credential=pki.seal(), mark=SealMark(picture=seal_picture)).pdf
    copied = sign(sealed, field_name="Copy", mark=TextMark(lines=("SAO Y; UBND phường Yên Giang",), font=font)).pdf
    late = augment_pdf(copied, stamp=pki.stamp, evidence=pki.evidence, at=pki.at, archive=True).pdf
    for revision in (signed, sealed, copied, late):
        assert faults(revision, part) == []
        with pikepdf.open(io.BytesIO(revision)) as document:
            assert "/Version" not in document.Root
            said = pdfa.check(document, level).findings
            assert {(found.kind, found.rule) for found in said} <= {("unsupported", "pikepdf:schema-Catalog")}, said


def changed_claim(change: Any) -> bytes:
    made: bytes = documents.changed(documents.page(), change)
    return made


def form(**entries: Any) -> Any:
    def change(document: Any) -> None:
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[], **entries)

    return change


def faces(document: Any) -> Any:
    face = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Courier)
    return pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=document.make_indirect(face)))


def version_two(document: Any) -> None:
    document.Root.Version = pikepdf.Name("/2.0")


def bare_font(document: Any) -> None:
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[], DR=faces(document))


def other_store(document: Any) -> None:
    document.Root.DSS = pikepdf.Dictionary(Certs=[], Extra=1)


@pytest.mark.parametrize("change", [version_two, bare_font, other_store, form(Extra=1)])
def test_a_file_that_would_be_no_pdfa_any_more_is_refused(pki: Any, change: Any) -> None:
    pdf = changed_claim(change)
    request = SigningRequest(credential=pki.credential(), field_name="S")
    with pytest.raises(ArchivalFormLost) as caught:
        prepare_signature(pdf, request, with_stamp=False, at=pki.at)
    assert caught.value.code == "DOCUMENT_PDFA_LOST"


@pytest.mark.parametrize("change", [version_two, bare_font, form(Extra=1)])
def test_what_an_earlier_signature_left_wrong_in_a_pdfa_is_no_reason_to_refuse_ours(
    pki: Any, sign: Any, monkeypatch: Any, change: Any
) -> None:
    with monkeypatch.context() as patch:  # as a program signs that does not know PDF/A
        patch.setattr("signing.pades.sign.require_archival_form", lambda *_: None)
        theirs = sign(changed_claim(change), field_name="Theirs", level="B-B").pdf
    assert faults(theirs, 2)
    ours = sign(theirs, field_name="Ours", level="B-B").pdf
    assert ours.startswith(theirs)
    assert faults(ours, 2) == faults(theirs, 2)
    stamped = augment_pdf(ours, stamp=pki.stamp, evidence=pki.evidence, at=pki.at, archive=True).pdf
    assert faults(stamped, 2) == faults(theirs, 2)


def test_a_fault_of_our_own_in_a_signed_pdfa_is_refused_all_the_same(pki: Any, sign: Any, monkeypatch: Any) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("signing.pades.sign.require_archival_form", lambda *_: None)
        theirs = sign(changed_claim(version_two), field_name="Theirs", level="B-B").pdf
    finish = RevisionWriter.finish

    def with_more(writer: Any) -> None:
        writer.root["/AcroForm"]["/XFA"] = generic.ArrayObject()
        finish(writer)

    monkeypatch.setattr(RevisionWriter, "finish", with_more)
    request = SigningRequest(credential=pki.credential(), field_name="Ours")
    with pytest.raises(ArchivalFormLost) as caught:
        prepare_signature(theirs, request, with_stamp=False, at=pki.at)
    assert "/XFA" in str(caught.value)


def test_what_claims_nothing_is_signed_as_it_is(pki: Any, sample_pdf: Any) -> None:
    pdf = sample_pdf.changed(sample_pdf.small(), bare_font)
    request = SigningRequest(credential=pki.credential(), field_name="S")
    assert prepare_signature(pdf, request, with_stamp=False, at=pki.at).tail


def test_appearances_that_readers_would_make_anew_are_never_asked_for(sign: Any) -> None:
    pdf = changed_claim(form(NeedAppearances=True))
    with pikepdf.open(io.BytesIO(sign(pdf, level="B-B").pdf)) as document:
        assert "/NeedAppearances" not in document.Root.AcroForm


WIDGETS = {
    "": {},
    "widget that is not printed": {"F": 0},
    "widget with an action": {"A": pikepdf.Dictionary(S=pikepdf.Name.Named, N=pikepdf.Name.NextPage)},
    "widget without an appearance": {"AP": None},
    "widget with more than its normal appearance": {"AP": "more"},
    "signature whose appearance is no stream": {"AP": "dictionary"},
    "font that is not embedded": {"AP": "font"},
    "picture that readers may show differently": {"AP": "interpolated"},
    "form that is more than a drawing": {"AP": "reference"},
    "soft mask": {"AP": "mask", "part": 1},
    "transparency": {"AP": "group", "part": 1},
    "state": {"AP": "state", "part": 1},
    "blended": {"AP": "blended", "part": 1},
}


@pytest.mark.parametrize("said", WIDGETS)
def test_each_rule_about_what_a_signature_shows(sample_pdf: Any, said: str) -> None:
    entries = dict(WIDGETS[said])
    part, what = entries.pop("part", 2), entries.get("AP", "plain")

    def change(document: Any) -> None:
        values: dict[str, Any] = {"F": 132, "Rect": [0, 0, 50, 50], "AP": appearance(document, what)} | {
            key: value for key, value in entries.items() if key != "AP"
        }
        if what is None:
            del values["AP"]
        widget = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="S", Subtype=pikepdf.Name.Widget, **values)
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[document.make_indirect(widget)])

    found = faults(sample_pdf.changed(sample_pdf.small(), change), part)
    wanted = {"state": "transparency", "blended": "transparency"}.get(said, said)
    assert found == ([wanted] if wanted else [])
    if part == 1:
        assert faults(sample_pdf.changed(sample_pdf.small(), change), 2) == []


def appearance(document: Any, what: str | None) -> Any:
    name, dictionary = pikepdf.Name, pikepdf.Dictionary
    content = document.make_stream(b"q Q")
    content.update({"/Type": name.XObject, "/Subtype": name.Form, "/BBox": pikepdf.Array([0, 0, 9, 9])})
    picture = document.make_stream(b"\0")
    picture.update({"/Subtype": name.Image, "/Width": 1, "/Height": 1, "/BitsPerComponent": 8})
    inner = document.make_stream(b"q Q")
    inner.update({"/Subtype": name.Form, "/BBox": pikepdf.Array([0, 0, 9, 9])})
    if what == "font":
        content.Resources = faces(document)
    elif what == "interpolated":
        picture.Interpolate = True
        content.Resources = dictionary(XObject=dictionary(I=picture))
    elif what == "mask":
        picture.SMask = document.make_stream(b"\0")
        inner.Resources = dictionary(XObject=dictionary(I=picture))
        content.Resources = dictionary(XObject=dictionary(F=inner))
    elif what == "group":
        content.Group = dictionary(S=name.Transparency)
    elif what == "reference":
        content.Ref = dictionary()
    elif what in {"state", "blended"}:
        state = dictionary(ca=0.5) if what == "state" else dictionary(BM=name.Multiply)
        content.Resources = dictionary(ExtGState=dictionary(G=state))
    if what == "dictionary":
        return dictionary(N=dictionary(Off=content))
    return dictionary(N=content, D=content) if what == "more" else dictionary(N=content)
