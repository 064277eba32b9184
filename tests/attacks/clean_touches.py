"""Clean files in which a later revision touches what it need not, without another meaning; and later marks on the free
room that real pages have: in frames, in tables, on scans.
"""

from collections.abc import Callable, Mapping

from tests.attacks.cases import Cleans
from tests.attacks.raw_pdf import Body, Draft, Stream
from tests.attacks.workshop import (
    CATALOGUE,
    CONTENT,
    FONT,
    INFO,
    PAGE,
    PAGES,
    PLACE,
    Field,
    Workshop,
    base,
    draft,
    form,
)

touches = Cleans("touch")
room = Cleans("room")
_TWO = ("B-B", "B-B")
_MARK = form(100, 40, "0 0 1 RG 1 1 98 38 re S")


def _touched(
    name: str, change: Callable[[Draft], Mapping[int, Body | None]], objects: Mapping[int, Body] | None = None
) -> None:
    touches.add(name, lambda shop: shop.sign(draft(objects)).then(change), ("permitted",))


def _room(name: str, extra: str, objects: Mapping[int, Body] | None = None) -> None:
    """The second mark is set on a page that also shows this."""

    def build(shop: Workshop) -> Draft:
        return shop.sign(shop.sign(draft(objects or base(extra=extra))), Field("Signature2", PLACE, _MARK))

    room.add(name, build, ("permitted", "none"), _TWO)


_room("in_a_frame", "0 G 1 w 175 15 110 50 re S")
_room("in_a_frame_with_a_background", "0.95 g 175 15 110 50 re f 0 G 175 15 110 50 re S")
_room("in_a_table", "0.5 w 10 10 m 290 10 l 290 90 l 10 90 l h 150 10 m 150 90 l 10 50 m 290 50 l S")
_room("in_a_frame_around_the_page", "1 w 5 5 290 190 re S")
_room("above_a_rule", "0.5 w 180 19 m 280 19 l S")
_room("over_a_rule", "0.5 w 180 25 m 280 25 l S")
_room("above_dots", "BT /F1 9 Tf 180 10 Td (....................) Tj ET")
_room("above_a_caption", "BT /F1 9 Tf 180 8 Td (Chairman) Tj ET")
_SCAN = {
    "/Type": "/XObject",
    "/Subtype": "/Image",
    "/Width": "10",
    "/Height": "10",
    "/ColorSpace": "/DeviceRGB",
    "/BitsPerComponent": "8",
}
_room(
    "on_a_scan",
    "",
    base(
        page={"/Resources": f"<< /Font << /F1 {FONT} 0 R >> /XObject << /I 10 0 R >> >>"},
        extra="q 300 0 0 200 0 0 cm /I Do Q",
    )
    | {10: Stream(b"\xff" * 300, _SCAN)},
)

_touched("numbers_with_fractions", lambda s: {PAGE: s.changed(PAGE, MediaBox="[0.0 0.0 300.0 200.00]")})
_touched("contents_in_an_array", lambda s: {PAGE: s.changed(PAGE, Contents=f"[{CONTENT} 0 R]")})
_touched("contents_under_another_number", lambda s: {PAGE: s.changed(PAGE, Contents="60 0 R"), 60: s.objects[CONTENT]})
_INHERITING = base() | {
    PAGES: {**base()[PAGES], "/MediaBox": "[0 0 300 200]"},  # type: ignore[dict-item]  # a dictionary
    PAGE: {k: v for k, v in base()[PAGE].items() if k != "/MediaBox"},  # type: ignore[union-attr]  # a dictionary
}
_touched("inherited_entry_written_out", lambda s: {PAGE: s.changed(PAGE, MediaBox="[0 0 300 200]")}, _INHERITING)
_touched("order_of_tabs", lambda s: {PAGE: s.changed(PAGE, StructParents="0", Tabs="/S")})
_INTENT = {10: {"/Type": "/OutputIntent", "/S": "/GTS_PDFA1", "/OutputConditionIdentifier": "(sRGB)"}}
_touched(
    "output_intent_again",
    lambda s: {CATALOGUE: s.changed(CATALOGUE, OutputIntents="[10 0 R]"), 10: s.entries(10)},
    base(catalogue={"/OutputIntents": "[10 0 R]"}) | _INTENT,
)
_LINK = {
    "/Type": "/Annot",
    "/Subtype": "/Link",
    "/Rect": "[20 100 100 120]",
    "/Border": "[0 0 0]",
    "/A": "<< /S /URI /URI (https://example.vn/) >>",
}
_touched(
    "link_in_the_structure",
    lambda s: {10: s.changed(10, StructParent="3", P=f"{PAGE} 0 R")},
    base(page={"/Annots": "[10 0 R]"}) | {10: _LINK},
)
_touched("own_field_read_only", lambda s: {8: s.changed(8, Ff="1")})
_touched("own_field_printed", lambda s: {8: s.changed(8, F="4")})
_touched(
    "words_for_fields_added",
    lambda s: {
        CATALOGUE: s.changed(
            CATALOGUE,
            AcroForm=s.entries(CATALOGUE)["/AcroForm"].replace(
                "/SigFlags 3", "/SigFlags 3 /DR << >> /DA (/Helv 0 Tf 0 g )"
            ),
        )
    },
)
_touched(
    "picture_of_the_page",
    lambda s: {
        PAGE: s.changed(PAGE, Thumb="60 0 R"),
        60: Stream(b"\0", {"/Width": "1", "/Height": "1", "/ColorSpace": "/DeviceGray", "/BitsPerComponent": "8"}),
    },
)


def _bare() -> Draft:
    return Draft(trailer={"/Root": f"{CATALOGUE} 0 R"}).revise({n: b for n, b in base().items() if n != INFO})


touches.add(
    "information_added",
    lambda shop: (signed := shop.sign(_bare())).revise(
        {signed.size: {"/Producer": "(X)", "/ModDate": "(D:2026)"}}, trailer={"/Info": f"{signed.size} 0 R"}
    ),
    ("permitted",),
)
touches.add(
    "ids_added",
    lambda shop: (signed := shop.sign(_bare())).revise({PAGE: signed.entries(PAGE)}, trailer={"/ID": "[<aa> <bb>]"}),
    ("permitted",),
)


@touches("permitted", "none", levels=("B-T", None))
def time_stamp_on_no_page(shop: Workshop) -> Draft:
    entries = {"/Type": "/DocTimeStamp", "/SubFilter": "/ETSI.RFC3161"}
    return shop.sign(shop.sign(), Field("Stamp1", page=0), cms=shop.token, entries=entries, octets=8000)


@touches("permitted", "none", levels=("B-T", None))
def time_stamp_without_a_rectangle(shop: Workshop) -> Draft:
    entries = {"/Type": "/DocTimeStamp", "/SubFilter": "/ETSI.RFC3161"}
    return shop.sign(shop.sign(), Field("Stamp1", more={"/Rect": "null"}), cms=shop.token, entries=entries, octets=8000)
