"""Scenario S27: signed in 2021 by the standard of then and time-stamped; the certificate ended in 2024."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signing.keys import SignatureAlgorithm
from tests.api.conftest import START, Installation, install
from tests.fakes.old_signature import LongLivedPki, holder, signed_long_ago

pytestmark = pytest.mark.journey
SIGNED = datetime(2021, 6, 1, 2, 0, tzinfo=UTC)
ENDED = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def stranger() -> LongLivedPki:
    return LongLivedPki(at=SIGNED, label="Public 2021")


@pytest.fixture(scope="module")
def service(stranger: LongLivedPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("s27")
    (folder / "trust" / "public").mkdir(parents=True)
    (folder / "trust" / "public" / "root.pem").write_bytes(stranger.root.certificate.public_bytes(Encoding.PEM))
    made = install(folder / "data", trust=folder / "trust")
    yield made
    made.services.close()


def verified(service: Installation, pdf: bytes) -> dict[str, Any]:
    answer = service.client.post("/v1/verifications", files={"file": ("a.pdf", pdf, "application/pdf")})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_it_is_valid_with_the_note_that_its_scheme_is_an_old_one(service: Installation, stranger: LongLivedPki) -> None:
    assert START.year == 2026
    found = verified(service, signed_long_ago(stranger, holder(stranger, "rsa2048", end=ENDED)))
    (signature,) = found["signatures"]
    assert (found["verdict"], signature["indication"]) == ("valid", "TOTAL-PASSED"), signature
    assert "LEGACY_SCHEME" in found["reason_codes"]
    assert (found["policy"], signature["policy"]) == ("vn.tt15-2025", "vn.tt22-2020")  # asked for, and judged by
    assert signature["signature_algorithm"] == "RSA_SHA256"
    assert signature["best_signature_time"] == {"at": "2021-06-01T02:00:00Z", "source": "signature_timestamp"}
    assert signature["certificate"]["not_after"] == "2024-06-01T00:00:00Z"


def test_without_the_time_stamp_nothing_proves_that_it_was_signed_in_time(
    service: Installation, stranger: LongLivedPki
) -> None:
    pdf = signed_long_ago(stranger, holder(stranger, "rsa2048", end=ENDED), stamped=False)
    (signature,) = verified(service, pdf)["signatures"]
    assert (signature["indication"], signature["reason_code"]) == ("INDETERMINATE", "CERT_EXPIRED")


def test_the_old_scheme_is_never_used_to_create() -> None:
    assert not [one for one in SignatureAlgorithm if "v1_5" in one.value.lower() or "pkcs1" in one.value.lower()]
