"""Two-step signing with a key in the holder's own token, over HTTP: a citizen's e-form (1b), an official's paper."""

import base64
import secrets
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from pyhanko.pdf_utils.reader import PdfFileReader

from api.callers import Role
from api.records.demonstration import PEOPLE
from api.usecases import store_completed
from api.usecases.complete_preparation import MAX_WRONG_VALUES
from api.usecases.late_upload import complete_upload
from api.usecases.sweep_preparations import sweep_preparations
from signing.errors import DocumentNotSignable, EvidenceUnavailable, TimestampUnavailable
from signing.identity import CertificateClass
from signing.pades import SigningRequest, complete_signature, isolated
from tests.api.office import issue_certificate, official
from tests.api.strict_status import imported_row, refusing_unknown_status
from tests.api.token_holders import PATH, Holder, holder_of
from tests.fakes import sample_pdf
from tests.fakes.small_pki import SmallPki


@pytest.fixture(scope="module")
def citizen(installation: Any, softhsm: Any) -> Holder:
    """A mother with a public certificate in a token."""
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    return holder_of(installation, softhsm, Role.CITIZEN, "mother", body)


@pytest.fixture(scope="module")
def leader(installation: Any, softhsm: Any) -> Holder:
    """The ward's leader, whose key is in a token."""
    return holder_of(installation, softhsm, Role.AUTHORISED_SIGNER, "leader", official("leader"))


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


@pytest.fixture(scope="module")
def officer(installation: Any, softhsm: Any, rsa_key: rsa.RSAPrivateKey) -> Holder:
    """An officer whose token has an RSA key."""
    figure = "reception_officer"
    return holder_of(installation, softhsm, Role.RECEPTION_OFFICER, figure, official(figure), rsa_key)


@pytest.fixture
def later(installation: Any) -> Iterator[Any]:
    """Moves the clock; it goes back after the test."""
    before = installation.clock.at
    yield installation.clock.forward
    installation.clock.at = before


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def signed_file(holder: Holder, pdf: bytes, **fields: str) -> tuple[dict[str, Any], bytes]:
    (prepared,) = holder.prepared(pdf, **fields)
    done = holder.complete(prepared)
    assert done.status_code == 201, done.text
    return done.json(), holder.fetch(done.json()["file"]).content


def verified(holder: Holder, pdf: bytes) -> dict[str, Any]:
    answer = holder.installation.client.post("/v1/verifications", files={"file": ("a.pdf", pdf)})
    return dict(answer.json())


def test_a_citizen_signs_an_e_form_with_the_own_token(citizen: Holder) -> None:
    pdf = sample_pdf.small()
    (prepared,) = citizen.prepared(pdf)
    assert prepared["mechanism"]["pkcs11"] == "CKM_ECDSA"
    done = citizen.complete(prepared)
    assert done.status_code == 201, done.text
    assert (done.json()["state"], done.json()["level"]) == ("completed", "B-LT")
    signed = citizen.fetch(done.json()["file"]).content
    assert signed.startswith(pdf)
    report = verified(citizen, signed)
    assert (report["verdict"], report["signatures"][0]["level"]) == ("valid", "B-LT")
    assert report["signatures"][0]["signer"]["common_name"] == PEOPLE["mother"].name


def test_a_value_is_taken_as_der_and_as_two_numbers(citizen: Holder) -> None:
    (prepared,) = citizen.prepared(sample_pdf.small())
    raw = citizen.value(prepared)
    assert len(raw) == 64
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    assert citizen.complete(prepared, encode_dss_signature(r, s)).status_code == 201


def test_a_token_with_an_rsa_key_signs_with_pss(officer: Holder) -> None:
    (prepared,) = officer.prepared(sample_pdf.small())
    assert (prepared["mechanism"]["pkcs11"], prepared["mechanism"]["salt_length"]) == ("CKM_RSA_PKCS_PSS", 32)
    assert officer.complete(prepared).json()["level"] == "B-LT"


def test_a_token_that_takes_the_longest_salt_says_so_and_the_signature_says_it_too(
    officer: Holder, rsa_key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    (prepared,) = officer.prepared(sample_pdf.small())
    longest = padding.calculate_max_pss_salt_length(rsa_key, hashes.SHA256())
    made = {salt: pss_value(rsa_key, prepared, salt) for salt in (20, 32, longest)}

    def complete(value: bytes, salt_length: int | None) -> Any:
        return with_salt(officer, prepared, value, salt_length)

    # what nobody names is not guessed
    assert refusal(complete(made[longest], None)) == (422, "SIGNATURE_VALUE_WRONG")
    assert refusal(complete(made[32], longest)) == (422, "SIGNATURE_VALUE_WRONG")
    for impossible in (0, 20, 31, longest + 1):
        assert refusal(complete(made.get(impossible, b"x"), impossible)) == (422, "INPUT_INVALID")
    first, again = complete(made[longest], longest), complete(made[longest], longest)
    assert (first.status_code, again.json()) == (201, first.json())
    signed = officer.fetch(first.json()["file"]).content
    (found,) = verified(officer, signed)["signatures"]
    assert (found["intact"], found["level"]) == (True, "B-LT")
    (embedded,) = PdfFileReader(BytesIO(signed)).embedded_signatures
    said = embedded.signer_info["signature_algorithm"]
    assert (said.signature_algo, said["parameters"]["salt_length"].native) == ("rsassa_pss", longest)
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed)
    poppler = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False)
    assert "Signature is Valid" in poppler.stdout, poppler.stdout


def with_salt(holder: Holder, prepared: dict[str, Any], value: bytes, salt_length: int | None) -> Any:
    body = {"value": base64.b64encode(value).decode(), "salt_length": salt_length}
    path = f"{PATH}/{prepared['id']}/completion"
    return holder.installation.client.post(path, json=body, headers=holder.headers())


def pss_value(key: rsa.RSAPrivateKey, prepared: dict[str, Any], salt: int) -> bytes:
    form = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=salt)
    return key.sign(base64.b64decode(prepared["to_be_signed"]), form, hashes.SHA256())


def test_a_key_whose_signatures_have_no_salt_takes_no_word_about_one(citizen: Holder) -> None:
    (prepared,) = citizen.prepared(sample_pdf.small())
    assert refusal(with_salt(citizen, prepared, citizen.value(prepared), 32)) == (422, "INPUT_INVALID")
    assert citizen.complete(prepared).status_code == 201


def test_what_is_completed_twice_is_answered_as_the_first_time(citizen: Holder) -> None:
    (prepared,) = citizen.prepared(sample_pdf.small())
    first, second = citizen.value(prepared), citizen.value(prepared)
    assert first != second  # ECDSA: the token made two good values
    answers = [citizen.complete(prepared, value) for value in (first, first, second)]
    assert [one.status_code for one in answers] == [201, 201, 201]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert refusal(citizen.complete(prepared, b"\x00" * 64)) == (422, "SIGNATURE_VALUE_WRONG")


def test_of_two_completions_at_once_one_is_stored_and_both_get_its_answer(citizen: Holder) -> None:
    (prepared,) = citizen.prepared(sample_pdf.small())
    values = [citizen.value(prepared) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda value: citizen.complete(prepared, value), values))
    assert {one.status_code for one in answers} == {201}
    assert len({one.json()["file_sha256"] for one in answers}) == 1


def test_a_wrong_value_stores_nothing_and_the_preparation_stays_usable(citizen: Holder, leader: Holder) -> None:
    (prepared,) = citizen.prepared(sample_pdf.small())
    good = citizen.value(prepared)
    wrong = (good[:-1] + bytes([good[-1] ^ 1]), good[:40], good + b"\x00", b"\x30\x00")
    for value in wrong:
        assert refusal(citizen.complete(prepared, value)) == (422, "SIGNATURE_VALUE_WRONG")
    assert citizen.fetch(f"{PATH}/{prepared['id']}").json()["state"] == "open"
    assert refusal(citizen.fetch(f"{PATH}/{prepared['id']}/file")) == (409, "SIGNATURE_PREPARATION_OPEN")
    assert citizen.complete(prepared, good).status_code == 201


def test_a_value_of_another_key_or_over_another_document_is_wrong(citizen: Holder) -> None:
    one, other = citizen.prepared(sample_pdf.small(), sample_pdf.page())
    foreign = ec.generate_private_key(ec.SECP256R1())
    attributes = base64.b64decode(one["to_be_signed"])
    der = foreign.sign(attributes, ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(der)
    for value in (der, r.to_bytes(32, "big") + s.to_bytes(32, "big"), citizen.value(other)):
        assert refusal(citizen.complete(one, value)) == (422, "SIGNATURE_VALUE_WRONG")


def test_after_some_wrong_values_a_preparation_takes_none_any_more(citizen: Holder) -> None:
    (prepared,) = citizen.prepared(sample_pdf.small())
    good = citizen.value(prepared)
    for _ in range(MAX_WRONG_VALUES):
        assert refusal(citizen.complete(prepared, b"\x01" * 64)) == (422, "SIGNATURE_VALUE_WRONG")
    assert refusal(citizen.complete(prepared, good)) == (409, "SIGNATURE_PREPARATION_BLOCKED")
    services = citizen.installation.services
    with services.db.reading() as tx:
        assert services.vault.work.slots(tx, prepared["id"]) == ()


def test_another_persons_preparation_is_not_there(citizen: Holder, leader: Holder) -> None:
    (prepared,) = citizen.prepared(sample_pdf.small())
    value = citizen.value(prepared)
    assert refusal(leader.complete(prepared, value)) == (404, "NOT_FOUND")
    assert refusal(leader.fetch(f"{PATH}/{prepared['id']}")) == (404, "NOT_FOUND")
    assert refusal(leader.fetch(f"{PATH}/{prepared['id']}/file")) == (404, "NOT_FOUND")
    path = f"{PATH}/{prepared['id']}"
    assert leader.installation.client.delete(path, headers=leader.headers()).status_code == 404
    assert citizen.complete(prepared, value).status_code == 201


def test_a_value_that_comes_too_late_is_refused_and_what_waited_is_forgotten(
    citizen: Holder, later: Any, installation: Any
) -> None:
    services = installation.services
    (prepared,) = citizen.prepared(sample_pdf.small())
    value = citizen.value(prepared)
    later(minutes=services.settings.preparation_minutes, seconds=1)
    assert refusal(citizen.complete(prepared, value)) == (410, "SIGNATURE_PREPARATION_EXPIRED")
    assert sweep_preparations(services, installation.clock.at)["expired"] >= 1
    assert refusal(citizen.complete(prepared, value)) == (410, "SIGNATURE_PREPARATION_EXPIRED")
    assert citizen.fetch(f"{PATH}/{prepared['id']}").json()["state"] == "expired"
    with services.db.reading() as tx:
        assert services.vault.work.slots(tx, prepared["id"]) == ()


def test_the_sweep_and_the_last_value_do_not_both_win(
    citizen: Holder, installation: Any, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value came in time; while its file was made the time ran out and the sweep came."""
    services = installation.services
    (prepared,) = citizen.prepared(sample_pdf.small())
    made = store_completed.signed_upload

    def slow(*arguments: Any) -> Any:
        signed = made(*arguments)
        later(minutes=services.settings.preparation_minutes + 1)
        sweep_preparations(services, installation.clock.at)
        return signed

    monkeypatch.setattr(store_completed, "signed_upload", slow)
    assert refusal(citizen.complete(prepared)) == (410, "SIGNATURE_PREPARATION_EXPIRED")
    assert citizen.fetch(f"{PATH}/{prepared['id']}").json()["file"] is None


def test_a_process_that_dies_between_value_and_storing_loses_nothing(
    citizen: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prepared,) = citizen.prepared(sample_pdf.small())
    value = citizen.value(prepared)

    def die(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(store_completed, "enqueue_if_incomplete", die)
        assert citizen.complete(prepared, value).status_code == 500
    assert citizen.fetch(f"{PATH}/{prepared['id']}").json()["state"] == "open"
    assert citizen.complete(prepared, value).json()["level"] == "B-LT"


def test_a_withdrawn_preparation_takes_no_value_and_a_completed_one_is_not_withdrawn(citizen: Holder) -> None:
    client = citizen.installation.client
    (prepared,) = citizen.prepared(sample_pdf.small())
    path = f"{PATH}/{prepared['id']}"
    for _ in range(2):
        assert client.delete(path, headers=citizen.headers()).status_code == 204
    assert refusal(citizen.complete(prepared)) == (409, "SIGNATURE_PREPARATION_WITHDRAWN")
    assert refusal(citizen.fetch(f"{path}/file")) == (409, "SIGNATURE_PREPARATION_WITHDRAWN")
    done, _ = signed_file(citizen, sample_pdf.small())
    answer = client.delete(f"{PATH}/{done['id']}", headers=citizen.headers())
    assert refusal(answer) == (409, "STATE_CONFLICT")


def test_many_values_come_at_once_and_a_wrong_one_fails_alone(citizen: Holder) -> None:
    prepared = citizen.prepared(sample_pdf.small(), sample_pdf.page(), sample_pdf.small())
    values = [citizen.value(one) for one in prepared]
    values[1] = values[0]
    items = [
        {"id": one["id"], "value": base64.b64encode(value).decode()}
        for one, value in zip(prepared, values, strict=True)
    ]
    answer = citizen.installation.client.post(f"{PATH}/completions", json={"items": items}, headers=citizen.headers())
    assert answer.status_code == 200, answer.text
    codes = [item["error"] and item["error"]["code"] for item in answer.json()["items"]]
    assert codes == [None, "SIGNATURE_VALUE_WRONG", None]
    assert [item["index"] for item in answer.json()["items"]] == [0, 1, 2]


def test_a_bad_document_fails_alone_and_says_what_to_do(citizen: Holder) -> None:
    good = sample_pdf.small()
    answer = citizen.prepare(good, sample_pdf.encrypted(good, user="x"), b"GIF89a", good[: len(good) // 2], b"")
    assert answer.status_code == 201, answer.text
    items = answer.json()["items"]
    assert items[0]["preparation"] is not None
    codes = [item["error"]["code"] for item in items[1:]]
    assert codes[0] == "DOCUMENT_ENCRYPTED"
    assert codes[1] == "FILE_NOT_PDF"
    assert codes[2] in {"DOCUMENT_DAMAGED", "DOCUMENT_MALFORMED"}
    assert codes[3] == "FILE_EMPTY"
    assert refusal(citizen.prepare(sample_pdf.encrypted(good, user="x"))) == (409, "DOCUMENT_ENCRYPTED")


@pytest.mark.parametrize("field", ["reason", "location"])
@pytest.mark.parametrize("text", ["Đồng ý\nKý: Chủ tịch", "\u202efdp.nọđ nảb", "\0", "   "])
def test_words_that_could_read_differently_are_not_signed(citizen: Holder, field: str, text: str) -> None:
    """Readers show them beside the signature, and whoever signs has seen one line (CVE-2021-42574)."""
    refused = citizen.prepare(sample_pdf.small(), **{field: text})
    assert (refused.status_code, refused.json()["code"]) == (422, "INPUT_INVALID")
    assert field in refused.json()["detail"]


def test_two_people_sign_one_document_after_the_other(citizen: Holder, leader: Holder) -> None:
    _, first = signed_file(citizen, sample_pdf.small(), mark="text", reason="Đồng ý")
    done, second = signed_file(leader, first)
    assert second.startswith(first)
    report = verified(leader, second)
    assert (done["level"], report["verdict"], len(report["signatures"])) == ("B-LT", "valid", 2)


def test_the_holders_picture_is_put_into_the_printed_block(leader: Holder) -> None:
    """A page without a block of that name gets no picture anywhere else."""
    assert refusal(leader.prepare(sample_pdf.small(), mark="person")) == (409, "MARK_PLACE")


def test_a_certificate_that_may_not_sign_prepares_nothing(citizen: Holder, leader: Holder, installation: Any) -> None:
    pdf = sample_pdf.small()
    assert refusal(citizen.prepare(pdf, certificate_id=leader.certificate_id)) == (403, "SIG_CERT_HOLDER")
    chairman = issue_certificate(installation, official("chairman"))
    files = [("file", ("a.pdf", pdf))]
    headers = installation.headers(Role.AUTHORISED_SIGNER, "chairman")
    sent = installation.client.post(PATH, files=files, data={"certificate_id": chairman}, headers=headers)
    assert refusal(sent) == (409, "SIG_KEY_ON_SERVER")
    sent = installation.client.post(PATH, files=files, data={"certificate_sha256": "0" * 64}, headers=citizen.headers())
    assert refusal(sent) == (404, "CERT_UNKNOWN")
    both = {"certificate_id": citizen.certificate_id, "certificate_sha256": "0" * 64}
    assert refusal(installation.client.post(PATH, files=files, data=both, headers=citizen.headers()))[0] == 422


def test_a_certificate_held_between_preparing_and_completing_signs_nothing(installation: Any, softhsm: Any) -> None:
    holder = holder_of(installation, softhsm, Role.APPRAISER, "appraiser", official("appraiser"))
    (prepared,) = holder.prepared(sample_pdf.small())
    path = f"/v1/certificates/{holder.certificate_id}/suspension"
    headers = installation.headers(Role.SECURITY_OFFICER, "security_officer")
    held = installation.client.post(path, json={"reason": "key_in_doubt"}, headers=headers)
    assert held.status_code == 201, held.text
    assert refusal(holder.complete(prepared)) == (409, "SIG_CERT_HOLD")
    assert refusal(holder.prepare(sample_pdf.small())) == (409, "SIG_CERT_HOLD")


def test_a_signed_file_is_kept_for_its_sender_only_for_a_while(citizen: Holder, installation: Any, later: Any) -> None:
    done, _ = signed_file(citizen, sample_pdf.small())
    later(hours=installation.services.settings.signed_file_hours, seconds=1)
    assert refusal(citizen.fetch(done["file"])) == (410, "SIGNED_FILE_GONE")
    assert sweep_preparations(installation.services, installation.clock.at)["files_forgotten"] >= 1
    with installation.services.db.reading() as tx:
        assert installation.services.vault.work.slots(tx, done["id"]) == ()
    assert refusal(citizen.fetch(done["file"])) == (410, "SIGNED_FILE_GONE")
    later(days=31)
    assert sweep_preparations(installation.services, installation.clock.at)["rows_removed"] >= 1
    assert refusal(citizen.fetch(f"{PATH}/{done['id']}")) == (404, "NOT_FOUND")


def test_nothing_of_a_document_lies_open(citizen: Holder, installation: Any) -> None:
    """DESIGN §4: what waits and what was signed is encrypted; a row holds digests."""
    pdf = sample_pdf.small() + b"\n% Nguyen-Van-Bi-Mat\n"
    signed_file(citizen, pdf)
    citizen.prepared(pdf)
    data: Path = installation.services.settings.data
    assert not [path for path in data.rglob("*") if path.is_file() and b"Nguyen-Van-Bi-Mat" in path.read_bytes()]


def test_one_request_holds_at_most_so_many_documents_and_one_account_has_so_many_waiting(
    citizen: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.usecases.waiting_signatures.MAX_WAITING", 0)
    assert refusal(citizen.prepare(sample_pdf.small())) == (409, "SIGNATURE_PREPARATIONS_FULL")
    answer = citizen.prepare(*[b"%PDF-1.7"] * 501)
    assert answer.status_code in {400, 422}


def test_a_request_that_is_sent_again_prepares_once(citizen: Holder) -> None:
    client, headers = citizen.installation.client, citizen.headers()
    data = {"certificate_id": citizen.certificate_id}
    answers = [
        client.post(PATH, files=[("file", ("a.pdf", sample_pdf.small()))], data=data, headers=headers) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    other = client.post(PATH, files=[("file", ("a.pdf", sample_pdf.page()))], data=data, headers=headers)
    assert refusal(other) == (422, "IDEMPOTENCY_KEY_REUSED")
    del headers["Idempotency-Key"]
    assert client.post(PATH, files=[("file", ("a.pdf", b"%PDF-"))], data=data, headers=headers).status_code == 400


@pytest.mark.parametrize("missing", [TimestampUnavailable, EvidenceUnavailable])
def test_an_authority_that_is_away_delays_nobody(
    citizen: Holder, missing: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise missing("away")

    part = "time_stamper" if missing is TimestampUnavailable else "evidence_source"
    services = citizen.installation.services
    with monkeypatch.context() as patch:
        patch.setattr(f"api.usecases.signed_uploads.{part}", lambda *_, **__: away)
        done, signed = signed_file(citizen, sample_pdf.small())
        assert done["level"] == ("B-B" if missing is TimestampUnavailable else "B-T")
        assert verified(citizen, signed)["signatures"][0]["intact"] is True
        payload = {"preparation_id": done["id"], "base_length": str(len(sample_pdf.small()))}
        with pytest.raises(missing):
            complete_upload(services, payload, lambda *_: None)
    for _ in range(2):  # I17, S25: what was missing is added behind the signature, once
        complete_upload(services, payload, lambda *_: None)
    now = citizen.fetch(f"{PATH}/{done['id']}").json()
    later = citizen.fetch(now["file"]).content
    assert (now["level"], later.startswith(signed), len(later) > len(signed)) == ("B-LT", True, True)
    assert verified(citizen, later)["verdict"] == "valid"
    stamps = 1 if missing is TimestampUnavailable else 0
    kinds = [one["kind"] for one in verified(citizen, later)["signatures"]]
    assert kinds.count("timestamp") == stamps


def test_of_a_time_stamp_and_evidence_that_are_late_the_first_is_kept_while_the_second_is_awaited(
    citizen: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise EvidenceUnavailable("away")

    def silent(*_: object) -> None:
        raise TimestampUnavailable("away")

    services = citizen.installation.services
    with monkeypatch.context() as patch:
        patch.setattr("api.usecases.signed_uploads.time_stamper", lambda *_, **__: silent)
        done, _ = signed_file(citizen, sample_pdf.small())
    payload = {"preparation_id": done["id"], "base_length": str(len(sample_pdf.small()))}
    with monkeypatch.context() as patch:
        patch.setattr("api.usecases.signed_uploads.evidence_source", lambda *_, **__: away)
        with pytest.raises(EvidenceUnavailable):
            complete_upload(services, payload, lambda *_: None)
    assert citizen.fetch(f"{PATH}/{done['id']}").json()["level"] == "B-T"
    complete_upload(services, payload, lambda *_: None)
    assert citizen.fetch(f"{PATH}/{done['id']}").json()["level"] == "B-LT"
    complete_upload(services, payload | {"preparation_id": "prep_" + "0" * 26}, lambda *_: None)  # forgotten: nothing


def test_a_body_larger_than_any_values_is_not_read(citizen: Holder) -> None:
    client, large = citizen.installation.client, b" " * (6 * 1024 * 1024 + 1)
    for path in ("completions", f"prep_{'0' * 26}/completion"):
        headers = citizen.headers() | {"Content-Type": "application/json"}
        assert client.post(f"{PATH}/{path}", content=large, headers=headers).status_code == 413
    headers = citizen.headers() | {"Content-Type": "application/json"}
    assert client.post(PATH, content=large, headers=headers).status_code == 413


def test_what_no_form_and_no_list_is_is_refused(citizen: Holder) -> None:
    client = citizen.installation.client
    headers = citizen.headers() | {"Content-Type": "text/plain"}
    assert refusal(client.post(PATH, content=b"x", headers=headers))[0] == 415
    answer = client.post(PATH, files=[("other", ("a.pdf", b"x"))], data={}, headers=citizen.headers())
    assert refusal(answer)[0] == 422
    assert refusal(client.post(PATH, json={"result_ids": []}, headers=citizen.headers()))[0] == 422
    unknown = f"{PATH}/prep_{'0' * 26}/completion"
    body = {"value": base64.b64encode(secrets.token_bytes(64)).decode()}
    assert refusal(client.post(unknown, json=body, headers=citizen.headers())) == (404, "NOT_FOUND")
    for value in ("", "@@@", "A" * 12_000):
        answer = client.post(unknown, json={"value": value}, headers=citizen.headers())
        assert answer.status_code == 422


def test_a_certificate_of_another_authority_signs_and_its_evidence_is_left_for_later(
    citizen: Holder, installation: Any
) -> None:
    pki = SmallPki()
    credential = pki.credential(certificate_class=CertificateClass.CITIZEN)
    certificate_id = imported_row(installation, credential, "mother", certificate_id="cert_" + "0" * 25 + "7")
    (prepared,) = citizen.prepared(sample_pdf.small(), certificate_id=certificate_id)
    value = pki.keys.sign(credential.key_id, base64.b64decode(prepared["to_be_signed"]), credential.algorithm)
    done = citizen.complete(prepared, value)
    assert (done.status_code, done.json()["level"]) == (201, "B-T")  # stamped here; status is another authority's


def test_where_status_must_be_known_no_upload_is_prepared_or_completed_without_it(
    citizen: Holder, installation: Any
) -> None:
    pki = SmallPki()
    credential = pki.credential(certificate_class=CertificateClass.CITIZEN)
    unknown = imported_row(installation, credential, "mother", certificate_id="cert_" + "0" * 25 + "8")
    (prepared,) = citizen.prepared(sample_pdf.small(), certificate_id=unknown)
    value = pki.keys.sign(credential.key_id, base64.b64decode(prepared["to_be_signed"]), credential.algorithm)
    with refusing_unknown_status(installation):
        assert refusal(citizen.prepare(sample_pdf.small(), certificate_id=unknown)) == (503, "STATUS_UNKNOWN")
        assert refusal(citizen.complete(prepared, value)) == (503, "STATUS_UNKNOWN")
        assert citizen.fetch(f"{PATH}/{prepared['id']}").json()["state"] == "open"
    assert citizen.complete(prepared, value).status_code == 201  # the value was not lost


def test_the_entries_of_the_worker_give_what_is_appended_and_nothing_else(installation: Any) -> None:
    """The same functions run in the limited worker; here it is seen what they give."""
    pki, pdf = SmallPki(), sample_pdf.small()
    credential = pki.credential()
    request = SigningRequest(credential=credential, field_name="S")
    prepared = isolated.prepare_in_worker(pdf, request, True, pki.at)
    value = pki.keys.sign(credential.key_id, prepared.attributes, credential.algorithm)
    signed = complete_signature(pdf, prepared, value, stamp=pki.stamp, evidence=None).pdf
    chains = isolated.chains_in_worker(signed, len(pdf), credential.chain)
    assert {chain[0] for chain in chains} >= {credential.certificate}
    found = tuple((chain, pki.evidence(chain)) for chain in chains)
    tail = isolated.evidence_in_worker(signed, found, credential.chain)
    assert isolated.chains_in_worker(signed + tail, len(pdf), credential.chain) == ()
    assert isolated.chains_in_worker(signed, len(signed), credential.chain) == ()  # signed before: not ours to prove
    opened = isolated.timestamp_in_worker(signed, pki.at)
    assert (opened.base, opened.tail.startswith(signed[:100])) == (None, False)
    with pytest.raises(DocumentNotSignable):
        isolated.timestamp_in_worker(pdf, pki.at)
