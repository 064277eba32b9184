"""One signature of a PDF file, whatever its sub-filter: decoded, and digest and value computed.

ETSI EN 319 102-1 §5.2.2 (format) and §5.2.7 (cryptographic verification). Two answers that never mix: ``intact`` is
what the computation says, ``judgement`` is what already rules the signature out, which may be its form alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from signing.validation.container import Container, integrity, read_container
from signing.validation.container_faults import ContainerFaultError, SignerMissingError, UnknownAlgorithmError
from signing.validation.crypto_judgements import NOT_DER, SIGNER_MISSING, UNKNOWN_ALGORITHM
from signing.validation.digests import Content
from signing.validation.document import SignatureField
from signing.validation.geometry import Coverage
from signing.validation.judgement import MALFORMED, UNSUPPORTED, WRONG_DIGEST, WRONG_VALUE, Judgement
from signing.validation.legacy_subfilters import encapsulated_digest_holds, read_bare_value, resting_on_sha1

DETACHED: Final = frozenset({"/ETSI.CAdES.detached", "/adbe.pkcs7.detached"})
ENCAPSULATED: Final = "/adbe.pkcs7.sha1"
BARE: Final = "/adbe.x509.rsa_sha1"
TIMESTAMP: Final = "/ETSI.RFC3161"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRead:
    """What is true of one signature whoever made it."""

    container: Container | None = None
    intact: bool | None = None
    """Digest and value are right; None: they cannot be computed. Of a document time-stamp: not asked here."""

    judgement: Judgement | None = None
    """What already rules it out."""

    error: str = ""


def read_signature(
    field: SignatureField, coverage: Coverage, pdf: bytes, others: Iterable[bytes] = ()
) -> SignatureRead:
    """Reads a signature and computes its integrity.

    Args:
        field: the signature's dictionary; its sub-filter decides the form.
        coverage: its checked byte range.
        pdf: the file.
        others: DER certificates of the document, for a signer's that is not in the container.
    """
    try:
        container = _container(field, coverage, others)
    except ContainerFaultError as err:
        return SignatureRead(judgement=of_fault(err), error=str(err))
    if container is None:
        return SignatureRead(judgement=UNSUPPORTED, error=f"sub-filter {field.sub_filter[:60]}")
    if field.sub_filter == TIMESTAMP:
        return SignatureRead(container=container)  # judged with the other time-stamps
    content = Content(coverage.digested_parts(pdf))
    try:
        if field.sub_filter == ENCAPSULATED:
            intact, valid = encapsulated_digest_holds(container, content)
        else:
            intact, valid = integrity(container, content)
    except ContainerFaultError as err:
        return SignatureRead(container=container, judgement=of_fault(err), error=str(err))
    return judged(container, intact, valid, _form_defect(field, container))


def _container(field: SignatureField, coverage: Coverage, others: Iterable[bytes]) -> Container | None:
    if field.sub_filter == BARE:
        return read_bare_value(field, coverage.contents)
    if field.sub_filter == ENCAPSULATED:
        return resting_on_sha1(read_container(coverage.contents, others))
    if field.sub_filter in DETACHED or field.sub_filter == TIMESTAMP:
        return read_container(coverage.contents, others)
    return None


def _form_defect(field: SignatureField, container: Container) -> str:
    if container.content_type != "data":
        return "the content is of another type than a document's"
    if field.sub_filter in DETACHED and container.content:
        return "not detached"  # ISO 32000-1 §12.8.3.3: nothing shall be encapsulated
    return ""


def judged(container: Container, intact: bool, valid: bool, defect: str = "") -> SignatureRead:  # noqa: FBT001 - two answers of one computation
    """What digest, value and form mean together; the computation is told whatever the form is."""
    defect = container.defect or defect
    wrong: Judgement | None = None
    if defect:
        wrong = MALFORMED
    elif container.attributes_fault:
        wrong, defect = NOT_DER, container.attributes_fault
    elif not intact:
        wrong = WRONG_DIGEST
    elif not valid:
        wrong = WRONG_VALUE
    return SignatureRead(container=container, intact=intact and valid, judgement=wrong, error=defect)


def of_fault(fault: ContainerFaultError) -> Judgement:
    """What a container means that cannot be judged."""
    if isinstance(fault, UnknownAlgorithmError):
        return UNKNOWN_ALGORITHM
    if isinstance(fault, SignerMissingError):
        return SIGNER_MISSING
    return UNSUPPORTED if fault.unsupported else MALFORMED
