"""The signature container: CMS SignedData as PAdES baseline wants it, signed through a key store.

ETSI EN 319 142-1 §6.3, ETSI EN 319 122-1: content-type, message-digest and signing-certificate-v2 are signed; no
signing-time (PAdES keeps the claimed time in /M). Written as DER from templates, which costs microseconds where a
general ASN.1 library took most of a signature's time. Knows digests, certificates and keys' names; no PDF.
"""

from datetime import datetime
from hashlib import new, sha256
from typing import Final

from signing.errors import DocumentNotSignable
from signing.keys import Credential, KeyStore, SignatureAlgorithm
from signing.keys.der import (
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    SHA256_IDENTIFIER,
    DerError,
    integer,
    oid,
    time,
    tlv,
)
from signing.keys.identifiers import algorithm_identifier
from signing.trust import Evidence
from signing.validation.certificate_parts import read_parts

_SHA384_IDENTIFIER: Final = bytes.fromhex("300b0609608648016503040202")  # RFC 5754 §2, without parameters
_DIGESTS: Final = {
    SignatureAlgorithm.ECDSA_SHA256: ("sha256", SHA256_IDENTIFIER),
    SignatureAlgorithm.ECDSA_SHA384: ("sha384", _SHA384_IDENTIFIER),
    SignatureAlgorithm.RSASSA_PSS_SHA256: ("sha256", SHA256_IDENTIFIER),
}
_DATA: Final = oid("1.2.840.113549.1.7.1")
_SIGNED_DATA: Final = oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE: Final = oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = oid("1.2.840.113549.1.9.4")
_SIGNING_TIME: Final = oid("1.2.840.113549.1.9.5")
_SIGNING_CERTIFICATE_V2: Final = oid("1.2.840.113549.1.9.16.2.47")
_TIMESTAMP_TOKEN: Final = oid("1.2.840.113549.1.9.16.2.14")
_OCSP_RESPONSE: Final = oid("1.3.6.1.5.5.7.16.2")  # RFC 5940 §2.1: id-ri-ocsp-response
_VERSION_1: Final = integer(1)  # RFC 5652 §5.1, §5.3: no other content type, signer by issuer and serial number
_VERSION_5: Final = integer(5)  # RFC 5652 §5.1: revocation information in another format
_EXPLICIT_0: Final = 0xA0
_IMPLICIT_0, _IMPLICIT_1 = 0xA0, 0xA1


def digest_name(algorithm: SignatureAlgorithm) -> str:
    """The digest that goes with a signature algorithm, by its hashlib name."""
    return _DIGESTS[algorithm][0]


def signed_attributes(
    credential: Credential,
    document_digest: bytes,
    signing_time: datetime | None = None,
    claims: tuple[bytes, ...] = (),
) -> bytes:
    """What is signed: the digest of the byte range, and which certificate belongs to the key; DER of the SET OF.

    ``signing_time`` is for a container that stands by itself (CAdES): PAdES forbids it. ``claims`` are attributes of
    ``signing.pades.claims``.
    """
    # RFC 5035 §4: the hash of ESSCertIDv2 is SHA-256 by default and then not named
    reference = tlv(SEQUENCE, tlv(OCTET_STRING, sha256(credential.certificate).digest()))
    attributes = [
        _attribute(_CONTENT_TYPE, _DATA),
        _attribute(_MESSAGE_DIGEST, tlv(OCTET_STRING, document_digest)),
        _attribute(_SIGNING_CERTIFICATE_V2, tlv(SEQUENCE, tlv(SEQUENCE, reference))),
    ]
    if signing_time is not None:
        attributes.append(_attribute(_SIGNING_TIME, time(signing_time)))  # RFC 5652 §11.3
    attributes += claims
    return tlv(SET, *sorted(attributes))  # X.690 §11.6: a SET OF in DER is ordered


def detached_signature(credential: Credential, digest: bytes, keys: KeyStore, *, at: datetime) -> bytes:
    """A signature that stands by itself, over a digest: CMS SignedData in DER, level CAdES-B-B.

    ETSI EN 319 122-1 §6.3: content-type, message-digest, signing-certificate-v2 and signing-time are signed.

    Raises:
        DocumentNotSignable: the digest is not of the length that goes with the key.
        KeyStoreError, AuthorisationError: the key was not used.
    """
    if len(digest) != new(digest_name(credential.algorithm)).digest_size:
        raise DocumentNotSignable("the digest is of another kind than the key signs")
    attributes = signed_attributes(credential, digest, at)
    value = keys.sign(credential.key_id, attributes, credential.algorithm)
    return signed_container(credential, attributes, value)


def signed_container(
    credential: Credential,
    attributes: bytes,
    value: bytes,
    token: bytes | None = None,
    *,
    evidence: Evidence | None = None,
    salt_octets: int | None = None,
) -> bytes:
    """A detached SignedData around the signed attributes and the value that the key made over them; DER.

    RFC 5652 §5.4: the DER encoding of the SET OF is what was signed, not the implicitly tagged one in the container.

    Args:
        credential: whose signature it is.
        attributes: DER of the SET OF.
        value: ECDSA as Ecdsa-Sig-Value, RSASSA-PSS bare.
        token: a time-stamp token over the value (DER), for the unsigned attributes (RFC 3161 appendix A).
        evidence: what proves the status of every certificate, for a container that stands by itself (CAdES-B-LT,
            ETSI EN 319 122-1 §6.3); a PDF has its own place for it.
        salt_octets: of a foreign signer's RSASSA-PSS value (RFC 4055 §3.1: the identifier says it).

    Raises:
        DocumentNotSignable: the credential's certificate is none.
    """
    digest = _DIGESTS[credential.algorithm][1]
    unsigned = b"" if token is None else tlv(_IMPLICIT_1, _attribute(_TIMESTAMP_TOKEN, token))
    signer = tlv(
        SEQUENCE,
        _VERSION_1,
        _signer_name(credential.certificate),
        digest,
        bytes((_IMPLICIT_0,)) + attributes[1:],
        algorithm_identifier(credential.algorithm, salt_octets),
        tlv(OCTET_STRING, value),
        unsigned,
    )
    proof = evidence or Evidence()
    # without the root: whoever checks has it or does not trust it, and nothing protects a copy in here
    roots = set(credential.chain[-1:])
    certificates = sorted({credential.certificate, *credential.chain, *proof.certificates} - roots)
    content = tlv(
        SEQUENCE,
        _VERSION_5 if proof.ocsps else _VERSION_1,
        tlv(SET, digest),
        tlv(SEQUENCE, _DATA),
        tlv(_IMPLICIT_0, *certificates),
        _revocation_values(proof),
        tlv(SET, signer),
    )
    return tlv(SEQUENCE, _SIGNED_DATA, tlv(_EXPLICIT_0, content))


def _revocation_values(proof: Evidence) -> bytes:
    """RFC 5652 §10.2.1: lists as they are; RFC 5940 §2.1: answers as another format with its name."""
    others = [tlv(_IMPLICIT_1, _OCSP_RESPONSE, one) for one in proof.ocsps]
    return b"" if proof.is_empty() else tlv(_IMPLICIT_1, *sorted({*proof.crls, *others}))


def _attribute(kind: bytes, value: bytes) -> bytes:
    return tlv(SEQUENCE, kind, tlv(SET, value))


def _signer_name(certificate: bytes) -> bytes:
    """IssuerAndSerialNumber: the issuer's name as its octets stand in the certificate."""
    try:
        parts = read_parts(certificate)
    except (DerError, IndexError) as err:
        raise DocumentNotSignable("the signer's certificate cannot be read") from err
    return tlv(SEQUENCE, parts.issuer, tlv(INTEGER, parts.serial))
