"""What a child process can be asked to do: the other side of `digitize.pipeline.apart`.

Knows how answers are packed. Must not be imported by the process that asks.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from digitize import tools
from digitize.intake import Limits
from digitize.intake.door import open_source
from digitize.intake.pdf_pages import jpeg_of_page
from digitize.model import to_document
from digitize.pipeline import story
from digitize.pipeline.apart import LENGTH

_SCREEN_PX = 1800


def digitise(source: bytes, options: Mapping[str, str], progress: tools.Progress) -> bytes:
    """Return the length of the JSON document, the document, and the PDF."""
    at = datetime.fromisoformat(options["at"])
    result = story.digitise(source, limits=_limits(options), at=at, progress=progress)
    document = json.dumps(to_document(result), ensure_ascii=False).encode()
    return LENGTH.pack(len(document)) + document + result.pdf


def inspect(source: bytes, options: Mapping[str, str], _progress: tools.Progress) -> bytes:
    """Return the media type and the number of pages."""
    opened = open_source(source, _limits(options))
    return f"{opened.kind.value} {opened.page_count}".encode("ascii")


def page_picture(source: bytes, options: Mapping[str, str], _progress: tools.Progress) -> bytes:
    """Return one page as a JPEG."""
    return jpeg_of_page(source, int(options["number"]) - 1, longest_side_px=_SCREEN_PX)


def _limits(options: Mapping[str, str]) -> Limits:
    return Limits(
        max_bytes=int(options["max_bytes"]),
        max_pixels=int(options["max_pixels"]),
        max_pages=int(options["max_pages"]),
    )
