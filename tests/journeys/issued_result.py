"""A birth extract that a ward has issued, with the QR code on its page and what people do with copies of it."""

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pikepdf
import pypdfium2
import zxingcpp
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.api.office import Office
from tests.api.ui.test_pages import said


@dataclass(frozen=True)
class IssuedResult:
    """The stored original, and where its QR code leads."""

    result_id: str
    pdf: bytes
    landing: str


def issued_result(office: Office) -> IssuedResult:
    """Sign, seal and issue one, and read the code off its page as a telephone does."""
    result = office.numbered()
    for answer in (office.sign(result), office.seal(result), office.send_issue(result)):
        assert answer.status_code in {200, 201}, answer.text
    pdf = office.content(result)
    (code,) = zxingcpp.read_barcodes(picture(pdf, scale=3))
    return IssuedResult(result_id=result, pdf=pdf, landing=urlsplit(code.text).path)


def picture(pdf: bytes, scale: float = 2) -> Any:
    """What a printer or a camera makes of the first page."""
    return pypdfium2.PdfDocument(pdf)[0].render(scale=scale).to_pil()


def photograph(pdf: bytes) -> bytes:
    out = io.BytesIO()
    picture(pdf).convert("RGB").save(out, "JPEG", quality=70)
    return out.getvalue()


def scanned(pdf: bytes) -> bytes:
    """The print, scanned to a PDF of one picture."""
    out = io.BytesIO()
    picture(pdf).convert("RGB").save(out, "PDF", resolution=144)
    return out.getvalue()


def edited(pdf: bytes, drawing: bytes) -> bytes:
    """The file with something drawn over its first page in one more revision; the QR code stays."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    added = writer.add_object(generic.StreamObject(stream_data=drawing))
    contents = page.raw_get("/Contents")
    old = list(contents) if isinstance(contents, generic.ArrayObject) else [contents]
    page["/Contents"] = generic.ArrayObject([*old, added])
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def verified(client: Any, content: bytes, name: str = "a.pdf") -> dict[str, Any]:
    """What POST /v1/verifications answers."""
    answer = client.post("/v1/verifications", files={"file": (name, content)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def landed(client: Any, path: str, content: bytes | None = None, name: str = "a.pdf") -> str:
    """The text of the page behind a QR code, also after a file was compared there."""
    headers = {"Accept": "text/html"}
    if content is None:
        answer = client.get(path, headers=headers)
    else:
        answer = client.post(path, files={"tep": (name, content)}, headers=headers)
    assert answer.status_code == 200, answer.text
    return said(answer)


def without_signatures(pdf: bytes) -> bytes:
    """The pictures of signature and seal stay on the page, the signatures go."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.flatten_annotations()
        if "/AcroForm" in document.Root:
            del document.Root.AcroForm
        for page in document.pages:
            if "/Annots" in page:
                del page.Annots
        document.save(out)
    return out.getvalue()
