"""The implementations that the contract suites run on."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.servers.seaweedfs import SeaweedfsServer
from vault.store import ObjectStore
from vault.stores.directory import DirectoryStore
from vault.stores.memory import MemoryStore
from vault.stores.minio import S3Access, S3Store


@pytest.fixture(scope="session")
def s3_access(seaweedfs_server: SeaweedfsServer) -> S3Access:
    """One set of buckets for the session: SeaweedFS makes seven volumes a bucket, so few are made."""
    return S3Access(
        endpoint=seaweedfs_server.endpoint,
        bucket_prefix=f"anso-{secrets.token_hex(4)}",
        region="us-east-1",
        access_key=seaweedfs_server.access_key,
        secret_key=seaweedfs_server.secret_key,
        secure=False,
    )


@pytest.fixture(scope="session")
def s3_store(s3_access: S3Access) -> S3Store:
    return S3Store(s3_access)


@pytest.fixture(params=["memory", "directory", pytest.param("s3", marks=pytest.mark.service)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    if request.param == "memory":
        yield MemoryStore(lambda: datetime.now(UTC))
    elif request.param == "directory":
        yield DirectoryStore(tmp_path / "objects")
    else:
        yield request.getfixturevalue("s3_store")
