"""OCSP answers that tell of a revocation after the moment in question: at that moment the certificate was good.

A list with the same entry says so by itself; the library takes such an answer for no answer. RFC 6960 §2.2: revoked
from revocationTime on; ETSI EN 319 102-1 §5.2.5: it counts when it lies before the moment. Whether the answer is
signed rightly, about the certificate and of the right time is still judged, over what was signed.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from asn1crypto import ocsp

from signing.validation.signed_parts import SignedParts

_GOOD = ocsp.CertStatus.load(b"\x80\x00")


def as_of(answers: Iterable[Any], at: datetime) -> tuple[list[Any], SignedParts]:
    """The answers as they read for a moment, and for ``PaidVerifier`` what was signed instead of what is shown.

    Args:
        answers: decoded OCSPResponse values, unchecked.
        at: the moment in question.
    """
    shown, signed_parts = [], SignedParts()
    for answer in answers:
        if not any(_is_later(one, at) for one in _statements(answer)):
            shown.append(answer)
            continue
        changed = ocsp.OCSPResponse.load(answer.dump(), strict=True)
        basic = changed.basic_ocsp_response
        tbs = basic["tbs_response_data"]
        signed = tbs.dump()
        for one in _statements(changed):
            if _is_later(one, at):
                one["cert_status"] = _GOOD.copy()
        signed_parts.add(basic["signature"].native, tbs.dump(), signed)
        shown.append(changed)
    return shown, signed_parts


def _statements(answer: Any) -> Any:  # noqa: ANN401 - asn1crypto ships no types
    return answer.basic_ocsp_response["tbs_response_data"]["responses"]


def _is_later(statement: Any, at: datetime) -> bool:  # noqa: ANN401 - asn1crypto ships no types
    status = statement["cert_status"]
    if status.name != "revoked":
        return False
    revoked_at = status.chosen["revocation_time"].native
    return bool(revoked_at.tzinfo is not None and revoked_at > at)  # without a zone it is no time (RFC 5280 §4.1.2.5.2)
