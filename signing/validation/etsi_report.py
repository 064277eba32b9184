"""A report as the validation report of ETSI TS 119 102-2 V1.4.1 (XML), unsigned.

Knows the report and the schema. Certificates, lists, answers and tokens go out as digests only: a certificate's subject
may hold a citizen's number. What the schema has no place for stands as additional data under names of ours.
"""

from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from lxml import etree
from lxml.builder import ElementMaker

from signing.trust import TrustProfile
from signing.validation.building_blocks import Block, BlockAnswer, building_blocks
from signing.validation.etsi_objects import (
    NAMESPACE,
    ObjectList,
    digest_element,
    reference,
    signing_time_proof,
)
from signing.validation.foreign_text import harmless
from signing.validation.reason_texts import TEXTS
from signing.validation.reasons import Reason
from signing.validation.report import Report, Verdict
from signing.validation.report_document import legal_minimum, moment_text
from signing.validation.report_names import certificate_identifier, signature_identifiers, signature_uri
from signing.validation.signature_report import SignatureReport

_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_XADES: Final = "http://uri.etsi.org/01903/v1.3.2#"
_TSL: Final = "http://uri.etsi.org/02231/v2#"
_NAMES: Final = {None: NAMESPACE, "ds": _DS, "xades": _XADES, "tsl": _TSL}
_E: Final = ElementMaker(namespace=NAMESPACE, nsmap=_NAMES)
_MAIN: Final = "urn:etsi:019102:mainindication:"
_SUB: Final = "urn:etsi:019102:subindication:"
_OURS: Final = "urn:anso:report:"
_STAMPS: Final = {
    "archive_timestamp": "ArchiveTimeStamp",
    "content_timestamp": "AllDataObjectsTimeStamp",
    "document_timestamp": "DocTimeStamp",
}
_CONSTRAINTS: Final = {
    Block.FORMAT: "format_checking",
    Block.CERTIFICATE_FOUND: "identification_of_the_signing_certificate",
    Block.CONTEXT: "validation_context_initialisation",
    Block.CHAIN: "x509_certificate_validation",
    Block.INTEGRITY: "cryptographic_verification",
    Block.ACCEPTANCE: "signature_acceptance_validation",
}


def etsi_report(report: Report, *, validator: bytes | None = None) -> bytes:
    """The validation report as UTF-8.

    Args:
        report: what was found out.
        validator: DER certificate of the service, when the report will be sealed with its key.
    """
    objects = ObjectList(report)
    names = signature_identifiers(report)
    signatures = [
        _signature(report, one, name, objects)
        for one, name in zip(report.signatures, names, strict=True)
        if one.kind == "signature"
    ]
    root = _E.ValidationReport(*(signatures or [_nothing_to_report(report)]), objects.element())
    if validator is not None:
        certificate = etree.Element(f"{{{_TSL}}}X509Certificate")
        certificate.text = b64encode(validator).decode()
        root.append(_E.SignatureValidator(_E.DigitalId(certificate)))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _nothing_to_report(report: Report) -> Any:  # noqa: ANN401 - lxml's element has no type
    """The schema wants one signature at least; a file without one, or that could not be opened, says so here."""
    if report.verdict is Verdict.NO_SIGNATURE:
        status = _E.SignatureValidationStatus(_E.MainIndication("urn:anso:mainindication:no_signature"))
    else:
        status = _E.SignatureValidationStatus(
            _E.MainIndication(f"{_MAIN}indeterminate"), _E.SubIndication(f"{_SUB}GENERIC")
        )
    status.append(_E.AssociatedValidationReportData(_additional(report.reasons, (), _answers(report))))
    return _E.SignatureValidationReport(status)


def _signature(report: Report, one: SignatureReport, name: str, objects: ObjectList) -> Any:  # noqa: ANN401 - as above
    parts = [
        _identifier(one, name),
        _constraints(report, one),
        _times(report, one),
        _signed_document(one, objects),
        _attributes(one, objects),
        _signer(one, objects),
        _E.SignatureValidationProcess(
            # every signature goes through the whole process, with past validation and time-stamps (§5.6)
            _E.SignatureValidationProcessID("urn:etsi:019102:validationprocess:LTA")
        ),
        _status(report, one, name, objects),
    ]
    return _E.SignatureValidationReport(*(part for part in parts if part is not None))


def _identifier(one: SignatureReport, name: str) -> Any:  # noqa: ANN401 - as above
    element = _E.SignatureIdentifier(id=name)
    if one.representation_digest:
        element.append(digest_element(one.digest_algorithm, one.representation_digest))
    if one.signature_value:
        value = etree.SubElement(element, f"{{{_DS}}}SignatureValue")
        value.text = b64encode(one.signature_value).decode()
    by_digest_only = Reason.CONTENT_NOT_GIVEN in (one.reason, *one.warnings)
    element.append(_E.HashOnly("false"))
    element.append(_E.DocHashOnly("true" if by_digest_only else "false"))
    return element


def _constraints(report: Report, one: SignatureReport) -> Any:  # noqa: ANN401 - as above
    identifier = _E.SignaturePolicyIdentifier(etree.Element(f"{{{_XADES}}}SignaturePolicyImplied"))
    policy = _E.SignatureValidationPolicy(identifier, _E.PolicyName(harmless(one.policy_id or report.policy_id)))
    answers = building_blocks(one)
    return _E.ValidationConstraintsEvaluationReport(
        policy, *(_constraint(block, answers.get(block)) for block in Block)
    )


def _constraint(block: Block, answer: BlockAnswer | None) -> Any:  # noqa: ANN401 - as above
    applied = "disabled" if answer is None else "applied"
    element = _E.ValidationConstraint(
        _E.ValidationConstraintIdentifier(f"urn:anso:constraint:{_CONSTRAINTS[block]}"),
        _E.ConstraintStatus(_E.Status(f"urn:etsi:019102:constraintStatus:{applied}")),
    )
    if answer is not None:
        status = _E.ValidationStatus(_E.MainIndication(_MAIN + answer.indication.lower()))
        if answer.sub_indication:
            status.append(_E.SubIndication(_SUB + answer.sub_indication))
        element.append(status)
    return element


def _times(report: Report, one: SignatureReport) -> Any:  # noqa: ANN401 - as above
    proof = _E.BestSignatureTime(
        _E.POETime(_moment(one.best_time or report.checked_at)),
        _E.TypeOfProof("urn:etsi:019102:poetype:validation"),
    )
    by = signing_time_proof(report, one)
    if by is not None:
        proof.append(reference("POEObject", by))
    return _E.ValidationTimeInfo(_E.ValidationTime(_moment(report.checked_at)), proof)


def _signed_document(one: SignatureReport, objects: ObjectList) -> Any:  # noqa: ANN401 - as above
    if one.intact and one.signed_digest:
        digest = digest_element(one.digest_algorithm, one.signed_digest)
        return _E.SignersDocument(digest, reference("SignersDocumentRef", objects.document))
    return _E.SignersDocument(reference("SignersDocumentRepresentation", objects.document))


def _attributes(one: SignatureReport, objects: ObjectList) -> Any:  # noqa: ANN401 - as above
    said = [_E.SigningTime(_E.Time(_moment(one.claimed_time)), Signed="true")] if one.claimed_time else []
    if objects.has_certificate(one):
        said.append(_E.SigningCertificate(reference("AttributeObject", objects.certificate_name(one)), Signed="true"))
    if one.policy_oid:
        said.append(_E.SigPolicyIdentifier(_E.SigPolicyId(f"urn:oid:{harmless(one.policy_oid)}"), Signed="true"))
    if one.location:
        said.append(_E.SignatureProductionPlace(_E.AddressString(harmless(one.location)), Signed="true"))
    if one.role:
        role = _E.RoleDetails(_E.Role(harmless(one.role)), _E.EndorsementType("claimed"))
        said.append(_E.SignerRole(role, Signed="true"))
    said.extend(
        _E(
            _STAMPS.get(stamp.kind, "SignatureTimeStamp"),
            reference("AttributeObject", objects.stamp_name(stamp)), _E.TimeStampValue(_moment(stamp.at)),
            Signed="true" if stamp.kind == "content_timestamp" else "false",
        )
        for stamp in one.timestamps
        if stamp.at is not None and stamp.token_sha256
    )  # fmt: skip
    if one.signed_digest:
        said.append(_E.MessageDigest(_E.Digest(b64encode(one.signed_digest).decode()), Signed="true"))
    said.extend(_pdf_attributes(one))
    return _E.SignatureAttributes(*said) if said else None


def _pdf_attributes(one: SignatureReport) -> Iterable[Any]:
    if one.reason_text:
        yield _E.Reason(_E.ReasonElement(harmless(one.reason_text)), Signed="true")
    if one.contact:
        yield _E.ContactInfo(_E.ContactInfoElement(harmless(one.contact)), Signed="true")
    if one.sub_filter:
        yield _E.SubFilter(_E.SubFilterElement(harmless(one.sub_filter.removeprefix("/"))), Signed="true")
    if one.byte_range:
        yield _E.ByteRange(" ".join(str(n) for n in one.byte_range))


def _signer(one: SignatureReport, objects: ObjectList) -> Any:  # noqa: ANN401 - as above
    if not objects.has_certificate(one):
        return None
    return _E.SignerInformation(
        reference("SignerCertificate", objects.certificate_name(one)), _E.Signer(harmless(one.common_name))
    )


def _status(report: Report, one: SignatureReport, name: str, objects: ObjectList) -> Any:  # noqa: ANN401 - as above
    element = _E.SignatureValidationStatus(_E.MainIndication(_MAIN + one.indication.value.lower()))
    if one.sub_indication:
        element.append(_E.SubIndication(_SUB + one.sub_indication))
    data = _E.AssociatedValidationReportData()
    anchor = certificate_identifier(one.chain[-1]) if one.chain and one.trust_anchor else None
    if anchor is not None:
        data.append(reference("TrustAnchor", anchor))
    if one.chain:
        data.append(_chain(one, anchor))
    used = dict.fromkeys(objects.evidence_name(e) for e in one.evidence)  # the file and the caller may have the same
    data.extend(reference("RelatedValidationObject", evidence) for evidence in used)
    if one.signature_algorithm:
        weak = one.reason in {Reason.ALGORITHM_FORBIDDEN, Reason.ALGORITHM_ENDED, Reason.ALGORITHM_UNKNOWN}
        data.append(
            _E.CryptoInformation(
                reference("ValidationObjectId", name), _E.Algorithm(signature_uri(one.signature_algorithm)),
                _E.SecureAlgorithm("false" if weak else "true"),
            )
        )  # fmt: skip
    trial = (Reason.DEVELOPMENT_NO_LEGAL_VALUE,) if one.trust_profile is TrustProfile.DEV else ()
    further = (*_own_fields(one), *_answers(report), *_legal_fields(one))
    data.append(_additional((one.reason, *trial, *one.warnings), one.errors, further))
    element.append(data)
    return element


def _chain(one: SignatureReport, anchor: str | None) -> Any:  # noqa: ANN401 - as above
    names = [certificate_identifier(der) for der in one.chain]
    between = names[1:-1] if anchor is not None else names[1:]
    element = _E.CertificateChain(
        reference("SigningCertificate", names[0]), *(reference("IntermediateCertificate", n) for n in between)
    )
    if anchor is not None:
        element.append(reference("TrustAnchor", anchor))
    return element


def _additional(
    reasons: Iterable[Reason | None], errors: Iterable[str], further: Iterable[tuple[str, str]] = ()
) -> Any:  # noqa: ANN401 - as above
    """What the schema has no place for, under names of ours; reasons in words."""
    said = [("reason", f"{reason.value}: {TEXTS[reason].en}") for reason in reasons if reason is not None]
    said += [("detail", harmless(error)) for error in errors]
    data = [_E.ReportData(_E.Type(_OURS + kind), _E.Value(text)) for kind, text in (*said, *further)]
    return _E.AdditionalValidationReportData(*data)


def _own_fields(one: SignatureReport) -> Iterable[tuple[str, str]]:
    yield "level", harmless(one.level or "none")
    yield "changes_after", one.changes_after.value
    yield "field", harmless(one.field)


def _answers(report: Report) -> Iterable[tuple[str, str]]:
    """The three answers about the document, and the one that machines take (DESIGN §3)."""
    yield "verdict", report.verdict.value
    yield "entitlement", " ".join((report.entitlement.status, *report.entitlement.reasons))
    yield "document_state", report.document_state
    yield "acceptance", report.acceptance


def _legal_fields(one: SignatureReport) -> Iterable[tuple[str, str]]:
    """Circular 15/2025/TT-BKHCN: the seven things that every report says."""
    for name, value in legal_minimum(one).items():
        match value:
            case {"at": at, "source": source}:
                text = f"{at} ({source})"
            case {"not_before": begin, "not_after": end}:
                text = f"{begin}/{end}"
            case _:
                text = str(value)
        yield f"legal_minimum:{name}", harmless(text)


def _moment(moment: datetime | None) -> str:
    return moment_text(moment) or ""
