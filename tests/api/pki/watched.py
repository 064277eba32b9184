"""One certificate that is watched: questions about it over HTTP, changes straight at the registry."""

import base64
from datetime import datetime
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from api.callers import Role
from api.services import Services
from signing.registry import CertificateRecord, CertificateStatus, RevocationReason, StatusChange
from signing.registry_sql import AnswersSql, KeptAnswer, RegistrySql
from signing.revocation import parse_ocsp_request

SHA1 = hashes.SHA1()  # noqa: S303 - what most clients put into a CertID
ON_HOLD, ENDED = CertificateStatus.ON_HOLD, CertificateStatus.REVOKED


class Watched:
    """One certificate in an installation of its own, and questions about it."""

    def __init__(self, installation: Any, certificate_id: str) -> None:
        self.installation, self.client = installation, installation.client
        self.services: Services = installation.services
        self.certificate_id = certificate_id
        self.record = self.read()
        self.leaf = x509.load_der_x509_certificate(self.record.der or b"")
        self.issuer = x509.load_der_x509_certificate(self.client.get("/pki/personal.cer").content)

    @property
    def at(self) -> datetime:
        return self.installation.clock.at

    def read(self) -> CertificateRecord:
        with self.services.db.reading() as tx:
            return RegistrySql(tx).get(self.certificate_id)

    def request(self, *, nonce: bytes | None = None, digest: hashes.HashAlgorithm = SHA1) -> bytes:
        builder = ocsp.OCSPRequestBuilder().add_certificate(self.leaf, self.issuer, digest)
        if nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
        return builder.build().public_bytes(Encoding.DER)

    def get(self, **more: Any) -> Any:
        return self.client.get(self.address(), **more)

    def address(self) -> str:
        return f"/pki/ocsp/personal/{quote(base64.b64encode(self.request()).decode(), safe='')}"

    def post(self, request: bytes | None = None) -> ocsp.OCSPResponse:
        answer = self.client.post("/pki/ocsp/personal", content=request or self.request())
        return ocsp.load_der_ocsp_response(answer.content)

    def change(self, after: CertificateStatus, reason: RevocationReason | None) -> None:
        """Straight at the registry, as every use-case does it."""
        step = StatusChange(
            certificate_id=self.certificate_id,
            before=self.read().status,
            after=after,
            at=self.at,
            actor="acc_test",
            reason=reason,
        )
        with self.services.db.transaction() as tx:
            RegistrySql(tx).change_status(step)

    def suspend_over_http(self) -> None:
        headers = self.installation.headers(Role.SECURITY_OFFICER, "security_officer")
        path = f"/v1/certificates/{self.certificate_id}/suspension"
        assert self.client.post(path, json={"reason": "key_in_doubt"}, headers=headers).status_code == 201

    def kept(self, encoded: bytes | None = None) -> KeptAnswer | None:
        """The kept answer to a CertID; to the one of `request` when none is given."""
        asked = encoded or parse_ocsp_request(self.request()).certificates[0].encoded
        with self.services.db.reading() as tx:
            return AnswersSql(tx).find("personal", asked)

    def listed(self, path: str) -> set[int]:
        """Serials in the published list of that path."""
        answer = self.client.get(f"/pki/{path}.crl")
        assert answer.status_code == 200, answer.text
        return {line.serial_number for line in x509.load_der_x509_crl(answer.content)}

    @property
    def shard(self) -> str:
        """Path of the list that its pointer names."""
        return f"personal/{self.record.crl_shard}"
