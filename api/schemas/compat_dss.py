"""The certificate validation of the European Commission's DSS on the wire: its request, its three reports.

Field names are DSS's own. Only what we can tell truthfully is filled in; what belongs to European trusted lists and
qualification stays null. Knows the shape; must not judge anything.
"""

import base64
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.schemas.base64_text import bytes_of
from api.usecases.certificate_question import ValidateCertificate
from signing.errors import CertificateMalformed
from signing.validation import CertificateReason, CertificateReport, MomentAnswer
from signing.validation.certificate_description import CertificateDescription

_INDICATIONS: Final = {"valid": "PASSED", "invalid": "FAILED", "indeterminate": "INDETERMINATE"}
_SUB_INDICATIONS: Final = {
    # ETSI EN 319 102-1 §5.2.6.4: what the validation of a certificate alone may end with
    CertificateReason.CERT_MALFORMED: ("INDETERMINATE", "CERTIFICATE_CHAIN_GENERAL_FAILURE"),
    CertificateReason.CERT_CONTRADICTORY: ("INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE"),
    CertificateReason.UNTRUSTED_ROOT: ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND"),
    CertificateReason.ROOT_NOT_ACCEPTED_THEN: ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND"),
    CertificateReason.PURPOSE_NOT_ALLOWED: ("INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE"),
    CertificateReason.CERT_CHAIN_BROKEN: ("INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE"),
    CertificateReason.CERT_EXPIRED: ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE"),
    CertificateReason.CERT_NOT_YET_VALID: ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE"),
    CertificateReason.CERT_REVOKED: ("INDETERMINATE", "REVOKED_NO_POE"),
    CertificateReason.CERT_ON_HOLD: ("INDETERMINATE", "TRY_LATER"),
    CertificateReason.ISSUER_NOT_VALID: ("INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE"),
    CertificateReason.ISSUER_REVOKED: ("INDETERMINATE", "REVOKED_CA_NO_POE"),
    CertificateReason.STATUS_UNKNOWN: ("INDETERMINATE", "TRY_LATER"),
    CertificateReason.ALGORITHM_FORBIDDEN: ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
    CertificateReason.PRIMARY_MISMATCH: ("INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE"),
    CertificateReason.PRIMARY_NOT_FOUND: ("INDETERMINATE", "TRY_LATER"),
}
_KEY_USAGES: Final = {
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "crlSign",
}
_REASONS: Final = {
    "key_compromise": "keyCompromise",
    "affiliation_changed": "affiliationChanged",
    "superseded": "superseded",
    "cessation": "cessationOfOperation",
    "org_closed": "cessationOfOperation",
    "privilege_withdrawn": "privilegeWithdrawn",
    "hold": "certificateHold",
}


def dss_moment(value: object) -> object:
    """DSS takes a date as ISO 8601 or as milliseconds since 1970."""
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value / 1000, UTC)
        except (ValueError, OverflowError, OSError) as err:
            raise ValueError("no moment") from err
    return value


class RemoteCertificate(BaseModel):
    """A certificate in base64."""

    model_config = ConfigDict(extra="ignore")

    encodedCertificate: str = Field(min_length=1, max_length=256 * 1024)  # noqa: N815 - DSS's name


class CertificateToValidate(BaseModel):
    """DSS's request. A policy or cryptographic suite of the caller's is refused: ours applies to everybody."""

    model_config = ConfigDict(extra="ignore")

    certificate: RemoteCertificate
    certificateChain: list[RemoteCertificate] | None = Field(default=None, max_length=32)  # noqa: N815 - as above
    validationTime: Annotated[datetime | None, BeforeValidator(dss_moment)] = None  # noqa: N815 - as above
    tokenExtractionStrategy: str | None = Field(default=None, max_length=64)  # noqa: N815 - as above
    policy: None = None
    cryptographicSuite: None = None  # noqa: N815 - as above

    def to_command(self) -> ValidateCertificate:
        """The question for the use-case.

        Raises:
            CertificateMalformed: no base64.
        """
        chain = self.certificateChain or []
        then = self.validationTime
        return ValidateCertificate(
            certificate=_decoded(self.certificate),
            others=tuple(_decoded(one) for one in chain),
            then=then if then is None or then.tzinfo else then.replace(tzinfo=UTC),
        )


def _decoded(sent: RemoteCertificate) -> bytes:
    try:
        return bytes_of(sent.encodedCertificate)
    except ValueError as err:
        raise CertificateMalformed("no base64") from err


class CertificateReports(BaseModel):
    """DSS's answer: three reports about one certificate."""

    diagnosticData: dict[str, Any]  # noqa: N815 - DSS's name
    simpleCertificateReport: dict[str, Any]  # noqa: N815 - as above
    detailedReport: dict[str, Any]  # noqa: N815 - as above


def dss_reports(report: CertificateReport) -> dict[str, Any]:
    """The answer about a certificate in DSS's shape."""
    chain = (report.description, *(report.findings.above if report.findings else ()))
    return {
        "diagnosticData": _diagnostic(report, chain),
        "simpleCertificateReport": _simple(report, chain),
        "detailedReport": _detailed(report, chain),
    }


def _simple(report: CertificateReport, chain: tuple[CertificateDescription, ...]) -> dict[str, Any]:
    return {
        "ChainItem": [_chain_item(report, chain, number) for number in range(len(chain))],
        "ValidationTime": _time(report.then.at),
    }


def _chain_item(report: CertificateReport, chain: tuple[CertificateDescription, ...], number: int) -> dict[str, Any]:
    one, is_leaf = chain[number], number == 0
    is_root = report.anchor is not None and number == len(chain) - 1
    above = chain[number + 1] if number + 1 < len(chain) else None
    conclusion = _conclusion(report) if is_leaf else _above(report, is_root=is_root)
    return {
        "id": _id(one),
        "subject": {
            "commonName": one.part("common_name") or None,
            "surname": one.part("surname") or None,
            "givenName": one.part("given_name") or None,
            "pseudonym": None,
            "organizationName": one.part("organisation") or None,
            "organizationUnit": one.part("unit") or None,
            "email": None,
            "locality": None,
            "state": None,
            "country": one.part("country") or None,
        },
        "issuerId": _id(above) if above else None,
        "notBefore": _time(one.not_before),
        "notAfter": _time(one.not_after),
        "keyUsage": _uses(one),
        "extendedKeyUsage": list(one.extended_key_usage) or None,
        "ocspUrl": list(one.ocsp_urls) or None,
        "crlUrl": list(one.crl_urls) or None,
        "aiaUrl": list(one.issuer_urls) or None,
        "cpsUrl": None,
        "pdsUrl": None,
        "qualificationAtIssuance": None,
        "qualificationAtValidation": None,
        "revocation": _revocation(report.now) if is_leaf else {},
        "trustAnchor": [_trust_anchor(report)] if is_root else None,
        "Indication": conclusion["Indication"],
        "SubIndication": conclusion["SubIndication"],
    }


def _uses(one: CertificateDescription) -> list[str]:
    return [_KEY_USAGES[use] for use in one.key_usage if use in _KEY_USAGES]


def _revocation(now: MomentAnswer) -> dict[str, Any]:
    standing = now.standing
    if standing.since is None:
        return {"thisUpdate": None, "revocationDate": None, "revocationReason": None}
    reason = _REASONS.get(standing.reason or "", "unspecified")
    return {"thisUpdate": None, "revocationDate": _time(standing.since), "revocationReason": reason}


def _trust_anchor(report: CertificateReport) -> dict[str, Any]:
    anchor = report.anchor
    return {
        "countryCode": None,
        "trustServiceProvider": anchor.name if anchor else None,
        "trustServiceProviderRegistrationId": None,
        "trustServiceName": anchor.profile.value if anchor else None,
    }


def _conclusion(report: CertificateReport) -> dict[str, Any]:
    """Indication of the leaf; DSS never says FAILED of a certificate alone where ETSI says INDETERMINATE."""
    if report.verdict.value == "valid":
        return {"Indication": "PASSED", "SubIndication": None, "Errors": []}
    reason = next(iter(report.reasons), CertificateReason.CHECK_FAILED)
    indication, sub = _SUB_INDICATIONS.get(reason, (_INDICATIONS["indeterminate"], "UNEXPECTED_ERROR"))
    texts = zip(report.reasons, report.document()["reasons_en"], strict=True)
    return {
        "Indication": indication,
        "SubIndication": sub,
        "Errors": [{"Key": code.value, "value": text} for code, text in texts],
    }


def _above(report: CertificateReport, *, is_root: bool) -> dict[str, Any]:
    """A root has no status; of an authority below it only a good answer for the leaf says that its own was good."""
    good = report.findings is not None and report.findings.then.path.ok and report.findings.then.anchor_serves
    good = good and (is_root or report.then.verdict.value == "valid")
    return {"Indication": "PASSED" if good else "INDETERMINATE", "SubIndication": None if good else "NO_POE"}


def _detailed(report: CertificateReport, chain: tuple[CertificateDescription, ...]) -> dict[str, Any]:
    conclusion = _conclusion(report)
    root: Literal[True, False] = report.anchor is not None
    checks = [
        {
            "Id": _id(one),
            "TrustAnchor": root and number == len(chain) - 1,
            "Conclusion": conclusion if number == 0 else _above(report, is_root=root and number == len(chain) - 1),
        }
        for number, one in enumerate(chain)
    ]
    block = {
        "Id": _id(report.description),
        "Type": "CERTIFICATE",
        "XCV": {"SubXCV": checks, "Conclusion": conclusion},
        "Conclusion": conclusion,
    }
    return {"BasicBuildingBlocks": [block], "TLAnalysis": [], "ValidationTime": _time(report.now.at)}


def _diagnostic(report: CertificateReport, chain: tuple[CertificateDescription, ...]) -> dict[str, Any]:
    return {
        "DocumentName": None,
        "ValidationDate": _time(report.then.at),
        "Signature": None,
        "Certificate": [_certificate(report, chain, number) for number in range(len(chain))],
        "Revocation": None,
        "Timestamp": None,
        "TrustedList": None,
    }


def _certificate(report: CertificateReport, chain: tuple[CertificateDescription, ...], number: int) -> dict[str, Any]:
    one = chain[number]
    good = report.findings is not None and report.findings.then.path.ok
    return {
        "Id": _id(one),
        "SerialNumber": int(one.serial, 16) if one.serial else None,
        "SubjectSerialNumber": None,  # the holder's identity number is not repeated
        "CommonName": one.part("common_name") or None,
        "CountryName": one.part("country") or None,
        "OrganizationName": one.part("organisation") or None,
        "Title": one.part("title") or None,
        "NotBefore": _time(one.not_before),
        "NotAfter": _time(one.not_after),
        "PublicKeySize": one.key_bits or None,
        "PublicKeyEncryptionAlgo": one.key_kind.partition("_")[0].upper() or None,
        "Trusted": report.anchor is not None and number == len(chain) - 1,
        "BasicSignature": {"SignatureIntact": good, "SignatureValid": good},
        "DigestAlgoAndValue": {
            "DigestMethod": "SHA256",
            "DigestValue": base64.b64encode(bytes.fromhex(one.sha256)).decode(),
        },
        "Base64Encoded": None,
    }


def _id(one: CertificateDescription) -> str:
    return f"C-{one.sha256.upper()}"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
