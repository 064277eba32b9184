"""Evil annotations: what is drawn over a signed page says something else
("Breaking the Specification: PDF Certification", EAA).
"""

from collections.abc import Mapping

from signing.validation import Reason
from tests.attacks.cases import Attacks
from tests.attacks.raw_pdf import Body, Draft, Stream
from tests.attacks.workshop import (
    FONT,
    PAGE,
    Field,
    Workshop,
    array_with,
    form,
)

evil = Attacks("annotation", frozenset({Reason.EVIL_ANNOTATION}))
OVER_TEXT = (15, 135, 200, 160)
_DRAWN = (
    "FreeText",
    "Stamp",
    "Redact",
    "Ink",
    "Square",
    "Circle",
    "Line",
    "Polygon",
    "PolyLine",
    "Caret",
    "FileAttachment",
    "Watermark",
    "Screen",
    "3D",
    "Movie",
    "PrinterMark",
    "TrapNet",
    "RichMedia",
    "Unknown",
)
_LIGHT = ("Highlight", "Underline", "Squiggly", "StrikeOut", "Text", "Popup", "Link")


def annotated(signed: Draft, entries: Mapping[str, str], *more: Body) -> Draft:
    """One more revision with an annotation; further objects follow it."""
    number = signed.size
    note = {"/Type": "/Annot", "/P": f"{PAGE} 0 R", "/F": "4", **entries}
    page = signed.entries(PAGE)
    page["/Annots"] = array_with(page.get("/Annots", ""), f"{number} 0 R")
    return signed.revise({number: note, PAGE: page} | {number + 1 + n: body for n, body in enumerate(more)})


def shown_over(place: tuple[int, ...], subtype: str, number: int) -> dict[str, str]:
    """An annotation with an opaque face."""
    return {"/Subtype": f"/{subtype}", "/Rect": f"[{' '.join(map(str, place))}]", "/AP": f"<< /N {number} 0 R >>"}


def lie(width: int = 185, height: int = 25) -> Stream:
    """A face that hides what is below and says something else."""
    return form(
        width,
        height,
        f"1 g 0 0 {width} {height} re f 0 g BT /F1 14 Tf 5 6 Td (Pay 999 VND) Tj ET",
        resources=f"<< /Font << /F1 {FONT} 0 R >> >>",
    )


def _evil(level: int, subtype: str, *named: Reason) -> None:
    def build(shop: Workshop) -> Draft:
        signed = shop.certified(level) if level else shop.sign()
        return annotated(signed, shown_over(OVER_TEXT, subtype, signed.size + 1), lie())

    kind = f"certified_{level}" if level else "plain"
    evil.add(f"{subtype}_over_text_{kind}", build, {*evil.named, *named})


for _subtype in _DRAWN:
    for _level in (1, 2):
        _evil(_level, _subtype, Reason.NOT_PERMITTED_BY_SIGNER)
    _evil(3, _subtype)
    _evil(0, _subtype)
for _subtype in _LIGHT:  # harmless kinds with a face that hides
    for _level in (1, 2):
        _evil(_level, _subtype, Reason.NOT_PERMITTED_BY_SIGNER)
    if _subtype != "Popup":  # its face is never shown
        _evil(3, _subtype)


def _unnoticed(name: str, entries: Mapping[str, str], *more: Body, level: int = 3) -> None:
    evil.add(
        name,
        lambda shop: annotated(shop.certified(level) if level else shop.sign(), entries, *more),
        {*evil.named, Reason.ACTIVE_CONTENT},
    )


BOX = f"[{' '.join(map(str, OVER_TEXT))}]"
_unnoticed(
    "text_without_a_face",
    {"/Subtype": "/FreeText", "/Rect": BOX, "/DA": "(/Helv 14 Tf 0 g)", "/Contents": "(Pay 999 VND)", "/C": "[1 1 1]"},
)
_unnoticed("square_without_a_face", {"/Subtype": "/Square", "/Rect": BOX, "/IC": "[1 1 1]", "/C": "[1 1 1]"})
_unnoticed(
    "line_without_a_face",
    {"/Subtype": "/Line", "/Rect": BOX, "/L": "[15 150 200 150]", "/BS": "<< /W 25 >>", "/C": "[1 1 1]"},
)
_unnoticed(
    "black_highlight",
    {
        "/Subtype": "/Highlight",
        "/Rect": BOX,
        "/QuadPoints": "[15 160 200 160 15 135 200 135]",
        "/C": "[0 0 0]",
    },
)
_unnoticed(
    "link_with_a_border",
    {
        "/Subtype": "/Link",
        "/Rect": BOX,
        "/Border": "[0 0 30]",
        "/C": "[1 1 1]",
        "/A": "<< /S /URI /URI (https://example.org/) >>",
    },
)
_unnoticed(
    "link_that_starts_a_program",
    {"/Subtype": "/Link", "/Rect": BOX, "/Border": "[0 0 0]", "/A": "<< /S /Launch /F (cmd.exe) >>"},
)
_unnoticed(
    "note_with_a_script",
    {
        "/Subtype": "/Text",
        "/Rect": "[280 180 299 199]",
        "/A": "<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
        "/Contents": "(x)",
    },
)
_unnoticed(
    "button_over_text",
    {
        "/Subtype": "/Widget",
        "/FT": "/Btn",
        "/Ff": "65536",
        "/T": "(b)",
        "/Rect": BOX,
        "/MK": "<< /BG [1 1 1] /CA (Pay 999 VND) >>",
    },
)
_unnoticed("inline_face", {"/Subtype": "/Stamp", "/Rect": BOX, "/Name": "/Approved"})
_STAMP = {**shown_over(OVER_TEXT, "Stamp", 62), "/Type": "/Annot", "/F": "4"}
evil.add(
    "of_another_later_page_array",
    lambda shop: shop.certified(3).then(
        lambda s: {PAGE: s.changed(PAGE, Annots="60 0 R"), 60: b"[8 0 R 61 0 R]", 61: _STAMP, 62: lie()}
    ),
)
_INLINE = f"[8 0 R << /Type /Annot /Subtype /Stamp /F 4 /Rect {BOX} /AP << /N 60 0 R >> >>]"
evil.add(
    "written_into_the_page",
    lambda shop: shop.certified(3).then(lambda s: {PAGE: s.changed(PAGE, Annots=_INLINE), 60: lie()}),
)
evil.add(
    "then_signed",
    lambda shop: shop.sign(
        annotated((signed := shop.certified(3)), shown_over(OVER_TEXT, "FreeText", signed.size + 1), lie()),
        Field("Signature2"),
    ),
)
