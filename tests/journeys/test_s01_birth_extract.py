"""Scenario S01: a ward official signs a birth extract on the spot, the centre's clerk seals it, the child owns it."""

import base64
import hashlib
import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pikepdf
import pypdfium2
import pytest
import zxingcpp

from api.callers import Role
from api.records.demonstration import PEOPLE, WARD
from api.records.numbers import NUMBER_SERIES
from api.usecases.signing_parts import credential_of
from signing.pades import SigningRequest, prepare_signature
from signing.pades.refusals import DocumentClosed, FieldTaken
from signing.registry_sql import RegistrySql
from tests.api.office import Office, open_office
from tests.journeys.issued_result import picture, verified


@dataclass(frozen=True)
class Extract:
    """The birth extract after every step."""

    result_id: str
    page: bytes
    signed: bytes
    sealed: bytes
    view: dict[str, Any]


def signed_rectangles(pdf: bytes) -> dict[str, tuple[float, float, float, float]]:
    """Where each signed field is on the page: left, bottom, right, top."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {
            str(one.T): tuple(float(n) for n in one.Rect)  # type: ignore[misc]  # a rectangle has four numbers
            for one in document.Root.AcroForm.Fields
            if "/V" in one
        }


def text_of(pdf: bytes) -> str:
    return " ".join(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().split())


def place_of(pdf: bytes, text: str) -> tuple[float, float, float, float]:
    """The first place of a text on the page: left, bottom, right, top."""
    page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    found = page.search(text).get_next()
    assert found is not None, text
    boxes = [page.get_charbox(found[0] + n) for n in range(found[1])]
    return (
        min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes),
    )  # fmt: skip


def shown(pdf: bytes) -> Any:
    """The page with its marks, as an array of red, green and blue."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()  # marks are appearances of widgets
    return np.asarray(document[0].render(scale=2).to_pil().convert("RGB"), dtype=int)


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


@pytest.fixture(scope="module")
def extract(office: Office) -> Extract:
    services, at = office.installation.services, office.installation.clock.at
    with services.db.transaction() as tx:
        tx.execute(NUMBER_SERIES.insert().values(org_code=WARD, year=at.year, symbol="TLKS-UBND", last_number=26))
    result = office.numbered()
    page = office.content(result)
    assert office.sign(result).status_code == 201
    signed = office.content(result)
    assert office.seal(result).status_code == 201
    issued = office.send_issue(result)
    assert issued.status_code == 201, issued.text
    return Extract(result_id=result, page=page, signed=signed, sealed=office.content(result), view=issued.json())


def test_two_signatures_stand_in_the_order_of_the_plan_and_every_earlier_byte_is_kept(extract: Extract) -> None:
    assert extract.signed.startswith(extract.page)
    assert extract.sealed.startswith(extract.signed)
    assert list(signed_rectangles(extract.signed)) == ["Step3"]
    assert set(signed_rectangles(extract.sealed)) == {"Step3", "Step4"}


def test_number_date_code_and_capacity_are_on_the_page_before_the_first_signature(extract: Extract) -> None:
    text = text_of(extract.page)
    assert extract.view["document_number"] == "27/TLKS-UBND"
    assert "27/TLKS-UBND" in text
    assert "KT. CHỦ TỊCH" in text
    assert PEOPLE["leader"].name in text
    (code,) = zxingcpp.read_barcodes(picture(extract.page, scale=3))
    assert urlsplit(code.text).path == f"/v/{extract.view['verification_code']}"


def test_the_code_has_at_least_128_random_bits_and_is_never_the_same(office: Office, extract: Extract) -> None:
    other = office.fetch(Role.CLERK, "clerk", f"/v1/results/{office.numbered()}").json()["verification_code"]
    assert other != extract.view["verification_code"]
    for code in (other, extract.view["verification_code"]):
        assert 8 * len(base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))) >= 128


def test_the_answer_is_valid_for_both_and_says_person_then_agency(office: Office, extract: Extract) -> None:
    report = verified(office.installation.client, extract.sealed)
    assert report["verdict"] == "valid", report["reason_codes"]
    person, seal = report["signatures"]
    assert (person["certificate"]["class"], seal["certificate"]["class"]) == ("personal", "org_seal")
    assert seal["certificate"]["ordinal"] == 2
    assert person["signer"]["common_name"] == PEOPLE["leader"].name
    assert person["changes_after"] in {"permitted", "form_fill"}
    assert seal["changes_after"] in {"none", "permitted"}, "validation data only"
    assert {person["level"], seal["level"]} == {"B-LT"}
    assert report["entitlement"] == {"status": "entitled", "reasons": []}


def test_the_blue_signature_is_in_the_signers_block_and_the_red_seal_over_its_left_third(extract: Extract) -> None:
    places = signed_rectangles(extract.sealed)
    (left, bottom, right, top), seal = places["Step3"], places["Step4"]
    assert seal[2] == pytest.approx(left + (right - left) / 3, abs=1)
    assert seal[2] - seal[0] == pytest.approx(36 * 72 / 25.4, abs=1), "the real size, in points"
    assert place_of(extract.page, PEOPLE["leader"].name)[3] <= bottom
    assert place_of(extract.page, "KT. CHỦ TỊCH")[1] >= top
    before, after = (shown(pdf) for pdf in (extract.page, extract.signed))
    sealed = shown(extract.sealed)
    blue, red = after[(before != after).any(axis=2)], sealed[(after != sealed).any(axis=2)]
    assert blue[:, 2].mean() > blue[:, 0].mean() + 20
    assert red[:, 0].mean() > red[:, 2].mean() + 20


def test_the_first_signature_certifies_and_the_last_closes_the_document(extract: Extract) -> None:
    """ISO 32000-2 §12.8.2.2 and table 236: P=2, then every field locked with P=1."""
    with pikepdf.open(io.BytesIO(extract.sealed)) as document:
        fields = {str(one.T): one for one in document.Root.AcroForm.Fields}
        assert document.Root.Perms.DocMDP.objgen == fields["Step3"].V.objgen
        (reference,) = (one for one in fields["Step3"].V.Reference if one.TransformMethod == "/DocMDP")
        assert reference.TransformParams.P == 2
        lock = fields["Step4"].Lock
        assert (str(lock.Action), lock.P) == ("/All", 1)
    with pikepdf.open(io.BytesIO(extract.signed)) as document:
        reserved = next(one for one in document.Root.AcroForm.Fields if one.T == "Step4")
        assert "/V" not in reserved
        assert "/Lock" in reserved, "the lock is certified with the field"


@pytest.mark.parametrize(("field_name", "error"), [("Further", DocumentClosed), ("Step4", FieldTaken)])
def test_we_ourselves_set_no_further_signature_into_a_closed_document(
    office: Office, extract: Extract, field_name: str, error: type[Exception]
) -> None:
    services, at = office.installation.services, office.installation.clock.at
    with services.db.reading() as tx:
        credential = credential_of(tx, RegistrySql(tx).get(office.certificates["seal_primary"]))
    request = SigningRequest(credential=credential, field_name=field_name)
    with pytest.raises(error):
        prepare_signature(extract.sealed, request, with_stamp=False, at=at)
    for answer in (office.sign(extract.result_id), office.seal(extract.result_id)):
        assert (answer.status_code, answer.json()["code"]) == (409, "CONTENT_FROZEN")


def test_the_original_is_in_the_childs_vault(office: Office, extract: Extract) -> None:
    child = PEOPLE["child"].subject_id
    listed = office.fetch(Role.CITIZEN, "mother", f"/v1/citizens/{child}/documents").json()["items"]
    stored = next(one for one in listed if one["id"] == extract.view["document_id"])
    assert (stored["grade"], stored["state"]) == ("a_original", "active")
    content = office.fetch(Role.CITIZEN, "mother", f"/v1/documents/{stored['id']}/content?role=master")
    assert office.fetch(Role.CITIZEN, "mother", f"/v1/documents/{stored['id']}/content").content == content.content
    base = f"/v1/documents/{stored['id']}/signatures/Step3"
    revision = office.fetch(Role.CITIZEN, "mother", f"{base}/revision")
    assert revision.status_code == 200, revision.text
    assert content.content.startswith(revision.content)
    assert office.fetch(Role.CITIZEN, "mother", f"{base}/comparison").status_code == 200
    headers = office.installation.headers(Role.CITIZEN, "mother")
    checked = office.installation.client.post(
        "/v1/verifications", json={"document_id": stored["id"]}, headers=headers
    ).json()
    assert (checked["verdict"], checked["document_status"]["vault_match"]) == ("valid", "identical")
    assert hashlib.sha256(content.content).hexdigest() == extract.view["sha256"]
    assert content.content == extract.sealed
