"""How other reports name what ours says: identifiers, forms and levels of signatures, algorithms.

One place, so that ETSI's report and those in the shape of DSS and SiVa point to the same things by the same names.
"""

from hashlib import sha256
from typing import Final

from signing.validation.report import Report
from signing.validation.signature_report import SignatureReport

_XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_XMLENC: Final = "http://www.w3.org/2001/04/xmlenc#"
_MORE_2001: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007: Final = "http://www.w3.org/2007/05/xmldsig-more#"
_MORE_2021: Final = "http://www.w3.org/2021/04/xmldsig-more#"
_DIGESTS: Final = {
    # RFC 9231 §2.1
    "MD5": f"{_MORE_2001}md5",
    "SHA1": f"{_XMLDSIG}sha1",
    "SHA224": f"{_MORE_2001}sha224",
    "SHA256": f"{_XMLENC}sha256",
    "SHA384": f"{_MORE_2001}sha384",
    "SHA512": f"{_XMLENC}sha512",
    "SHA3_224": f"{_MORE_2007}sha3-224",
    "SHA3_256": f"{_MORE_2007}sha3-256",
    "SHA3_384": f"{_MORE_2007}sha3-384",
    "SHA3_512": f"{_MORE_2007}sha3-512",
}
_OLD_PDF_KINDS: Final = ("BES", "EPES", "LTV")


def identifier(prefix: str, digest_hex: str) -> str:
    """``C-…`` of a certificate, ``T-…`` of a time-stamp, ``R-…`` of evidence, ``D-…`` of data: by its SHA-256."""
    return f"{prefix}-{digest_hex.upper()}"


def certificate_identifier(der: bytes) -> str:
    """The identifier of a certificate."""
    return identifier("C", sha256(der).hexdigest())


def signature_identifiers(report: Report) -> tuple[str, ...]:
    """One identifier per signature or document time-stamp, in the report's order; no two are equal.

    The same file always gives the same: from its digest, the field and the place in the report (a copied signature
    value is no name).
    """
    return tuple(
        identifier("T" if one.kind == "timestamp" else "S", _name_digest(report.file_sha256, number, one.field))
        for number, one in enumerate(report.signatures)
    )


def _name_digest(file_sha256: str, number: int, field: str) -> str:
    return sha256(f"{file_sha256}\0{number}\0{field}".encode("utf-8", "surrogatepass")).hexdigest()


def format_name(signature: SignatureReport) -> str:
    """Form and level as DSS writes them: 'PAdES-BASELINE-LT', 'PKCS7-T', 'PAdES-BES', 'CAdES-BASELINE-B'."""
    is_pdf = bool(signature.sub_filter)
    family, level = ("PAdES" if is_pdf else "CAdES"), signature.level or ""
    for other in ("CAdES-", "PAdES-"):
        if level.startswith(other):
            family, level = other[:-1], level.removeprefix(other)
    if level.startswith("B-"):
        return f"{family}-BASELINE-{level[2:]}"
    if level.startswith("PKCS7"):
        return level
    if level.startswith(_OLD_PDF_KINDS):
        return f"{family}-{level}"
    return "PDF-NOT-ETSI" if is_pdf else "CMS-NOT-ETSI"


def digest_uri(name: str) -> str:
    """The URI of a digest algorithm (RFC 9231) by the name that DSS gives it; an unknown one gets a URN."""
    found = _DIGESTS.get(name.upper().replace("-", "_"))
    return found or f"urn:anso:algorithm:{_token(name)}"


def signature_uri(name: str) -> str:
    """The URI of a signature algorithm (RFC 9231 §2.3) by the name that DSS gives it ('RSASSA_PSS_SHA256')."""
    scheme, _, digest = name.partition("_SHA")
    small = "sha" + digest.lower().replace("_", "-") if digest.startswith("3_") else f"sha{digest.lower()}"
    match scheme:
        case "RSA" if digest == "1":
            return f"{_XMLDSIG}rsa-sha1"
        case "RSA" if digest and "_" not in digest:
            return f"{_MORE_2001}rsa-{small}"
        case "RSASSA_PSS" if digest:
            return f"{_MORE_2007}{small}-rsa-MGF1"
        case "ECDSA" | "PLAIN_ECDSA" if digest:
            return f"{_MORE_2021 if '_' in digest else _MORE_2001}ecdsa-{small}"
        case "EDDSA_ED25519" | "EDDSA_ED448":
            return f"{_MORE_2021}{scheme.lower().replace('_', '-')}"
        case _:
            return f"urn:anso:algorithm:{_token(name)}"


def _token(name: str) -> str:
    """What may stand in a URN of what a file calls its algorithm."""
    return "".join(c for c in name[:60] if c.isascii() and (c.isalnum() or c in "_.-")) or "unknown"
