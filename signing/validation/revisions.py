"""Where the revisions of a file begin and end, byte by byte: nothing may stand between them or behind the last.

ISO 32000-1 §7.5.6: an update is appended to the file as it was, and ends with its own startxref and end-of-file marker.
What lies outside is seen by no strict reader and by every reader that repairs files. Knows pyHanko's cross-reference
sections, no objects.
"""

import re
from typing import Any

from signing.validation.geometry import only_blank

_BLANK = re.compile(rb"[\0\t\n\f\r ]*")
_CLOSING = re.compile(rb"startxref[\0\t\n\f\r ]+(\d{1,12})[\0\t\n\f\r ]+%%EOF")
_BEHIND_STREAM = re.compile(rb"[\0\t\n\f\r ]*(?:endobj)?[\0\t\n\f\r ]*\Z")
_BEHIND_TABLE = re.compile(
    rb"[\0\t\n\f\r ]*(?:trailer)?[\0\t\n\f\r ]*<<(?:(?!\bobj\b|\bstream\b).)*>>[\0\t\n\f\r ]*\Z", re.DOTALL
)
MAX_TRAILER_BYTES = 64 * 1024


def boundary_fault(pdf: bytes, reader: Any, *, signed: int, signed_end: int) -> str | None:  # noqa: ANN401 - pyHanko's
    """What stands behind the signed revision (counted from 0) without belonging to a later one; None: nothing."""
    end = signed_end
    for number in range(signed + 1, reader.xrefs.total_revisions):
        section = reader.xrefs.get_xref_container_info(number)
        begin = end + len(_BLANK.match(pdf, end)[0])  # type: ignore[index]  # the expression matches anywhere
        if begin != section.start_location and begin not in _offsets(reader, number):
            return f"bytes_before_revision_{number + 1}"
        closing = _CLOSING.search(pdf, section.end_location, section.end_location + MAX_TRAILER_BYTES)
        if closing is None or int(closing[1]) != reader.xrefs.get_startxref_for_revision(number):
            return f"end_of_revision_{number + 1}"
        between = pdf[section.end_location : closing.start()]
        if not (_BEHIND_STREAM if section.stream_ref is not None else _BEHIND_TABLE).match(between):
            return f"end_of_revision_{number + 1}"
        end = closing.end()
    return None if only_blank(pdf[end:]) else "bytes_behind_last_revision"


def _offsets(reader: Any, number: int) -> set[int]:  # noqa: ANN401 - pyHanko's reader
    """Where the objects of one revision begin."""
    data = reader.xrefs.get_xref_data(number)
    found = {offset for _, offset in data.standard_xrefs.values()}
    if data.hybrid is not None:
        found |= {offset for _, offset in data.hybrid.xref_data.standard_xrefs.values()}
    return found
