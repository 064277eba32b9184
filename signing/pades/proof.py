"""Status evidence for a file that has its time-stamps: the second half of B-LT, asked for by itself.

Whoever cannot get evidence now keeps the file with its time-stamps (B-T), and adds no second time-stamp later.
"""

from dataclasses import replace
from hashlib import sha256

from signing.pades.longterm import EvidenceSource, with_evidence
from signing.pades.outcome import SignedPdf


def add_evidence(signed: SignedPdf, evidence: EvidenceSource, *, known: tuple[bytes, ...] = ()) -> SignedPdf:
    """The file at level B-LT: evidence for every chain in it that has none yet.

    Args:
        signed: a file whose signatures are time-stamped.
        evidence: the source.
        known: DER certificates that complete the chains.

    Raises:
        EvidenceUnavailable: nothing was produced. MalformedDocument: its signatures cannot be read.
    """
    pdf, complete = with_evidence(signed.pdf, evidence, known=known)
    return replace(signed, pdf=pdf, sha256=sha256(pdf).hexdigest(), level="B-LT" if complete else signed.level)
