"""A campaign with a licensed authority (F4): applicants in, a package out, certificates back, each matched exactly."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from api.callers import Role
from api.records.campaigns import CAMPAIGN_ENTRIES, CERTIFICATE_CAMPAIGNS
from tests.api.bulk.applicants import HEADER, citizen, run
from tests.api.conftest import Installation, install
from tests.api.imports.outside import Outside

PATH = "/v1/certificate-campaigns"


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    return Outside(tmp_path_factory.mktemp("trust"), profile="public", label="Licensed CA")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, public: Outside) -> Iterator[Installation]:
    made = install(tmp_path_factory.mktemp("campaigns"), trust=public.folder)
    yield made
    made.services.close()


def post(house: Installation, path: str, role: Role = Role.RA_OFFICER, figure: str | None = None) -> Any:
    return house.client.post(PATH + path, json={}, headers=house.headers(role, figure))


def get(house: Installation, path: str, role: Role = Role.APPROVER) -> Any:
    return house.client.get(PATH + path, headers=house.headers(role))


def send(house: Installation, campaign: str, what: str, content: bytes, figure: str = "ra_officer") -> Any:
    return house.client.post(
        f"{PATH}/{campaign}/{what}",
        files={"file": ("file", content, "application/octet-stream")},
        data={"evidence": "KH 20/2026"},
        headers=house.headers(Role.RA_OFFICER, figure),
    )


def opened(house: Installation, figure: str = "ra_officer") -> str:
    body = {"name": "Chữ ký số miễn phí đợt 1", "authority": "CA công cộng được cấp phép"}
    answer = house.client.post(PATH, json=body, headers=house.headers(Role.RA_OFFICER, figure))
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "collecting"
    return str(answer.json()["id"])


def results(house: Installation, answer: Any) -> list[tuple[int, str, str | None]]:
    assert answer.status_code == 202, answer.text
    run(house, answer.json()["id"])
    path = f"/v1/certificate-batches/{answer.json()['id']}/rows"
    items = house.client.get(path, headers=house.headers(Role.APPROVER)).json()["items"]
    return [(one["row"], one["state"], one["reason_code"]) for one in items]


def token_request(key: ec.EllipticCurvePrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "whatever it says")])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return base64.b64encode(csr.public_bytes(Encoding.DER)).decode()


def applicants(*rows: str) -> bytes:
    return "\n".join([f"{HEADER},csr", *rows]).encode()


def who(index: int) -> tuple[str, str]:
    number, name, _ = citizen(index).split(",")
    return name, number


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", answer.json().get("state"))


def test_a_campaign_goes_out_as_a_package_and_comes_back_matched(house: Installation, public: Outside) -> None:
    token, stranger = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    campaign = opened(house)
    content = applicants(
        f"{citizen(0)},",
        f"{citizen(1)},{token_request(token)}",
        f"{citizen(2)},",
        f"{citizen(0)},",
        f"{citizen(3)},{token_request(token)}",
        f"{citizen(4)},MIIBAA==",
        "1,,,",
    )
    assert results(house, send(house, campaign, "applicants", content)) == [
        (2, "created", None),
        (3, "created", None),
        (4, "created", None),
        (5, "duplicate", "CERT_DUPLICATE_ACTIVE"),
        (6, "refused", "ROW_CELL_UNSAFE"),
        (7, "refused", "CSR_MALFORMED"),
        (8, "refused", "ROW_PERSONAL_ID"),
    ]
    assert outcome(send(house, campaign, "certificates", public.pem().encode())) == (409, "STATE_CONFLICT")

    exported = post(house, f"/{campaign}/export", Role.APPROVER)
    assert outcome(exported) == (201, "exported")
    assert exported.json()["applicants"] == {"collected": 0, "exported": 3, "imported": 0}
    package = get(house, f"/{campaign}/package")
    assert hashlib.sha256(package.content).hexdigest() == exported.json()["package_sha256"]
    digest = base64.b64encode(hashlib.sha256(package.content).digest()).decode()
    assert package.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert package.headers["cache-control"] == "no-store"
    listed = {one["personal_id"]: one for one in json.loads(package.content)["applicants"]}
    assert set(listed) == {who(index)[1] for index in (0, 1, 2)}
    asked = x509.load_der_x509_csr(base64.b64decode(listed[who(1)[1]]["csr"]))
    assert asked.public_key() == token.public_key()
    assert listed[who(0)[1]]["csr"] is None
    assert outcome(send(house, campaign, "applicants", content)) == (409, "STATE_CONFLICT")

    first = public.citizen(*who(0))
    back = [
        first,
        public.citizen(*who(1), public_key=stranger.public_key()),  # another key than the token's
        public.citizen(*who(9)),  # nobody of the campaign
        public.citizen("Tên Khác", who(2)[1]),
    ]
    assert results(house, send(house, campaign, "certificates", public.pem(*back).encode())) == [
        (1, "created", None),
        (2, "refused", "CAMPAIGN_KEY_MISMATCH"),
        (3, "refused", "CAMPAIGN_ENTRY_MISSING"),
        (4, "refused", "EXTERNAL_CERT_HOLDER"),
    ]
    half = get(house, f"/{campaign}").json()
    assert (half["state"], half["applicants"]["imported"]) == ("partly_imported", 1)

    name, _ = who(1)
    nameless = public.issue(
        x509.Name(
            [x509.NameAttribute(x509.NameOID.COMMON_NAME, name), x509.NameAttribute(x509.NameOID.GIVEN_NAME, name)]
        ),
        public_key=token.public_key(),
    )  # by the key alone: it names no number
    rest = [first, nameless, public.citizen(*who(2)), public.citizen(*who(0))]
    assert results(house, send(house, campaign, "certificates", public.pem(*rest).encode())) == [
        (1, "duplicate", "CERT_DUPLICATE_ACTIVE"),
        (2, "created", None),
        (3, "created", None),
        (4, "refused", "STATE_CONFLICT"),
    ]
    whole = get(house, f"/{campaign}").json()
    assert (whole["state"], whole["applicants"]) == ("imported", {"collected": 0, "exported": 0, "imported": 3})
    entries = get(house, f"/{campaign}/applicants?state=imported").json()["items"]
    assert [one["has_own_key"] for one in entries].count(True) == 1
    found = house.client.get(
        f"/v1/external-certificates/{entries[0]['certificate_id']}", headers=house.headers(Role.APPROVER)
    ).json()
    assert (found["trust_profile"], found["state"]) == ("public", "active")
    # whoever has a public certificate is not collected again
    second = opened(house)
    assert results(house, send(house, second, "applicants", applicants(f"{citizen(0)},"))) == [
        (2, "duplicate", "CERT_DUPLICATE_ACTIVE")
    ]


def test_certificates_of_no_public_root_never_come_back_as_public_ones(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("trust")
    others = [Outside(folder, profile=profile, label=f"CA {profile}") for profile in ("specialised", "official")]
    development = Outside(folder, profile="public", label="DEV CA")
    house = install(tmp_path_factory.mktemp("not-public"), trust=folder)
    campaign = opened(house)
    results(house, send(house, campaign, "applicants", applicants(f"{citizen(0)},")))
    post(house, f"/{campaign}/export", Role.APPROVER)
    for outside in (*others, development):
        made = outside.pem(outside.citizen(*who(0))).encode()
        assert results(house, send(house, campaign, "certificates", made)) == [(1, "refused", "EXTERNAL_CERT_PROFILE")]
    assert get(house, f"/{campaign}").json()["state"] == "exported"
    house.services.close()


def test_who_opened_a_campaign_does_not_export_it_and_nobody_exports_nothing_or_twice(house: Installation) -> None:
    campaign = opened(house, "two_accounts")
    assert outcome(post(house, f"/{campaign}/export", Role.APPROVER, "two_accounts")) == (409, "CERT_SELF_APPROVAL")
    assert outcome(post(house, f"/{campaign}/export", Role.APPROVER)) == (409, "STATE_CONFLICT")
    assert outcome(get(house, f"/{campaign}/package")) == (409, "STATE_CONFLICT")
    results(house, send(house, campaign, "applicants", applicants(f"{citizen(50)},")))
    assert post(house, f"/{campaign}/export", Role.APPROVER).status_code == 201
    assert outcome(post(house, f"/{campaign}/export", Role.APPROVER)) == (409, "STATE_CONFLICT")


def test_the_package_is_for_approvers_and_every_reading_of_it_is_in_the_ledger(house: Installation) -> None:
    campaign = opened(house)
    results(house, send(house, campaign, "applicants", applicants(f"{citizen(60)},")))
    post(house, f"/{campaign}/export", Role.APPROVER)
    for role in (Role.RA_OFFICER, Role.AUDITOR, Role.CITIZEN):
        assert get(house, f"/{campaign}/package", role).status_code == 403
    assert get(house, f"/{campaign}/package").status_code == 200
    events = house.client.get(
        "/v1/audit-events", params={"object_id": campaign}, headers=house.headers(Role.AUDITOR)
    ).json()["items"]
    read = next(one for one in events if one["action"] == "read_campaign_package")
    assert read["purpose"] == "export_campaign"
    assert [one["action"] for one in events][-1] == "open_campaign"


def test_package_and_token_requests_are_sealed_where_they_are_kept(house: Installation) -> None:
    campaign = opened(house)
    request = token_request(ec.generate_private_key(ec.SECP256R1()))
    results(house, send(house, campaign, "applicants", applicants(f"{citizen(70)},{request}")))
    post(house, f"/{campaign}/export", Role.APPROVER)
    with house.services.db.reading() as tx:
        rows = tx.execute(sa.select(CERTIFICATE_CAMPAIGNS)).all() + tx.execute(sa.select(CAMPAIGN_ENTRIES)).all()
    kept = b"".join(value for row in rows for value in row if isinstance(value, bytes))
    assert kept
    assert who(70)[1].encode() not in kept
    assert base64.b64decode(request) not in kept


def test_campaigns_and_applicants_come_in_pages(house: Installation) -> None:
    campaign = opened(house)
    opened(house)
    content = applicants(*(f"{citizen(index)}," for index in range(80, 85)))
    results(house, send(house, campaign, "applicants", content))
    first = get(house, f"/{campaign}/applicants?limit=3").json()
    rest = get(house, f"/{campaign}/applicants?cursor={first['next_cursor']}").json()
    assert len({one["id"] for one in first["items"] + rest["items"]}) == 5
    assert get(house, f"/{campaign}/applicants?state=imported").json()["items"] == []
    page = get(house, "?limit=1").json()
    assert page["next_cursor"]
    assert get(house, f"?cursor={page['next_cursor']}").json()["items"][0]["id"] > page["items"][0]["id"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "authority": "x"},
        {"name": "x", "authority": "\u202e"},
        {"name": " ", "authority": "x"},
        {"name": "x"},
    ],
)
def test_a_campaign_has_a_name_and_an_authority_that_can_be_read(house: Installation, body: dict[str, str]) -> None:
    answer = house.client.post(PATH, json=body, headers=house.headers(Role.RA_OFFICER))
    assert answer.status_code == 422


def test_an_unknown_campaign_is_not_found_whatever_is_sent(house: Installation, public: Outside) -> None:
    unknown = "cam_01m8323b80fhjsyky8ck0e5jrg"
    assert outcome(get(house, f"/{unknown}")) == (404, "NOT_FOUND")
    assert outcome(get(house, f"/{unknown}/applicants")) == (404, "NOT_FOUND")
    assert outcome(send(house, unknown, "applicants", applicants(f"{citizen(0)},"))) == (404, "NOT_FOUND")
    assert outcome(send(house, unknown, "certificates", public.pem().encode())) == (404, "NOT_FOUND")
    assert outcome(post(house, f"/{unknown}/export", Role.APPROVER)) == (404, "NOT_FOUND")


def test_who_brought_the_applicants_in_does_not_hand_them_over(house: Installation) -> None:
    campaign = opened(house)
    added = send(house, campaign, "applicants", applicants(f"{citizen(70)},"), "two_accounts")
    assert results(house, added) == [(2, "created", None)]
    refused = post(house, f"/{campaign}/export", Role.APPROVER, "two_accounts")
    assert outcome(refused) == (409, "CERT_SELF_APPROVAL")
    events = house.client.get("/v1/audit-events", headers=house.headers(Role.AUDITOR)).json()["items"]
    assert ("export_campaign", "CERT_SELF_APPROVAL") in [(one["action"], one["reason_code"]) for one in events]
    assert outcome(post(house, f"/{campaign}/export", Role.APPROVER, "approver")) == (201, "exported")
