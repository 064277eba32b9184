"""A time-stamp for a document of ours: from the configured authorities in their order, our own among them or not.

A token from elsewhere is taken only when our own checks would accept it in a document: what we add must not turn out
worthless later. Not to be called inside a transaction: our own authority counts a serial, and asking takes time.
"""

from datetime import datetime

from api.errors import ConfigurationInvalid
from api.services import Services
from api.usecases.stamp_time import stamp_time
from api.usecases.trusted_roots import trusted_roots
from signing.tsa import Question
from signing.validation import token_fault


def ask_timestamp(request: bytes, services: Services, at: datetime, *, patient: bool = False) -> bytes:
    """The TimeStampResp (DER) with a usable token.

    Args:
        request: TimeStampReq (DER), with a nonce.
        services: of this process.
        at: the moment of what the stamp is wanted for.
        patient: nobody waits: the document is completed later (S25).

    Raises:
        TimestampUnavailable: no authority gave a usable token within the time that there is.
    """

    def accept(token: bytes) -> str:
        now = services.clock()
        try:
            anchors = trusted_roots(services, now)
        except ConfigurationInvalid:
            return "the roots in force cannot be told"
        imprint = Question.of(request).imprint
        return token_fault(token, imprint, anchors=anchors, policy=services.verifier.policy.judging(now), at=now)

    return services.timestamps.stamp(
        request, own=lambda asked: stamp_time(asked, services, at), accept=accept, patient=patient
    )
