"""Which credentials CSC clients may use, what such a credential signs with, and whether hashes are signed here at all.

Knows certificates, callers and the setting. Must not know HTTP or the protocol's field names; its sentences for a
credential that is not there are its own, so that nobody learns from them whose it is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import CertificateOutOfScope, CscRequestRefused, InvalidId
from api.ids import parse_id
from api.records.external_certificates import ExternalCertificates
from api.services import Services
from api.usecases.authorise_signature import require_no_seal, require_own_certificate
from api.usecases.certificate_fitness import require_post
from api.usecases.signing_certificate import certificate_to_sign_with
from signing.authorisation import MAX_DIGESTS
from signing.errors import CertificateUnknown
from signing.identity import CertificateClass
from signing.keys import HASH_OCTETS, SignatureAlgorithm
from signing.registry import CertificateRecord

CSC_CLASSES: Final = frozenset({CertificateClass.PERSONAL, CertificateClass.CITIZEN})
"""Whose keys CSC clients use. A seal is not among them (I11), nor what belongs to the platform."""
MOST_SIGNATURES: Final = MAX_DIGESTS
"""`multisign`: signatures of one authorisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CscAbilities:
    """What this installation does for CSC clients."""

    authorises: bool
    """Whether credentials can be authorised at all."""
    by_passkey: bool
    """Whether the holder agrees with a passkey at our own page (True), or with a code in the request."""
    signs_documents: bool


def csc_abilities(services: Services) -> CscAbilities:
    """What `info` promises; what is not promised is refused."""
    settings = services.settings
    asks_signer = settings.signer_socket is not None
    return CscAbilities(
        authorises=settings.signs_hashes,
        by_passkey=asks_signer,
        # a document's digest is known only after the SAD was given: a signer of its own believes passkeys only, and
        # nobody can have answered with one for a digest that was not there yet
        signs_documents=settings.signs_hashes and not asks_signer,
    )


def csc_certificate(tx: Tx, credential_id: str, caller: Caller, at: datetime) -> CertificateRecord:
    """The caller's own certificate that CSC clients may use now (I7, I10).

    Raises:
        CscRequestRefused: there is none of the caller's, or of a kind that is not offered. SealNeedsDocument.
        CertificateRevoked, CertificateOnHold, CertificateSuperseded, CertificateExpired, CertificateKeyOnToken,
        CertificateOutOfScope, CertTitleMismatch, OrganisationClosed, ExternalCertUnconfirmed.
    """
    record = own_certificate(tx, credential_id, caller, at)
    require_own_certificate(record, caller, at)
    require_post(tx, record, caller, at)
    if not record.scope.is_unlimited:
        raise CertificateOutOfScope  # I2: what is of no procedure lies outside every limit
    return record


def own_certificate(tx: Tx, credential_id: str, caller: Caller, at: datetime) -> CertificateRecord:
    """The caller's certificate of a kind that CSC clients may know, whether or not it is in force.

    Raises:
        CscRequestRefused: there is none of the caller's. SealNeedsDocument: it is a seal in the caller's keeping.
    """
    try:
        record = certificate_to_sign_with(tx, parse_id("cert", credential_id), at)
    except (InvalidId, CertificateUnknown) as err:
        raise CscRequestRefused("Invalid parameter credentialID") from err
    if caller.subject_id is None or record.subject_id != caller.subject_id:  # looks like one that is not there
        raise CscRequestRefused("Invalid parameter credentialID")
    require_no_seal(record)
    # an imported certificate does not carry our policies: the desk would not believe what kind it is of
    if record.certificate_class not in CSC_CLASSES or ExternalCertificates(tx).find(record.certificate_id) is not None:
        raise CscRequestRefused("Invalid parameter credentialID")
    return record


def require_hashes(hashes: tuple[bytes, ...], algorithm: SignatureAlgorithm) -> tuple[str, ...]:
    """The hashes in hex, when there are some, none twice, each of the length that the key signs.

    Raises:
        CscRequestRefused.
    """
    if not hashes:
        raise CscRequestRefused("Empty hash array")
    if any(len(one) != HASH_OCTETS.get(algorithm) for one in hashes):
        raise CscRequestRefused("Invalid digest value length")
    if len(set(hashes)) != len(hashes):
        raise CscRequestRefused("Invalid parameter hash: a hash stands twice in the list")
    return tuple(one.hex() for one in hashes)
