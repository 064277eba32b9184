"""The service on a real S3 server: documents go there as ciphertext and come under its object lock."""

import secrets

import pytest

from api.callers import Role
from tests.api.conftest import Install
from tests.api.vault_story import PDF, Story
from tests.servers.seaweedfs import SeaweedfsServer
from vault.errors import ObjectProtected, StoreUnavailable
from vault.naming import ObjectName
from vault.stores.minio import S3Access, S3Store

pytestmark = pytest.mark.service


def test_a_document_is_stored_read_and_protected_on_s3(
    fresh_install: Install, seaweedfs_server: SeaweedfsServer
) -> None:
    prefix = f"anso-{secrets.token_hex(4)}"
    service = fresh_install(
        store="s3",
        s3_endpoint=seaweedfs_server.endpoint,
        s3_bucket=prefix,
        s3_access_key=seaweedfs_server.access_key,
        s3_secret_key=seaweedfs_server.secret_key,
        s3_secure=False,
    )
    stored = Story(services=service.services, at=service.clock.at).deposit()
    path = f"/v1/documents/{stored.document_id}/content"
    assert service.client.get(path, headers=service.headers(Role.CITIZEN, "mother")).content == PDF
    with service.services.db.transaction() as tx:
        assert service.services.vault.upkeep.protect(tx, service.clock.at) == 1
    store = S3Store(
        S3Access(
            endpoint=seaweedfs_server.endpoint,
            bucket_prefix=prefix,
            region="us-east-1",
            access_key=seaweedfs_server.access_key,
            secret_key=seaweedfs_server.secret_key,
            secure=False,
        )
    )
    name = ObjectName.parse(stored.files[0].object_name)
    with store.read(name) as pieces:
        assert b"%PDF" not in b"".join(pieces)
    with pytest.raises(ObjectProtected):
        store.delete(name, at=service.clock.at)
    assert not (service.services.settings.data / "objects").exists()


def test_a_store_that_is_down_is_said_and_the_service_stays_up(fresh_install: Install) -> None:
    service = fresh_install(
        store="s3", s3_endpoint="127.0.0.1:9", s3_access_key="made", s3_secret_key="up", s3_secure=False
    )
    assert service.client.get("/health/live").status_code == 200
    with pytest.raises(StoreUnavailable) as refused:
        Story(services=service.services, at=service.clock.at).deposit()
    assert refused.value.code == "STO_UNAVAILABLE"
