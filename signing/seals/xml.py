"""An XML document under a seal: an enveloped XAdES baseline B signature (ETSI EN 319 132-1) as its last element.

Knows a document that we made ourselves, a key by name and its certificates. Must not know what the document says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.xades.xades import XAdESDataObjectFormat, XAdESSigner

from signing.errors import AlgorithmNotSupported
from signing.keys import Credential, KeyStore, SignatureAlgorithm

_XADES: Final = "{http://uri.etsi.org/01903/v1.3.2#}"
_METHODS: Final = {
    SignatureAlgorithm.ECDSA_SHA256: (SignatureMethod.ECDSA_SHA256, DigestAlgorithm.SHA256),
    SignatureAlgorithm.ECDSA_SHA384: (SignatureMethod.ECDSA_SHA384, DigestAlgorithm.SHA384),
    SignatureAlgorithm.RSASSA_PSS_SHA256: (SignatureMethod.SHA256_RSA_MGF1, DigestAlgorithm.SHA256),
}


def sealed_xml(document: bytes, credential: Credential, keys: KeyStore, *, at: datetime, described: str) -> bytes:
    """The document with a signature over all of it as the last child of its root; the key is used once.

    Args:
        document: XML that we made; never from outside.
        credential: who seals; the caller has checked that the certificate may be used.
        keys: signs.
        at: when it is sealed.
        described: what the document is, for the signed properties.

    Raises:
        AlgorithmNotSupported: XML signatures have no name for what the key signs with.
        KeyStoreError: the key is not there, or is of another kind.
    """
    found = _METHODS.get(credential.algorithm)
    if found is None:
        raise AlgorithmNotSupported(f"XML signatures have no name for {credential.algorithm.value}")
    method, digest = found
    certificates = [x509.load_der_x509_certificate(der) for der in (credential.certificate, *credential.chain[:-1])]
    signer = _Signer(
        at, signature_algorithm=method, digest_algorithm=digest,
        data_object_format=XAdESDataObjectFormat(Description=described, MimeType="text/xml"),
    )  # fmt: skip
    root = signer.sign(
        etree.fromstring(document), key=_key(credential, keys, certificates[0]), cert=certificates,
        always_add_key_value=False,
    )  # fmt: skip
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


class _Signer(XAdESSigner):
    """signxml's, with the moment that the caller gives instead of the machine's clock."""

    def __init__(self, at: datetime, **settings: Any) -> None:  # noqa: ANN401 - passed through
        super().__init__(**settings)
        self._at = at

    def add_signing_time(self, signed_signature_properties: Any, sig_root: Any, signing_settings: Any) -> None:  # noqa: ANN401 - signxml's
        """EN 319 132-1 §5.2.1, in whole seconds of UTC."""
        del sig_root, signing_settings
        moment = etree.SubElement(signed_signature_properties, f"{_XADES}SigningTime", nsmap=self.namespaces)
        moment.text = self._at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """What signxml asks of a private key; the key itself stays in its store."""

    use: Callable[[bytes], bytes]
    key_size: int
    """Bits of the curve: an XML signature has R and S side by side, each that long (RFC 9231 §2.3.6)."""

    def sign(self, data: bytes, **_: object) -> bytes:
        """Scheme and digest are those of the credential, which also chose the method in the document."""
        return self.use(data)


def _key(credential: Credential, keys: KeyStore, certificate: x509.Certificate) -> Any:  # noqa: ANN401 - in a key's place
    public = certificate.public_key()
    bits = public.key_size if isinstance(public, ec.EllipticCurvePublicKey) else 0
    return _Key(use=lambda data: keys.sign(credential.key_id, data, credential.algorithm), key_size=bits)
