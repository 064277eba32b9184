"""The credential of a certificate whose key is in a token of its holder's: everything about it but the key.

Knows the register and imported certificates. Must not know documents, nor whether the certificate may be used.
"""

from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.db import Tx
from api.errors import TokenKeyUnfit
from api.records.external_certificates import ExternalCertificates
from api.usecases.signing_certificate import known_certificate_id
from api.usecases.signing_parts import credential_of as kept_credential
from signing.ca import credential_of
from signing.errors import AlgorithmNotSupported, CertificateUnknown
from signing.identity import load_certificate
from signing.keys import ALGORITHM_OF_KIND, Credential, kind_of_spki
from signing.registry import CertificateRecord, KeyDevice
from signing.registry_sql import RegistrySql


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCertificate:
    """A certificate as its holder names it: by our id, or by the fingerprint that a token's program shows."""

    certificate_id: str | None = None
    sha256: str | None = None
    """Hex."""


def named_certificate_id(tx: Tx, named: NamedCertificate) -> str:
    """Our id of the certificate.

    Raises:
        CertificateUnknown: neither our register nor the imported ones have one of that fingerprint.
    """
    found = named.certificate_id or known_certificate_id(tx, named.sha256 or "")
    if found is None:
        raise CertificateUnknown("no certificate of that fingerprint is known here")
    return found


def token_credential(tx: Tx, certificate: CertificateRecord) -> Credential:
    """Certificate, chain and algorithm; ``key_id`` is empty, for no store of ours has the key.

    Raises:
        TokenKeyUnfit: no signature is made with a key of this kind. CertificateNotUsable: it was never issued.
    """
    found = ExternalCertificates(tx).find(certificate.certificate_id)
    try:
        if found is None:
            return replace(credential_of(certificate, RegistrySql(tx)), key_id="")
        algorithm = ALGORITHM_OF_KIND[kind_of_spki(public_key_of(found.der))]
    except AlgorithmNotSupported as err:
        raise TokenKeyUnfit from err
    return Credential(key_id="", certificate=found.der, chain=found.chain, algorithm=algorithm)


def signing_credential(tx: Tx, certificate: CertificateRecord) -> Credential:
    """The credential of a certificate, wherever its key is.

    Raises:
        TokenKeyUnfit; CertificateNotUsable: it was never issued.
    """
    return (token_credential if certificate.key_device is KeyDevice.TOKEN else kept_credential)(tx, certificate)


def public_key_of(certificate: bytes) -> bytes:
    """The public key that a certificate (DER) names: SubjectPublicKeyInfo, DER."""
    return load_certificate(certificate).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
