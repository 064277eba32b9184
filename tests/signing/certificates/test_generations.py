"""The algorithm of an authority is data of its generation: RSA with PSS and ML-DSA issue what P-256 issues."""

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from signing.ca import choose_generation, parse_recipe
from signing.errors import CeremonyRefused, IssuanceRefused
from signing.identity import ProfileName
from signing.keys import KeyKind
from signing.lint import LintInput, lint_certificate
from signing.profiles import PROFILES, AuthorityName, Site
from tests.signing.certificates.hierarchy import AGENCY, CITIZEN, OFFICIAL, Hierarchy, new_hierarchy, recipe_text

GENERATIONS = {"compatible": KeyKind.RSA_3072, "post_quantum": KeyKind.ML_DSA_65}


@pytest.fixture(scope="module", params=list(GENERATIONS))
def generation(request: pytest.FixtureRequest) -> tuple[str, Hierarchy]:
    return request.param, new_hierarchy(generation=request.param)


def issued(made: Hierarchy) -> dict[str, bytes]:
    records = {"np-official": made.issued(ProfileName.PERSONAL, OFFICIAL)}
    records["np-citizen"] = made.issued(ProfileName.CITIZEN, CITIZEN, kind=KeyKind.RSA_3072)
    records["lp-seal"] = made.issued(ProfileName.ORG_SEAL, AGENCY)
    records["seclp-seal"] = made.secondary(records["lp-seal"])
    services = ("ca:root", "ca:personal", "ca:secondary", "ocsp:personal", "ocsp:secondary", "tsa", "seal")
    for service in services:
        records[service] = made.registry.by_service(service)[0]
    return {name: record.der or b"" for name, record in records.items()}


def test_a_generation_signs_with_its_own_algorithm(generation: tuple[str, Hierarchy]) -> None:
    name, made = generation
    for label, der in issued(made).items():
        certificate = x509.load_der_x509_certificate(der)
        authority = made.registry.by_serial  # every one is found by what it says of itself
        assert authority(_issuer_of(label), certificate.serial_number) is not None
        if name == "compatible":
            assert certificate.signature_algorithm_oid.dotted_string == "1.2.840.113549.1.1.10"
            used = certificate.signature_algorithm_parameters
            assert isinstance(used, padding.PSS)
            assert (used.mgf._algorithm.name, used._salt_length) == ("sha256", 32)
        else:
            assert certificate.signature_algorithm_oid.dotted_string == "2.16.840.1.101.3.4.3.18"  # RFC 9881


def _issuer_of(label: str) -> str:
    if label in {"ca:root", "ca:personal", "ca:secondary", "tsa"}:
        return "root"
    return "secondary" if label in {"seclp-seal", "ocsp:secondary"} else "personal"


def test_every_certificate_verifies_under_its_issuer(generation: tuple[str, Hierarchy]) -> None:
    _, made = generation
    certificates = issued(made)
    for label, der in certificates.items():
        issuer = x509.load_der_x509_certificate(certificates[f"ca:{_issuer_of(label)}"])
        x509.load_der_x509_certificate(der).verify_directly_issued_by(issuer)


def test_openssl_verifies_the_pss_generation(tmp_path: Path) -> None:
    made = new_hierarchy(generation="compatible")
    certificates = issued(made)
    for label, der in certificates.items():
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (tmp_path / f"{label.replace(':', '-')}.pem").write_bytes(pem)
    chain = b"".join((tmp_path / f"ca-{name}.pem").read_bytes() for name in ("personal", "secondary"))
    (tmp_path / "chain.pem").write_bytes(chain)
    for label in ("np-official", "np-citizen", "lp-seal", "seclp-seal"):
        command = ["openssl", "verify", "-x509_strict", "-CAfile", "ca-root.pem", "-untrusted", "chain.pem"]
        # the moment of the tests lies where the machine's clock may not be
        command += ["-attime", str(int(made.registry.by_service("tsa")[0].not_before.timestamp()) + 60), f"{label}.pem"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("label", ["np-official", "seclp-seal", "ca:root", "ca:personal", "ocsp:personal", "tsa"])
def test_outside_linters_find_nothing_from_warning_up(
    generation: tuple[str, Hierarchy], tmp_path: Path, label: str
) -> None:
    _, made = generation
    path = tmp_path / "one.pem"
    path.write_bytes(x509.load_der_x509_certificate(issued(made)[label]).public_bytes(Encoding.PEM))
    types = {"np-official": "NCP-NATURAL-PERSON-CERTIFICATE", "seclp-seal": "NCP-LEGAL-PERSON-CERTIFICATE"}
    linter = "lint_etsi_cert" if label in types else "lint_pkix_cert"
    kind = ["-t", types[label]] if label in types else []
    command = [str(Path(sys.executable).parent / linter), "lint", *kind, "-s", "WARNING", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stdout


def test_an_experimental_key_is_taken_in_development_only(generation: tuple[str, Hierarchy]) -> None:
    name, made = generation
    record = made.registry.by_service("ca:personal")[0]
    root = made.registry.by_service("ca:root")[0].der
    site = Site(base_url="http://pki.example.vn", development=False)
    found = lint_certificate(
        LintInput(certificate=record.der or b"", profile=PROFILES[record.profile], site=site, issuer=root)
    )
    codes = {finding.code for finding in found}
    experimental = {
        "tt15-2025.annex1.key_kind_not_allowed",
        "anso.generation.experimental_outside_development",
    }
    assert experimental <= codes if name == "post_quantum" else not experimental & codes


def test_an_experimental_generation_says_so_and_is_never_taken_by_default() -> None:
    text = recipe_text()
    standard = parse_recipe(choose_generation(text))
    assert {member.kind for member in standard.members} == {KeyKind.EC_P256, KeyKind.EC_P384}
    quiet = choose_generation(text, "post_quantum") | {"experimental": False}
    with pytest.raises(CeremonyRefused) as caught:
        parse_recipe(quiet)
    assert caught.value.code == "CA_CEREMONY_REFUSED"


def test_a_production_hierarchy_takes_no_experimental_generation() -> None:
    text = choose_generation(recipe_text(), "post_quantum") | {"development": False}
    with pytest.raises(CeremonyRefused):
        parse_recipe(text)


@pytest.mark.parametrize("change", [{}, {"root": "rsa_3072"}, None])
def test_a_generation_names_a_key_for_every_authority(change: dict[str, str] | None) -> None:
    text = recipe_text() | {"generations": {"half": change}}
    with pytest.raises(CeremonyRefused):
        choose_generation(text, "half")
    with pytest.raises(CeremonyRefused):
        choose_generation(text, "unknown")


def test_a_holders_key_is_never_experimental() -> None:
    made = new_hierarchy()
    with pytest.raises(IssuanceRefused) as caught:
        made.prepared(ProfileName.PERSONAL, OFFICIAL, kind=KeyKind.ML_DSA_65)
    assert "tt15-2025.annex1.key_kind_not_allowed" in caught.value.findings


def test_the_public_key_of_an_authority_is_of_the_generations_kind(generation: tuple[str, Hierarchy]) -> None:
    name, made = generation
    wanted = {"compatible": rsa.RSAPublicKey, "post_quantum": mldsa.MLDSA65PublicKey}[name]
    for authority in AuthorityName:
        der = made.registry.by_service(f"ca:{authority.value}")[0].der
        assert isinstance(x509.load_der_x509_certificate(der or b"").public_key(), wanted)
