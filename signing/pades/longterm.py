"""Long-term data: what proves the status of every certificate, inside the file, and time-stamps that come late.

ETSI EN 319 142-1 §5.4 (document security store), §6.3 B-LT. Evidence comes from a callable; no address that a document
names is ever asked.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final

from pyhanko.sign.general import SigningError as PdfSigningError

from signing.errors import DocumentNotSignable, EvidenceUnavailable, MalformedDocument, SigningError
from signing.pades.archival_form import require_archival_form
from signing.pades.filled import FilledField, filled_fields, has_validation_data, stored_certificates
from signing.pades.form import signature_field, widgets
from signing.pades.intake import open_for_signing, require_open_field
from signing.pades.objects import name
from signing.pades.open_value import OpenRevision, OpenValue
from signing.pades.outcome import SignedPdf
from signing.pades.revision import RevisionWriter, revision_writer
from signing.pades.stamping import Stamp, timestamp_token_over
from signing.pades.validation_store import ValidationStore
from signing.trust import Evidence
from signing.validation.certificate_parts import read_parts
from signing.validation.outline import NameKey, name_key
from signing.validation.reading import READ_ERRORS

EvidenceSource = Callable[[tuple[bytes, ...]], Evidence]
"""Takes a chain (DER, leaf first), gives OCSP answers and CRLs for it."""

_TOKEN_ROOM: Final = 16 * 1024
_MAX_CHAIN: Final = 8


def augment_pdf(
    pdf: bytes, *, stamp: Stamp, evidence: EvidenceSource, at: datetime, archive: bool = False
) -> SignedPdf:
    """Adds the time-stamp that was missing (over the whole document) and the validation data of everything in it.

    No byte of the document changes; a file without a signature is refused.

    Args:
        pdf: the document; a strict prefix of the result.
        stamp: asks a time-stamp authority.
        evidence: gives status evidence for a chain.
        at: now; the name of the new field carries it.
        archive: validation data first, then the time-stamp over it, then what proves that one (B-LTA). Done again
            before the newest time-stamp's ``archive_need`` is over, it renews: fresh data about that one come first.

    Raises:
        DocumentNotSignable: nothing is signed, or no further change is possible.
        TimestampUnavailable, EvidenceUnavailable: nothing was produced.
    """
    writer = open_for_signing(pdf)
    known = certificates_to_preserve(writer)
    field_name = f"Timestamp{at:%Y%m%d%H%M%S}{sha256(pdf).hexdigest()[:6]}"
    require_open_field(writer, field_name, certify=False, timestamp=True)
    complete = False
    base = pdf
    if archive:
        base, complete = with_evidence(pdf, evidence, known=known, renew=True)
        writer = revision_writer(base)
    stamped = base + _document_timestamp(writer, field_name, stamp)
    result, proven = with_evidence(stamped, evidence, known=known)
    level = "B-T"
    if proven:
        level = "B-LTA" if archive and complete else "B-LT"
    return SignedPdf(pdf=result, sha256=sha256(result).hexdigest(), level=level, field_name=field_name)


def certificates_to_preserve(writer: RevisionWriter) -> tuple[bytes, ...]:
    """DER of what a signed document's security store holds: it completes the chains of its signatures.

    Raises:
        DocumentNotSignable: nothing is signed. MalformedDocument: the signatures or the store cannot be read.
    """
    try:
        signatures, known = filled_fields(writer.prev), tuple(stored_certificates(writer.prev))
    except READ_ERRORS as err:
        raise MalformedDocument("the signatures of the document cannot be read") from err
    if not signatures:
        raise DocumentNotSignable("there is no signature to preserve")
    return known


def archive_tail(pdf: bytes, *, stamp: Stamp, evidence: EvidenceSource, known: tuple[bytes, ...]) -> tuple[bytes, bool]:
    """A document time-stamp over everything in a file that has its validation data, and what proves that time-stamp.

    ETSI EN 319 142-1 §6.3 B-LTA. Returns what has to follow the file, and whether the time-stamp's chain got evidence;
    raises as ``with_evidence`` does, and TimestampUnavailable.
    """
    writer = revision_writer(pdf)
    stamped = _document_timestamp(writer, f"Timestamp{sha256(pdf).hexdigest()[:20]}", stamp)
    more, proven = evidence_tail(pdf + stamped, evidence, known=known)
    return stamped + more, proven


def with_evidence(
    pdf: bytes, evidence: EvidenceSource, *, known: tuple[bytes, ...] = (), renew: bool = False
) -> tuple[bytes, bool]:
    """Writes status evidence of every chain in the file that has none yet into the document security store.

    Args:
        pdf: the signed document.
        evidence: the source.
        known: DER certificates that complete the chains (roots are not inside the signatures).
        renew: ask again about the newest document time-stamp, which another one will soon cover.

    Returns:
        The continued file, and whether every chain got at least one piece of evidence. A signature whose chains did
        not all get some has no entry of its own: it is asked about again next time. Where the source knows nothing at
        all, nothing is written.

    Raises:
        EvidenceUnavailable: the source failed.
        MalformedDocument: the signatures of the document cannot be read.
    """
    tail, complete = evidence_tail(pdf, evidence, known=known, renew=renew)
    return pdf + tail, complete


def evidence_tail(
    pdf: bytes, evidence: EvidenceSource, *, known: tuple[bytes, ...] = (), renew: bool = False
) -> tuple[bytes, bool]:
    """As ``with_evidence``, but only what has to follow the file; empty if there is nothing to add."""
    try:
        writer = revision_writer(pdf)
        everything = filled_fields(writer.prev)
        open_ones = [one for one in everything if not has_validation_data(writer.prev, one)]
        again = [one for one in everything[-1:] if renew and one.is_stamp and one not in open_ones]
        chains = [(one, _chains(one, known)) for one in (*open_ones, *again)]
    except READ_ERRORS as err:
        raise MalformedDocument("the signatures of the document cannot be read") from err
    found = [(one, _whole_evidence(evidence, own)) for one, own in chains]
    pieces = [(one, whole, is_whole) for one, (whole, is_whole) in found if not whole.is_empty()]
    complete = all(is_complete for _, (_, is_complete) in found)
    if not pieces:
        return b"", complete
    try:
        store = ValidationStore(writer)
        for one, whole, is_whole in pieces:
            # without an entry it will be asked about again
            store.add(whole, one.entry_name if is_whole and one not in again else None)
        return writer.tail(), complete
    except READ_ERRORS as err:
        raise MalformedDocument("the validation data of the document cannot be continued") from err


def _document_timestamp(writer: RevisionWriter, field_name: str, stamp: Stamp) -> bytes:
    """What has to follow the file: a time-stamp over all of it, in a field of its own."""
    return stamped_tail(open_timestamp(writer, field_name), stamp)


def open_timestamp(writer: RevisionWriter, field_name: str) -> OpenRevision:
    """A revision with room for a time-stamp over the file: the authority can be asked elsewhere.

    Raises:
        DocumentNotSignable: it cannot be put into this document.
    """
    try:
        field = signature_field(writer, field_name, page=0, rectangle=None)
        value = OpenValue({"/Type": name("/DocTimeStamp"), "/SubFilter": name("/ETSI.RFC3161")}, _TOKEN_ROOM)
        field[name("/V")] = writer.add_object(value.entries)
        writer.update_container(field)
        writer.finish()
        require_archival_form(writer, tuple(widgets(field)))
        return value.written(writer, "sha256")
    except (*READ_ERRORS, PdfSigningError) as err:
        raise DocumentNotSignable("the time-stamp cannot be put into this document") from err


def stamped_tail(revision: OpenRevision, stamp: Stamp) -> bytes:
    """What has to follow the file: the revision with the authority's token.

    Raises:
        TimestampUnavailable; DocumentNotSignable: the token is larger than the room.
    """
    filled = revision.filled(timestamp_token_over(stamp, revision.digest, digest="sha256").dump())
    if filled is None:
        raise DocumentNotSignable("the time-stamp is larger than the room kept for it")
    return filled


def _whole_evidence(evidence: EvidenceSource, chains: tuple[tuple[bytes, ...], ...]) -> tuple[Evidence, bool]:
    """Everything about the chains of one signature, and whether each of them got something."""
    whole, complete = Evidence(), True
    for chain in chains:
        piece = status_of(evidence, chain)
        complete = complete and not piece.is_empty()
        whole = whole.merged(Evidence(certificates=chain)).merged(piece)
    return whole, complete


def status_of(evidence: EvidenceSource, chain: tuple[bytes, ...]) -> Evidence:
    """What a source says about a chain.

    Raises:
        EvidenceUnavailable: it failed, in whatever way. Our own errors leave as they are.
    """
    try:
        return evidence(chain)
    except SigningError:
        raise
    except Exception as err:
        raise EvidenceUnavailable("no status evidence for a chain") from err


def _chains(signature: FilledField, known: tuple[bytes, ...]) -> tuple[tuple[bytes, ...], ...]:
    """The chains of a signature: its signer's, and those of its time-stamps; DER, leaf first.

    None for a signature whose container is broken: nothing can be said about it, and the others go on.
    """
    try:
        bags = signature.certificate_bags()
        everything = (*(der for bag in bags for der in bag), *known)
        return tuple(ordered_chain(bag[0], (*bag, *everything)) for bag in bags)
    except ValueError:
        return ()


def ordered_chain(leaf: bytes, bag: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """A chain (DER, leaf first) by the names of its certificates, the first of each name first.

    Raises:
        ValueError: the leaf is no certificate. What else in the bag is none is left out.
    """
    by_subject: dict[NameKey, bytes] = {}
    for der in dict.fromkeys(bag):
        with suppress(ValueError):
            by_subject.setdefault(_names(der)[0], der)
    chain = [leaf]
    while len(chain) < _MAX_CHAIN:
        subject, issuer = _names(chain[-1])
        above = by_subject.get(issuer)
        if subject == issuer or above is None or above in chain:
            break
        chain.append(above)
    return tuple(chain)


@lru_cache(maxsize=256)
def _names(der: bytes) -> tuple[NameKey, NameKey]:
    """Subject and issuer of a certificate, in the form in which names are compared (RFC 5280 §7.1)."""
    parts = read_parts(der)
    return name_key(parts.subject), name_key(parts.issuer)
