"""Whether an object ends before the next one begins, told from its text: who searches texts must not miss a part.

A cross-reference entry may point into a comment or a string of another object, and both are read without a fault (ISO
32000-2 §7.2.4, §7.3.4.2). Almost every object is seen to be whole at a glance; the others are read word by word. Knows
the words of PDF, no values.
"""

import re
from typing import Final

_REGULAR: Final = rb"[^\0\t\n\f\r ()<>\[\]{}/%]"
_STRING: Final = (
    rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*+\))*+\))*+\))*+\)"  # ISO 32000-2 §7.3.4.2
)
_WORDS: Final = re.compile(
    rb"(?:[\0\t\n\f\r \[\]{}]|%[^\r\n]*+[\r\n]|/" + _REGULAR + rb"*+|" + _STRING
    + rb"|<<|>>|<[^<>]*+>|(?!(?:endobj|stream)(?!" + _REGULAR + rb"))" + _REGULAR + rb"++)*+(?:endobj|stream)",
    re.DOTALL,
)  # fmt: skip
_BLANK: Final = b"\0\t\n\f\r "
_PAIRS: Final = ((b"(", b")"), (b"<", b">"), (b"[", b"]"))


def dictionary_end(pdf: bytes, start: int, end: int) -> int | None:
    """Where the value of the object at an offset ends (the dictionary, if it has a stream); None if not before `end`.

    What a stream holds is passed over without being looked at, however long it is.
    """
    stream = pdf.find(b"stream", start, end)
    text = pdf[start:stream] if stream >= 0 else pdf[start:end].rstrip(_BLANK)
    if _is_plainly_whole(text, has_stream=stream >= 0):
        return start + len(text)
    found = _WORDS.match(pdf, start, end)
    return None if found is None else found.end()


def _is_plainly_whole(text: bytes, *, has_stream: bool) -> bool:
    """Whether there are no comments and escapes, and everything that opens is closed.

    In front of a stream there must be no string either: the word could stand in it.
    """
    if b"%" in text or b"\\" in text or any(text.count(first) != text.count(last) for first, last in _PAIRS):
        return False
    if has_stream:
        return b"(" not in text and b"endobj" not in text
    return text.find(b"endobj") == len(text) - len(b"endobj")
