"""Clean files with the habits of real programs and real forms: usage rights, fields set anew, values shown in other
ways, numbers used again, tables that are not quite tidy.
"""

from dataclasses import replace

from signing.validation import Reason
from tests.attacks.cases import Cleans
from tests.attacks.clean_signers import stamped_container
from tests.attacks.raw_pdf import Body, Draft, Layout, Stream, ending, filled, indirect, table
from tests.attacks.replaced_content import face, field_form
from tests.attacks.workshop import (
    CATALOGUE,
    CONTENT,
    FONT,
    PAGE,
    PAGES,
    PLACE,
    Field,
    Workshop,
    base,
    draft,
    form,
    letter,
    prepared,
)

habits = Cleans("habit")
_TWO, _LT = ("B-B", "B-B"), ("B-LT",)
_FILLED = {Reason.FORM_FILLED_AFTER_SIGNING}


@habits()
def usage_rights(shop: Workshop) -> Draft:
    """A form with rights for a reader program: a signature of the program's maker that is in no field (/UR3)."""
    rights = {
        "/Type": "/Sig",
        "/Filter": "/Adobe.PPKLite",
        "/SubFilter": "/adbe.pkcs7.detached",
        "/ByteRange": "[0 10 20 10]",
        "/Contents": "<3003020101>",
        "/Reference": "[<< /Type /SigRef /TransformMethod /UR3 "
        "/TransformParams << /Type /TransformParams /V /2.2 /Form [/FillIn] >> >>]",
    }
    return shop.sign(draft({**base(catalogue={"/Perms": "<< /UR3 10 0 R >>"}), 10: rights}))


@habits()
def cleared_and_signed_again(shop: Workshop) -> Draft:
    """The signer cleared the first signature, corrected the text, and signed again."""
    signed = shop.sign()
    cleared = signed.revise({8: signed.changed(8, V=None), 7: None, CONTENT: letter("Decision 27", "Pay 200 VND")})
    return shop.sign(cleared, Field("Signature1"), into=8)


@habits()
def empty_field_with_a_seed_and_a_lock(shop: Workshop) -> Draft:
    """An empty place that says how it wants to be signed."""
    empty = {
        "/Type": "/Annot",
        "/Subtype": "/Widget",
        "/FT": "/Sig",
        "/T": "(Next)",
        "/F": "4",
        "/P": f"{PAGE} 0 R",
        "/Rect": "[180 20 280 60]",
        "/Lock": "<< /Type /SigFieldLock /Action /All >>",
        "/SV": "<< /Type /SV /Filter /Adobe.PPKLite /Ff 0 >>",
    }
    return shop.sign(
        draft(base(page={"/Annots": "[7 0 R]"}, catalogue={"/AcroForm": "<< /Fields [7 0 R] >>"}) | {7: empty})
    )


@habits("permitted", "none", levels=_TWO)
def no_wish_for_new_faces(shop: Workshop) -> Draft:
    """/NeedAppearances false says what is the case already."""
    signed = shop.sign()
    old = signed.entries(CATALOGUE)["/AcroForm"].rstrip()[:-2] + "/NeedAppearances false >>"
    return shop.sign(signed, Field("Signature2"), changes={CATALOGUE: signed.changed(CATALOGUE, AcroForm=old)})


@habits("permitted", "none", levels=_TWO)
def two_fields_of_one_name(shop: Workshop) -> Draft:
    """Both signatures are seen."""
    return shop.sign(shop.sign(), Field("Signature1"))


@habits("permitted", levels=_LT)
def form_in_xml_beside_the_fields(shop: Workshop) -> Draft:
    """A form with XFA was signed as it was; evidence came later."""
    objects = base(catalogue={"/AcroForm": "<< /Fields [] /XFA 10 0 R >>"}) | {
        10: Stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
    }
    return shop.store(shop.sign(draft(objects), cms=shop.cms(stamp=shop.token)))


@habits("permitted", levels=("B-B",))
def number_used_again(shop: Workshop) -> bytes:
    """An unused object is freed and its number used again for an unused one, in the next generation."""
    signed = shop.sign(draft({**base(), 9: Stream(b"unused")}))
    start = len(signed.pdf)
    body = indirect(9, {"/A": "1"}, generation=1)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Prev %d /Info 6 0 R /ID [<aa11> <bb22>] >>\n" % (
        signed.size,
        signed.startxref or 0,
    )
    return signed.pdf + body + table({9: b"%010d 00001 n" % start}) + trailer + ending(start + len(body))


@habits("permitted", "none", levels=_TWO)
def mark_on_the_second_page(shop: Workshop) -> Draft:
    objects = base() | {9: letter("Annex"), 10: {**base()[PAGE], "/Contents": "9 0 R"}}  # type: ignore[dict-item]  # a dictionary
    objects[PAGES] = {"/Type": "/Pages", "/Kids": f"[{PAGE} 0 R 10 0 R]", "/Count": "2"}
    signed = shop.sign(draft(objects))
    return shop.sign(signed, Field("Signature2", PLACE, form(100, 40, "1 1 98 38 re S"), page=10))


@habits("permitted", levels=_LT)
def evidence_twice_and_time_between(shop: Workshop) -> Draft:
    return shop.store(stamped_container(shop), Layout("packed"))


@habits()
def usage_of_old_kinds_of_references(shop: Workshop) -> Draft:
    """References with digests of objects, as in PDF 1.5."""
    digest = "/DigestMethod /MD5 /DigestValue <00> /DigestLocation [0 1]"
    reference = f"[<< /Type /SigRef /TransformMethod /Identity /Data 1 0 R {digest} >>]"
    return shop.sign(entries={"/Reference": reference, "/Changes": "[0 0 0]", "/R": "1"})


# values shown in other ways
_BLANK = field_form("()") | {11: face("")}


def _shown(content: str, value: str = "(27)", resources: str = f"<< /Font << /F1 {FONT} 0 R >> >>"):
    def build(shop: Workshop) -> Draft:
        signed = shop.certified(2, draft(_BLANK))
        return signed.revise({10: signed.changed(10, V=value), 11: form(260, 40, content, resources=resources)})

    return build


for _name, _content, _value in (
    ("kerned", "/Tx BMC q BT /F1 14 Tf 0 g 4 14 Td [(N) 30 (guyen) -20 ( Anh)] TJ ET Q EMC", "(Nguyen Anh)"),
    ("hexadecimal", "/Tx BMC q BT /F1 14 Tf 0 g 4 14 Td <3237> Tj ET Q EMC", "(27)"),
    (
        "two_lines",
        "/Tx BMC q BT /F1 14 Tf 0 g 4 24 Td (Decision) Tj 0 -14 Td (of today) Tj ET Q EMC",
        "(Decision of today)",
    ),
    (
        "two_lines_with_returns",
        "/Tx BMC q BT /F1 9 Tf 0 g 4 24 Td (First) Tj 0 -14 Td (Second) Tj ET Q EMC",
        "(First\\rSecond)",
    ),
    ("value_in_utf_16", "/Tx BMC q BT /F1 14 Tf 0 g 4 14 Td (Anh) Tj ET Q EMC", "<FEFF0041006E0068>"),
    (
        "next_line_operator",
        "/Tx BMC q BT /F1 9 Tf 0 g 14 TL 4 24 Td (First) Tj (Second) ' ET Q EMC",
        "(First\\nSecond)",
    ),
    (
        "inside_a_box",
        "q 0.9 g 0 0 260 40 re f Q /Tx BMC q 1 1 258 38 re W n BT /F1 14 Tf 0 g 4 14 Td (27) Tj ET Q EMC",
        "(27)",
    ),
    ("one_letter_a_box", "/Tx BMC q BT /F1 9 Tf 0 g 4 14 Td (2) Tj 20 0 Td (7) Tj ET Q EMC", "(27)"),
):
    habits.add(f"value_{_name}", _shown(_content, _value), ("form_fill",), warnings=_FILLED)


@habits("form_fill", warnings=_FILLED)
def one_of_two_buttons_chosen(shop: Workshop) -> Draft:
    """A group of radio buttons: the value is the parent's, the state the widget's."""
    kid = {
        "/Type": "/Annot",
        "/Subtype": "/Widget",
        "/F": "4",
        "/Parent": "10 0 R",
        "/AS": "/Off",
        "/P": f"{PAGE} 0 R",
    }
    objects = base(page={"/Annots": "[11 0 R 12 0 R]"}, catalogue={"/AcroForm": "<< /Fields [10 0 R] >>"}) | {
        10: {"/FT": "/Btn", "/Ff": "49152", "/T": "(choice)", "/V": "/Off", "/Kids": "[11 0 R 12 0 R]"},
        11: {**kid, "/Rect": "[20 20 40 40]", "/AP": "<< /N << /Yes 13 0 R /Off 14 0 R >> >>"},
        12: {**kid, "/Rect": "[60 20 80 40]", "/AP": "<< /N << /No 13 0 R /Off 14 0 R >> >>"},
        13: form(20, 20, "0 g 5 5 10 10 re f"),
        14: form(20, 20, ""),
    }
    signed = shop.certified(2, draft(objects))
    return signed.revise({10: signed.changed(10, V="/Yes"), 11: signed.changed(11, AS="/Yes")})


@habits("form_fill", warnings=_FILLED)
def one_of_a_list_chosen(shop: Workshop) -> Draft:
    more = {"/Ff": "131072", "/Opt": "[(Hanoi) (Hue)]"}
    signed = shop.certified(2, draft(field_form("()", kind="/Ch", more=more) | {11: face("")}))
    return signed.revise({10: signed.changed(10, V="(Hue)", I="[1]"), 11: face("Hue")})


@habits("form_fill", warnings=_FILLED)
def filled_without_a_face_where_the_form_wants_none(shop: Workshop) -> Draft:
    """The form says since the beginning that faces are to be drawn by the reader."""
    objects = field_form("()", needs="/NeedAppearances true")
    objects[10] = {k: v for k, v in objects[10].items() if k != "/AP"}  # type: ignore[union-attr]  # a dictionary
    signed = shop.certified(2, draft({n: b for n, b in objects.items() if n != 11}))
    return signed.revise({10: signed.changed(10, V="(27)")})


# tables that are not quite tidy, and that no reader has to repair
def _retabled(change) -> Draft:
    start = draft()
    pdf = change(start.pdf, start.startxref or 0)
    return Draft(
        pdf=pdf,
        objects=start.objects,
        startxref=int(pdf.rsplit(b"startxref\n", 1)[1].split()[0]),
        trailer=start.trailer,
        size=start.size,
    )


habits.add(
    "blank_before_the_table",
    lambda shop: shop.sign(_retabled(lambda p, s: p[:s] + b"\n\n" + p[s:].replace(ending(s), ending(s + 2)))),
)
habits.add(
    "comment_before_the_table",
    lambda shop: shop.sign(_retabled(lambda p, s: p[:s] + b"% nothing\n" + p[s:].replace(ending(s), ending(s + 10)))),
)
habits.add(
    "comment_before_the_end",
    lambda shop: shop.sign(_retabled(lambda p, _: p.replace(b"startxref\n", b"% nothing\nstartxref\n"))),
)
habits.add("size_too_large", lambda shop: shop.sign(_retabled(lambda p, _: p.replace(b"/Size 7", b"/Size 9"))))
habits.add(
    "trailer_on_one_line", lambda shop: shop.sign(_retabled(lambda p, _: p.replace(b"trailer\n<<\n", b"trailer <<")))
)
habits.add("no_line_end_behind_the_end_marker", lambda shop: shop.sign(layout=Layout()))


@habits()
def end_marker_without_a_line_end(shop: Workshop) -> Draft:
    new, _ = prepared(draft())
    unsigned = draft().revise(new)
    return replace(unsigned, pdf=filled(unsigned.pdf.rstrip(b"\n"), shop.cms()))


@habits("permitted", "none", levels=_TWO)
def signed_part_without_a_line_end_and_more(shop: Workshop) -> Draft:
    """The next revision begins directly behind the end marker."""
    first = end_marker_without_a_line_end(shop)
    return shop.sign(first, Field("Signature2"), layout=Layout(before=b"\n"))


@habits("permitted", levels=("B-B",))
def page_with_private_data_touched(shop: Workshop) -> Draft:
    """A program notes on the page when it last saw it."""
    signed = shop.sign()
    return signed.revise(
        {
            PAGE: signed.changed(
                PAGE, LastModified="(D:20260806)", PieceInfo="<< /App << /LastModified (D:20260806) /Private 1 >> >>"
            )
        }
    )


@habits("permitted", levels=("B-B",))
def direct_and_indirect_change_places(shop: Workshop) -> Draft:
    """Resources that stood in the page are an object of their own afterwards, with the same content."""
    signed = shop.sign()
    changes: dict[int, Body] = {
        60: signed.entries(PAGE)["/Resources"].encode(),
        PAGE: signed.changed(PAGE, Resources="60 0 R"),
    }
    return signed.revise(changes)


@habits("permitted", "none", levels=_TWO)
def second_signer_locks_the_fields(shop: Workshop) -> Draft:
    """With the second signature the program makes the filled fields read-only."""
    signed = shop.sign(draft(field_form("(27)")))
    lock = {"/Lock": "<< /Type /SigFieldLock /Action /All >>"}
    parameters = "<< /Type /TransformParams /Action /All /V /1.2 >>"
    entries = {
        "/Reference": f"[<< /Type /SigRef /TransformMethod /FieldMDP /Data 1 0 R /TransformParams {parameters} >>]"
    }
    return shop.sign(signed, Field("Signature2", more=lock), entries=entries, changes={10: signed.changed(10, Ff="1")})
