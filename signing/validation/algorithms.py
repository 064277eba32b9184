"""Are the algorithms of a signature and its chain on the policy's list, at the time that counts?

Circular 15/2025 annex I; ETSI EN 319 102-1 §5.2.8.4.4: judged at the best proven time, without a proof at the moment of
the check. Integrity is told truthfully elsewhere, whatever stands here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from signing.validation.certificate_parts import read_parts
from signing.validation.container import Container
from signing.validation.container_faults import ContainerFaultError
from signing.validation.digests import HASHES
from signing.validation.policy import ValidationPolicy
from signing.validation.public_keys import read_public_key
from signing.validation.reasons import Reason
from signing.validation.schemes import WITHOUT_DIGEST, Family, Scheme, read_scheme
from signing.validation.signature_values import settled

_UNREADABLE = (ValueError, TypeError, IndexError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmFault:
    """One algorithm or key that the policy does not allow."""

    what: str
    """English, for the detailed report."""

    reason: Reason
    """ALGORITHM_FORBIDDEN: never on the list; ALGORITHM_ENDED: no more at that time; ALGORITHM_UNKNOWN."""

    until: datetime | None = None
    """For those that ended: when."""


def algorithm_faults(
    container: Container,
    chain: tuple[bytes, ...],
    policy: ValidationPolicy,
    *,
    proven_time: datetime | None,
    at: datetime,
) -> tuple[AlgorithmFault, ...]:
    """What the policy does not allow; empty if everything is on the list.

    The anchor's own signature is not looked at: it is trusted by configuration.

    Args:
        container: the signature.
        chain: DER, leaf first, anchor last.
        policy: its own rule or the one before it judges, by the time.
        proven_time: when the signature is proven to have existed, if it is.
        at: the moment of the check.
    """
    rule = _Rule(policy.judging(proven_time or at), proven_time or at)
    faults = list(_signature_faults(container, rule))
    for der in chain[:-1] if len(chain) > 1 else chain:
        faults.extend(_certificate_faults(der, rule))
    return tuple(dict.fromkeys(faults))


def is_legacy(container: Container) -> bool:
    """Whether the scheme may be checked but no longer created (RSASSA-PKCS1-v1_5)."""
    return container.scheme is not None and container.scheme.family is Family.RSA_PKCS1


def certificate_faults(der: bytes, policy: ValidationPolicy, *, at: datetime | None = None) -> Iterator[str]:
    """What the policy does not allow about the key and the issuer's signature of one certificate (DER), in English."""
    rule = _Rule(policy if at is None else policy.judging(at), at)
    for fault in _certificate_faults(der, rule):
        yield fault.what


@dataclass(frozen=True, slots=True)
class _Rule:
    """A policy at a moment."""

    policy: ValidationPolicy
    moment: datetime | None

    def digest(self, name: str, what: str = "digest {}") -> Iterator[AlgorithmFault]:
        what = what.format(name[:60])
        if name not in HASHES:
            yield AlgorithmFault(what=what, reason=Reason.ALGORITHM_UNKNOWN)
        elif name in self.policy.digests:
            yield from self._ended(name, what)
        else:
            yield self._absent(name, what)

    def scheme(self, scheme: Scheme) -> Iterator[AlgorithmFault]:
        name = str(scheme.family)
        what = f"signature scheme {name}"
        legacy = scheme.family is Family.RSA_PKCS1
        if name not in self.policy.schemes or (legacy and not self.policy.accept_pkcs1_v15):
            yield AlgorithmFault(what=what, reason=Reason.ALGORITHM_FORBIDDEN)
        else:
            yield from self._ended(name, what)

    def key(self, kind: str, bits: int) -> Iterator[AlgorithmFault]:
        shown = {"rsa": "RSA key of {} bits", "ec": "elliptic curve of {} bits"}.get(kind, f"{kind} key")
        least = {"rsa": self.policy.min_rsa_bits, "ec": self.policy.min_ec_bits}.get(kind, 0)
        if bits < least:
            yield AlgorithmFault(what=shown.format(bits), reason=Reason.ALGORITHM_FORBIDDEN)
        elif kind not in {"rsa", "ec"} and kind not in self.policy.schemes:
            yield AlgorithmFault(what="key of a kind that is not on the list", reason=Reason.ALGORITHM_FORBIDDEN)
        else:
            yield from self._ended(kind, shown.format(bits), bits)

    def _ended(self, name: str, what: str, bits: int | None = None) -> Iterator[AlgorithmFault]:
        for end in self.policy.ends:
            too_short = end.below_bits is None or (bits is not None and bits < end.below_bits)
            if end.algorithm == name and too_short and self.moment is not None and self.moment >= end.until:
                yield AlgorithmFault(what=what, reason=Reason.ALGORITHM_ENDED, until=end.until)

    def _absent(self, name: str, what: str) -> AlgorithmFault:
        """Not on the list: forbidden, unless the rule before had it until this one came."""
        before = self.policy.replaces
        if before is not None and name in before.digests:
            return AlgorithmFault(what=what, reason=Reason.ALGORITHM_ENDED, until=self.policy.in_force_from)
        return AlgorithmFault(what=what, reason=Reason.ALGORITHM_FORBIDDEN)


def _signature_faults(container: Container, rule: _Rule) -> Iterator[AlgorithmFault]:
    for name in (container.digest, *container.more_digests):
        yield from rule.digest(name)
    scheme = container.scheme
    if scheme is None:
        what = f"signature scheme {container.algorithm[:60]}"
        yield AlgorithmFault(what=what, reason=Reason.ALGORITHM_UNKNOWN)
        return
    try:
        scheme = settled(scheme, container.public_key())
    except ContainerFaultError:
        return  # the certificate's key is judged with the certificate
    yield from rule.scheme(scheme)
    yield from rule.digest(scheme.digest)  # of families without one: that of the content
    if scheme.mask not in {"", scheme.digest}:
        yield from rule.digest(scheme.mask, "digest {} of a mask")


def _certificate_faults(der: bytes, rule: _Rule) -> Iterator[AlgorithmFault]:
    try:
        parts = read_parts(der)
    except _UNREADABLE as err:
        what = f"key that cannot be read ({type(err).__name__})"
        yield AlgorithmFault(what=what, reason=Reason.ALGORITHM_UNKNOWN)
        return
    try:
        key = read_public_key(parts.key)
    except _UNREADABLE as err:
        yield AlgorithmFault(what=f"key that is not supported ({err})", reason=Reason.ALGORITHM_UNKNOWN)
    else:
        yield from rule.key(key.kind, key.bits)
    try:
        scheme = read_scheme(parts.algorithm, "")
    except _UNREADABLE as err:
        yield AlgorithmFault(what=f"{err} in a certificate", reason=Reason.ALGORITHM_UNKNOWN)
        return
    if scheme.family in WITHOUT_DIGEST:
        return
    yield from rule.digest(scheme.digest, "digest {} in a certificate")
    if scheme.family is Family.DSA:
        yield from rule.scheme(scheme)
