"""Clean files by how they are written down: line ends, cross-reference forms, headers, names, inherited entries, pages
turned, fields nested, and files of other programs.
"""

from dataclasses import replace

from tests.attacks.cases import Cleans
from tests.attacks.raw_pdf import (
    Body,
    Draft,
    Layout,
    Stream,
    dictionary,
    ending,
    filled,
    indirect,
    object_stream,
    signature_value,
)
from tests.attacks.workshop import (
    CONTENT,
    FONT,
    PAGE,
    PAGES,
    PLACE,
    TABLE,
    Field,
    Workshop,
    base,
    draft,
    form,
    letter,
)

writing = Cleans("writing")
_FORMS = {"table": Layout(), "stream": Layout("stream"), "packed": Layout("packed"), "hybrid": Layout("hybrid")}
for _first, _one in _FORMS.items():
    for _then, _two in _FORMS.items():
        if _then != "hybrid":
            writing.add(f"{_first}_then_{_then}", lambda shop, a=_one, b=_two: shop.sign(draft(layout=a), layout=b))
for _name, _eol in {"crlf": b"\r\n", "cr": b"\r"}.items():
    writing.add(f"line_ends_{_name}", lambda shop, e=_eol: shop.sign(draft(layout=Layout(eol=e)), layout=Layout(eol=e)))
    writing.add(f"line_ends_{_name}_in_the_first_part", lambda shop, e=_eol: shop.sign(draft(layout=Layout(eol=e))))
writing.add("without_a_comment_of_binary", lambda shop: shop.sign(draft(header=b"%PDF-1.4\n")))
writing.add("version_2", lambda shop: shop.sign(draft(header=b"%PDF-2.0\n%\xe2\xe3\xcf\xd3\n")))
writing.add("octets_before_the_header", lambda shop: shop.sign(draft(header=b"\n\n%PDF-1.7\n")))
writing.add(
    "mail_before_the_header", lambda shop: shop.sign(draft(header=b"Content-Type: application/pdf\r\n\r\n%PDF-1.7\n"))
)
writing.add("byte_order_mark_put_before_it", lambda shop: b"\xef\xbb\xbf" + shop.sign().pdf)
writing.add("line_end_put_before_it", lambda shop: b"\n" + shop.sign().pdf)
for _angle in (90, 180, 270):
    writing.add(
        f"page_turned_{_angle}",
        lambda shop, a=_angle: shop.sign(
            shop.sign(draft(base(page={"/Rotate": str(a)}))),
            Field("Signature2", PLACE, form(100, 40, "1 0 0 RG 1 1 98 38 re S")),
        ),
        ("permitted", "none"),
        ("B-B", "B-B"),
    )
writing.add("page_cut", lambda shop: shop.sign(draft(base(page={"/CropBox": "[10 10 290 190]"}))))
for _name, _field in {
    "with_periods": "Page1.Field.Signature",
    "in_vietnamese": "Chữ ký của Chủ tịch",
    "empty": "",
    "long": "S" * 300,
    "with_brackets": "Sig(1)",
    "with_a_slash": "a/b#c",
}.items():
    writing.add(f"field_name_{_name}", lambda shop, n=_field: shop.sign(field=Field(n)))
writing.add("field_name_absent", lambda shop: shop.sign(field=Field(more={"/T": "null"})))
writing.add("field_on_no_page", lambda shop: shop.sign(field=Field(page=0)))
writing.add("page_of_the_field_is_nothing", lambda shop: shop.sign(field=Field(more={"/P": "0 0 R"})))
writing.add("page_of_the_field_is_missing", lambda shop: shop.sign(field=Field(more={"/P": "800 0 R"})))
writing.add("face_is_empty", lambda shop: shop.sign(field=Field(look=form(0, 0, ""))))
writing.add("face_is_missing", lambda shop: shop.sign(field=Field(place=PLACE, more={"/AP": "<< /N 800 0 R >>"})))
writing.add(
    "font_is_missing", lambda shop: shop.sign(draft(base(page={"/Resources": "<< /Font << /F1 800 0 R >> >>"})))
)
writing.add("unused_objects", lambda shop: shop.sign(draft({**base(), 9: Stream(b"x"), 30: {"/Next": "900 0 R"}})))
writing.add(
    "length_elsewhere",
    lambda shop: shop.sign(
        draft({**base(), CONTENT: Stream(letter("x").data, {"/Length": "9 0 R"}), 9: b"%d" % len(letter("x").data)})
    ),
)
writing.add(
    "contents_in_an_array",
    lambda shop: shop.sign(draft({**base(page={"/Contents": "[4 0 R 9 0 R]"}), 9: letter("", "", "", "more")})),
)
writing.add("comments_inside", lambda shop: shop.sign(draft({**base(), 9: b"<< % a comment\n/A (b) % >>\n>>"})))
writing.add("names_in_escapes", lambda shop: shop.sign(draft({**base(), 9: b"<< /Na#6de /Val#20ue >>"})))
writing.add(
    "version_in_the_catalogue",
    lambda shop: shop.sign(draft(base(catalogue={"/Version": "/1.7"}), header=b"%PDF-1.4\n")),
)
writing.add(
    "outline_and_names",
    lambda shop: shop.sign(
        draft(
            {
                **base(
                    catalogue={
                        "/Outlines": "10 0 R",
                        "/PageMode": "/UseOutlines",
                        "/Names": "<< /Dests << /Names [(a) [3 0 R /Fit]] >> >>",
                        "/ViewerPreferences": "<< /DisplayDocTitle true >>",
                    }
                ),
                10: {"/Type": "/Outlines", "/First": "11 0 R", "/Last": "11 0 R", "/Count": "1"},
                11: {"/Title": "(One)", "/Parent": "10 0 R", "/Dest": "(a)"},
            }
        )
    ),
)
writing.add(
    "attachment_inside",
    lambda shop: shop.store(
        shop.sign(
            draft(
                {
                    **base(
                        catalogue={"/Names": "<< /EmbeddedFiles << /Names [(a.xml) 10 0 R] >> >>", "/AF": "[10 0 R]"}
                    ),
                    10: {"/Type": "/Filespec", "/F": "(a.xml)", "/EF": "<< /F 11 0 R >>"},
                    11: Stream(b"<pay/>", {"/Type": "/EmbeddedFile"}),
                }
            ),
            cms=shop.cms(stamp=shop.token),
        )
    ),
    ("permitted",),
    ("B-LT",),
)
writing.add(
    "layers_inside",
    lambda shop: shop.store(
        shop.sign(
            draft(
                {
                    **base(catalogue={"/OCProperties": "<< /OCGs [10 0 R] /D << /Order [10 0 R] /OFF [10 0 R] >> >>"}),
                    10: {"/Type": "/OCG", "/Name": "(Draft)"},
                }
            ),
            cms=shop.cms(stamp=shop.token),
        )
    ),
    ("permitted",),
    ("B-LT",),
)


@writing("permitted", "none", levels=("B-B", "B-B"))
def pages_in_a_deep_tree_that_inherits(shop: Workshop) -> Draft:
    objects = base()
    objects[PAGE] = {"/Type": "/Page", "/Parent": "11 0 R", "/Contents": f"{CONTENT} 0 R"}
    objects[PAGES] = {
        "/Type": "/Pages",
        "/Kids": "[10 0 R]",
        "/Count": "1",
        "/MediaBox": "[0 0 300 200]",
        "/Resources": f"<< /Font << /F1 {FONT} 0 R >> >>",
    }
    objects[10] = {"/Type": "/Pages", "/Kids": "[11 0 R]", "/Count": "1", "/Parent": f"{PAGES} 0 R", "/Rotate": "0"}
    objects[11] = {"/Type": "/Pages", "/Kids": f"[{PAGE} 0 R]", "/Count": "1", "/Parent": "10 0 R"}
    return shop.sign(shop.sign(draft(objects)), Field("Signature2"))


def in_one_revision(
    shop: Workshop, objects: dict[int, Body], entries: dict[str, str] | None = None, layout: Layout = TABLE
) -> Draft:
    """The signature is part of the first and only revision; `VALUE` in an object stands for its dictionary."""
    values = {
        "/Type": "/Sig",
        "/Filter": "/Adobe.PPKLite",
        "/SubFilter": "/ETSI.CAdES.detached",
        "/M": "(D:20260805020000Z)",
        **(entries or {}),
    }
    made: dict[int, Body] = {}
    for number, body in objects.items():
        made[number] = body.replace(b"VALUE", signature_value(values)) if isinstance(body, bytes) else body
    whole = draft(made, layout)
    return replace(whole, pdf=filled(whole.pdf, shop.cms()))


_FORM = {"/AcroForm": "<< /Fields [7 0 R] /SigFlags 3 >>"}
_WIDGET = b"/Type /Annot /Subtype /Widget /Rect [0 0 0 0] /F 132 /P 3 0 R"


@writing()
def signed_while_it_was_written(shop: Workshop) -> Draft:
    return in_one_revision(
        shop,
        {
            **base(catalogue=_FORM, page={"/Annots": "[7 0 R]"}),
            7: b"<< /FT /Sig /T (S) /V 8 0 R " + _WIDGET + b" >>",
            8: b"VALUE",
        },
    )


@writing()
def value_inside_the_field(shop: Workshop) -> Draft:
    """The signature dictionary is direct."""
    return in_one_revision(
        shop,
        {**base(catalogue=_FORM, page={"/Annots": "[7 0 R]"}), 7: b"<< /FT /Sig /T (S) " + _WIDGET + b" /V VALUE >>"},
    )


@writing()
def widget_below_the_field(shop: Workshop) -> Draft:
    return in_one_revision(
        shop,
        {
            **base(catalogue=_FORM, page={"/Annots": "[9 0 R]"}),
            7: b"<< /FT /Sig /T (S) /V 8 0 R /Kids [9 0 R] >>",
            8: b"VALUE",
            9: b"<< /Parent 7 0 R " + _WIDGET + b" >>",
        },
    )


@writing()
def two_widgets_below_the_field(shop: Workshop) -> Draft:
    return in_one_revision(
        shop,
        {
            **base(catalogue=_FORM, page={"/Annots": "[9 0 R 10 0 R]"}),
            7: b"<< /FT /Sig /T (S) /V 8 0 R /Kids [9 0 R 10 0 R] >>",
            8: b"VALUE",
            9: b"<< /Parent 7 0 R " + _WIDGET + b" >>",
            10: b"<< /Parent 7 0 R " + _WIDGET + b" >>",
        },
    )


@writing()
def signature_in_a_part_of_the_form(shop: Workshop) -> Draft:
    return in_one_revision(
        shop,
        {
            **base(catalogue=_FORM, page={"/Annots": "[9 0 R]"}),
            7: b"<< /T (form1[0]) /Kids [10 0 R] >>",
            8: b"VALUE",
            10: b"<< /T (#subform[0]) /Parent 7 0 R /Kids [9 0 R] >>",
            9: b"<< /FT /Sig /T (SignatureField1[0]) /V 8 0 R /Parent 10 0 R " + _WIDGET + b" >>",
        },
    )


@writing()
def kind_of_field_inherited(shop: Workshop) -> Draft:
    return in_one_revision(
        shop,
        {
            **base(catalogue=_FORM, page={"/Annots": "[9 0 R]"}),
            7: b"<< /T (group) /FT /Sig /Kids [9 0 R] >>",
            8: b"VALUE",
            9: b"<< /T (S) /V 8 0 R /Parent 7 0 R " + _WIDGET + b" >>",
        },
    )


@writing()
def contents_before_the_range(shop: Workshop) -> Draft:
    """The entries of the signature dictionary stand in another order."""
    return shop.sign(entries={"/Zz": "1"})


@writing()
def references_broken_over_lines(shop: Workshop) -> Draft:
    return in_one_revision(
        shop,
        {
            **base(
                catalogue={"/AcroForm": "<<\n/Fields\n[\n7\n0\nR\n]\n/SigFlags\n3>>"}, page={"/Annots": "[7\n0\nR]"}
            ),
            7: b"<</FT/Sig/T(S)/V\n8 0\nR" + _WIDGET.replace(b" /", b"/") + b">>",
            8: b"VALUE",
        },
    )


@writing("permitted", levels=("B-LT",))
def word_like_hybrid(shop: Workshop) -> Draft:
    """As office programs write: a complete table, then an empty one that names a stream with the packed objects."""
    start = draft({**base(catalogue={"/StructTreeRoot": "10 0 R", "/MarkInfo": "<< /Marked true >>"}), 8: {"/A": "1"}})
    at = len(start.pdf)
    packed: dict[int, Body] = {
        10: {"/Type": "/StructTreeRoot", "/K": "11 0 R"},
        11: {"/Type": "/StructElem", "/S": "/Document", "/P": "10 0 R"},
    }
    pdf = start.pdf[: start.pdf.rindex(b"startxref")] + ending(start.startxref or 0, b"\r\n")
    at = len(pdf)
    store = indirect(12, object_stream(packed))
    rows = b"".join(
        k.to_bytes(1, "big") + a.to_bytes(4, "big") + b.to_bytes(2, "big")
        for k, a, b in ((2, 12, 0), (2, 12, 1), (1, at, 0), (1, at + len(store), 0))
    )
    stream = indirect(
        13, Stream(rows, {"/Type": "/XRef", "/W": "[1 4 2]", "/Index": "[10 4]", "/Size": "14", "/Root": "1 0 R"})
    )
    pdf += store + stream
    place = len(pdf)
    pdf += (
        b"xref\r\n0 0\r\ntrailer\r\n"
        + dictionary({"/Size": "14", "/Root": "1 0 R", "/Prev": str(start.startxref), "/XRefStm": str(at + len(store))})
        + b"\r\n"
        + ending(place, b"\r\n")
    )
    whole = Draft(
        pdf=pdf,
        objects=dict(start.objects) | packed,
        startxref=place,
        trailer={"/Root": "1 0 R", "/ID": "[<aa11> <bb22>]"},
        size=14,
    )
    return shop.store(shop.sign(whole, cms=shop.cms(stamp=shop.token)))
