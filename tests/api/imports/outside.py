"""Another authority as the outside world has it: its root in a trust folder, certificates for people of ours."""

import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from api.callers import Role
from api.records.demonstration import ORGANISATIONS, PEOPLE
from signing.keys import ALGORITHM_OF_KIND, Credential, KeyKind
from tests.api.conftest import START
from tests.fakes.small_pki import SmallPki, _name

NAME_OF_UNIT = {unit.org_code: unit.name for unit in ORGANISATIONS}
_USER_ID = x509.ObjectIdentifier("0.9.2342.19200300.100.1.1")


class Outside:
    """One authority of others; `folder` is a trust folder that accepts it."""

    def __init__(self, folder: Path, *, profile: str = "official", label: str = "Co yeu", at: datetime = START) -> None:
        self.pki = SmallPki(at=at, label=label)
        self.folder = folder
        place = folder / profile
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{label.replace(' ', '-')}.pem").write_bytes(self.pki.root.certificate.public_bytes(Encoding.PEM))

    def official(self, figure: str, **changes: Any) -> bytes:
        """A certificate of an official of ours: name, number, agency and title as recorded."""
        person = PEOPLE[figure]
        values = {
            "o": NAME_OF_UNIT[person.org_code or ""],
            "title": person.title or "",
            "sn": f"PNOVN-{person.personal_id}",
            "cn": person.name,
        } | {name: changes.pop(name) for name in ("o", "title", "sn", "cn") if name in changes}
        return self.issue(_name(c="VN", **values), **changes)

    def seal(self, org_code: str, **changes: Any) -> bytes:
        """A certificate of an agency of ours."""
        name = changes.pop("o", NAME_OF_UNIT[org_code])
        return self.issue(_name(c="VN", o=name, cn=name), **changes)

    def citizen(self, name: str, number: str, **changes: Any) -> bytes:
        """A citizen's certificate in the way of licensed public authorities: the number stands in the UID."""
        subject = x509.Name(
            [
                x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "VN"),
                x509.NameAttribute(x509.NameOID.COMMON_NAME, name),
                x509.NameAttribute(_USER_ID, f"CCCD:{number}"),
            ]
        )
        return self.issue(subject, **changes)

    def issue(self, subject: x509.Name, *, public_key: Any = None, **changes: Any) -> bytes:
        key = public_key or ec.generate_private_key(ec.SECP256R1()).public_key()
        return self.pki.certificate(subject, key, self.pki.ca, **changes).public_bytes(Encoding.DER)

    def pem(self, *certificates: bytes) -> str:
        """Certificates with the issuing authority's, as one PEM text."""
        every = (*certificates, self.pki.ca.der)
        return "".join(x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM).decode() for one in every)

    def credential(self, figure: str) -> Credential:
        """A key that the holder has outside, with its certificate."""
        key_id = f"outside_{secrets.token_hex(4)}"
        public = load_der_public_key(self.pki.keys.generate(key_id, KeyKind.EC_P256))
        return Credential(
            key_id=key_id,
            certificate=self.official(figure, public_key=public),
            chain=(self.pki.ca.der, self.pki.root.der),
            algorithm=ALGORITHM_OF_KIND[KeyKind.EC_P256],
        )


def bring(installation: Any, pem: str, figure: str = "ra_officer", **body: Any) -> Any:
    """Import one certificate over HTTP."""
    own = installation.headers(Role.RA_OFFICER, figure)
    value = {"certificate": pem, "evidence": "CV 77/2026", **body}
    return installation.client.post("/v1/external-certificates", json=value, headers=own)


def confirm(installation: Any, certificate_id: str, figure: str = "approver", action: str = "confirmation") -> Any:
    own = installation.headers(Role.APPROVER, figure)
    path = f"/v1/external-certificates/{certificate_id}/{action}"
    return installation.client.post(path, json={}, headers=own)


def hold(installation: Any, certificate_id: str, role: Role = Role.SECURITY_OFFICER, figure: str | None = None) -> Any:
    own = installation.headers(role, figure)
    body = {"reason": "key_in_doubt", "evidence": "CV 81/UBND"}
    return installation.client.post(f"/v1/external-certificates/{certificate_id}/suspension", json=body, headers=own)


def release(installation: Any, certificate_id: str, role: Role = Role.SECURITY_OFFICER) -> Any:
    path = f"/v1/external-certificates/{certificate_id}/suspension"
    return installation.client.delete(path, headers=installation.headers(role))


def read(installation: Any, path: str, role: Role = Role.APPROVER, figure: str | None = None) -> Any:
    return installation.client.get(f"/v1/external-certificates{path}", headers=installation.headers(role, figure))


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", answer.json().get("state"))
