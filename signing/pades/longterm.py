"""Long-term data: what proves the status of every certificate, inside the file, and time-stamps that come late.

ETSI EN 319 142-1 §5.4 (document security store), §6.3 B-LT. Evidence comes from a callable; no address that a document
names is ever asked.
"""

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

from asn1crypto import crl, ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils import misc
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.general import SigningError as PdfSigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signing.errors import DocumentNotSignable, EvidenceUnavailable, MalformedDocument, SigningError
from signing.pades.filled import FilledField, filled_fields, has_validation_data, stored_certificates
from signing.pades.intake import open_for_signing, require_open_field
from signing.pades.outcome import SignedPdf
from signing.pades.revision import RevisionWriter, revision_writer
from signing.pades.stamping import Stamp, timestamp_token_over, token_certificates
from signing.trust import Evidence

EvidenceSource = Callable[[tuple[bytes, ...]], Evidence]
"""Takes a chain (DER, leaf first), gives OCSP answers and CRLs for it."""

_TOKEN_ROOM = 16 * 1024
_MAX_CHAIN = 8


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
    try:
        signatures, known = filled_fields(writer.prev), tuple(stored_certificates(writer.prev))
    except (misc.PdfError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise MalformedDocument("the signatures of the document cannot be read") from err
    if not signatures:
        raise DocumentNotSignable("there is no signature to preserve")
    field_name = f"Timestamp{at:%Y%m%d%H%M%S}{sha256(pdf).hexdigest()[:6]}"
    require_open_field(writer, field_name, certify=False, timestamp=True)
    complete = False
    if archive:
        base, complete = with_evidence(pdf, evidence, known=known, renew=True)
        writer = revision_writer(base)
    stamped = _document_timestamp(writer, field_name, stamp)
    result, proven = with_evidence(stamped, evidence, known=known)
    if not result.startswith(pdf):
        raise DocumentNotSignable("the new file does not continue the given one")
    level = "B-T"
    if proven:
        level = "B-LTA" if archive and complete else "B-LT"
    return SignedPdf(pdf=result, sha256=sha256(result).hexdigest(), level=level, field_name=field_name)


def archived(pdf: bytes, *, stamp: Stamp, evidence: EvidenceSource, known: tuple[bytes, ...]) -> tuple[bytes, bool]:
    """A document time-stamp over everything in a file that has its validation data, and what proves that time-stamp.

    ETSI EN 319 142-1 §6.3 B-LTA. Returns the continued file, and whether the time-stamp's chain got evidence; raises
    as ``with_evidence`` does, and TimestampUnavailable.
    """
    writer = revision_writer(pdf)
    stamped = _document_timestamp(writer, f"Timestamp{sha256(pdf).hexdigest()[:20]}", stamp)
    return with_evidence(stamped, evidence, known=known)


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
        The continued file, and whether every chain got at least one piece of evidence.

    Raises:
        EvidenceUnavailable: the source failed.
        MalformedDocument: the signatures of the document cannot be read.
    """
    try:
        writer = revision_writer(pdf)
        everything = filled_fields(writer.prev)
        open_ones = [one for one in everything if not has_validation_data(writer.prev, one)]
        again = [one for one in everything[-1:] if renew and one.is_stamp and one not in open_ones]
        chains = [(one, tuple(_chains(one, known))) for one in open_ones + again]
    except (misc.PdfError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise MalformedDocument("the signatures of the document cannot be read") from err
    complete, is_changed = True, False
    for signature, found in chains:
        pieces = [_asked(evidence, chain) for chain in found]
        if all(piece.is_empty() for piece in pieces):
            complete = False
            continue  # without an entry a later completion asks again
        is_whole = not any(piece.is_empty() for piece in pieces)
        complete, is_changed = complete and is_whole, True
        whole = Evidence()
        for chain, piece in zip(found, pieces, strict=True):
            whole = whole.merged(Evidence(certificates=chain)).merged(piece)
        # an entry that is there already is never changed: readers would take that for a manipulation; and one for half
        # of the chains would pass for all of them
        _write(writer, signature.contents if is_whole and signature not in again else None, whole)
    if not is_changed:
        return pdf, complete
    target = io.BytesIO()
    append: Any = writer.write
    append(target)
    return target.getvalue(), complete


def _document_timestamp(writer: RevisionWriter, field_name: str, stamp: Stamp) -> bytes:
    try:
        protocol = PdfCMSEmbedder(SigFieldSpec(field_name)).write_cms(field_name, writer)
        next(protocol)
        untyped: Any = DocumentTimestamp
        placeholder = untyped(bytes_reserved=2 * _TOKEN_ROOM)
        protocol.send(SigObjSetup(sig_placeholder=placeholder))
        prepared, output = protocol.send(SigIOSetup(md_algorithm="sha256"))
    except (misc.PdfError, PdfSigningError, ValueError, KeyError, TypeError) as err:
        raise DocumentNotSignable("the time-stamp cannot be put into this document") from err
    token = timestamp_token_over(stamp, prepared.document_digest, digest="sha256")
    try:
        protocol.send(token.dump())
    except PdfSigningError as err:
        raise DocumentNotSignable("the time-stamp is larger than the room kept for it") from err
    return bytes(output.getvalue())


def _asked(evidence: EvidenceSource, chain: tuple[bytes, ...]) -> Evidence:
    try:
        return evidence(chain)
    except SigningError:
        raise
    except Exception as err:
        raise EvidenceUnavailable("no status evidence for a chain") from err


def _chains(signature: FilledField, known: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """The chains of a signature: its signer's, and those of its time-stamps; DER, leaf first."""
    bag = signature.token_certificates()
    if bag:
        yield _ordered(bag[0], bag + known)
    for attribute in signature.container()["content"]["signer_infos"][0]["unsigned_attrs"] or ():
        if attribute["type"].native == "signature_time_stamp_token":
            for token in attribute["values"]:
                inner = token_certificates(token)
                if inner:
                    yield _ordered(inner[0], inner + bag + known)


def _ordered(leaf: bytes, bag: tuple[bytes, ...]) -> tuple[bytes, ...]:
    by_subject = {}
    for der in reversed(bag):
        by_subject[asn1_x509.Certificate.load(der).subject.hashable] = der
    chain = [leaf]
    while len(chain) < _MAX_CHAIN:
        current = asn1_x509.Certificate.load(chain[-1])
        issuer = by_subject.get(current.issuer.hashable)
        if current.issuer == current.subject or issuer is None or issuer in chain:
            break
        chain.append(issuer)
    return tuple(chain)


def _write(writer: RevisionWriter, contents: bytes | None, evidence: Evidence) -> None:
    try:
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            contents,
            certs=[asn1_x509.Certificate.load(c) for c in evidence.certificates],
            ocsps=[ocsp.OCSPResponse.load(o) for o in evidence.ocsps],
            crls=[crl.CertificateList.load(c) for c in evidence.crls],
        )
    except (misc.PdfError, ValueError, TypeError, KeyError) as err:
        raise EvidenceUnavailable("the status evidence cannot be read") from err
