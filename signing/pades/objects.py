"""Typed makers of PDF objects: pyHanko's own constructors carry no types."""

from collections.abc import Iterable, Mapping
from typing import Any

from pyhanko.pdf_utils import generic

_Dictionary: Any = generic.DictionaryObject
_Float: Any = generic.FloatObject
_Indirect: Any = generic.IndirectObject
_Number: Any = generic.NumberObject
_Stream: Any = generic.StreamObject


def name(text: str) -> generic.NameObject:
    """A name object; the text starts with a slash."""
    return generic.NameObject(text)


def dictionary(entries: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a pyHanko dictionary
    """A dictionary with the given entries; keys start with a slash."""
    return _Dictionary({name(key): value for key, value in entries.items()})


def indirect(number_: int, generation: int, holder: Any) -> Any:  # noqa: ANN401 - a reference in pyHanko's reader or writer
    """A reference to an object."""
    return _Indirect(number_, generation, holder)


def number(value: int) -> Any:  # noqa: ANN401 - a pyHanko number
    """An integer."""
    return _Number(value)


def array(items: Iterable[Any]) -> generic.ArrayObject:
    """An array of objects or references."""
    return generic.ArrayObject(items)


def whole_numbers(values: Iterable[int]) -> generic.ArrayObject:
    """An array of integers."""
    return generic.ArrayObject(_Number(value) for value in values)


def numbers(values: Iterable[float]) -> generic.ArrayObject:
    """An array of reals with three decimals."""
    return generic.ArrayObject(_Float(f"{value:.3f}") for value in values)


def stream(entries: Mapping[str, Any], data: bytes) -> Any:  # noqa: ANN401 - a pyHanko stream
    """A Flate-compressed stream."""
    result = _Stream({name(key): value for key, value in entries.items()}, stream_data=data)
    result.compress()
    return result


def entry(holder: Any, key: str, default: Any = None) -> Any:  # noqa: ANN401 - pyHanko's objects
    """The value under a key with references followed (``get`` of pyHanko's dictionaries does not follow them)."""
    try:
        return holder[key]
    except KeyError:
        return default
