"""What a validation policy is: which algorithms, evidence and later changes are acceptable, as frozen dated data.

Knows the shape and how the dates are read (ETSI EN 319 102-1 §5.2.8.4.4). Must not know any one law: the policies
themselves are in ``policies``.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

SCHEMES = frozenset(
    {"rsassa_pss", "rsassa_pkcs1v15", "ecdsa", "plain_ecdsa", "ed25519", "ed448", "mldsa44", "mldsa65", "mldsa87"}
)
"""Signature schemes that a policy may accept; DSA has never been on a Vietnamese list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmEnd:
    """A dated constraint: what it names may stand in signatures that existed before the end, not later."""

    algorithm: str
    """Name of a digest ('sha224'), of a scheme ('rsassa_pkcs1v15') or of a kind of key ('rsa', 'ec')."""

    until: datetime
    """The first moment at which it counts no more."""

    below_bits: int | None = None
    """For kinds of keys: only keys shorter than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationPolicy:
    """One set of rules; reports name it."""

    policy_id: str
    """Stable name, shown in every report."""

    digests: frozenset[str]
    """Closed list of digest algorithms; annex I 1.3. What is not here (MD5, SHA-1) is forbidden."""

    min_rsa_bits: int = 2048
    """Annex I 1.1."""

    min_ec_bits: int = 256
    """Annex I 1.2."""

    schemes: frozenset[str] = SCHEMES
    """Signature schemes that may be checked."""

    accept_pkcs1_v15: bool = True
    """RSASSA-PKCS1-v1_5 may be checked (practice of issued certificates), never created; reported as legacy."""

    require_status: bool = True
    """Annex II 1.2: without status information the answer is never VALID."""

    accept_form_fill: bool = False
    """Whether form values may change after a signature that does not itself allow it (decisions: no)."""

    ends: tuple[AlgorithmEnd, ...] = ()
    """What is on the lists above, but only up to a date; judged at the best proven time, else at the check."""

    in_force_from: datetime | None = None
    """The first moment of the rule; None: not known, or always."""

    replaces: "ValidationPolicy | None" = None
    """The rule before it: judges what is proven to have existed before ``in_force_from``. None: this one alone."""

    name_vi: str = ""
    name_en: str = ""
    source: str = ""
    """The act, as a person would cite it."""

    clauses: tuple[str, ...] = ()
    """Clauses that the constraints were read from."""

    def judging(self, moment: datetime) -> "ValidationPolicy":
        """The policy that was in force at a moment: a document is judged by the rule of its own (proven) time."""
        found: ValidationPolicy = self
        while found.replaces is not None and found.in_force_from is not None and moment < found.in_force_from:
            found = found.replaces
        return found

    def alone(self) -> Self:
        """The same policy for every moment, whatever was in force before it."""
        return replace(self, replaces=None)

    def document(self) -> dict[str, Any]:
        """The policy as others read it (``GET /v1/policies``)."""
        return {
            "policy_id": self.policy_id,
            "name_vi": self.name_vi,
            "name_en": self.name_en,
            "source": self.source,
            "clauses": list(self.clauses),
            "in_force_from": _time(self.in_force_from),
            "replaces": self.replaces.policy_id if self.replaces else None,
            "digests": sorted(self.digests),
            "schemes": sorted(
                scheme for scheme in self.schemes if scheme != "rsassa_pkcs1v15" or self.accept_pkcs1_v15
            ),
            "legacy_schemes": ["rsassa_pkcs1v15"] if self.accept_pkcs1_v15 else [],
            "min_bits": {"rsa": self.min_rsa_bits, "ec": self.min_ec_bits},
            "ends": [
                {"algorithm": end.algorithm, "below_bits": end.below_bits, "until": _time(end.until)}
                for end in self.ends
            ],
            "require_status": self.require_status,
            "accept_form_fill": self.accept_form_fill,
        }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
