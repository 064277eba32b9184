"""What outside linters do not see: the certificate is made, pkilint is asked, and we refuse it before signing.

Every certificate here is written as DER by hand, because the libraries refuse to make some of them. ``BLIND`` marks
those of which pkilint says nothing from WARNING up; the others are known to both.
"""

import hashlib
import io
import unicodedata
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.ca.builder import build_certificate
from signing.ca.issuer import _linted
from signing.errors import IssuanceRefused
from signing.identity import DEFAULT_ARC, ProfileName, Scope, encode_scope, encode_secondary
from signing.keys import KeyKind, SignatureAlgorithm
from signing.keys.der import (
    BIT_STRING,
    INTEGER,
    OCTET_STRING,
    OID,
    SEQUENCE,
    SET,
    UTF8_STRING,
    DerReader,
    integer,
    oid,
    signed,
    tlv,
)
from signing.keys.software import new_throwaway_key, sign_with
from signing.lint import LintInput, Primary, lint_certificate
from signing.profiles import NCP_POLICY, PROFILES, AuthorityName, Site
from tests.signing.certificates.hierarchy import AGENCY, AT, OFFICIAL, Samples, as_primary

Tbs = list[bytes]
Change = Callable[[Tbs], Tbs]
NATURAL = "NCP-NATURAL-PERSON-CERTIFICATE"
QUALIFIED = "QCP-N-QSCD-NON-EIDAS-FINAL-CERTIFICATE"
VERSION, SERIAL, ALGORITHM, ISSUER, VALIDITY, SUBJECT, SPKI, EXTENSIONS = range(8)
SITE = Site(base_url="http://pki.example.vn", development=False)
"""Not a development site, so that the certificates are those that an outside linter is meant for."""
BLIND, KNOWN = True, False


def parts_of(tbs: bytes) -> Tbs:
    reader = DerReader(tbs).inside(SEQUENCE)
    tags = (0xA0, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, 0xA3)
    return [reader.element(tag) for tag in tags]


def extensions_of(parts: Tbs) -> Tbs:
    reader = DerReader(parts[EXTENSIONS]).inside(0xA3).inside(SEQUENCE)
    found = []
    while not reader.at_end:
        found.append(reader.element(SEQUENCE))
    return found


def with_part(index: int, value: bytes) -> Change:
    return lambda parts: [value if at == index else one for at, one in enumerate(parts)]


def with_extensions(change: Callable[[Tbs], Tbs]) -> Change:
    def changed(parts: Tbs) -> Tbs:
        return [*parts[:EXTENSIONS], tlv(0xA3, tlv(SEQUENCE, *change(extensions_of(parts))))]

    return changed


def extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    return tlv(SEQUENCE, oid(dotted), b"\x01\x01\xff" if critical else b"", tlv(OCTET_STRING, value))


def is_of(element: bytes, dotted: str) -> bool:
    return DerReader(element).inside(SEQUENCE).element(OID) == oid(dotted)


def without(dotted: str) -> Change:
    return with_extensions(lambda found: [one for one in found if not is_of(one, dotted)])


def instead(dotted: str, value: bytes, *, critical: bool = False) -> Change:
    new = extension(dotted, value, critical=critical)
    return with_extensions(lambda found: [new if is_of(one, dotted) else one for one in found])


def in_addition(*elements: bytes) -> Change:
    return with_extensions(lambda found: [*found, *elements])


def renamed(change: Callable[[Tbs], Tbs]) -> Change:
    def changed(parts: Tbs) -> Tbs:
        reader, found = DerReader(parts[SUBJECT]).inside(SEQUENCE), []
        while not reader.at_end:
            found.append(reader.element(SET))
        return with_part(SUBJECT, tlv(SEQUENCE, *change(found)))(parts)

    return changed


def attribute(dotted: str, value: str, tag: int = UTF8_STRING) -> bytes:
    return tlv(SET, tlv(SEQUENCE, oid(dotted), tlv(tag, value.encode())))


def named(dotted: str, value: str, tag: int = UTF8_STRING) -> Change:
    return renamed(lambda found: [attribute(dotted, value, tag) if oid(dotted) in one else one for one in found])


def unnamed(dotted: str) -> Change:
    return renamed(lambda found: [one for one in found if oid(dotted) not in one])


def with_key(key: Any) -> Change:
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    reader = DerReader(spki).inside(SEQUENCE)
    reader.element(SEQUENCE)
    digest = hashlib.sha1(reader.content(BIT_STRING)[1:], usedforsecurity=False).digest()

    def changed(parts: Tbs) -> Tbs:
        return instead("2.5.29.14", tlv(OCTET_STRING, digest))(with_part(SPKI, spki)(parts))

    return changed


def policies(*dotted: str) -> bytes:
    return tlv(SEQUENCE, *(tlv(SEQUENCE, oid(one)) for one in dotted))


def usage(octets: str) -> bytes:
    return bytes.fromhex(octets)


def uri(address: str) -> bytes:
    return tlv(0x86, address.encode())


def list_at(address: str) -> bytes:
    return tlv(SEQUENCE, tlv(SEQUENCE, tlv(0xA0, tlv(0xA0, uri(address)))))


def statements(*inner: bytes) -> bytes:
    return tlv(SEQUENCE, *(tlv(SEQUENCE, one) for one in inner))


def utc(text: str) -> bytes:
    return tlv(0x17, text.encode())


def general(text: str) -> bytes:
    return tlv(0x18, text.encode())


PERSONAL_POLICY = PROFILES[ProfileName.PERSONAL].policies(DEFAULT_ARC, development=False)[0]
QC_SYNTAX = oid("1.3.6.1.5.5.7.11.2")
BEGIN, YEAR_LATER = utc("261123020000Z"), utc("271123020000Z")
OF_ONE_BYTE_TWICE = bytes.fromhex("41414141414141414141424242424242")

CASES: dict[str, tuple[Change, str, bool]] = {
    "thirty years": (
        with_part(VALIDITY, tlv(SEQUENCE, BEGIN, general("20561123020000Z"))),
        "anso.I9.period_too_long",
        BLIND,
    ),
    "ends before it begins": (
        with_part(VALIDITY, tlv(SEQUENCE, YEAR_LATER, BEGIN)),
        "rfc5280.4.1.2.5.period_empty",
        KNOWN,
    ),
    "GeneralizedTime before 2050": (
        with_part(VALIDITY, tlv(SEQUENCE, BEGIN, general("20271123020000Z"))),
        "rfc5280.4.1.2.5.time_encoding",
        KNOWN,
    ),
    "UTCTime for 2051 read as 1951": (
        with_part(VALIDITY, tlv(SEQUENCE, BEGIN, utc("511123020000Z"))),
        "rfc5280.4.1.2.5.period_empty",
        KNOWN,
    ),
    "fractions of a second": (
        with_part(VALIDITY, tlv(SEQUENCE, BEGIN, general("20561123020000.5Z"))),
        "rfc5280.4.1.2.5.time_encoding",
        KNOWN,
    ),
    "a day that there is not": (
        with_part(VALIDITY, tlv(SEQUENCE, BEGIN, utc("270231020000Z"))),
        "rfc5280.4.1.2.5.time_encoding",
        KNOWN,
    ),
    "common name of 70 letters": (named("2.5.4.3", "Á" * 70), "rfc5280.appendix-a.common_name_too_long", BLIND),
    "decomposed Vietnamese": (
        named("2.5.4.3", unicodedata.normalize("NFD", "Nguyễn Thị Ánh")),
        "anso.names.common_name_not_nfc",
        BLIND,
    ),
    "a Cyrillic letter": (
        named("2.5.4.3", "Nguyễn Thị \u0410nh"),
        "en319412-2.4.2.4.common_name_malformed",
        BLIND,
    ),
    "a bidi mark": (named("2.5.4.3", "Nguyễn\u202eÁnh"), "en319412-2.4.2.4.common_name_malformed", BLIND),
    "a control character": (named("2.5.4.12", "Chủ\u0007tịch"), "anso.I1.title_malformed", BLIND),
    "title as BMPString": (
        named("2.5.4.12", "x", 0x1E),
        "rfc5280.4.1.2.4.title_string_type",
        KNOWN,
    ),
    "country as UTF8String": (named("2.5.4.6", "VN"), "rfc5280.4.1.2.4.country_string_type", KNOWN),
    "no serial number": (unnamed("2.5.4.5"), "en319412-1.5.1.3.serial_number_missing", BLIND),
    "a number without a scheme": (
        named("2.5.4.5", "022185000001", 0x13),
        "en319412-1.5.1.3.serial_number_malformed",
        KNOWN,
    ),
    "two common names": (
        renamed(lambda found: [*found, attribute("2.5.4.3", "Khác")]),
        "en319412-2.4.2.4.common_name_repeated",
        KNOWN,
    ),
    "two attributes in one relative name": (
        renamed(
            lambda found: [
                *found[:-1],
                tlv(
                    SET,
                    tlv(SEQUENCE, oid("2.5.4.3"), tlv(UTF8_STRING, b"A B")),
                    tlv(SEQUENCE, oid("2.5.4.4"), tlv(UTF8_STRING, b"A")),
                ),
            ]
        ),
        "rfc5280.4.1.certificate_unreadable",
        KNOWN,
    ),
    "RSA of 1024 bits": (
        with_key(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - too weak on purpose
        "tt15-2025.annex1.key_kind_not_allowed",
        BLIND,
    ),
    "P-521": (with_key(ec.generate_private_key(ec.SECP521R1())), "tt15-2025.annex1.key_kind_not_allowed", BLIND),
    "only the private policy": (
        instead("2.5.29.32", policies(PERSONAL_POLICY)),
        "en319412-2.4.3.3.policies_wrong",
        BLIND,
    ),
    "the policy of another class": (
        instead("2.5.29.32", policies(f"{DEFAULT_ARC.root}.1.2.1", NCP_POLICY)),
        "en319412-2.4.3.3.policies_wrong",
        BLIND,
    ),
    "a qualified policy without statements": (
        lambda parts: without("1.3.6.1.5.5.7.1.3")(
            instead("2.5.29.32", policies(PERSONAL_POLICY, "0.4.0.194112.1.2"))(parts)
        ),
        "en319411-2.5.3.qualified_policy_without_statements",
        BLIND,
    ),
    "a qualified statement that nobody stands by": (
        instead(
            "1.3.6.1.5.5.7.1.3",
            statements(QC_SYNTAX + tlv(SEQUENCE, oid("0.4.0.194121.1.1")), oid("0.4.0.1862.1.1")),
        ),
        "en319412-5.4.2.1.qualified_statement_not_ours",
        BLIND,
    ),
    "semantics of a legal person": (
        instead("1.3.6.1.5.5.7.1.3", statements(QC_SYNTAX + tlv(SEQUENCE, oid("0.4.0.194121.1.2")))),
        "en319412-5.4.1.qc_statements_wrong",
        KNOWN,
    ),
    "no list pointer": (without("2.5.29.31"), "en319412-2.4.3.11.crl_distribution_points_missing", BLIND),
    "a list on another host": (
        instead("2.5.29.31", list_at("http://evil.example.vn/pki/personal.crl")),
        "rfc5280.4.2.1.13.pointer_leads_elsewhere",
        BLIND,
    ),
    "the list of another authority": (
        instead("2.5.29.31", list_at("http://pki.example.vn/pki/secondary.crl")),
        "rfc5280.4.2.1.13.pointer_leads_elsewhere",
        BLIND,
    ),
    "a list behind TLS": (
        instead("2.5.29.31", list_at("https://pki.example.vn/pki/personal.crl")),
        "rfc5280.4.2.1.13.pointer_leads_elsewhere",
        KNOWN,
    ),
    "one extension twice": (
        in_addition(extension("2.5.29.15", usage("03020640"), critical=True)),
        "rfc5280.4.2.extension_repeated",
        KNOWN,
    ),
    "mixed key usage": (
        instead("2.5.29.15", usage("030206c0"), critical=True),
        "rfc5280.4.2.1.3.key_usage_wrong",
        KNOWN,
    ),
    "key usage with trailing zeroes": (
        instead("2.5.29.15", usage("03020040"), critical=True),
        "x690.10.extension_not_in_der:2.5.29.15",
        KNOWN,
    ),
    "a critical private extension": (
        in_addition(extension(f"{DEFAULT_ARC.root}.2.9", b"\x05\x00", critical=True)),
        f"anso.profile.extension_not_allowed:{DEFAULT_ARC.root}.2.9",
        BLIND,
    ),
    "our own scope, but critical": (
        in_addition(extension(DEFAULT_ARC.scope_extension, encode_scope(Scope.parse(places=["H49"])), critical=True)),
        "anso.scope.scope_criticality",
        BLIND,
    ),
    "a criticality of false written out": (
        with_extensions(
            lambda found: [
                tlv(SEQUENCE, oid("2.5.29.35"), b"\x01\x01\x00", one[-(len(one) - 7) :])
                if is_of(one, "2.5.29.35")
                else one
                for one in found
            ]
        ),
        "rfc5280.4.1.certificate_unreadable",
        KNOWN,
    ),
    "another authority's key identifier": (
        instead("2.5.29.35", tlv(SEQUENCE, tlv(0x80, b"\x07" * 20))),
        "rfc5280.4.2.1.1.authority_key_identifier_wrong",
        BLIND,
    ),
    "a key identifier of no key": (
        instead("2.5.29.14", tlv(OCTET_STRING, b"\x07" * 20)),
        "rfc5280.4.2.1.2.subject_key_identifier_wrong",
        BLIND,
    ),
    "serial zero": (with_part(SERIAL, integer(0)), "rfc5280.4.1.2.2.serial_out_of_range", KNOWN),
    "serial negative": (with_part(SERIAL, integer(-5)), "rfc5280.4.1.2.2.serial_out_of_range", KNOWN),
    "serial of 21 octets": (with_part(SERIAL, integer(1 << 160)), "rfc5280.4.1.2.2.serial_out_of_range", KNOWN),
    "serial that can be guessed": (with_part(SERIAL, integer(20261123)), "rfc5280.4.1.2.2.serial_too_short", BLIND),
    "serial of two different octets": (
        with_part(SERIAL, tlv(INTEGER, OF_ONE_BYTE_TWICE)),
        "rfc5280.4.1.2.2.serial_predictable",
        BLIND,
    ),
    "serial with a needless octet": (
        with_part(SERIAL, tlv(INTEGER, b"\x00" + bytes(range(0x41, 0x51)))),
        "x690.8.3.2.serial_not_minimal",
        KNOWN,
    ),
    "version 1": (with_part(VERSION, b""), "rfc5280.4.1.2.1.version_not_3", KNOWN),
    "another algorithm inside": (
        with_part(ALGORITHM, bytes.fromhex("300a06082a8648ce3d040303")),
        "tt15-2025.annex1.signature_algorithm_forbidden",
        KNOWN,
    ),
    "PKCS#1 v1.5 with SHA-1": (
        with_part(ALGORITHM, bytes.fromhex("300d06092a864886f70d0101050500")),
        "tt15-2025.annex1.signature_algorithm_forbidden",
        KNOWN,
    ),
    "another issuer": (
        lambda parts: with_part(ISSUER, parts[SUBJECT])(parts),
        "rfc5280.4.1.2.4.issuer_is_another",
        BLIND,
    ),
    "a basic constraint in a leaf": (
        in_addition(extension("2.5.29.19", bytes.fromhex("30030101ff"), critical=True)),
        "anso.profile.extension_not_allowed:2.5.29.19",
        KNOWN,
    ),
    "name constraints in a leaf": (
        in_addition(
            extension("2.5.29.30", tlv(SEQUENCE, tlv(0xA0, tlv(SEQUENCE, tlv(0x82, b"example.vn")))), critical=True)
        ),
        "anso.profile.extension_not_allowed:2.5.29.30",
        KNOWN,
    ),
}


@pytest.fixture(scope="module")
def good(samples: Samples) -> bytes:
    """The to-be-signed part of an official's certificate outside development."""
    _, template = samples.hierarchy.template(PROFILES[ProfileName.PERSONAL], OFFICIAL)
    template = replace(template, serial=0x5AF0C1D2E3F405162738495A6B7C8D9E)
    signatory = samples.hierarchy.signatory(AuthorityName.PERSONAL)
    return build_certificate(template, SITE, signatory.authority, signatory.algorithm)


@pytest.fixture(scope="module")
def made(good: bytes, samples: Samples) -> Callable[[Change], bytes]:
    def make(change: Change) -> bytes:
        return tlv(SEQUENCE, *change(parts_of(good)))

    return make


def codes(samples: Samples, tbs: bytes, site: Site = SITE) -> set[str]:
    signatory = samples.hierarchy.signatory(AuthorityName.PERSONAL)
    sample = signed(tbs, signatory.algorithm, b"\x30\x06\x02\x01\x01\x02\x01\x01")
    issuer = signatory.authority.credential.certificate
    found = lint_certificate(
        LintInput(certificate=sample, profile=PROFILES[ProfileName.PERSONAL], site=site, issuer=issuer)
    )
    return {finding.code for finding in found}


def pkilint_says(tbs: bytes, folder: Path, kind: str) -> str:
    """What pkilint prints from WARNING up; what it cannot even load counts as said."""
    from pkilint.bin import lint_etsi_cert  # noqa: PLC0415 - half a second, only where it is asked

    key = new_throwaway_key(KeyKind.EC_P256)

    der = signed(tbs, SignatureAlgorithm.ECDSA_SHA256, sign_with(key, tbs, SignatureAlgorithm.ECDSA_SHA256))
    path = folder / "one.der"
    path.write_bytes(der)
    said = io.StringIO()
    with redirect_stdout(said), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            count = lint_etsi_cert.main(["lint", "-t", kind, "-s", "WARNING", str(path)])
        except (Exception, SystemExit) as err:  # noqa: BLE001 - a linter that gives up has said something
            return f"gave up: {err!r}"
    return said.getvalue() if count else ""


def test_the_unchanged_certificate_is_good_to_both(good: bytes, samples: Samples, tmp_path: Path) -> None:
    assert codes(samples, good) == set()
    assert pkilint_says(good, tmp_path, NATURAL) == ""


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # cryptography only warns, of the first of a form
@pytest.mark.filterwarnings("ignore:Attribute's length must be")  # as above
@pytest.mark.parametrize("case", list(CASES))
def test_it_is_refused_before_it_is_signed(case: str, made: Callable[[Change], bytes], samples: Samples) -> None:
    change, code, _ = CASES[case]
    tbs = made(change)
    assert code in codes(samples, tbs)
    with pytest.raises(IssuanceRefused) as caught:
        _linted(tbs, PROFILES[ProfileName.PERSONAL], SITE, samples.hierarchy.signatory(AuthorityName.PERSONAL), None)
    assert code in caught.value.findings
    assert caught.value.code == "CERT_LINT_REFUSED"


@pytest.mark.filterwarnings("ignore")  # the linter's own libraries
@pytest.mark.parametrize("case", [name for name, (_, _, blind) in CASES.items() if blind])
def test_pkilint_says_nothing_about_it(case: str, made: Callable[[Change], bytes], tmp_path: Path) -> None:
    kind = QUALIFIED if case == "a qualified policy without statements" else NATURAL
    assert pkilint_says(made(CASES[case][0]), tmp_path, kind) == ""


@pytest.mark.filterwarnings("ignore")  # the linter's own libraries
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.0.0.8", "pki", "pki.local", "pki.intranet", "[::1]"])
def test_an_internal_host_in_an_address_is_refused(host: str, samples: Samples) -> None:
    site = replace(SITE, base_url=f"http://{host}")
    _, template = samples.hierarchy.template(PROFILES[ProfileName.PERSONAL], OFFICIAL)
    signatory = samples.hierarchy.signatory(AuthorityName.PERSONAL)
    inside = build_certificate(template, site, signatory.authority, signatory.algorithm)
    assert codes(samples, inside, site) == {"rfc5280.4.2.1.13.pointer_host_internal"}


def test_what_is_signed_is_refused_also_when_its_form_was_linted_before(good: bytes, samples: Samples) -> None:
    """A form that is known to be sound says nothing about the values in it."""
    assert codes(samples, good) == set()
    for case in ("thirty years", "a Cyrillic letter", "RSA of 1024 bits", "serial zero", "a list on another host"):
        change, code, _ = CASES[case]
        assert code in codes(samples, tlv(SEQUENCE, *change(parts_of(good))))
    assert codes(samples, good) == set()


SECONDARY = PROFILES[ProfileName.ORG_SEAL_SECONDARY]


@pytest.fixture
def second(samples: Samples) -> Callable[..., set[str]]:
    """Lints a second seal below the sample's primary, changed."""
    hierarchy, primary = samples.hierarchy, as_primary(samples.records["org_seal"])
    signatory = hierarchy.signatory(AuthorityName.SECONDARY)

    def run(change: Change = lambda parts: parts, against: Primary = primary, **more: Any) -> set[str]:
        values = {"ordinal": 2, "primary_sha256": primary.sha256, "scope": Scope.parse(places=["H49.61.90"])}
        _, template = hierarchy.template(SECONDARY, AGENCY, **(values | more))
        tbs = build_certificate(template, SITE, signatory.authority, signatory.algorithm)
        sample = signed(tlv(SEQUENCE, *change(parts_of(tbs))), signatory.algorithm, b"\x30\x06\x02\x01\x01\x02\x01\x01")
        issuer = signatory.authority.credential.certificate
        found = lint_certificate(
            LintInput(certificate=sample, profile=SECONDARY, site=SITE, issuer=issuer, primary=against)
        )
        return {finding.code for finding in found}

    return run


def test_a_secondary_is_held_against_its_primary(second: Callable[..., set[str]], samples: Samples) -> None:
    own = as_primary(samples.records["org_seal"])
    link = DEFAULT_ARC.secondary_extension
    assert second() == set()
    assert "anso.I2.primary_is_another" in second(without(link))
    assert "anso.I2.secondary_missing" in second(without(link))
    assert second(primary_sha256="00" * 32) == {"anso.I2.primary_is_another"}
    assert second(against=replace(own, not_after=AT + timedelta(days=300))) == {"anso.I2.outlives_primary"}
    assert second(against=replace(own, scope=Scope.parse(places=["H49.61.91"]))) == {"anso.I2.scope_wider_than_primary"}
    assert second(scope=Scope(), against=replace(own, scope=Scope.parse(places=["H49.61.90"]))) == {
        "anso.I2.scope_wider_than_primary"
    }
    assert second(instead(link, encode_secondary(2, own.sha256), critical=True)) == {"anso.I2.secondary_criticality"}
    assert second(instead(link, encode_secondary(2, own.sha256) + b"\x00")) == {"anso.I2.extension_malformed"}
    assert "anso.I2.extension_malformed" in second(instead(DEFAULT_ARC.scope_extension, b"\x30\x80\x00\x00"))


@pytest.mark.filterwarnings("ignore")  # the linter's own libraries
def test_a_pointer_to_the_practice_statement_costs_no_warning(samples: Samples, tmp_path: Path) -> None:
    site = replace(SITE, cps_pointer=True)
    _, template = samples.hierarchy.template(PROFILES[ProfileName.PERSONAL], OFFICIAL)
    signatory = samples.hierarchy.signatory(AuthorityName.PERSONAL)
    tbs = build_certificate(template, site, signatory.authority, signatory.algorithm)
    assert b"http://pki.example.vn/pki/cps" in tbs
    assert codes(samples, tbs, site) == set()
    assert codes(samples, tbs) == {"en319412-2.4.3.3.policies_wrong"}
    assert pkilint_says(tbs, tmp_path, NATURAL) == ""
    inside = build_certificate(template, replace(site, development=True), signatory.authority, signatory.algorithm)
    assert b"/pki/cps" not in inside


def spki_of(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def compressed() -> bytes:
    point = (
        ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    )
    curve = tlv(SEQUENCE, oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7"))
    return tlv(SEQUENCE, curve, tlv(BIT_STRING, b"\x00", point))


def without_parameters() -> bytes:
    """An RSA key whose identifier lacks the NULL that RFC 4055 §1.2 wants."""
    spki = spki_of(rsa.generate_private_key(65537, 3072))
    bits = DerReader(spki).inside(SEQUENCE)
    bits.element(SEQUENCE)
    return tlv(SEQUENCE, tlv(SEQUENCE, oid("1.2.840.113549.1.1.1")), bits.element(BIT_STRING))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (compressed, "rfc5480.2.2.key_not_canonical"),
        (without_parameters, "rfc5280.4.1.2.7.key_"),
        (lambda: spki_of(rsa.generate_private_key(3, 3072)), "fips186-5.a.1.1.exponent_too_small"),
        (lambda: tlv(SEQUENCE, tlv(SEQUENCE, oid("1.2.3.4")), tlv(BIT_STRING, b"\x00x")), "rfc5280.4.1.2.7.key_"),
        (lambda: tlv(SEQUENCE), "rfc5280.4.1.2.7.key_unreadable"),
    ],
    ids=["compressed", "no-parameters", "exponent-3", "unknown", "empty"],
)
def test_a_key_has_one_form(
    make: Callable[[], bytes], code: str, made: Callable[[Change], bytes], samples: Samples
) -> None:
    assert any(found.startswith(code) for found in codes(samples, made(with_part(SPKI, make()))))


def test_every_truncation_is_unreadable(good: bytes, samples: Samples) -> None:
    whole = signed(good, SignatureAlgorithm.ECDSA_SHA256, b"\x30\x06\x02\x01\x01\x02\x01\x01")
    issuer = samples.records["ca:personal"].der
    for size in range(0, len(whole), 7):
        found = lint_certificate(
            LintInput(certificate=whole[:size], profile=PROFILES[ProfileName.PERSONAL], site=SITE, issuer=issuer)
        )
        assert [finding.code for finding in found] == ["rfc5280.4.1.certificate_unreadable"]


# what a changed name or serial number provokes in the library that reads it
@pytest.mark.filterwarnings("ignore:Attribute's length must be", "ignore:Parsed a serial number which")
@settings(max_examples=300)
@given(flips=st.lists(st.tuples(st.integers(0, 2**16), st.integers(1, 255)), min_size=1, max_size=2))
def test_what_passes_after_a_change_is_a_certificate_with_other_values_only(
    good: bytes, samples: Samples, flips: list[tuple[int, int]]
) -> None:
    """Two readers agree: what the lint lets through, the library reads, and it has the same form."""
    changed = bytearray(good)
    for at, bits in flips:
        changed[at % len(good)] ^= bits
    if codes(samples, bytes(changed)):
        return
    before, after = parts_of(good), parts_of(bytes(changed))
    assert [before[part] for part in (VERSION, ALGORITHM, ISSUER)] == [
        after[part] for part in (VERSION, ALGORITHM, ISSUER)
    ]
    kept = [[one for one in extensions_of(parts) if not is_of(one, "2.5.29.14")] for parts in (before, after)]
    assert kept[0] == kept[1]
    der = signed(bytes(changed), SignatureAlgorithm.ECDSA_SHA256, b"\x30\x06\x02\x01\x01\x02\x01\x01")
    read = x509.load_der_x509_certificate(der)
    assert read.tbs_certificate_bytes == bytes(changed)
    assert len(read.extensions) == len(extensions_of(before))
