"""The page with its mark is shown before anything is signed, and a file that changed since is not signed."""

import hashlib
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from api.callers import Role
from api.records.demonstration import PEOPLE, WARD
from api.rendering.typeface import MARK_FONT
from signing.pades import drawn_seal, drawn_signature
from signing.pades.geometry import POINTS_PER_MM
from signing.pades.pages import signed_places
from tests.api.office import Office, open_office
from tests.api.token_holders import Holder, holder_of
from tests.fakes import sample_pdf


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


def preview(office: Office, result: str, role: Role, figure: str, certificate: str) -> Any:
    body = {"certificate_id": office.certificates[certificate]}
    return office.send(role, figure, f"/v1/results/{result}/mark-preview", body)


def inked(png: bytes, channel: int) -> int:
    """Pixels whose colour stands out in one channel."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=int)
    others = [n for n in range(3) if n != channel]
    return int((pixels[..., channel] > pixels[..., others].max(axis=2) + 60).sum())


def test_signer_and_clerk_see_the_page_as_it_will_be_and_sign_exactly_that_file(office: Office) -> None:
    result = office.numbered()
    before = office.content(result)
    shown = preview(office, result, Role.AUTHORISED_SIGNER, "leader", "leader")
    assert shown.status_code == 200, shown.text
    digest = hashlib.sha256(before).hexdigest()
    assert (shown.headers["etag"], shown.headers["anso-file-sha256"]) == (f'"{digest}"', digest)
    assert shown.headers["content-type"] == "image/png"
    assert inked(shown.content, 2) > 200
    assert office.content(result) == before  # looking changes nothing

    body = {"certificate_id": office.certificates["leader"], "capacity": "kt"}
    path = f"/v1/results/{result}/signature"
    other = office.send(Role.AUTHORISED_SIGNER, "leader", path, body | {"file_sha256": "0" * 64})
    assert (other.status_code, other.json()["code"]) == (409, "DOCUMENT_CHANGED_SINCE_PREVIEW")
    assert office.content(result) == before
    signed = office.send(Role.AUTHORISED_SIGNER, "leader", path, body | {"file_sha256": digest})
    assert signed.status_code == 201, signed.text

    sealing = preview(office, result, Role.CLERK, "clerk", "seal_secondary")
    assert sealing.status_code == 200, sealing.text
    assert inked(sealing.content, 0) > 1000
    seal = {"certificate_id": office.certificates["seal_secondary"]}
    path = f"/v1/results/{result}/seal"
    stale = office.send(Role.CLERK, "clerk", path, seal | {"file_sha256": digest})
    assert stale.json()["code"] == "DOCUMENT_CHANGED_SINCE_PREVIEW"
    newest = sealing.headers["anso-file-sha256"]
    assert office.send(Role.CLERK, "clerk", path, seal | {"file_sha256": newest}).status_code == 201


def test_a_preview_is_refused_where_the_signature_would_be(office: Office) -> None:
    result = office.numbered()
    assert preview(office, result, Role.CLERK, "clerk", "seal_secondary").json()["code"] == "SEAL_BEFORE_SIGNATURE"
    other = preview(office, result, Role.AUTHORISED_SIGNER, "chairman", "chairman")
    assert other.json()["code"] == "FORBIDDEN"
    foreign = preview(office, result, Role.AUTHORISED_SIGNER, "leader", "chairman")
    assert foreign.json()["code"] == "SIG_CERT_HOLDER"


def test_looking_at_a_page_stands_in_the_ledger(office: Office) -> None:
    result = office.numbered()
    preview(office, result, Role.AUTHORISED_SIGNER, "leader", "leader")
    answer = office.fetch(Role.AUDITOR, "auditor", f"/v1/audit-events?object_id={result}&limit=50")
    assert "preview_mark" in [one["action"] for one in answer.json()["items"]]


@pytest.fixture(scope="module")
def holder(installation: Any, softhsm: Any) -> Holder:
    """A mother with a public certificate in a token, who signs an e-form."""
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    return holder_of(installation, softhsm, Role.CITIZEN, "mother", body)


def form_of_hers() -> bytes:
    """A declaration with her name under it."""
    page = '#set page(paper: "a4")\n#set text(font: "Tinos", size: 13pt)\n#v(3cm)Tờ khai\n'
    block = "#align(right, block(width: 8cm, align(center)[*NGƯỜI KHAI* #v(2.4cm) *NAME*]))"
    return bytes(sample_pdf.page(body=page + block.replace("NAME", PEOPLE["mother"].name)))


def upload(holder: Holder, pdf: bytes, **fields: str) -> Any:
    data = {"certificate_id": holder.certificate_id, **fields}
    files = {"file": ("van-ban.pdf", pdf)}
    return holder.installation.client.post("/v1/mark-previews", data=data, files=files, headers=holder.headers())


def test_an_own_document_is_shown_with_its_mark_and_not_kept(holder: Holder) -> None:
    pdf = form_of_hers()
    before = stored_files(holder)
    shown = upload(holder, pdf)
    assert shown.status_code == 200, shown.text
    assert shown.headers["anso-file-sha256"] == hashlib.sha256(pdf).hexdigest()
    assert inked(shown.content, 2) > 200
    assert upload(holder, pdf, mark="text").headers["content-type"] == "image/png"
    assert stored_files(holder) == before


def stored_files(holder: Holder) -> int:
    folder = holder.installation.services.settings.data / "objects"
    return sum(path.is_file() for path in folder.rglob("*"))


@pytest.mark.parametrize(
    ("pdf", "fields", "code"),
    [
        (b"no pdf", {}, "FILE_NOT_PDF"),
        (sample_pdf.small(), {}, "MARK_PLACE"),
        (sample_pdf.small(), {"mark": "none"}, "INPUT_INVALID"),
        (sample_pdf.small(), {"mark": "seal"}, "INPUT_INVALID"),
        (sample_pdf.encrypted(sample_pdf.small(), user="x"), {}, "DOCUMENT_ENCRYPTED"),
    ],
)
def test_what_cannot_be_signed_is_not_previewed(holder: Holder, pdf: bytes, fields: dict[str, str], code: str) -> None:
    answer = upload(holder, pdf, **fields)
    assert answer.json()["code"] == code
    assert answer.status_code in {409, 422}


def test_a_preview_needs_a_file_in_a_form(holder: Holder) -> None:
    client, headers = holder.installation.client, holder.headers()
    json = client.post("/v1/mark-previews", json={}, headers=headers)
    assert json.json()["code"] == "MEDIA_TYPE_UNSUPPORTED"
    other = {"other": ("a.pdf", b"x")}
    assert client.post("/v1/mark-previews", files=other, headers=headers).json()["code"] == "INPUT_INVALID"


def test_signing_draws_the_registered_pictures_and_keeps_their_real_size(office: Office) -> None:
    installation = office.installation
    font = MARK_FONT.read_bytes()
    leader = {"kind": "signature", "subject_id": PEOPLE["leader"].subject_id}
    register(installation, drawn_signature("Khác Hẳn", font), leader)
    register(installation, drawn_seal("UBND phường", font), {"kind": "seal", "org_code": WARD, "diameter_mm": "34"})
    result = office.numbered()
    assert office.sign(result).status_code == 201
    assert office.seal(result).status_code == 201
    places = {one.field_name: one.rectangle for one in signed_places(office.content(result))}
    widths = sorted(right - left for left, _, right, _ in places.values())
    assert widths[0] == pytest.approx(34 * POINTS_PER_MM, abs=0.01)


def register(installation: Any, picture: bytes, fields: dict[str, str]) -> None:
    made = installation.client.post(
        "/v1/mark-pictures",
        data={**fields, "evidence": "20/BB-DK"},
        files={"picture": ("hinh.png", picture)},
        headers=installation.headers(Role.RA_OFFICER, "ra_officer"),
    )
    assert made.status_code == 201, made.text
    path = f"/v1/mark-pictures/{made.json()['id']}/confirmation"
    answer = installation.client.post(path, json={}, headers=installation.headers(Role.APPROVER, "approver"))
    assert answer.status_code == 201, answer.text


def test_a_refusal_says_in_vietnamese_what_to_do(holder: Holder) -> None:
    problem = upload(holder, sample_pdf.small()).json()
    assert "họ tên" in problem["detail"]
    english = {**holder.headers(), "Accept-Language": "en"}
    data, files = {"certificate_id": holder.certificate_id}, {"file": ("a.pdf", sample_pdf.small())}
    answer = holder.installation.client.post("/v1/mark-previews", data=data, files=files, headers=english)
    assert "printed name" in answer.json()["detail"]
