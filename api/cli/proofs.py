"""What proves when something was signed and that its certificates were good: time-stamps, and status evidence.

Two sources are alike here: a data folder on this machine, and a service (`service_proofs`). Must not know files.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.services import Services
    from signing.trust import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """Where they are had."""

    stamp: Callable[[bytes], bytes] = field(repr=False)
    """Takes a TimeStampReq, gives a TimeStampResp (DER)."""
    evidence: "Callable[[tuple[bytes, ...]], Evidence]" = field(repr=False)
    """Takes a chain (DER, leaf first)."""


def proofs_of(services: "Services", at: datetime) -> Proofs:
    """Those of a data folder's authorities, for one moment."""
    from api.usecases.signing_parts import evidence_source, time_stamper

    return Proofs(stamp=time_stamper(services, at), evidence=evidence_source(services, at))
