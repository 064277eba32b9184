"""What nothing signs in a container must fit the rest: versions (RFC 5652), parameters, names and lengths."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, core
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from signing.validation.ber import read_element
from signing.validation.coherence import incoherence
from signing.validation.container import Container, ContainerFaultError, read_container

SIGNER, CONTAINER = "the version of the signature", "the version of the container"


def openssl(*arguments: str, folder: Path) -> None:
    subprocess.run(
        ["openssl", *arguments],
        check=True, capture_output=True, cwd=folder, timeout=60,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    folder: Path = tmp_path_factory.mktemp("openssl")
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    (folder / "content").write_bytes(b"content")
    (folder / "ts.cnf").write_text(
        "[tsa]\nserial=serial\ndefault_policy=1.2.3\ndigests=sha256\nsigner_digest=sha256\nsigner_cert=cert.pem\n"
        "signer_key=key.pem\ncerts=cert.pem\n"
    )
    openssl(
        "req", "-x509", "-key", "key.pem", "-out", "cert.pem", "-subj", "/CN=Somebody", "-days", "30",
        "-addext", "extendedKeyUsage=critical,timeStamping", folder=folder,
    )  # fmt: skip
    return folder


def signed(folder: Path, *more: str) -> Container:
    openssl(
        "cms", "-sign", "-in", "content", "-signer", "cert.pem", "-inkey", "key.pem", "-md", "sha256",
        "-outform", "DER", "-out", "signed", *more, folder=folder,
    )  # fmt: skip
    return read_container((folder / "signed").read_bytes())


def stamped(folder: Path) -> Container:
    openssl("ts", "-query", "-data", "content", "-sha256", "-cert", "-out", "query", folder=folder)
    openssl(
        "ts", "-reply", "-config", "ts.cnf", "-section", "tsa", "-queryfile", "query", "-token_out", "-out", "token",
        folder=folder,
    )  # fmt: skip
    return read_container((folder / "token").read_bytes())


def versions(container: Container) -> tuple[int, int]:
    assert container.parts is not None
    assert container.part is not None
    return container.parts.version, container.part.version


def renumbered(container: Container, *, parts: int | None = None, part: int | None = None, **more: Any) -> Container:
    assert container.parts is not None
    assert container.part is not None
    whole = replace(container.parts, version=parts if parts is not None else container.parts.version, **more)
    signer = replace(container.part, version=part if part is not None else container.part.version)
    return replace(container, parts=whole, part=signer)


@pytest.mark.parametrize(
    ("more", "expected"),
    [((), (1, 1)), (("-keyid",), (3, 3)), (("-econtent_type", "1.2.3.4"), (3, 1))],
)
def test_what_openssl_signs_hangs_together(folder: Path, more: Any, expected: Any) -> None:
    container = signed(folder, *more)
    assert versions(container) == expected
    assert incoherence(container) is None


def test_a_token_of_openssl_hangs_together(folder: Path) -> None:
    container = stamped(folder)
    assert versions(container) == (3, 1)
    assert incoherence(container) is None


@pytest.mark.parametrize("version", [0, 2, 3, 4, 5])
def test_another_version_than_that_of_the_form_is_found(folder: Path, version: int) -> None:
    container = signed(folder)
    assert str(incoherence(renumbered(container, part=version))).startswith(SIGNER)
    assert str(incoherence(renumbered(container, parts=version))).startswith(CONTAINER)


def test_a_signer_named_by_key_or_content_that_is_no_data_is_never_version_one(folder: Path) -> None:
    assert str(incoherence(renumbered(signed(folder, "-keyid"), part=1))).startswith(SIGNER)
    assert str(incoherence(renumbered(stamped(folder), parts=1))).startswith(CONTAINER)


@pytest.mark.parametrize(("form", "right"), [(0xA3, 5), (0xA2, 4), (0xA1, 3)])
def test_other_kinds_of_certificates_raise_the_version(folder: Path, form: int, right: int) -> None:
    container = renumbered(signed(folder), certificate_forms=frozenset({form}))
    assert str(incoherence(container)).startswith(CONTAINER)
    assert incoherence(renumbered(container, parts=right)) is None


def test_other_status_evidence_than_lists_may_raise_the_version(folder: Path) -> None:
    # RFC 5940 §2.1: OCSP answers inside a container; RFC 5652 §5.1 wants version 5, iText writes 1
    answer = read_element(bytes.fromhex("a10f06082b0601050507100230030a0106"))
    container = renumbered(signed(folder), lists=(answer,))
    assert incoherence(container) is None
    assert incoherence(renumbered(container, parts=5)) is None
    assert str(incoherence(renumbered(container, parts=3))).startswith(CONTAINER)


SHA256 = bytes.fromhex("300d06096086480165030402010500")


@pytest.fixture(scope="module")
def raw(small_signed: bytes) -> bytes:
    """A container of our own, with the zeros behind it."""
    first = small_signed.index(b"/Contents <") + len(b"/Contents <")
    return bytes.fromhex(small_signed[first : small_signed.index(b">", first)].decode())


@pytest.fixture(scope="module")
def with_null(raw: bytes) -> bytes:
    """The same with the other encoding of the digests' parameters (RFC 5754 §2), as many programs write it."""
    info = cms.ContentInfo.load(raw)
    for one in (info["content"]["digest_algorithms"][0], info["content"]["signer_infos"][0]["digest_algorithm"]):
        one["parameters"] = core.Null()
    made: bytes = info.dump()
    return made + bytes(64)


def test_our_own_container_hangs_together(raw: bytes, with_null: bytes) -> None:
    assert SHA256 not in raw  # RFC 5754 §2: written without parameters, read with both
    assert with_null.count(SHA256) == 2
    assert incoherence(read_container(raw)) is incoherence(read_container(with_null)) is None


@pytest.mark.parametrize("instead", ["0400", "0100", "8500"])
@pytest.mark.parametrize("last", [False, True])
def test_parameters_that_an_algorithm_does_not_take_are_found(
    with_null: bytes,
    instead: str,
    last: bool,  # noqa: FBT001 - which of the two
) -> None:
    raw = with_null
    at = (raw.rindex if last else raw.index)(SHA256) + len(SHA256) - 2
    container = read_container(raw[:at] + bytes.fromhex(instead) + raw[at + 2 :])
    assert incoherence(container) == "an algorithm has parameters that it does not take"


def test_parameters_that_are_absent_or_read_are_none_of_this(folder: Path) -> None:
    assert incoherence(signed(folder)) is None
    container = signed(folder)
    assert container.part is not None
    pss = bytes.fromhex("301206092a864886f70d01010a3005a203020120")
    assert incoherence(replace(container, part=replace(container.part, signature_algorithm=pss))) is None


def test_an_issuer_in_other_letters_is_found_and_another_kind_of_string_is_not(raw: bytes) -> None:
    name = read_container(raw).certificate.issuer.dump()
    at = raw.rindex(name) + name.index(b"VN")
    assert "spelled" in str(incoherence(read_container(raw[:at] + b"vn" + raw[at + 2 :])))
    assert raw[at - 2] == 0x13  # PrintableString, here as UTF8String
    assert incoherence(read_container(raw[: at - 2] + b"\x0c" + raw[at - 1 :])) is None


@pytest.mark.parametrize("more", [1, 2, 0x200])
def test_a_length_that_takes_the_padding_in_is_a_fault(raw: bytes, more: int) -> None:
    size = int.from_bytes(raw[2:4], "big")
    assert raw[:2] == b"\x30\x82"
    with pytest.raises(ContainerFaultError):
        read_container(raw[:2] + (size + more).to_bytes(2, "big") + raw[4:])
