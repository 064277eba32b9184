"""A signature whose value is there gets its time-stamp and evidence, as far as they can be had now (I17, S25, S26).

Knows levels and what to do without. Must not know whose signature it is, nor what completes it later.
"""

from datetime import datetime

from api.services import Services
from api.usecases.signing_parts import evidence_source, time_stamper
from signing.errors import EvidenceUnavailable, TimestampUnavailable
from signing.keys import require_key_of
from signing.pades import (
    EvidenceSource,
    PreparedSignature,
    SignedPdf,
    SigningRequest,
    complete_signature,
    prepare_signature,
)
from signing.pades.proof import add_evidence


def complete_as_far(
    pdf: bytes,
    prepared: PreparedSignature,
    value: bytes,
    services: Services,
    at: datetime,
    *,
    evidence: EvidenceSource | None = None,
) -> SignedPdf:
    """The file with the signature: B-LT; B-T while evidence, B-B while a time-stamp cannot be had.

    A slow or dead authority delays nobody beyond the budget; no key is used.

    Args:
        pdf: the document that was prepared.
        prepared: what was prepared for it.
        value: what the key made.
        services: of this process.
        at: now.
        evidence: the source; None: one for this signature alone.

    Raises:
        SignatureValueWrong, DocumentNotSignable: nothing was produced.
    """
    try:
        signed = complete_signature(pdf, prepared, value, stamp=time_stamper(services, at), evidence=None)
    except TimestampUnavailable:
        return complete_signature(pdf, prepared, value, stamp=None, evidence=None)
    try:
        return add_evidence(signed, evidence or evidence_source(services, at), known=prepared.credential.chain)
    except EvidenceUnavailable:
        return signed  # S26: the time of the signature is proved already


def sign_as_far(pdf: bytes, request: SigningRequest, services: Services, at: datetime) -> SignedPdf:
    """A signature by a key of our own store, for papers of the platform itself that must not wait for an authority.

    Raises:
        What `prepare_signature` and the key store raise.
    """
    prepared = prepare_signature(pdf, request, with_stamp=True, at=at)
    credential = prepared.credential
    require_key_of(credential, services.keys)
    value = services.keys.sign(credential.key_id, prepared.attributes, credential.algorithm)
    return complete_as_far(pdf, prepared, value, services, at)
