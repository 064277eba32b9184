"""The service behind a real server, an official with a certificate, and PDFs to sign, for tests of the CSC API."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from api.callers import Role
from api.records.second_factors import STEP_S, code_at
from tests.api.conftest import install
from tests.api.office import Office, issue_certificate, official, open_office
from tests.api.test_verification_load import served


@dataclass
class Desk:
    """One official's view of the service, over HTTP."""

    office: Office
    address: str
    figure: str = "leader"
    role: Role = Role.AUTHORISED_SIGNER
    secret: bytes | None = None

    @property
    def token(self) -> str:
        return str(self.office.installation.token(self.role, self.figure))

    @property
    def credential(self) -> str:
        return self.office.certificates[self.figure]

    def post(self, version: str, path: str, body: object, *, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        with httpx2.Client(timeout=60.0) as client:
            return client.post(f"{self.address}/csc/{version}/{path}", json=body, headers=headers)

    def code(self) -> str | None:
        """A fresh code of the second factor, where one is enrolled; time goes on for it."""
        if self.secret is None:
            return None
        clock = self.office.installation.clock
        clock.forward(seconds=STEP_S)
        return code_at(self.secret, int(clock.at.timestamp()) // STEP_S)

    def enrol(self) -> None:
        """Give the account a second factor."""
        enrolled = self.office.send(self.role, self.figure, "/v1/second-factors").json()
        self.secret = base64.b32decode(enrolled["secret"] + "=" * (-len(enrolled["secret"]) % 8))
        path = f"/v1/second-factors/{enrolled['id']}/confirmation"
        answer = self.office.send(self.role, self.figure, path, {"code": self.code()})
        assert answer.status_code == 204, answer.text

    def sad(self, *hashes: bytes, version: str = "v1", **more: object) -> Any:
        body = {
            "credentialID": self.credential,
            "numSignatures": len(hashes),
            "hash": [base64.b64encode(one).decode() for one in hashes],
            **({"OTP": self.code()} if self.secret else {}),
            **more,
        }
        return self.post(version, "credentials/authorize", body)

    def sign(self, sad: str, *hashes: bytes, version: str = "v1", **more: object) -> Any:
        body = {
            "credentialID": self.credential,
            "SAD": sad,
            "hash": [base64.b64encode(one).decode() for one in hashes],
            "hashAlgo": "2.16.840.1.101.3.4.2.1",
            "signAlgo": "1.2.840.10045.4.3.2",
            **more,
        }
        return self.post(version, "signatures/signHash", body)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The leader, without a second factor."""
    installation = install(tmp_path_factory.mktemp("csc"))
    office = open_office(installation)
    with served(installation) as address:
        yield Desk(office=office, address=address)
    installation.services.close()


@pytest.fixture(scope="session")
def guarded(desk: Desk) -> Desk:
    """The chairman, whose account has a second factor."""
    chairman = Desk(office=desk.office, address=desk.address, figure="chairman")
    chairman.enrol()
    return chairman


@pytest.fixture(scope="session")
def clerk(desk: Desk) -> Desk:
    """The clerk, who keeps a seal and has a certificate of the own."""
    certificates = desk.office.certificates | {"clerk": issue_certificate(desk.office.installation, official("clerk"))}
    office = Office(installation=desk.office.installation, certificates=certificates)
    return Desk(office=office, address=desk.address, figure="clerk", role=Role.CLERK)
