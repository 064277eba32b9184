"""Validation data, structure, information about the document and permissions after a signature."""

import io
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.validation.changes import ChangeLevel, words_of
from signing.validation.changes.objects import Objects
from signing.validation.changes.outcome import Finding, Kind
from signing.validation.changes.permissions import FieldLock, Permission
from signing.validation.changes.references import References, TooManyObjectsError
from signing.validation.changes.words import TEXTS
from tests.fakes.revised_pdf import BASE, change, document, edited, found, level_of, revised, stream

STORE = b"/DSS << /Certs [20 0 R] /VRI << /A 21 0 R >> >> /Pages"
STORED = dict(BASE) | edited(1, b"/Pages", STORE) | {20: stream(b"certificate"), 21: b"<< /Cert [20 0 R] >>"}


@pytest.mark.parametrize(
    "objects",
    [
        edited(1, b"/Pages", b"/DSS 30 0 R /Pages") | {30: b"<< /Certs [31 0 R] >>", 31: stream(b"other")},
        {20: stream(b"written anew")},
        {21: b"<< >>"},
        {1: BASE[1]},
        {20: None},
        {1: STORED[1].replace(b"[20 0 R]", b"[]")},
    ],
)
def test_validation_data_come_grow_and_go(objects: dict[int, bytes | None]) -> None:
    findings = found(revised(document(STORED), objects))
    assert level_of(findings) is ChangeLevel.PERMITTED
    assert "validation_data" in {f.what for f in findings}


TREE = dict(BASE) | edited(1, b"/Pages", b"/MarkInfo << /Marked true >> /StructTreeRoot 20 0 R /Pages") | {
    20: b"<< /Type /StructTreeRoot /K 21 0 R /ParentTree 23 0 R /ParentTreeNextKey 1 >>",
    21: b"<< /Type /StructElem /S /Document /P 20 0 R /K [22 0 R] >>",
    22: b"<< /Type /StructElem /S /P /P 21 0 R /Pg 3 0 R /K 0 /Alt (Pay 100) >>",
    23: b"<< /Nums [0 [22 0 R]] >>",
}  # fmt: skip
GROWN = {
    20: TREE[20].replace(b"NextKey 1", b"NextKey 2"),
    21: TREE[21].replace(b"[22 0 R]", b"[22 0 R 24 0 R]"),
    23: b"<< /Nums [0 [22 0 R] 1 24 0 R] >>",
    24: b"<< /Type /StructElem /S /Form /P 21 0 R /K << /Type /OBJR /Obj 6 0 R >> >>",
}


def test_structure_may_grow() -> None:
    findings = found(revised(document(TREE), GROWN))
    assert level_of(findings) is ChangeLevel.PERMITTED


@pytest.mark.parametrize(
    "objects",
    [
        {22: TREE[22].replace(b"100", b"999")},
        {22: TREE[22].replace(b"/S /P ", b"/S /Artifact ")},
        {21: TREE[21].replace(b"[22 0 R]", b"[]")},
        {1: TREE[1].replace(b"/StructTreeRoot 20 0 R", b"")},
        {1: TREE[1].replace(b"true", b"false")},
        {20: TREE[20].replace(b"/K 21 0 R", b"/K 24 0 R")} | {24: TREE[21].replace(b"/Document", b"/Art")},
        {20: TREE[20].replace(b"/K 21", b"/RoleMap << /P /Artifact >> /Namespaces [] /K 21")},
    ],
)
def test_signed_content_that_is_said_to_be_something_else_leaves_a_doubt(objects: dict[int, bytes]) -> None:
    findings = found(revised(document(TREE), objects))
    assert level_of(findings) is ChangeLevel.ANNOTATIONS
    assert "METADATA_CHANGED" in {f.attack for f in findings}


def test_a_structure_root_that_is_a_list_of_fonts_too_is_not_passed_over() -> None:
    both = dict(TREE) | {
        3: BASE[3].replace(b"/Font << /F1 11 0 R >>", b"/Font 20 0 R"),
        20: b"<< /Type /StructTreeRoot /K 21 0 R /ParentTree 11 0 R >>",
    }
    objects = {11: BASE[11].replace(b"Helvetica", b"Courier")}
    assert level_of(found(revised(document(both), objects))) is ChangeLevel.FORBIDDEN


def test_a_structure_element_that_is_a_list_of_fonts_too_does_not_grow() -> None:
    both = dict(TREE) | {
        3: BASE[3].replace(b"/Font << /F1 11 0 R >>", b"/Font 21 0 R"),
        21: TREE[21].replace(b"[22 0 R]", b"11 0 R"),
    }
    assert level_of(found(revised(document(both), {21: both[21].replace(b"/K 11 0 R", b"/K [11 0 R 22 0 R]")}))) is (
        ChangeLevel.FORBIDDEN
    )


@pytest.mark.parametrize(
    "change_of",
    [
        edited(1, b"/Pages", b"/MarkInfo << /Marked true >> /Pages"),
        edited(1, b"/Pages", b"/Extensions << /EVIL << >> >> /Pages"),
        edited(1, b"/Pages", b"/Metadata 20 0 R /Pages") | {20: stream(b"<x/>", b"/Type /Metadata")},
        edited(3, b"/Parent", b"/Metadata 20 0 R /Parent") | {20: stream(b"<x/>", b"/Type /Metadata")},
    ],
)
def test_other_information_leaves_a_doubt(change_of: dict[int, bytes]) -> None:
    findings = change(change_of)
    assert level_of(findings) is ChangeLevel.ANNOTATIONS
    assert {f.attack for f in findings if f.what == "metadata"} == {"METADATA_CHANGED"}


def test_extensions_of_signatures_and_an_empty_title_are_no_information() -> None:
    assert level_of(change(edited(1, b"/Pages", b"/Extensions << /ESIC << /BaseVersion /1.7 >> >> /Pages"))) in {
        ChangeLevel.NONE, ChangeLevel.PERMITTED,
    }  # fmt: skip


def test_information_written_anew_in_place_is_seen() -> None:
    first = document(dict(BASE) | {20: b"<< /Title (A) /ModDate (D:1) >>"})
    first = first.replace(b"trailer\n<<", b"trailer\n<< /Info 20 0 R")
    assert level_of(found(revised(first, {20: b"<< /Title (A) /ModDate (D:2) >>"}))) is ChangeLevel.PERMITTED
    findings = found(revised(first, {20: b"<< /Title (B) /ModDate (D:1) >>"}))
    assert "metadata" in {f.what for f in findings}


def test_only_the_first_certification_and_usage_rights_come() -> None:
    signature = b"<< /Type /Sig /SubFilter /ETSI.CAdES.detached /Reference [<< /Data 1 0 R >>] >>"
    certified = (
        edited(1, b"/Pages", b"/Perms << /DocMDP 20 0 R >> /Pages")
        | edited(6, b"(Sign)", b"(Sign) /V 20 0 R")
        | {20: signature}
    )
    assert level_of(change(certified)) is ChangeLevel.PERMITTED
    later = revised(document(), certified)
    assert level_of(found(revised(later, {1: BASE[1]}))) is ChangeLevel.FORBIDDEN
    assert level_of(
        found(
            revised(later, {1: certified[1].replace(b"20 0 R", b"30 0 R"), 30: signature.replace(b"/Data 1 0 R", b"")})
        )
    ) is (ChangeLevel.FORBIDDEN)
    assert level_of(change(edited(1, b"/Pages", b"/Perms << /UR3 20 0 R >> /Pages") | {20: signature})) is (
        ChangeLevel.PERMITTED
    )


def finding(kind: Kind, level: ChangeLevel, what: str = "x", values: tuple[str, ...] = ()) -> Finding:
    return Finding(what=what, kind=kind, level=level, values=values)


@pytest.mark.parametrize(
    ("permission", "kind", "level", "attack"),
    [
        (Permission(), Kind.ANNOTATION, ChangeLevel.ANNOTATIONS, None),
        (Permission(level=3), Kind.ANNOTATION, ChangeLevel.ANNOTATIONS, None),
        (Permission(level=2), Kind.ANNOTATION, ChangeLevel.FORBIDDEN, "NOT_PERMITTED_BY_SIGNER"),
        (Permission(level=2), Kind.SIGNING, ChangeLevel.PERMITTED, None),
        (Permission(level=1), Kind.SIGNING, ChangeLevel.FORBIDDEN, "NOT_PERMITTED_BY_SIGNER"),
        (Permission(level=1, is_closed=True), Kind.SIGNING, ChangeLevel.FORBIDDEN, "CLOSED_DOCUMENT_CHANGED"),
        (Permission(level=1), Kind.METADATA, ChangeLevel.FORBIDDEN, "NOT_PERMITTED_BY_SIGNER"),
        (Permission(level=2), Kind.METADATA, ChangeLevel.ANNOTATIONS, None),
        (Permission(level=1), Kind.EVIDENCE, ChangeLevel.PERMITTED, None),
        (Permission(level=1), Kind.NEUTRAL, ChangeLevel.PERMITTED, None),
    ],
)
def test_a_signer_permits_what_the_level_says(
    permission: Permission, kind: Kind, level: ChangeLevel, attack: str | None
) -> None:
    own = ChangeLevel.ANNOTATIONS if kind in {Kind.ANNOTATION, Kind.METADATA} else ChangeLevel.PERMITTED
    found_change = permission.limited(finding(kind, own), 3)
    assert (found_change.level, found_change.attack) == (level, attack)
    assert found_change.what == ("not_permitted:x" if attack else "x")


def test_content_changed_in_a_closed_document_is_named_so() -> None:
    closed = Permission(level=1, is_closed=True)
    assert closed.limited(finding(Kind.CONTENT, ChangeLevel.FORBIDDEN), 2).attack == "CLOSED_DOCUMENT_CHANGED"
    assert Permission().limited(finding(Kind.CONTENT, ChangeLevel.UNKNOWN), 2).level is ChangeLevel.UNKNOWN


@pytest.mark.parametrize(
    ("action", "names", "expected"),
    [("/All", (), True), ("/Include", ("a",), True), ("/Include", ("a.b.c",), False), ("/Exclude", ("a",), False),
     ("/Exclude", ("z",), True), ("/Nonsense", (), True)],
)  # fmt: skip
def test_a_lock_holds_its_fields_and_those_below(action: str, names: tuple[str, ...], expected: bool) -> None:  # noqa: FBT001 - a table
    lock = FieldLock(action=action, names=frozenset(names))
    assert lock.holds("a.b") is expected
    filled = finding(Kind.FORM, ChangeLevel.FORM_FILL, "form_values", ("a.b",))
    assert (Permission(locks=(lock,)).limited(filled, 2).level is ChangeLevel.FORBIDDEN) is expected


@pytest.mark.parametrize("token", [*TEXTS, "not_permitted:metadata", "overlay:Later", "end_of_revision_3", "whatever"])
def test_every_change_has_words_in_both_languages(token: str) -> None:
    words = words_of(token)
    assert words.vi
    assert words.en
    assert words.vi != words.en


def test_a_number_behind_a_token_finds_its_words() -> None:
    assert words_of("bytes_before_revision_12") == TEXTS["bytes_before_revision"]
    assert words_of("comparison_failed:KeyError") == TEXTS["comparison_failed"]
    assert words_of("not_permitted:metadata").en.endswith("was changed.")


def test_references_are_found_across_comments_and_not_in_other_numbers() -> None:
    pdf = document({1: b"<< /Pages 2 %c\n 0 R /A [3  0\nR] /B 4 0 RG >>", 2: b"<< /X 1 0 R >>"})
    references = References(Objects(PdfFileReader(io.BytesIO(pdf), strict=False)), pdf)
    assert [bool(list(references.holders(n))) for n in (1, 2, 3, 4)] == [True, True, True, True]
    view = references.objects.view(0)
    assert references.ancestors([3], (view,), ()) >= {3, 1}


def references_of(pdf: bytes) -> References:
    return References(Objects(PdfFileReader(io.BytesIO(pdf), strict=False)), pdf)


@pytest.mark.parametrize("compressed", [False, True], ids=["table", "stream"])
def test_what_we_sign_is_searched_and_never_parsed_as_a_whole(
    sign: Any, sample_pdf: Any, monkeypatch: pytest.MonkeyPatch, *, compressed: bool
) -> None:
    kind = pikepdf.ObjectStreamMode.generate if compressed else pikepdf.ObjectStreamMode.disable
    pdf = sign(sample_pdf.changed(sample_pdf.small(), lambda _: None, object_stream_mode=kind)).pdf
    assert (b"/Type /XRef" in pdf.rsplit(b"startxref", 2)[-2]) is compressed
    monkeypatch.setattr(References, "_parse_all", pytest.fail)
    references = references_of(pdf)
    pages = references.objects.newest.root.raw_get("/Pages").reference.idnum
    assert list(references.holders(pages))


@pytest.mark.parametrize(
    "data", [b"3 0 R %\n" * 200_000, bytes(1_000_000), b" R" * 500_000], ids=["names", "zeros", "R"]
)
def test_what_a_stream_holds_is_not_searched_however_long_it_is(data: bytes) -> None:
    references = references_of(document({2: b"<< /Length %d /Of 4 0 R >>\nstream\n%s\nendstream" % (len(data), data)}))
    assert {2} == {number for number, _ in references.holders(4)} - {1, 3}
    assert 2 not in {number for number, _ in references.holders(3)}
    assert references.searched < 5_000


@pytest.mark.parametrize(
    "head",
    [b"/S (stream ) /Of 4 0 R", b"/S (\\) stream) /Of 4 0 R", b"/stream /Of 4 0 R", b"%stream\n/Of 4 0 R",
     b"/S (>>stream ) /H <29> /Of 4 0 R", b"/S /Substream /Of 4 %stream\n0 R", b"/H <)> /S (>>stream ) /Of 4 0 R"],
)  # fmt: skip
def test_the_word_stream_within_a_dictionary_does_not_end_it(head: bytes) -> None:
    for body in (b"<< " + head + b" >>", b"<< " + head + b" /Length 2 >>\nstream\nxx\nendstream"):
        assert 2 in {number for number, _ in references_of(document({2: body})).holders(4)}


def test_more_text_than_a_comparison_searches_is_a_typed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signing.validation.changes.references.MAX_SEARCHED", 100)
    with pytest.raises(TooManyObjectsError):
        references_of(document()).holders(1)
