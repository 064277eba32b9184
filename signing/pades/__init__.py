"""PAdES signing: visible marks, levels B-B to B-LTA, late time-stamps; PDF/A-2 files stay PDF/A-2.

Knows documents as bytes, keys by name, time and evidence as callables. Must not know who is entitled to sign what.
"""

from signing.pades.archive import ArchiveNeed, archive_need
from signing.pades.claims import claimed_attribute
from signing.pades.cms import detached_signature, signed_attributes
from signing.pades.containers import SignedContainer, container_over, evidence_about
from signing.pades.geometry import Box
from signing.pades.longterm import EvidenceSource, augment_pdf
from signing.pades.marks import Mark, PersonMark, SealMark, TextMark, shown_time
from signing.pades.outcome import SignedPdf
from signing.pades.pictures import drawn_seal, drawn_signature
from signing.pades.prepared import PreparedSignature
from signing.pades.preview import mark_preview
from signing.pades.printing import print_mark, with_room
from signing.pades.reserving import ReservedSeal
from signing.pades.sign import SigningRequest, complete_signature, prepare_signature, sign_pdf
from signing.pades.signer_block import find_signer_block
from signing.pades.stamping import Stamp

__all__ = [
    "ArchiveNeed",
    "Box",
    "EvidenceSource",
    "Mark",
    "PersonMark",
    "PreparedSignature",
    "ReservedSeal",
    "SealMark",
    "SignedContainer",
    "SignedPdf",
    "SigningRequest",
    "Stamp",
    "TextMark",
    "archive_need",
    "augment_pdf",
    "claimed_attribute",
    "complete_signature",
    "container_over",
    "detached_signature",
    "drawn_seal",
    "drawn_signature",
    "evidence_about",
    "find_signer_block",
    "mark_preview",
    "prepare_signature",
    "print_mark",
    "shown_time",
    "sign_pdf",
    "signed_attributes",
    "with_room",
]
