"""All trust policies of an installation in their order, and which roots count at a moment of judging.

The file in force when we judge decides, because it is the newest knowledge; each root's own dates say for which moments
it counts. So a signature of 2025 stays good under a root that was ended in 2026, and a correction reaches back. Knows
files as values; must not know where they lie.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from signing.errors import TrustPolicyChainBroken
from signing.trust.anchors import TrustAnchors, TrustProfile
from signing.trust.officers import TrustOfficer, signers_of
from signing.trust.policy import TrustPolicy, read_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """A policy file with its signatures, as it was found."""

    name: str
    """For messages."""
    content: bytes
    signatures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPolicy:
    """A policy that two officers signed."""

    policy: TrustPolicy
    signed_by: tuple[TrustOfficer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustBook:
    """Every accepted policy, and roots from plain certificate files beside them (embedded profile only)."""

    policies: tuple[SignedPolicy, ...] = ()
    """By profile and version."""
    plain: TrustAnchors = TrustAnchors()  # noqa: RUF009 - a frozen value

    def at(self, moment: datetime) -> TrustAnchors:
        """The roots of the policies in force at the moment of judging."""
        current = [policy for profile in TrustProfile if (policy := self.in_force(profile, moment)) is not None]
        anchors = TrustAnchors(
            policies=tuple(policy.reference for policy in current),
            fetch_hosts=frozenset(host for policy in current for host in policy.fetch_hosts),
        )
        anchors = anchors.plus(anchor for policy in current for anchor in policy.anchors)
        return anchors.plus(self.plain)

    def in_force(self, profile: TrustProfile, moment: datetime) -> TrustPolicy | None:
        """The newest policy of a profile that has begun; one that has run out brings no older one back."""
        begun = [s.policy for s in self.policies if s.policy.profile is profile and s.policy.valid_from <= moment]
        if not begun or (begun[-1].valid_to is not None and begun[-1].valid_to <= moment):
            return None
        return begun[-1]


def open_book(
    files: Iterable[PolicyFile], officers: tuple[TrustOfficer, ...], plain: TrustAnchors | None = None
) -> TrustBook:
    """Check every file, its signatures and its place behind the one before it.

    Raises:
        TrustPolicyMalformed, TrustPolicyUnsigned: see there. TrustPolicyChainBroken: a version is missing or doubled,
            does not name the digest of the one before, begins no later than it, or drops one of its roots.
    """
    signed = []
    for file in files:
        policy = read_policy(file.content)
        signed.append(SignedPolicy(policy=policy, signed_by=signers_of(policy, file.signatures, officers)))
    signed.sort(key=lambda one: (list(TrustProfile).index(one.policy.profile), one.policy.version))
    for profile in TrustProfile:
        _require_chain([one.policy for one in signed if one.policy.profile is profile])
    return TrustBook(policies=tuple(signed), plain=plain or TrustAnchors())


def _require_chain(policies: list[TrustPolicy]) -> None:
    for expected, policy in enumerate(policies, start=1):
        if policy.version != expected:
            raise TrustPolicyChainBroken(f"{policy.policy_id}: version {expected} of the profile is missing or doubled")
    for before, after in pairwise(policies):
        require_succession(before, after)


def require_succession(before: TrustPolicy, after: TrustPolicy) -> None:
    """Do nothing when one policy follows on another.

    Raises:
        TrustPolicyChainBroken: it names another predecessor, begins no later, or drops a root: a root that counts no
            more is ended by its `to`, so that what was signed under it before can still be judged.
    """
    if after.previous_sha256 != before.sha256:
        raise TrustPolicyChainBroken(f"{after.policy_id}: previous_sha256 is not the digest of {before.policy_id}")
    if after.valid_from <= before.valid_from:
        raise TrustPolicyChainBroken(f"{after.policy_id} begins no later than {before.policy_id}")
    kept = {anchor.certificate for anchor in after.anchors}
    dropped = [anchor.name for anchor in before.anchors if anchor.certificate not in kept]
    if dropped:
        raise TrustPolicyChainBroken(f"{after.policy_id} drops a root, end it with `to` instead: {dropped[0]}")
