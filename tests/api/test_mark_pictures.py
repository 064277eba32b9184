"""Registered pictures of marks: checked when they come in, confirmed by another person, kept in versions, encrypted."""

import io
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from api.callers import Caller, Role
from api.errors import Forbidden, MarkPictureMissing, VersionConflict
from api.records.demonstration import PEOPLE, WARD
from api.records.mark_pictures import PICTURE_SLOT, MarkPictures
from api.rendering.typeface import MARK_FONT
from api.settings import Profile
from api.usecases.marks import person_mark, seal_diameter, seal_mark
from api.usecases.register_mark_picture import RegisterMarkPicture, register_mark_picture
from signing.pades import drawn_seal, drawn_signature
from signing.pades.registering import MarkPictureKind
from vault.errors import IntegrityMismatch
from vault.model import CitizenId

LEADER = PEOPLE["leader"].subject_id
PATH = "/v1/mark-pictures"


@dataclass
class Holder:
    """What a mark needs to know of a certificate."""

    subject_id: str | None = None
    org_code: str | None = None
    common_name: str = "Nguyễn Thị Ánh"
    organisation: str = "UBND phường Yên Giang"


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
    return installation.client.post(f"{PATH}/{picture_id}/{what}", json={}, headers=installation.headers(role, figure))


def of_seal(installation: Any, seal: bytes, diameter: float | None = 38.0, **fields: object) -> Any:
    wanted = {"kind": "seal", "subject_id": None, "org_code": WARD, "diameter_mm": diameter}
    return upload(installation, seal, **(wanted | fields))


def test_a_signature_counts_once_another_person_confirmed_it(installation: Any, signature: bytes) -> None:
    made = upload(installation, signature)
    assert made.status_code == 201, made.text
    assert (made.json()["state"], made.json()["confirmed_at"]) == ("pending", None)
    picture = made.json()["id"]
    assert decide(installation, picture, "confirmation", figure="ra_officer").json()["code"] == "SAME_PERSON"
    confirmed = decide(installation, picture, "confirmation")
    assert confirmed.json()["state"] == "confirmed", confirmed.text
    assert decide(installation, picture, "confirmation").json()["code"] == "STATE_CONFLICT"


def test_a_new_version_replaces_and_never_overwrites(installation: Any, signature: bytes) -> None:
    ids = [upload(installation, signature).json()["id"] for _ in range(2)]
    for one in ids:
        assert decide(installation, one, "confirmation").status_code == 201
    read = {"headers": installation.headers(Role.RA_OFFICER, "ra_officer")}
    first, second = (installation.client.get(f"{PATH}/{one}", **read).json() for one in ids)
    assert second["version"] == first["version"] + 1
    assert first["state"] == second["state"] == "confirmed"
    for one, view in zip(ids, (first, second), strict=True):
        content = installation.client.get(f"{PATH}/{one}/content", **read)
        assert content.headers["content-type"] == "image/png"
        assert content.headers["etag"] == f'"{view["sha256"]}"'
    certificate = Holder(subject_id=LEADER)
    at = installation.clock.at
    assert person_mark(certificate, installation.services, at=at).picture == content.content
    # a withdrawn version brings no older one back: the stand-in is drawn, in production nothing
    assert decide(installation, ids[1], "withdrawal").json()["state"] == "withdrawn"
    assert person_mark(certificate, installation.services, at=at).picture != content.content
    assert decide(installation, ids[1], "withdrawal").json()["code"] == "STATE_CONFLICT"
    with installation.services.db.reading() as tx:
        pictures = MarkPictures(tx)
        assert pictures.in_force(MarkPictureKind.SIGNATURE, LEADER, at) is None
        early = at - timedelta(days=1)
        assert pictures.in_force(MarkPictureKind.SIGNATURE, LEADER, early) is None


def test_a_picture_that_is_not_the_confirmed_one_is_not_drawn(installation: Any, signature: bytes) -> None:
    services, at = installation.services, installation.clock.at
    picture = upload(installation, signature, subject_id=PEOPLE["chairman"].subject_id).json()["id"]
    assert decide(installation, picture, "confirmation").status_code == 201
    holder = Holder(subject_id=PEOPLE["chairman"].subject_id)
    production = services.settings.model_copy(update={"profile": Profile.PRODUCTION})
    assert person_mark(holder, replace(services, settings=production), at=at).picture
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(PEOPLE["chairman"].subject_id), at)
    other = drawn_signature("Một người khác", MARK_FONT.read_bytes())
    staged = services.vault.work.stage(
        key, record_id=picture, slot=PICTURE_SLOT, media_type="image/png", content=other, at=at
    )
    with services.db.transaction() as tx:
        services.vault.work.keep(tx, staged)
    with pytest.raises(IntegrityMismatch):
        person_mark(holder, services, at=at)


def test_a_system_registers_no_picture(installation: Any, signature: bytes) -> None:
    system = Caller(account_id="acc_x", subject_id=None, role=Role.RA_OFFICER, org_code=WARD)
    order = RegisterMarkPicture(kind=MarkPictureKind.SIGNATURE, holder=LEADER, upload=signature, evidence="12/BB-DK")
    with pytest.raises(Forbidden):
        register_mark_picture(order, installation.services, system, installation.clock.at)


def test_production_draws_no_stand_in(installation: Any) -> None:
    settings = installation.services.settings.model_copy(update={"profile": Profile.PRODUCTION})
    services = replace(installation.services, settings=settings)
    nobody = Holder(subject_id=PEOPLE["mother"].subject_id)
    for action in (
        lambda: person_mark(nobody, services, at=installation.clock.at),
        lambda: seal_mark(nobody, services, at=installation.clock.at),
        lambda: seal_diameter("H49.61.99", services, at=installation.clock.at),
    ):
        with pytest.raises(MarkPictureMissing):
            action()


def test_a_seal_is_drawn_in_the_real_size_of_its_agency(installation: Any, seal: bytes) -> None:
    made = of_seal(installation, seal)
    assert made.status_code == 201, made.text
    at, services = installation.clock.at, installation.services
    assert seal_diameter(WARD, services, at=at) == 36.0
    assert decide(installation, made.json()["id"], "confirmation").status_code == 201
    assert seal_diameter(WARD, services, at=at) == 38.0
    mark = seal_mark(Holder(org_code=WARD), services, at=at)
    assert (mark.diameter_mm, mark.picture[:4]) == (38.0, b"\x89PNG")
    assert Image.open(io.BytesIO(mark.picture)).mode == "RGBA"


def test_the_picture_is_nowhere_in_the_clear(installation: Any, seal: bytes) -> None:
    made = of_seal(installation, seal).json()
    headers = installation.headers(Role.APPROVER, "approver")
    png = installation.client.get(f"{PATH}/{made['id']}/content", headers=headers).content
    piece = png[100:140]
    folder = installation.services.settings.data
    stored = [path for path in folder.rglob("*") if path.is_file()]
    assert stored
    assert not [path for path in stored if piece in path.read_bytes()]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"subject_id": None}, "INPUT_INVALID"),
        ({"org_code": WARD}, "INPUT_INVALID"),
        ({"diameter_mm": 36}, "INPUT_INVALID"),
        ({"evidence": "079204000001"}, "INPUT_INVALID"),
        ({"kind": "stamp"}, "INPUT_INVALID"),
        ({"valid_from": "2026-11-24T00:00:00"}, "INPUT_INVALID"),
        ({"valid_from": "2026-11-25T00:00:00Z", "valid_to": "2026-11-24T00:00:00Z"}, "INPUT_INVALID"),
        ({"valid_from": "2026-11-25T00:00:00Z", "valid_to": "2026-11-25T00:00:00Z"}, "INPUT_INVALID"),
        ({"valid_from": "2026-11-01T00:00:00Z", "valid_to": "2026-11-02T00:00:00Z"}, "INPUT_INVALID"),
        ({"subject_id": "sub_01m8323b80eyqteec360fex1en"}, "NOT_FOUND"),
    ],
)
def test_what_is_said_about_a_picture_has_to_be_right(
    installation: Any, signature: bytes, fields: dict[str, object], code: str
) -> None:
    assert upload(installation, signature, **fields).json()["code"] == code


def test_a_seal_needs_its_real_size_and_its_agency(installation: Any, seal: bytes) -> None:
    assert of_seal(installation, seal, diameter=None).json()["code"] == "INPUT_INVALID"
    assert of_seal(installation, seal, diameter=70.0).json()["code"] == "INPUT_INVALID"
    assert of_seal(installation, seal, org_code="H49.99").json()["code"] == "NOT_FOUND"
    no_file = installation.client.post(
        PATH, data={"kind": "seal"}, files={}, headers=installation.headers(Role.RA_OFFICER, "ra_officer")
    )
    assert no_file.json()["code"] in {"INPUT_INVALID", "MEDIA_TYPE_UNSUPPORTED"}


def test_a_red_signature_is_refused_with_its_reason(installation: Any, seal: bytes) -> None:
    answer = upload(installation, seal)
    assert (answer.status_code, answer.json()["code"]) == (422, "MARK_PICTURE_UNFIT")
    assert "xanh" in answer.json()["detail"]


def test_nobody_registers_or_confirms_the_own_signature(installation: Any, signature: bytes) -> None:
    own = PEOPLE["ra_officer"].subject_id
    assert upload(installation, signature, subject_id=own).json()["code"] == "SAME_PERSON"
    of_approver = upload(installation, signature, subject_id=PEOPLE["approver"].subject_id).json()["id"]
    assert decide(installation, of_approver, "confirmation").json()["code"] == "SAME_PERSON"


def test_a_picture_whose_time_ran_out_while_it_waited_is_not_confirmed(installation: Any, signature: bytes) -> None:
    soon = (installation.clock.at + timedelta(hours=1)).isoformat()
    picture, in_time = (upload(installation, signature, valid_to=soon).json()["id"] for _ in range(2))
    assert decide(installation, in_time, "confirmation").status_code == 201
    installation.clock.forward(hours=2)
    assert decide(installation, picture, "confirmation").json()["code"] == "STATE_CONFLICT"


def test_everybody_sees_the_own_pictures_only_and_keepers_all(installation: Any, signature: bytes, seal: bytes) -> None:
    mine, seals = upload(installation, signature).json()["id"], of_seal(installation, seal).json()["id"]

    def seen(role: Role, figure: str, query: str = "") -> list[str]:
        answer = installation.client.get(f"{PATH}?limit=200{query}", headers=installation.headers(role, figure))
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    def read(role: Role, figure: str, picture: str, what: str = "") -> int:
        path = f"{PATH}/{picture}{what}"
        return int(installation.client.get(path, headers=installation.headers(role, figure)).status_code)

    assert {mine, seals} <= set(seen(Role.SECURITY_OFFICER, "security_officer"))
    assert mine in seen(Role.AUTHORISED_SIGNER, "leader", f"&subject_id={LEADER}&kind=signature")
    assert seen(Role.AUTHORISED_SIGNER, "leader") == []
    assert seen(Role.AUTHORISED_SIGNER, "chairman", f"&subject_id={LEADER}") == []
    assert seals in seen(Role.CLERK, "ward_clerk", f"&org_code={WARD}")
    assert read(Role.AUTHORISED_SIGNER, "leader", mine, "/content") == 200
    assert read(Role.AUTHORISED_SIGNER, "chairman", mine, "/content") == 404
    assert read(Role.AUTHORISED_SIGNER, "leader", seals) == 404
    assert read(Role.AUDITOR, "auditor", mine) == 200
    assert read(Role.AUDITOR, "auditor", mine, "/content") == 404
    page = installation.client.get(f"{PATH}?limit=1", headers=installation.headers(Role.AUDITOR, "auditor"))
    assert page.json()["next_cursor"]
    assert "rel=" in page.headers["link"]


def test_a_request_sent_twice_makes_one_version(installation: Any, signature: bytes) -> None:
    headers = installation.headers(Role.RA_OFFICER, "ra_officer")
    answers = [
        installation.client.post(
            PATH,
            files={"picture": ("hinh.jpg", signature, "image/jpeg")},
            data={"kind": "signature", "subject_id": LEADER, "evidence": "13/BB-DK"},
            headers=headers,
        )
        for _ in range(2)
    ]
    assert answers[0].json()["id"] == answers[1].json()["id"]


def test_of_two_who_register_the_same_version_one_is_told(installation: Any, signature: bytes) -> None:
    picture = upload(installation, signature).json()["id"]
    with installation.services.db.reading() as tx:
        same = replace(MarkPictures(tx).get(picture), picture_id="mpic_01m8323b80eyqteec360fex1en")
    with installation.services.db.transaction() as tx, pytest.raises(VersionConflict):
        MarkPictures(tx).add(same)


def test_every_step_stands_in_the_ledger(installation: Any, signature: bytes) -> None:
    picture = upload(installation, signature).json()["id"]
    decide(installation, picture, "withdrawal", Role.SECURITY_OFFICER, "security_officer")
    seen = installation.client.get(f"{PATH}/{picture}/content", headers=installation.headers(Role.APPROVER, "approver"))
    assert seen.status_code == 200
    path = f"/v1/audit-events?object_id={picture}&limit=50"
    events = installation.client.get(path, headers=installation.headers(Role.AUDITOR, "auditor")).json()["items"]
    actions = [one["action"] for one in events if one["object_id"] == picture]
    assert {"register_mark_picture", "withdraw_mark_picture", "read_mark_picture"} <= set(actions)
