"""Fixtures that every part of the tests may ask for: real servers beside us, started once on first use."""

import os
import signal
import zlib
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from api import db

pytest_plugins = ["tests.servers.postgres", "tests.servers.seaweedfs", "tests.servers.softhsm"]

_MANY_CASES = 8
_ONE_IN = 12
_OTHER_DATABASE = "postgresql"
_IN_A_BROWSER = Path(__file__).parent / "e2e"
_MADE_BEFORE = pytest.StashKey[set[tuple[object, int]]]()


def pytest_configure() -> None:
    """A shell lets what it starts in the background ignore Ctrl-C, and every process below would: tests send it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Tracing doubles the time of a test, and the cases of one test run the same lines: one in twelve is traced.

    Examples that Hypothesis makes up run lines that other tests run, too; so do tests that are run on a second database
    again. Coverage is a lower bound, then.
    """
    cases = Counter(_test_of(item) for item in items)
    for item in items:
        if item.get_closest_marker("browser") and _IN_A_BROWSER not in item.path.parents:
            raise pytest.UsageError(f"`make test` looks for what needs a browser in tests/e2e only: {item.nodeid}")
        is_one_of_many = cases[_test_of(item)] > _MANY_CASES and zlib.crc32(item.nodeid.encode()) % _ONE_IN != 0
        is_made_up = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if is_one_of_many or is_made_up or _OTHER_DATABASE in item.nodeid:
            item.add_marker(pytest.mark.no_cover)


def _test_of(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """What a fixture runs is traced once in a process (for each of its parameters): the next time it is the same."""
    made_before = request.config.stash.setdefault(_MADE_BEFORE, set())
    key = (fixturedef.func, getattr(request, "param_index", 0))
    if key in made_before:
        with untraced(request.config):
            return (yield)
    made_before.add(key)
    return (yield)


@contextmanager
def untraced(config: pytest.Config) -> Iterator[None]:
    """For work whose lines tell nothing: of other people's programs, or seen before."""
    tracing = getattr(config.pluginmanager.get_plugin("_cov"), "cov_controller", None)
    if tracing is None or not tracing.started:
        yield
        return
    tracing.pause()
    try:
        yield
    finally:
        tracing.resume()


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
