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
from signing.pades.longterm import stamped_tail
from signing.pades.open_value import OpenRevision
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
    base_length = len(pdf)
    del pdf  # may be large, and `stamped` holds it too
    try:
        return with_status(stamped, base_length, prepared.credential.chain, services, at)
    except (EvidenceUnavailable, IsolationError):
        return stamped


def with_status(
    signed: SignedPdf, base_length: int, known: Chain, services: Services, at: datetime, *, level: str = "B-LT"
) -> SignedPdf:
    """The file at B-LT: the status of every certificate behind what was signed after its first bytes.

    ``level`` is what the file has reached then: B-LTA, if its newest time-stamp is over earlier evidence.

    Raises:
        EvidenceUnavailable: not of all of them. IsolationError: the worker gave no answer.
    """
    source, timeout_s = evidence_source(services, at), services.verifier.timeout_s
    chains: tuple[Chain, ...] = services.workers.call(
        "signing.pades.isolated:chains_in_worker", signed.pdf, base_length, known, timeout_s=timeout_s
    )
    found: list[tuple[Chain, Evidence]] = []
    for chain in chains:
        evidence = source(chain)
        if evidence.is_empty():
            raise EvidenceUnavailable("no status evidence for a chain")
        found.append((chain, evidence))
    tail: bytes = services.workers.call(
        "signing.pades.isolated:evidence_in_worker", signed.pdf, tuple(found), known, timeout_s=timeout_s
    )
    return _continued(signed, tail, level)


def with_late_stamp(signed: SignedPdf, services: Services, at: datetime, *, patient: bool = True) -> SignedPdf:
    """The file at B-T: a time-stamp over all of it, in a field of its own; ``patient``: nobody waits for it.

    Raises:
        TimestampUnavailable; DocumentNotSignable; IsolationError.
    """
    opened: OpenRevision = services.workers.call(
        "signing.pades.isolated:timestamp_in_worker", signed.pdf, at, timeout_s=services.verifier.timeout_s
    )
    return _continued(signed, stamped_tail(opened, time_stamper(services, at, patient=patient)), "B-T")


def _continued(signed: SignedPdf, tail: bytes, level: str) -> SignedPdf:
    pdf = signed.pdf + tail
    return replace(signed, pdf=pdf, sha256=sha256(pdf).hexdigest(), level=level)
