"""What every signing use-case takes from the hierarchy: credential, time-stamps and status evidence.

Knows the register and the hierarchy. Must not know documents, nor whether a certificate may be used: that was
asked before (`certificate_fitness`). Time-stamps and CRLs count numbers in the database, so a signature is made
outside any transaction.
"""

from collections.abc import Callable
from datetime import datetime

from api.db import Tx
from api.errors import CertificateKeyOnToken
from api.services import Services
from api.usecases.ask_timestamp import ask_timestamp
from api.usecases.gather_evidence import EvidenceSource
from api.usecases.gather_evidence import evidence_source as evidence_source_of
from api.usecases.signing_certificate import external_credential
from signing.ca import SEAL, service_credential
from signing.ca import credential_of as credential_of_record
from signing.errors import EvidenceUnavailable, SigningError
from signing.keys import Credential
from signing.registry import CertificateRecord, KeyDevice
from signing.registry_sql import RegistrySql
from signing.trust import Evidence

Stamp = Callable[[bytes], bytes]


def credential_of(tx: Tx, certificate: CertificateRecord) -> Credential:
    """Key, certificate and chain of a holder's certificate.

    Raises:
        CertificateNotUsable: it is recorded, but has not been issued. CertificateKeyOnToken: we do not have its key.
    """
    if certificate.key_device is KeyDevice.TOKEN:
        raise CertificateKeyOnToken
    return external_credential(tx, certificate) or credential_of_record(certificate, RegistrySql(tx))


def platform_credential(tx: Tx, at: datetime) -> Credential:
    """The platform's own seal (class SERVICE), for delivery notes, receipts and signed reports.

    Raises:
        CertificateNotUsable: the hierarchy has none at that moment.
    """
    return service_credential(SEAL, RegistrySql(tx), at=at)


def time_stamper(services: Services, at: datetime, *, patient: bool = False) -> Stamp:
    """What `sign_pdf(…, stamp=…)` takes: TimeStampReq in, TimeStampResp out.

    The returned function raises TimestampUnavailable for whatever keeps the authorities from answering, also for a
    key that cannot be used: the signer's own key must not be blamed for it (I17).

    Args:
        services: of this process.
        at: the moment of what the stamp is wanted for.
        patient: nobody waits for it (`late_timestamp`).
    """
    return lambda request: ask_timestamp(request, services, at, patient=patient)


def as_far_as_known(evidence: EvidenceSource) -> EvidenceSource:
    """The same source, but from the first chain on that it knows nothing of, it gives nothing instead of failing."""
    is_silent = False

    def known(certificates: tuple[bytes, ...]) -> Evidence:
        nonlocal is_silent
        if not is_silent:
            try:
                return evidence(certificates)
            except EvidenceUnavailable:
                is_silent = True
        return Evidence()

    return known


def evidence_source(services: Services, at: datetime) -> EvidenceSource:
    """What `sign_pdf(…, evidence=…)` takes: OCSP answers and CRLs for a chain, without a network.

    The returned function raises EvidenceUnavailable for whatever keeps them from being made.
    """
    gather = evidence_source_of(services, at)

    def evidence(certificates: tuple[bytes, ...]) -> Evidence:
        try:
            return gather(certificates)
        except SigningError as err:
            raise EvidenceUnavailable(err.code) from err

    return evidence
