"""Clean files in shapes that real writers give to forms, pages, metadata and validation data, found by writing many
such files without looking at what is checked.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from signing.validation import Reason
from tests.attacks.cases import Cleans
from tests.attacks.clean_signers import stamped_container
from tests.attacks.raw_pdf import Body, Draft, Stream, text
from tests.attacks.replaced_content import face, field_form
from tests.attacks.shadow_documents import FONTS
from tests.attacks.workshop import CATALOGUE, INFO, PAGE, PAGES, PLACE, Field, Workshop, base, draft, form

shapes = Cleans("shape")
_TWO, _LTA = ("B-B", "B-B"), ("B-LTA", None)
_FILLED = {Reason.FORM_FILLED_AFTER_SIGNING}
_MARK = form(100, 40, "0 0 1 RG 1 1 98 38 re S")


# forms that are filled in after a certification
def _filled(name: str, objects: Mapping[int, Body], change: Callable[[Draft], Mapping[int, Body | None]]) -> None:
    shapes.add(
        name, lambda shop: shop.certified(2, draft(objects)).then(change), ("form_fill",), ("B-B",), warnings=_FILLED
    )


BLANK = field_form("()") | {11: face("")}
_WORDS = "[(Mot) (Hai) (Ba)]"
LIST = field_form("()", kind="/Ch", more={"/Opt": _WORDS}) | {11: form(260, 40, "/Tx BMC EMC")}


def _listed(*rows: tuple[str, str]) -> Stream:
    """A list as iText and Acrobat draw it: the chosen option is white on a bar of ink."""
    shown = "".join(
        f"q BT 1 0 0 1 2 {28.7 - 11.5 * n} Tm /F1 9 Tf {ink} g ({word})Tj 0 g ET Q "
        for n, (word, ink) in enumerate(rows)
    )
    bar = 27 - 11.5 * [ink for _, ink in rows].index("1")
    content = f"/Tx BMC q 1 1 258 38 re W n 0.039 0.141 0.416 rg 1 {bar} 258 11.5 re f {shown}Q EMC"
    return form(260, 40, content, resources=FONTS)


_filled(
    "chosen_row_white_on_ink",
    LIST,
    lambda s: {10: s.changed(10, V="(Hai)", I="[1]"), 11: _listed(("Mot", "0"), ("Hai", "1"), ("Ba", "0"))},
)
_filled(
    "list_scrolled_to_the_chosen_row",
    LIST,
    lambda s: {10: s.changed(10, V="(Hai)", I="[1]", TI="1"), 11: _listed(("Hai", "1"), ("Ba", "0"))},
)
_TO_UNICODE = Stream(b"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <41> <1EC5> endbfchar")
_filled(
    "value_in_letters_with_marks_apart",
    BLANK,
    lambda s: {
        10: s.changed(10, V="<FEFF006503020303>"),
        11: form(260, 40, "/Tx BMC q BT /F2 14 Tf 0 g 4 14 Td (A) Tj ET Q EMC",
                 resources="<< /Font << /F2 60 0 R >> >>"),
        60: {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/ToUnicode": "61 0 R"},
        61: _TO_UNICODE,
    },
)  # fmt: skip


def asked_for_faces(s: Draft) -> str:
    return s.entries(CATALOGUE)["/AcroForm"].rstrip()[:-2] + "/NeedAppearances true >>"


def _boxes() -> dict[int, Body]:
    """A blank field, a box with a frame, and an empty place for a signature."""
    objects = dict(BLANK)
    objects[CATALOGUE] = dict(objects[CATALOGUE])  # type: ignore[arg-type]  # a dictionary
    objects[CATALOGUE]["/AcroForm"] = objects[CATALOGUE]["/AcroForm"].replace("[10 0 R]", "[10 0 R 12 0 R]")  # type: ignore[index]
    objects[PAGE] = {**objects[PAGE], "/Annots": "[10 0 R 12 0 R]"}  # type: ignore[dict-item]  # a dictionary
    objects[12] = {
        "/Type": "/Annot", "/Subtype": "/Widget", "/FT": "/Btn", "/T": "(agreed)", "/V": "/Off", "/AS": "/Off",
        "/F": "4", "/P": f"{PAGE} 0 R", "/Rect": "[260 100 274 114]", "/MK": "<< /CA (4) /BC [0] >>",
        "/BS": "<< /W 1 /S /S >>",
        "/AP": "<< /N << /Yes 13 0 R /Off 14 0 R >> >>",
    }  # fmt: skip
    sign = "<< /Font << /ZaDb << /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >> >> >>"
    objects[13] = form(14, 14, "q BT /ZaDb 10 Tf 3 3 Td (4) Tj ET Q", resources=sign)
    objects[14] = form(14, 14, "q 0 G 1 w 0.5 0.5 13 13 re S Q")
    return objects


BOXES = _boxes()
_filled(
    "blank_form_filled_for_readers_to_draw",
    BOXES,
    lambda s: {
        10: s.changed(10, V="(27)", AP=None),
        CATALOGUE: s.changed(CATALOGUE, AcroForm=asked_for_faces(s)),
    },
)
_filled(
    "box_with_a_vietnamese_state",
    field_form("/Off", kind="/Btn", more={"/AS": "/Off", "/AP": "<< /N << /C#C3#B3 11 0 R /Off 12 0 R >> >>"})
    | {11: form(20, 20, "0 g 5 5 10 10 re f"), 12: form(20, 20, "")},
    lambda s: {10: s.changed(10, V="/C#C3#B3", AS="/C#C3#B3")},
)
_filled(
    "nothing_said_about_how_it_is_drawn", BLANK, lambda s: {10: s.changed(10, V="(27)", MK="<< >>"), 11: face("27")}
)
_filled("value_in_a_stream", BLANK, lambda s: {10: s.changed(10, V="60 0 R"), 60: Stream(b"27"), 11: face("27")})


@shapes("form_fill", "none", levels=_TWO, warnings=_FILLED)
def field_outside_of_a_lock_filled(shop: Workshop) -> Draft:
    """The first signer closed other fields; the second has a place that was there before."""
    lock = "<< /Type /SigFieldLock /Action /Exclude /Fields [(amount) (Signature2)] >>"
    parameters = lock.replace("/SigFieldLock", "/TransformParams").replace(">>", "/V /1.2 >>")
    reference = f"[<< /Type /SigRef /TransformMethod /FieldMDP /Data 1 0 R /TransformParams {parameters} >>]"
    signed = shop.sign(draft(BLANK), Field(more={"/Lock": lock}), entries={"/Reference": reference})
    filled = signed.revise({10: signed.changed(10, V="(27)"), 11: face("27")})
    return shop.sign(filled, Field("Signature2"))


# what signing programs touch beside
def _between(
    name: str, change: Callable[[Draft], Mapping[int, Body | None]], objects: Mapping[int, Body] | None = None
) -> None:
    """Two signatures; the second one's program writes something else again."""

    def build(shop: Workshop) -> Draft:
        first = shop.sign(draft(objects))
        return shop.sign(first, Field("Signature2", PLACE, _MARK), changes=change(first))

    shapes.add(name, build, ("permitted", "none"), _TWO)


_between("rotation_of_nothing_written_out", lambda s: {PAGE: s.changed(PAGE, Rotate="0")})
_between("whole_page_written_out_as_its_part", lambda s: {PAGE: s.changed(PAGE, CropBox="[0 0 300 200]")})
_INHERITED: dict[int, Body] = base() | {
    PAGES: {**base()[PAGES], "/MediaBox": "[0 0 300 200]"},  # type: ignore[dict-item]  # a dictionary
    PAGE: {k: v for k, v in base()[PAGE].items() if k != "/MediaBox"},  # type: ignore[union-attr]  # a dictionary
}
_between(
    "inherited_page_written_out_as_its_part", lambda s: {PAGE: s.changed(PAGE, CropBox="[0 0 300 200]")}, _INHERITED
)
_ODD = {"/MediaBox": "[0 +.0 +300. 200.00]", "/UserUnit": "+1.0"}
_between("numbers_with_plus_signs", lambda s: {PAGE: s.entries(PAGE)}, base(page=_ODD))

_RDF = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
    ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/">'
    "{}</rdf:Description></rdf:RDF></x:xmpmeta>"
)
_TITLE = '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:title>'
_FROM_INFORMATION = (
    "<xmp:ModifyDate>2026-08-05T09:00:00+07:00</xmp:ModifyDate><xmp:CreateDate>2026-08-01T09:00:00+07:00"
    "</xmp:CreateDate><dc:format>application/pdf</dc:format><xmpMM:DocumentID>uuid:1</xmpMM:DocumentID>"
    "<dc:subject><rdf:Bag><rdf:li>copies</rdf:li><rdf:li>land</rdf:li></rdf:Bag></dc:subject>"
    + _TITLE.format("Decision")
)


def packet(content: str) -> Stream:
    return Stream(_RDF.format(content).encode(), {"/Type": "/Metadata", "/Subtype": "/XML"})


_INFORMED = base() | {
    INFO: {"/Title": "(Decision)", "/Keywords": "(copies, land)", "/CreationDate": "(D:20260801090000+07'00')"}
}
_between(
    "metadata_made_from_the_information",
    lambda s: {CATALOGUE: s.changed(CATALOGUE, Metadata="60 0 R"), 60: packet(_FROM_INFORMATION)},
    _INFORMED,
)
_HISTORY = (
    "<xmpMM:History><rdf:Seq><rdf:li>signed</rdf:li></rdf:Seq></xmpMM:History><xmpMM:VersionID>2</xmpMM:VersionID>"
)
_between(
    "history_of_the_file_grown",
    lambda _: {10: packet(_TITLE.format("Decision") + _HISTORY)},
    base(catalogue={"/Metadata": "10 0 R"}) | {10: packet(_TITLE.format("Decision"))},
)
_BARE = Draft(trailer={"/Root": f"{CATALOGUE} 0 R"})


@shapes("permitted")
def information_with_a_date_added(shop: Workshop) -> Draft:
    """PoDoFo adds the dictionary where there was none."""
    signed = shop.sign(_BARE.revise({n: body for n, body in base().items() if n != INFO}))
    own: Body = {"/Producer": "(PoDoFo)", "/CreationDate": "(D:20260805100000Z)"}
    return signed.revise({signed.size: own}, trailer={"/Info": f"{signed.size} 0 R"})


_between("version_of_the_header_again", lambda s: {CATALOGUE: s.changed(CATALOGUE, Version="/1.7")},
         base(catalogue={"/Version": "/2.0"}))  # fmt: skip
_RIGHTS = {
    "/Type": "/Sig", "/Filter": "/Adobe.PPKLite", "/SubFilter": "/adbe.pkcs7.detached",
    "/ByteRange": "[0 10 20 10]", "/Contents": "<3003020101>",
}  # fmt: skip
_between(
    "usage_rights_dropped_by_the_next",
    lambda s: {CATALOGUE: s.changed(CATALOGUE, Perms=None), 10: None},
    base(catalogue={"/Perms": "<< /UR3 10 0 R >>"}) | {10: _RIGHTS},
)


def _turned(s: Draft) -> dict[int, Body | None]:
    old = s.entries(CATALOGUE)["/AcroForm"]
    assert "[10 0 R 13 0 R]" in old
    return {CATALOGUE: s.changed(CATALOGUE, AcroForm=old.replace("[10 0 R 13 0 R]", "[13 0 R 10 0 R]"))}


_between("fields_in_another_order", _turned, BLANK)


# comments that go on
NOTE = {
    "/Type": "/Annot", "/Subtype": "/Text", "/Rect": "[270 170 290 190]", "/Contents": "(To be checked)", "/F": "28",
    "/P": f"{PAGE} 0 R", "/M": "(D:20260805030000Z)", "/Name": "/Comment",
}  # fmt: skip


def commented(signed: Draft) -> Draft:
    """One more revision with a comment under the number 60."""
    own = signed.entries(PAGE).get("/Annots", "[]")
    return signed.revise({PAGE: signed.changed(PAGE, Annots=own.replace("]", " 60 0 R]")), 60: NOTE})


def _commented(name: str, change: Callable[[Draft], Mapping[int, Body | None]], level: int | None = 3) -> None:
    def build(shop: Workshop) -> Draft:
        return commented(shop.certified(level) if level else shop.sign()).then(change)

    shapes.add(name, build, ("annotations",), warnings={Reason.ANNOTATED_AFTER_SIGNING})


for _level in (None, 3):
    _name = "certified" if _level else "signed"
    _commented(
        f"comment_edited_once_it_was_{_name}", lambda s: {60: s.changed(60, Contents="(Done)", M="(D:2027)")}, _level
    )
_commented("comment_moved", lambda s: {60: s.changed(60, Rect="[250 170 270 190]")})
_commented(
    "comment_taken_away",
    lambda s: {PAGE: s.changed(PAGE, Annots=s.entries(PAGE)["/Annots"].replace(" 60 0 R", "")), 60: None},
)


# fields and marks
@shapes("permitted", "none", levels=_TWO)
def value_also_as_default(shop: Workshop) -> Draft:
    """LibreOffice writes /DV beside /V, and an empty face."""
    first = shop.sign(field=Field(more={"/DV": "7 0 R"}, look=form(0, 0, "")), entries={"/Filter": "/Adobe.PPKMS"})
    return shop.sign(first, Field("Signature2"))


@shapes("permitted", "none", levels=_TWO)
def one_mark_for_two_fields(shop: Workshop) -> Draft:
    """Both widgets name the same face."""
    first = shop.sign(field=Field(place=(20, 20, 120, 60), look=_MARK))
    return shop.sign(first, Field("Signature2", PLACE, more={"/AP": first.entries(8)["/AP"]}))


@shapes("permitted", "permitted", "permitted", "none", levels=("B-B",) * 4)
def initials_on_every_page(shop: Workshop) -> Draft:
    objects = base()
    for number in (10, 11, 12):
        objects[number] = dict(objects[PAGE])  # type: ignore[arg-type]  # a dictionary
    objects[PAGES] = {"/Type": "/Pages", "/Kids": f"[{PAGE} 0 R 10 0 R 11 0 R 12 0 R]", "/Count": "4"}
    document = draft(objects)
    for number in (PAGE, 10, 11, 12):
        document = shop.sign(document, Field(f"Initials{number}", PLACE, _MARK, page=number))
    return document


@shapes("permitted", "none", levels=_TWO)
def place_that_asks_for_a_kind_of_signature(shop: Workshop) -> Draft:
    """An empty field with a seed value and a name beyond Latin letters; its own signer sets it."""
    seed = "<< /Type /SV /Filter /Adobe.PPKLite /SubFilter [/ETSI.CAdES.detached] /DigestMethod [(SHA256)] /Ff 0 >>"
    empty: Body = {
        "/Type": "/Annot", "/Subtype": "/Widget", "/FT": "/Sig", "/T": text("Chữ ký 1"), "/F": "4",
        "/Rect": "[180 20 280 60]", "/P": f"{PAGE} 0 R", "/SV": seed, "/MK": "<< /R 0 >>",
    }  # fmt: skip
    objects = base(page={"/Annots": "[10 0 R]"}, catalogue={"/AcroForm": "<< /Fields [10 0 R] >>"}) | {10: empty}
    first = shop.sign(draft(objects), into=10, field=Field(look=_MARK))
    return shop.sign(first, Field("Signature2"))


# signed files inside of files
@shapes("permitted", "none", levels=_TWO)
def signed_file_attached(shop: Workshop) -> Draft:
    """An attachment that is signed itself, as it is: its signature is not one of this file."""
    inner = Stream(shop.sign(field=Field("Inside")).pdf, {"/Type": "/EmbeddedFile", "/Subtype": "/application#2Fpdf"})
    names = {"/Names": "<< /EmbeddedFiles << /Names [(a.pdf) 10 0 R] >> >>"}
    objects = base(catalogue=names) | {
        10: {"/Type": "/Filespec", "/F": "(a.pdf)", "/EF": "<< /F 11 0 R >>"},
        11: inner,
        INFO: {"/Title": "(endobj %%EOF startxref 12 /ByteRange [0 1 2 3])"},
    }
    return shop.sign(shop.sign(draft(objects)), Field("Signature2"))


# validation data and time-stamps
@shapes("permitted", "none", levels=_LTA)
def evidence_and_time_stamp_at_once(shop: Workshop) -> Draft:
    """The store comes in the revision that is stamped."""
    signed = stamped_container(shop)
    stored = shop.store(signed)
    new = {n: body for n, body in stored.objects.items() if signed.objects.get(n) != body}
    return shop.stamped(replace(signed, size=stored.size), changes=new)


@shapes("permitted", "permitted", levels=("B-LT", None))
def evidence_after_the_time_stamp(shop: Workshop) -> Draft:
    return shop.store(shop.stamped(shop.sign()))


@shapes("permitted", "none", levels=_LTA)
def store_in_the_catalogue_with_its_lists_elsewhere(shop: Workshop) -> Draft:
    """Direct and indirect the other way round, and a dictionary per signature with a time (/VRI, /TU)."""
    stored = shop.store(stamped_container(shop))
    number = int(stored.entries(CATALOGUE)["/DSS"].split()[0])
    store = stored.entries(number)
    free = stored.size
    related = f"<< /{'0A' * 20} << /Type /VRI /CRL {free} 0 R /TU (D:20260805020000Z) >> >>"
    lists: dict[int, Body] = {free: store["/CRLs"].encode(), free + 1: store["/Certs"].encode()}
    direct = f"<< /CRLs {free} 0 R /Certs {free + 1} 0 R /VRI {related} >>"
    return shop.stamped(stored.revise({CATALOGUE: stored.changed(CATALOGUE, DSS=direct), number: None, **lists}))
