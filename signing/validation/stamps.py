"""Time-stamp tokens: is the token itself right, is it about these bytes, and may its maker stamp time?

RFC 3161, ETSI EN 319 102-1 §5.4. A token that fails is no proof; it never makes a signature better. Its own time is a
claim as long as its algorithms are not good: they are judged at the time by which others prove that it existed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from signing.trust import Evidence, TrustAnchors, TrustPurpose
from signing.validation.algorithms import algorithm_faults
from signing.validation.chains import Existed, judge_stamper, stamping_fault
from signing.validation.coherence import incoherence
from signing.validation.container import Container, ContainerFaultError, digest_of, integrity, read_container
from signing.validation.digests import Content
from signing.validation.path import PathFailure
from signing.validation.path_memory import PathMemory
from signing.validation.policy import ValidationPolicy
from signing.validation.stamp_info import StampInfo, read_stamp_info

FRESH: Final = timedelta(minutes=1)
"""How far a new token's time may be from our clock: theirs, ours and the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StampAnswer:
    """What one token proves."""

    stamped_time: datetime | None
    """genTime of the token; None if it cannot be read."""

    intact: bool
    """Imprint and signature of the token are right."""

    trusted: bool
    """A time-stamp authority that we accept made it, with allowed algorithms."""

    error: str = ""
    unfit: bool = False
    """What nothing signs in the token does not fit the rest: it proves nothing, but it is about these bytes."""

    failure: PathFailure | None = None
    """Why the chain of the authority is not good, if that is what is wrong."""

    container: Container | None = None
    chain: tuple[bytes, ...] = ()


def check_stamp(
    token: bytes,
    stamped: tuple[bytes | memoryview, ...],
    *,
    others: tuple[bytes, ...],
    anchors: TrustAnchors,
    evidence: Evidence,
    policy: ValidationPolicy,
    control_time: datetime,
    existed: Existed | None = None,
    memory: PathMemory | None = None,
) -> StampAnswer:
    """Checks a token over the given bytes.

    Args:
        token: DER of the CMS container with the TSTInfo; untrusted.
        stamped: the bytes it must be about, in parts.
        others: DER certificates from the document.
        anchors: accepted roots.
        evidence: status evidence.
        policy: algorithms and strictness.
        control_time: when the token must still be believable: the time by which it is proven to have existed (a later
            trusted stamp over it), else the moment of checking.
        existed: by when an object of the document certainly existed.
        memory: what questions about the document's certificates share.
    """
    try:
        container = read_container(token, others)
        info = _intact_info(container, stamped)
    except ContainerFaultError as err:
        return StampAnswer(stamped_time=None, intact=False, trusted=False, error=str(err))
    moment = info.moment
    unfit = incoherence(container, others)
    if unfit:
        return StampAnswer(
            stamped_time=moment, intact=True, trusted=False, error=unfit, unfit=True, container=container
        )
    if moment > control_time:
        return StampAnswer(
            stamped_time=moment, intact=True, trusted=False, error="it lies in the future", container=container
        )
    # a root that counts no more may have lost its key since: a token of an earlier date is then worth nothing by itself
    counting = anchors.serving(TrustPurpose.TIMESTAMPING, moment).serving(TrustPurpose.TIMESTAMPING, control_time)
    answer = judge_stamper(
        container.leaf, (*container.certificates, *others), counting, evidence,
        stamped_time=moment, control_time=control_time, require_status=policy.require_status, existed=existed,
        memory=memory,
    )  # fmt: skip
    # §5.2.8.4.4: whoever can break an algorithm writes the time that suits. The token is as old as a later one proves,
    # else it exists since the check. And the imprint binds the data as the signature binds the imprint.
    faults = algorithm_faults(
        replace(container, more_digests=(*container.more_digests, info.digest)), answer.chain or (container.leaf,),
        policy, proven_time=control_time, at=control_time,
    )  # fmt: skip
    error = stamping_fault(container.certificate) or "; ".join(fault.what for fault in faults) or answer.outcome.reason
    return StampAnswer(
        stamped_time=moment, intact=True, trusted=not error and answer.ok, error=error, container=container,
        chain=answer.chain, failure=answer.outcome.failure,
    )  # fmt: skip


def token_fault(token: bytes, imprint: bytes, *, anchors: TrustAnchors, policy: ValidationPolicy, at: datetime) -> str:
    """Why a token that was just made should not go into a document, or nothing: what we add, we would accept.

    Args:
        token: DER of the CMS container with the TSTInfo; untrusted.
        imprint: the digest that was asked about.
        anchors: accepted roots.
        policy: algorithms; status evidence is gathered afterwards.
        at: now; the token's own time lies close to it.
    """
    try:
        container = read_container(token, ())
        info = _intact_info(container, imprint)
    except ContainerFaultError as err:
        return str(err)
    if abs(info.moment - at) > FRESH:
        return "its time is not now"
    serving = anchors.serving(TrustPurpose.TIMESTAMPING, at)
    answer = judge_stamper(
        container.leaf, container.certificates, serving, Evidence(),
        stamped_time=info.moment, control_time=at, require_status=False,
    )  # fmt: skip
    faults = algorithm_faults(
        replace(container, more_digests=(*container.more_digests, info.digest)), answer.chain or (container.leaf,),
        policy, proven_time=at, at=at,
    )  # fmt: skip
    return (
        incoherence(container)
        or stamping_fault(container.certificate)
        or "; ".join(fault.what for fault in faults)
        or answer.outcome.reason
    )


def _intact_info(container: Container, stamped: tuple[bytes | memoryview, ...] | bytes) -> StampInfo:
    if container.content_type != "tst_info" or container.content is None or container.defect:
        raise ContainerFaultError(container.defect or "it holds no time-stamp")
    try:
        info = read_stamp_info(container.content)
    except (ValueError, IndexError) as err:  # DerError too
        if isinstance(err, ContainerFaultError):
            raise
        raise ContainerFaultError("the time-stamp does not decode") from err
    if (stamped if isinstance(stamped, bytes) else digest_of(stamped, info.digest)) != info.imprint:
        raise ContainerFaultError("the time-stamp is about other data")
    if container.attributes_fault:
        raise ContainerFaultError(f"signed attributes that are not DER: {container.attributes_fault}")
    if not all(integrity(container, Content((container.content,)))):
        raise ContainerFaultError("the signature of the time-stamp is wrong")
    return info
