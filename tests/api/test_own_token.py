"""Two-step signing with a key in the holder's own token, over HTTP: a citizen's e-form (1b), an official's paper."""

from typing import Any

import pytest

from api.callers import Role
from api.records.demonstration import PEOPLE
from tests.api.office import official
from tests.api.token_holders import Holder, holder_of
from tests.fakes import sample_pdf

Preparations = list[dict[str, Any]]


@pytest.fixture(scope="module")
def citizen(installation: Any, softhsm: Any) -> Holder:
    """A mother with a public certificate in a token."""
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    return holder_of(installation, softhsm, Role.CITIZEN, "mother", body)


@pytest.fixture(scope="module")
def leader(installation: Any, softhsm: Any) -> Holder:
    """The ward's leader, whose key is in a token."""
    return holder_of(installation, softhsm, Role.AUTHORISED_SIGNER, "leader", official("leader"))


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_citizen_signs_an_e_form_with_the_own_token(citizen: Holder) -> None:
    pdf = sample_pdf.small()
    (prepared,) = citizen.prepared(pdf)
    assert prepared["mechanism"]["pkcs11"] == "CKM_ECDSA"
    done = citizen.complete(prepared)
    assert done.status_code == 201, done.text
    assert (done.json()["state"], done.json()["level"]) == ("completed", "B-LT")
    signed = citizen.fetch(done.json()["file"]).content
    assert signed.startswith(pdf)
    client = citizen.installation.client
    report = client.post("/v1/verifications", files={"file": ("a.pdf", signed)}).json()
    assert (report["verdict"], report["signatures"][0]["level"]) == ("valid", "B-LT")
    assert report["signatures"][0]["signer"]["common_name"] == PEOPLE["mother"].name
