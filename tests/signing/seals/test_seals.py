"""Seals over JSON and XML hold before libraries that did not make them; one changed byte breaks them."""

import base64
import json
from datetime import UTC, datetime
from hashlib import sha256, sha384
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import import_key
from lxml import etree
from signxml import SignatureMethod
from signxml.exceptions import InvalidDigest
from signxml.exceptions import InvalidSignature as InvalidXmlSignature
from signxml.xades import XAdESSignatureConfiguration, XAdESVerifier

from signing.errors import AlgorithmNotSupported
from signing.keys import Credential, KeyKind, SignatureAlgorithm
from signing.seals import sealed_json, sealed_xml
from tests.fakes.small_pki import SmallPki

AT = datetime(2026, 11, 23, 2, 0, 30, 500, tzinfo=UTC)
KINDS = (KeyKind.EC_P256, KeyKind.EC_P384, KeyKind.RSA_3072)
JOSE = {KeyKind.EC_P256: "ES256", KeyKind.EC_P384: "ES384", KeyKind.RSA_3072: "PS256"}
XML = b'<r:Report xmlns:r="urn:test"><r:Name>\xe1\xba\xa4n s\xe1\xbb\x91 &lt;b&gt;</r:Name></r:Report>'
JSON = '{"verdict":"valid","signer":"Nguyễn Thị Ánh"}'.encode()
DS = "{http://www.w3.org/2000/09/xmldsig#}"


@pytest.fixture(scope="module")
def pki() -> SmallPki:
    return SmallPki()


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.value)
def kind(request: pytest.FixtureRequest) -> KeyKind:
    return request.param


@pytest.fixture(scope="module")
def credential(pki: SmallPki, kind: KeyKind) -> Credential:
    return pki.credential(kind=kind)


def certificate_of(credential: Credential) -> x509.Certificate:
    return x509.load_der_x509_certificate(credential.certificate)


def parts_of(token: bytes) -> tuple[dict[str, Any], bytes]:
    def decoded(part: bytes) -> bytes:
        return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))

    head, payload, _ = token.split(b".")
    return json.loads(decoded(head)), decoded(payload)


def registry() -> Any:
    class AnyLength(jws.JWSRegistry):
        """joserfc bounds the header at 512 bytes; a chain of certificates is longer."""

        max_header_length = 65536

    return AnyLength(algorithms=list(JOSE.values()))


def opened(token: bytes, certificate: x509.Certificate) -> Any:
    pem = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    kind = "EC" if isinstance(certificate.public_key(), ec.EllipticCurvePublicKey) else "RSA"
    return jws.deserialize_compact(token, import_key(pem, kind), registry=registry())


def test_sealed_json_opens_in_a_jose_library_with_the_key_of_its_own_certificate(
    pki: SmallPki, kind: KeyKind, credential: Credential
):
    token = sealed_json(JSON, credential, pki.keys)
    header, payload = parts_of(token)
    certificate = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
    assert opened(token, certificate).payload == payload == JSON
    assert (header["alg"], header["cty"]) == (JOSE[kind], "json")


def test_the_header_names_the_certificate_and_carries_the_chain_without_the_root(pki: SmallPki, credential: Credential):
    header, _ = parts_of(sealed_json(JSON, credential, pki.keys))
    fingerprint = base64.urlsafe_b64encode(sha256(credential.certificate).digest()).rstrip(b"=").decode()
    assert header["x5t#S256"] == fingerprint
    sent = [base64.b64decode(der) for der in header["x5c"]]
    assert sent == [credential.certificate, *credential.chain[:-1]]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_part_of_sealed_json_is_refused(pki: SmallPki, credential: Credential, part: int):
    pieces = sealed_json(JSON, credential, pki.keys).split(b".")
    middle = len(pieces[part]) // 2
    other = b"A" if pieces[part][middle : middle + 1] != b"A" else b"B"
    pieces[part] = pieces[part][:middle] + other + pieces[part][middle + 1 :]
    with pytest.raises(JoseError):
        opened(b".".join(pieces), certificate_of(credential))


def sealed(pki: SmallPki, credential: Credential) -> bytes:
    return sealed_xml(XML, credential, pki.keys, at=AT, described="A report")


def verified(document: bytes, certificate: x509.Certificate) -> Any:
    methods = frozenset(SignatureMethod)
    expected = XAdESSignatureConfiguration(signature_methods=methods, expect_references=3)
    return XAdESVerifier().verify(document, x509_cert=certificate, expect_config=expected)


def test_sealed_xml_verifies_as_xades_and_covers_the_whole_document(pki: SmallPki, credential: Credential):
    found = verified(sealed(pki, credential), certificate_of(credential))
    assert found[0].signed_xml.find("{urn:test}Name").text == "Ấn số <b>"
    assert found[0].signed_xml.find(f"{DS}Signature") is None


def test_sealed_xml_verifies_by_hand_without_the_library_that_made_it(pki: SmallPki, credential: Credential):
    root = etree.fromstring(sealed(pki, credential))
    signature = root[-1]
    info = signature.find(f"{DS}SignedInfo")
    value = base64.b64decode(signature.find(f"{DS}SignatureValue").text)
    assert_made_by(certificate_of(credential).public_key(), value, etree.tostring(info, method="c14n"))
    algorithm = sha384 if certificate_of(credential).public_key().key_size == 384 else sha256
    for reference in info.findall(f"{DS}Reference")[1:]:  # KeyInfo and SignedProperties, by their ids
        target = root.xpath(f"//*[@Id='{reference.get('URI')[1:]}']")[0]
        assert digest_of(reference) == algorithm(etree.tostring(target, method="c14n")).digest()
    whole = info.find(f"{DS}Reference")
    assert whole.get("URI") == ""
    root.remove(signature)
    assert digest_of(whole) == algorithm(etree.tostring(root, method="c14n")).digest()


def digest_of(reference: Any) -> bytes:
    return base64.b64decode(reference.find(f"{DS}DigestValue").text)


def assert_made_by(key: Any, value: bytes, data: bytes) -> None:
    if isinstance(key, ec.EllipticCurvePublicKey):
        half = len(value) // 2
        assert half == key.key_size // 8
        der = encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
        key.verify(der, data, ec.ECDSA(hashes.SHA384() if key.key_size == 384 else hashes.SHA256()))
        return
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
    key.verify(value, data, pss, hashes.SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(value, data + b" ", pss, hashes.SHA256())


def test_the_time_in_sealed_xml_is_the_callers_and_not_the_machines(pki: SmallPki, credential: Credential):
    root = etree.fromstring(sealed(pki, credential))
    moments = root.findall(".//{http://uri.etsi.org/01903/v1.3.2#}SigningTime")
    assert [moment.text for moment in moments] == ["2026-11-23T02:00:30Z"]


@pytest.mark.parametrize(("before", "after"), [(b"&lt;b&gt;", b"&lt;i&gt;"), (b"02:00:30Z", b"02:00:31Z")])
def test_changed_sealed_xml_is_refused(pki: SmallPki, credential: Credential, before: bytes, after: bytes):
    document = sealed(pki, credential)
    assert before in document
    with pytest.raises((InvalidDigest, InvalidXmlSignature)):
        verified(document.replace(before, after), certificate_of(credential))


@pytest.mark.parametrize("seal", [sealed_json, lambda *args: sealed_xml(*args, at=AT, described="A report")])
def test_a_key_that_the_format_has_no_name_for_is_not_used(seal: Any):
    credential = Credential(key_id="pq", certificate=b"", chain=(), algorithm=SignatureAlgorithm.ML_DSA_65)
    with pytest.raises(AlgorithmNotSupported):
        seal(XML, credential, None)
