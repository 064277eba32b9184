"""What Chromium's own authenticator answers is what we read and check: nothing of it was written by us."""

import base64
import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from signing.authorisation import (
    Assertion,
    CoseAlgorithm,
    PasskeyKey,
    RelyingParty,
    check_assertion,
    read_registration,
)
from signing.errors import AuthorisationWrong

pytestmark = pytest.mark.browser

_HELPERS = """
const bytes = text => Uint8Array.from(atob(text), one => one.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)));
"""
_CREATE = (
    "async ([challenge, algorithm, rp]) => {"
    + _HELPERS
    + """
  const made = await navigator.credentials.create({publicKey: {
    challenge: bytes(challenge), rp: {id: rp, name: 'Anso'}, attestation: 'none',
    user: {id: bytes(challenge), name: 'x', displayName: 'x'},
    pubKeyCredParams: [{type: 'public-key', alg: algorithm}],
    authenticatorSelection: {userVerification: 'required'},
  }});
  return [text(made.rawId), text(made.response.clientDataJSON), text(made.response.attestationObject)];
}"""
)
_GET = (
    "async ([challenge, id, rp]) => {"
    + _HELPERS
    + """
  const made = await navigator.credentials.get({publicKey: {
    challenge: bytes(challenge), rpId: rp, userVerification: 'required',
    allowCredentials: [{type: 'public-key', id: bytes(id)}],
  }});
  const answer = made.response;
  return [text(answer.clientDataJSON), text(answer.authenticatorData), text(answer.signature)];
}"""
)


class _Blank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>x</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Blank)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    context = chromium.new_context()
    made = context.new_page()
    made.goto(f"http://localhost:{server.server_port}/")
    session = context.new_cdp_session(made)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield made
    context.close()
    server.shutdown()
    server.server_close()
    thread.join()


def registered(page: Page, party: RelyingParty, algorithm: CoseAlgorithm) -> PasskeyKey:
    challenge = secrets.token_bytes(32)
    arguments = [base64.b64encode(challenge).decode(), int(algorithm), party.rp_id]
    credential_id, client_data, attestation = map(base64.b64decode, page.evaluate(_CREATE, arguments))
    key = read_registration(client_data, attestation, challenge, party)
    assert (key.credential_id, key.algorithm) == (credential_id, algorithm)
    return key


def answered(page: Page, party: RelyingParty, key: PasskeyKey, challenge: bytes) -> Assertion:
    arguments: list[Any] = [base64.b64encode(one).decode() for one in (challenge, key.credential_id)]
    client_data, data, signature = map(base64.b64decode, page.evaluate(_GET, [*arguments, party.rp_id]))
    return Assertion(
        credential_id=key.credential_id, client_data=client_data, authenticator_data=data, signature=signature
    )


@pytest.mark.parametrize("algorithm", [CoseAlgorithm.ES256, CoseAlgorithm.EDDSA, CoseAlgorithm.RS256])
def test_a_browsers_passkey_registers_and_answers_and_only_to_the_challenge(
    page: Page, algorithm: CoseAlgorithm
) -> None:
    party = RelyingParty(rp_id="localhost", origins=frozenset({page.url.rstrip("/")}))
    key = registered(page, party, algorithm)
    challenge = secrets.token_bytes(32)
    answer = answered(page, party, key, challenge)
    count = check_assertion(answer, key, challenge, party)
    assert count > key.sign_count
    again = answered(page, party, key, challenge)
    assert check_assertion(again, replace(key, sign_count=count), challenge, party) > count
    for wrong in (
        lambda: check_assertion(answer, replace(key, sign_count=count), challenge, party),
        lambda: check_assertion(answer, key, secrets.token_bytes(32), party),
        lambda: check_assertion(answer, key, challenge, replace(party, origins=frozenset({"http://localhost"}))),
        lambda: check_assertion(answer, key, challenge, replace(party, rp_id="example.vn")),
    ):
        with pytest.raises(AuthorisationWrong):
            wrong()
