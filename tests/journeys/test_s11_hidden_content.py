"""Scenario S11: content hidden before signing and shown afterwards, and a second /ByteRange; through HTTP."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from api.usecases.signing_parts import evidence_source, platform_credential, time_stamper
from signing.pades import SigningRequest, sign_pdf
from tests.fakes.sample_pdf import assembled
from tests.journeys.issued_result import verified

pytestmark = pytest.mark.journey

_PAGE = b"BT /F1 20 Tf 20 150 Td (5.000.000) Tj ET BT /F1 14 Tf 20 30 Td (and a mortgage) Tj ET q /Cover Do Q"
_COVER = b"1 g 0 0 300 60 re f"


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


_OBJECTS = [
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> /XObject << /Cover 6 0 R >> >> >>"
    ),
    _stream(b"", _PAGE),
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding 7 0 R >>",
    _stream(b"/Type /XObject /Subtype /Form /BBox [0 0 300 60]", _COVER),
    b"<< /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [32 /space] >>",
]


@pytest.fixture(scope="module")
def signed(installation: Any) -> bytes:
    """A prepared document under a signature that this service trusts."""
    services, at = installation.services, installation.clock.at
    with services.db.reading() as tx:
        credential = platform_credential(tx, at)
    return sign_pdf(
        assembled(_OBJECTS), SigningRequest(credential=credential, field_name="Seal"), keys=services.keys,
        stamp=time_stamper(services, at), evidence=evidence_source(services, at), at=at,
    ).pdf  # fmt: skip


def revised(pdf: bytes, number: int, edit: Callable[[Any], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    reference = generic.Reference(number, 0, writer)
    edit(writer.get_object(reference))
    writer.mark_update(reference)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def uncovered(pdf: bytes) -> bytes:
    """The cover is emptied: what it hid from the signer is shown."""

    def edit(cover: Any) -> None:
        cover._data, cover._encoded_data = b" ", None

    return revised(pdf, 6, edit)


def reads_differently(pdf: bytes) -> bytes:
    """The font's encoding is exchanged: 5 is shown as 9."""

    def edit(encoding: Any) -> None:
        entries = [generic.NumberObject(53), generic.NameObject("/nine")]
        encoding["/Differences"] = generic.ArrayObject(entries)

    return revised(pdf, 7, edit)


def with_second_range(pdf: bytes) -> bytes:
    """A second /ByteRange in the room of the padding: not one signed octet is changed."""
    start = pdf.index(b"/Contents <") + len(b"/Contents ")
    end = pdf.index(b">", start)
    value = pdf[start:end].rstrip(b"0")
    value += b"0" * ((len(value) + 1) % 2)
    more = b"> /ByteRange [0 %d %d %d] /Lie (" % (start, end + 1 + 100, len(pdf) - end - 101)
    padding = end - start - len(value) - len(more)
    assert padding > 0
    return pdf[:start] + value + more + b"x" * padding + b")" + pdf[end + 1 :]


def test_the_prepared_document_itself_is_valid(installation: Any, signed: bytes) -> None:
    assert verified(installation.client, signed)["verdict"] == "valid"


@pytest.mark.parametrize(
    ("attack", "names"),
    [
        (uncovered, {"SHADOW_HIDE", "SHADOW_REPLACE", "SHADOW_HIDE_AND_REPLACE"}),
        (reads_differently, {"FONT_OVERLAY"}),
        (with_second_range, {"SIGNATURE_COVERAGE", "SIGNATURE_MALFORMED", "FORGED_SIGNATURE"}),
    ],
)
def test_hidden_content_and_a_second_range_are_never_valid_and_named(
    installation: Any, signed: bytes, attack: Callable[[bytes], bytes], names: set[str]
) -> None:
    report = verified(installation.client, attack(signed))
    assert (report["verdict"], report["acceptance"]) == ("invalid", "refuse")
    assert report["reason_codes"][0] in names
    assert report["signatures"][0]["indication"] in {"TOTAL-FAILED", "INDETERMINATE"}
