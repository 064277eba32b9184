"""Reads anchors from certificate files: PEM bundles or DER, as administrators hand them over.

Knows file contents as bytes, never paths: the caller reads the disk.
"""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from signing.errors import CertificateMalformed
from signing.trust.anchors import TrustAnchor, TrustProfile

MAX_ANCHOR_BYTES = 4 * 1024 * 1024  # a national list is a few hundred kilobytes


def anchors_from_bytes(data: bytes, *, profile: TrustProfile) -> tuple[TrustAnchor, ...]:
    """Every certificate of a PEM bundle, or the one of a DER file, as an anchor of the given profile.

    Raises:
        CertificateMalformed: the bytes hold no certificate that can be read.
    """
    if len(data) > MAX_ANCHOR_BYTES:
        raise CertificateMalformed(f"anchor file is larger than {MAX_ANCHOR_BYTES} bytes")
    try:
        if b"-----BEGIN" in data:
            certificates = x509.load_pem_x509_certificates(data)
        else:
            certificates = [x509.load_der_x509_certificate(data)]
    except ValueError as err:
        raise CertificateMalformed("no readable certificate in the anchor file") from err
    return tuple(
        TrustAnchor(profile=profile, certificate=c.public_bytes(Encoding.DER), name=_display_name(c))
        for c in certificates
    )


def _display_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()
