"""Which texts may stand on a page: the border between stored values and the typesetter.

Knows Unicode categories, lengths and the letters that our typeface has. Must not know page layouts.
"""

import unicodedata
from functools import cache

from api.errors import ContentNotPrintable
from api.rendering.typeface import TYPEFACE_DIR, TYPEFACE_FILES

_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe"})
_CATEGORIES_OF_MARKS = frozenset({"Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So"})
# Everything else is refused: Cc and Cf hold the control and the bidirectional characters with which a printed
# name can be made to read differently from the stored one (CVE-2021-42574), Zl/Zp break lines, Co/Cs/Cn are nothing.


@cache
def printable_letters() -> frozenset[str]:
    """Give the characters that every cut of the typeface can draw."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - only who drafts or typesets needs the font library

    shared: frozenset[int] | None = None
    for name in TYPEFACE_FILES:
        with TTFont(TYPEFACE_DIR / name, lazy=True) as font:
            letters = frozenset(font.getBestCmap())
        shared = letters if shared is None else shared & letters
    return frozenset(map(chr, shared or ()))


def printable(value: object, field: str, *, limit: int) -> str:
    """Give the text as it is printed: NFC, without outer blanks, every character drawable.

    Args:
        value: what the caller sent; only a str is a text.
        field: its dotted name, for the refusal.
        limit: longest text in characters, after NFC.

    Raises:
        ContentNotPrintable: not a text, empty, too long, or with a character that must not be printed.
    """
    if not isinstance(value, str):
        raise ContentNotPrintable(f"{field}: phải là chữ.", f"{field}: must be a text.")
    if len(value) > 4 * limit:  # before normalising: NFC of a long hostile text costs time
        raise _too_long(field, limit)
    text = unicodedata.normalize("NFC", value).strip(" ")
    if not text:
        raise ContentNotPrintable(f"{field}: không được để trống.", f"{field}: must not be empty.")
    if len(text) > limit:
        raise _too_long(field, limit)
    for character in text:
        if not _may_be_printed(character):
            name = f"U+{ord(character):04X}"
            raise ContentNotPrintable(
                f"{field}: có ký tự không in được ({name}).",
                f"{field}: has a character that cannot be printed ({name}).",
            )
    return text


def shown(value: object, *, limit: int = 300) -> str:
    """Give a stranger's text so that it can be printed and changes nothing around it; nothing is refused.

    What cannot be drawn, or would reorder or hide what stands beside it, appears as its code point: ``[U+202E]``.

    Args:
        value: any value; its text is shown on one line.
        limit: longest text in characters; what is longer ends with an ellipsis.
    """
    whole = str(value)
    text = unicodedata.normalize("NFC", whole[: 4 * limit])  # cut first: NFC of a long hostile text costs time
    text = " ".join(text.split())
    printed = "".join(one if _may_be_printed(one) else f"[U+{ord(one):04X}]" for one in text[: limit + 1])
    if len(printed) <= limit and len(whole) <= 4 * limit:
        return printed
    return printed[: limit - 1] + "…"


def _may_be_printed(character: str) -> bool:
    category = unicodedata.category(character)
    if character == " ":
        return True
    return category in _CATEGORIES | _CATEGORIES_OF_MARKS and character in printable_letters()


def _too_long(field: str, limit: int) -> ContentNotPrintable:
    return ContentNotPrintable(f"{field}: dài quá {limit} ký tự.", f"{field}: longer than {limit} characters.")
