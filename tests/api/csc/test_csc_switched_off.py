"""Where hashes are not signed, `info` does not promise it and nothing is authorised."""

import base64
import hashlib
from typing import Any

from api.callers import Role
from api.settings import Profile, Settings
from tests.api.office import issue_certificate, official

HASH = base64.b64encode(hashlib.sha256(b"x").digest()).decode()


def test_an_installation_that_signs_no_hashes_says_so(fresh_install: Any) -> None:
    made = fresh_install(csc_hashes=False)
    certificate = issue_certificate(made, official("leader"))
    headers = made.headers(Role.AUTHORISED_SIGNER, "leader")
    told = made.client.post("/csc/v1/info", json={}).json()
    assert set(told["methods"]) == {"info", "credentials/list", "credentials/info", "signatures/timestamp"}
    one = made.client.post("/csc/v1/credentials/info", json={"credentialID": certificate}, headers=headers).json()
    assert one["key"]["status"] == "disabled"
    body = {"credentialID": certificate, "numSignatures": 1, "hash": [HASH]}
    refused = made.client.post("/csc/v1/credentials/authorize", json=body, headers=headers)
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_operation")
    # who goes round the front door meets the desk
    opened = made.client.post(
        "/v1/signature-authorisations",
        json={"certificate_id": certificate, "digests": ["0" * 64], "purpose": "sign_hash"},
        headers=made.headers(Role.AUTHORISED_SIGNER, "leader"),
    )
    assert (opened.status_code, opened.json()["code"]) == (403, "KEY_USE_REFUSED")


def test_production_signs_no_hashes_unless_it_is_told_to() -> None:
    assert Settings().signs_hashes
    assert not Settings(profile=Profile.PRODUCTION).signs_hashes
    assert Settings(profile=Profile.PRODUCTION, csc_hashes=True).signs_hashes
