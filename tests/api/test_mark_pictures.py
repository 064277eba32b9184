"""Registered pictures of marks: checked when they come in, confirmed by another person, kept in versions, encrypted."""

import io
from typing import Any

import pytest
from PIL import Image

from api.callers import Role
from api.records.demonstration import PEOPLE, WARD
from api.rendering.typeface import MARK_FONT
from api.usecases.marks import person_mark, seal_diameter, seal_mark
from signing.pades import drawn_seal, drawn_signature

LEADER = PEOPLE["leader"].subject_id
PATH = "/v1/mark-pictures"


def scanned(picture: bytes, ground: tuple[int, int, int] = (250, 249, 246)) -> bytes:
    """The picture on paper, as JPEG."""
    drawn = Image.open(io.BytesIO(picture)).convert("RGBA")
    paper = Image.new("RGBA", (drawn.width + 80, drawn.height + 80), (*ground, 255))
    paper.alpha_composite(drawn, (40, 40))
    out = io.BytesIO()
    paper.convert("RGB").save(out, "JPEG", quality=92)
    return out.getvalue()


@pytest.fixture(scope="module")
def signature() -> bytes:
    return scanned(drawn_signature("Nguyễn Thị Ánh", MARK_FONT.read_bytes()))


@pytest.fixture(scope="module")
def seal() -> bytes:
    return scanned(drawn_seal("UBND phường Yên Giang", MARK_FONT.read_bytes()))


def upload(installation: Any, picture: bytes, *, figure: str = "ra_officer", **fields: object) -> Any:
    data = {"kind": "signature", "subject_id": LEADER, "evidence": "12/BB-DK"} | fields
    return installation.client.post(
        PATH,
        files={"picture": ("hinh.jpg", picture, "image/jpeg")},
        data={name: str(value) for name, value in data.items() if value is not None},
        headers=installation.headers(Role.RA_OFFICER, figure),
    )


def decide(installation: Any, picture_id: str, what: str, role: Role = Role.APPROVER, figure: str = "approver") -> Any:
    return installation.client.post(
        f"{PATH}/{picture_id}/{what}", json={}, headers=installation.headers(role, figure)
    )


def of_seal(installation: Any, seal: bytes, diameter: float | None = 38.0, **fields: object) -> Any:
    wanted = {"kind": "seal", "subject_id": None, "org_code": WARD, "diameter_mm": diameter}
    return upload(installation, seal, **(wanted | fields))


def test_a_signature_counts_once_another_person_confirmed_it(installation: Any, signature: bytes) -> None:
    made = upload(installation, signature)
    assert made.status_code == 201, made.text
    assert (made.json()["state"], made.json()["version"]) == ("pending", 1)
