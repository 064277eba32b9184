"""What only a server can do wrong: cut uploads, silence, wrong credentials, buckets without lock, open doors."""

import io
import secrets
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from minio import Minio

from tests.servers.seaweedfs import SeaweedfsServer
from vault.errors import ObjectNotFound, ObjectProtected, StoreUnavailable, StoreUnsuitable
from vault.naming import Area, ObjectName, opaque_name
from vault.stores.minio import S3Access, S3Store

pytestmark = pytest.mark.service
NAME = opaque_name(Area.WORM, bytes(32))


@contextmanager
def silent_server() -> Iterator[str]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_server_that_never_answers_is_given_up_in_bounded_time(s3_access: S3Access) -> None:
    with silent_server() as endpoint:
        began = time.monotonic()
        with pytest.raises(StoreUnavailable) as refused:
            S3Store(replace(s3_access, endpoint=endpoint, read_timeout_s=0.2)).stat(NAME)
        assert time.monotonic() - began < 5
    assert refused.value.retryable


def test_a_server_that_is_gone_is_unavailable(s3_access: S3Access) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(StoreUnavailable) as refused:
        S3Store(replace(s3_access, endpoint=endpoint)).stat(NAME)
    assert refused.value.code == "STO_UNAVAILABLE"


def test_wrong_credentials_are_refused_and_not_shown(s3_access: S3Access) -> None:
    wrong = replace(s3_access, secret_key="made-up-secret")
    with pytest.raises(StoreUnavailable) as refused:
        S3Store(wrong).stat(NAME)
    assert "made-up-secret" not in str(refused.value) + repr(wrong)


def test_a_document_bucket_without_object_lock_is_refused(s3_access: S3Access) -> None:
    prefix = f"anso-{secrets.token_hex(4)}"
    client = Minio(s3_access.endpoint, s3_access.access_key, s3_access.secret_key, secure=False)
    client.make_bucket(f"{prefix}-worm")
    with pytest.raises(StoreUnsuitable) as refused:
        S3Store(replace(s3_access, bucket_prefix=prefix)).stat(NAME)
    assert refused.value.code == "STORE_UNSUITABLE"


def test_the_server_itself_refuses_to_delete_under_retention_whatever_time_we_claim(s3_store: S3Store) -> None:
    name = opaque_name(Area.WORM, secrets.token_bytes(32))
    s3_store.put(name, [b"kept"], size=4)
    s3_store.protect(name, until=datetime.now(UTC) + timedelta(days=2))
    with pytest.raises(ObjectProtected):
        s3_store.delete(name, at=datetime.now(UTC) + timedelta(days=30))
    with s3_store.read(name) as pieces:
        assert b"".join(pieces) == b"kept"


def test_an_upload_cut_before_its_first_byte_is_not_stored(s3_store: S3Store, s3_access: S3Access) -> None:
    name = opaque_name(Area.WORK, secrets.token_bytes(32))
    url = s3_store._client.presigned_put_object(s3_store._bucket(Area.WORK), name.key)
    target = urlsplit(url)
    host, port = s3_access.endpoint.split(":")
    head = (
        f"PUT {target.path}?{target.query} HTTP/1.1\r\nHost: {s3_access.endpoint}\r\n"
        "Content-Length: 9000\r\nIf-None-Match: *\r\nContent-MD5: DMF1ucDxtqgxw5niaXcmYQ==\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode())
    for _ in range(5):
        time.sleep(0.3)
        with pytest.raises(ObjectNotFound):
            s3_store.stat(name)


def test_foreign_objects_in_the_bucket_are_left_out_of_listings(s3_store: S3Store, s3_access: S3Access) -> None:
    client = Minio(s3_access.endpoint, s3_access.access_key, s3_access.secret_key, secure=False)
    bucket = s3_store._bucket(Area.WORK)
    client.put_object(bucket, "not/one-of-ours", io.BytesIO(b"x"), 1)
    assert all(info.name.area is Area.WORK for info in s3_store.list(Area.WORK))


def test_the_test_servers_back_door_asks_for_a_token(seaweedfs_server: SeaweedfsServer, s3_store: S3Store) -> None:
    bucket = s3_store._bucket(Area.WORM)
    request = urllib.request.Request(
        f"http://{seaweedfs_server.filer}/buckets/{bucket}?recursive=true", method="DELETE"
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)  # noqa: S310 - loopback
    assert refused.value.code == 401
    refused.value.close()


def test_stores_that_make_the_same_buckets_at_the_same_moment_all_work(s3_access: S3Access) -> None:
    access = replace(s3_access, bucket_prefix=f"anso-{secrets.token_hex(4)}")
    names = [opaque_name(Area.WORK, secrets.token_bytes(32)) for _ in range(12)]
    stores, failures, start = [S3Store(access) for _ in range(3)], [], threading.Barrier(len(names))

    def write(store: S3Store, name: ObjectName) -> None:
        start.wait()
        try:
            store.put(name, [b"kept"], size=4)
        except StoreUnavailable as err:  # seen by the test, not only by the thread
            failures.append(err)

    threads = [
        threading.Thread(target=write, args=(stores[number % len(stores)], name)) for number, name in enumerate(names)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {info.name for info in stores[0].list(Area.WORK)} == set(names)
