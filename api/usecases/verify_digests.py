"""Anybody who must not hand a document out asks about its signatures by digest: at best indeterminate.

Only digests and signatures come here; that the document has that digest is the caller's word. Must not know how they
came in.
"""

import pickle
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from api.callers import Caller
from api.services import Services
from api.usecases.judge_signatures import Terms, Work, judge_signatures
from signing.validation import Report
from signing.validation.hashes import HashedSignature

MAX_DIGESTS: Final = 100
_ENTRY: Final = "signing.validation.isolated:verify_hashes_in_worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyDigests:
    """Digests with their signatures, and what to judge by."""

    items: tuple[HashedSignature, ...] = field(repr=False)
    terms: Terms = field(default_factory=Terms)


def verify_digests(command: VerifyDigests, services: Services, caller: Caller, at: datetime) -> Report:
    """One report with every signer of every item.

    Raises:
        InputInvalid: no such policy, or a moment in the future. WorkersBusy: too many checks at once.
    """
    del caller  # the same answer for everybody
    packed = pickle.dumps(command.items)  # our own values, never read back
    work = Work(entry=_ENTRY, subject=(command.items,), file=packed, digest=sha256(packed).hexdigest())
    return judge_signatures(work, command.terms, services, at)
