"""Reads anchors from certificate files: PEM bundles or DER, as administrators hand them over.

A root that says it is for development becomes an anchor of the profile DEV whatever the caller asks for (S29): the
place where a file lies is a human's choice, what the certificate says is not. Knows file contents as bytes, never
paths: the caller reads the disk.
"""

import re
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from signing.errors import CertificateMalformed
from signing.identity import DEFAULT_ARC
from signing.trust.anchors import TrustAnchor, TrustProfile

MAX_ANCHOR_BYTES = 4 * 1024 * 1024  # a national list is a few hundred kilobytes
_DEVELOPMENT_MARK: Final = re.compile(r"(?<![^\W_])DEV(?![^\W_])")
"""Every name of a development hierarchy carries this word (the ceremony refuses a recipe without it)."""


def anchors_from_bytes(data: bytes, *, profile: TrustProfile) -> tuple[TrustAnchor, ...]:
    """Every certificate of a PEM bundle, or the one of a DER file, as an anchor of the given profile.

    A development root is an anchor of the profile DEV, whatever profile was given.

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
        marked = [_is_development(c) for c in certificates]
    except ValueError as err:
        raise CertificateMalformed("no readable certificate in the anchor file") from err
    return tuple(
        TrustAnchor(
            profile=TrustProfile.DEV if development else profile,
            certificate=c.public_bytes(Encoding.DER),
            name=_display_name(c),
        )
        for c, development in zip(certificates, marked, strict=True)
    )


def is_development(certificate: bytes) -> bool:
    """Whether a certificate (DER) says that it is for development: by its names or by its policies.

    Raises:
        CertificateMalformed: it cannot be read.
    """
    try:
        return _is_development(x509.load_der_x509_certificate(certificate))
    except ValueError as err:
        raise CertificateMalformed("not a certificate that can be read") from err


def _is_development(certificate: x509.Certificate) -> bool:
    names = (str(a.value) for name in (certificate.subject, certificate.issuer) for a in name)
    if any(_DEVELOPMENT_MARK.search(name) for name in names):
        return True
    try:
        policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        return False
    except x509.DuplicateExtension as err:
        raise ValueError("an extension comes twice") from err
    return any(p.policy_identifier.dotted_string == DEFAULT_ARC.development_policy for p in policies)


def _display_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()
