"""The hierarchy as it stands in the registry: authorities with their chains, responders, credentials.

Knows which certificate of the hierarchy is the current one of its kind. Issues nothing.
"""

from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.ca.builder import Authority
from signing.errors import CeremonyRefused, CertificateNotUsable
from signing.identity import load_certificate
from signing.keys import ALGORITHM_OF_KIND, Credential, SignatureAlgorithm, kind_of_spki
from signing.profiles import AuthorityName
from signing.registry import CertificateRecord, Registry
from signing.revocation import Responder

SEAL: Final = "seal"
TIMESTAMP: Final = "tsa"
_KEPT: Final = 256  # certificates whose key was looked at: the hierarchy's come back with every request


def authority_of(name: AuthorityName, registry: Registry) -> Authority:
    """Return an authority of the hierarchy.

    Raises:
        CeremonyRefused: the hierarchy has not been made.
    """
    found = [entry for entry in registry.by_service(f"ca:{name.value}") if entry.der is not None]
    if not found:
        message = f"there is no authority {name.value}"
        raise CeremonyRefused(message)
    return Authority(name=name, credential=credential_of(found[0], registry))


def credential_of(entry: CertificateRecord, registry: Registry) -> Credential:
    """Return key, certificate and chain of an issued certificate.

    The caller has checked that it may be used (I10).

    Raises:
        CertificateNotUsable: it is recorded, but was never signed.
    """
    if entry.der is None:
        message = "the certificate has not been issued yet"
        raise CertificateNotUsable(message)
    return Credential(
        key_id=entry.key_id,
        certificate=entry.der,
        chain=() if entry.service == f"ca:{entry.issuer}" else chain_of(entry.issuer, registry),
        algorithm=_algorithm_of(entry.der),
    )


@lru_cache(maxsize=_KEPT)
def _algorithm_of(certificate: bytes) -> SignatureAlgorithm:
    spki = load_certificate(certificate).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return ALGORITHM_OF_KIND[kind_of_spki(spki)]


def chain_of(issuer: str, registry: Registry) -> tuple[bytes, ...]:
    """Return the certificates above one that ``issuer`` issued: the issuer first, the root last."""
    above = authority_of(AuthorityName(issuer), registry).credential
    return (above.certificate, *above.chain)


def service_credential(service: str, registry: Registry, *, at: datetime) -> Credential:
    """Return the newest active credential of a service of the hierarchy (``tsa``, ``seal``, ``ocsp:personal``).

    Raises:
        CertificateNotUsable: there is none at that moment.
    """
    for entry in registry.by_service(service):
        if entry.is_active(at):
            return credential_of(entry, registry)
    message = f"no active certificate for {service}"
    raise CertificateNotUsable(message)


def responder_of(name: AuthorityName, registry: Registry, *, at: datetime) -> Responder:
    """Return who answers OCSP requests for an issuing authority.

    Raises:
        CertificateNotUsable: its short-lived signer has expired and was not renewed.
    """
    authority = authority_of(name, registry)
    signer = service_credential(f"ocsp:{name.value}", registry, at=at)
    return Responder(authority=authority.credential.certificate, signer=signer)
