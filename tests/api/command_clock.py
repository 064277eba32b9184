"""Commands that run inside a test's own process take the time from its installation, which can be moved."""

from datetime import datetime
from typing import Any

import pytest


def follow_clock(monkeypatch: pytest.MonkeyPatch, installation: Any) -> None:
    """From here to the end of the test the commands read the installation's clock."""

    def now() -> datetime:
        return installation.clock.at  # type: ignore[no-any-return] # the fixture's class lives elsewhere

    monkeypatch.setattr("api.clock.now", now)
    monkeypatch.setattr("api.bootstrap.build_services.__kwdefaults__", {"clock": now})
