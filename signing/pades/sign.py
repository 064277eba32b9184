"""The signing story: check the document, place and draw the mark, close the revision, sign it, add time and evidence.

The input is never rewritten: everything goes into incremental updates behind it (ISO 32000-1 §7.5.6), so every earlier
signature keeps its bytes and a PDF/A-2 file stays one. Whether this credential may sign this document was decided by
the caller (I10, I11).
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.sign.general import SigningError as PdfSigningError

from signing.errors import DocumentNotSignable
from signing.identity import read_certificate_facts
from signing.keys import Credential, KeyStore
from signing.pades.archival_form import require_archival_form
from signing.pades.cms import digest_name, signed_attributes
from signing.pades.form import signature_field, widgets
from signing.pades.intake import open_for_signing, require_open_field
from signing.pades.longterm import EvidenceSource, archive_tail, evidence_tail
from signing.pades.marks import VIETNAM, Mark
from signing.pades.objects import name
from signing.pades.open_value import OpenRevision, OpenValue
from signing.pades.outcome import SignedPdf
from signing.pades.prepared import PreparedSignature, signed_tail
from signing.pades.promises import require_lock, write_promise
from signing.pades.refusals import FieldWithoutWidget
from signing.pades.reserving import ReservedSeal, reserve_seal
from signing.pades.revision import RevisionWriter
from signing.pades.stamping import Stamp
from signing.pades.widget import PlacedMark, place_mark, put_on_widget
from signing.validation.reading import READ_ERRORS

_TOKEN_ROOM: Final = 12 * 1024  # bytes kept for a time-stamp token with a chain of RSA certificates
_BASE_ROOM: Final = 2 * 1024


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
    prepared, base = _prepared(pdf, request, with_stamp=stamp is not None, at=at)
    value = keys.sign(prepared.credential.key_id, prepared.attributes, prepared.credential.algorithm)
    return _completed(pdf, base, prepared, value, stamp=stamp, evidence=evidence, archive=False)


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
    return _prepared(pdf, request, with_stamp=with_stamp, at=at)[0]


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
    base = sha256(pdf)
    if base.hexdigest() != prepared.base_sha256:
        raise DocumentNotSignable("the document is not the one that was prepared")
    return _completed(pdf, base, prepared, value, stamp=stamp, evidence=evidence, archive=archive)


def _prepared(pdf: bytes, request: SigningRequest, *, with_stamp: bool, at: datetime) -> tuple[PreparedSignature, Any]:
    """The prepared signature, and the running digest of the document: a large one is read once."""
    writer = open_for_signing(pdf)
    require_open_field(writer, request.field_name, certify=request.certify, is_visible=request.mark is not None)
    reserve_mm = request.reserved.diameter_mm if request.reserved is not None else None
    placed = place_mark(pdf, request.mark, reserve_mm=reserve_mm) if request.mark is not None else None
    room = _BASE_ROOM + sum(map(len, (request.credential.certificate, *request.credential.chain)))
    if with_stamp:
        room += _TOKEN_ROOM
    revision = _open_revision(writer, request, placed, at=at, room=room)
    prepared = PreparedSignature(
        credential=request.credential,
        field_name=request.field_name,
        base_sha256=revision.base.hexdigest(),
        tail=revision.tail,
        document_digest=revision.digest,
        attributes=signed_attributes(request.credential, revision.digest),
        place=revision.place,
        room=room,
    )
    return prepared, revision.base


def _completed(
    pdf: bytes,
    base: Any,  # noqa: ANN401 - a digest of hashlib
    prepared: PreparedSignature,
    value: bytes,
    *,
    stamp: Stamp | None,
    evidence: EvidenceSource | None,
    archive: bool,
) -> SignedPdf:
    tails, level = [signed_tail(prepared, value, stamp)], "B-B"
    known = prepared.credential.chain
    if stamp is not None:
        level = "B-T"
        if evidence is not None:
            tail, complete = evidence_tail(b"".join((pdf, *tails)), evidence, known=known)
            tails.append(tail)
            level = "B-LT" if complete else "B-T"
            if archive and complete:
                tail, proven = archive_tail(b"".join((pdf, *tails)), stamp=stamp, evidence=evidence, known=known)
                tails.append(tail)
                level = "B-LTA" if proven else level
    whole = base.copy()
    for tail in tails:
        whole.update(tail)
    signed = b"".join((pdf, *tails))
    return SignedPdf(pdf=signed, sha256=whole.hexdigest(), level=level, field_name=prepared.field_name)


def _open_revision(
    writer: RevisionWriter, request: SigningRequest, placed: PlacedMark | None, *, at: datetime, room: int
) -> OpenRevision:
    """One revision with a filled signature field, but for the container."""
    try:
        if request.reserved is not None and placed is not None:
            reserve_seal(writer, request.reserved, placed)
        field = signature_field(
            writer,
            request.field_name,
            page=0 if placed is None else placed.frame.page,
            rectangle=None if placed is None else placed.rectangle,
            closes=request.closes,
        )
        if placed is not None:
            if not widgets(field):
                raise FieldWithoutWidget("the field stands on no page")
            put_on_widget(field, placed, writer)
        if request.closes:
            require_lock(field)
        value = OpenValue(_entries(request, at), room)
        reference = writer.add_object(value.entries)
        write_promise(writer, value.entries, reference, certify=request.certify, closes=request.closes)
        field[name("/V")] = reference
        writer.update_container(field)
        writer.finish()
        require_archival_form(writer, tuple(widgets(field)))
        return value.written(writer, digest_name(request.credential.algorithm))
    except (*READ_ERRORS, PdfSigningError) as err:
        raise DocumentNotSignable("the signature cannot be put into this document") from err


def _entries(request: SigningRequest, at: datetime) -> dict[str, Any]:
    """ISO 32000-2 table 255; ETSI EN 319 142-1 §6.3: /M is the claimed time."""
    facts = read_certificate_facts(request.credential.certificate)
    said = {
        "/Name": facts.common_name,
        "/Location": request.location,
        "/Reason": " - ".join(text for text in (request.capacity, request.reason) if text),
    }
    return {
        "/Type": name("/Sig"),
        "/SubFilter": name("/ETSI.CAdES.detached"),
        "/M": generic.pdf_date(at.astimezone(VIETNAM)),
        **{key: generic.pdf_string(text) for key, text in said.items() if text},
    }
