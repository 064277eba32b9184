"""The object store on any S3 server with object lock, through the MinIO SDK.

Knows: three buckets, conditional creation, retention, time limits. Must not know: what the bytes mean.

Three measured traps decide the shape:

* `put_object` of the SDK drops `If-None-Match`, so two writers overwrite each other. A presigned PUT with that
  header does what the protocol says (200, then 412).
* A PUT that breaks off before its first body byte was stored as an empty object (SeaweedFS 4.48). With
  `Content-MD5` it is refused, so the content is complete and digested before the first byte is sent.
* A GET on a damaged object can hang for ever: every call has a time limit.
"""

import base64
import hashlib
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import IO, Any, Final

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import MinioException, S3Error
from minio.retention import Retention
from urllib3.exceptions import HTTPError

from vault.errors import (
    AlreadyStored,
    InvalidName,
    ObjectNotFound,
    ObjectProtected,
    StoreUnavailable,
    StoreUnsuitable,
)
from vault.naming import Area, ObjectName
from vault.store import CHUNK, ObjectInfo, counted

_SIGNED_FOR: Final = timedelta(minutes=10)
_IN_MEMORY: Final = 8 * CHUNK
"""Larger contents wait in a file of the system's temporary folder, already encrypted and without a name."""
_MISSING: Final = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchObject", "NoSuchBucket"})
# servers differ in how they say that an object has no retention, or a bucket no lock
_NO_LOCK: Final = frozenset({"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration"})
_EXISTS: Final = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})
_PASSING: Final = frozenset({"InternalError", "OperationAborted", "ServiceUnavailable", "SlowDown"})
"""What servers say while another process makes the same bucket, or while they start."""
_BUCKET_PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0, 4.0)
_LOCKED_AREAS: Final = frozenset({Area.WORM, Area.LOG})


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Access:
    """How to reach the server."""

    endpoint: str
    """host:port"""
    bucket_prefix: str
    """The buckets are PREFIX-worm, PREFIX-work and PREFIX-log."""
    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    secure: bool
    """TLS; without it only the ciphertext's pattern of use is exposed, still: production refuses."""
    connect_timeout_s: float = 2.0
    read_timeout_s: float = 10.0
    write_timeout_s: float = 30.0
    """A server may make room (SeaweedFS: new volumes, 5 s) before it answers a first PUT."""


class S3Store:
    """Objects in three buckets, which are made when missing (WORM and LOG with object lock).

    Opening it does not talk to the server: a service starts, and says what it lacks, while the store is down.
    Every method also raises `StoreUnsuitable` when a bucket that must have object lock has none.
    """

    def __init__(self, access: S3Access) -> None:
        self._access = access
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=access.connect_timeout_s, read=access.read_timeout_s),
            retries=urllib3.Retry(total=2, read=1, backoff_factor=0.2, status_forcelist=[502, 503, 504]),
            maxsize=16,
            cert_reqs="CERT_REQUIRED",
        )
        self._client = Minio(
            access.endpoint,
            access_key=access.access_key,
            secret_key=access.secret_key,
            secure=access.secure,
            region=access.region,
            http_client=self._http,
        )
        self._write_timeout = urllib3.Timeout(connect=access.connect_timeout_s, read=access.write_timeout_s)
        self._found_buckets: set[Area] = set()
        self._making = threading.Lock()

    def put(self, name: ObjectName, content: Iterable[bytes], *, size: int) -> None:
        """See `ObjectStore.put`."""
        with _spooled(content, size) as (body, md5), _as_store_errors():
            url = self._client.presigned_put_object(self._bucket(name.area), name.key, expires=_SIGNED_FOR)
            answer = self._http.request(
                "PUT",
                url,
                body=body if size else b"",
                headers={"If-None-Match": "*", "Content-Length": str(size), "Content-MD5": md5},
                timeout=self._write_timeout,
                retries=False,  # a repeated PUT would meet itself and report the name as taken
            )
        if answer.status in {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT}:
            raise AlreadyStored("the name is taken")
        if answer.status != HTTPStatus.OK:
            raise StoreUnavailable(f"the store answered {answer.status}")

    @contextmanager
    def read(self, name: ObjectName) -> Iterator[Iterator[bytes]]:
        """See `ObjectStore.read`."""
        with _as_store_errors():
            response = self._client.get_object(self._bucket(name.area), name.key)
        try:
            yield _pieces(response)
        finally:
            response.close()
            response.release_conn()

    def stat(self, name: ObjectName) -> ObjectInfo:
        """See `ObjectStore.stat`."""
        found = self._stat(name)
        return ObjectInfo(
            name=name,
            size=found.size,
            written_at=found.last_modified,
            protected_until=self._protected_until(name, found.version_id),
        )

    def list(self, area: Area) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        with _as_store_errors():
            for found in self._client.list_objects(self._bucket(area), recursive=True):
                try:
                    name = ObjectName.parse(f"{area.value}/{found.object_name}")
                except InvalidName:
                    continue
                yield ObjectInfo(name=name, size=found.size or 0, written_at=found.last_modified, protected_until=None)

    def protect(self, name: ObjectName, *, until: datetime) -> None:
        """See `ObjectStore.protect`; S3 keeps whole seconds, so the end is rounded up."""
        if name.area not in _LOCKED_AREAS:
            raise StoreUnsuitable("objects of this area are deletable")
        until = until.replace(microsecond=0) + timedelta(seconds=1 if until.microsecond else 0)
        found = self._stat(name)
        present = self._protected_until(name, found.version_id)
        if present is not None and present > until:
            raise ObjectProtected("retention is never shortened")
        with _as_store_errors(), _denied_as_protected():
            self._client.set_object_retention(
                self._bucket(name.area),
                name.key,
                Retention(COMPLIANCE, until),
                version_id=found.version_id,
            )

    def delete(self, name: ObjectName, *, at: datetime) -> None:
        """See `ObjectStore.delete`; whether retention is running is the server's decision and clock."""
        found = self._stat(name)
        until = self._protected_until(name, found.version_id)
        if name.area is Area.LOG or (until is not None and at < until):
            raise ObjectProtected("retention is running")
        with _as_store_errors(), _denied_as_protected():
            # The version, not the name: a delete marker would hide the object and keep the bytes.
            self._client.remove_object(self._bucket(name.area), name.key, version_id=found.version_id)

    def _stat(self, name: ObjectName) -> Any:  # noqa: ANN401 - the SDK's untyped Object
        with _as_store_errors():
            return self._client.stat_object(self._bucket(name.area), name.key)

    def _protected_until(self, name: ObjectName, version_id: str | None) -> datetime | None:
        if name.area not in _LOCKED_AREAS:
            return None
        try:
            with _as_store_errors():
                found = self._client.get_object_retention(self._bucket(name.area), name.key, version_id=version_id)
        except ObjectNotFound:
            return None
        until: datetime | None = found.retain_until_date if found is not None else None
        return until

    def _bucket(self, area: Area) -> str:
        """The area's bucket, made and checked on its first use."""
        bucket = f"{self._access.bucket_prefix}-{area.value}"
        if area not in self._found_buckets:
            with self._making:  # one thread makes it, the others wait: servers do not take well to two at once
                self._require_bucket(bucket, locked=area in _LOCKED_AREAS)
                self._found_buckets.add(area)
        return bucket

    def _require_bucket(self, bucket: str, *, locked: bool) -> None:
        with _as_store_errors():
            if not self._client.bucket_exists(bucket):
                self._make_bucket(bucket, locked=locked)
            if not locked:
                return
            try:
                self._client.get_object_lock_config(bucket)
            except S3Error as err:
                if err.code in _NO_LOCK:
                    raise StoreUnsuitable(f"the bucket {bucket} has no object lock") from err
                raise

    def _make_bucket(self, bucket: str, *, locked: bool) -> None:
        """Make a bucket; a server that fails while another process makes the same one is asked again (idempotent)."""
        for pause_s in (*_BUCKET_PAUSES_S, None):
            try:
                self._client.make_bucket(bucket, object_lock=locked)
            except S3Error as err:
                if str(err.code) not in _EXISTS | _PASSING or (str(err.code) in _PASSING and pause_s is None):
                    raise
            if self._client.bucket_exists(bucket):
                return
            if pause_s is not None:
                time.sleep(pause_s)
        raise StoreUnavailable("the store does not keep the bucket that was made")


@contextmanager
def _spooled(content: Iterable[bytes], size: int) -> Iterator[tuple[IO[bytes], str]]:
    """The whole content (ciphertext) as a file without a name, and its MD5 as RFC 1864 writes it."""
    digest = hashlib.md5(usedforsecurity=False)  # a check of the transfer; the catalogue keeps SHA-256
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        for piece in counted(content, size):
            digest.update(piece)
            file.write(piece)
        file.seek(0)
        yield file, base64.b64encode(digest.digest()).decode()


def _pieces(response: Any) -> Iterator[bytes]:  # noqa: ANN401 - the SDK's response type is urllib3's
    with _as_store_errors():
        yield from response.stream(CHUNK)


@contextmanager
def _denied_as_protected() -> Iterator[None]:
    """Where the server guards an object by itself, its refusal is the retention speaking."""
    try:
        yield
    except S3Error as err:
        if err.code == "AccessDenied":
            raise ObjectProtected("the store refused") from err
        raise


@contextmanager
def _as_store_errors() -> Iterator[None]:
    """Turn the SDK's and the network's failures into the store's errors."""
    try:
        yield
    except S3Error as err:
        code = str(err.code)
        if code in _MISSING | _NO_LOCK:
            raise ObjectNotFound("no such object") from err
        if code in _EXISTS:
            raise AlreadyStored("the bucket exists") from err
        raise StoreUnavailable(f"the store answered {code}") from err
    except (MinioException, HTTPError, OSError) as err:
        raise StoreUnavailable(f"the store did not answer: {type(err).__name__}") from err
