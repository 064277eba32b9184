"""Bearer tokens: the development identity's, and those of a provider that drops in."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from api.auth import DevelopmentIdentity, JwksFile, JwksUrl, TokenVerifier
from api.bootstrap import build_authenticator, development_identity
from api.callers import Role
from api.errors import RoleMissing, ServiceUnavailable, TokenExpired, TokenInvalid, TokenMissing
from api.ids import new_id
from api.main import create_app
from api.records.accounts import Account, Accounts
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, SCHOOL, TOWN, WARD
from api.records.tables import ACCOUNTS, ROLE_GRANTS
from api.usecases.open_development_account import OpenDevelopmentAccount, open_development_account
from tests.api.conftest import Install, Installation

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ISSUER = "https://id.example.vn"
AUDIENCE = "anso"


@pytest.fixture(scope="module")
def rsa() -> RSAKey:
    return RSAKey.generate_key(2048, auto_kid=True)


@pytest.fixture(scope="module")
def ec() -> ECKey:
    return ECKey.generate_key("P-256", auto_kid=True)


class Fixed:
    """Keys in memory."""

    def __init__(self, *keys: RSAKey | ECKey | OKPKey) -> None:
        self.keys = KeySet(list(keys))

    def key_set(self, key_id: str | None, at: datetime) -> KeySet:  # noqa: ARG002 - the protocol's arguments
        return self.keys


def claims(**changes: object) -> dict[str, object]:
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "u1",
        "iat": int(AT.timestamp()),
        "exp": int((AT + timedelta(minutes=5)).timestamp()),
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(key: RSAKey | ECKey | OKPKey, algorithm: str, **changes: object) -> str:
    return jwt.encode({"alg": algorithm, "kid": key.kid}, claims(**changes), key, [algorithm])


def part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def verifier(*keys: RSAKey | ECKey | OKPKey) -> TokenVerifier:
    return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=Fixed(*keys))


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_a_providers_rsa_tokens_are_taken(rsa: RSAKey, algorithm: str) -> None:
    found = verifier(rsa).verify(signed(rsa, algorithm), AT)
    assert (found.issuer, found.external_id, found.role) == (ISSUER, "u1", None)


def test_a_providers_elliptic_curve_tokens_are_taken(ec: ECKey) -> None:
    assert verifier(ec).verify(signed(ec, "ES256"), AT).external_id == "u1"


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ["Ed25519", "EdDSA"])
def test_a_providers_edwards_tokens_are_taken_under_both_names(algorithm: str) -> None:
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    assert verifier(key).verify(signed(key, algorithm), AT).external_id == "u1"


def test_an_audience_among_several_is_ours(ec: ECKey) -> None:
    assert verifier(ec).verify(signed(ec, "ES256", aud=["other", AUDIENCE]), AT).external_id == "u1"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"sub": None},
        {"sub": 7},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": int((AT + timedelta(minutes=3)).timestamp())},
        {"iat": int((AT + timedelta(minutes=3)).timestamp())},
    ],
)
def test_a_token_with_a_wrong_or_missing_claim_is_refused(ec: ECKey, changes: dict[str, object]) -> None:
    with pytest.raises(TokenInvalid) as caught:
        verifier(ec).verify(signed(ec, "ES256", **changes), AT)
    assert caught.value.code == "TOKEN_INVALID"


def test_an_expired_token_is_told_from_a_wrong_one_with_a_minute_of_leeway(ec: ECKey) -> None:
    token = signed(ec, "ES256", exp=int(AT.timestamp()))
    assert verifier(ec).verify(token, AT + timedelta(seconds=59))
    with pytest.raises(TokenExpired) as caught:
        verifier(ec).verify(token, AT + timedelta(seconds=62))
    assert caught.value.code == "TOKEN_EXPIRED"


def test_a_token_of_another_key_is_refused(ec: ECKey) -> None:
    stranger = ECKey.generate_key("P-256", {"kid": ec.kid})
    with pytest.raises(TokenInvalid):
        verifier(ec).verify(signed(stranger, "ES256"), AT)


def test_an_unknown_key_id_is_refused(ec: ECKey) -> None:
    stranger = ECKey.generate_key("P-256", auto_kid=True)
    with pytest.raises(TokenInvalid):
        verifier(ec).verify(signed(stranger, "ES256"), AT)


def test_a_token_without_signature_is_refused(ec: ECKey) -> None:
    for algorithm in ("none", "None", "NONE"):
        with pytest.raises(TokenInvalid):
            verifier(ec).verify(f"{part({'alg': algorithm})}.{part(claims())}.", AT)


def test_a_public_key_is_never_taken_as_a_shared_secret(rsa: RSAKey) -> None:
    # the classic confusion: HS256 over the provider's published key (RFC 8725 §2.1)
    signed_part = f"{part({'alg': 'HS256', 'kid': rsa.kid})}.{part(claims())}"
    mac = hmac.new(rsa.as_pem(private=False), signed_part.encode(), hashlib.sha256).digest()
    token = f"{signed_part}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    with pytest.raises(TokenInvalid):
        verifier(rsa).verify(token, AT)


def test_a_weak_or_unlisted_algorithm_is_refused(rsa: RSAKey) -> None:
    with pytest.raises(TokenInvalid):
        verifier(rsa).verify(signed(rsa, "RS512"), AT)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "\x00", "e30.e30.e30", "é.é.é", "a" * 9000, "eyJhbGciOiJFUzI1NiJ9.e30."]
)
def test_what_is_no_token_is_refused(ec: ECKey, token: str) -> None:
    with pytest.raises(TokenInvalid):
        verifier(ec).verify(token, AT)


def test_a_key_file_is_read_again_after_a_while(tmp_path: Path, ec: ECKey, rsa: RSAKey) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(KeySet([ec]).as_dict(private=False)))
    keys = JwksFile(path)
    assert keys.key_set(None, AT).keys[0].kid == ec.kid
    path.write_text(json.dumps(KeySet([rsa]).as_dict(private=False)))
    assert keys.key_set(None, AT).keys[0].kid == ec.kid
    assert keys.key_set(None, AT + timedelta(minutes=1)).keys[0].kid == rsa.kid


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": 7}', '{"keys": [{"kty": "EC"}]}', "\xff"])
def test_a_key_file_that_is_none_makes_the_service_unavailable(tmp_path: Path, content: str) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(content)
    with pytest.raises(ServiceUnavailable):
        JwksFile(path).key_set(None, AT)
    with pytest.raises(ServiceUnavailable):
        JwksFile(tmp_path / "missing").key_set(None, AT)


class Provider(ThreadingHTTPServer):
    """A provider's JWKS address on loopback."""

    document: bytes = b""
    status: int = 200
    asked: int = 0


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Provider)
        server.asked += 1
        self.send_response(server.status)
        self.send_header("Content-Length", str(len(server.document)))
        self.end_headers()
        self.wfile.write(server.document)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002 - the base class's names
        return


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def address(provider: Provider) -> str:
    return f"http://127.0.0.1:{provider.server_address[1]}/jwks"


def test_a_providers_keys_are_fetched_kept_and_asked_again_for_an_unknown_one(
    provider: Provider, ec: ECKey, rsa: RSAKey
) -> None:
    provider.document = json.dumps(KeySet([ec]).as_dict(private=False)).encode()
    keys = JwksUrl(address(provider))
    for _ in range(3):
        assert keys.key_set(ec.kid, AT).keys[0].kid == ec.kid
    assert provider.asked == 1
    provider.document = json.dumps(KeySet([rsa]).as_dict(private=False)).encode()
    keys.key_set(rsa.kid, AT + timedelta(seconds=5))
    assert provider.asked == 1  # an attacker's invented key ids do not make us ask again and again
    assert keys.key_set(rsa.kid, AT + timedelta(seconds=40)).keys[0].kid == rsa.kid
    assert provider.asked == 2


def test_an_outage_of_the_provider_keeps_the_keys_that_we_have(provider: Provider, ec: ECKey) -> None:
    provider.document = json.dumps(KeySet([ec]).as_dict(private=False)).encode()
    keys = JwksUrl(address(provider))
    keys.key_set(ec.kid, AT)
    provider.status = 500
    assert keys.key_set(ec.kid, AT + timedelta(hours=1)).keys[0].kid == ec.kid


@pytest.mark.parametrize(("status", "document"), [(500, b""), (200, b"no json"), (200, b" " * 300_000), (302, b"")])
def test_a_provider_that_never_answered_well_makes_the_service_unavailable(
    provider: Provider, status: int, document: bytes
) -> None:
    provider.status, provider.document = status, document
    with pytest.raises(ServiceUnavailable) as caught:
        JwksUrl(address(provider)).key_set(None, AT)
    assert caught.value.retryable


def test_two_processes_that_start_at_once_agree_on_one_development_key(tmp_path: Path) -> None:
    first, second = DevelopmentIdentity(tmp_path), DevelopmentIdentity(tmp_path)
    assert first.public_keys().keys[0].kid == second.public_keys().keys[0].kid
    assert (tmp_path / "development-identity.json").stat().st_mode & 0o777 == 0o600
    assert "d" not in first.public_keys().as_dict(private=False)["keys"][0]


# --- from the header to the caller -------------------------------------------------------------------


def test_a_missing_or_foreign_authorization_is_a_missing_token(installation: Installation) -> None:
    authenticator = installation.app.state.authenticator
    for header in (None, "", "Basic dTpw", "Bearer"):
        with pytest.raises((TokenMissing, TokenInvalid)):
            authenticator.authenticate(header, (Role.CLERK,), installation.clock.at)


def test_the_scheme_is_read_in_any_case(installation: Installation) -> None:
    token = installation.token(Role.CLERK)
    caller = installation.app.state.authenticator.authenticate(f"bearer {token}", (Role.CLERK,), installation.clock.at)
    assert caller.role is Role.CLERK
    assert caller.subject_id is not None


def test_a_caller_without_the_role_is_told_which_roles_would_do(installation: Installation) -> None:
    with pytest.raises(RoleMissing) as caught:
        installation.app.state.authenticator.authenticate(
            f"Bearer {installation.token(Role.CITIZEN)}", (Role.CLERK, Role.AUDITOR), installation.clock.at
        )
    assert "clerk, auditor" in caught.value.detail_en


def test_a_person_in_two_agencies_chooses_one_by_a_header_and_gets_no_third(fresh_install: Install) -> None:
    made = fresh_install()
    person = PEOPLE["ward_clerk"].subject_id
    command = OpenDevelopmentAccount(role=Role.RECEPTION_OFFICER, subject_id=person, org_code=WARD)
    account = open_development_account(command, made.services, made.clock.at)
    with made.services.db.transaction() as tx:
        grant = tx.execute(ROLE_GRANTS.select().where(ROLE_GRANTS.c.account_id == account.account_id)).one()
        later = {"decided_at": (grant.decided_at or 0) + 1, "org_code": TOWN}
        second = {**grant._mapping, "grant_id": new_id("grant", made.clock.at), **later}
        tx.execute(ROLE_GRANTS.insert().values(**second))

    def receive(dossier_org: str, chosen: str | None, token_org: str | None = None) -> tuple[int, str]:
        token = development_identity(made.services.settings).issue(
            account.external_id, audience="anso", role="reception_officer", org_code=token_org, at=made.clock.at
        )
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one-key-for-all"}
        if chosen is not None:
            headers["Anso-Org"] = chosen
        body = {
            "procedure_code": BIRTH_EXTRACT,
            "applicant_subject_id": PEOPLE["mother"].subject_id,
            "org_code": dossier_org,
            "channel": "counter",
        }
        answer = made.client.post("/v1/dossiers", json=body, headers=headers)
        return answer.status_code, answer.json().get("code", "")

    assert receive(TOWN, None) == (403, "FORBIDDEN")  # without a choice: the grant that was given first
    assert receive(TOWN, SCHOOL) == (403, "ROLE_MISSING")
    assert receive(TOWN, "") == (403, "ROLE_MISSING")
    assert receive(TOWN, TOWN, token_org=WARD) == (403, "ROLE_MISSING")
    assert receive(TOWN, TOWN)[0] == 201
    assert receive(TOWN, WARD) == (422, "IDEMPOTENCY_KEY_REUSED")  # for another agency it is another request


def test_over_http_the_three_ways_to_fail_have_their_codes(fresh_install: Install) -> None:
    made = fresh_install()
    path = "/v1/role-grants"
    assert made.client.get(path).json()["code"] == "TOKEN_MISSING"
    assert made.client.get(path).headers["www-authenticate"] == 'Bearer error="TOKEN_MISSING"'
    wrong = made.client.get(path, headers={"Authorization": "Bearer x.y.z"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "TOKEN_INVALID")
    role = made.client.get(path, headers=made.headers(Role.CITIZEN))
    assert (role.status_code, role.json()["code"]) == (403, "ROLE_MISSING")
    headers = made.headers(Role.ADMINISTRATOR)
    assert made.client.get(path, headers=headers).status_code == 200
    made.clock.forward(hours=9)
    late = made.client.get(path, headers=headers)
    assert (late.status_code, late.json()["code"]) == (401, "TOKEN_EXPIRED")


def test_a_blocked_account_is_out_at_once(fresh_install: Install) -> None:
    made = fresh_install()
    headers = made.headers(Role.ADMINISTRATOR)
    assert made.client.get("/v1/role-grants", headers=headers).status_code == 200
    with made.services.db.transaction() as tx:
        tx.execute(ACCOUNTS.update().values(status="blocked"))
    assert made.client.get("/v1/role-grants", headers=headers).json()["code"] == "TOKEN_INVALID"


def test_a_real_provider_drops_in_and_the_development_identity_is_out(
    fresh_install: Install, tmp_path: Path, ec: ECKey
) -> None:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps(KeySet([ec]).as_dict(private=False)))
    made = fresh_install(oidc_issuer=ISSUER, oidc_jwks_url=str(jwks))
    app = create_app(made.services, build_authenticator(made.services.settings, made.services.db))
    made.app = app
    own = made.client.get("/v1/notices", headers=made.headers(Role.CLERK))
    assert own.json()["code"] == "TOKEN_INVALID"
    token = jwt.encode(
        {"alg": "ES256", "kid": ec.kid},
        {
            **claims(),
            "exp": int((made.clock.at + timedelta(minutes=5)).timestamp()),
            "iat": int(made.clock.at.timestamp()),
        },
        ec,
        ["ES256"],
    )
    headers = {"Authorization": f"Bearer {token}"}
    assert made.client.get("/v1/notices", headers=headers).json()["code"] == "TOKEN_INVALID"  # no account yet
    with made.services.db.transaction() as tx:
        account = Account(account_id="acc_x", subject_id=None, is_active=True)
        Accounts(tx).add(account, issuer=ISSUER, external_id="u1", at=made.clock.at)
    assert made.client.get("/v1/notices", headers=headers).json()["code"] == "ROLE_MISSING"
    assert made.client.get("/.well-known/jwks.json").status_code == 404
