"""The diagnostic data in the shape of DSS: signatures, certificates, evidence, time-stamps, signed data, by their ids.

Every id that one part names stands in another. Must not judge anything.
"""

from itertools import islice
from typing import Any, Final

from api.usecases.dss_words import (
    MAX_CERTIFICATES,
    base64_text,
    described,
    document_stamp,
    moment,
    named,
    scope_of,
    signed_data,
    stamps_of,
)
from signing.validation import Report, SignatureReport
from signing.validation.foreign_text import harmless
from signing.validation.report_names import certificate_identifier, format_name, identifier
from signing.validation.signature_report import EvidenceUsed

_MASKS: Final = {"RSASSA_PSS": "MGF1"}
_EVIDENCE: Final = {"crl": "CRL", "ocsp": "OCSP"}


def dss_diagnostic(report: Report, name: str | None) -> dict[str, Any]:
    """The diagnostic data."""
    signatures = [(key, one) for key, one in named(report) if one.kind == "signature"]
    return {
        "DocumentName": name,
        "ValidationDate": moment(report.checked_at),
        "ContainerInfo": None,
        "PDFAInfo": None,
        "Signature": [_signature(report, key, one, name) for key, one in signatures],
        "Certificate": _certificates(report),
        "Revocation": _revocations(report),
        "Timestamp": _stamps(report),
        "EvidenceRecord": None,
        "OrphanTokens": None,
        "SignerData": _signer_data(report),
        "TrustedList": [],
    }


def _signature(report: Report, key: str, one: SignatureReport, name: str | None) -> dict[str, Any]:
    scope, scope_name, description = scope_of(one)
    data = signed_data(one, report)[0]
    return {
        "Id": key,
        "DAIdentifier": None,
        "SignatureFilename": name,
        "ErrorMessage": None,
        "ClaimedSigningTime": moment(one.claimed_time),
        "SignatureFormat": format_name(one),
        "StructuralValidation": {"valid": one.sub_indication != "FORMAT_FAILURE", "Message": []},
        "DigestMatcher": [_matcher(one)],
        "BasicSignature": _basic_signature(one),
        "SigningCertificate": _signing_certificate(one),
        "CertificateChain": [certificate_identifier(der) for der in one.chain],
        "ContentType": "1.2.840.113549.1.7.1",
        "MimeType": None,
        "SignatureProductionPlace": {"City": harmless(one.location)} if one.location else None,
        "CommitmentTypeIndication": [],
        "SignerRole": [{"Role": harmless(one.role), "Category": "CLAIMED"}] if one.role else [],
        "Policy": {"Id": harmless(one.policy_oid)} if one.policy_oid else None,
        "PDFRevision": _revision(one) if one.sub_filter else None,
        "FoundTimestamp": [{"Timestamp": s["id"], "Location": s["type"]} for s in stamps_of(report, one)],
        "FoundCertificates": {
            "RelatedCertificate": [
                {"Origin": ["SIGNED_DATA"], "CertificateRef": [], "Certificate": certificate_identifier(der)}
                for der in one.certificates
            ],
            "OrphanCertificate": [],
        },
        "FoundRevocations": {
            "RelatedRevocation": [
                {"Type": _EVIDENCE.get(e.kind, "CRL"), "Origin": ["DSS_DICTIONARY"], "Revocation": _revocation_id(e)}
                for e in one.evidence
                if e.source == "document"
            ],
            "OrphanRevocation": [],
        },
        "SignatureScope": [
            {
                "SignerData": data,
                "Scope": scope,
                "Name": scope_name,
                "Description": description,
                "Transformation": None,
            }
        ],
        "SignatureValue": base64_text(one.signature_value) if one.signature_value else None,
        "CounterSignature": None,
        "Parent": None,
        "Duplicated": None,
    }


def _matcher(one: SignatureReport) -> dict[str, Any]:
    found = one.signed_digest is not None and one.sub_indication != "SIGNED_DATA_NOT_FOUND"
    return {
        "DataFound": found,
        "DataIntact": one.intact is True or (one.intact is False and one.sub_indication == "SIG_CRYPTO_FAILURE"),
        "DigestMethod": one.digest_algorithm or None,
        "DigestValue": base64_text(one.signed_digest) if one.signed_digest else None,
        "match": None,
        "type": "MESSAGE_DIGEST",
        "name": None,
    }


def _basic_signature(one: SignatureReport) -> dict[str, Any]:
    scheme = one.signature_algorithm.partition("_SHA")[0]
    leaf = described(one.chain[0]) if one.chain else None
    return {
        "EncryptionAlgoUsedToSignThisToken": scheme.replace("_PSS", "-PSS").replace("_", "-") or None,
        "KeyLengthUsedToSignThisToken": str(leaf.key_bits) if leaf is not None and leaf.key_bits else "?",
        "DigestAlgoUsedToSignThisToken": one.digest_algorithm or None,
        "MaskGenerationFunctionUsedToSignThisToken": _MASKS.get(scheme),
        # value and digest are judged together here: the value of a signature over other data is not tried
        "SignatureIntact": one.intact is True,
        "SignatureValid": one.intact is True,
    }


def _signing_certificate(one: SignatureReport) -> dict[str, Any] | None:
    if not one.certificate_sha256:
        return None
    return {"PublicKey": None, "Certificate": identifier("C", one.certificate_sha256)}


def _revision(one: SignatureReport) -> dict[str, Any]:
    return {
        "SignatureField": [{"name": harmless(one.field)}],
        "PDFSignatureDictionary": {
            "SignerName": None,
            "Type": "DocTimeStamp" if one.kind == "timestamp" else "Sig",
            "Filter": None,
            "SubFilter": harmless(one.sub_filter.removeprefix("/")),
            "ContactInfo": harmless(one.contact) or None,
            "Location": harmless(one.location) or None,
            "Reason": harmless(one.reason_text) or None,
            "SignatureByteRange": {"value": list(one.byte_range), "valid": one.revision_end is not None},
        },
        "ModificationDetection": _modifications(one),
    }


def _modifications(one: SignatureReport) -> dict[str, Any] | None:
    """What was changed afterwards; DSS's four kinds, told by how far each goes."""
    level = one.changes_after.value
    if level == "none":
        return None
    kind = {"permitted": "ExtensionChanges", "form_fill": "SignatureOrFormFill", "annotations": "AnnotCreation"}
    changes = [{"value": harmless(change.what), "Page": None, "action": None} for change in one.changes]
    return {
        "AnnotationOverlap": [],
        "VisualDifference": [],
        "PageDifference": [],
        "ObjectModifications": {kind.get(level, "Undefined"): changes},
    }


def _certificates(report: Report) -> list[dict[str, Any]]:
    found: dict[str, bytes] = {}
    anchors = {certificate_identifier(one.chain[-1]) for one in report.signatures if one.chain and one.trust_anchor}
    for one in report.signatures:
        stamped = (der for stamp in one.timestamps for der in stamp.chain)
        for der in (*one.chain, *one.certificates, *stamped):
            found.setdefault(certificate_identifier(der), der)
    return [_certificate(key, der, trusted=key in anchors) for key, der in islice(found.items(), MAX_CERTIFICATES)]


def _certificate(key: str, der: bytes, *, trusted: bool) -> dict[str, Any]:
    one = described(der)
    return {
        "Id": key,
        "IssuerDistinguishedName": [{"value": harmless(one.issuer), "Format": "RFC2253"}],
        "SerialNumber": int(one.serial, 16) if one.serial else None,
        "SubjectSerialNumber": None,  # the holder's identity number is not repeated
        "CommonName": harmless(one.part("common_name")) or None,
        "CountryName": harmless(one.part("country")) or None,
        "OrganizationName": harmless(one.part("organisation")) or None,
        "OrganizationalUnit": harmless(one.part("unit")) or None,
        "Title": harmless(one.part("title")) or None,
        "GivenName": harmless(one.part("given_name")) or None,
        "Surname": harmless(one.part("surname")) or None,
        "NotBefore": moment(one.not_before),
        "NotAfter": moment(one.not_after),
        "PublicKeySize": one.key_bits or None,
        "PublicKeyEncryptionAlgo": one.key_kind.partition("_")[0].upper() or None,
        "Trusted": trusted,
        "Base64Encoded": None,
        "DigestAlgoAndValue": _digest("SHA256", bytes.fromhex(one.sha256)),
    }


def _revocations(report: Report) -> list[dict[str, Any]]:
    used: dict[str, EvidenceUsed] = {}
    for evidence in (evidence for one in report.signatures for evidence in one.evidence):
        used.setdefault(evidence.sha256, evidence)  # both the file and we may have it; the file's counts
    return [
        {
            "Id": _revocation_id(one),
            "Origin": "DSS_DICTIONARY" if one.source == "document" else "EXTERNAL",
            "Type": _EVIDENCE.get(one.kind, "CRL"),
            "Base64Encoded": None,
            "DigestAlgoAndValue": _digest("SHA256", bytes.fromhex(one.sha256)),
        }
        for one in used.values()
    ]


def _revocation_id(used: EvidenceUsed) -> str:
    return identifier("R", used.sha256)


def _stamps(report: Report) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for key, one in named(report):
        if one.kind == "timestamp":
            found.setdefault(key, document_stamp(key, one))
            continue
        for stamp in stamps_of(report, one):
            found.setdefault(stamp["id"], stamp)
    return [_stamp(stamp) for stamp in found.values()]


def _stamp(stamp: dict[str, Any]) -> dict[str, Any]:
    chain = [certificate_identifier(der) for der in stamp["chain"]]
    intact = stamp["intact"] is True
    return {
        "Id": stamp["id"],
        "TimestampFilename": None,
        "ArchiveTimestampType": None,
        "ProductionTime": moment(stamp["at"]),
        "DigestMatcher": [{"DataFound": True, "DataIntact": intact, "match": None, "type": "MESSAGE_IMPRINT"}],
        "BasicSignature": {"SignatureIntact": intact, "SignatureValid": intact},
        "SigningCertificate": {"PublicKey": None, "Certificate": chain[0]} if chain else None,
        "CertificateChain": chain,
        "Base64Encoded": None,
        "DigestAlgoAndValue": _digest(stamp["algorithm"], stamp["digest"]) if stamp["digest"] else None,
        "Type": stamp["type"],
    }


def _signer_data(report: Report) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for _, one in named(report):
        if one.kind == "signature":
            key, digest, algorithm = signed_data(one, report)
            found[key] = {
                "Id": key,
                "ReferencedName": scope_of(one)[1],
                "DigestAlgoAndValue": _digest(algorithm, digest),
            }
    return list(found.values())


def _digest(algorithm: str, value: bytes) -> dict[str, Any]:
    return {"DigestMethod": algorithm, "DigestValue": base64_text(value), "match": None}
