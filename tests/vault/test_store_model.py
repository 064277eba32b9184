"""The folder store against the memory store as its reference model: any order of calls, re-opened at any time."""

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from vault.errors import StoreError
from vault.naming import Area, ObjectName, opaque_name
from vault.store import ObjectStore
from vault.stores.directory import DirectoryStore
from vault.stores.memory import MemoryStore

START = datetime(2026, 11, 23, tzinfo=UTC)
DAYS = st.integers(min_value=0, max_value=9)


def outcome(action: str, store: ObjectStore, name: ObjectName, days: int, content: bytes) -> object:
    """What a call gives, or the code of its refusal."""
    moment = START + timedelta(days=days)
    try:
        match action:
            case "put":
                store.put(name, [content], size=len(content))
            case "protect":
                store.protect(name, until=moment)
            case "delete":
                store.delete(name, at=moment)
            case _:
                found = store.stat(name)
                with store.read(name) as pieces:
                    return found.size, found.protected_until, b"".join(pieces)
    except StoreError as err:
        return err.code
    return None


class StoreModel(RuleBasedStateMachine):
    names = Bundle("names")

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="anso-store-"))
        self.real = DirectoryStore(self.root)
        self.model = MemoryStore(lambda: START)

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    @rule(target=names, area=st.sampled_from([Area.WORM, Area.WORK]), token=st.binary(min_size=32, max_size=32))
    def name(self, area: Area, token: bytes) -> ObjectName:
        return opaque_name(area, token)

    @rule(
        action=st.sampled_from(["put", "protect", "delete", "look"]),
        name=names,
        days=DAYS,
        content=st.binary(max_size=50),
    )
    def same(self, action: str, name: ObjectName, days: int, content: bytes) -> None:
        expected = outcome(action, self.model, name, days, content)
        assert outcome(action, self.real, name, days, content) == expected

    @rule()
    def open_again(self) -> None:
        self.real = DirectoryStore(self.root)
        assert self.real.swept == 0

    @invariant()
    def same_names(self) -> None:
        for area in (Area.WORM, Area.WORK):
            assert [info.name for info in self.real.list(area)] == [info.name for info in self.model.list(area)]


TestFolderBehavesAsItsModel = StoreModel.TestCase
TestFolderBehavesAsItsModel.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
