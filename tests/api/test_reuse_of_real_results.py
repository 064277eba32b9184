"""Reuse of what was really signed, sealed and issued (S05), judged by the real verification."""

import pytest

from api.callers import Role
from tests.api.conftest import Installation
from tests.api.test_results import Office, office  # noqa: F401 - the second is a fixture
from tests.api.test_vault_routes import as_mother, consent_to, rates, reuse
from tests.api.vault_story import CHILD, Story


@pytest.fixture(scope="module")
def issued(office: Office) -> str:  # noqa: F811 - asking for the fixture
    """A birth extract in the child's vault."""
    result = office.numbered()
    for answer in (office.sign(result), office.seal(result)):
        assert answer.status_code == 201, answer.text
    answer = office.send(Role.CLERK, "clerk", f"/v1/results/{result}/issue")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["document_id"])


@pytest.fixture
def story(installation: Installation) -> Story:
    return Story(services=installation.services, at=installation.clock.at)


def test_an_issued_result_is_reused_once_and_the_rate_rises_by_exactly_one(
    installation: Installation, story: Story, issued: str
) -> None:
    dossier = story.dossier()
    consent = consent_to(installation, issued, dossier).json()["id"]
    before = rates(installation)["official"]
    answer = reuse(installation, consent, issued, dossier)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["outcome"], answer.json()["counted"]) == ("accepted", True)
    after = rates(installation)["official"]
    assert (after["numerator"], after["denominator"]) == (before["numerator"] + 1, before["denominator"])
    again = reuse(installation, consent, issued, dossier)
    assert (again.status_code, again.json()["code"]) == (409, "REUSE_REFUSED_CONSENT")


def test_a_signed_file_with_one_changed_byte_inside_does_not_pass_for_the_original(
    installation: Installation, story: Story, issued: str
) -> None:
    listed = installation.client.get(f"/v1/documents/{issued}", headers=as_mother(installation)).json()
    role = listed["files"][0]["role"]
    answer = installation.client.get(
        f"/v1/documents/{issued}/content", params={"role": role}, headers=as_mother(installation)
    )
    changed = bytearray(answer.content)
    changed[len(changed) // 3] ^= 1
    forged, dossier = story.deposit(CHILD, bytes(changed)), story.dossier()
    consent = consent_to(installation, forged.document_id, dossier).json()["id"]
    refused = reuse(installation, consent, forged.document_id, dossier)
    assert (refused.status_code, refused.json()["code"]) == (409, "REUSE_REFUSED_SIGNATURE")
