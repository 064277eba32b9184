"""The writer of one more revision: appends objects, touches nothing else.

pyHanko's own writer rewrites document information and XMP metadata with the machine's clock each time: a signature
would change what the document says about itself (and what PDF/A-2 wants in step). Here metadata is left alone.
"""

import io

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader


class RevisionWriter(IncrementalPdfFileWriter):
    """An incremental writer that leaves the document's metadata as they are."""

    def _update_meta(self) -> None:
        """Nothing: neither /Info nor /Metadata belongs to a signature."""


def revision_writer(pdf: bytes) -> RevisionWriter:
    """A writer behind the document; raises pyHanko's errors when the document cannot be read."""
    return RevisionWriter(io.BytesIO(pdf), prev=PdfFileReader(io.BytesIO(pdf), strict=True))
