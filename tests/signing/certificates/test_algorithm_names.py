"""Names of algorithms from outside: ours are understood in every correct spelling, others are refused."""

import pytest
from asn1crypto import algos, core

from signing.errors import AlgorithmNotSupported
from signing.keys import SignatureAlgorithm
from signing.keys.identifiers import PSS_PARAMETERS, SIGNATURE_OID, algorithm_named

PSS = SIGNATURE_OID[SignatureAlgorithm.RSASSA_PSS_SHA256]
SHA256, SHA384 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2"


def pss(digest: str = "sha256", mask: str = "sha256", salt: int = 32, *, with_null: bool = True) -> bytes:
    null = {"parameters": core.Null()} if with_null else {}
    made = algos.RSASSAPSSParams(
        {
            "hash_algorithm": {"algorithm": digest, **null},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": mask, **null}},
            "salt_length": salt,
        }
    )
    return bytes(made.dump())


def test_ours_are_understood() -> None:
    assert algorithm_named(SIGNATURE_OID[SignatureAlgorithm.ECDSA_SHA256]) is SignatureAlgorithm.ECDSA_SHA256
    assert algorithm_named("1.2.840.10045.4.3.3", None, SHA384) is SignatureAlgorithm.ECDSA_SHA384
    for with_null in (True, False):
        assert algorithm_named(PSS, pss(with_null=with_null), SHA256) is SignatureAlgorithm.RSASSA_PSS_SHA256
    assert pss() == PSS_PARAMETERS


@pytest.mark.parametrize(
    ("name", "parameters", "digest", "wrong"),
    [
        ("1.2.840.113549.1.1.11", None, None, "signAlgo"),
        ("1.2.840.113549.1.1.1", None, SHA256, "signAlgo"),
        ("1.2.840.10045.2.1", None, SHA256, "signAlgo"),
        ("1.2.840.10045.4.3.4", None, None, "signAlgo"),
        ("2.16.840.1.101.3.4.3.18", None, None, "signAlgo"),
        ("", None, None, "signAlgo"),
        (PSS, None, None, "signAlgoParams"),
        (PSS, b"", None, "signAlgoParams"),
        (PSS, pss(digest="sha1"), None, "signAlgoParams"),
        (PSS, pss(mask="sha1"), None, "signAlgoParams"),
        (PSS, pss(salt=20), None, "signAlgoParams"),
        (PSS, pss(salt=350), None, "signAlgoParams"),
        (PSS, pss() + b"\x00", None, "signAlgoParams"),
        ("1.2.840.10045.4.3.2", b"\x05\x00", None, "signAlgoParams"),
        ("1.2.840.10045.4.3.2", None, SHA384, "hashAlgo"),
        (PSS, pss(), SHA384, "hashAlgo"),
    ],
)
def test_what_is_not_exactly_ours_is_refused_by_its_parameter(
    name: str, parameters: bytes | None, digest: str | None, wrong: str
) -> None:
    with pytest.raises(AlgorithmNotSupported, match=f"^{wrong}$"):
        algorithm_named(name, parameters, digest)
