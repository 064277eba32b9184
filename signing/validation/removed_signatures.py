"""Signatures that are in the bytes of a file and in none of its fields any more.

Whoever takes a signature away leaves its bytes behind, because a file is only appended to: the dictionary is looked for
by its /ByteRange, and counts if the range fits this very file. What a program left over when it wrote the file anew
does not fit, and means nothing. Usage rights are no signature. Knows bytes and pyHanko's parser.
"""

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.geometry import Coverage, GeometryFaultError, checked_coverage
from signing.validation.reading import READ_ERRORS, array_items, followed, get
from signing.validation.signature_fields import SignatureField, read_field, signature_fields

MAX_TRACES: Final = 2_000
MAX_REMOVED: Final = 20
_OBJECT_WITHIN: Final = 64 * 1024  # bytes of a dictionary in front of its byte range, the container aside
_RANGE_LENGTH: Final = 4
_END_WITHIN: Final = 1024
_TRACE: Final = re.compile(rb"/ByteRange[\0\t\n\f\r ]{0,20}\[[\0\t\n\f\r ]{0,20}0((?:[\0\t\n\f\r ]{1,20}\d{1,12}){3})")
_HEADER: Final = re.compile(rb"\d{1,10}[\0\t\n\f\r ]{1,4}\d{1,5}[\0\t\n\f\r ]{1,4}obj[\0\t\n\f\r ]{0,20}<<")
_USAGE_RIGHTS: Final = frozenset({"/UR", "/UR3"})


def removed_signatures(
    pdf: bytes,
    fields: Sequence[SignatureField],
    reader: Any,  # noqa: ANN401 - pyHanko's reader
    *,
    end: int,
) -> Iterator[SignatureField]:
    """Signatures that no field shows although they fit the file, each once, as fields with a fault.

    ``end`` is where the part ends that the reader reads: what signs more than that was never in its form.
    """
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
        value = _dictionary(pdf, trace.start(), coverage, reader) if coverage.end <= end else None
        if value is None or _is_usage_rights(value) or count >= MAX_REMOVED:
            continue
        if _is_gone_with_consent(reader, numbers, fields):
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


def _is_gone_with_consent(reader: Any, numbers: tuple[int, ...], fields: Sequence[SignatureField]) -> bool:  # noqa: ANN401 - pyHanko's reader
    """Whether a signature that is still there was set on a revision in which the other one was gone already.

    A signer clears the own signature, corrects the text and signs anew: who signs last signs what is there then.
    """
    later = [field.byte_range for field in fields if _end(field.byte_range) > _end(numbers)]
    for byte_range in sorted(later, key=_end)[:MAX_REMOVED]:
        number = signed_revision(reader, _end(byte_range))
        if number is None:
            continue
        shown = {field.byte_range for field in signature_fields(reader.get_historical_root(number))}
        if byte_range in shown and numbers not in shown:
            return True
    return False


def signed_revision(reader: Any, end: int) -> int | None:  # noqa: ANN401 - pyHanko's reader
    """The last revision (from 0) whose cross references lie in the first bytes of a file; None if there is none."""
    total = reader.xrefs.total_revisions
    sections = (reader.xrefs.get_xref_container_info(number).end_location for number in range(total))
    number = next((number for number, section in enumerate(sections) if section > end), total) - 1
    return number if number >= 0 else None


def _end(byte_range: tuple[int | None, ...]) -> int:
    numbers = [number for number in byte_range if number is not None and number >= 0]
    return numbers[2] + numbers[3] if len(numbers) == _RANGE_LENGTH else 0


def _is_usage_rights(value: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    """ISO 32000-1 §12.8.2.3: granted by the maker of a program to a form, signed by nobody who reads it."""
    references = (followed(item) for item in array_items(get(value, "/Reference", ())))
    return any(get(reference, "/TransformMethod") in _USAGE_RIGHTS for reference in references)
