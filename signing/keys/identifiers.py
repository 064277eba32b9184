"""Object identifiers of our algorithms, dotted, as protocols outside write them; and which one of theirs is ours.

Knows names. A name that could mean something else than we would sign has no algorithm here.
"""

from typing import Final

from signing.errors import AlgorithmNotSupported
from signing.keys.der import ALGORITHM_IDENTIFIER, NULL, SEQUENCE, integer, oid, tlv
from signing.keys.store import KeyKind, SignatureAlgorithm

SIGNATURE_OID: Final = {
    # RFC 5758 §3.2, RFC 4055 §3.1
    SignatureAlgorithm.ECDSA_SHA256: "1.2.840.10045.4.3.2",
    SignatureAlgorithm.ECDSA_SHA384: "1.2.840.10045.4.3.3",
    SignatureAlgorithm.RSASSA_PSS_SHA256: "1.2.840.113549.1.1.10",
}
"""What a key of ours signs with; RSASSA-PKCS1-v1_5 and bare key types are not among them."""
HASH_OID: Final = {
    SignatureAlgorithm.ECDSA_SHA256: "2.16.840.1.101.3.4.2.1",
    SignatureAlgorithm.ECDSA_SHA384: "2.16.840.1.101.3.4.2.2",
    SignatureAlgorithm.RSASSA_PSS_SHA256: "2.16.840.1.101.3.4.2.1",
}
"""The hash that goes with it (RFC 5754 §2)."""
CURVE_OID: Final = {KeyKind.EC_P256: "1.2.840.10045.3.1.7", KeyKind.EC_P384: "1.3.132.0.34"}
"""RFC 5480 §2.1.1.1."""
KEY_BITS: Final = {KeyKind.EC_P256: 256, KeyKind.EC_P384: 384, KeyKind.RSA_3072: 3072}

_MGF1: Final = "1.2.840.113549.1.1.8"
_SALT_OCTETS: Final = 32


def _pss_forms(salt_octets: int = _SALT_OCTETS) -> tuple[bytes, ...]:
    """RFC 4055 §2.1: both ways of writing SHA-256, with NULL parameters and without, must be understood."""
    name = oid(HASH_OID[SignatureAlgorithm.RSASSA_PSS_SHA256])
    ways = (tlv(SEQUENCE, name, tlv(NULL)), tlv(SEQUENCE, name))
    return tuple(
        tlv(
            SEQUENCE,
            tlv(0xA0, digest),
            tlv(0xA1, tlv(SEQUENCE, oid(_MGF1), masked)),
            tlv(0xA2, integer(salt_octets)),
        )
        for digest in ways
        for masked in ways
    )


_PSS_FORMS: Final = _pss_forms()
PSS_PARAMETERS: Final = _PSS_FORMS[0]
"""RSASSA-PSS-params (DER) of our RSA signatures: SHA-256, MGF1 with SHA-256, salt of 32 octets."""


def algorithm_identifier(algorithm: SignatureAlgorithm, salt_octets: int | None = None) -> bytes:
    """AlgorithmIdentifier (DER) of a signature.

    Args:
        algorithm: of ours.
        salt_octets: RSASSA-PSS with a salt of another length than our own keys take; None: theirs.
    """
    if salt_octets is None or algorithm is not SignatureAlgorithm.RSASSA_PSS_SHA256:
        return ALGORITHM_IDENTIFIER[algorithm]
    return tlv(SEQUENCE, oid(SIGNATURE_OID[algorithm]), _pss_forms(salt_octets)[0])


def algorithm_named(
    signature_oid: str, parameters: bytes | None = None, hash_oid: str | None = None
) -> SignatureAlgorithm:
    """Our algorithm for a name from outside.

    Args:
        signature_oid: dotted.
        parameters: DER; RSASSA-PSS needs them, ECDSA has none.
        hash_oid: dotted, where it is named beside; it must not contradict.

    Raises:
        AlgorithmNotSupported: none of ours.
    """
    found = next((one for one, dotted in SIGNATURE_OID.items() if dotted == signature_oid), None)
    if found is None:
        raise AlgorithmNotSupported("signAlgo")
    needed = _PSS_FORMS if found is SignatureAlgorithm.RSASSA_PSS_SHA256 else (None,)
    if parameters not in needed:
        raise AlgorithmNotSupported("signAlgoParams")
    if hash_oid not in (None, HASH_OID[found]):
        raise AlgorithmNotSupported("hashAlgo")
    return found
