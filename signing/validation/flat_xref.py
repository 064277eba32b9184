"""One cross-reference stream for a file that has hybrid ones, because QPDF does not see what those hide.

Office programs write a table for old readers and beside it a stream with further objects (/XRefStm, ISO 32000-2
§7.5.8.4). QPDF 12 passes over objects that the table calls free. It gets the same file with one plain section behind
it; that the hybrid sections do not contradict themselves is checked on their own. Knows pyHanko's sections.
"""

import io
from collections.abc import Mapping
from typing import Any, Final

_OF_THE_SECTION: Final = ("/Prev", "/XRefStm", "/Size", "/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms")


def flat_section(end: int, places: Mapping[tuple[int, int], tuple[int, int] | int], trailer: Any) -> bytes:  # noqa: ANN401 - pyHanko's dictionary
    """What to append to the first ``end`` bytes of a file: all its objects in one cross-reference stream."""
    rows = {
        number: (2, *place) if isinstance(place, tuple) else (1, place, generation)
        for (number, generation), place in sorted(places.items())
    }
    own = max(rows, default=0) + 1
    rows[own] = (1, end + 1, 0)
    data = b"".join(kind.to_bytes(1) + one.to_bytes(8) + two.to_bytes(4) for kind, one, two in rows.values())
    entries = io.BytesIO()
    for key, value in trailer.items():
        if key not in _OF_THE_SECTION:
            key.write_to_stream(entries)
            entries.write(b" ")
            value.write_to_stream(entries)
            entries.write(b"\n")
    index = b" ".join(b"%d 1" % number for number in rows)
    return (
        b"\n%d 0 obj\n<< /Type /XRef /W [1 8 4] /Index [%b] /Size %d /Length %d\n" % (own, index, own + 1, len(data))
        + entries.getvalue() + b">>\nstream\n" + data + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (end + 1)
    )  # fmt: skip
