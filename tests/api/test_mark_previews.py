"""The page with its mark is shown before anything is signed, and a file that changed since is not signed."""

import hashlib
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from api.callers import Role
from tests.api.office import Office, open_office


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
