"""The officer's copy: agreed to by a passkey where keys are guarded, marked before it is signed, completed later (I17,
I22, I23, S25)."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
from pikepdf import pdfa

from api.bootstrap import build_authenticator
from api.callers import Role
from api.main import create_app
from api.records.demonstration import PEOPLE, WARD
from api.records.digitisations import Digitisations
from api.usecases.accept_digitisation import LATE_COPY
from api.usecases.late_copy import complete_copy
from api.worker import BODIES
from digitize.pipeline import DigitisedDocument
from signing.ca import TIMESTAMP, service_credential
from signing.errors import TimestampUnavailable
from signing.identity import CertificateClass
from signing.pades.pages import opened_pages
from signing.registry_sql import RegistrySql
from tests.api.counter import Counter, KnowsThePhoto, code_of, confirmed, counter, reading, seen
from tests.api.office import issue_certificate, official
from tests.api.signer_bench import GuardedOffice, guarded_office, unb64
from tests.api.slip_desk import SlipDesk
from tests.api.strict_status import imported_row, refusing_unknown_status
from tests.fakes.failing_keys import FailingKeys
from tests.fakes.small_pki import SmallPki

__all__ = ["counter", "reading"]  # fixtures


@pytest.fixture(scope="module")
def guarded(
    tmp_path_factory: pytest.TempPathFactory, reading: DigitisedDocument
) -> Iterator[tuple[GuardedOffice, Counter]]:
    """A desk whose keys are with a signer that believes passkeys only."""
    with guarded_office(tmp_path_factory.mktemp("guarded")) as office:
        installation = office.installation
        installation.app.state.services = replace(installation.services, digitiser=KnowsThePhoto())
        certificate = issue_certificate(installation, official("reception_officer"))
        passkey = office.register(Role.RECEPTION_OFFICER, "reception_officer")
        assert office.vouch(passkey, "reception_officer", "chairman").status_code == 201
        yield office, Counter(installation=installation, certificate=certificate, reading=reading)


def prepare(counter: Counter, digitisation: str, **more: str) -> Any:
    body = {"certificate_id": counter.certificate} | more
    return counter.post(f"/v1/digitisations/{digitisation}/signature-preparation", json=body)


def accept(counter: Counter, digitisation: str, **more: str) -> Any:
    body = {"certificate_id": counter.certificate} | more
    return counter.post(f"/v1/digitisations/{digitisation}/acceptance", json=body)


def agree(office: GuardedOffice, asked: dict[str, Any]) -> None:
    answer = office.passkeys["reception_officer"].answer_json(unb64(asked["challenge"]))
    path = f"/v1/signature-authorisations/{asked['id']}/confirmation"
    agreed = office.send(Role.RECEPTION_OFFICER, "reception_officer", path, {"assertion": answer})
    assert agreed.status_code == 201, agreed.text


def signed_file(counter: Counter, document: str, dossier: str) -> bytes:
    got = counter.get(f"/v1/documents/{document}/content?role=signed&dossier_id={dossier}")
    assert got.status_code == 200, got.text
    return bytes(got.content)


def test_a_guarded_key_signs_the_copy_that_its_officer_agreed_to(guarded: tuple[GuardedOffice, Counter]) -> None:
    office, counter = guarded
    office.tick()
    digitisation = confirmed(counter, "81/2020")
    assert code_of(accept(counter, digitisation)) == (403, "AUTHORISATION_REQUIRED")

    asked = prepare(counter, digitisation)
    assert asked.status_code == 201, asked.text
    assert (asked.json()["purpose"], len(asked.json()["digests"])) == ("accept_digitisation", 1)
    under = {"authorisation_id": asked.json()["id"]}
    assert code_of(accept(counter, digitisation, **under)) == (403, "AUTHORISATION_REQUIRED")
    agree(office, asked.json())
    dossier = seen(counter, digitisation)["dossier_id"]
    done = accept(counter, digitisation, **under)
    assert done.status_code == 201, done.text
    assert done.json()["signature_level"] == "B-LT"

    form = {"file": ("a.pdf", signed_file(counter, done.json()["document_id"], dossier), "application/pdf")}
    report = counter.installation.client.post("/v1/verifications", files=form).json()
    assert (report["verdict"], report["entitlement"]["status"]) == ("valid", "entitled")
    assert code_of(accept(counter, digitisation, **under)) == (409, "STATE_CONFLICT")


def test_only_what_was_prepared_last_is_signed(guarded: tuple[GuardedOffice, Counter]) -> None:
    office, counter = guarded
    office.tick()
    digitisation = confirmed(counter, "82/2020")
    other = prepare(counter, confirmed(counter, "83/2020")).json()
    agree(office, other)
    assert code_of(accept(counter, digitisation, authorisation_id=other["id"])) == (409, "SIG_NOT_PREPARED")
    first = prepare(counter, digitisation).json()
    second = prepare(counter, digitisation, mark="none").json()
    agree(office, first)
    agree(office, second)
    assert code_of(accept(counter, digitisation, authorisation_id=first["id"])) == (409, "SIG_NOT_PREPARED")
    assert accept(counter, digitisation, authorisation_id=second["id"]).status_code == 201


def test_what_changed_since_the_preparation_is_asked_again(guarded: tuple[GuardedOffice, Counter]) -> None:
    office, counter = guarded
    office.tick()
    digitisation = confirmed(counter, "84/2020")
    asked = prepare(counter, digitisation).json()
    agree(office, asked)
    counter.patch(digitisation, {"date_expiry": "2024-01-01"})
    assert code_of(accept(counter, digitisation, authorisation_id=asked["id"])) == (409, "CNF_EXPIRED_ALREADY")


def test_a_clerks_seal_on_a_copy_is_agreed_to_by_the_clerks_passkey(guarded: tuple[GuardedOffice, Counter]) -> None:
    office, counter = guarded
    office.tick()
    digitisation = confirmed(counter, "90/2020")
    asked = prepare(counter, digitisation).json()
    agree(office, asked)
    source = accept(counter, digitisation, authorisation_id=asked["id"]).json()["document_id"]
    seal = issue_certificate(
        counter.installation,
        {
            "certificate_class": "org_seal",
            "org_code": WARD,
            "ordinal": 1,
            "subject_id": PEOPLE["clerk"].subject_id,
        },
    )
    assert office.vouch(office.register(Role.CLERK, "clerk"), "clerk", "chairman").status_code == 201
    body = {"form": "sao_y", "dossier_id": counter.dossier(), "certificate_id": seal}
    path = f"/v1/documents/{source}/copies"
    assert code_of(office.send(Role.CLERK, "clerk", path, body)) == (403, "AUTHORISATION_REQUIRED")

    opened = office.send(Role.CLERK, "clerk", f"{path}/signature-preparation", body)
    assert (opened.status_code, opened.json()["purpose"]) == (201, "seal_copy")
    under = body | {"authorisation_id": opened.json()["id"]}
    assert code_of(office.send(Role.CLERK, "clerk", path, under)) == (403, "AUTHORISATION_REQUIRED")
    answer = {"assertion": office.passkeys["clerk"].answer_json(unb64(opened.json()["challenge"]))}
    confirmation = f"/v1/signature-authorisations/{opened.json()['id']}/confirmation"
    assert office.send(Role.CLERK, "clerk", confirmation, answer).status_code == 201
    assert code_of(office.send(Role.CLERK, "clerk", path, under | {"form": "sao_luc"})) == (409, "SIG_NOT_PREPARED")
    # a seal's authorisation gives no bare signature over the digest
    bare = {"digest": opened.json()["digests"][0]["digest"]}
    taken = office.send(Role.CLERK, "clerk", f"/v1/signature-authorisations/{opened.json()['id']}/signatures", bare)
    assert taken.json()["code"] == "SEAL_NEEDS_DOCUMENT"
    sealed = office.send(Role.CLERK, "clerk", path, under)
    assert sealed.status_code == 201, sealed.text
    assert code_of(office.send(Role.CLERK, "clerk", path, under)) == (409, "SIG_NOT_PREPARED")


def test_a_receipt_slip_is_agreed_to_by_the_officers_passkey(guarded: tuple[GuardedOffice, Counter]) -> None:
    office, counter = guarded
    office.tick()
    desk = SlipDesk(counter.installation, counter.certificate)
    slip, other = (desk.draft()["id"] for _ in range(2))
    assert code_of(desk.sign(slip)) == (403, "AUTHORISATION_REQUIRED")

    path, body = f"/v1/receipt-slips/{slip}/signature-preparation", {"certificate_id": desk.certificate}
    assert code_of(desk.post(path, body | {"file_sha256": "0" * 64})) == (409, "DOCUMENT_CHANGED_SINCE_PREVIEW")
    asked = desk.post(path, body)
    assert (asked.status_code, asked.json()["purpose"]) == (201, "sign_receipt")
    under = {"authorisation_id": asked.json()["id"]}
    assert code_of(desk.sign(slip, **under)) == (403, "AUTHORISATION_REQUIRED")
    agree(office, asked.json())
    assert code_of(desk.sign(other, **under)) == (409, "SIG_NOT_PREPARED")
    done = desk.sign(slip, **under)
    assert (done.status_code, done.json()["state"]) == (201, "signed")
    assert code_of(desk.sign(slip, **under)) == (409, "STATE_CONFLICT")
    form = {"file": ("a.pdf", desk.file(slip), "application/pdf")}
    assert counter.installation.client.post("/v1/verifications", files=form).json()["verdict"] == "valid"


def test_only_the_slip_that_was_prepared_last_is_signed(guarded: tuple[GuardedOffice, Counter]) -> None:
    office, counter = guarded
    office.tick()
    desk = SlipDesk(counter.installation, counter.certificate)
    slip = desk.draft()["id"]
    path = f"/v1/receipt-slips/{slip}/signature-preparation"
    first = desk.post(path, {"certificate_id": desk.certificate}).json()
    second = desk.post(path, {"certificate_id": desk.certificate}).json()
    for asked in (first, second):
        agree(office, asked)
    assert code_of(desk.sign(slip, authorisation_id=first["id"])) == (409, "SIG_NOT_PREPARED")
    assert desk.sign(slip, authorisation_id=second["id"]).status_code == 201


# --- what is seen ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mark", "lines"), [("text", ["BẢN SỐ HÓA"]), ("none", [])])
def test_the_conversion_mark_is_on_the_page_whether_or_not_the_signature_is_seen(
    counter: Counter, mark: str, lines: list[str]
) -> None:
    digitisation = confirmed(counter, f"85/{len(lines)}")
    dossier = seen(counter, digitisation)["dossier_id"]
    done = accept(counter, digitisation, mark=mark)
    assert done.status_code == 201, done.text
    pdf = signed_file(counter, done.json()["document_id"], dossier)
    with opened_pages(pdf) as document:
        text = document[0].get_textpage().get_text_bounded()
    for line in ("CHUYỂN ĐỔI TỪ BẢN GIẤY", "Người chuyển đổi:", "+07:00"):
        assert line in text
    with pikepdf.open(io.BytesIO(pdf)) as document:
        (field,) = document.Root.AcroForm.Fields
        rectangle = [float(side) for side in field.Rect]
        assert (rectangle[2] > rectangle[0]) == (mark == "text")
        assert float(document.pages[0].CropBox[3]) > 0


def test_the_page_with_its_conversion_mark_is_still_pdf_a(counter: Counter) -> None:
    digitisation = confirmed(counter, "86/2020")
    dossier = seen(counter, digitisation)["dossier_id"]
    pdf = signed_file(counter, accept(counter, digitisation, mark="none").json()["document_id"], dossier)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        # the revision before the signature: what the signature covers, without its field
        byte_range = [int(one) for one in document.Root.AcroForm.Fields[0].V.ByteRange]
    before = pdf[: pdf.rindex(b"%%EOF", 0, pdf.index(b"/ByteRange")) + 6]
    assert len(before) < byte_range[1]
    with pikepdf.open(io.BytesIO(before)) as document:
        assert not pdfa.check(document, "2b").violations


# --- later -------------------------------------------------------------------------------------------


@pytest.fixture
def without_time(counter: Counter) -> Iterator[FailingKeys]:
    """The desk while the time-stamp unit is away."""
    installation = counter.installation
    services = installation.app.state.services
    with services.db.reading() as tx:
        unit = service_credential(TIMESTAMP, RegistrySql(tx), at=installation.clock.at).key_id
    keys = FailingKeys(services.keys, lambda key_id: key_id == unit)
    slow = replace(services, keys=keys)
    before = installation.app
    installation.app = create_app(slow, build_authenticator(services.settings, services.db))
    yield keys
    installation.app = before


def progress(_done: int, _total: int, _label: str) -> None:
    """Nobody watches."""


def test_a_copy_without_time_stamp_is_signed_and_stored_when_it_has_one(
    counter: Counter, without_time: FailingKeys
) -> None:
    services = counter.installation.app.state.services
    digitisation = confirmed(counter, "87/2020")
    dossier = seen(counter, digitisation)["dossier_id"]
    signed = accept(counter, digitisation)
    assert (signed.status_code, signed.json()["state"]) == (202, "signed")
    assert signed.json()["signature_level"] == "B-B"
    assert seen(counter, digitisation)["document_id"] is None
    assert code_of(accept(counter, digitisation)) == (409, "STATE_CONFLICT")  # never signed twice
    with services.db.reading() as tx:
        jobs = [services.jobs.find(tx, job) for job, *_ in services.jobs.waiting(tx, counter.installation.clock.at)]
    assert (LATE_COPY, {"digitisation_id": digitisation}) in [(job.kind, dict(job.payload)) for job in jobs]
    assert LATE_COPY in BODIES
    with pytest.raises(TimestampUnavailable):
        complete_copy(services, {"digitisation_id": digitisation}, progress)
    without_time.refuses = lambda _key_id: False
    complete_copy(services, {"digitisation_id": digitisation}, progress)
    complete_copy(services, {"digitisation_id": digitisation}, progress)
    shown = seen(counter, digitisation)
    assert shown["state"] == "stored"
    form = {"file": ("a.pdf", signed_file(counter, shown["document_id"], dossier), "application/pdf")}
    report = counter.installation.client.post("/v1/verifications", files=form).json()
    assert report["verdict"] == "valid"
    assert report["document_status"]["vault_match"] == "identical"


def test_a_copy_whose_paper_came_in_meanwhile_is_linked_to_it(counter: Counter, without_time: FailingKeys) -> None:
    services = counter.installation.app.state.services
    waiting = confirmed(counter, "88/2020")
    assert accept(counter, waiting).status_code == 202
    without_time.refuses = lambda _key_id: False
    other = accept(counter, confirmed(counter, "88/2020"))
    assert other.status_code == 201, other.text
    complete_copy(services, {"digitisation_id": waiting}, progress)
    with services.db.reading() as tx:
        record = Digitisations(tx).get(waiting)
    assert (record.document_id, record.error_code) == (other.json()["document_id"], "CNF_DUPLICATE_DOC")


def test_a_device_that_does_not_answer_has_a_code_of_its_own(counter: Counter) -> None:
    installation = counter.installation
    services = installation.app.state.services
    dead = replace(services, keys=FailingKeys(services.keys, lambda _key_id: True))
    before = installation.app
    digitisation = confirmed(counter, "89/2020")
    installation.app = create_app(dead, build_authenticator(services.settings, services.db))
    try:
        assert code_of(accept(counter, digitisation)) == (503, "SIG_DEVICE")
    finally:
        installation.app = before
    assert seen(counter, digitisation)["state"] == "confirmed"


def test_where_status_must_be_known_no_copy_of_a_paper_is_signed_without_it(counter: Counter) -> None:
    digitisation = confirmed(counter, "90/2020")
    unknown = imported_row(
        counter.installation,
        SmallPki().credential(),
        "reception_officer",
        certificate_id="cert_" + "0" * 25 + "6",
        certificate_class=CertificateClass.PERSONAL,
        key_id="key_nobody_uses",
        org_code=PEOPLE["reception_officer"].org_code,
    )
    with refusing_unknown_status(counter.installation):
        for act in (prepare, accept):
            assert code_of(act(counter, digitisation, certificate_id=unknown)) == (503, "STATUS_UNKNOWN")
    assert seen(counter, digitisation)["state"] == "confirmed"


def test_a_key_of_the_service_is_not_waited_for_as_a_tokens(counter: Counter) -> None:
    digitisation = confirmed(counter, "91/2020")
    body = {"certificate_id": counter.certificate}
    refused = counter.post(f"/v1/digitisations/{digitisation}/token-preparation", json=body)
    assert code_of(refused) == (409, "SIG_KEY_ON_SERVER")
