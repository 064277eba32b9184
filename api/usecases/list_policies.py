"""Everybody may read by which rules signatures are judged here, and which signed files say whose roots count."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.errors import NotFound
from api.services import Services
from signing.validation import POLICIES, VN_IN_FORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesInForce:
    """What judges now, as documents."""

    default: str
    """Id of the validation policy that counts when nobody names one."""
    validation: tuple[dict[str, Any], ...]
    """Algorithms and strictness, each policy that can be asked for."""
    trust: tuple[dict[str, Any], ...]
    """The signed files in force from which the roots are taken: id, profile, date and digest."""

    def document(self) -> dict[str, Any]:
        """All of it."""
        return {"default": self.default, "validation": list(self.validation), "trust": list(self.trust)}


def list_policies(services: Services, at: datetime) -> PoliciesInForce:
    """The policies of this moment."""
    return PoliciesInForce(
        default=services.verifier.policy.policy_id,
        # the rule in force is described with the one before it, which judges what is proved to be older
        validation=tuple(({**POLICIES, VN_IN_FORCE.policy_id: VN_IN_FORCE})[name].document() for name in POLICIES),
        trust=tuple(policy.document() for policy in services.verifier.trust.book().at(at).policies),
    )


def find_policy(policy_id: str, services: Services, at: datetime) -> dict[str, Any]:
    """One of them by its id.

    Raises:
        NotFound: no policy in force has it.
    """
    found = list_policies(services, at)
    by_id = {one["id"]: {"kind": "trust", **one} for one in found.trust}
    by_id |= {one["policy_id"]: {"kind": "validation", **one} for one in found.validation}
    if policy_id not in by_id:
        raise NotFound("Không có chính sách này.", "There is no such policy.")
    return by_id[policy_id]
