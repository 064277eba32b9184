"""Whether an object was only written again: equal as it stands there, references by number. Follows nothing."""

from typing import Any

from pyhanko.pdf_utils import generic

from signing.validation.changes.objects import decrypted, raw_at
from signing.validation.changes.pairing import plain
from signing.validation.reading import MAX_DEPTH

_WRITTEN = frozenset({"/Length", "/DL"})


def same_as_written(old: Any, new: Any, depth: int = 0) -> bool:  # noqa: ANN401 - pyHanko's objects
    """Whether two values are the same without following references."""
    old, new = (decrypted(v) if isinstance(v, generic.DecryptedObjectProxy) else v for v in (old, new))
    if _is_null(old) or _is_null(new):
        return _is_null(old) and _is_null(new)
    if isinstance(old, generic.IndirectObject) or isinstance(new, generic.IndirectObject):
        return (
            isinstance(old, generic.IndirectObject)
            and isinstance(new, generic.IndirectObject)
            and (old.idnum, old.generation) == (new.idnum, new.generation)
        )
    if depth > MAX_DEPTH:
        return False
    if isinstance(old, generic.DictionaryObject):
        return isinstance(new, generic.DictionaryObject) and _same_dictionaries(old, new, depth)
    if isinstance(old, generic.ArrayObject):
        return (
            isinstance(new, generic.ArrayObject)
            and len(old) == len(new)
            and all(
                same_as_written(a, b, depth + 1) for a, b in zip(list.__iter__(old), list.__iter__(new), strict=True)
            )
        )
    return not isinstance(new, generic.DictionaryObject | generic.ArrayObject) and plain(old) == plain(new)


def _same_dictionaries(old: Any, new: Any, depth: int) -> bool:  # noqa: ANN401 - pyHanko's dictionaries
    is_stream = isinstance(old, generic.StreamObject)
    if is_stream != isinstance(new, generic.StreamObject):
        return False
    if is_stream and (old.encoded_data != new.encoded_data):
        return False
    keys = {*old, *new}
    if is_stream and not any(isinstance(raw_at(d, "/Length"), generic.IndirectObject) for d in (old, new)):
        keys -= _WRITTEN
    return all(same_as_written(raw_at(old, key), raw_at(new, key), depth + 1) for key in keys)


def _is_null(value: Any) -> bool:  # noqa: ANN401 - pyHanko's objects
    return value is None or isinstance(value, generic.NullObject)
