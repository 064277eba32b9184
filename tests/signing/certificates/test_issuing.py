"""Prepare, lint, record, sign: in this order, once each, and over the very bytes that were linted."""

import hashlib
import threading
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from hypothesis import given
from hypothesis import strategies as st

from signing.ca import Holder, Signatory, activate, authority_of, issue, new_serial, prepare, record, recorded, resume
from signing.ca.builder import Authority
from signing.errors import IssuanceRefused, KeyDamaged, NameInvalid, PreparationSpent, StatusChangeRefused
from signing.identity import AgencySubject, PersonSubject, ProfileName, Scope, read_certificate_facts
from signing.keys import Credential, KeyKind, SignatureAlgorithm
from signing.profiles import PROFILES, AuthorityName
from signing.registry import CertificateStatus
from tests.signing.certificates.hierarchy import AGENCY, AT, OFFICIAL, Hierarchy, Samples

PERSONAL = PROFILES[ProfileName.PERSONAL]


@given(st.binary(min_size=16, max_size=16))
def test_serials_are_positive_short_enough_and_unpredictable_enough(entropy: bytes) -> None:
    serial = new_serial(entropy)
    assert 0 < serial < 2**127
    assert serial.bit_length() == 127


def test_a_serial_needs_all_its_entropy() -> None:
    with pytest.raises(ValueError, match="random octets"):
        new_serial(b"short")


def test_what_is_signed_is_what_was_linted(fresh_hierarchy: Hierarchy) -> None:
    key_id, prepared = fresh_hierarchy.prepared(ProfileName.PERSONAL, OFFICIAL)
    entry = record(
        prepared, Holder(certificate_id="c1", key_id=key_id), PERSONAL, fresh_hierarchy.registry, at=AT, actor="a"
    )
    der = issue(entry, fresh_hierarchy.room.keys)
    linted = x509.load_der_x509_certificate(prepared.sample)
    issued = x509.load_der_x509_certificate(der)
    assert issued.tbs_certificate_bytes == linted.tbs_certificate_bytes == prepared.tbs
    assert issued.signature != linted.signature
    issued.verify_directly_issued_by(authority_of(AuthorityName.PERSONAL, fresh_hierarchy.registry).certificate)


def test_a_preparation_is_recorded_once(fresh_hierarchy: Hierarchy) -> None:
    key_id, prepared = fresh_hierarchy.prepared(ProfileName.PERSONAL, OFFICIAL)
    holder = Holder(certificate_id="c1", key_id=key_id)
    record(prepared, holder, PERSONAL, fresh_hierarchy.registry, at=AT, actor="a")
    with pytest.raises(PreparationSpent) as caught:
        record(prepared, holder, PERSONAL, fresh_hierarchy.registry, at=AT, actor="a")
    assert caught.value.code == "CERT_PREPARATION_SPENT"


def test_a_recorded_certificate_is_issued_once_also_by_two_at_the_same_time(fresh_hierarchy: Hierarchy) -> None:
    key_id, prepared = fresh_hierarchy.prepared(ProfileName.PERSONAL, OFFICIAL)
    holder = Holder(certificate_id="c1", key_id=key_id)
    entry = record(prepared, holder, PERSONAL, fresh_hierarchy.registry, at=AT, actor="a")
    issued: list[bytes] = []
    refused: list[str] = []

    def run() -> None:
        try:
            issued.append(issue(entry, fresh_hierarchy.room.keys))
        except PreparationSpent as err:
            refused.append(err.code)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(issued) == 1
    assert len(refused) == 3


def test_a_certificate_stands_in_the_registry_before_it_exists(fresh_hierarchy: Hierarchy) -> None:
    key_id, prepared = fresh_hierarchy.prepared(ProfileName.PERSONAL, OFFICIAL)
    record(prepared, Holder(certificate_id="c1", key_id=key_id), PERSONAL, fresh_hierarchy.registry, at=AT, actor="a")
    found = fresh_hierarchy.registry.get("c1")
    assert (found.status, found.der, found.tbs) == (CertificateStatus.RECORDED, None, prepared.tbs)
    assert not found.is_active(AT)


def test_a_crash_between_record_and_signature_gives_one_certificate_and_not_two(fresh_hierarchy: Hierarchy) -> None:
    made = fresh_hierarchy
    key_id, prepared = made.prepared(ProfileName.PERSONAL, OFFICIAL)
    record(prepared, Holder(certificate_id="c1", key_id=key_id), PERSONAL, made.registry, at=AT, actor="a")
    # … the process dies here; another one takes the record up
    entry = made.registry.get("c1")
    again = resume(entry.tbs, entry.profile, made.room.site, made.signatory(AuthorityName.PERSONAL))
    der = issue(recorded("c1", again), made.room.keys)
    done = activate("c1", der, made.registry, at=AT, actor="a")
    assert done.sha256 == hashlib.sha256(der).hexdigest()
    assert int(read_certificate_facts(der).serial_hex, 16) == entry.serial
    with pytest.raises(StatusChangeRefused):
        activate("c1", der, made.registry, at=AT, actor="a")


def test_what_was_changed_in_the_record_is_not_signed(fresh_hierarchy: Hierarchy) -> None:
    made = fresh_hierarchy
    _, prepared = made.prepared(ProfileName.PERSONAL, OFFICIAL)
    longer = prepared.tbs.replace(b"271123020000Z", b"491123020000Z")
    assert longer != prepared.tbs
    with pytest.raises(IssuanceRefused) as caught:
        resume(longer, ProfileName.PERSONAL, made.room.site, made.signatory(AuthorityName.PERSONAL))
    assert "anso.I9.period_too_long" in caught.value.findings


def test_a_key_that_is_not_the_issuers_is_noticed_before_the_certificate_leaves(fresh_hierarchy: Hierarchy) -> None:
    made = fresh_hierarchy
    made.room.keys.generate("stranger", KeyKind.EC_P256)
    real = authority_of(AuthorityName.PERSONAL, made.registry)
    stranger = Credential(
        key_id="stranger",
        certificate=real.credential.certificate,
        chain=real.credential.chain,
        algorithm=SignatureAlgorithm.ECDSA_SHA256,
    )
    key_id, template = made.template(PERSONAL, OFFICIAL)
    signatory = Signatory.of(Authority(name=AuthorityName.PERSONAL, credential=stranger))
    prepared = prepare(template, made.room.site, signatory)
    entry = record(prepared, Holder(certificate_id="c1", key_id=key_id), PERSONAL, made.registry, at=AT, actor="a")
    with pytest.raises(KeyDamaged):
        issue(entry, made.room.keys)
    assert made.registry.get("c1").der is None


def test_a_profile_is_issued_only_by_its_own_authority(samples: Samples) -> None:
    made = samples.hierarchy
    _, template = made.template(PERSONAL, OFFICIAL)
    with pytest.raises(IssuanceRefused) as caught:
        prepare(template, made.room.site, made.signatory(AuthorityName.SECONDARY))
    assert "anso.profile.issuer_not_allowed" in caught.value.findings


def test_too_long_a_life_is_refused_with_its_clause(samples: Samples) -> None:
    made = samples.hierarchy
    _, template = made.template(PERSONAL, OFFICIAL, not_after=AT + PERSONAL.max_validity + timedelta(seconds=1))
    with pytest.raises(IssuanceRefused) as caught:
        prepare(template, made.room.site, made.signatory(AuthorityName.PERSONAL))
    assert caught.value.findings == ("anso.I9.period_too_long",)
    assert caught.value.code == "CERT_LINT_REFUSED"


@pytest.mark.parametrize(
    "name", ["Nguyễn\u202eThị", "Nguyễn\x00", "A" * 65, "", "Nguyễn\u200b Ánh", "ấ" * 30], ids=repr
)
def test_a_name_that_hides_something_or_is_too_long_reaches_no_certificate(samples: Samples, name: str) -> None:
    subject = PersonSubject(
        name=name, personal_id="022185000001", organisation="Ủy ban", org_code="H49", title="Chuyên viên"
    )
    with pytest.raises(NameInvalid):
        samples.hierarchy.prepared(ProfileName.PERSONAL, subject)


def test_a_decomposed_name_is_composed_in_the_certificate(samples: Samples) -> None:
    subject = PersonSubject(name="Nguye\u0302\u0303n A\u0301nh", personal_id="022185000001")
    _, prepared = samples.hierarchy.prepared(ProfileName.CITIZEN, subject)
    assert read_certificate_facts(prepared.sample).common_name == "Nguyễn Ánh"


def test_a_single_name_is_a_given_name(samples: Samples) -> None:
    _, prepared = samples.hierarchy.prepared(ProfileName.CITIZEN, PersonSubject(name="Ánh", personal_id="022185000001"))
    facts = read_certificate_facts(prepared.sample)
    assert (facts.surname, facts.given_name) == ("", "Ánh")


def test_an_agencys_long_name_is_shortened_as_offices_do_in_the_common_name_only(samples: Samples) -> None:
    name = "Trung tâm Phục vụ hành chính công huyện Hải Hà, Quảng Ninh"
    _, prepared = samples.hierarchy.prepared(
        ProfileName.ORG_SEAL, AgencySubject(organisation=name, org_code="H49.61.90")
    )
    facts = read_certificate_facts(prepared.sample)
    assert (facts.organisation, facts.common_name) == (name, "Trung tâm PVHCC huyện Hải Hà, Quảng Ninh")


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"scope": Scope()}, "anso.I2.scope_wider_than_primary"),
        ({"primary_sha256": "00" * 32}, "anso.I2.primary_is_another"),
        ({"not_after": AT + timedelta(days=300)}, "anso.I2.outlives_primary"),
    ],
)
def test_a_secondary_that_leaves_its_primarys_bounds_is_refused(
    samples: Samples, change: dict[str, object], finding: str
) -> None:
    made = samples.hierarchy
    primary = made.issued(
        ProfileName.ORG_SEAL, AGENCY, scope=Scope.parse(places=["H49.61.90"]), not_after=AT + timedelta(days=90)
    )
    good = {"not_after": AT + timedelta(days=60)}
    with pytest.raises(IssuanceRefused) as caught:
        made.secondary(primary, **(good | change))
    assert caught.value.findings == (finding,)
    assert made.secondary(primary, **good).status is CertificateStatus.ACTIVE


def test_serials_of_one_issuer_never_repeat(fresh_hierarchy: Hierarchy) -> None:
    first = fresh_hierarchy.issued(ProfileName.PERSONAL, OFFICIAL)
    key_id, prepared = fresh_hierarchy.prepared(ProfileName.PERSONAL, OFFICIAL, serial=first.serial)
    with pytest.raises(StatusChangeRefused):
        record(
            prepared, Holder(certificate_id="c9", key_id=key_id), PERSONAL, fresh_hierarchy.registry, at=AT, actor="a"
        )


def test_the_throw_away_certificate_does_not_verify_under_the_issuer(samples: Samples) -> None:
    _, prepared = samples.hierarchy.prepared(ProfileName.PERSONAL, OFFICIAL)
    issuer = authority_of(AuthorityName.PERSONAL, samples.hierarchy.registry).certificate
    with pytest.raises(InvalidSignature):
        x509.load_der_x509_certificate(prepared.sample).verify_directly_issued_by(issuer)
