"""Workers for files that outlive who asked for them: the next one finds their libraries loaded.

Commands that run inside a test's own process start workers of their own each time; most of such a test was that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest

from signing import isolation


class KeptWorkers(isolation.Isolation):
    """They end when they are stopped, not when they are closed."""

    def close(self) -> None:
        """Not yet."""


@contextmanager
def workers_kept() -> Iterator[None]:
    """From here on the commands of this process share workers, as long as they ask for the same ones."""
    pools: list[KeptWorkers] = []

    @cache
    def made(**options: Any) -> KeptWorkers:
        pools.append(KeptWorkers(**options))
        return pools[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolation, "Isolation", made)
        yield
    for pool in pools:
        pool.stop()
