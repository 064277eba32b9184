"""Signatures that are in the bytes of a file and in none of its fields any more.

Whoever takes a signature away leaves its bytes behind, because a file is only appended to: the dictionary is looked for
by its /ByteRange, and counts if the range fits this very file. What a program left over when it wrote the file anew
does not fit, and means nothing. Usage rights are no signature. Knows bytes and pyHanko's parser.
"""

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.geometry import Coverage, GeometryFaultError, checked_coverage
from signing.validation.reading import READ_ERRORS, array_items, followed, get
from signing.validation.signature_fields import SignatureField, read_field

MAX_TRACES: Final = 2_000
MAX_REMOVED: Final = 20
_OBJECT_WITHIN: Final = 64 * 1024  # bytes of a dictionary in front of its byte range, the container aside
_END_WITHIN: Final = 1024
_TRACE: Final = re.compile(rb"/ByteRange[\0\t\n\f\r ]{0,20}\[[\0\t\n\f\r ]{0,20}0((?:[\0\t\n\f\r ]{1,20}\d{1,12}){3})")
_HEADER: Final = re.compile(rb"\d{1,10}[\0\t\n\f\r ]{1,4}\d{1,5}[\0\t\n\f\r ]{1,4}obj[\0\t\n\f\r ]{0,20}<<")
_USAGE_RIGHTS: Final = frozenset({"/UR", "/UR3"})


def removed_signatures(pdf: bytes, fields: Iterable[SignatureField], reader: Any) -> Iterator[SignatureField]:  # noqa: ANN401 - pyHanko's reader
    """Signatures that no field shows although they fit the file, each once, as fields with a fault."""
    known = {field.byte_range for field in fields}
    traces = [trace for number, trace in enumerate(_TRACE.finditer(pdf)) if number < MAX_TRACES]
    count = 0
    for trace in traces:
        numbers = (0, *(int(word) for word in trace[1].split()))
        if numbers in known:
            continue
        known.add(numbers)
        try:
            coverage = checked_coverage(pdf, numbers)
        except GeometryFaultError:
            continue
        value = _dictionary(pdf, trace.start(), coverage, reader)
        if value is None or _is_usage_rights(value) or count >= MAX_REMOVED:
            continue
        count += 1
        holder: Any = generic.DictionaryObject({generic.pdf_name("/V"): value})  # type: ignore[no-untyped-call]  # pyHanko
        found = read_field(holder, f"#removed{count}")
        yield SignatureField(
            name=found.name, field=holder, value=value, sub_filter=found.sub_filter, byte_range=numbers,
            claimed_time=found.claimed_time, contents=found.contents,
            fault="the signature was taken out of the form", fault_code="DOCUMENT_ALTERED",
        )  # fmt: skip


def _dictionary(pdf: bytes, at: int, coverage: Coverage, reader: Any) -> Any:  # noqa: ANN401 - pyHanko's objects
    """The dictionary around a byte range if it is a signature's: its container fills the gap."""
    begin = max(0, min(at, coverage.gap_start) - _OBJECT_WITHIN)
    headers = list(_HEADER.finditer(pdf, begin, min(at, coverage.gap_start)))
    closing = pdf[max(0, coverage.end - _END_WITHIN) : coverage.end].rstrip(b"\0\t\n\f\r ")
    if not headers or not closing.endswith(b"%%EOF"):  # it did not cover a revision
        return None
    stream = io.BytesIO(pdf)
    stream.seek(headers[-1].end() - 2)
    try:
        value = generic.DictionaryObject.read_from_stream(stream, generic.Reference(0, 0, reader))
    except READ_ERRORS:
        return None
    contents = get(value, "/Contents")
    if contents is None or getattr(contents, "original_bytes", None) != coverage.contents:
        return None
    return value


def _is_usage_rights(value: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    """ISO 32000-1 §12.8.2.3: granted by the maker of a program to a form, signed by nobody who reads it."""
    references = (followed(item) for item in array_items(get(value, "/Reference", ())))
    return any(get(reference, "/TransformMethod") in _USAGE_RIGHTS for reference in references)
