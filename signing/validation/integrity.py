"""Is this one signature of these bytes? Geometry, container, digest and value of one field; nothing about trust.

ETSI EN 319 102-1 §5.2.2 (format checking), §5.2.3 (identification of the signing certificate) and §5.2.7 (cryptographic
verification), with the traps of PDF in between: one gap in the byte range, filled by the container and nothing else.
What is found out here is true whoever signed, whatever is trusted and whichever algorithms are allowed.
"""

from dataclasses import dataclass

from signing.validation.container import Container, integrity, read_container
from signing.validation.container_faults import ContainerFaultError
from signing.validation.coverage import signature_coverage
from signing.validation.digests import Content
from signing.validation.document import OpenedDocument, SignatureField
from signing.validation.geometry import Coverage, GeometryFaultError, digested_anyway
from signing.validation.judgement import MALFORMED, Judgement, of_geometry
from signing.validation.signature_reading import DETACHED, SignatureRead, judged, read_signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What is true of one signature whatever is trusted."""

    coverage: Coverage | None = None
    container: Container | None = None
    intact: bool | None = None
    """Digest and value are right; None: they cannot be computed. Of a document time-stamp: not asked here."""

    judgement: Judgement | None = None
    """What already rules it out."""

    error: str = ""


def examined(document: OpenedDocument, field: SignatureField) -> Examined:
    """Format, signer's certificate, digest and value; whatever its bytes make a decoder raise is its own answer."""
    try:
        return _examined(document, field)
    except Exception as err:  # noqa: BLE001 - asn1crypto decodes late: a part may fail wherever it is first looked at
        return Examined(judgement=MALFORMED, error=f"the signature does not decode ({type(err).__name__})")


def _examined(document: OpenedDocument, field: SignatureField) -> Examined:
    try:
        coverage = signature_coverage(document, field)
    except GeometryFaultError as err:
        found = _read_anyway(document, field)
        return Examined(container=found.container, intact=found.intact, judgement=of_geometry(err.code), error=str(err))
    read = read_signature(field, coverage, document.pdf, document.evidence.certificates)
    return Examined(
        coverage=coverage, container=read.container, intact=read.intact, judgement=read.judgement, error=read.error
    )


def _read_anyway(document: OpenedDocument, field: SignatureField) -> SignatureRead:
    """Digest and value over what the byte range names, however wrong it is: told, and never a ground for VALID."""
    parts = digested_anyway(document.pdf, field.byte_range)
    if field.sub_filter not in DETACHED or field.contents is None:
        return SignatureRead()
    try:
        container = read_container(field.contents, document.evidence.certificates)
        if parts is None:
            return SignatureRead(container=container)
        return judged(container, *integrity(container, Content(parts)))
    except ContainerFaultError:
        return SignatureRead()
