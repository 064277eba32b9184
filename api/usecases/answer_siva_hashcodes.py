"""SiVa's hash code validation: signatures that stand by themselves, with the digests of what they cover.

SiVa takes XAdES there; here it is CMS (CAdES), which covers one file. Nobody here has seen that file, so an answer is
at best INDETERMINATE, whatever SiVa would say; the caller compares the digest with its own.
"""

from base64 import b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from api.callers import Caller
from api.errors import SivaRequestRefused
from api.services import Services
from api.usecases.answer_siva import question_of
from api.usecases.siva_report import siva_conclusion
from api.usecases.verify_detached import VerifyDetached, verify_detached_file
from api.usecases.verify_digests import VerifyDigests, verify_digests
from signing.validation import HashedSignature, Report

_MALFORMED: Final = ("signatureFiles.signature", "Signature file malformed")
_ONE_FILE: Final = ("signatureFiles.datafiles", "A CMS signature covers one data file")
_ALGORITHM: Final = ("signatureFiles.datafiles.hashAlgo", "Invalid hash algorithm")
_ALGORITHMS: Final = {
    name.upper().replace("_", "-"): name
    for name in ("sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512")
} | {"SHA-1": "sha1", "SHA-224": "sha224", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedFile:
    """A data file by its digest."""

    name: str
    algorithm: str
    """As SiVa writes it: 'SHA256'."""
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureOfFiles:
    """A signature and what it is said to cover."""

    cms: bytes = field(repr=False)
    files: tuple[HashedFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SivaHashcodes:
    """A request of SiVa's ``validateHashcode``."""

    signatures: tuple[SignatureOfFiles, ...]
    policy: str


def answer_siva_hashcodes(command: SivaHashcodes, services: Services, caller: Caller, at: datetime) -> dict[str, Any]:
    """The answer to SiVa's ``validateHashcode``.

    Raises:
        SivaRequestRefused: XML, more than one data file to a signature, an unknown algorithm, another policy.
        WorkersBusy: too many checks at once.
    """
    question = question_of(command.policy, services, filename=None)
    for one in command.signatures:
        _require_possible(one)
    reports = [_verified(one, number, services, caller, at) for number, one in enumerate(command.signatures, 1)]
    together = replace(reports[0], signatures=tuple(s for report in reports for s in report.signatures))
    hashes = {
        s.field: tuple((file.name, file.algorithm, b64encode(file.digest).decode()) for file in one.files)
        for one, report in zip(command.signatures, reports, strict=True)
        for s in report.signatures
    }
    conclusion = siva_conclusion(together, replace(question, hashes=hashes))
    return {"validationReport": {"validationConclusion": conclusion}}


def _require_possible(one: SignatureOfFiles) -> None:
    if one.cms.lstrip().startswith(b"<"):
        raise SivaRequestRefused(_MALFORMED)
    if len(one.files) > 1:
        raise SivaRequestRefused(_ONE_FILE)
    if any(file.algorithm.upper() not in _ALGORITHMS for file in one.files):
        raise SivaRequestRefused(_ALGORITHM)


def _verified(one: SignatureOfFiles, number: int, services: Services, caller: Caller, at: datetime) -> Report:
    name = f"signature-{number}"
    if not one.files:  # SiVa's second way: the caller compares what the signature covers itself
        report = verify_detached_file(VerifyDetached(signature=one.cms), services, caller, at)
        renamed = (replace(s, field=f"{name}#{n}") for n, s in enumerate(report.signatures, 1))
        return replace(report, signatures=tuple(renamed))
    file = one.files[0]
    algorithm = _ALGORITHMS[file.algorithm.upper()]
    item = HashedSignature(cms=one.cms, digest=file.digest, algorithm=algorithm, name=name)
    return verify_digests(VerifyDigests(items=(item,)), services, caller, at)
