"""The signature container: CMS SignedData as PAdES baseline wants it, signed through a key store.

ETSI EN 319 142-1 §6.3, ETSI EN 319 122-1: content-type, message-digest and signing-certificate-v2 are signed; no
signing-time (PAdES keeps the claimed time in /M). Knows digests, certificates and keys' names; no PDF.
"""

from datetime import UTC, datetime
from hashlib import new, sha256
from typing import Any

from asn1crypto import algos, cms, tsp
from asn1crypto import x509 as asn1_x509

from signing.errors import DocumentNotSignable
from signing.keys import Credential, KeyStore, SignatureAlgorithm

_MECHANISMS: dict[SignatureAlgorithm, tuple[str, str]] = {
    SignatureAlgorithm.ECDSA_SHA256: ("sha256", "sha256_ecdsa"),
    SignatureAlgorithm.ECDSA_SHA384: ("sha384", "sha384_ecdsa"),
    SignatureAlgorithm.RSASSA_PSS_SHA256: ("sha256", "rsassa_pss"),
}
_SALT_BYTES = 32  # RFC 8017 §9.1: as long as the digest


def digest_name(algorithm: SignatureAlgorithm) -> str:
    """The digest that goes with a signature algorithm, by its hashlib name."""
    return _MECHANISMS[algorithm][0]


def signed_attributes(
    credential: Credential, document_digest: bytes, signing_time: datetime | None = None
) -> cms.CMSAttributes:
    """What is signed: the digest of the byte range, and which certificate belongs to the key.

    ``signing_time`` is for a container that stands by itself (CAdES): PAdES forbids it.
    """
    certificate = tsp.SigningCertificateV2(
        # RFC 5035 §4: the hash is SHA-256 by default and then left out
        {"certs": [tsp.ESSCertIDv2({"cert_hash": sha256(credential.certificate).digest()})]}
    )
    attributes = [
        cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
        cms.CMSAttribute({"type": "message_digest", "values": [document_digest]}),
        cms.CMSAttribute({"type": "signing_certificate_v2", "values": [certificate]}),
    ]
    if signing_time is not None:
        # RFC 5652 §11.3: UTCTime through 2049, in whole seconds
        moment = signing_time.astimezone(UTC).replace(microsecond=0)
        last_utc_time_year = 2049
        form = "utc_time" if moment.year <= last_utc_time_year else "general_time"
        attributes.append(cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({form: moment})]}))
    return cms.CMSAttributes(attributes)


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
    value = keys.sign(credential.key_id, attributes.dump(), credential.algorithm)
    return bytes(signed_container(credential, attributes, value).dump())


def signed_container(credential: Credential, attributes: cms.CMSAttributes, value: bytes) -> cms.ContentInfo:
    """A detached SignedData around the signed attributes and the value that the key made over them.

    RFC 5652 §5.4: the DER encoding of the SET OF is what was signed, not the implicitly tagged one in the container.
    """
    certificate = asn1_x509.Certificate.load(credential.certificate)
    digest = algos.DigestAlgorithm({"algorithm": digest_name(credential.algorithm)})
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
                    )
                }
            ),
            "digest_algorithm": digest,
            "signature_algorithm": _signature_algorithm(credential.algorithm),
            "signed_attrs": attributes,
            "signature": value,
        }
    )
    # without the root: whoever checks has it or does not trust it, and nothing protects a copy in here
    chain = [asn1_x509.Certificate.load(der) for der in (credential.certificate, *credential.chain[:-1])]
    return cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1",
                    "digest_algorithms": [digest],
                    "encap_content_info": {"content_type": "data"},
                    "certificates": [cms.CertificateChoices("certificate", c) for c in chain],
                    "signer_infos": [signer],
                }
            ),
        }
    )


def signature_value(container: cms.ContentInfo) -> bytes:
    """The bare signature, which a signature time-stamp covers."""
    return bytes(container["content"]["signer_infos"][0]["signature"].native)


def add_signature_timestamp(container: cms.ContentInfo, token: cms.ContentInfo) -> None:
    """Puts a time-stamp token over the signature value into the unsigned attributes."""
    attribute = cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})
    container["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([attribute])


def _signature_algorithm(algorithm: SignatureAlgorithm) -> algos.SignedDigestAlgorithm:
    digest, mechanism = _MECHANISMS[algorithm]
    values: dict[str, Any] = {"algorithm": mechanism}
    if mechanism == "rsassa_pss":
        values["parameters"] = algos.RSASSAPSSParams(
            {
                "hash_algorithm": {"algorithm": digest},
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": digest}},
                "salt_length": _SALT_BYTES,
            }
        )
    return algos.SignedDigestAlgorithm(values)
