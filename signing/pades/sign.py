"""The signing story: check the document, place and draw the mark, close the revision, sign it, add time and evidence.

The input is never rewritten: everything goes into incremental updates behind it (ISO 32000-1 §7.5.6), so every earlier
signature keeps its bytes and a PDF/A-2 file stays one. Whether this credential may sign this document was decided by
the caller (I10, I11).
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from pyhanko.pdf_utils import misc
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError as PdfSigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest, SignatureObject

from signing.errors import DocumentNotSignable
from signing.identity import read_certificate_facts
from signing.keys import Credential, KeyStore
from signing.pades.cms import digest_name, signed_attributes
from signing.pades.intake import open_for_signing, require_open_field
from signing.pades.longterm import EvidenceSource, archived, with_evidence
from signing.pades.marks import VIETNAM, Mark
from signing.pades.outcome import SignedPdf
from signing.pades.prepared import PreparedSignature, with_value
from signing.pades.promises import EVERY_FIELD, field_lock, require_lock
from signing.pades.reserving import ReservedSeal, reserve_seal
from signing.pades.revision import RevisionWriter
from signing.pades.stamping import Stamp
from signing.pades.widget import PlacedMark, place_mark, put_on_widget

_TOKEN_ROOM = 12 * 1024  # bytes kept for a time-stamp token with a chain of RSA certificates
_BASE_ROOM = 2 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRequest:
    """What shall be signed in which name, and what of it is seen."""

    credential: Credential
    field_name: str
    mark: Mark | None = None
    reason: str | None = None
    capacity: str | None = None
    """Capacity as printed (KT. CHỦ TỊCH …); kept with the reason, it changes no key (I14)."""

    location: str | None = None
    certify: bool = False
    """First signature of a planned sequence: certifies with DocMDP P=2 (further signatures in existing fields)."""

    closes: bool = False
    """Last signature of a planned sequence: locks every field, with /P 1 (ISO 32000-2 table 236). Afterwards only
    time-stamps and validation data; whoever asks for a further signature is refused. A field that exists already has
    to carry the lock (``ReservedSeal.closes``)."""

    reserved: ReservedSeal | None = None
    """Together with mark A: the field that the seal will be set in later, at its place over the left third of A."""


def sign_pdf(
    pdf: bytes,
    request: SigningRequest,
    *,
    keys: KeyStore,
    stamp: Stamp | None,
    evidence: EvidenceSource | None,
    at: datetime,
) -> SignedPdf:
    """Appends a signature.

    Args:
        pdf: the document; a strict prefix of the result.
        request: who signs, in which field, with which mark.
        keys: where the credential's key lives.
        stamp: asks a time-stamp authority; None gives level B-B.
        evidence: gives OCSP answers and CRLs for a chain (leaf first); None gives no validation data.
        at: claimed time of signing.

    Raises:
        MalformedDocument, DocumentNotSignable: see ``signing.pades.refusals``; the key was not touched.
        KeyStoreError, TimestampUnavailable, EvidenceUnavailable: nothing was produced.
        SignatureValueWrong: the store gave something else than a signature of this key.
    """
    prepared = prepare_signature(pdf, request, with_stamp=stamp is not None, at=at)
    value = keys.sign(prepared.credential.key_id, prepared.attributes, prepared.credential.algorithm)
    return complete_signature(pdf, prepared, value, stamp=stamp, evidence=evidence)


def prepare_signature(pdf: bytes, request: SigningRequest, *, with_stamp: bool, at: datetime) -> PreparedSignature:
    """Everything before the key: the revision with an open place for the container, and what the key has to sign.

    Args:
        pdf: the document.
        request: who will sign, in which field, with which mark.
        with_stamp: keep room for a time-stamp token in the container.
        at: claimed time of signing.

    Raises:
        MalformedDocument, DocumentNotSignable: see ``signing.pades.refusals``.
    """
    writer = open_for_signing(pdf)
    require_open_field(writer, request.field_name, certify=request.certify)
    reserve_mm = request.reserved.diameter_mm if request.reserved is not None else None
    placed = place_mark(pdf, request.mark, reserve_mm=reserve_mm) if request.mark is not None else None
    room = _BASE_ROOM + sum(map(len, (request.credential.certificate, *request.credential.chain)))
    if with_stamp:
        room += _TOKEN_ROOM
    byte_range, output = _open_revision(writer, request, placed, at=at, room=room)
    tail = output[len(pdf) :]
    if not output.startswith(pdf):
        raise DocumentNotSignable("the signed file does not continue the given one")  # I12; a defect of ours
    attributes = signed_attributes(request.credential, byte_range.document_digest)
    return PreparedSignature(
        credential=request.credential,
        field_name=request.field_name,
        base_sha256=sha256(pdf).hexdigest(),
        tail=tail,
        document_digest=byte_range.document_digest,
        attributes=attributes,
        place=byte_range.reserved_region_start + 1 - len(pdf),
        room=room,
    )


def complete_signature(
    pdf: bytes,
    prepared: PreparedSignature,
    value: bytes,
    *,
    stamp: Stamp | None,
    evidence: EvidenceSource | None,
    archive: bool = False,
) -> SignedPdf:
    """Everything after the key: container, time-stamp, validation data, time-stamp over all of it.

    Args:
        pdf: the document that was prepared.
        prepared: what ``prepare_signature`` gave for it.
        value: what the key made over ``prepared.attributes``.
        stamp: asks a time-stamp authority; None gives level B-B.
        evidence: gives OCSP answers and CRLs for a chain (leaf first); None gives no validation data.
        archive: add a document time-stamp over the validation data (B-LTA); only with ``stamp`` and ``evidence``.

    Raises:
        SignatureValueWrong, DocumentNotSignable, TimestampUnavailable, EvidenceUnavailable: nothing was produced.
    """
    signed, level = with_value(pdf, prepared, value, stamp), "B-B"
    if stamp is not None:
        level = "B-T"
        if evidence is not None:
            signed, complete = with_evidence(signed, evidence, known=prepared.credential.chain)
            level = "B-LT" if complete else "B-T"
            if archive and complete:
                signed, proven = archived(signed, stamp=stamp, evidence=evidence, known=prepared.credential.chain)
                level = "B-LTA" if proven else level
    return SignedPdf(pdf=signed, sha256=sha256(signed).hexdigest(), level=level, field_name=prepared.field_name)


def _open_revision(
    writer: RevisionWriter, request: SigningRequest, placed: PlacedMark | None, *, at: datetime, room: int
) -> tuple[PreparedByteRangeDigest, bytes]:
    """One revision with a filled signature field, but for the container."""
    digest = digest_name(request.credential.algorithm)
    try:
        if request.reserved is not None and placed is not None:
            reserve_seal(writer, request.reserved, placed)
        protocol = PdfCMSEmbedder(_field_spec(request, placed)).write_cms(request.field_name, writer)
        field = next(protocol).get_object()
        if placed is not None:
            put_on_widget(field, placed, writer)
        if request.closes:
            require_lock(field)
        dictionary = _dictionary(request, at, room)
        protocol.send(SigObjSetup(sig_placeholder=dictionary, mdp_setup=_permissions(request, digest)))
        byte_range, output = protocol.send(SigIOSetup(md_algorithm=digest))
    except (misc.PdfError, PdfSigningError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise DocumentNotSignable("the signature cannot be put into this document") from err
    return byte_range, output.getvalue()


def _field_spec(request: SigningRequest, placed: PlacedMark | None) -> SigFieldSpec:
    lock = field_lock(closes=request.closes)
    if placed is None:
        return SigFieldSpec(request.field_name, **lock)
    box = cast("Any", placed.rectangle)
    return SigFieldSpec(request.field_name, on_page=placed.frame.page, box=box, **lock)


def _dictionary(request: SigningRequest, at: datetime, room: int) -> SignatureObject:
    facts = read_certificate_facts(request.credential.certificate)
    return SignatureObject(
        timestamp=at.astimezone(VIETNAM),
        subfilter=SigSeedSubFilter.PADES,
        name=facts.common_name or None,
        location=request.location,
        reason=" - ".join(text for text in (request.capacity, request.reason) if text) or None,
        bytes_reserved=2 * room,  # hexadecimal digits
    )


def _permissions(request: SigningRequest, digest: str) -> SigMDPSetup | None:
    if not request.certify and not request.closes:
        return None
    return SigMDPSetup(
        md_algorithm=digest,
        certify=request.certify,
        field_lock=EVERY_FIELD if request.closes else None,
        docmdp_perms=MDPPerm.NO_CHANGES if request.closes else MDPPerm.FILL_FORMS,
    )
