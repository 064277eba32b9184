"""A service whose keys are kept by a real `anso signer` process, for tests; everything else goes over HTTP."""

import base64
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api import migrations
from api.bootstrap import build_authenticator, build_database, build_services
from api.callers import Role
from api.cli import main
from api.main import create_app
from api.records.demonstration import PEOPLE
from api.settings import Settings
from api.usecases.establish_pki import establish_pki
from api.usecases.seed_demonstration import seed_demonstration
from tests.api.conftest import Installation, StandingClock
from tests.api.office import issue_certificate, official
from tests.fakes.passkey import ORIGIN, SoftPasskey

_READY = "anso: sẵn sàng / ready: signer"


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SignerProcess:
    """One `anso signer`."""

    settings: Settings
    process: subprocess.Popen[str] | None = None

    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSO_")},
            "ANSO_DATA": str(self.settings.data),
            "ANSO_SIGNER_SOCKET": str(self.settings.signer_socket),
            "ANSO_PUBLIC_URL": ORIGIN,
            **({"ANSO_DATABASE_URL": self.settings.database} if self.settings.database_url else {}),
        }

    def start(self) -> None:
        command = [sys.executable, "-m", "api.cli", "signer"]
        self.process = subprocess.Popen(command, env=self.environment(), stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        assert line == _READY, line

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(timeout=20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def operator(self, *arguments: str) -> Any:
        """A command of the operator at the signer, its answer as JSON."""
        said = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
            for name, value in self.environment().items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(["signer", *arguments, "-o", "json"])
        assert not ended.value.code
        return json.loads(said.getvalue())


@dataclass
class GuardedOffice:
    """An installation whose keys are elsewhere."""

    installation: Installation
    signer: SignerProcess
    passkeys: dict[str, SoftPasskey] = field(default_factory=dict)
    certificates: dict[str, str] = field(default_factory=dict)

    def tick(self) -> None:
        """The service's clock follows the real one, as the signer's does."""
        self.installation.clock.at = datetime.now(UTC)

    def send(self, role: Role, figure: str | None, path: str, body: object | None = None) -> Any:
        self.tick()
        headers = self.installation.headers(role, figure)
        return self.installation.client.post(path, json={} if body is None else body, headers=headers)

    def register(self, role: Role, figure: str, **lies: Any) -> str:
        """A new passkey of that person; nobody has vouched for it yet."""
        passkey = SoftPasskey(**lies)
        started = self.send(role, figure, "/v1/passkeys", {"label": "khóa bảo mật"}).json()
        answer = passkey.register_json(unb64(started["challenge"]))
        made = self.send(role, figure, f"/v1/passkeys/{started['id']}/registration", answer)
        assert made.status_code == 201, made.text
        self.passkeys[figure] = passkey
        return str(started["id"])

    def vouch(self, passkey_id: str, figure: str, officer: str, *, role: Role = Role.SECURITY_OFFICER) -> Any:
        """An officer's passkey vouches for somebody's."""
        self.tick()
        listed = self.installation.client.get(
            f"/v1/passkeys/of-person?subject_id={PEOPLE[figure].subject_id}",
            headers=self.installation.headers(role, officer),
        ).json()["items"]
        challenge = next(one["confirmation_challenge"] for one in listed if one["id"] == passkey_id)
        body = {"assertion": self.passkeys[officer].answer_json(unb64(challenge))}
        return self.send(role, officer, f"/v1/passkeys/{passkey_id}/confirmation", body)

    def open(self, digests: list[str], figure: str = "leader", **more: object) -> Any:
        body = {"certificate_id": self.certificates[figure], "digests": digests} | more
        return self.send(Role.AUTHORISED_SIGNER, figure, "/v1/signature-authorisations", body)

    def confirm(self, opened: dict[str, Any], figure: str = "leader", passkey: str | None = None) -> Any:
        answer = self.passkeys[passkey or figure].answer_json(unb64(opened["challenge"]))
        path = f"/v1/signature-authorisations/{opened['id']}/confirmation"
        return self.send(Role.AUTHORISED_SIGNER, figure, path, {"assertion": answer})

    def authorised(self, digests: list[str]) -> str:
        """An authorisation to which the leader has agreed."""
        opened = self.open(digests).json()
        assert self.confirm(opened).status_code == 201
        return str(opened["id"])

    def sign(self, authorisation: str, digest: str, figure: str = "leader") -> Any:
        path = f"/v1/signature-authorisations/{authorisation}/signatures"
        return self.send(Role.AUTHORISED_SIGNER, figure, path, {"digest": digest})


@contextmanager
def guarded_office(folder: Path, **chosen: object) -> Iterator[GuardedOffice]:
    """A service and its signer, with the leader's certificate and passkey, vouched for by an officer."""
    values = Settings(
        data=folder, public_rate="10000/minute", signer_socket=folder / "s.sock", public_url=ORIGIN, **chosen
    )  # type: ignore[arg-type] # pydantic checks them
    database = build_database(values)
    migrations.upgrade(database)
    database.close()
    signer = SignerProcess(settings=values)
    signer.start()
    clock = StandingClock(at=datetime.now(UTC))
    services = build_services(values, clock=clock)
    try:
        establish_pki(services, clock.at)
        seed_demonstration(services, clock.at)
        app = create_app(services, build_authenticator(values, services.db))
        office = GuardedOffice(Installation(services=services, app=app, clock=clock), signer)
        office.certificates["leader"] = issue_certificate(office.installation, official("leader"))
        officer = office.register(Role.SECURITY_OFFICER, "chairman")
        signer.operator("admit-officer", officer)
        assert office.vouch(office.register(Role.AUTHORISED_SIGNER, "leader"), "leader", "chairman").status_code == 201
        yield office
    finally:
        services.close()
        if signer.process is not None and signer.process.poll() is None:
            signer.stop()


def wait_until(claim: Any, limit_s: float = 20.0) -> None:
    deadline = time.monotonic() + limit_s
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.05)
