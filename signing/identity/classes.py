"""Classes of certificates and the object identifiers that tell them apart.

Knows our OID arc. Knows no certificate.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CertificateClass(StrEnum):
    """What kind of holder a certificate names."""

    PERSONAL = "personal"
    ORG_SEAL = "org_seal"
    CITIZEN = "citizen"
    SERVICE = "service"


class ProfileName(StrEnum):
    """Every kind of certificate that we issue."""

    ROOT = "root"
    ISSUING_CA = "issuing_ca"
    OCSP_SIGNER = "ocsp_signer"
    TSA = "tsa"
    PERSONAL = "personal"
    PERSONAL_SECONDARY = "personal_secondary"
    ORG_SEAL = "org_seal"
    ORG_SEAL_SECONDARY = "org_seal_secondary"
    CITIZEN = "citizen"
    CITIZEN_SECONDARY = "citizen_secondary"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class OidArc:
    """Our object identifiers under one arc.

    The default is the arc that RFC 5612 keeps for documentation: it can never be taken for an official one.
    """

    root: str = "1.3.6.1.4.1.32473"

    def policy(self, certificate_class: CertificateClass, *, secondary: bool) -> str:
        """Return the certificate policy of a class, one OID for primaries and one for secondaries."""
        number = list(CertificateClass).index(certificate_class) + 1
        return f"{self.root}.1.{number}.{2 if secondary else 1}"

    @property
    def authority_policy(self) -> str:
        """Policy of certificates that serve the authority itself (OCSP signer, time-stamp unit)."""
        return f"{self.root}.1.9.1"

    @property
    def development_policy(self) -> str:
        """Policy that says: development, no legal value."""
        return f"{self.root}.1.0.1"

    @property
    def secondary_extension(self) -> str:
        """Extension that links a secondary certificate to its primary."""
        return f"{self.root}.2.1"

    @property
    def scope_extension(self) -> str:
        """Extension that narrows what a certificate may sign."""
        return f"{self.root}.2.2"

    @property
    def timestamp_policy(self) -> str:
        """Policy that time-stamp tokens are issued under."""
        return f"{self.root}.3.1"


DEFAULT_ARC: Final = OidArc()
