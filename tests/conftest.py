"""Fixtures that every part of the tests may ask for: real servers beside us, started once on first use."""

import os
from collections.abc import Iterator

import pytest

from api import db

pytest_plugins = ["tests.servers.postgres", "tests.servers.seaweedfs", "tests.servers.softhsm"]


@pytest.fixture(scope="session", autouse=True)
def pragmas_of_a_service(request: pytest.FixtureRequest) -> Iterator[tuple[str, ...]]:
    """Tests do not wait for the disk: no power fails here. What a service asks of SQLite, for who wants to know.

    Processes that tests start sync as they do in service; so do benchmarks and long runs.
    """
    kept: tuple[str, ...] = db._PRAGMAS
    if any(item.get_closest_marker(name) for item in request.session.items for name in ("bench", "soak")):
        yield kept
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _descriptor: None)
        patch.setattr(db, "_PRAGMAS", (*kept, "synchronous=OFF"))
        yield kept
