"""Scenario S28: SHA-1 or a key of 1,024 bits is refused by the rule in force; integrity is told truthfully."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.api.conftest import START, Installation, install
from tests.fakes.old_signature import LongLivedPki, holder, signed_long_ago

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def stranger() -> LongLivedPki:
    return LongLivedPki(at=START - timedelta(days=1), label="Public weak")


@pytest.fixture(scope="module")
def service(stranger: LongLivedPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("s28")
    (folder / "trust" / "public").mkdir(parents=True)
    (folder / "trust" / "public" / "root.pem").write_bytes(stranger.root.certificate.public_bytes(Encoding.PEM))
    made = install(folder / "data", trust=folder / "trust")
    yield made
    made.services.close()


def verified(service: Installation, pdf: bytes) -> dict[str, Any]:
    answer = service.client.post("/v1/verifications", files={"file": ("a.pdf", pdf, "application/pdf")})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(("kind", "name"), [("rsa2048", "sha1"), ("rsa1024", "sha256"), ("rsa1024", "sha1")])
def test_a_weak_algorithm_is_invalid_by_name_and_the_bytes_are_still_right(
    service: Installation, stranger: LongLivedPki, kind: str, name: str
) -> None:
    by = holder(stranger, kind, end=START + timedelta(days=300))
    found = verified(service, signed_long_ago(stranger, by, name=name))
    (signature,) = found["signatures"]
    assert (found["verdict"], found["acceptance"]) == ("invalid", "refuse")
    assert (signature["indication"], signature["sub_indication"]) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE")
    assert signature["reason_code"] == found["reason_codes"][0] == "ALGORITHM_FORBIDDEN"
    assert (signature["intact"], signature["changes_after"], signature["covers_whole_file"]) == (True, "none", True)


def test_a_good_one_of_the_same_authority_passes(service: Installation, stranger: LongLivedPki) -> None:
    by = holder(stranger, "rsa2048", end=START + timedelta(days=300))
    assert verified(service, signed_long_ago(stranger, by))["verdict"] == "valid"
