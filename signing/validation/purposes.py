"""What a root must be accepted for, so that a certificate under it may do what it is for.

Knows classes and purposes. What a certificate says of itself is enough here: saying less than the truth gains nothing,
because every purpose is allowed by the signed policy only.
"""

from signing.errors import SigningError
from signing.identity import CertificateClass, read_certificate_facts
from signing.trust import TrustPurpose

_OF_CLASS = {
    CertificateClass.PERSONAL: TrustPurpose.DOCUMENT_SIGNING,
    CertificateClass.ORG_SEAL: TrustPurpose.SEAL,
    CertificateClass.SERVICE: TrustPurpose.SEAL,
    CertificateClass.CITIZEN: TrustPurpose.CITIZEN_SIGNING,
}


def purpose_of_class(kind: CertificateClass | None) -> TrustPurpose:
    """The purpose for a class; of a certificate whose class is not known: signing documents."""
    return TrustPurpose.DOCUMENT_SIGNING if kind is None else _OF_CLASS[kind]


def signing_purpose(certificate: bytes) -> TrustPurpose:
    """The purpose for a signer's certificate (DER); one that contradicts itself has no class."""
    try:
        return purpose_of_class(read_certificate_facts(certificate).certificate_class)
    except SigningError:
        return TrustPurpose.DOCUMENT_SIGNING
