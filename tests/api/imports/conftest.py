"""Authorities of every profile, and installations that accept them."""

from collections.abc import Iterator

import pytest

from tests.api.conftest import Installation, install
from tests.api.imports.outside import Outside


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outside]:
    folder = tmp_path_factory.mktemp("trust")
    made = {name: Outside(folder, profile=name, label=f"Root {name}") for name in ("official", "public", "specialised")}
    made["dev"] = Outside(folder, profile="official", label="DEV Root")
    made["nobody"] = Outside(tmp_path_factory.mktemp("elsewhere"), label="Nobody")
    return made


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory, authorities: dict[str, Outside]) -> Iterator[Installation]:
    made = install(tmp_path_factory.mktemp("house"), trust=authorities["official"].folder)
    yield made
    made.services.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, authorities: dict[str, Outside]) -> Iterator[Installation]:
    """For refusals, which leave nothing behind."""
    made = install(tmp_path_factory.mktemp("shared"), trust=authorities["official"].folder)
    yield made
    made.services.close()
