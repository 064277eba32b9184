"""Certificates of other authorities over HTTP: what is taken under which profile, what is refused and why."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from api.callers import Role
from api.errors import CertificateKeyOnToken
from api.records.demonstration import PEOPLE, WARD
from api.records.tables import EMPLOYMENTS, ORGANISATIONS
from signing.keys import KeyKind
from signing.registry_sql import RegistrySql
from tests.api.conftest import START, Installation
from tests.api.imports.outside import NAME_OF_UNIT, Outside, bring, confirm, hold, outcome, read, release
from tests.api.office import Office, issue_certificate, official

MOTHER = PEOPLE["mother"]


def test_an_officials_certificate_counts_once_another_person_confirmed_it(
    house: Installation, authorities: dict[str, Outside]
) -> None:
    outside = authorities["official"]
    pem = outside.pem(outside.official("leader"))
    made = bring(house, pem)
    assert outcome(made) == (201, "pending")
    body = made.json()
    assert made.headers["location"] == f"/v1/external-certificates/{body['id']}"
    assert (body["source"], body["trust_profile"], body["certificate_class"]) == ("external", "official", "personal")
    assert body["subject"] == {
        "common_name": PEOPLE["leader"].name,
        "organisation": NAME_OF_UNIT[WARD],
        "title": PEOPLE["leader"].title,
    }
    assert body["employment_id"] == PEOPLE["leader"].employment_id
    assert PEOPLE["leader"].personal_id not in made.text

    again = bring(house, pem)
    assert (again.status_code, again.json()) == (200, body)
    assert outcome(confirm(house, body["id"], "leader")) == (409, "CERT_SELF_APPROVAL")
    confirmed = confirm(house, body["id"])
    assert outcome(confirmed) == (201, "active")
    assert outcome(confirm(house, body["id"])) == (409, "STATE_CONFLICT")


def test_the_importer_does_not_confirm_with_another_account(
    house: Installation, authorities: dict[str, Outside]
) -> None:
    outside = authorities["official"]
    made = bring(house, outside.pem(outside.official("leader")), "two_accounts").json()
    assert outcome(confirm(house, made["id"], "two_accounts")) == (409, "CERT_SELF_APPROVAL")
    events = house.client.get(
        "/v1/audit-events", params={"object_id": made["id"]}, headers=house.headers(Role.AUDITOR)
    ).json()["items"]
    assert ("confirm_certificate", "refused") in {(one["action"], one["outcome"]) for one in events}


def test_an_import_that_is_turned_down_never_counts(house: Installation, authorities: dict[str, Outside]) -> None:
    outside = authorities["official"]
    made = bring(house, outside.pem(outside.official("leader"))).json()
    assert outcome(confirm(house, made["id"], action="rejection")) == (201, "rejected")
    assert outcome(confirm(house, made["id"])) == (409, "STATE_CONFLICT")
    assert outcome(hold(house, made["id"])) == (409, "STATE_CONFLICT")


@pytest.mark.parametrize(
    ("profile", "expected"), [("public", (201, "active")), ("specialised", None), ("official", None)]
)
def test_a_citizens_certificate_counts_only_under_a_public_root(
    house: Installation, authorities: dict[str, Outside], profile: str, expected: tuple[int, str] | None
) -> None:
    outside = authorities[profile]
    made = bring(house, outside.pem(outside.citizen(MOTHER.name, MOTHER.personal_id)))
    assert outcome(made) == (expected or (422, "EXTERNAL_CERT_PROFILE"))
    if expected:
        assert made.json()["subject_id"] == MOTHER.subject_id
        assert made.json()["trust_profile"] == profile


def test_a_development_root_stays_one_wherever_its_file_lies(
    house: Installation, authorities: dict[str, Outside]
) -> None:
    outside = authorities["dev"]
    made = bring(house, outside.pem(outside.official("leader")))
    assert outcome(made) == (201, "pending")
    assert made.json()["trust_profile"] == "dev"


def test_an_agencys_seal_is_matched_by_the_agency_and_its_keeper(
    house: Installation, authorities: dict[str, Outside]
) -> None:
    outside = authorities["official"]
    pem = outside.pem(outside.seal(WARD))
    assert outcome(bring(house, pem)) == (409, "EXTERNAL_CERT_HOLDER")  # which agency, it does not say by code
    stranger = bring(house, pem, org_code=WARD, subject_id=PEOPLE["ra_officer"].subject_id)
    assert outcome(stranger) == (409, "CERT_TITLE_MISMATCH")
    made = bring(house, pem, org_code=WARD, subject_id=PEOPLE["clerk"].subject_id)
    assert outcome(made) == (201, "pending")
    assert made.json()["certificate_class"] == "org_seal"
    assert outcome(confirm(house, made.json()["id"], "clerk")) == (409, "CERT_SELF_APPROVAL")
    assert outcome(confirm(house, made.json()["id"])) == (201, "active")


def refusals(outside: dict[str, Outside]) -> dict[str, tuple[Callable[[], str], dict[str, Any], tuple[int, str]]]:
    """A certificate, what else is sent, and how it is refused."""
    good, nobody, day = outside["official"], outside["nobody"], timedelta(days=1)
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()  # noqa: S505 - the weak one
    small = ec.generate_private_key(ec.SECP192R1()).public_key()
    stamping = ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),)
    one = lambda **changes: lambda: good.pem(good.official("leader", **changes))  # noqa: E731 - one line each
    return {
        "no path": (lambda: nobody.pem(nobody.official("leader")), {}, (422, "EXTERNAL_CERT_UNTRUSTED")),
        "expired": (one(start=START - 9 * day, end=START - day), {}, (422, "EXTERNAL_CERT_EXPIRED")),
        "not yet": (one(start=START + day), {}, (422, "EXTERNAL_CERT_NOT_YET_VALID")),
        "rsa 1024": (one(public_key=weak), {}, (422, "EXTERNAL_CERT_WEAK")),
        "ec 192": (one(public_key=small), {}, (422, "EXTERNAL_CERT_WEAK")),
        "time-stamping": (one(extra=stamping), {}, (422, "EXTERNAL_CERT_PURPOSE")),
        "an authority": (good.pem, {}, (422, "EXTERNAL_CERT_PURPOSE")),
        "other name": (one(cn="Người Khác"), {}, (409, "EXTERNAL_CERT_HOLDER")),
        "other number": (one(sn=f"PNOVN-{MOTHER.personal_id}"), {}, (409, "EXTERNAL_CERT_HOLDER")),
        "unknown number": (one(sn="PNOVN-022090999999"), {}, (409, "EXTERNAL_CERT_HOLDER")),
        "other title": (one(title="Chủ tịch"), {}, (409, "CERT_TITLE_MISMATCH")),
        "no title": (one(title=""), {}, (409, "CERT_TITLE_MISMATCH")),
        "other agency": (one(o="Ủy ban nhân dân xã Khác"), {}, (409, "CERT_TITLE_MISMATCH")),
        "said to be another": (one(), {"subject_id": MOTHER.subject_id}, (409, "EXTERNAL_CERT_HOLDER")),
        "another's post": (one(), {"employment_id": PEOPLE["clerk"].employment_id}, (409, "CERT_TITLE_MISMATCH")),
        "unknown key": (one(), {"key_id": "key_none"}, (409, "EXTERNAL_CERT_KEY")),
        "evidence": (one(), {"evidence": "<b>"}, (422, "INPUT_INVALID")),
        "agency unknown": (lambda: good.pem(good.seal(WARD)), {"org_code": "H49.99"}, (409, "EXTERNAL_CERT_HOLDER")),
        "a list that is none": (one(), {"crls": ["AAAA"]}, (422, "EXTERNAL_FILE")),
        "not base64": (lambda: "!!", {}, (422, "EXTERNAL_FILE")),
        "not a certificate": (lambda: "MAMCAQE=", {}, (422, "CERT_MALFORMED")),
        "key block": (lambda: "-----BEGIN PUBLIC KEY-----\nAA\n-----END PUBLIC KEY-----\n", {}, (422, "EXTERNAL_FILE")),
        "too many": (lambda: good.pem(*(good.official("leader") for _ in range(8))), {}, (422, "EXTERNAL_FILE")),
    }  # fmt: skip


CASES = sorted(
    (
        "no path", "expired", "not yet", "rsa 1024", "ec 192", "time-stamping", "an authority", "other name",
        "other number", "unknown number", "other title", "no title", "other agency", "said to be another",
        "another's post", "unknown key", "evidence", "agency unknown", "a list that is none", "not base64",
        "not a certificate", "key block", "too many",
    )
)  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_does_not_count_is_refused_with_its_reason_and_leaves_nothing(
    shared: Installation, authorities: dict[str, Outside], case: str
) -> None:
    table = refusals(authorities)
    assert set(CASES) == set(table)
    make, more, expected = table[case]
    answer = bring(shared, make(), **more)
    assert outcome(answer) == expected, answer.text
    assert PEOPLE["leader"].personal_id not in answer.text
    assert read(shared, "").json()["items"] == []


def test_lists_that_come_along_are_asked_for_the_whole_path(
    house: Installation, authorities: dict[str, Outside]
) -> None:
    outside = authorities["official"]
    pki = outside.pki
    der = outside.official("leader")

    def lists() -> list[str]:
        return [
            x509.load_der_x509_crl(pki.crl(issuer)).public_bytes(Encoding.PEM).decode() for issuer in (pki.ca, pki.root)
        ]

    serial = x509.load_der_x509_certificate(der).serial_number
    pki.revoked[serial] = (START - timedelta(days=1), x509.ReasonFlags.key_compromise)
    try:
        assert outcome(bring(house, outside.pem(der), crls=lists())) == (422, "EXTERNAL_CERT_REVOKED")
    finally:
        pki.revoked.clear()
    assert outcome(bring(house, outside.pem(der), crls=lists())) == (201, "pending")


def test_a_certificate_of_our_own_is_not_imported(house: Installation) -> None:
    own = issue_certificate(house, official("leader"))
    with house.services.db.reading() as tx:
        der = RegistrySql(tx).get(own).der or b""
    pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()
    chain = "".join(
        x509.load_der_x509_certificate(house.client.get(f"/pki/{name}.cer").content).public_bytes(Encoding.PEM).decode()
        for name in ("personal", "root")
    )
    assert outcome(bring(house, pem + chain)) == (409, "CERT_DUPLICATE_ACTIVE")


def test_a_later_certificate_takes_the_place_of_the_earlier_one_but_not_of_one_on_hold(
    house: Installation, authorities: dict[str, Outside]
) -> None:
    outside = authorities["official"]

    def until(days: int) -> str:
        return outside.pem(outside.official("leader", end=START + timedelta(days=days)))

    first = bring(house, until(100)).json()["id"]
    assert outcome(bring(house, until(300))) == (409, "CERT_DUPLICATE_ACTIVE")  # the first one is not decided yet
    confirm(house, first)
    assert outcome(bring(house, until(50))) == (409, "CERT_DUPLICATE_ACTIVE")  # ends earlier
    hold(house, first)
    assert outcome(bring(house, until(300))) == (409, "SIG_CERT_HOLD")
    release(house, first)
    second = bring(house, until(300)).json()["id"]
    assert read(house, f"/{first}").json()["state"] == "active"
    assert outcome(confirm(house, second)) == (201, "active")
    assert read(house, f"/{first}").json()["state"] == "superseded"


def test_a_post_that_ended_between_import_and_confirmation_stops_the_confirmation(
    house: Installation, authorities: dict[str, Outside]
) -> None:
    outside = authorities["official"]
    made = bring(house, outside.pem(outside.official("leader"))).json()["id"]
    with house.services.db.transaction() as tx:
        tx.execute(
            EMPLOYMENTS.update()
            .where(EMPLOYMENTS.c.employment_id == PEOPLE["leader"].employment_id)
            .values(title="Chức danh khác")
        )
    assert outcome(confirm(house, made)) == (409, "CERT_TITLE_MISMATCH")
    house.clock.forward(days=500)
    assert outcome(confirm(house, made)) == (422, "EXTERNAL_CERT_EXPIRED")


def test_a_key_of_our_store_must_be_the_certificates_and_nobody_elses(
    house: Installation, authorities: dict[str, Outside]
) -> None:
    outside, keys = authorities["official"], house.services.keys
    public = load_der_public_key(keys.generate("key_one", KeyKind.EC_P256))
    keys.generate("key_two", KeyKind.EC_P256)
    pem = outside.pem(outside.official("leader", public_key=public))
    assert outcome(bring(house, pem, key_id="key_two")) == (409, "EXTERNAL_CERT_KEY")
    with house.services.db.reading() as tx:
        own = RegistrySql(tx).get(issue_certificate(house, official("chairman")))
    theirs = load_der_public_key(keys.public_key(own.key_id))
    stolen = outside.pem(outside.official("leader", public_key=theirs))
    assert outcome(bring(house, stolen, key_id=own.key_id)) == (409, "EXTERNAL_CERT_KEY")
    made = bring(house, pem, key_id="key_one")
    assert outcome(made) == (201, "pending")
    assert made.json()["signs_here"] is True


def test_holders_see_and_hold_their_own_and_nobody_elses(house: Installation, authorities: dict[str, Outside]) -> None:
    outside = authorities["public"]
    made = bring(house, outside.pem(outside.citizen(MOTHER.name, MOTHER.personal_id))).json()["id"]
    own = read(house, "", Role.CITIZEN, "mother").json()["items"]
    assert [one["id"] for one in own] == [made]
    assert read(house, "", Role.CITIZEN, "leader").json()["items"] == []
    assert outcome(read(house, f"/{made}", Role.CITIZEN, "leader")) == (404, "CERT_UNKNOWN")
    assert read(house, f"?subject_id={PEOPLE['leader'].subject_id}", Role.CITIZEN, "mother").json()["items"] == []
    assert outcome(hold(house, made, Role.CITIZEN, "leader")) == (404, "CERT_UNKNOWN")
    held = hold(house, made, Role.CITIZEN, "mother")
    assert outcome(held) == (201, "on_hold")
    assert held.json()["notices"][0]["code"] == "CERT_HOLD_LOCAL_ONLY"
    assert outcome(hold(house, made)) == (409, "STATE_CONFLICT")
    assert house.client.delete(
        f"/v1/external-certificates/{made}/suspension", headers=house.headers(Role.CITIZEN, "mother")
    ).status_code == 403  # fmt: skip
    assert outcome(release(house, made)) == (200, "active")
    assert outcome(release(house, made)) == (409, "STATE_CONFLICT")


def test_a_manager_does_not_release_the_own_certificate(house: Installation, authorities: dict[str, Outside]) -> None:
    outside = authorities["official"]
    made = bring(house, outside.pem(outside.official("security_officer"))).json()["id"]
    confirm(house, made)
    hold(house, made)
    assert outcome(release(house, made)) == (409, "SAME_PERSON")
    assert outcome(release(house, made, Role.RA_OFFICER)) == (200, "active")


def test_lists_narrow_and_one_certificate_comes_in_three_forms(
    house: Installation, authorities: dict[str, Outside]
) -> None:
    outside = authorities["public"]
    der = outside.citizen(MOTHER.name, MOTHER.personal_id)
    made = bring(house, outside.pem(der)).json()["id"]
    for query, number in (
        ("?trust_profile=public", 1), ("?trust_profile=official", 0), ("?class=citizen&state=active", 1),
        ("?state=pending", 0), (f"?subject_id={MOTHER.subject_id}", 1), (f"?org_code={WARD}", 0), ("?limit=1", 1),
    ):  # fmt: skip
        assert len(read(house, query).json()["items"]) == number, query
    path = f"/v1/external-certificates/{made}"
    headers = house.headers(Role.AUDITOR)
    assert house.client.get(path, headers={**headers, "Accept": "application/pkix-cert"}).content == der
    pem = house.client.get(path, headers={**headers, "Accept": "application/x-pem-file"}).content
    assert x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER) == der
    assert house.client.get(path, headers=headers).json()["local_holds"] == []
    assert outcome(read(house, "/cert_01m8323b80fhjsyky8ck0e5jrg")) == (404, "CERT_UNKNOWN")


def test_nobody_signs_with_an_import_that_was_not_confirmed_or_whose_key_is_elsewhere(
    house: Installation, authorities: dict[str, Outside]
) -> None:
    outside = authorities["official"]
    made = bring(house, outside.pem(outside.official("leader"))).json()["id"]
    office = Office(installation=house, certificates={"leader": made, "unknown": "cert_01m8323b80fhjsyky8ck0e5jrg"})
    result = office.numbered()
    assert outcome(office.sign(result, certificate="unknown")) == (404, "CERT_UNKNOWN")
    assert outcome(office.sign(result)) == (409, "EXTERNAL_CERT_UNCONFIRMED")
    confirm(house, made)
    refused = office.sign(result)
    assert (refused.status_code, refused.json()["code"]) == (409, CertificateKeyOnToken.code)


def test_a_seal_of_an_agency_that_no_longer_exists_is_refused(
    house: Installation, authorities: dict[str, Outside]
) -> None:
    with house.services.db.transaction() as tx:
        tx.execute(ORGANISATIONS.update().where(ORGANISATIONS.c.org_code == WARD).values(status="closed"))
    outside = authorities["official"]
    assert outcome(bring(house, outside.pem(outside.seal(WARD)), org_code=WARD)) == (409, "CERT_ORG_CLOSED")
