"""A migrated database (SQLite, and a real PostgreSQL) and a vault on a folder, for the vault's tests."""

import itertools
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api import migrations
from api.db import Database
from tests.servers.postgres import PostgresServer
from vault.citizen_vault import CitizenVault
from vault.envelope import Kek, KeyRing
from vault.model import (
    CitizenId,
    DocumentDetails,
    DocumentDraft,
    DocumentId,
    FileRole,
    Grade,
    Origin,
    StoredDocument,
)
from vault.stores.directory import DirectoryStore

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PDF = b"%PDF-1.7 the content of a paper " * 40


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def db(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for the module; tests work with citizens of their own."""
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path_factory.mktemp('db') / 'vault.sqlite3'}")
        migrations.upgrade(made)
        yield made
        made.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.new_database()
    made = Database(url)
    migrations.upgrade(made)
    yield made
    made.close()
    server.drop_database(url)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def vault(root: Path) -> CitizenVault:
    # one key for all tests of the module: the database remembers its check value
    return CitizenVault(DirectoryStore(root), KeyRing(keks=(Kek(version=1, key=b"k" * 32),)), b"i" * 32)


@pytest.fixture
def owner() -> CitizenId:
    return CitizenId(f"sub_{secrets.token_hex(13)}")


@pytest.fixture
def draft_of() -> Callable[..., DocumentDraft]:
    numbers = itertools.count(1)

    def make(owner: CitizenId, **changes: object) -> DocumentDraft:
        number = next(numbers)
        values: dict[str, object] = {
            "document_id": DocumentId(f"doc_{number:06d}{secrets.token_hex(10)}"),
            "owner": owner,
            "type_code": "khai_sinh",
            "grade": Grade.A_ORIGINAL,
            "origin": Origin.BORN_DIGITAL,
            "details": DocumentDetails(title="Trích lục khai sinh", document_number=f"{number}/TLKS-UBND"),
            "issuing_org": "H49.61.07",
            "custodian_org": "H49.61.07",
            "source_dossier_id": "dos_source",
        }
        return DocumentDraft(**(values | changes))  # type: ignore[arg-type] # any field of the draft

    return make


Deposit = Callable[..., StoredDocument]


@pytest.fixture
def deposit(vault: CitizenVault, db: Database, draft_of: Callable[..., DocumentDraft]) -> Deposit:
    """Stores a document with one signed file the way use-cases do."""

    def store(owner: CitizenId, content: bytes = PDF, **changes: object) -> StoredDocument:
        draft = draft_of(owner, **changes)
        with db.transaction() as tx:
            key = vault.open_vault(tx, owner, AT)
        staged = vault.stage(
            key,
            document_id=draft.document_id,
            role=FileRole.SIGNED,
            media_type="application/pdf",
            content=content,
        )
        with db.transaction() as tx:
            return vault.commit(tx, draft, (staged,), AT)

    return store
