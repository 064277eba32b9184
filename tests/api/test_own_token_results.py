"""Results signed and sealed with keys in tokens: the same order and the same checks as in the service (I10, I11)."""

from typing import Any

import pytest

from tests.api.token_holders import TokenOffice, open_token_office


@pytest.fixture(scope="module")
def ward(installation: Any, softhsm: Any) -> TokenOffice:
    return open_token_office(installation, softhsm)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_result_is_signed_and_sealed_by_two_tokens(ward: TokenOffice) -> None:
    result = ward.office.numbered()
    (prepared,) = ward.leader.results([result], capacity="kt")
    signed = ward.leader.complete(prepared)
    assert signed.status_code == 201, signed.text
    assert (signed.json()["level"], signed.json()["file"]) == ("B-LT", f"/v1/results/{result}/content")
    (prepared,) = ward.seal.results([result], kind="seal")
    sealed = ward.seal.complete(prepared)
    assert sealed.status_code == 201, sealed.text
    assert ward.office.send_issue(result).status_code in {200, 201}
    files = {"file": ("a.pdf", ward.office.content(result))}
    report = ward.office.installation.client.post("/v1/verifications", files=files).json()
    assert (report["verdict"], len(report["signatures"])) == ("valid", 2)
