"""Our builder writes the bytes that the general library writes; what comes out says what the template says."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from signing.ca import check_csr
from signing.ca.builder import build_certificate
from signing.identity import AgencySubject, PersonSubject, ProfileName, Scope, encode_scope, encode_secondary
from signing.keys import KeyKind
from signing.profiles import EXTENSION_OIDS, PROFILES, Profile, Site, statements_of
from signing.revocation.shards import shard_for
from tests.signing.certificates.hierarchy import AGENCY, AT, CITIZEN, OFFICIAL, SERVICE, Samples

SUBJECTS = {
    ProfileName.PERSONAL: OFFICIAL,
    ProfileName.PERSONAL_SECONDARY: OFFICIAL,
    ProfileName.ORG_SEAL: AGENCY,
    ProfileName.ORG_SEAL_SECONDARY: AGENCY,
    ProfileName.CITIZEN: CITIZEN,
    ProfileName.CITIZEN_SECONDARY: CITIZEN,
    ProfileName.SERVICE: SERVICE,
}
LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyÀẢÃÁẠỲỶỸÝỴ"
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=6), min_size=1, max_size=4).map(" ".join)


@pytest.fixture(scope="module")
def keys(samples: Samples) -> dict[KeyKind, bytes]:
    """A public key of each kind."""
    store = samples.hierarchy.room.keys
    return {kind: store.generate(f"reference-{kind.value}", kind) for kind in KeyKind}


def reference(template: Any, site: Site, issuer: x509.Certificate, authority: str) -> bytes:
    """The same certificate as the general library builds it."""
    builder = x509.CertificateBuilder(
        issuer_name=issuer.subject,
        subject_name=name_of(template.subject),
        public_key=load_der_public_key(template.public_key),
        serial_number=template.serial,
        not_valid_before=template.not_before,
        not_valid_after=template.not_after,
    )
    for rule in template.profile.extensions:
        value = extension_of(rule.name, template, site, issuer, authority)
        if value is not None:
            builder = builder.add_extension(value, critical=rule.critical)
    signed = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.tbs_certificate_bytes


def name_of(subject: Any) -> x509.Name:
    pairs = [(NameOID.COUNTRY_NAME, "VN")]
    if isinstance(subject, AgencySubject) or subject.organisation is not None:
        pairs.append((NameOID.ORGANIZATION_NAME, subject.organisation))
        pairs.append((NameOID.ORGANIZATION_IDENTIFIER, f"GO:VN-{subject.org_code}"))
    if isinstance(subject, AgencySubject):
        if subject.unit is not None:
            pairs.append((NameOID.ORGANIZATIONAL_UNIT_NAME, subject.unit))
        pairs.append((NameOID.COMMON_NAME, subject.name or subject.organisation))
    else:
        if subject.title is not None:
            pairs.append((NameOID.TITLE, subject.title))
        surname, _, given_name = subject.name.partition(" ")
        if given_name:
            pairs.append((NameOID.SURNAME, surname))
        pairs.append((NameOID.GIVEN_NAME, given_name or surname))
        pairs.append((NameOID.SERIAL_NUMBER, f"PNOVN-{subject.personal_id}"))
        pairs.append((NameOID.COMMON_NAME, subject.name))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


def extension_of(name: str, template: Any, site: Site, issuer: x509.Certificate, authority: str) -> Any:  # noqa: C901, PLR0911 - a table
    profile: Profile = template.profile

    def own(dotted: str, value: bytes) -> x509.UnrecognizedExtension:
        return x509.UnrecognizedExtension(x509.ObjectIdentifier(dotted), value)

    def uri(text: str) -> x509.UniformResourceIdentifier:
        return x509.UniformResourceIdentifier(text)

    match name:
        case "subject_key_identifier":
            return x509.SubjectKeyIdentifier.from_public_key(load_der_public_key(template.public_key))
        case "authority_key_identifier":
            return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
        case "key_usage":
            bits = ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
            others = dict.fromkeys((*bits, "digital_signature", "encipher_only", "decipher_only"), False)
            return x509.KeyUsage(content_commitment=True, **others)
        case "certificate_policies":
            found = profile.policies(site.arc, development=site.development)
            return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(p), None) for p in found])
        case "crl_distribution_points":
            place = uri(site.crl_url(authority, shard_for(authority, template.serial, site.crl_shards)))
            return x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)])
        case "authority_information_access":
            return x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(AuthorityInformationAccessOID.OCSP, uri(site.ocsp_url(authority))),
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.CA_ISSUERS, uri(site.certificate_url(authority))
                    ),
                ]
            )
        case "qc_statements":
            return own(EXTENSION_OIDS[name], statements_of(profile, site))
        case "scope":
            return None if template.scope.is_unlimited else own(site.arc.scope_extension, encode_scope(template.scope))
        case _:
            return own(site.arc.secondary_extension, encode_secondary(template.ordinal, template.primary_sha256))


@pytest.mark.parametrize("name", list(SUBJECTS))
@given(data=st.data())
def test_our_der_is_the_librarys_der(
    samples: Samples, keys: dict[KeyKind, bytes], name: ProfileName, data: st.DataObject
) -> None:
    made = samples.hierarchy
    profile, subject = PROFILES[name], SUBJECTS[name]
    word = WORDS.filter(lambda text: len(text.encode()) <= 64)
    if isinstance(subject, PersonSubject):
        subject = PersonSubject(
            name=data.draw(word),
            personal_id=subject.personal_id,
            organisation=subject.organisation and data.draw(WORDS),
            org_code=subject.org_code,
            title=subject.title and data.draw(WORDS),
        )
    else:
        unit = data.draw(st.none() | WORDS)
        subject = AgencySubject(organisation=data.draw(WORDS), org_code="H49.61", name=data.draw(word), unit=unit)
    begin = data.draw(st.datetimes(datetime(2026, 1, 1), datetime(2049, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants naive bounds
    kind = data.draw(st.sampled_from(list(KeyKind)))
    _, template = made.template(profile, subject)
    values = {
        "public_key": keys[kind],
        "serial": data.draw(st.integers(1, 2**159 - 1)),
        "not_before": begin,
        "not_after": begin + timedelta(seconds=data.draw(st.integers(1, 40 * 365 * 86400))),
        "ordinal": data.draw(st.integers(2, 99)),
        "primary_sha256": data.draw(st.binary(min_size=32, max_size=32)).hex(),
        "scope": data.draw(st.sampled_from([Scope(), Scope.parse(places=["H49.61.90"], procedures=["1.000001"])])),
    }
    template = type(template)(profile=profile, subject=subject, **values)
    site = Site(
        base_url="http://pki.tinh.example.vn",
        development=data.draw(st.booleans()),
        crl_shards=data.draw(st.sampled_from([1, 16, 1024])),
    )
    signatory = made.signatory(profile.issuers[0])
    ours = build_certificate(template, site, signatory.authority, signatory.algorithm)
    assert ours == reference(template, site, signatory.authority.certificate, profile.issuers[0].value)


def test_a_request_gives_a_key_and_no_name(samples: Samples) -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    asked = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kẻ Khác")])
    )
    asked = asked.add_extension(x509.SubjectAlternativeName([x509.DNSName("khac.vn")]), critical=False)
    csr = asked.sign(stranger, hashes.SHA256()).public_bytes(Encoding.DER)
    proven = check_csr(csr, allowed=PROFILES[ProfileName.PERSONAL].key_kinds, challenge=None)
    _, template = samples.hierarchy.template(
        PROFILES[ProfileName.PERSONAL], OFFICIAL, public_key=proven.public_key_spki
    )
    signatory = samples.hierarchy.signatory(PROFILES[ProfileName.PERSONAL].issuers[0])
    tbs = build_certificate(template, samples.hierarchy.room.site, signatory.authority, signatory.algorithm)
    assert "Kẻ Khác".encode() not in tbs
    assert b"khac.vn" not in tbs
    assert proven.public_key_spki in tbs


def test_what_the_template_says_stands_in_the_certificate(samples: Samples) -> None:
    made = samples.hierarchy
    _, template = made.template(PROFILES[ProfileName.PERSONAL], OFFICIAL)
    signatory = made.signatory(PROFILES[ProfileName.PERSONAL].issuers[0])
    tbs = build_certificate(template, made.room.site, signatory.authority, signatory.algorithm)
    assert OFFICIAL.name.encode() in tbs
    assert hashlib.sha1(template.public_key[26:], usedforsecurity=False).digest() in tbs
    assert AT.strftime("%y%m%d%H%M%SZ").encode() in tbs
