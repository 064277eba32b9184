"""Scenario S25: a time-stamp authority is slow, dead or lies; nobody waits, and what is missing comes later."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.api.conftest import START, Installation, install
from tests.api.office import Office, open_office
from tests.fakes.small_pki import SmallPki
from tests.fakes.tsa_server import TsaServer

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def stamper() -> SmallPki:
    return SmallPki(at=START, label="Public TSA")


@pytest.fixture(scope="module")
def server(stamper: SmallPki) -> Iterator[TsaServer]:
    with TsaServer(stamper) as running:
        yield running


@pytest.fixture(scope="module")
def office(server: TsaServer, stamper: SmallPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("s25")
    (folder / "trust" / "public").mkdir(parents=True)
    (folder / "trust" / "public" / "root.pem").write_bytes(stamper.root.certificate.public_bytes(Encoding.PEM))
    made: Installation = install(
        folder / "data",
        trust=folder / "trust",
        timestamp_authorities=f"public={server.url}",
        timestamp_budget_s=0.6,
    )
    yield open_office(made)
    made.services.close()


def signed(office: Office, result: str) -> tuple[dict[str, Any], float]:
    begun = time.monotonic()
    answer = office.sign(result)
    assert answer.status_code == 201, answer.text
    return answer.json(), time.monotonic() - begun


@pytest.mark.parametrize("behaves", ["never", 131, "garbage", "wrong_nonce", "wrong_imprint", "drips", "hangs_up"])
def test_whatever_the_authority_does_the_answer_comes_in_its_budget_and_says_what_is_missing(
    office: Office, server: TsaServer, behaves: str | float
) -> None:
    result = office.numbered()
    server.behaves = behaves
    view, seconds = signed(office, result)
    assert view["signature_level"] == "B-B"
    assert seconds < 2.0
