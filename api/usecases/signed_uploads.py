"""What a value makes of a prepared upload: container and time-stamp here, everything that parses in a limited worker.

A slow or dead authority delays nobody: what is missing is added behind the signature by a later job (I17, S25). Knows
no caller and no row.
"""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from api.services import Services
from api.usecases.signing_parts import evidence_source, time_stamper
from signing.errors import EvidenceUnavailable, TimestampUnavailable
from signing.isolation import IsolationError
from signing.pades import PreparedSignature, SignedPdf, complete_signature
from signing.pades.isolated import Chain
from signing.trust import Evidence


def signed_upload(pdf: bytes, prepared: PreparedSignature, value: bytes, services: Services, at: datetime) -> SignedPdf:
    """The document with its signature: B-LT, B-T without evidence, B-B without a time-stamp.

    Raises:
        SignatureValueWrong, DocumentNotSignable: nothing was produced.
    """
    try:
        stamped = complete_signature(pdf, prepared, value, stamp=time_stamper(services, at), evidence=None)
    except TimestampUnavailable:
        return complete_signature(pdf, prepared, value, stamp=None, evidence=None)
    try:
        tail = _validation_data(stamped.pdf, len(pdf), prepared.credential.chain, services, at)
    except (EvidenceUnavailable, IsolationError):
        return stamped
    continued = stamped.pdf + tail
    return replace(stamped, pdf=continued, sha256=sha256(continued).hexdigest(), level="B-LT")


def _validation_data(pdf: bytes, base_length: int, known: Chain, services: Services, at: datetime) -> bytes:
    """What to append so that the status of our signature's certificates, and of its time-stamp's, is in the file."""
    source, timeout_s = evidence_source(services, at), services.verifier.timeout_s
    chains: tuple[Chain, ...] = services.workers.call(
        "signing.pades.isolated:chains_in_worker", pdf, base_length, known, timeout_s=timeout_s
    )
    found: list[tuple[Chain, Evidence]] = []
    for chain in chains:
        evidence = source(chain)
        if evidence.is_empty():
            raise EvidenceUnavailable("no status evidence for a chain")
        found.append((chain, evidence))
    tail: bytes = services.workers.call(
        "signing.pades.isolated:evidence_in_worker", pdf, tuple(found), known, timeout_s=timeout_s
    )
    return tail
