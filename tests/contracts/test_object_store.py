"""What every object store promises (`vault.store.ObjectStore`), run on memory, a folder and a real S3 server."""

import hashlib
import secrets
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from vault.errors import AlreadyStored, ObjectNotFound, ObjectProtected, StoreUnsuitable
from vault.naming import Area, ObjectName, checkpoint_name, opaque_name
from vault.store import CHUNK, ObjectStore

NOW = datetime.now(UTC)  # the S3 server's retention follows its own clock


def fresh(area: Area = Area.WORM) -> ObjectName:
    return opaque_name(area, secrets.token_bytes(32))


def put(store: ObjectStore, name: ObjectName, content: bytes) -> None:
    store.put(name, [content], size=len(content))


def content_of(store: ObjectStore, name: ObjectName) -> bytes:
    with store.read(name) as pieces:
        return b"".join(pieces)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17])
def test_what_was_put_is_read_back_whole(store: ObjectStore, size: int) -> None:
    name, content = fresh(), secrets.token_bytes(size)
    pieces = [content[start : start + 70_000] for start in range(0, size, 70_000)]
    store.put(name, iter(pieces), size=size)
    assert content_of(store, name) == content
    assert store.stat(name).size == size


def test_a_name_is_written_once_and_keeps_the_first_content(store: ObjectStore) -> None:
    name = fresh()
    put(store, name, b"first")
    with pytest.raises(AlreadyStored) as refused:
        put(store, name, b"second")
    assert refused.value.code == "STORE_EXISTS"
    assert content_of(store, name) == b"first"


def test_of_sixteen_creators_exactly_one_wins_and_its_bytes_are_there(store: ObjectStore) -> None:
    for _ in range(3):
        name, contents = fresh(), [secrets.token_bytes(4000) for _ in range(16)]
        winners, others, start = [], [], threading.Barrier(16)

        def create(
            content: bytes,
            name: ObjectName = name,
            start: threading.Barrier = start,
            winners: list[bytes] = winners,
            others: list[str] = others,
        ) -> None:
            start.wait()
            try:
                put(store, name, content)
            except AlreadyStored as err:
                others.append(err.code)
            else:
                winners.append(content)

        threads = [threading.Thread(target=create, args=(content,)) for content in contents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(winners) == 1
        assert others == ["STORE_EXISTS"] * 15
        assert content_of(store, name) == winners[0]


def test_the_same_leaf_in_two_areas_is_two_objects(store: ObjectStore) -> None:
    token = secrets.token_bytes(32)
    put(store, opaque_name(Area.WORM, token), b"document")
    put(store, opaque_name(Area.WORK, token), b"draft")
    assert content_of(store, opaque_name(Area.WORM, token)) == b"document"
    assert content_of(store, opaque_name(Area.WORK, token)) == b"draft"


@pytest.mark.parametrize("announced", [4, 6])
def test_content_of_another_length_than_announced_is_refused_and_nothing_is_stored(
    store: ObjectStore, announced: int
) -> None:
    name = fresh(Area.WORK)
    with pytest.raises(ValueError, match="announced"):
        store.put(name, [b"ab", b"cde"], size=announced)
    with pytest.raises(ObjectNotFound):
        store.stat(name)


@pytest.mark.parametrize("good_pieces", [0, 1, 3])
def test_a_source_that_breaks_leaves_nothing_behind(store: ObjectStore, good_pieces: int) -> None:
    name = fresh(Area.WORK)

    def breaking() -> Iterator[bytes]:
        for _ in range(good_pieces):
            yield b"x" * 2000
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        store.put(name, breaking(), size=9000)
    with pytest.raises(ObjectNotFound):
        store.stat(name)
    put(store, name, b"again")
    assert content_of(store, name) == b"again"


def test_what_was_never_put_is_not_found(store: ObjectStore) -> None:
    name = fresh()
    with pytest.raises(ObjectNotFound) as refused, store.read(name):
        pass
    assert refused.value.code == "STORE_OBJECT_MISSING"
    with pytest.raises(ObjectNotFound):
        store.stat(name)
    with pytest.raises(ObjectNotFound):
        store.delete(name, at=NOW)
    with pytest.raises(ObjectNotFound):
        store.protect(name, until=NOW + timedelta(days=1))


def test_a_listing_names_all_objects_of_its_area_in_order(store: ObjectStore) -> None:
    names = {fresh() for _ in range(5)}
    for name in names:
        put(store, name, b"listed")
    put(store, fresh(Area.WORK), b"elsewhere")
    found = [info.name for info in store.list(Area.WORM)]
    assert names <= set(found)
    assert all(name.area is Area.WORM for name in found)
    assert found == sorted(found, key=str)
    assert all(info.size == 6 for info in store.list(Area.WORM) if info.name in names)


def test_times_are_aware_and_near_now(store: ObjectStore) -> None:
    name = fresh()
    put(store, name, b"x")
    assert abs(store.stat(name).written_at - datetime.now(UTC)) < timedelta(minutes=2)


@pytest.mark.parametrize("area", [Area.WORM, Area.WORK])
def test_an_unprotected_object_can_be_deleted_and_its_name_used_again(store: ObjectStore, area: Area) -> None:
    name = fresh(area)
    put(store, name, b"orphan")
    store.delete(name, at=NOW)
    with pytest.raises(ObjectNotFound):
        store.stat(name)
    assert name not in {info.name for info in store.list(area)}
    put(store, name, b"new")
    assert content_of(store, name) == b"new"


def test_a_protected_object_is_not_deleted_and_stays_readable(store: ObjectStore) -> None:
    name = fresh()
    put(store, name, b"kept")
    until = NOW + timedelta(days=3)
    store.protect(name, until=until)
    protected_until = store.stat(name).protected_until
    assert protected_until is not None
    assert until <= protected_until < until + timedelta(seconds=1)
    with pytest.raises(ObjectProtected) as refused:
        store.delete(name, at=NOW + timedelta(days=2))
    assert refused.value.code == "STORE_PROTECTED"
    assert content_of(store, name) == b"kept"


def test_retention_grows_and_never_shrinks(store: ObjectStore) -> None:
    name = fresh()
    put(store, name, b"kept")
    store.protect(name, until=NOW + timedelta(days=2))
    store.protect(name, until=NOW + timedelta(days=2))
    store.protect(name, until=NOW + timedelta(days=4))
    with pytest.raises(ObjectProtected):
        store.protect(name, until=NOW + timedelta(days=3))
    protected_until = store.stat(name).protected_until
    assert protected_until is not None
    assert protected_until >= NOW + timedelta(days=4)


def test_objects_of_the_work_area_are_deletable_by_design(store: ObjectStore) -> None:
    name = fresh(Area.WORK)
    put(store, name, b"draft")
    with pytest.raises(StoreUnsuitable):
        store.protect(name, until=NOW + timedelta(days=1))
    store.delete(name, at=NOW)


def test_nothing_in_the_log_area_is_deleted(store: ObjectStore) -> None:
    name = checkpoint_name(secrets.randbelow(10**15))
    put(store, name, b"{}")
    with pytest.raises(ObjectProtected):
        store.delete(name, at=NOW)
    assert content_of(store, name) == b"{}"


def test_many_writers_of_many_names_lose_nothing(store: ObjectStore) -> None:
    contents = {fresh(Area.WORK): secrets.token_bytes(2000) for _ in range(24)}
    threads = [threading.Thread(target=put, args=(store, name, content)) for name, content in contents.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, content in contents.items():
        assert hashlib.sha256(content_of(store, name)).digest() == hashlib.sha256(content).digest()
