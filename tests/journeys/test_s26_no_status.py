"""Scenario S26: lists and answers cannot be reached; never valid, unless what was kept from then still says so."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signing.pades import SigningRequest, sign_pdf
from tests.api.conftest import START, Installation, install
from tests.fakes.sample_pdf import small
from tests.fakes.small_pki import SmallPki

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def stranger() -> SmallPki:
    """A public authority; its addresses are on no list, so nobody asks it."""
    return SmallPki(at=START - timedelta(days=60), label="Public")


@pytest.fixture(scope="module")
def service(stranger: SmallPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("s26")
    (folder / "trust" / "public").mkdir(parents=True)
    (folder / "trust" / "public" / "root.pem").write_bytes(stranger.root.certificate.public_bytes(Encoding.PEM))
    made = install(folder / "data", trust=folder / "trust")
    yield made
    made.services.close()


def report(service: Installation, pki: SmallPki, level: str) -> dict[str, Any]:
    pdf = sign_pdf(
        small(), SigningRequest(credential=pki.credential(), field_name="S"), keys=pki.keys, at=pki.at,
        stamp=None if level == "B-B" else pki.stamp, evidence=pki.evidence if level == "B-LT" else None,
    ).pdf  # fmt: skip
    answer = service.client.post("/v1/verifications", files={"file": ("a.pdf", pdf, "application/pdf")})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("level", ["B-B", "B-T"])
def test_without_any_status_the_answer_is_open_and_says_why(
    service: Installation, stranger: SmallPki, level: str
) -> None:
    found = report(service, stranger, level)
    (signature,) = found["signatures"]
    assert (found["verdict"], found["acceptance"]) == ("indeterminate", "ask")
    assert (signature["indication"], signature["sub_indication"]) == ("INDETERMINATE", "TRY_LATER")
    assert signature["reason_code"] == found["reason_codes"][0] == "STATUS_UNKNOWN"
    assert signature["intact"] is True


def test_with_the_list_kept_from_the_time_of_signing_it_is_valid_as_of_then(
    service: Installation, stranger: SmallPki
) -> None:
    found = report(service, stranger, "B-LT")
    (signature,) = found["signatures"]
    assert (found["verdict"], signature["indication"]) == ("valid", "TOTAL-PASSED")
    assert signature["best_signature_time"]["source"] == "signature_timestamp"
    assert {one["source"] for one in signature["evidence"]} >= {"document"}
