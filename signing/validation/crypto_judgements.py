"""What the findings of cryptography and algorithm policy mean: indication, verdict and reason of each.

ETSI EN 319 102-1 §5.1.3 and table 6. Part of the same table as ``judgement``, apart because it is about other findings.
"""

from collections.abc import Iterable

from signing.validation.algorithms import AlgorithmFault
from signing.validation.indications import Indication, Verdict
from signing.validation.judgement import Judgement
from signing.validation.reasons import Reason

NOT_DER = Judgement(
    verdict=Verdict.INVALID, indication=Indication.FAILED, sub_indication="FORMAT_FAILURE",
    reason=Reason.SIGNED_ATTRIBUTES_NOT_DER,
)  # fmt: skip
SIGNER_MISSING = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE,
    sub_indication="NO_SIGNING_CERTIFICATE_FOUND", reason=Reason.SIGNER_CERT_MISSING,
)  # fmt: skip
UNKNOWN_ALGORITHM = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="GENERIC",
    reason=Reason.ALGORITHM_UNKNOWN,
)  # fmt: skip
NOT_GIVEN = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="GENERIC",
    reason=Reason.CONTENT_NOT_GIVEN,
)  # fmt: skip
CONTENT_MISSING = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="SIGNED_DATA_NOT_FOUND",
    reason=Reason.CONTENT_MISSING,
)  # fmt: skip
_FORBIDDEN = Judgement(
    verdict=Verdict.INVALID, indication=Indication.INDETERMINATE, sub_indication="CRYPTO_CONSTRAINTS_FAILURE",
    reason=Reason.ALGORITHM_FORBIDDEN,
)  # fmt: skip
_ENDED_THEN = Judgement(
    verdict=Verdict.INVALID, indication=Indication.INDETERMINATE, sub_indication="CRYPTO_CONSTRAINTS_FAILURE",
    reason=Reason.ALGORITHM_ENDED,
)  # fmt: skip
_ENDED_SINCE = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE,
    sub_indication="CRYPTO_CONSTRAINTS_FAILURE_NO_POE", reason=Reason.ALGORITHM_ENDED,
)  # fmt: skip


def of_algorithms(faults: Iterable[AlgorithmFault], *, proven: bool) -> Judgement | None:
    """What algorithms outside the policy mean; None if there are none.

    Args:
        faults: what the policy does not allow.
        proven: whether the time that they were judged at is proven; without a proof the signature may be older than
            the end of its algorithm.
    """
    reasons = {fault.reason for fault in faults}
    if Reason.ALGORITHM_FORBIDDEN in reasons:
        return _FORBIDDEN
    if Reason.ALGORITHM_ENDED in reasons:
        return _ENDED_THEN if proven else _ENDED_SINCE
    return UNKNOWN_ALGORITHM if reasons else None
