"""Time-stamp tokens: is the token itself right, is it about these bytes, and may its maker stamp time?

RFC 3161, ETSI EN 319 102-1 §5.4. A token that fails is no proof; it never makes a signature better.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from signing.trust import Evidence, TrustAnchors, TrustPurpose
from signing.validation.algorithms import algorithm_faults
from signing.validation.chains import judge_stamper, stamping_fault
from signing.validation.coherence import incoherence
from signing.validation.container import Container, ContainerFaultError, digest_of, integrity, read_container
from signing.validation.policy import ValidationPolicy


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
) -> StampAnswer:
    """Checks a token over the given bytes.

    Args:
        token: DER of the CMS container with the TSTInfo; untrusted.
        stamped: the bytes it must be about, in parts.
        others: DER certificates from the document.
        anchors: accepted roots.
        evidence: status evidence.
        policy: algorithms and strictness.
        control_time: when the token must still be believable.
    """
    try:
        container = read_container(token)
        moment = _intact_time(container, stamped)
    except ContainerFaultError as err:
        return StampAnswer(stamped_time=None, intact=False, trusted=False, error=str(err))
    unfit = incoherence(container)
    if unfit:
        return StampAnswer(stamped_time=moment, intact=False, trusted=False, error=unfit, container=container)
    if moment > control_time:
        return StampAnswer(
            stamped_time=moment, intact=True, trusted=False, error="it lies in the future", container=container
        )
    # a root that counts no more may have lost its key since: a token of an earlier date is then worth nothing by itself
    counting = anchors.serving(TrustPurpose.TIMESTAMPING, moment).serving(TrustPurpose.TIMESTAMPING, control_time)
    answer = judge_stamper(
        container.leaf, (*container.certificates, *others), counting, evidence,
        stamped_time=moment, control_time=control_time, require_status=policy.require_status,
    )  # fmt: skip
    faults = algorithm_faults(container, answer.chain or (container.leaf,), policy)
    error = stamping_fault(container.certificate) or "; ".join(faults) or answer.outcome.reason
    return StampAnswer(
        stamped_time=moment, intact=True, trusted=not error and answer.ok, error=error, container=container,
        chain=answer.chain,
    )  # fmt: skip


def _intact_time(container: Container, stamped: tuple[bytes | memoryview, ...]) -> datetime:
    try:
        content = container.signed["encap_content_info"]["content"]
        info = content.parsed
        imprint = info["message_imprint"]
        algorithm = str(imprint["hash_algorithm"]["algorithm"].native)
        expected = bytes(imprint["hashed_message"].native)
        moment: datetime = info["gen_time"].native.astimezone(UTC)
        inner = bytes(content)
    except (ValueError, TypeError, KeyError, AttributeError) as err:
        raise ContainerFaultError("the time-stamp does not decode") from err
    if digest_of(stamped, algorithm) != expected:
        raise ContainerFaultError("the time-stamp is about other data")
    intact, valid = integrity(container, digest_of((inner,), container.digest), content_type="tst_info")
    if not (intact and valid):
        raise ContainerFaultError("the signature of the time-stamp is wrong")
    return moment
