"""Ways to other objects that only the structure of the file shows: revisions that are skipped, streams of references
that hide in signed octets, numbers that are used again, encryption that begins after the signature.
"""

from signing.validation import Reason
from tests.attacks.appended_updates import OTHER
from tests.attacks.cases import NOT_VALID, Attacks
from tests.attacks.raw_pdf import Body, Draft, Layout, Stream, ending, indirect, table
from tests.attacks.replaced_content import face, field_form
from tests.attacks.shadow_documents import ANY
from tests.attacks.workshop import CATALOGUE, CONTENT, FONT, PAGE, PLACE, Field, Workshop, base, draft, form, letter

path = Attacks(
    "path",
    frozenset(
        {
            Reason.DOCUMENT_ALTERED,
            Reason.HIDDEN_UPDATE,
            Reason.READERS_DISAGREE,
            Reason.DOCUMENT_DAMAGED,
            Reason.SIGNATURE_COVERAGE,
            Reason.PAGE_LOOKS_DIFFERENT,
            *ANY,
        }
    ),
)


@path(verdicts=NOT_VALID)
def previous_skips_the_correction(shop: Workshop) -> bytes:
    """The draft said 999, the correction 100; the update leads from itself to the draft and past the correction."""
    first = draft(base("Decision 27", "Pay 999 VND"))
    signed = shop.sign(first.revise({CONTENT: base()[CONTENT]}))
    start = len(signed.pdf)
    rows = {n: b"%010d 00000 n" % (signed.pdf.rindex(b"\n%d 0 obj" % n) + 1) for n in (CATALOGUE, PAGE, 7, 8)}
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Prev %d >>\n" % (signed.size, first.startxref or 0)
    return signed.pdf + table(rows) + trailer + ending(start)


@path(verdicts=NOT_VALID)
def previous_leads_into_a_stream(shop: Workshop) -> bytes:
    """A whole table lies in a stream of the signed file; the update goes on there."""
    hidden = indirect(CONTENT, OTHER)
    section = table({CONTENT: b"0000000000 00000 n"}) + b"trailer\n<< /Size 12 /Root 1 0 R /Prev 0000000000 >>\n"
    start = draft({**base(), 9: Stream(hidden + section)})
    place, there = start.pdf.index(hidden), start.pdf.index(section)
    right = section.replace(b"0000000000 00000 n", b"%010d 00000 n" % place)
    right = right.replace(b"/Prev 0000000000", b"/Prev %010d" % (start.startxref or 0))
    signed = shop.sign(start.replaced(section, right))
    numbers = [n for n in signed.objects if n not in {CONTENT, 9} and n not in start.objects] + [CATALOGUE, PAGE]
    rows = table({n: b"%010d 00000 n" % (signed.pdf.rindex(b"\n%d 0 obj" % n) + 1) for n in numbers})
    tail = rows + b"trailer\n<< /Size %d /Root 1 0 R /Prev %d >>\n" % (signed.size, there) + ending(len(signed.pdf))
    return signed.pdf + tail


@path(verdicts=NOT_VALID)
def hybrid_update_names_a_hidden_stream(shop: Workshop) -> bytes:
    """The update is an empty table; its /XRefStm lies in the signed octets and gives another content."""
    start = draft({**base(), 12: OTHER})
    at = start.pdf.index(b"\n12 0 obj") + 1
    row = b"\x01" + at.to_bytes(4, "big") + b"\0\0"
    stream = Stream(
        row, {"/Type": "/XRef", "/W": "[1 4 2]", "/Index": f"[{CONTENT} 1]", "/Size": "20", "/Root": "1 0 R"}
    )
    signed = shop.sign(start.revise({13: stream}))
    there = signed.pdf.index(b"\n13 0 obj") + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Prev %d /XRefStm %d >>\n" % (
        signed.size,
        signed.startxref or 0,
        there,
    )
    return signed.pdf + b"xref\n0 0\n" + trailer + ending(len(signed.pdf))


@path(*path.named, Reason.DOCUMENT_ENCRYPTED, verdicts=NOT_VALID)
def encrypted_afterwards(shop: Workshop) -> Draft:
    """An update says that everything before it is encrypted: strings and streams are read in another way."""
    signed = shop.sign()
    filter_ = {
        "/Filter": "/Standard",
        "/V": "1",
        "/R": "2",
        "/O": "<" + "00" * 32 + ">",
        "/U": "<" + "00" * 32 + ">",
        "/P": "-4",
    }
    return signed.revise({signed.size: filter_}, trailer={"/Encrypt": f"{signed.size} 0 R"})


@path(*path.named, Reason.DOCUMENT_ENCRYPTED, verdicts=NOT_VALID)
def encrypted_by_no_filter_afterwards(shop: Workshop) -> Draft:
    signed = shop.sign()
    filter_ = {
        "/Filter": "/Standard",
        "/V": "4",
        "/R": "4",
        "/CF": "<< >>",
        "/StmF": "/Identity",
        "/StrF": "/Identity",
        "/P": "-4",
    }
    return signed.revise({signed.size: filter_}, trailer={"/Encrypt": f"{signed.size} 0 R"})


@path()
def number_used_again_in_another_generation(shop: Workshop) -> bytes:
    """The page's content is freed, and its number used again; the page names the new generation."""
    signed = shop.sign()
    start = len(signed.pdf)
    content = indirect(CONTENT, OTHER, generation=1)
    page = indirect(PAGE, signed.changed(PAGE, Contents=f"{CONTENT} 1 R"))
    rows = table({CONTENT: b"%010d 00001 n" % start, PAGE: b"%010d 00000 n" % (start + len(content))})
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Prev %d >>\n" % (signed.size, signed.startxref or 0)
    return signed.pdf + content + page + rows + trailer + ending(start + len(content) + len(page))


@path()
def content_moves_into_an_object_stream(shop: Workshop) -> Draft:
    """The page itself is exchanged by a packed one; the plain one stays where it was."""
    signed = shop.sign()
    return signed.revise({PAGE: signed.changed(PAGE, Contents="60 0 R")}, Layout("packed")).revise({60: OTHER})


@path(verdicts=NOT_VALID)
def end_of_the_signed_part_cut_off(shop: Workshop) -> bytes:
    return shop.sign().pdf[:-20]


@path(verdicts=NOT_VALID)
def start_of_the_file_cut_off(shop: Workshop) -> bytes:
    return shop.sign().pdf[9:]


@path(verdicts=NOT_VALID)
def octets_put_before_it(shop: Workshop) -> bytes:
    return b"%PDF-1.7\n" + shop.sign().pdf


@path(*path.named, Reason.SNEAKY_SIGNATURE, Reason.CONTENT_COVERED)
def text_field_becomes_a_signature_field(shop: Workshop) -> Draft:
    """A field that showed a value is made the place of the next signature."""
    signed = shop.sign(draft(field_form("(account 100)")))
    field = signed.entries(10) | {"/FT": "/Sig"}
    changed = signed.revise({10: {k: v for k, v in field.items() if k != "/V"}})
    return shop.sign(changed, Field("amount", look=face("account 666")), into=10)


@path()
def fonts_of_the_form_exchanged(shop: Workshop) -> Draft:
    """The form's own font, with which a field without a face is drawn, becomes another."""
    blank = field_form("(account 100)")
    blank[10] = {k: v for k, v in blank[10].items() if k != "/AP"}  # type: ignore[union-attr]  # a dictionary
    signed = shop.sign(draft(blank))
    old = signed.entries(CATALOGUE)["/AcroForm"]
    return signed.revise(
        {
            60: {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/ZapfDingbats"},
            CATALOGUE: signed.changed(CATALOGUE, AcroForm=old.replace(f"/F1 {FONT} 0 R", "/F1 60 0 R")),
        }
    )


@path()
def field_of_the_form_left_out(shop: Workshop) -> Draft:
    signed = shop.sign(draft(field_form("(account 100)")))
    old = signed.entries(CATALOGUE)["/AcroForm"]
    return signed.revise({CATALOGUE: signed.changed(CATALOGUE, AcroForm=old.replace("[10 0 R ", "["))})


@path()
def face_chosen_by_a_state(shop: Workshop) -> Draft:
    """Both faces were signed; the update chooses the other."""
    note = {
        "/Type": "/Annot",
        "/Subtype": "/Stamp",
        "/Rect": "[20 20 280 60]",
        "/F": "4",
        "/AS": "/A",
        "/AP": "<< /N << /A 11 0 R /B 12 0 R >> >>",
    }
    objects = base(page={"/Annots": "[10 0 R]"}) | {10: note, 11: face("account 100"), 12: face("account 666")}
    signed = shop.sign(draft(objects))
    return signed.revise({10: {**note, "/AS": "/B"}})


@path()
def later_mark_brings_its_own_page_font(shop: Workshop) -> Draft:
    """The second signature's revision also writes the page's font again."""
    changes: dict[int, Body] = {FONT: {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Symbol"}}
    return shop.sign(shop.sign(), Field("Signature2", PLACE, form(100, 40, "1 1 98 38 re S")), changes=changes)


@path()
def later_mark_is_also_the_page_content(shop: Workshop) -> Draft:
    """The face of the second signature and the content of the page are one object."""
    signed = shop.sign()
    look = form(
        300, 200, "0 g BT /F1 14 Tf 20 100 Td (Pay 999 VND) Tj ET", resources=f"<< /Font << /F1 {FONT} 0 R >> >>"
    )
    return shop.sign(
        signed, Field("Signature2", PLACE, more={"/AP": f"<< /N {CONTENT} 0 R >>"}), changes={CONTENT: look}
    )


@path(*path.named, Reason.NOT_PERMITTED_BY_SIGNER)
def locked_field_below_a_named_one(shop: Workshop) -> Draft:
    """A lock of a field holds for the fields below it (ISO 32000-1 §12.8.2.4)."""
    objects = field_form("()") | {11: face("")}
    objects[10] = {**objects[10], "/Parent": "13 0 R", "/T": "(sum)"}  # type: ignore[dict-item]  # a dictionary
    objects[13] = {"/T": "(form)", "/Kids": "[10 0 R]"}
    objects[CATALOGUE] = {k: v.replace("[10 0 R]", "[13 0 R]") for k, v in objects[CATALOGUE].items()}  # type: ignore[union-attr]  # a dictionary
    parameters = "<< /Type /TransformParams /Action /Include /Fields [(form)] /V /1.2 >>"
    entries = {"/Reference": f"[<< /TransformMethod /FieldMDP /TransformParams {parameters} >>]"}
    signed = shop.sign(draft(objects), entries=entries)
    return signed.revise({10: signed.changed(10, V="(999)"), 11: face("999")})


@path(*path.named, Reason.SIGNATURE_MALFORMED)
def store_overwrites_the_page(shop: Workshop) -> Draft:
    """The numbers of the evidence are those of the page's objects."""
    signed = shop.sign()
    return signed.revise(
        {
            CONTENT: Stream(shop.evidence.crls[0]),
            CATALOGUE: signed.changed(CATALOGUE, DSS=f"<< /CRLs [{CONTENT} 0 R] >>"),
        }
    )


@path()
def inherited_box_set_on_the_page(shop: Workshop) -> Draft:
    signed = shop.sign()
    return shop.sign(signed, Field("Signature2"), changes={PAGE: signed.changed(PAGE, CropBox="[0 0 300 130]")})


@path()
def contents_array_keeps_the_old_first(shop: Workshop) -> Draft:
    """The second signature's revision adds a stream to the page."""
    signed = shop.sign()
    more = {PAGE: signed.changed(PAGE, Contents=f"[{CONTENT} 0 R 60 0 R]"), 60: letter("", "", "", "and 999 more")}
    return shop.sign(signed, Field("Signature2"), changes=more)
