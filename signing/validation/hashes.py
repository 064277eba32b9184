"""Checks by digest alone: the caller keeps the document, only digests and signatures leave its house.

The digest is the caller's word: that the document has it, and what was changed after signing, nobody here has seen. The
answer is therefore at best INDETERMINATE, CONTENT_NOT_GIVEN; everything else is told as for a whole file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from signing.trust import Evidence, TrustAnchors
from signing.validation.changes import ChangeLevel
from signing.validation.cms_judgement import CmsSetting, judged_signer
from signing.validation.container import read_containers
from signing.validation.container_faults import ContainerFaultError
from signing.validation.crypto_judgements import NOT_GIVEN
from signing.validation.described import described
from signing.validation.detached_input import unwrapped
from signing.validation.digests import ContentDigest, Signed
from signing.validation.document import SignatureField
from signing.validation.entitlement import judged_entitlement
from signing.validation.integrity import Examined
from signing.validation.judgement import CRASHED, Judgement
from signing.validation.policy import ValidationPolicy
from signing.validation.reasons import Reason
from signing.validation.report import Report, SignatureReport, Verdict
from signing.validation.signature_reading import of_fault

MAX_ITEMS: Final = 500
_MAX_NAME: Final = 200


class HashedKind(StrEnum):
    """What a digest is of."""

    PDF = "pdf"
    """The byte range of a PDF signature."""

    FILE = "file"
    """A whole file with a detached signature."""

    TIMESTAMP = "timestamp"
    """What a time-stamp token is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedSignature:
    """One signature with the digest of what it signs."""

    cms: bytes
    """The container, in any of the usual wrappings."""

    digest: bytes
    algorithm: str
    """Name as in reports: 'sha256'."""

    name: str = ""
    kind: HashedKind | str = HashedKind.FILE


def verify_hashes(
    items: Sequence[HashedSignature],
    *,
    anchors: TrustAnchors,
    policy: ValidationPolicy,
    at: datetime,
    evidence: Evidence | None = None,
) -> Report:
    """Checks signatures against digests; one report, every signer of every item in it.

    Args:
        items: at most ``MAX_ITEMS``; more are not looked at, and the report says so.
        anchors: the accepted roots with their profiles.
        policy: algorithms and strictness.
        at: the moment of checking.
        evidence: status evidence that the caller has beside the containers' own.
    """
    setting = CmsSetting(anchors=anchors, policy=policy, at=at, given=evidence or Evidence())
    signatures = tuple(
        _doubted(report)
        for number, item in enumerate(items[:MAX_ITEMS], start=1)
        for report in _reports(item, number, setting)
    )
    first = items[0] if len(items) == 1 else None
    return Report(
        file_sha256=first.digest.hex() if first is not None and first.algorithm == "sha256" else "", file_size=0,
        policy_id=policy.policy_id, checked_at=at, signatures=signatures, warnings=(Reason.CONTENT_NOT_GIVEN,),
        file_fault=Reason.CHECK_TOO_COSTLY if len(items) > MAX_ITEMS else None,
        entitlement=judged_entitlement(signatures), trust_policies=anchors.policies,
    )  # fmt: skip


def _reports(item: HashedSignature, number: int, setting: CmsSetting) -> list[SignatureReport]:
    name = item.name[:_MAX_NAME] or f"item-{number}"
    try:
        found = read_containers(unwrapped(item.cms), setting.given.certificates)
    except ContainerFaultError as err:
        return [_failed(name, of_fault(err), str(err))]
    except Exception as err:  # noqa: BLE001 - DESIGN §4: a crash is never a pass
        return [_failed(name, CRASHED, type(err).__name__)]
    names = [name] if len(found) == 1 else [f"{name}#{n}" for n in range(1, len(found) + 1)]
    content: Signed = ContentDigest(algorithm=item.algorithm.lower().replace("-", "_"), value=item.digest)
    return [judged_signer(one_name, one, content, setting) for one_name, one in zip(names, found, strict=True)]


def _failed(name: str, judgement: Judgement, error: str) -> SignatureReport:
    field = SignatureField(name=name, field=None, value=None, sub_filter="", byte_range=(), claimed_time=None)
    return described(field, Examined(error=error), judgement)


def _doubted(report: SignatureReport) -> SignatureReport:
    """Nobody saw what came after the signature."""
    unseen = replace(report, changes_after=ChangeLevel.UNKNOWN, covers_whole_file=False, scope="partial")
    if unseen.verdict is not Verdict.VALID:
        return unseen
    return replace(
        unseen, verdict=NOT_GIVEN.verdict, indication=NOT_GIVEN.indication, sub_indication=NOT_GIVEN.sub_indication,
        reason=NOT_GIVEN.reason,
    )  # fmt: skip
