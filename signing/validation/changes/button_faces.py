"""Whether a box or a radio button shows its value, and whether a face that was drawn anew shows what it did before.

ISO 32000-2 §12.7.5.2. Programs draw all faces of a button again when one is chosen; what they draw must be the same, or
the sign that every program ticks a box with. Knows the widgets of one field in two revisions.
"""

from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.appearances import Agreement, content_of, is_one_sign, names_in
from signing.validation.changes.objects import raw_at
from signing.validation.changes.pairing import Pair

_HOW_STORED: Final = frozenset({"/Length", "/Filter", "/DecodeParms", "/DL"})


def button_agreement(pair: Pair, old: Any, new: Any, *, state: str, value: str) -> Agreement:  # noqa: ANN401 - pyHanko's dictionaries
    """A button changes between the faces it had; a face drawn anew is the same, or the sign of a ticked box."""
    if state not in {value, "/Off", ""}:
        return Agreement.DIFFERS
    if pair.same_at(old, new, "/AP"):
        return Agreement.AGREES
    before, after = pair.old.dictionary(old, "/AP"), pair.new.dictionary(new, "/AP")
    if set(pair.differing(before, after)) != {"/N"}:
        return Agreement.DIFFERS
    was, now = pair.old.dictionary(before, "/N"), pair.new.dictionary(after, "/N")
    redrawn = [
        name for name in pair.differing(was, now) if not _is_same_face(pair, raw_at(was, name), raw_at(now, name))
    ]
    if "/Off" in redrawn or not set(redrawn) <= set(was):
        return Agreement.DIFFERS
    signs = all(is_one_sign(pair.new, pair.new.get(now, name)) for name in redrawn)
    return Agreement.AGREES if signs else Agreement.DIFFERS


def _is_same_face(pair: Pair, old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko's objects
    """Whether two streams draw the same with the same means, whatever means they leave unused."""
    old, new = pair.old.value(old), pair.new.value(new)
    if not isinstance(old, generic.StreamObject) or not isinstance(new, generic.StreamObject):
        return False
    content = content_of(pair.old, old)
    if (
        content is None
        or content != content_of(pair.new, new)
        or pair.differing(old, new, _HOW_STORED | {"/Resources"})
    ):
        return False
    used = names_in(content)
    before, after = pair.old.dictionary(old, "/Resources"), pair.new.dictionary(new, "/Resources")
    return all(
        not used.intersection(pair.differing(pair.old.dictionary(before, kind), pair.new.dictionary(after, kind)))
        for kind in {*before, *after} - {"/ProcSet"}
    )
