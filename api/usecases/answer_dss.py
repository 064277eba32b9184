"""A system that speaks to DSS asks us instead: the same verification as for everybody, answered in DSS's shape.

The original document of a PDF signature is the version that the signature covers, bytes as they were signed.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from api.callers import Caller
from api.errors import InputInvalid, NotFound
from api.services import Services
from api.usecases.dss_report import dss_reports
from api.usecases.judge_signatures import Terms
from api.usecases.verify_detached import VerifyDetached, verify_detached_file
from api.usecases.verify_digests import VerifyDigests, verify_digests
from api.usecases.verify_document import VerifyDocument, verify_document
from signing.validation import HashedSignature, Report
from signing.validation.report_names import signature_identifiers

_HEADER_WINDOW: Final = 1024  # readers accept a PDF's header within the first 1,024 bytes
_SEQUENCE: Final = b"\x30"  # how a CMS container begins


@dataclass(frozen=True, slots=True, kw_only=True)
class DssDocument:
    """A document as DSS sends it."""

    content: bytes = field(repr=False)
    """Its bytes, or its digest when an algorithm is named."""
    digest_algorithm: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DssValidation:
    """A question about a signed document."""

    signed: DssDocument
    originals: tuple[DssDocument, ...] = ()
    """What signatures that stand by themselves are about."""
    then: datetime | None = None
    """The moment of judging; None: now."""
    signature_id: str | None = None
    """Which signature's original is wanted; None: the first one's."""


def answer_dss_validation(command: DssValidation, services: Services, caller: Caller, at: datetime) -> dict[str, Any]:
    """The answer to DSS's ``validateSignature``.

    Raises:
        FileEmpty, FileNotPdf: nothing that could be checked. InputInvalid: a moment in the future.
        WorkersBusy: too many checks at once.
    """
    return dss_reports(_verified(command, services, caller, at), command.signed.name)


def answer_dss_originals(
    command: DssValidation, services: Services, caller: Caller, at: datetime
) -> list[dict[str, Any]]:
    """The answer to DSS's ``getOriginalDocuments``; empty when nobody can say what was signed.

    Raises:
        NotFound: there is no signature of that id. Others as for a validation.
    """
    if command.originals:  # the file beside a signature is its original
        return [_document(one.content, one.name, one.digest_algorithm) for one in command.originals]
    report = _verified(command, services, caller, at)
    wanted = [
        (name, one)
        for name, one in zip(signature_identifiers(report), report.signatures, strict=True)
        if one.kind == "signature" and command.signature_id in {None, name}
    ]
    if not wanted and command.signature_id is not None:
        raise NotFound("Không có chữ ký này.", "There is no such signature.")
    ends = [one.revision_end for _, one in wanted[:1] if one.revision_end is not None]
    return [_document(command.signed.content[:end], command.signed.name, None) for end in ends]


def _document(content: bytes, name: str | None, digest_algorithm: str | None) -> dict[str, Any]:
    return {
        "bytes": b64encode(content).decode(),
        "digestAlgorithm": digest_algorithm,
        "name": name or "original",
    }


def _verified(command: DssValidation, services: Services, caller: Caller, at: datetime) -> Report:
    signed, originals = command.signed.content, command.originals
    if _is_pdf(signed) or not (originals or signed.startswith(_SEQUENCE)):
        return verify_document(VerifyDocument(pdf=signed, then=command.then), services, caller, at)
    if len(originals) > 1:
        raise InputInvalid("Chữ ký CMS chỉ bao một tệp.", "A CMS signature covers one file.")
    terms = Terms(then=command.then)
    beside = originals[0] if originals else None
    if beside is not None and beside.digest_algorithm:
        algorithm = beside.digest_algorithm.lower().replace("-", "_")
        item = HashedSignature(cms=signed, digest=beside.content, algorithm=algorithm)
        return verify_digests(VerifyDigests(items=(item,), terms=terms), services, caller, at)
    content = None if beside is None else beside.content
    return verify_detached_file(VerifyDetached(signature=signed, content=content, terms=terms), services, caller, at)


def _is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:_HEADER_WINDOW]
