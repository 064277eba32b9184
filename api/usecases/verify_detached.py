"""Anybody asks whether a signature beside a file is good: CMS or CAdES over any file, answered like a signed PDF.

The file may also be inside the signature. Nothing of either is kept. Must not know how they came in.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from api.callers import Caller
from api.errors import FileEmpty
from api.services import Services
from api.usecases.judge_signatures import Terms, Work, judge_signatures
from api.usecases.verify_document import with_document
from signing.validation import Report

_ENTRY: Final = "signing.validation.isolated:verify_detached_in_worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyDetached:
    """A signature, the file that it is about, and what to judge by."""

    signature: bytes = field(repr=False)
    content: bytes | None = field(default=None, repr=False)
    """None: it is inside the signature."""
    terms: Terms = field(default_factory=Terms)


def verify_detached_file(command: VerifyDetached, services: Services, caller: Caller, at: datetime) -> Report:
    """The report about every signer.

    Raises:
        FileEmpty: there is no signature. InputInvalid: no such policy, or a moment in the future.
        WorkersBusy: too many checks at once.
    """
    del caller  # the same answer for everybody
    if not command.signature:
        raise FileEmpty("Tệp chữ ký rỗng.", "The signature is empty.")
    signature, content = command.signature, command.content
    parts = [sha256(part).hexdigest() if part is not None else "-" for part in (signature, content)]
    work = Work(
        entry=_ENTRY,
        subject=(signature, content),
        file=signature if content is None else content,
        digest=":".join(parts),
    )
    return with_document(judge_signatures(work, command.terms, services, at), services, at)
