"""One CMS signature outside of PDF, judged: the same steps as in ``verify``, without a document around it.

ETSI EN 319 102-1 §5.3 to §5.6 for CAdES: integrity, time-stamps, chain and status at the best proven time, algorithms,
coherence. There is nothing that could be changed after signing: the content is one value.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from signing.trust import Evidence, TrustAnchors
from signing.validation.acceptance import signer_fault
from signing.validation.algorithms import is_legacy
from signing.validation.archive_stamps import archive_tokens, archived
from signing.validation.certificate_parts import read_parts
from signing.validation.chains import ChainAnswer, judge_chain
from signing.validation.changes import ChangeLevel
from signing.validation.claimed_time import is_claim_doubtful
from signing.validation.coherence import incoherence
from signing.validation.container import Container, integrity
from signing.validation.container_faults import ContainerFaultError
from signing.validation.crypto_judgements import CONTENT_MISSING, NOT_GIVEN
from signing.validation.described import described
from signing.validation.digests import Content, ContentDigest, Signed
from signing.validation.document import SignatureField
from signing.validation.evidence_at_hand import EvidenceAtHand
from signing.validation.integrity import Examined
from signing.validation.judgement import BROKEN_STAMP, CRASHED, INCOHERENT, PASSED, STAMPS_OUT_OF_ORDER, Judgement
from signing.validation.levels import cades_level, holds
from signing.validation.policy import ValidationPolicy
from signing.validation.proofs import CLOCKS_MAY_DIFFER, content_tokens
from signing.validation.purposes import signing_purpose
from signing.validation.reasons import Reason
from signing.validation.signature_reading import SignatureRead, judged, of_fault
from signing.validation.signature_report import SignatureReport, TimestampReport
from signing.validation.signed_form import common_name
from signing.validation.spoken_for import SpokenFor
from signing.validation.stamps import StampAnswer, check_stamp

Stamped = tuple[bytes | memoryview, ...]
MAX_TOKENS: Final = 8
_PROVING: Final = ("signature_timestamp", "archive_timestamp")
"""What proves that a signature existed; content time-stamps prove that it did not exist before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CmsSetting:
    """What stays the same for every signer of one check."""

    anchors: TrustAnchors
    policy: ValidationPolicy
    at: datetime
    given: Evidence
    """Status evidence that the caller has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stamp:
    kind: str
    token: bytes
    answer: StampAnswer
    is_late: bool = False
    """An authority of ours tells a later time than the stamp that protects it (§5.5.4)."""


def judged_signer(name: str, container: Container, content: Signed | None, setting: CmsSetting) -> SignatureReport:
    """The report of one signer; whatever its bytes make a decoder raise is its own answer.

    Args:
        name: how the report calls it.
        container: the signer's part of the container.
        content: what it has to be about; None: nobody gave it.
        setting: anchors, policy, moment and evidence.
    """
    field = SignatureField(name=name, field=None, value=None, sub_filter="", byte_range=(), claimed_time=None)
    try:
        return _report(field, container, _read(container, content), content, setting)
    except Exception as err:  # noqa: BLE001 - DESIGN §4: a crash is never a pass
        return described(field, Examined(error=type(err).__name__), CRASHED)


def _read(container: Container, content: Signed | None) -> SignatureRead:
    if content is None:
        return SignatureRead(container=container, judgement=CONTENT_MISSING)
    if isinstance(content, ContentDigest) and content.algorithm != container.digest:
        wanted = f"the signature is over another digest: {container.digest[:40]}"
        return SignatureRead(container=container, judgement=CONTENT_MISSING, error=wanted)
    try:
        intact, valid = integrity(container, content)
    except ContainerFaultError as err:
        return SignatureRead(container=container, judgement=of_fault(err), error=str(err))
    return judged(container, intact, valid)


def _report(
    field: SignatureField, container: Container, read: SignatureRead, content: Signed | None, setting: CmsSetting
) -> SignatureReport:
    stamps = tuple(_stamps(container, content, setting))
    proven = _earliest(stamps, *_PROVING)
    earliest = _latest(stamps, "content_timestamp")
    chain = _chain(container, proven, earliest, setting)
    judgement, errors = read.judgement, tuple[str, ...]()
    if judgement is None:
        judgement, errors = _fold(container, chain, proven, stamps, setting)
        if judgement is PASSED and isinstance(content, ContentDigest):
            judgement = NOT_GIVEN  # the digest is somebody's word
    draft = described(field, Examined(container=container, intact=read.intact, error=read.error), judgement)
    if chain.chain:
        anchor = setting.anchors.find(chain.chain[-1])
        rests_on = EvidenceAtHand(container.evidence, setting.given).about(
            (chain.chain, *(stamp.answer.chain for stamp in stamps))
        )
        draft = draft.with_trust(anchor, rests_on)
    draft = draft.with_changes(ChangeLevel.NONE, (), covers_whole_file=content is not None)
    return replace(
        draft,
        best_time=proven,
        best_time_source=_source(stamps, proven),
        chain=chain.chain,
        timestamps=tuple(_shown(stamp) for stamp in stamps),
        level=_level(container, stamps, setting.at),
        policy_id=setting.policy.judging(proven or setting.at).policy_id,
        warnings=tuple(_warnings(container, stamps, proven, draft, setting.at)),
        errors=(*draft.errors, *errors),
    )


def _stamps(container: Container, content: Signed | None, setting: CmsSetting) -> Iterable[_Stamp]:
    """Archive time-stamps first: what they protect, and nothing else, is believable from their time on."""
    since: dict[bytes, datetime] = {}
    signed = setting.at  # since when what the signer signed exists: all of them are about that
    for token in archive_tokens(container):
        answer, protected = _archive_stamp(token, container, content, setting)
        if answer.trusted and answer.stamped_time is not None:
            signed = min(signed, answer.stamped_time)
            since |= {one: min(answer.stamped_time, since.get(one, setting.at)) for one in protected}
        yield _Stamp(kind="archive_timestamp", token=token, answer=answer)
    if isinstance(content, Content):  # a digest alone need not be the one that a token is about
        for token in content_tokens(container):
            yield _stamp("content_timestamp", token, content.parts, container, setting, signed)
    for token in container.tokens[:MAX_TOKENS]:
        control = since.get(token, setting.at)
        yield _stamp("signature_timestamp", token, (container.value,), container, setting, control)


def _stamp(  # noqa: PLR0917 - what a token is, about what, and by when
    kind: str, token: bytes, stamped: Stamped, container: Container, setting: CmsSetting, control: datetime
) -> _Stamp:
    answer = _checked(token, stamped, container, setting, control)
    moment = answer.stamped_time
    if moment is None or not control + CLOCKS_MAY_DIFFER < moment <= setting.at:
        return _Stamp(kind=kind, token=token, answer=answer)
    is_late = _checked(token, stamped, container, setting, setting.at).trusted
    return _Stamp(kind=kind, token=token, answer=answer, is_late=is_late)


def _archive_stamp(
    token: bytes, container: Container, content: Signed | None, setting: CmsSetting
) -> tuple[StampAnswer, frozenset[bytes]]:
    try:
        if content is None:
            fault = "the content is missing"
        else:
            about = archived(token, container, content)
            return _checked(token, (about.octets,), container, setting, setting.at), about.unsigned
    except ContainerFaultError as err:
        fault = str(err)
    return StampAnswer(stamped_time=None, intact=False, trusted=False, error=fault), frozenset()


def _checked(
    token: bytes, stamped: Stamped, container: Container, setting: CmsSetting, control: datetime
) -> StampAnswer:
    evidence = container.evidence.merged(setting.given)
    return check_stamp(
        token, stamped, others=(*container.certificates, *evidence.certificates), anchors=setting.anchors,
        evidence=evidence, policy=setting.policy, control_time=control,
    )  # fmt: skip


def _trusted_times(stamps: Iterable[_Stamp], kinds: tuple[str, ...]) -> list[datetime]:
    times = [s.answer.stamped_time for s in stamps if s.kind in kinds and s.answer.trusted]
    return [moment for moment in times if moment is not None]


def _earliest(stamps: Iterable[_Stamp], *kinds: str) -> datetime | None:
    return min(_trusted_times(stamps, kinds), default=None)


def _latest(stamps: Iterable[_Stamp], *kinds: str) -> datetime | None:
    """§5.3.4: the signature is certainly not older than what its signer signed along."""
    return max(_trusted_times(stamps, kinds), default=None)


def _source(stamps: tuple[_Stamp, ...], proven: datetime | None) -> str:
    if proven is None:
        return "none"
    return next(s.kind for s in stamps if s.kind in _PROVING and s.answer.trusted and s.answer.stamped_time == proven)


def _chain(
    container: Container, proven: datetime | None, earliest: datetime | None, setting: CmsSetting
) -> ChainAnswer:
    evidence = container.evidence.merged(setting.given)
    anchors = setting.anchors.serving(signing_purpose(container.leaf), proven or setting.at)
    return judge_chain(
        container.leaf, (*container.certificates, *evidence.certificates), anchors, evidence, proven_time=proven,
        control_time=setting.at, require_status=setting.policy.require_status, earliest=earliest,
    )  # fmt: skip


def _fold(
    container: Container,
    chain: ChainAnswer,
    proven: datetime | None,
    stamps: tuple[_Stamp, ...],
    setting: CmsSetting,
) -> tuple[Judgement, tuple[str, ...]]:
    """The first thing that is wrong names the answer, in the order of ``verify``."""
    fault = signer_fault(container, chain, setting.policy, proven=proven, at=setting.at)
    if fault is not None:
        return fault
    unfit = incoherence(container, setting.given.certificates)
    if unfit:
        return INCOHERENT, (unfit,)
    begun = _latest(stamps, "content_timestamp")
    is_before = begun is not None and proven is not None and begun > proven + CLOCKS_MAY_DIFFER
    if is_before or any(stamp.is_late for stamp in stamps):
        return STAMPS_OUT_OF_ORDER, ("time-stamps contradict each other in their order",)
    broken = [s.answer.error for s in stamps if s.answer.unfit or not s.answer.intact]
    return (BROKEN_STAMP, tuple(broken)) if broken else (PASSED, ())


def _warnings(
    container: Container, stamps: tuple[_Stamp, ...], proven: datetime | None, draft: SignatureReport, at: datetime
) -> Iterable[Reason]:
    if proven is None:
        yield Reason.NO_TRUSTED_TIME
        if any(stamp.kind in _PROVING for stamp in stamps):
            yield Reason.TIMESTAMP_NOT_TRUSTED
    if is_legacy(container):
        yield Reason.LEGACY_SCHEME
    if is_claim_doubtful(draft.claimed_time, proven=proven, earliest=None, begin=draft.not_before, at=at):
        yield Reason.CLAIMED_TIME_DOUBTFUL


def _level(container: Container, stamps: tuple[_Stamp, ...], at: datetime) -> str:
    intact = {stamp.kind for stamp in stamps if holds(stamp.answer, at)}
    status = SpokenFor(container.evidence).about(read_parts(container.leaf))
    return cades_level(
        container, is_stamped="signature_timestamp" in intact, is_archived="archive_timestamp" in intact,
        evidence=status,
    )  # fmt: skip


def _shown(stamp: _Stamp) -> TimestampReport:
    answer = stamp.answer
    return TimestampReport(
        kind=stamp.kind, at=answer.stamped_time, intact=answer.intact, trusted=answer.trusted,
        authority=common_name(answer.container.leaf) if answer.container is not None else "",
        token_sha256=sha256(stamp.token).hexdigest(), token=stamp.token, chain=answer.chain, error=answer.error,
    )  # fmt: skip
