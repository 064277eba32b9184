"""An authority that renews its key keeps its name: a container with both certificates is whole, a damaged one not."""

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signing.validation.certificate_parts import issuer_key, read_parts
from signing.validation.coherence import incoherence
from signing.validation.container import read_container

DAMAGED = "a certificate of the container is damaged"


def certificate(pki: Any, name: x509.Name, issuer: Any, key: Any, *extensions: x509.ExtensionType) -> bytes:
    """With these extensions only."""
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(issuer.name).public_key(key.public_key())
        .serial_number(pki.serial()).not_valid_before(pki.at).not_valid_after(pki.at + timedelta(days=9))
    )  # fmt: skip
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def container(sign: Any, sample_pdf: Any) -> Any:
    with pikepdf.open(io.BytesIO(sign(sample_pdf.small(), level="B-B").pdf)) as document:
        return read_container(bytes(document.Root.AcroForm.Fields[0].V.Contents))


@pytest.fixture(scope="module")
def other(small_pki: Any, pki: Any) -> Any:
    """An authority of the same name with another key."""
    return small_pki.SmallPki(at=pki.at).ca


def found(container: Any, *certificates: bytes, others: Iterable[bytes] = ()) -> str | None:
    return incoherence(replace(container, certificates=certificates), others)


def named(pki: Any, *extensions: x509.ExtensionType) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Somebody")])
    return certificate(pki, name, pki.ca, ec.generate_private_key(ec.SECP256R1()), *extensions)


def test_the_other_key_of_an_authority_beside_is_no_damage_where_the_certificate_tells_them_apart(
    pki: Any, container: Any, other: Any
) -> None:
    whose = x509.AuthorityKeyIdentifier.from_issuer_public_key(pki.ca.key.public_key())
    assert found(container, named(pki, whose), other.der) is None
    assert found(container, named(pki, whose), other.der, pki.ca.der) is None


def test_without_an_identifier_the_issuer_has_to_lie_somewhere(pki: Any, container: Any, other: Any) -> None:
    untold = named(pki)
    assert issuer_key(read_parts(untold)) == b""
    assert found(container, untold, other.der) == DAMAGED
    assert found(container, untold, other.der, others=(pki.root.der, b"junk", pki.ca.der)) is None
    assert found(container, untold, other.der, others=[pki.root.der]) == DAMAGED


def test_an_authority_without_an_identifier_of_its_own_is_not_told_apart(pki: Any, container: Any) -> None:
    whose = x509.AuthorityKeyIdentifier.from_issuer_public_key(pki.ca.key.public_key())
    namesake = certificate(pki, pki.ca.name, pki.root, ec.generate_private_key(ec.SECP256R1()))
    assert found(container, named(pki, whose), namesake) == DAMAGED


@pytest.mark.parametrize("octets", [1, 2])
def test_one_damaged_octet_names_no_other_key(pki: Any, container: Any, octets: int) -> None:
    own = read_parts(pki.ca.der).key_identifier
    spoilt = bytes(b ^ 1 for b in own[:octets]) + own[octets:]
    whole = named(pki, x509.AuthorityKeyIdentifier(own, None, None))
    forged = whole.replace(own, spoilt)
    assert forged != whole
    assert found(container, whole, pki.ca.der) is None
    assert found(container, forged, pki.ca.der) == (DAMAGED if octets == 1 else None)


def test_an_identifier_that_does_not_decode_is_none(pki: Any) -> None:
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.35"), b"\x30\x05\x80")
    assert issuer_key(read_parts(named(pki, odd))) == b""
    by_name = x509.AuthorityKeyIdentifier(None, [x509.DirectoryName(pki.ca.name)], 7)
    assert issuer_key(read_parts(named(pki, by_name))) == b""
