"""Whether the time that a signer claims can be at all.

A claimed time proves nothing (EN 319 102-1 §5.2.6.4: it is shown as what the signer says); one that contradicts what is
known is worth telling. Knows moments only.
"""

from datetime import datetime, timedelta
from typing import Final

_CLOCK_TOLERANCE: Final = timedelta(minutes=5)  # a signer's own clock against clocks that are trusted


def is_claim_doubtful(
    claimed: datetime | None,
    *,
    proven: datetime | None,
    earliest: datetime | None,
    begin: datetime | None,
    at: datetime,
) -> bool:
    """Whether a claim lies behind its proof, in front of what was there before it, or in a time that has not come.

    Args:
        claimed: what the signer says; None: nothing.
        proven: the best time that is proved.
        earliest: when the signature cannot have been there yet.
        begin: from when its certificate is good; None: that cannot be read.
        at: the moment of checking.
    """
    if claimed is None:
        return False
    if claimed > (at if proven is None else min(proven, at)) + _CLOCK_TOLERANCE:
        return True
    return any(bound is not None and claimed < bound - _CLOCK_TOLERANCE for bound in (earliest, begin))
