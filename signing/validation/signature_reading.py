"""One signature of a PDF file, whatever its sub-filter: decoded, and digest and value computed.

ETSI EN 319 102-1 §5.2.2 (format) and §5.2.7 (cryptographic verification). Two answers that never mix: ``intact`` is
what the computation says, ``judgement`` is what already rules the signature out, which may be its form alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from signing.validation.container import Container, integrity, read_containers
from signing.validation.container_faults import ContainerFaultError, SignerMissingError, UnknownAlgorithmError
from signing.validation.crypto_judgements import NOT_DER, SIGNER_MISSING, UNKNOWN_ALGORITHM
from signing.validation.digests import Content
from signing.validation.document import SignatureField
from signing.validation.geometry import Coverage
from signing.validation.judgement import MALFORMED, UNSUPPORTED, WRONG_DIGEST, WRONG_VALUE, Judgement
from signing.validation.legacy_subfilters import encapsulated_digest_holds, read_bare_value, resting_on_sha1

CADES: Final = "/ETSI.CAdES.detached"
DETACHED: Final = frozenset({CADES, "/adbe.pkcs7.detached"})
ENCAPSULATED: Final = "/adbe.pkcs7.sha1"
BARE: Final = "/adbe.x509.rsa_sha1"
TIMESTAMP: Final = "/ETSI.RFC3161"
_CMS: Final = frozenset({*DETACHED, ENCAPSULATED, TIMESTAMP})


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
        containers = _containers(field, coverage, others)
    except ContainerFaultError as err:
        return SignatureRead(judgement=of_fault(err), error=str(err))
    if not containers:
        return SignatureRead(judgement=UNSUPPORTED, error=f"sub-filter {field.sub_filter[:60]}")
    container = _together(field, containers)
    if field.sub_filter == TIMESTAMP:
        return SignatureRead(container=container)  # judged with the other time-stamps
    content = Content(coverage.digested_parts(pdf))
    try:
        answers = [_integrity(field, one, content) for one in containers]
    except ContainerFaultError as err:
        return SignatureRead(container=container, judgement=of_fault(err), error=str(err))
    intact, valid = (all(answer) for answer in zip(*answers, strict=True))
    return judged(container, intact, valid, _form_defect(field, container))


def _containers(field: SignatureField, coverage: Coverage, others: Iterable[bytes]) -> tuple[Container, ...]:
    if field.sub_filter == BARE:
        return (read_bare_value(field, coverage.contents),)
    found = read_containers(coverage.contents, others) if field.sub_filter in _CMS else ()
    return tuple(resting_on_sha1(one) for one in found) if field.sub_filter == ENCAPSULATED else found


def _together(field: SignatureField, containers: tuple[Container, ...]) -> Container:
    """Plain PDF signatures: one person may sign twice, with an old and a new digest; every value has to be right.

    ETSI EN 319 142-1 §4.1: a PAdES signature has exactly one signer; and nobody's name hides another's.
    """
    first, *more = containers
    if not more:
        return first
    if field.sub_filter != "/adbe.pkcs7.detached" or len({one.leaf for one in containers}) > 1:
        return replace(first, defect=first.defect or "there is more than one signer")
    digests = {one.digest for one in more} | {one.scheme.digest for one in more if one.scheme is not None}
    defects = [one.defect or one.attributes_fault for one in more]
    return replace(
        first,
        more_digests=(*first.more_digests, *sorted(digests)),
        defect=first.defect or "; ".join(filter(None, defects)),
    )


def _integrity(field: SignatureField, container: Container, content: Content) -> tuple[bool, bool]:
    if field.sub_filter == ENCAPSULATED:
        return encapsulated_digest_holds(container, content)
    return integrity(container, content)


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
