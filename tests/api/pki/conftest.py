"""A service on loopback with certificates issued over HTTP, for outside clients: openssl and pkilint.

Time is the machine's own here, because openssl reads the clock. Certificates name http://pki.example.vn; clients
reach the service by an explicit address or by `http_proxy`.
"""

import secrets
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from api import migrations
from api.bootstrap import build_authenticator, build_services, development_identity
from api.callers import Role
from api.main import create_app
from api.records.demonstration import CENTRE, PEOPLE
from api.services import Services
from api.settings import Settings
from api.usecases.establish_pki import establish_pki
from api.usecases.open_development_account import OpenDevelopmentAccount, open_development_account
from api.usecases.publish_due_lists import publish_due_lists
from api.usecases.seed_demonstration import seed_demonstration
from signing.registry_sql import RegistrySql
from tests.api.conftest import install, start
from tests.api.pki.desk import Desk, official, seal
from tests.api.pki.watched import Watched


@dataclass
class LiveService:
    """A running service, its folder of fetched files, and what was issued."""

    url: str
    services: Services
    folder: Path
    ids: dict[str, str] = field(default_factory=dict)

    def token(self, role: Role, figure: str) -> str:
        at = datetime.now(UTC)
        command = OpenDevelopmentAccount(role=role, subject_id=PEOPLE[figure].subject_id, org_code=None)
        account = open_development_account(command, self.services, at)
        settings = self.services.settings
        return development_identity(settings).issue(
            account.external_id, audience=settings.oidc_audience, role=role.value, org_code=account.org_code, at=at
        )

    def call(self, method: str, path: str, role: Role, figure: str, **more: object) -> httpx2.Response:
        headers = {
            "Authorization": f"Bearer {self.token(role, figure)}",
            "Idempotency-Key": secrets.token_hex(8),
        }
        return httpx2.request(method, self.url + path, headers=headers, timeout=30, **more)  # type: ignore[arg-type]  # json or params

    def issue(self, name: str, body: dict[str, object]) -> str:
        """Request by one person, approve by another, fetch the PEM as `name.pem`."""
        request = self.call("POST", "/v1/certificate-requests", Role.RA_OFFICER, "ra_officer", json=body)
        assert request.status_code == 201, request.text
        path = f"/v1/certificate-requests/{request.json()['id']}/approval"
        approval = self.call("POST", path, Role.APPROVER, "approver", json={})
        assert approval.status_code == 201, approval.text
        self.ids[name] = approval.json()["certificate_id"]
        with self.services.db.reading() as tx:
            der = RegistrySql(tx).get(self.ids[name]).der or b""
        self.keep(name, der)
        return self.ids[name]

    def change(self, name: str, path: str, body: dict[str, object]) -> None:
        """Revoke or suspend what was issued as `name`."""
        figure = "security_officer"
        changed = self.call(
            "POST", f"/v1/certificates/{self.ids[name]}/{path}", Role.SECURITY_OFFICER, figure, json=body
        )
        assert changed.status_code == 201, changed.text

    def release(self, name: str) -> None:
        """Take back the own suspension."""
        path = f"/v1/certificates/{self.ids[name]}/suspension"
        done = self.call("DELETE", path, Role.SECURITY_OFFICER, "security_officer")
        assert done.status_code == 200, done.text

    def keep(self, name: str, der: bytes) -> None:
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (self.folder / f"{name}.pem").write_bytes(pem)

    def fetch_hierarchy(self) -> None:
        """CA certificates and lists as the outside gets them: `full.txt` and `shards.txt`, each with the root's."""
        full, shards = b"", b""
        for name in ("root", "personal", "secondary"):
            self.keep(name, httpx2.get(f"{self.url}/pki/{name}.cer").content)
            full += self.fetch_list(name, f"{'arl' if name == 'root' else 'crl'}-{name}")
            if name == "root":
                shards += full
                continue
            for shard in range(self.services.settings.crl_shards):
                shards += self.fetch_list(f"{name}/{shard}", f"crl-{name}-{shard}")
        (self.folder / "full.txt").write_bytes(full)
        (self.folder / "shards.txt").write_bytes(shards)
        (self.folder / "lists.txt").write_bytes(full + shards)
        chain = b"".join((self.folder / f"{name}.pem").read_bytes() for name in ("personal", "secondary"))
        (self.folder / "chain.txt").write_bytes(chain)

    def fetch_list(self, path: str, name: str) -> bytes:
        """One list, kept as `name.crl`; in PEM."""
        answer = httpx2.get(f"{self.url}/pki/{path}.crl")
        assert answer.status_code == 200, answer.text
        (self.folder / f"{name}.crl").write_bytes(answer.content)
        return x509.load_der_x509_crl(answer.content).public_bytes(Encoding.PEM)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    settings = Settings(data=tmp_path_factory.mktemp("live"), public_rate="100000/minute", crl_delta=True)
    services = build_services(settings)
    migrations.upgrade(services.db)
    at = datetime.now(UTC)
    establish_pki(services, at)
    seed_demonstration(services, at)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = create_app(services, build_authenticator(settings, services.db))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    made = LiveService(
        url=f"http://127.0.0.1:{listener.getsockname()[1]}",
        services=services,
        folder=tmp_path_factory.mktemp("fetched"),
    )
    while not server.started:
        thread.join(0.02)
    made.issue("np-leader", official("chairman"))
    made.issue("np-revoked", official("leader"))
    made.issue("np-held", official("appraiser"))
    primary = made.issue("lp-seal", seal())
    made.issue(
        "seclp-centre",
        seal(
            ordinal=2,
            primary_certificate_id=primary,
            scope={"places": [CENTRE], "procedures": ["9.000001"]},
        ),
    )
    citizen = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id, "evidence": ["cccd"]}
    made.issue("np-citizen", citizen)
    at_centre = {"ordinal": 2, "scope": {"places": [CENTRE]}}
    made.issue("sec-np-leader", official("chairman", primary_certificate_id=made.ids["np-leader"], **at_centre))
    made.issue("sec-np-citizen", {**citizen, "primary_certificate_id": made.ids["np-citizen"], **at_centre})
    made.change("np-revoked", "revocation", {"reason": "key_compromise"})
    made.change("np-held", "suspension", {"reason": "key_in_doubt"})
    publish_due_lists(services, datetime.now(UTC))  # what the worker does every few seconds
    made.fetch_hierarchy()
    yield made
    server.should_exit = True
    thread.join(10)
    services.db.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk in an installation of the test's own."""
    made = install(tmp_path / "data")
    yield Desk(made)
    made.services.close()


@dataclass(frozen=True)
class Prepared:
    """A data folder with certificates in it, to be copied."""

    data: Path
    certificates: dict[str, str]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    made = install(tmp_path_factory.mktemp("prepared"))
    desk = Desk(made)
    certificates = {figure: desk.issue(official(figure)) for figure in ("chairman", "leader")}
    made.services.close()
    return Prepared(data=made.services.settings.data, certificates=certificates)


@pytest.fixture
def others(prepared: Prepared) -> dict[str, str]:
    """Ids of the certificates beside the watched one, by figure."""
    return {figure: one for figure, one in prepared.certificates.items() if figure != "chairman"}


@pytest.fixture
def watched(prepared: Prepared, tmp_path: Path) -> Iterator[Watched]:
    """The chairman's certificate in an installation of the test's own: a copy, made in no time."""
    data = tmp_path / "copy"
    shutil.copytree(prepared.data, data)
    made = start(data, public_rate="100000/minute")
    yield Watched(made, prepared.certificates["chairman"])
    made.services.close()
