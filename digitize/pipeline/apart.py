"""Reading in a child process that is killed when it oversteps its limits: for services, workers and commands.

Imports nothing heavy: the libraries that read pictures are loaded in the child only, so that a service that hands out
work stays small.

Knows limits and what crosses the border. Must not know how anything is read.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digitize import tools
from digitize.errors import EngineFailed
from digitize.intake import Kind, Limits, sniff
from digitize.model import Document

LENGTH = struct.Struct(">Q")
_CHILD = "digitize.pipeline.child"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitisedDocument:
    """What a child made of a file: the reading as a JSON document, and the searchable copy."""

    document: Document = field(repr=False)
    """See `digitize.model.to_document`."""
    pdf: bytes = field(repr=False)
    """PDF/A-2b, validated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digitiser:
    """Reads files apart."""

    limits: Limits = field(default_factory=Limits)
    tool_limits: tools.ToolLimits = field(default_factory=tools.ToolLimits)

    def inspect(self, source: bytes) -> tuple[Kind, int]:
        """Return a file's kind and number of pages after every check of the door.

        Raises:
            UnsupportedInput, UnsafeInput, AlreadySigned, EngineFailed: See `digitize.errors` for the leaves.
        """
        if len(source) <= self.limits.max_bytes:
            sniff(source)  # cheap and safe: no child for what is no accepted kind at all
        answer = self._run("inspect", source, {}, _nobody)
        kind, _, count = answer.decode("ascii").partition(" ")
        return Kind(kind), int(count)

    def digitise(self, source: bytes, *, at: datetime, progress: tools.Progress) -> DigitisedDocument:
        """Return text, fields and searchable copy of one file.

        Args:
            source: The file's bytes, from anybody.
            at: Creation time of the copy, with zone.
            progress: Told about each page; the labels hold no personal data.

        Raises:
            DigitizeError: Any leaf of `digitize.errors`; `TimedOut` and `OutOfMemory` for the limits.
        """
        answer = self._run("digitise", source, {"at": at.isoformat()}, progress)
        (length,) = LENGTH.unpack_from(answer)
        document = json.loads(answer[LENGTH.size : LENGTH.size + length])
        if not isinstance(document, dict):
            raise EngineFailed("the child process answered out of turn")
        return DigitisedDocument(document=document, pdf=answer[LENGTH.size + length :])

    def page_picture(self, pdf: bytes, number: int) -> bytes:
        """Return page `number` (from 1) of a searchable copy as a JPEG for the screen.

        Raises:
            DamagedInput: There is no such page.
        """
        return self._run("page_picture", pdf, {"number": str(number)}, _nobody)

    def _run(self, name: str, source: bytes, options: Mapping[str, str], progress: tools.Progress) -> bytes:
        own = {
            "max_bytes": str(self.limits.max_bytes),
            "max_pixels": str(self.limits.max_pixels),
            "max_pages": str(self.limits.max_pages),
        }
        return tools.run(
            f"{_CHILD}:{name}", source, options=own | dict(options), limits=self.tool_limits, progress=progress
        )


def _nobody(_done: int, _total: int, _label: str) -> None:
    """Nobody waits for progress."""
