"""Our own findings: every certificate we issue has none, and each thing outside linters are blind to has one.

The faulty certificates are built with `cryptography` alone, from a good one: one fault each.
"""

import unicodedata
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from signing.identity import DEFAULT_ARC, ProfileName, Scope, encode_scope, encode_secondary
from signing.lint import Finding, LintInput, Primary, lint_certificate
from signing.profiles import PROFILES, YEAR, AuthorityName, Site
from tests.signing.certificates.hierarchy import Samples

KEY = ec.generate_private_key(ec.SECP256R1())
LARGER_KEY = ec.generate_private_key(ec.SECP384R1())
SITE = Site(base_url="http://pki.example.vn", development=True)


Lint = Callable[..., set[str]]
Extensions = Callable[[list[x509.Extension[Any]]], list[x509.Extension[Any]]]
Names = Callable[[list[x509.NameAttribute]], list[x509.NameAttribute]]


def codes(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in findings}


def rebuilt(
    der: bytes,
    *,
    subject: Callable[[list[x509.NameAttribute]], list[x509.NameAttribute]] = lambda name: name,
    extensions: Callable[[list[x509.Extension[Any]]], list[x509.Extension[Any]]] = lambda found: found,
    digest: hashes.HashAlgorithm | None = None,
    **fields: object,
) -> bytes:
    """The same certificate with something changed, under a key of nobody."""
    good = x509.load_der_x509_certificate(der)
    values = {
        "issuer_name": good.issuer,
        "subject_name": x509.Name(subject(list(good.subject))),
        "public_key": good.public_key(),
        "serial_number": good.serial_number,
        "not_valid_before": good.not_valid_before_utc,
        "not_valid_after": good.not_valid_after_utc,
    }
    builder = x509.CertificateBuilder(**(values | fields))
    for extension in extensions(list(good.extensions)):
        builder = builder.add_extension(extension.value, critical=extension.critical)
    is_p384 = isinstance(good.signature_hash_algorithm, hashes.SHA384)  # the algorithm is the issuer's, kept
    key = LARGER_KEY if is_p384 else KEY
    return builder.sign(key, digest or good.signature_hash_algorithm).public_bytes(Encoding.DER)


@pytest.fixture
def lint(samples: Samples) -> Lint:
    def run(kind: str, der: bytes | None = None, **changes: object) -> set[str]:
        record = samples.records[kind]
        issuer = None
        if kind != "ca:root":
            issuer = samples.records[f"ca:{record.issuer}"].der
        primary = None
        if record.profile.value.endswith("_secondary"):
            own = samples.records[kind.removesuffix("_secondary")]
            primary = Primary(sha256=own.sha256, scope=own.scope, not_after=own.not_after)
        values = {"profile": PROFILES[record.profile], "site": SITE, "issuer": issuer, "primary": primary}
        return codes(lint_certificate(LintInput(certificate=der or record.der, **(values | changes))))

    return run


@pytest.fixture
def personal(samples: Samples) -> bytes:
    return samples.records["personal"].der


def test_every_certificate_that_we_issue_is_without_findings(samples: Samples, lint: Lint) -> None:
    assert {kind: lint(kind) for kind in samples.records} == {kind: set() for kind in samples.records}


def without(oid: str) -> Extensions:
    return lambda found: [one for one in found if one.oid.dotted_string != oid]


def with_value(value: x509.ExtensionType, *, critical: bool) -> Extensions:
    def change(found: list[x509.Extension[Any]]) -> list[x509.Extension[Any]]:
        rest = [one for one in found if one.oid != value.oid]
        return [*rest, x509.Extension(value.oid, critical, value)]

    return change


def set_name(oid: x509.ObjectIdentifier, value: str | None) -> Names:
    def change(name: list[x509.NameAttribute]) -> list[x509.NameAttribute]:
        changed = []
        for one in name:
            if one.oid != oid:
                changed.append(one)
            elif value is not None:
                changed.append(x509.NameAttribute(oid, value, _validate=False))
        return changed

    return change


def test_a_leaf_for_thirty_years_is_found(personal: bytes, lint: Lint) -> None:
    good = x509.load_der_x509_certificate(personal)
    der = rebuilt(personal, not_valid_after=good.not_valid_before_utc + 30 * YEAR)
    assert lint("personal", der) == {"anso.I9.period_too_long", "rfc5280.6.1.period_outside_issuer"}


def test_a_period_outside_the_issuers_is_found(personal: bytes, lint: Lint) -> None:
    good = x509.load_der_x509_certificate(personal)
    der = rebuilt(personal, not_valid_before=good.not_valid_before_utc - timedelta(days=1))
    assert lint("personal", der) == {"rfc5280.6.1.period_outside_issuer"}


@pytest.mark.filterwarnings("ignore:Attribute's length must be")  # cryptography counts octets, and only warns
@pytest.mark.parametrize(
    ("oid", "value", "code"),
    [
        (NameOID.COMMON_NAME, "Á" * 33, "anso.names.common_name_too_many_octets"),
        (NameOID.COMMON_NAME, "Á" * 70, "rfc5280.appendix-a.common_name_too_long"),
        (NameOID.COMMON_NAME, unicodedata.normalize("NFD", "Ánh"), "anso.names.common_name_not_nfc"),
        (NameOID.COMMON_NAME, "Ánh\u202e", "en319412-2.4.2.4.common_name_malformed"),
        (NameOID.COMMON_NAME, None, "en319412-2.4.2.4.common_name_missing"),
        (NameOID.SERIAL_NUMBER, None, "en319412-1.5.1.3.serial_number_missing"),
        (NameOID.SERIAL_NUMBER, "022185000001", "en319412-1.5.1.3.serial_number_malformed"),
        (NameOID.SERIAL_NUMBER, "PNOVN-000185000001", "en319412-1.5.1.3.serial_number_malformed"),
        (NameOID.TITLE, None, "anso.I1.title_missing"),
        (NameOID.ORGANIZATION_IDENTIFIER, "H49.61.07", "en319412-3.4.2.1.organisation_identifier_malformed"),
        (NameOID.ORGANIZATION_NAME, None, "en319412-3.4.2.1.organisation_missing"),
        (NameOID.COUNTRY_NAME, "US", "en319412-2.4.2.4.country_malformed"),
    ],
)
def test_a_name_that_is_not_as_it_should_be_is_found(
    personal: bytes, lint: Lint, oid: x509.ObjectIdentifier, value: str | None, code: str
) -> None:
    assert code in lint("personal", rebuilt(personal, subject=set_name(oid, value)))


def test_two_common_names_are_found(personal: bytes, lint: Lint) -> None:
    der = rebuilt(personal, subject=lambda name: [*name, x509.NameAttribute(NameOID.COMMON_NAME, "Khác")])
    assert lint("personal", der) == {"en319412-2.4.2.4.common_name_repeated"}


def test_an_attribute_that_the_profile_does_not_name_is_found(personal: bytes, lint: Lint) -> None:
    der = rebuilt(personal, subject=lambda name: [*name, x509.NameAttribute(NameOID.LOCALITY_NAME, "Hạ Long")])
    assert lint("personal", der) == {"anso.profile.attribute_not_allowed:2.5.4.7"}


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 1024),  # noqa: S505 - too weak on purpose
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP521R1()),
        ec.generate_private_key(ec.SECP256K1()),
    ],
    ids=["rsa1024", "rsa2048", "p521", "secp256k1"],
)
def test_a_key_of_a_kind_that_we_do_not_issue_for_is_found(personal: bytes, lint: Lint, key: Any) -> None:
    der = rebuilt(
        personal,
        public_key=key.public_key(),
        extensions=with_value(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False),
    )
    assert lint("personal", der) == {"tt15-2025.annex1.key_kind_not_allowed"}


def test_a_signature_with_another_hash_is_found(personal: bytes, lint: Lint) -> None:
    assert lint("personal", rebuilt(personal, digest=hashes.SHA512())) == {
        "tt15-2025.annex1.signature_algorithm_forbidden"
    }


@pytest.mark.parametrize("serial", [1, 2**62])
def test_a_serial_that_can_be_guessed_is_found(personal: bytes, lint: Lint, serial: int) -> None:
    assert lint("personal", rebuilt(personal, serial_number=serial)) == {"rfc5280.4.1.2.2.serial_too_short"}


@pytest.mark.parametrize(
    ("oid", "code"),
    [
        ("2.5.29.14", "rfc5280.4.2.1.2.subject_key_identifier_missing"),
        ("2.5.29.15", "rfc5280.4.2.1.3.key_usage_missing"),
        ("2.5.29.31", "en319412-2.4.3.11.crl_distribution_points_missing"),
        ("2.5.29.32", "en319412-2.4.3.3.certificate_policies_missing"),
        ("2.5.29.35", "rfc5280.4.2.1.1.authority_key_identifier_missing"),
        ("1.3.6.1.5.5.7.1.1", "en319412-2.4.4.1.authority_information_access_missing"),
        ("1.3.6.1.5.5.7.1.3", "en319412-5.4.1.qc_statements_missing"),
    ],
)
def test_a_missing_extension_is_found(personal: bytes, lint: Lint, oid: str, code: str) -> None:
    assert lint("personal", rebuilt(personal, extensions=without(oid))) == {code}


def usage(**bits: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: bits.get(name, False) for name in names})


@pytest.mark.parametrize(
    ("value", "critical", "code"),
    [
        (
            usage(content_commitment=True, digital_signature=True),
            True,
            "rfc5280.4.2.1.3.key_usage_wrong",
        ),
        (usage(content_commitment=True), False, "rfc5280.4.2.1.3.key_usage_criticality"),
        (
            x509.CertificatePolicies(
                [x509.PolicyInformation(x509.ObjectIdentifier(DEFAULT_ARC.development_policy), None)]
            ),
            False,
            "en319412-2.4.3.3.policies_wrong",
        ),
        (x509.SubjectKeyIdentifier(b"0" * 20), False, "rfc5280.4.2.1.2.subject_key_identifier_wrong"),
        (x509.AuthorityKeyIdentifier(b"0" * 20, None, None), False, "rfc5280.4.2.1.1.authority_key_identifier_wrong"),
        (
            x509.CRLDistributionPoints(
                [
                    x509.DistributionPoint(
                        [x509.UniformResourceIdentifier("http://evil.example/x.crl")], None, None, None
                    )
                ]
            ),
            False,
            "rfc5280.4.2.1.13.pointer_leads_elsewhere",
        ),
        (x509.BasicConstraints(ca=True, path_length=None), True, "rfc5280.4.2.1.9.basic_constraints_wrong"),
        (
            x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]),
            False,
            "rfc5280.4.2.1.12.extended_key_usage_wrong",
        ),
        (
            x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
            False,
            "anso.profile.extension_not_allowed:1.2.3.4",
        ),
    ],
)
def test_an_extension_with_another_value_is_found(
    personal: bytes,
    lint: Lint,
    value: Any,
    critical: bool,  # noqa: FBT001 - a column of the table
    code: str,
) -> None:
    assert code in lint("personal", rebuilt(personal, extensions=with_value(value, critical=critical)))


def test_a_time_stamp_certificate_with_a_second_purpose_is_found(samples: Samples, lint: Lint) -> None:
    der = samples.records["tsa"].der
    both = x509.ExtendedKeyUsage(
        [x509.oid.ExtendedKeyUsageOID.TIME_STAMPING, x509.oid.ExtendedKeyUsageOID.CODE_SIGNING]
    )
    assert lint("tsa", rebuilt(der, extensions=with_value(both, critical=True))) == {
        "rfc5280.4.2.1.12.extended_key_usage_wrong"
    }


def test_a_pointer_that_needs_tls_is_found(samples: Samples, lint: Lint) -> None:
    site = Site(base_url="https://pki.example.vn", development=True)
    assert lint("personal", site=site) == {
        "rfc5280.8.pointer_not_http",
        "rfc5280.4.2.1.13.pointer_leads_elsewhere",
    }


def own_extension(oid: str, value: bytes, *, critical: bool = False) -> Extensions:
    return with_value(x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value), critical=critical)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            own_extension(DEFAULT_ARC.secondary_extension, encode_secondary(2, "00" * 32)),
            "anso.I2.primary_is_another",
        ),
        (own_extension(DEFAULT_ARC.secondary_extension, b"\x05\x00"), "anso.I2.extension_malformed"),
        (own_extension(DEFAULT_ARC.scope_extension, b"\x05\x00"), "anso.I2.extension_malformed"),
        (without(DEFAULT_ARC.secondary_extension), "anso.I2.primary_is_another"),
    ],
)
def test_a_secondary_without_its_primary_is_found(samples: Samples, lint: Lint, change: Extensions, code: str) -> None:
    assert code in lint("org_seal_secondary", rebuilt(samples.records["org_seal_secondary"].der, extensions=change))


def test_a_secondary_link_must_not_be_critical(samples: Samples, lint: Lint) -> None:
    record = samples.records["org_seal_secondary"]
    link = encode_secondary(2, samples.records["org_seal"].sha256)
    der = rebuilt(record.der, extensions=own_extension(DEFAULT_ARC.secondary_extension, link, critical=True))
    assert lint("org_seal_secondary", der) == {"anso.I2.secondary_criticality"}


def test_a_secondary_that_outlives_or_exceeds_its_primary_is_found(samples: Samples, lint: Lint) -> None:
    seal = samples.records["org_seal"]
    narrow = Primary(
        sha256=seal.sha256,
        scope=Scope.parse(places=["H49.61.91"]),
        not_after=samples.records["org_seal_secondary"].not_after - timedelta(seconds=1),
    )
    assert lint("org_seal_secondary", primary=narrow) == {
        "anso.I2.outlives_primary",
        "anso.I2.scope_wider_than_primary",
    }
    assert lint("org_seal_secondary", primary=None) == {"anso.I2.primary_is_another"}


def test_a_scope_may_stand_in_a_primary_too(samples: Samples, lint: Lint, personal: bytes) -> None:
    scope = encode_scope(Scope.parse(procedures=["9.000001"]))
    der = rebuilt(personal, extensions=own_extension(DEFAULT_ARC.scope_extension, scope))
    assert lint("personal", der) == set()


def test_another_issuer_than_the_one_compared_with_is_found(samples: Samples, lint: Lint) -> None:
    found = lint("personal", issuer=samples.records["ca:secondary"].der)
    assert found == {"rfc5280.4.1.2.4.issuer_is_another", "rfc5280.4.2.1.1.authority_key_identifier_wrong"}


@pytest.mark.parametrize("der", [b"x", b"\x30\x03\x02\x01\x00"])
def test_what_cannot_be_read_is_a_finding_and_no_crash(lint: Lint, der: bytes) -> None:
    assert lint("personal", der) == {"rfc5280.4.1.certificate_unreadable"}


def test_every_rule_names_its_clause() -> None:
    for profile in PROFILES.values():
        assert profile.validity_clause
        assert all(rule.clause for rule in (*profile.attributes, *profile.extensions))


def test_no_profile_lets_a_leaf_live_longer_than_the_law() -> None:
    assert PROFILES[ProfileName.CITIZEN].max_validity <= 3 * YEAR
    assert PROFILES[ProfileName.TSA].max_validity <= 5 * YEAR
    assert PROFILES[ProfileName.ISSUING_CA].max_validity <= 10 * YEAR
    assert PROFILES[ProfileName.ROOT].max_validity <= 25 * YEAR


def test_outside_development_the_normalised_policy_is_claimed_and_never_inside() -> None:
    profile = PROFILES[ProfileName.PERSONAL]
    assert "0.4.0.2042.1.1" in profile.policies(DEFAULT_ARC, development=False)
    assert "0.4.0.2042.1.1" not in profile.policies(DEFAULT_ARC, development=True)
    assert DEFAULT_ARC.development_policy in profile.policies(DEFAULT_ARC, development=True)


def test_primaries_and_secondaries_come_from_different_authorities() -> None:
    for profile in PROFILES.values():
        if profile.certificate_class is not None:
            wanted = AuthorityName.SECONDARY if profile.secondary else AuthorityName.PERSONAL
            assert profile.issuers == (wanted,)
