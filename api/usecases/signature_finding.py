"""What the verification of a stored file's signatures comes to, in the words that reuse is judged by.

Must not decide what a finding is good for: that is `vault.reuse`.
"""

from datetime import datetime
from typing import Final

from api.services import Services
from api.usecases.verify_document import verify_file
from signing.validation import Verdict
from vault.reuse import SignatureFinding

_FINDINGS: Final = {
    Verdict.VALID: SignatureFinding.VALID,
    Verdict.INVALID: SignatureFinding.INVALID,
    Verdict.INDETERMINATE: SignatureFinding.INDETERMINATE,
    Verdict.NO_SIGNATURE: SignatureFinding.NO_SIGNATURE,
}


def find_signatures(content: bytes, media_type: str, services: Services, at: datetime) -> SignatureFinding:
    """Verify the file as anybody would; only a PDF can carry signatures here.

    Not to be called inside a transaction (see `verify_file`).

    Raises:
        WorkersBusy: too many checks at once; nothing was judged, try again.
    """
    if media_type != "application/pdf":
        return SignatureFinding.NO_SIGNATURE
    return _FINDINGS[verify_file(content, services, at).verdict]
