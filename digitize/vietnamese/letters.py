"""Letters: one normal form, tone marks where the school spelling puts them, folding for comparison.

Knows letters and syllables. Must not know documents, and never changes a digit.
"""

import re
import unicodedata
from functools import lru_cache

_TONES = {"\u0300": "grave", "\u0301": "acute", "\u0303": "tilde", "\u0309": "hook", "\u0323": "dot"}
_SHAPES = {"\u0302", "\u0306", "\u031b"}  # circumflex, breve, horn: they make another vowel, they are not tones
_VOWELS = "aeiouy"
_AREA_UNIT = re.compile(r"(?<=\d )m[?ê°*](?=$|[\s,;.)])")
_SPACE = re.compile(r"\s+")


_LOOKALIKES = str.maketrans("Ðð", "Đđ")  # the Icelandic letter looks the same and is never meant


def nfc(text: str) -> str:
    """Return composed letters, single spaces, no control characters."""
    composed = unicodedata.normalize("NFC", text).translate(_LOOKALIKES)
    kept = "".join(" " if char.isspace() else char for char in composed if char.isspace() or char.isprintable())
    return _SPACE.sub(" ", kept).strip()


def fold(text: str) -> str:
    """Return the text for comparison: lower case, no marks, đ as d, single spaces."""
    split = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(char for char in split if not unicodedata.combining(char)).replace("đ", "d")
    return _SPACE.sub(" ", bare).strip()


def place_tones(text: str) -> str:
    """Put each tone mark on the vowel where the spelling taught at school has it (hoà -> hòa, qúy -> quý)."""
    return "".join(_place_tone(part) for part in re.split(r"([^\W\d_]+)", unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=4096)
def _place_tone(word: str) -> str:
    split = unicodedata.normalize("NFD", word)
    tones = [char for char in split if char in _TONES]
    if len(tones) != 1:
        return word
    bare = unicodedata.normalize("NFC", "".join(char for char in split if char not in _TONES))
    at = _tone_position(bare)
    if at is None:
        return word
    return unicodedata.normalize("NFC", bare[: at + 1] + tones[0] + bare[at + 1 :])


def _tone_position(bare: str) -> int | None:
    """Return the index of the letter that carries the tone in a syllable without one."""
    letters = [unicodedata.normalize("NFD", char.lower()) for char in bare]
    vowels = [index for index, letter in enumerate(letters) if letter[0] in _VOWELS]
    if not vowels:
        return None
    run = [index for index in vowels if index - vowels[0] == vowels.index(index)]
    if run != vowels:  # two groups of vowels: not one Vietnamese syllable
        return None
    if len(run) > 1 and _is_glide(bare.lower(), run[0]):
        run = run[1:]
    shaped = [index for index in run if any(mark in _SHAPES for mark in letters[index][1:])]
    if shaped:
        return shaped[-1]
    if len(run) == 1:
        return run[0]
    ends_with_consonant = run[-1] < len(bare) - 1
    if len(run) == 2:  # noqa: PLR2004 - hòa, but hoàn
        return run[1] if ends_with_consonant else run[0]
    return run[1]


def _is_glide(bare: str, index: int) -> bool:
    """Tell whether the first vowel letter belongs to the consonant: qu…, gi…."""
    return index > 0 and bare[index - 1 : index + 1] in {"qu", "gi"}


def repair(text: str) -> str:
    """Return the reader's text in normal form; only marks and a unit sign are mended, never a letter or a digit."""
    return _AREA_UNIT.sub("m²", place_tones(nfc(text)))


def title_case(name: str) -> str:
    """Return a person's name with each syllable capitalised: HOÀNG KHÁNH -> Hoàng Khánh."""
    return " ".join(part[:1].upper() + part[1:].lower() for part in nfc(name).split())


_CAPITAL_SHARE = 0.7  # a few letters of a title may be misread


def is_in_capitals(text: str) -> bool:
    """Tell whether the text's letters are capitals, as in titles and the head of a paper."""
    letters = [char for char in text if char.isalpha()]
    return bool(letters) and sum(char.isupper() for char in letters) > _CAPITAL_SHARE * len(letters)
