"""The validation objects of an ETSI report: the file, certificates, time-stamps and evidence, each by its digest.

Knows the report and this part of the schema of TS 119 102-2 (§4.4). Must not know what became of the signatures.
"""

from base64 import b64encode
from hashlib import sha256
from typing import Any, Final

from lxml import etree
from lxml.builder import ElementMaker

from signing.validation.building_blocks import basic_indication
from signing.validation.report import Report
from signing.validation.report_document import moment_text
from signing.validation.report_names import (
    certificate_identifier,
    digest_uri,
    identifier,
    signature_identifiers,
)
from signing.validation.signature_report import EvidenceUsed, SignatureReport, TimestampReport

NAMESPACE: Final = "http://uri.etsi.org/19102/v1.4.1#"
_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_E: Final = ElementMaker(namespace=NAMESPACE)
_KIND: Final = "urn:etsi:019102:validationObject:"
_MAIN: Final = "urn:etsi:019102:mainindication:"
_EVIDENCE_KINDS: Final = {"crl": "CRL", "ocsp": "OCSPResponse"}


def reference(tag: str, name: str) -> Any:  # noqa: ANN401 - lxml's element has no type
    """An element that points to an object."""
    return _E(tag, VOReference=name)


def digest_element(algorithm: str, value: bytes) -> Any:  # noqa: ANN401 - as above
    """DigestAlgAndValue of a digest by the name that DSS gives the algorithm."""
    element = _E.DigestAlgAndValue()
    etree.SubElement(element, f"{{{_DS}}}DigestMethod", Algorithm=digest_uri(algorithm))
    etree.SubElement(element, f"{{{_DS}}}DigestValue").text = b64encode(value).decode()
    return element


def signing_time_proof(report: Report, one: SignatureReport) -> str | None:
    """The object that proves the best signature time; None if nothing does."""
    if one.best_time is None:
        return None
    own = (s for s in one.timestamps if s.trusted and s.at == one.best_time and s.token_sha256)
    if one.best_time_source in {"signature_timestamp", "archive_timestamp"}:
        return next((identifier("T", s.token_sha256) for s in own), None)
    names = zip(report.signatures, signature_identifiers(report), strict=True)
    return next((n for s, n in names if s.kind == "timestamp" and s.best_time == one.best_time), None)


def signed_file(report: Report) -> tuple[str, str, bytes]:
    """Identifier, algorithm and digest of the file; of one that was checked by another digest, that one."""
    if report.file_sha256:
        return identifier("D", report.file_sha256), "SHA256", bytes.fromhex(report.file_sha256)
    for one in report.signatures:
        if one.signed_digest:
            return identifier("D", sha256(one.signed_digest).hexdigest()), one.digest_algorithm, one.signed_digest
    return identifier("D", "unseen"), "SHA256", b""


class ObjectList:
    """Everything that the report points to, each once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._objects: dict[str, Any] = {}
        self.document, algorithm, digest = signed_file(report)
        self._add(self.document, "signedData", digest, algorithm=algorithm)
        for one, name in zip(report.signatures, signature_identifiers(report), strict=True):
            self._collect(one, name)

    def _collect(self, one: SignatureReport, name: str) -> None:
        stamps = one.timestamps
        for der in (*one.chain, *one.certificates, *(c for stamp in stamps for c in stamp.chain)):
            self._add(certificate_identifier(der), "certificate", sha256(der).digest())
        for used in one.evidence:
            self._add(self.evidence_name(used), _EVIDENCE_KINDS.get(used.kind, "other"), bytes.fromhex(used.sha256))
        for stamp in stamps:
            if one.kind == "timestamp":  # the token of a document time-stamp is that stamp itself
                self._add(name, "timestamp", bytes.fromhex(stamp.token_sha256), _judged(one))
            elif stamp.token_sha256:
                self._add(self.stamp_name(stamp), "timestamp", bytes.fromhex(stamp.token_sha256), _standing(stamp))
        if one.kind == "timestamp":
            self._add(name, "timestamp", b"", _judged(one))  # one that could not be read has no token

    def _add(self, name: str, kind: str, digest: bytes, status: Any = None, *, algorithm: str = "SHA256") -> None:  # noqa: ANN401 - as above
        if name in self._objects:
            return
        found = _E.ValidationObject(
            _E.ObjectType(_KIND + kind), _E.ValidationObjectRepresentation(digest_element(algorithm, digest)),
            _E.POE(
                _E.POETime(moment_text(self._report.checked_at) or ""),
                _E.TypeOfProof("urn:etsi:019102:poetype:validation"),
            ),
            id=name,
        )  # fmt: skip
        if status is not None:
            found.append(_E.ValidationReport(status))
        self._objects[name] = found

    def has_certificate(self, one: SignatureReport) -> bool:
        """Whether the signer's certificate is among the objects."""
        return self.certificate_name(one) in self._objects

    def certificate_name(self, one: SignatureReport) -> str:
        """The identifier of the signer's certificate."""
        return identifier("C", one.certificate_sha256)

    def evidence_name(self, used: EvidenceUsed) -> str:
        """The identifier of a list or an answer."""
        return identifier("R", used.sha256)

    def stamp_name(self, stamp: TimestampReport) -> str:
        """The identifier of a time-stamp in a signature's container."""
        return identifier("T", stamp.token_sha256)

    def element(self) -> Any:  # noqa: ANN401 - as above
        """SignatureValidationObjects."""
        return _E.SignatureValidationObjects(*self._objects.values())


def _standing(stamp: TimestampReport) -> Any:  # noqa: ANN401 - as above
    main = "passed" if stamp.trusted else "indeterminate" if stamp.intact else "failed"
    return _E.SignatureValidationStatus(_E.MainIndication(_MAIN + main))


def _judged(one: SignatureReport) -> Any:  # noqa: ANN401 - as above
    status = _E.SignatureValidationStatus(_E.MainIndication(_MAIN + basic_indication(one).lower()))
    if one.sub_indication:
        status.append(_E.SubIndication(f"urn:etsi:019102:subindication:{one.sub_indication}"))
    return status
