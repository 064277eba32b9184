"""A provider of remote signatures in the shape that pyHanko's client expects, which lies, dawdles or fails when told.

It listens on this machine, signs with keys of its own, and counts what it was asked.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

SIGN_OID = {"secp256r1": "1.2.840.10045.4.3.2", "secp384r1": "1.2.840.10045.4.3.3"}


@dataclass
class FakeProvider:
    """What the provider has and how it behaves."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes
    behaviour: str = ""
    code: str | None = None
    multisign: int = 100
    answers_late: int = 0
    """How often `authorizeCheck` says that the holder has not agreed yet."""
    asked: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    address: str = ""
    sads: dict[str, list[str]] = field(default_factory=dict)

    def calls(self, method: str) -> int:
        return sum(1 for name, _, _ in self.asked if name == method)

    def answer(self, method: str, body: dict[str, Any]) -> tuple[int, object]:
        if method == "credentials/info":
            listed = [base64.b64encode(self.certificate).decode()]
            status = "disabled" if self.behaviour == "disabled" else "enabled"
            algorithms = ["1.2.840.113549.1.1.11"] if self.behaviour == "rsa" else [SIGN_OID[self.key.curve.name]]
            told: dict[str, Any] = {"key": {"algo": algorithms, "status": status, "len": 256}, "SCAL": "2"}
            told |= {"cert": {"certificates": listed}, "multisign": self.multisign}
            return 200, told
        if method == "credentials/authorize":
            given = body.get("OTP") or next((one["value"] for one in body.get("authData", ())), None)
            if self.code is not None and given != self.code:
                return 400, {"error": "invalid_otp", "error_description": f"wrong: {given}"}
            wanted = body.get("hash") or body["hashes"]
            assert body["numSignatures"] == len(wanted)
            sad = f"sad-{len(self.sads)}"
            self.sads[sad] = list(wanted)
            if self.answers_late:
                return 202, {"handle": sad}
            return 200, {"SAD": sad, "expiresIn": 300}
        if method == "credentials/authorizeCheck":
            self.answers_late -= 1
            return (202, {"handle": body["handle"]}) if self.answers_late > 0 else (200, {"SAD": body["handle"]})
        if method == "signatures/signHash":
            wanted = body.get("hash") or body["hashes"]
            if self.sads.pop(body["SAD"], None) != wanted:
                return 400, {"error": "invalid_request", "error_description": "Hash is not authorized by the SAD"}
            return 200, {"signatures": self.signatures(wanted)}
        return 404, {"error": "invalid_request"}

    def signatures(self, wanted: list[str]) -> list[str]:
        if self.behaviour == "other_hashes":
            wanted = [base64.b64encode(bytes(32)).decode() for _ in wanted]
        if self.behaviour == "swapped":
            wanted = wanted[::-1]
        if self.behaviour == "fewer":
            wanted = wanted[1:]
        algorithm = hashes.SHA256() if self.key.curve.name == "secp256r1" else hashes.SHA384()
        made = [self.key.sign(base64.b64decode(one), ec.ECDSA(utils.Prehashed(algorithm))) for one in wanted]
        return [base64.b64encode(one).decode() for one in made]


class _Handler(BaseHTTPRequestHandler):
    provider: FakeProvider

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        provider = self.provider
        method = "/".join(self.path.split("/")[-2:])
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        provider.asked.append((method, body, self.headers.get("Authorization", "")))
        if provider.behaviour == "redirect":
            self.send_response(307)
            self.send_header("Location", "http://127.0.0.1:1/csc/v1/credentials/info")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        raw = {
            "garbage": b"<html>",
            "list": b"[]",
            "empty": b"{}",
            "deep": b"[" * 100_000,
            "huge": b'{"x":"' + b"x" * (2 * 1024 * 1024) + b'"}',
        }.get(provider.behaviour)
        status, told = (200, None) if raw is not None else provider.answer(method, body)
        status = 500 if provider.behaviour == "broken" else status
        content = json.dumps(told).encode() if raw is None else raw
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if provider.behaviour == "drips":
            for one in content:
                self.wfile.write(bytes((one,)))
                time.sleep(0.2)
            return
        self.wfile.write(content)


@contextmanager
def listening(provider: FakeProvider) -> Iterator[FakeProvider]:
    """The provider on a free port."""
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that hangs up is no news here
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    provider.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
