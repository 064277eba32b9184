"""An RA officer imports a certificate that another authority issued; it counts once another person confirms it.

1. The certificate is examined in a limited worker process: a path to an accepted root, keys, purpose.
2. Its holder is matched with our records; the profile is the anchor's, whatever anybody says.
3. An official's certificate or a seal waits for a second person (four eyes); a citizen's grants no office and counts
   at once. The same bytes again are the same certificate.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, cast

from api.callers import Caller
from api.db import Tx
from api.errors import (
    AnsoError,
    CertDuplicateActive,
    ExternalCertExpired,
    ExternalCertKey,
    ExternalCertNotYetValid,
    ExternalCertProfile,
    ExternalCertPurpose,
    ExternalCertRevoked,
    ExternalCertUntrusted,
    ExternalCertWeak,
    Forbidden,
)
from api.ids import creation_id
from api.records.external_certificates import ExternalCertificate, ExternalCertificates, ExternalState
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.evidence_reference import require_reference
from api.usecases.external_holder import (
    ClaimedHolder,
    MatchedHolder,
    match_holder,
    require_successor,
    standing_beside,
    take_turn,
)
from api.usecases.refusals import refusals_recorded
from api.usecases.trusted_roots import trusted_roots
from signing.errors import KeyNotFound
from signing.identity import CertificateClass
from signing.registry_sql import RegistrySql
from signing.trust import Evidence, TrustProfile
from signing.validation import PathFailure
from signing.validation.foreign import ForeignCertificate

_EXAMINE: Final = "signing.validation.foreign:examine_foreign"
_FAILURES: Final[dict[PathFailure, type[AnsoError]]] = {
    PathFailure.EXPIRED: ExternalCertExpired,
    PathFailure.NOT_YET_VALID: ExternalCertNotYetValid,
    PathFailure.REVOKED: ExternalCertRevoked,
    PathFailure.ON_HOLD: ExternalCertRevoked,
}
FOUR_EYES: Final = frozenset({CertificateClass.PERSONAL, CertificateClass.ORG_SEAL})
"""Classes whose certificates let somebody act for an agency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportExternalCertificate:
    """The certificate, what came with it, and whom the officer says it names."""

    certificate: bytes = field(repr=False)
    """DER."""
    came_with: Evidence = field(default=Evidence(), repr=False)
    claimed: ClaimedHolder = ClaimedHolder()  # noqa: RUF009 - a frozen value
    key_id: str | None = None
    """A key of our own store that the certificate was issued to."""
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The certificate as it is recorded."""

    certificate: ExternalCertificate
    is_new: bool


def import_external_certificate(
    command: ImportExternalCertificate, services: Services, caller: Caller, at: datetime
) -> Imported:
    """Record the certificate, or find that it is recorded.

    Raises:
        InputInvalid: no reference to evidence. CertificateMalformed; the ExternalCert… that says why it may not count;
        what `match_holder` and `require_successor` raise. CertDuplicateActive: it is one of our own.
    """
    event = event_of(
        caller,
        "import_certificate",
        at,
        object_type="certificate",
        object_id=creation_id("cert", at),
        details=(("sha256", sha256(command.certificate).hexdigest()),),
    )
    with refusals_recorded(event, services):
        require_reference(command.evidence)
        examined = examined_certificate(command.certificate, command.came_with, services, at)
        require_key(command.key_id, examined, services)
        with services.db.transaction() as tx:
            return record_import(tx, command, examined, services, caller, at=at)


def examined_certificate(der: bytes, came_with: Evidence, services: Services, at: datetime) -> ForeignCertificate:
    """A certificate that may count, examined in a worker: not to be called inside a transaction.

    Raises:
        CertificateMalformed, and the ExternalCert… that says why it may not. WorkersBusy: come back later.
    """
    anchors = trusted_roots(services, at)
    found = services.workers.call(
        _EXAMINE, der, came_with, anchors, at, services.verifier.policy, timeout_s=services.verifier.timeout_s
    )
    examined = cast("ForeignCertificate", found)
    if examined.sha256 != sha256(der).hexdigest():
        raise ExternalCertUntrusted  # a worker that was taken over may answer about something else
    if examined.weak:
        raise ExternalCertWeak
    if examined.failure is not None or examined.profile is None:
        failure = examined.failure or PathFailure.NO_CHAIN
        raise _FAILURES.get(failure, ExternalCertUntrusted)
    if examined.misplaced is not None:
        raise ExternalCertPurpose
    if not examined.counts:
        raise ExternalCertProfile
    return examined


def require_key(key_id: str | None, examined: ForeignCertificate, services: Services) -> None:
    """A key of our store that is named is the certificate's own.

    Raises:
        ExternalCertKey: it is not, or there is no such key.
    """
    if key_id is None:
        return
    try:
        spki = services.keys.public_key(key_id)
    except KeyNotFound as err:
        raise ExternalCertKey from err
    if sha256(spki).hexdigest() != examined.spki_sha256:
        raise ExternalCertKey


def record_import(
    tx: Tx,
    command: ImportExternalCertificate,
    examined: ForeignCertificate,
    services: Services,
    caller: Caller,
    *,
    at: datetime,
) -> Imported:
    """Match the holder and record the certificate in the caller's transaction; see `import_external_certificate`."""
    if caller.subject_id is None:
        raise Forbidden("Tài khoản không gắn với một người.", "No natural person stands behind the account.")
    known = ExternalCertificates(tx).by_sha256(examined.sha256)
    if known is not None:
        return Imported(certificate=known, is_new=False)
    registry = RegistrySql(tx)
    if registry.by_sha256(examined.sha256) is not None:
        raise CertDuplicateActive("Đây là chứng thư do hệ thống này cấp.", "The certificate was issued here.")
    if command.key_id is not None and registry.by_key(examined.spki_sha256):
        raise ExternalCertKey("Khóa này thuộc một chứng thư khác.", "The key belongs to another certificate.")
    matched = match_holder(tx, examined.holder, command.claimed, services, at)
    profile = examined.profile or TrustProfile.DEV
    take_turn(tx, matched)
    others = standing_beside(tx, matched, profile, but=None, at=at)
    require_successor(others, examined.not_after)
    made = _certificate(command, examined, matched, profile, caller, at=at)
    ExternalCertificates(tx).add(made)
    if made.state is ExternalState.ACTIVE:
        supersede(tx, others, at)
    _log(tx, made, services, caller, at)
    return Imported(certificate=made, is_new=True)


def supersede(tx: Tx, others: tuple[ExternalCertificate, ...], at: datetime) -> None:
    """The earlier certificates of a standing step back behind the one that counts from now on."""
    for one in others:
        ExternalCertificates(tx).move(
            one.certificate_id, before=ExternalState.ACTIVE, after=ExternalState.SUPERSEDED, at=at
        )


def _log(tx: Tx, made: ExternalCertificate, services: Services, caller: Caller, at: datetime) -> None:
    event = event_of(
        caller,
        "import_certificate",
        at,
        object_type="certificate",
        object_id=made.certificate_id,
        owner_id=made.subject_id,
        details=(
            ("class", made.certificate_class.value),
            ("profile", made.profile.value),
            ("sha256", made.sha256),
        ),
    )
    services.audit.append(tx, event)


def _certificate(
    command: ImportExternalCertificate,
    examined: ForeignCertificate,
    matched: MatchedHolder,
    profile: TrustProfile,
    caller: Caller,
    *,
    at: datetime,
) -> ExternalCertificate:
    waits = matched.certificate_class in FOUR_EYES
    made = ExternalCertificate(
        certificate_id=creation_id("cert", at),
        der=command.certificate,
        chain=examined.chain,
        sha256=examined.sha256,
        spki_sha256=examined.spki_sha256,
        issuer=examined.issuer,
        serial=examined.serial,
        profile=profile,
        certificate_class=matched.certificate_class,
        subject_id=matched.subject_id,
        org_code=matched.org_code,
        employment_id=matched.employment_id,
        common_name=examined.holder.common_name,
        organisation=matched.organisation,
        title=matched.title,
        key_id=command.key_id,
        not_before=examined.not_before,
        not_after=examined.not_after,
        state=ExternalState.PENDING if waits else ExternalState.ACTIVE,
        state_since=at,
        evidence=command.evidence,
        imported_by=caller.account_id,
        importer_subject_id=caller.subject_id or "",
        imported_at=at,
    )
    return made if waits else replace(made, confirmed_at=at)
