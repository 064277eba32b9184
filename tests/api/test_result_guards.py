"""What stops a key before it is touched: each guard of signing, sealing and issuing by itself (I10, I11, I14, I17)."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api.bootstrap import build_authenticator
from api.callers import Role
from api.db import to_micros
from api.errors import (
    CertificateExpired,
    CertificateKeyOnToken,
    CertificateNotYours,
    CertificateOnHold,
    CertificateOutOfScope,
    CertificateRevoked,
    CertificateSuperseded,
    CertificateWrongKind,
    CertTitleMismatch,
)
from api.main import create_app
from api.records.demonstration import BIRTH_EXTRACT, CENTRE, PEOPLE, SCHOOL_ENROLMENT, WARD
from api.records.external_certificates import EXTERNAL_CERTIFICATES, ExternalState
from api.records.results import FILE_SLOT, Results, ResultState
from api.records.tables import SIGNING_RIGHTS
from api.usecases.certificate_fitness import IntendedAct, require_fit_certificate
from api.usecases.result_files import store_revision
from api.usecases.result_signing import lowest_level
from api.usecases.seal_result import _holder_of
from api.usecases.signing_parts import credential_of
from signing.identity import CertificateClass, Scope
from signing.keys import KeyKind, KeyStore, SignatureAlgorithm
from signing.pades import SigningRequest, sign_pdf
from signing.registry import CertificateStatus, KeyDevice
from signing.registry_sql import RegistrySql
from signing.registry_sql.tables import CERTIFICATES
from tests.api.office import BODY, Office, issue_certificate, open_office
from tests.api.strict_status import imported_row
from tests.fakes.failing_keys import FailingKeys
from tests.fakes.small_pki import SmallPki
from vault.model import CitizenId


class CountingKeys(FailingKeys):
    """Counts how often a holder's key signs."""

    def __init__(self, keys: KeyStore) -> None:
        super().__init__(keys, lambda _key_id: False)
        self.used: list[str] = []

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        self.used.append(key_id)
        return super().sign(key_id, data, algorithm)


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


@pytest.fixture
def watched(office: Office) -> tuple[Office, CountingKeys]:
    """The same office with a key store that counts."""
    services = office.installation.services
    keys = CountingKeys(services.keys)
    counted = replace(services, keys=keys)
    app = create_app(counted, build_authenticator(services.settings, services.db))
    return Office(
        installation=replace(office.installation, services=counted, app=app), certificates=office.certificates
    ), keys


@pytest.fixture
def act() -> IntendedAct:
    return IntendedAct(
        certificate_class="personal",
        ordinal=None,
        org_code=WARD,
        place=WARD,
        procedure=BIRTH_EXTRACT,
        document_type="trich_luc_khai_sinh",
        titles=frozenset({"Phó Chủ tịch"}),
    )


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"subject_id": "sub_other"}, CertificateNotYours, "SIG_CERT_HOLDER"),
        ({"status": CertificateStatus.REVOKED}, CertificateRevoked, "SIG_CERT_REVOKED"),
        ({"status": CertificateStatus.ON_HOLD}, CertificateOnHold, "SIG_CERT_HOLD"),
        ({"status": CertificateStatus.RECORDED}, CertificateExpired, "SIG_CERT_EXPIRED"),
        ({"status": CertificateStatus.SUPERSEDED}, CertificateSuperseded, "SIG_CERT_SUPERSEDED"),
        ({"org_code": CENTRE}, CertTitleMismatch, "CERT_TITLE_MISMATCH"),
        ({"title": "Chủ tịch"}, CertTitleMismatch, "CERT_TITLE_MISMATCH"),
        ({"key_device": KeyDevice.TOKEN}, CertificateKeyOnToken, "SIG_KEY_ON_TOKEN"),
        ({"scope": Scope(procedures=(SCHOOL_ENROLMENT,))}, CertificateOutOfScope, "SIG_CERT_SCOPE"),
        ({"scope": Scope(places=(CENTRE,))}, CertificateOutOfScope, "SIG_CERT_SCOPE"),
        ({"scope": Scope(document_types=("quyet_dinh",))}, CertificateOutOfScope, "SIG_CERT_SCOPE"),
        ({"certificate_class": None}, CertificateWrongKind, "SIG_CERT_KIND"),
        ({"certificate_class": CertificateClass.ORG_SEAL}, CertificateWrongKind, "SIG_CERT_KIND"),
    ],
)
def test_a_certificate_that_does_not_fit_is_refused_for_its_own_reason(
    office: Office, act: IntendedAct, change: dict[str, object], error: type[Exception], code: str
) -> None:
    caller = _caller(office, "leader")
    with office.installation.services.db.reading() as tx:
        good = RegistrySql(tx).get(office.certificates["leader"])
    require_fit_certificate(good, act, caller, office.installation.clock.at)
    with pytest.raises(error) as refused:
        require_fit_certificate(replace(good, **change), act, caller, office.installation.clock.at)
    assert refused.value.code == code  # type: ignore[attr-defined] # every error of ours has one


def test_a_certificate_is_refused_outside_its_period_and_with_another_ordinal(office: Office, act: IntendedAct) -> None:
    caller = _caller(office, "leader")
    with office.installation.services.db.reading() as tx:
        good = RegistrySql(tx).get(office.certificates["leader"])
    with pytest.raises(CertificateExpired):
        require_fit_certificate(good, act, caller, good.not_after + timedelta(seconds=1))
    with pytest.raises(CertificateExpired):
        require_fit_certificate(good, act, caller, good.not_before - timedelta(seconds=1))
    with pytest.raises(CertificateWrongKind):
        require_fit_certificate(good, replace(act, ordinal=2), caller, office.installation.clock.at)
    require_fit_certificate(good, replace(act, ordinal=1), caller, office.installation.clock.at)


def test_a_seal_of_another_agency_is_out_of_its_scope(office: Office, act: IntendedAct) -> None:
    caller = replace(_caller(office, "clerk"), role=Role.CLERK)
    with office.installation.services.db.reading() as tx:
        seal = RegistrySql(tx).get(office.certificates["seal_secondary"])
    sealing = replace(act, certificate_class="org_seal", ordinal=2, place=CENTRE, titles=None)
    require_fit_certificate(seal, sealing, caller, office.installation.clock.at)
    with pytest.raises(CertificateOutOfScope):
        require_fit_certificate(seal, replace(sealing, org_code=CENTRE), caller, office.installation.clock.at)


def test_a_held_certificate_leaves_the_key_untouched(watched: tuple[Office, CountingKeys]) -> None:
    office, keys = watched
    held = office.certificates["chairman"]
    draft = office.draft(signer={"employment_id": PEOPLE["chairman"].employment_id, "capacity": "head"}).json()["id"]
    office.send(Role.APPRAISER, "appraiser", f"/v1/results/{draft}/appraisal")
    office.send(Role.CLERK, "clerk", f"/v1/results/{draft}/number")
    hold = office.send(
        Role.AUTHORISED_SIGNER, "chairman", f"/v1/certificates/{held}/suspension", {"reason": "key_in_doubt"}
    )
    assert hold.status_code in {200, 201}, hold.text
    refused = office.sign(draft, figure="chairman", certificate="chairman", capacity="head")
    assert (refused.status_code, refused.json()["code"]) == (409, "SIG_CERT_HOLD")
    assert keys.used == []


def test_the_appraiser_does_not_sign_and_the_signer_does_not_seal_whatever_the_account(
    watched: tuple[Office, CountingKeys],
) -> None:
    office, keys = watched
    result = office.draft().json()["id"]
    assert office.send(Role.APPRAISER, "leader", f"/v1/results/{result}/appraisal", org=WARD).status_code == 201
    office.send(Role.CLERK, "clerk", f"/v1/results/{result}/number")
    refused = office.sign(result)
    assert (refused.status_code, refused.json()["code"]) == (409, "SAME_PERSON")
    assert keys.used == []
    other = office.numbered()
    assert office.sign(other).status_code == 201
    keys.used.clear()
    body = {"certificate_id": office.certificates["seal_secondary"]}
    refused = office.send(Role.CLERK, "leader", f"/v1/results/{other}/seal", body, org=WARD)
    assert (refused.status_code, refused.json()["code"]) == (409, "SAME_PERSON")
    assert keys.used == []


def test_a_signing_right_withdrawn_after_the_draft_stops_the_signature(watched: tuple[Office, CountingKeys]) -> None:
    office, keys = watched
    result = office.numbered()
    mine = SIGNING_RIGHTS.c.employment_id == PEOPLE["leader"].employment_id
    services = office.installation.services
    with services.db.transaction() as tx:
        tx.execute(sa.update(SIGNING_RIGHTS).where(mine).values(valid_to=to_micros(office.installation.clock.at)))
    try:
        refused = office.sign(result)
    finally:
        with services.db.transaction() as tx:
            tx.execute(sa.update(SIGNING_RIGHTS).where(mine).values(valid_to=None))
    assert (refused.status_code, refused.json()["code"]) == (403, "SIGNING_RIGHT_MISSING")
    assert keys.used == []


def test_a_key_that_the_certificate_does_not_name_is_not_used(watched: tuple[Office, CountingKeys]) -> None:
    office, keys = watched
    result, services = office.numbered(), office.installation.services
    named = CERTIFICATES.c.certificate_id == office.certificates["leader"]
    spki = services.keys.generate("key_exchanged", KeyKind.EC_P256)
    with services.db.transaction() as tx:
        known = RegistrySql(tx).get(office.certificates["leader"]).key_id
        tx.execute(sa.update(CERTIFICATES).where(named).values(key_id="key_exchanged"))
    assert spki != services.keys.public_key(known)
    try:
        refused = office.sign(result)
    finally:
        with services.db.transaction() as tx:
            tx.execute(sa.update(CERTIFICATES).where(named).values(key_id=known))
    assert refused.json()["code"] == "KEY_DAMAGED"
    assert keys.used == []


def put_file(office: Office, result: str, pdf: bytes) -> None:
    """Make `pdf` the newest revision, with a row that says it is signed, as an intruder in the database could."""
    services = office.installation.services
    with services.db.reading() as tx:
        record = Results(tx).get(result)
    store_revision(
        record,
        pdf,
        services,
        office.installation.clock.at,
        state=ResultState.APPROVED,
        signed_by=PEOPLE["leader"].subject_id,
        file_sha256=hashlib.sha256(pdf).hexdigest(),
        signature_level="B-LT",
    )


def unsigned(_office: Office, page: bytes) -> bytes:
    return page


def signed_by_another(office: Office, page: bytes) -> bytes:
    services = office.installation.services
    with services.db.reading() as tx:
        record = RegistrySql(tx).get(office.certificates["other_leader"])
        credential = credential_of(tx, record)
    request = SigningRequest(credential=credential, field_name="Step3")
    return sign_pdf(page, request, keys=services.keys, stamp=None, evidence=None, at=office.installation.clock.at).pdf


def signed_then_damaged(office: Office, page: bytes) -> bytes:
    result = office.numbered()
    office.sign(result)
    pdf = bytearray(office.content(result))
    pdf[len(page) // 2] ^= 1
    return bytes(pdf)


def signed_twice(office: Office, page: bytes) -> bytes:
    """Nothing but the plan's own signature stands in a file that is to be sealed."""
    services, at = office.installation.services, office.installation.clock.at
    with services.db.reading() as tx:
        credential = credential_of(tx, RegistrySql(tx).get(office.certificates["leader"]))
    for name in ("Step3", "Again"):
        request = SigningRequest(credential=credential, field_name=name)
        page = sign_pdf(page, request, keys=services.keys, stamp=None, evidence=None, at=at).pdf
    return page


@pytest.fixture(scope="module", autouse=True)
def _other_leader(office: Office) -> None:
    person = PEOPLE["appraiser"]
    office.certificates["other_leader"] = issue_certificate(
        office.installation,
        {
            "certificate_class": "personal",
            "ordinal": 1,
            "subject_id": person.subject_id,
            "employment_id": person.employment_id,
            "org_code": WARD,
        },
    )


@pytest.mark.parametrize("forge", [unsigned, signed_by_another, signed_then_damaged, signed_twice])
def test_the_seal_looks_into_the_file_and_not_at_the_row(
    watched: tuple[Office, CountingKeys], forge: Callable[[Office, bytes], bytes]
) -> None:
    office, keys = watched
    result = office.numbered()
    put_file(office, result, forge(office, office.content(result)))
    with office.installation.services.db.reading() as tx:
        seal = RegistrySql(tx).get(office.certificates["seal_secondary"]).key_id
    refused = office.seal(result)
    assert (refused.status_code, refused.json()["code"]) == (409, "SEAL_BEFORE_SIGNATURE")
    assert seal not in keys.used


def test_the_holder_of_an_imported_certificate_is_known_while_it_stands(office: Office) -> None:
    services = office.installation.services
    credential = SmallPki().credential()
    imported = imported_row(office.installation, credential, "leader", certificate_id="cert_" + "0" * 25 + "9")
    sha256 = hashlib.sha256(credential.certificate).hexdigest()
    with services.db.transaction() as tx:
        assert _holder_of(tx, sha256) == PEOPLE["leader"].subject_id
        assert _holder_of(tx, "0" * 64) is None
        tx.execute(
            EXTERNAL_CERTIFICATES.update()
            .where(EXTERNAL_CERTIFICATES.c.certificate_id == imported)
            .values(state=ExternalState.ON_HOLD.value)
        )
        assert _holder_of(tx, sha256) is None


def test_a_file_that_is_not_the_recorded_revision_is_never_signed_or_shown(office: Office) -> None:
    result = office.numbered()
    services = office.installation.services
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(PEOPLE["child"].subject_id), office.installation.clock.at)
    exchanged = services.vault.work.stage(
        key,
        record_id=result,
        slot=FILE_SLOT,
        media_type="application/pdf",
        content=b"%PDF-1.7 another page",
        at=office.installation.clock.at,
    )
    with services.db.transaction() as tx:
        services.vault.work.keep(tx, exchanged)
    for answer in (office.sign(result), office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}/content")):
        assert (answer.status_code, answer.json()["code"]) == (500, "INTEGRITY_MISMATCH")


@pytest.mark.parametrize(
    ("role", "step"),
    [
        (Role.APPRAISER, "appraisal"),
        (Role.CLERK, "number"),
        (Role.CLERK, "voiding"),
        (Role.CLERK, "issue"),
    ],
)
def test_nobody_of_another_agency_takes_a_step(office: Office, role: Role, step: str) -> None:
    result = office.draft().json()["id"]
    body = {"reason": "x"} if step == "voiding" else {}
    answer = office.send(
        role, "school_officer", f"/v1/results/{result}/{step}", body, org=PEOPLE["school_officer"].org_code
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    headers = office.installation.headers(role, "school_officer", PEOPLE["school_officer"].org_code)
    for path in (f"/v1/results/{result}", f"/v1/results/{result}/content"):
        assert office.installation.client.get(path, headers=headers).status_code == 404


def test_an_auditor_sees_the_record_and_not_the_file(office: Office) -> None:
    result = office.numbered()
    headers = office.installation.headers(Role.AUDITOR)
    assert office.installation.client.get(f"/v1/results/{result}", headers=headers).status_code == 200
    refused = office.installation.client.get(f"/v1/results/{result}/content", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_MISSING")


def test_nobody_drafts_for_another_agency(office: Office) -> None:
    before = office.draft().json()
    body = {
        "dossier_id": before["dossier_id"],
        "result_type": "trich_luc_khai_sinh",
        "org_code": WARD,
        "owner_subject_id": PEOPLE["child"].subject_id,
        "signer": {"employment_id": PEOPLE["leader"].employment_id, "capacity": "kt"},
        "content": {"place": "Quảng Yên", "recipients": [], "body": BODY},
    }
    school = PEOPLE["school_officer"]
    refused = office.send(Role.APPRAISER, "school_officer", "/v1/results", body, org=school.org_code)
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")


def test_a_draft_stays_in_the_dossiers_own_agency(office: Office) -> None:
    school = office.send(
        Role.RECEPTION_OFFICER,
        "school_officer",
        "/v1/dossiers",
        {
            "procedure_code": SCHOOL_ENROLMENT,
            "applicant_subject_id": PEOPLE["mother"].subject_id,
            "org_code": PEOPLE["school_officer"].org_code,
            "channel": "counter",
        },
    ).json()["id"]
    refused = office.draft(dossier_id=school)
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert BODY["full_name"] not in refused.text


def test_the_level_of_a_file_is_that_of_its_weakest_signature() -> None:
    assert lowest_level("B-B", "B-LT") == "B-B"
    assert lowest_level("B-LT", "B-T") == "B-T"
    assert lowest_level("B-LT", "B-LT") == "B-LT"
    assert lowest_level(None, "B-LT") is None


def _caller(office: Office, figure: str) -> Any:
    from api.callers import Caller  # noqa: PLC0415 - used by this function only

    return Caller(
        account_id="acc_test",
        subject_id=PEOPLE[figure].subject_id,
        role=Role.AUTHORISED_SIGNER,
        org_code=PEOPLE[figure].org_code,
    )
