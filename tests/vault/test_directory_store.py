"""What only a folder can do wrong: kill -9, left-over files, a full disk, foreign files."""

import errno
import hashlib
import os
import secrets
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vault.errors import ObjectNotFound, StoreUnavailable
from vault.naming import Area, opaque_name
from vault.stores.directory import DirectoryStore

WRITER = """
import hashlib, secrets, sys
from pathlib import Path
from vault.naming import Area, ObjectName
from vault.stores.directory import DirectoryStore
store = DirectoryStore(Path(sys.argv[1]))
while True:
    content = secrets.token_bytes(1 << 20) * 6
    name = ObjectName(Area.WORM, hashlib.sha256(content).hexdigest())
    store.put(name, (content[i:i + 65536] for i in range(0, len(content), 65536)), size=len(content))
    print(name, flush=True)
"""


def test_kill_9_in_the_middle_leaves_no_torn_object_and_no_lost_one(tmp_path: Path) -> None:
    root, leftovers, rounds = tmp_path / "objects", 0, 0
    while rounds < 4 or leftovers == 0:  # a kill that came between two writes proves nothing
        rounds += 1
        assert rounds < 60, "no kill ever hit a writer"
        with subprocess.Popen([sys.executable, "-c", WRITER, str(root)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            acknowledged = [writer.stdout.readline().strip()]
            time.sleep(0.02 + 0.013 * (rounds % 7))
            writer.send_signal(signal.SIGKILL)
            acknowledged += writer.stdout.read().split()
        store = DirectoryStore(root)
        leftovers += store.swept
        found = {str(info.name): info for info in store.list(Area.WORM)}
        assert set(acknowledged) <= set(found)
        for info in found.values():
            with store.read(info.name) as pieces:
                assert hashlib.sha256(b"".join(pieces)).hexdigest() == info.name.leaf
        assert not list((root / ".tmp").iterdir())


def test_opening_a_store_leaves_files_of_living_writers_alone(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    (tmp_path / ".tmp" / "abandoned").write_bytes(b"half an object")
    with store._temporary() as (path, file):
        file.write(b"half")
        assert DirectoryStore(tmp_path).swept == 1
        assert path.exists()
    assert not list((tmp_path / ".tmp").iterdir())


def test_a_full_disk_is_reported_as_unavailable_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, name = DirectoryStore(tmp_path), opaque_name(Area.WORM, secrets.token_bytes(32))

    def no_room(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_room)
        with pytest.raises(StoreUnavailable, match="ENOSPC") as refused:
            store.put(name, [b"x"], size=1)
    assert refused.value.retryable
    with pytest.raises(ObjectNotFound):
        store.stat(name)
    assert not list((tmp_path / ".tmp").iterdir())


def test_content_and_folders_are_synced_before_put_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, name, synced = DirectoryStore(tmp_path), opaque_name(Area.WORM, secrets.token_bytes(32)), []
    real = os.fsync

    def noting(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    store.put(name, [b"x"], size=1)
    final = tmp_path / str(name)
    assert Path(synced[0]).parent == tmp_path / ".tmp"
    assert synced[1:] == [str(final.parent), str(final.parent.parent), str(final.parent.parent.parent)]


def test_files_are_private_and_protected_ones_read_only(tmp_path: Path) -> None:
    store, name = DirectoryStore(tmp_path), opaque_name(Area.WORM, secrets.token_bytes(32))
    store.put(name, [b"x"], size=1)
    path = tmp_path / str(name)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    store.protect(name, until=datetime.now(UTC) + timedelta(days=1))
    assert path.stat().st_mode & 0o777 == 0o400


def test_foreign_files_are_left_out_of_listings(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    (tmp_path / "worm" / "README").write_text("not ours")
    assert list(store.list(Area.WORM)) == []


def test_a_root_that_is_a_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("in the way")
    with pytest.raises(StoreUnavailable):
        DirectoryStore(tmp_path / "objects")
