"""The certificate that somebody wants to sign with: of our own register, or imported and confirmed.

Whoever signs picks it here, so that a local hold (S13) and an import that nobody confirmed bind every kind of signing.
Whether it fits the act is `certificate_fitness`'s question.
"""

from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.db import Tx
from api.errors import ExternalCertUnconfirmed
from api.records.external_certificates import ExternalCertificates, ExternalState
from api.records.organisations import Organisations
from signing.errors import CertificateUnknown
from signing.identity import load_certificate
from signing.keys import ALGORITHM_OF_KIND, Credential, kind_of_spki
from signing.registry import CertificateRecord
from signing.registry_sql import RegistrySql

_WITHOUT_STANDING: Final = frozenset({ExternalState.PENDING, ExternalState.REJECTED})


def certificate_to_sign_with(tx: Tx, certificate_id: str, at: datetime) -> CertificateRecord:
    """The certificate as the guards of signing know it, when its agency works at that moment.

    Raises:
        CertificateUnknown: there is none. ExternalCertUnconfirmed: an import without a second person's confirmation.
        OrganisationClosed: the agency ended, whether or not the job that ends its certificates has run (§3.5).
    """
    record = certificate_of(tx, certificate_id)
    if record.org_code is not None:
        Organisations(tx).require_working(record.org_code, at)
    return record


def certificate_of(tx: Tx, certificate_id: str) -> CertificateRecord:
    """The certificate of that id, of our own or imported and confirmed; whatever its status.

    Raises:
        CertificateUnknown, ExternalCertUnconfirmed: as `certificate_to_sign_with`.
    """
    try:
        return RegistrySql(tx).get(certificate_id)
    except CertificateUnknown:
        found = ExternalCertificates(tx).find(certificate_id)
        if found is None:
            raise
    if found.state in _WITHOUT_STANDING:
        raise ExternalCertUnconfirmed
    return found.as_record()


def known_certificate_id(tx: Tx, sha256: str) -> str | None:
    """The id of the certificate with this fingerprint (hex), of our own or imported; None: neither knows it."""
    found = RegistrySql(tx).by_sha256(sha256) or ExternalCertificates(tx).by_sha256(sha256)
    return None if found is None else found.certificate_id


def external_credential(tx: Tx, certificate: CertificateRecord) -> Credential | None:
    """Key, certificate and chain of an imported certificate whose key is in our store; None: it is not imported."""
    found = ExternalCertificates(tx).find(certificate.certificate_id)
    if found is None or found.key_id is None:
        return None
    spki = load_certificate(found.der).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Credential(
        key_id=found.key_id,
        certificate=found.der,
        chain=found.chain,
        algorithm=ALGORITHM_OF_KIND[kind_of_spki(spki)],
    )
