"""What the verification of a stored file's signatures comes to, in the words that reuse is judged by.

Must not decide what a finding is good for: that is `vault.reuse`.
"""

from datetime import datetime

from api.services import Services
from vault.reuse import SignatureFinding


def find_signatures(content: bytes, media_type: str, services: Services, at: datetime) -> SignatureFinding:
    """Verify at `at`; only a PDF can carry signatures here. What could not be checked is INDETERMINATE."""
    if media_type != "application/pdf":
        return SignatureFinding.NO_SIGNATURE
    del content, services, at  # no verification service yet: nothing is shown to be valid
    return SignatureFinding.INDETERMINATE
