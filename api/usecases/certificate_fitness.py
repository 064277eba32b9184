"""I1, I7, I10 and I14: whether a certificate may set a signature now, asked before any key is touched.

Knows registry records, scopes, posts and callers. Must not know documents or keys. It raises instead of answering, so
that no caller can forget to look at the answer.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import (
    CertificateExpired,
    CertificateKeyHere,
    CertificateKeyOnToken,
    CertificateNotYours,
    CertificateOnHold,
    CertificateOutOfScope,
    CertificateRevoked,
    CertificateSuperseded,
    CertificateWrongKind,
    CertTitleMismatch,
)
from api.records.employments import Employments
from signing.identity import CertificateClass
from signing.registry import CertificateRecord, CertificateStatus, KeyDevice


@dataclass(frozen=True, slots=True, kw_only=True)
class IntendedAct:
    """What the certificate is to be used for."""

    certificate_class: str
    ordinal: int | None
    """Which certificate of the holder the plan wants; None: any."""
    org_code: str
    """Agency whose document it is."""
    place: str
    """Organisation unit at whose desk it happens."""
    procedure: str
    document_type: str
    titles: frozenset[str] | None = None
    """Titles that the caller holds in that agency (`titles_held`); None: not asked here."""


def titles_held(tx: Tx, caller: Caller, org_code: str, at: datetime) -> frozenset[str]:
    """The titles of the caller's posts in an agency at that moment, as certificates write them."""
    posts = () if caller.subject_id is None else Employments(tx).of(caller.subject_id, at)
    return frozenset(
        unicodedata.normalize("NFC", " ".join(post.title.split())) for post in posts if post.org_code == org_code
    )


def require_post(tx: Tx, record: CertificateRecord, caller: Caller, at: datetime) -> None:
    """Do nothing when the holder still has the title of a personal certificate in its agency (I7).

    Raises:
        CertTitleMismatch: the post ended, or the title is another one by now.
    """
    is_personal = record.certificate_class is CertificateClass.PERSONAL
    if is_personal and record.title not in titles_held(tx, caller, record.org_code or "", at):
        raise CertTitleMismatch


def require_fit_certificate(
    record: CertificateRecord,
    act: IntendedAct,
    caller: Caller,
    at: datetime,
    *,
    key_device: KeyDevice = KeyDevice.SERVER,
) -> None:
    """Do nothing when ``caller`` may use the certificate for ``act`` at that moment, with a key in that device.

    Raises:
        CertificateNotYours, CertificateWrongKind, CertificateRevoked, CertificateOnHold, CertificateSuperseded,
        CertificateExpired, CertTitleMismatch, CertificateOutOfScope, CertificateKeyOnToken, CertificateKeyHere: the
        first of these that applies, in this order.
    """
    _require_holder_and_kind(record, act, caller)
    require_in_force(record, at)
    _require_reach(record, act)
    require_key_in(record, key_device)


def require_key_in(record: CertificateRecord, device: KeyDevice) -> None:
    """Do nothing when the certificate's key is where the signature is to be made.

    Raises:
        CertificateKeyOnToken: only its holder has it. CertificateKeyHere: this service keeps it.
    """
    if record.key_device is not device:
        raise CertificateKeyOnToken if record.key_device is KeyDevice.TOKEN else CertificateKeyHere


def _require_holder_and_kind(record: CertificateRecord, act: IntendedAct, caller: Caller) -> None:
    # I14: holder of a personal certificate, keeper of a seal
    if caller.subject_id is None or record.subject_id != caller.subject_id:
        raise CertificateNotYours
    if record.certificate_class is None or record.certificate_class.value != act.certificate_class:
        raise CertificateWrongKind
    if act.ordinal is not None and record.ordinal != act.ordinal:
        raise CertificateWrongKind


def require_in_force(record: CertificateRecord, at: datetime) -> None:
    """Do nothing for a certificate that is valid at that moment.

    Raises:
        CertificateRevoked, CertificateOnHold, CertificateSuperseded, CertificateExpired.
    """
    # Decree 23/2025 Art. 3: valid means not expired, not suspended, not revoked
    if record.status is CertificateStatus.REVOKED:
        raise CertificateRevoked
    if record.status is CertificateStatus.ON_HOLD:
        raise CertificateOnHold
    if record.status is CertificateStatus.SUPERSEDED:
        raise CertificateSuperseded
    if not record.is_active(at):
        raise CertificateExpired


def _require_reach(record: CertificateRecord, act: IntendedAct) -> None:
    # I1, I7: a personal certificate names one title in one agency; after a move it may not sign until it is changed
    if record.certificate_class is CertificateClass.PERSONAL and (
        record.org_code != act.org_code or (act.titles is not None and record.title not in act.titles)
    ):
        raise CertTitleMismatch
    # I2: the scope of a secondary; a seal is of one agency
    if record.org_code != act.org_code:
        raise CertificateOutOfScope
    if not record.scope.allows(place=act.place, procedure=act.procedure, document_type=act.document_type):
        raise CertificateOutOfScope
