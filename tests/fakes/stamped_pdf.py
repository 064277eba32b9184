"""Document time-stamps on a file, by a library that is not ours."""

import asyncio
import io
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from tests.fakes.small_pki import SmallPki


def document_stamped(pdf: bytes, pki: SmallPki, *, field: str = "Stamp") -> bytes:
    """The file with one more revision: a document time-stamp over all of it."""
    certificate, key = pki._tsa
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    stamper = DummyTimeStamper(
        asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
        asn1_keys.PrivateKeyInfo.load(pkcs8),
        certs_to_embed=[asn1_x509.Certificate.load(pki.ca.der)],
        fixed_dt=pki.at,
    )

    async def stamped() -> Any:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        return await PdfTimeStamper(stamper, field_name=field).async_timestamp_pdf(writer, "sha256", None)

    return bytes(asyncio.run(stamped()).getvalue())
