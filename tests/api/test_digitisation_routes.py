"""From the counter to the vault: S05, S06, S20, S33; I21-I23, I33. One real photo is read, once."""

import pytest

from api.callers import Role
from api.records.demonstration import PEOPLE, WARD
from tests.api.counter import MANDATORY, PHOTO, TRUTH, Counter, code_of, confirmed, counter, reading, seen

__all__ = ["counter", "reading"]  # fixtures


@pytest.mark.service
def test_a_confirmed_photo_becomes_a_signed_copy_in_the_owners_vault(counter: Counter) -> None:
    digitisation = counter.read()
    shown = counter.get(f"/v1/digitisations/{digitisation}").json()
    assert shown["state"] == "extracted"
    for name in ("number", "date", "person_name", "dob", "id_number", "mother", "father", "agency"):
        assert shown["fields"][name]["value"] == TRUTH[name]
    page = counter.get(f"/v1/digitisations/{digitisation}/pages/1")
    assert page.headers["content-type"] == "image/jpeg"
    assert page.content.startswith(b"\xff\xd8")

    confirmed = {name: TRUTH[name] for name in shown["fields"] if name in TRUTH}
    changed = counter.patch(digitisation, confirmed).json()
    assert changed["state"] == "confirmed"
    assert changed["fields"]["number"]["is_confirmed"]

    accepted = counter.accept(digitisation)
    assert accepted.status_code == 201, accepted.text
    dossier = shown["dossier_id"]
    stored = f"/v1/documents/{accepted.json()['document_id']}"
    document = counter.get(f"{stored}?dossier_id={dossier}").json()
    assert document["grade"] == "c_officer_copy"
    assert document["origin"] == "converted_from_paper"
    assert {one["role"] for one in document["files"]} == {"master", "signed"}
    assert document["fields"]["id_number"] == TRUTH["id_number"]
    signed = counter.get(f"{stored}/content?role=signed&dossier_id={dossier}").content
    master = counter.get(f"{stored}/content?role=master&dossier_id={dossier}").content
    assert signed.startswith(counter.reading.pdf)  # the copy is only appended to
    assert master == PHOTO.read_bytes()
    form = {"file": ("ban-sao.pdf", signed, "application/pdf")}
    report = counter.installation.client.post("/v1/verifications", files=form).json()
    assert (report["verdict"], report["acceptance"]) == ("valid", "accept")  # an officer's copy needs no seal
    assert report["entitlement"] == {"status": "entitled", "reasons": []}
    assert report["document_status"] == {"state": "active", "vault_match": "identical"}
    with counter.installation.services.db.reading() as tx:
        assert counter.installation.services.vault.work.slots(tx, digitisation) == ()


# --- confirming --------------------------------------------------------------------------------------


def test_before_and_after_of_a_correction_are_kept(counter: Counter) -> None:
    digitisation = counter.read()
    read_value = seen(counter, digitisation)["fields"]["person_name"]["value"]
    changed = counter.patch(digitisation, {"person_name": "Trần Minh Khoa"})
    assert changed.json()["state"] == "extracted"  # other mandatory fields are open
    field = counter.patch(digitisation, {"person_name": TRUTH["person_name"]}).json()["fields"]["person_name"]
    assert [(one["before"], one["after"]) for one in field["history"]] == [
        (read_value, "Trần Minh Khoa"),
        ("Trần Minh Khoa", TRUTH["person_name"]),
    ]
    assert all(one["account_id"].startswith("acc_") for one in field["history"])
    assert field["is_confirmed"]
    assert not field["needs_review"]


def test_a_field_that_the_machine_did_not_find_can_be_added(counter: Counter) -> None:
    digitisation = counter.read()
    field = counter.patch(digitisation, {"remark": "Bản sao"}).json()["fields"]["remark"]
    assert (field["value"], field["raw"], field["box"]) == ("Bản sao", "", [])


def test_a_change_on_an_old_version_is_refused(counter: Counter) -> None:
    digitisation = counter.read()
    version = seen(counter, digitisation)["version"]
    assert counter.patch(digitisation, {"sex": "Nam"}, version=version).status_code == 200
    assert code_of(counter.patch(digitisation, {"sex": "Nữ"}, version=version)) == (409, "VERSION")
    old = {"If-Match": f'"{version}"'}
    assert code_of(counter.patch(digitisation, {"sex": "Nữ"}, headers=old)) == (409, "VERSION")
    assert code_of(counter.patch(digitisation, {"sex": "Nữ"}, headers={"If-Match": "*x"})) == (422, "INPUT_INVALID")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"dob": "31/02/2020"}, "FLD_DATE_IMPOSSIBLE"),
        ({"date": "2020-02-31"}, "FLD_DATE_IMPOSSIBLE"),
        ({"id_number": "0222O0900014"}, "FLD_ID_FORMAT"),
        ({"person_name": "  "}, "INPUT_INVALID"),
        ({"person_name": "x" * 501}, "INPUT_INVALID"),
        ({"Person": "x"}, "INPUT_INVALID"),
        ({}, "INPUT_INVALID"),
        ({f"field_{n}": "x" for n in range(55)}, "INPUT_INVALID"),
    ],
)
def test_a_value_that_cannot_stand_on_a_paper_is_refused(counter: Counter, fields: dict[str, str], code: str) -> None:
    digitisation = counter.read()
    assert code_of(counter.patch(digitisation, fields)) == (422, code)
    assert not any(one["is_confirmed"] for one in seen(counter, digitisation)["fields"].values())


# --- signing -----------------------------------------------------------------------------------------


def test_nothing_is_signed_before_every_mandatory_field_is_confirmed(counter: Counter) -> None:
    digitisation = counter.read()
    counter.patch(digitisation, {name: TRUTH[name] for name in MANDATORY[1:]})
    assert code_of(counter.accept(digitisation)) == (409, "CNF_UNCONFIRMED")


def test_a_paper_that_names_somebody_else_is_not_the_owners(counter: Counter) -> None:
    assert code_of(counter.accept(confirmed(counter, id_number="022220900015"))) == (409, "CNF_OWNER_MISMATCH")
    assert code_of(counter.accept(confirmed(counter, person_name="Trần Minh Khoa"))) == (409, "CNF_OWNER_MISMATCH")
    assert code_of(counter.accept(confirmed(counter, dob="2020-06-02"))) == (409, "CNF_OWNER_MISMATCH")


def test_an_expired_paper_is_not_stored(counter: Counter) -> None:
    assert code_of(counter.accept(confirmed(counter, date_expiry="2024-01-01"))) == (409, "CNF_EXPIRED_ALREADY")


def test_another_officer_of_the_agency_may_not_sign_what_this_one_confirmed(counter: Counter) -> None:
    digitisation = confirmed(counter, number="71/2020")
    installation = counter.installation
    other = installation.headers(Role.RECEPTION_OFFICER, "appraiser", WARD)
    body = {"certificate_id": counter.certificate}
    answer = installation.client.post(f"/v1/digitisations/{digitisation}/acceptance", json=body, headers=other)
    assert code_of(answer) == (409, "CNF_OTHER_OFFICER")


def test_a_certificate_that_is_not_there_or_not_the_officers_signs_nothing(counter: Counter) -> None:
    digitisation = confirmed(counter, number="72/2020")
    assert code_of(counter.accept(digitisation, "cert_0"))[1] == "ID_INVALID"
    seal = {"certificate_class": "org_seal", "ordinal": 1, "org_code": WARD, "type": "new", "evidence": ["x"]}
    request = seal | {
        "subject_id": PEOPLE["ward_clerk"].subject_id,
        "scope": {"places": [], "procedures": [], "document_types": []},
    }
    client, installation = counter.installation.client, counter.installation
    asked = client.post("/v1/certificate-requests", json=request, headers=installation.headers(Role.RA_OFFICER)).json()
    path = f"/v1/certificate-requests/{asked['id']}/approval"
    issued = client.post(path, json={}, headers=installation.headers(Role.APPROVER)).json()
    assert code_of(counter.accept(digitisation, issued["certificate_id"]))[1] == "SIG_CERT_HOLDER"
    assert seen(counter, digitisation)["state"] == "confirmed"


def test_a_paper_of_the_same_number_is_stored_once_and_then_not_demanded_again(counter: Counter) -> None:
    first = counter.accept(confirmed(counter, number="73/2020"))
    assert first.status_code == 201, first.text
    form = {name: value for name, value in counter.form().items() if name != "reason"}
    demanded = counter.post("/v1/digitisations", files={"file": ("a.jpg", PHOTO.read_bytes())}, data=form)
    assert code_of(demanded) == (409, "COMP_ALREADY_HELD")  # S06
    again = counter.upload(PHOTO.read_bytes(), reason="verify")
    assert again.status_code == 202
    counter.work(again.json()["id"])
    counter.patch(again.json()["id"], {name: TRUTH[name] for name in MANDATORY} | {"number": "73/2020"})
    assert code_of(counter.accept(again.json()["id"])) == (409, "CNF_DUPLICATE_DOC")  # S33
