"""The service and its credentials as the Cloud Signature Consortium's API describes them, for both versions at once.

Version 1 and version 2 put the same facts into different fields; an answer carries both, so that a client of either
finds its own. Knows the standard's fields (CSC API 1.0.4 §11.1, §11.5; 2.0 §11.1, §11.5); must not judge anything.
"""

from typing import Any, Final

from cryptography import x509

from api.schemas.csc import CscCredentialRequest, CscListRequest, encoded
from api.usecases.csc_credential import MOST_SIGNATURES, CscAbilities
from api.usecases.describe_credentials import CscCredential
from signing.identity import load_certificate
from signing.keys import kind_of
from signing.keys.identifiers import CURVE_OID, KEY_BITS, PSS_PARAMETERS, SIGNATURE_OID
from signing.registry import CertificateStatus

SPECS: Final = {"v1": "1.0.4.0", "v2": "2.0.0.2"}
CONFORMANCE_LEVELS: Final = ("AdES-B-B", "AdES-B-T", "AdES-B-LT", "AdES-B-LTA")
_NAME: Final = "Anso"
_DESCRIPTION: Final = (
    "Ký số từ xa bằng khóa của cán bộ, công dân do hệ thống giữ; con dấu không ký trên giá trị băm. "
    "Remote signing with officials' and citizens' keys; seals sign no hashes."
)
_ALWAYS: Final = ("info", "credentials/list", "credentials/info", "signatures/timestamp")
_AUTHORISED: Final = ("credentials/authorize", "credentials/extendTransaction", "signatures/signHash")
_STATUS: Final = {
    CertificateStatus.ACTIVE: "valid",
    CertificateStatus.ON_HOLD: "suspended",
    CertificateStatus.REVOKED: "revoked",
    CertificateStatus.SUPERSEDED: "revoked",
}
"""A superseded certificate is good outside, but signs no more: of the standard's words none is nearer."""


def described_service(version: str, abilities: CscAbilities, public_url: str) -> dict[str, Any]:
    """The answer of `info`: only what this installation does is named."""
    formats: dict[str, Any] = {"formats": [], "envelope_properties": []}
    if abilities.signs_documents:
        # CAdES over digests only; PAdES over files, and over the digests of files
        formats = {"formats": ["C", "P"], "envelope_properties": [["Detached"], ["Certification", "Revision"]]}
    return {
        "specs": SPECS[version],
        "name": _NAME,
        "logo": f"{public_url.rstrip('/')}/static/anso.svg",
        "region": "VN",
        "lang": "vi",
        "description": _DESCRIPTION,
        # the access token is the identity provider's; we give none ourselves
        "authType": ["external"],
        "methods": _methods(version, abilities),
        "asynchronousOperationMode": False,
        "validationInfo": abilities.signs_documents,
        "signAlgorithms": {"algos": list(SIGNATURE_OID.values()), "algoParams": [encoded(PSS_PARAMETERS)]},
        "signature_formats": formats,
        "conformance_levels": list(CONFORMANCE_LEVELS) if abilities.signs_documents else [],
    }


def _methods(version: str, abilities: CscAbilities) -> list[str]:
    """What is done here of the methods that this version of the standard describes."""
    methods = list(_ALWAYS)
    if abilities.authorises:
        methods += _AUTHORISED
    if version == "v1":
        return methods  # CSC API 1.0.4 §11 knows neither authorizeCheck nor signDoc; both answer there all the same
    if abilities.authorises and abilities.by_passkey:
        methods.append("credentials/authorizeCheck")
    if abilities.signs_documents:
        methods.append("signatures/signDoc")
    return methods


def described_credential(one: CscCredential, request: CscCredentialRequest | CscListRequest) -> dict[str, Any]:
    """The answer of `credentials/info`, and an element of `credentialInfos`."""
    certificate = load_certificate(one.credential.certificate)
    kind = kind_of(certificate.public_key())
    key: dict[str, Any] = {
        "status": "enabled" if one.is_enabled else "disabled",
        "algo": [SIGNATURE_OID[one.credential.algorithm]],
        "len": 0 if kind is None else KEY_BITS[kind],
    }
    if kind in CURVE_OID:
        key["curve"] = CURVE_OID[kind]
    return {
        "description": f"{one.record.common_name}, {one.record.organisation}"[:255],
        "key": key,
        "cert": _certificate(one, certificate, request),
        **_authorisation(one),
        "SCAL": "2",
        "multisign": MOST_SIGNATURES,
        "lang": "vi",
    }


def _certificate(
    one: CscCredential, certificate: x509.Certificate, request: CscCredentialRequest | CscListRequest
) -> dict[str, Any]:
    # the period is over, whatever the register says
    found: dict[str, Any] = {"status": _STATUS.get(one.record.status, "revoked")}
    if one.is_expired and found["status"] == "valid":
        found["status"] = "expired"
    if request.certificates != "none":
        chain = one.credential.chain if request.certificates == "chain" else ()
        found["certificates"] = [encoded(der) for der in (one.credential.certificate, *chain)]
    if request.certInfo:
        found |= {
            "issuerDN": certificate.issuer.rfc4514_string(),
            "subjectDN": certificate.subject.rfc4514_string(),
            "serialNumber": f"{certificate.serial_number:X}",
            "validFrom": certificate.not_valid_before_utc.strftime("%Y%m%d%H%M%SZ"),
            "validTo": certificate.not_valid_after_utc.strftime("%Y%m%d%H%M%SZ"),
        }
    return found


def _authorisation(one: CscCredential) -> dict[str, Any]:
    """By what the holder agrees: a code in the request, a passkey at our own page, or the login alone (embedded)."""
    presence = "true" if one.needs_code else "false"
    otp = {"presence": presence, "type": "offline", "format": "N", "label": "OTP", "description": "Mã 6 chữ số / code"}
    objects = [{"type": "Password", "id": "OTP", "format": "N", "generator": "totp", "label": "OTP"}]
    auth: dict[str, Any] = {"mode": "explicit", "objects": objects if one.needs_code else []}
    if one.needs_code:
        auth["expression"] = "OTP"
    return {
        "authMode": "implicit" if one.abilities.by_passkey else "explicit",
        "PIN": {"presence": "false"},
        "OTP": otp if one.needs_code else {"presence": "false"},
        "auth": auth,
    }
