import hashlib
import secrets
import threading
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.db import Database
from tests.vault.conftest import AT, PDF, Deposit
from vault.catalogue import StagedFile
from vault.catalogue_sql import Documents, NewState
from vault.citizen_vault import CitizenVault
from vault.envelope import Kek, KeyRing
from vault.errors import (
    AlreadyStored,
    DocumentNotFound,
    DuplicateDocument,
    IntegrityMismatch,
    KeyMismatch,
    ObjectProtected,
    VaultNotFound,
    WorkNotFound,
)
from vault.model import CitizenId, DocumentDetails, DocumentDraft, DocumentState, FileRole
from vault.naming import Area, ObjectName
from vault.stores.directory import DirectoryStore

SECRET_TITLE = "Giấy khai sinh của Nguyễn Thị Ánh"


def object_path(root: Path, name: str) -> Path:
    return root / name


def flip(path: Path, position: int) -> None:
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(bytes(content))


def test_a_stored_document_is_read_back_with_its_details(
    vault: CitizenVault, db: Database, owner: CitizenId, deposit: Deposit
) -> None:
    details = DocumentDetails(
        title=SECRET_TITLE,
        document_number="27/TLKS-UBND",
        issued_on=date(2026, 11, 1),
        signer_name="Lương Thị Hải Yến",
        abstract="về việc …",
        fields=(("person_name", "NGUYỄN THỊ ÁNH"), ("dob", "1990-01-02")),
    )
    stored = deposit(owner, details=details, valid_to=AT + timedelta(days=10))
    with db.reading() as tx:
        assert vault.read(tx, stored.document_id, FileRole.SIGNED) == PDF
        described = vault.describe(tx, stored.document_id)
    assert described.details == details
    assert described.document == stored
    assert stored.state is DocumentState.ACTIVE
    assert stored.is_valid_at(AT)
    assert not stored.is_valid_at(AT + timedelta(days=10))


def test_names_are_kept_in_nfc_however_they_were_typed(
    vault: CitizenVault, db: Database, owner: CitizenId, deposit: Deposit
) -> None:
    stored = deposit(owner, details=DocumentDetails(title=unicodedata.normalize("NFD", SECRET_TITLE)))
    with db.reading() as tx:
        assert vault.describe(tx, stored.document_id).details.title == SECRET_TITLE


def test_neither_disk_nor_tables_hold_anything_that_is_written_on_the_paper(
    db: Database, root: Path, owner: CitizenId, deposit: Deposit
) -> None:
    number = f"{secrets.randbelow(10**6)}/BIMAT-UBND"
    content = b"%PDF-1.7 " + SECRET_TITLE.encode() * 50
    deposit(owner, content, details=DocumentDetails(title=SECRET_TITLE, document_number=number))
    for path in root.rglob("*"):
        if path.is_file():
            assert b"%PDF" not in path.read_bytes()
            assert SECRET_TITLE.encode() not in path.read_bytes()
    clear = {hashlib.sha256(content).hexdigest(), number, SECRET_TITLE}
    with db.reading() as tx:
        tables = sa.inspect(tx).get_table_names()
        for table in tables:
            for row in tx.execute(sa.text(f"SELECT * FROM {table}")):  # noqa: S608 - the inspector's own names
                for value in row:
                    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    assert not any(each in text for each in clear), table


def test_a_flipped_byte_on_disk_is_found_quarantined_and_never_served(
    vault: CitizenVault, db: Database, root: Path, owner: CitizenId, deposit: Deposit
) -> None:
    stored = deposit(owner, secrets.token_bytes(5000))
    path = object_path(root, stored.files[0].object_name)
    size = path.stat().st_size
    for position in (0, 1, 39, 40, size // 2, size - 1):
        flip(path, position)
        with db.reading() as tx, pytest.raises(IntegrityMismatch) as refused:
            vault.read(tx, stored.document_id, FileRole.SIGNED)
        assert refused.value.code == "INTEGRITY_MISMATCH"
        flip(path, position)
    with db.transaction() as tx:
        assert vault.quarantine(tx, stored.document_id, FileRole.SIGNED, "segment", AT)
        assert not vault.quarantine(tx, stored.document_id, FileRole.SIGNED, "segment", AT)
    with db.reading() as tx, pytest.raises(IntegrityMismatch) as refused:
        vault.read(tx, stored.document_id, FileRole.SIGNED)
    assert refused.value.reason == "quarantined"


def test_a_missing_truncated_or_exchanged_object_is_found(
    vault: CitizenVault, db: Database, root: Path, owner: CitizenId, deposit: Deposit
) -> None:
    one, two = deposit(owner, b"one" * 500), deposit(owner, b"two" * 500)
    first, second = (object_path(root, each.files[0].object_name) for each in (one, two))
    original = first.read_bytes()
    for wrong in (second.read_bytes(), original[:-1], b"", original + b"x"):
        first.write_bytes(wrong)
        with db.reading() as tx, pytest.raises(IntegrityMismatch):
            vault.read(tx, one.document_id, FileRole.SIGNED)
    first.unlink()
    with db.reading() as tx, pytest.raises(IntegrityMismatch) as refused:
        vault.read(tx, one.document_id, FileRole.SIGNED)
    assert refused.value.reason == "missing"


def test_a_row_pointed_at_another_citizens_object_does_not_open(
    vault: CitizenVault, db: Database, owner: CitizenId, deposit: Deposit
) -> None:
    mine, theirs = deposit(owner), deposit(CitizenId(owner + "x"))
    with db.transaction() as tx:
        tx.execute(sa.text("DELETE FROM vault_files WHERE document_id = :document"), {"document": mine.document_id})
        tx.execute(
            sa.text("UPDATE vault_files SET document_id = :mine WHERE document_id = :theirs"),
            {"mine": mine.document_id, "theirs": theirs.document_id},
        )
    with db.reading() as tx, pytest.raises(IntegrityMismatch):
        vault.read(tx, mine.document_id, FileRole.SIGNED)


def test_sealed_details_moved_to_another_document_do_not_open(
    vault: CitizenVault, db: Database, owner: CitizenId, deposit: Deposit
) -> None:
    one, two = deposit(owner), deposit(owner)
    with db.transaction() as tx:
        sealed = Documents(tx).sealed_details(one.document_id)
        tx.execute(
            sa.text("UPDATE vault_documents SET sealed_details = :sealed WHERE document_id = :two"),
            {"sealed": sealed, "two": two.document_id},
        )
    with db.reading() as tx, pytest.raises(IntegrityMismatch):
        vault.describe(tx, two.document_id)


def test_the_same_paper_is_not_stored_twice_and_the_first_one_is_named(
    vault: CitizenVault, db: Database, owner: CitizenId, deposit: Deposit
) -> None:
    details = DocumentDetails(title="Trích lục", document_number="28/TLKS-UBND")
    first = deposit(owner, details=details)
    again = DocumentDetails(title="Trích lục", document_number=" 28 / tlks-ubnd")
    with pytest.raises(DuplicateDocument) as refused:
        deposit(owner, details=again)
    assert refused.value.document_id == first.document_id
    assert refused.value.code == "CNF_DUPLICATE_DOC"
    deposit(CitizenId(owner + "2"), details=details)
    deposit(owner, details=details, type_code="ket_hon")
    with db.reading() as tx:
        assert vault.find_number(tx, owner, "khai_sinh", "28/TLKS-UBND") == first.document_id
        assert vault.find_number(tx, owner, "khai_sinh", "29/TLKS-UBND") is None
        assert vault.find_number(tx, CitizenId("sub_nobody"), "khai_sinh", "28/TLKS-UBND") is None


def test_a_newer_version_supersedes_the_older_one(
    vault: CitizenVault, db: Database, owner: CitizenId, deposit: Deposit
) -> None:
    details = DocumentDetails(title="Trích lục", document_number="30/TLKS-UBND")
    first = deposit(owner, details=details)
    second = deposit(owner, details=details, supersedes=first.document_id)
    with db.reading() as tx:
        assert vault.describe(tx, first.document_id).document.state is DocumentState.SUPERSEDED
        assert vault.describe(tx, second.document_id).document.state is DocumentState.ACTIVE
        assert vault.read(tx, first.document_id, FileRole.SIGNED) == PDF
    with pytest.raises(DocumentNotFound):
        deposit(CitizenId(owner + "3"), supersedes=second.document_id)


def test_a_repeated_commit_of_the_same_document_changes_nothing(
    vault: CitizenVault, db: Database, owner: CitizenId, draft_of: Callable[..., DocumentDraft]
) -> None:
    draft = draft_of(owner, details=DocumentDetails(title="không số"))
    for attempt in (1, 2):
        with db.transaction() as tx:
            key = vault.open_vault(tx, owner, AT)
        staged = vault.stage(
            key, document_id=draft.document_id, role=FileRole.MASTER, media_type="image/jpeg", content=b"photo"
        )
        if attempt == 1:
            with db.transaction() as tx:
                vault.commit(tx, draft, (staged,), AT)
        else:
            with pytest.raises(AlreadyStored), db.transaction() as tx:
                vault.commit(tx, draft, (staged,), AT)


def test_files_of_another_document_or_none_are_not_committed(
    vault: CitizenVault, db: Database, owner: CitizenId, draft_of: Callable[..., DocumentDraft]
) -> None:
    one, two = draft_of(owner), draft_of(owner)
    with db.transaction() as tx:
        key = vault.open_vault(tx, owner, AT)
    staged = vault.stage(
        key, document_id=one.document_id, role=FileRole.MASTER, media_type="image/jpeg", content=b"photo"
    )
    for draft, files in ((two, (staged,)), (one, ()), (one, (staged, staged))):
        with db.reading() as tx, pytest.raises(ValueError, match="document"):
            vault.commit(tx, draft, files, AT)


def test_documents_are_listed_newest_first_in_pages(
    vault: CitizenVault, db: Database, owner: CitizenId, deposit: Deposit
) -> None:
    stored = [deposit(owner).document_id for _ in range(5)]
    with db.reading() as tx:
        first = vault.list_documents(tx, owner, limit=3)
        rest = vault.list_documents(tx, owner, limit=3, before=first[-1].document.document_id)
    ids = [each.document.document_id for each in (*first, *rest)]
    assert ids == sorted(stored, reverse=True)


def test_what_the_vault_holds_need_not_be_asked_for_again(
    vault: CitizenVault, db: Database, owner: CitizenId, deposit: Deposit
) -> None:
    good = deposit(owner)
    deposit(owner, valid_to=AT)
    revoked = deposit(owner)
    deposit(owner, type_code="ket_hon")
    with db.transaction() as tx:
        change = NewState(document_id=revoked.document_id, seen_version=1, state=DocumentState.REVOKED)
        assert vault.change_state(tx, change)
        assert not vault.change_state(tx, change)
        held = vault.held(tx, owner, frozenset({"khai_sinh", "trich_luc_khai_sinh"}), AT)
    assert [each.document_id for each in held] == [good.document_id]


def test_a_presented_file_is_recognised_by_its_hash(
    vault: CitizenVault, db: Database, owner: CitizenId, deposit: Deposit
) -> None:
    content = secrets.token_bytes(100)
    stored = deposit(owner, content)
    with db.reading() as tx:
        found = vault.find_content(tx, hashlib.sha256(content).digest())
        assert found is not None
        assert found.document_id == stored.document_id
        assert vault.find_content(tx, hashlib.sha256(b"other").digest()) is None


def test_missing_documents_roles_and_vaults_are_not_found(
    vault: CitizenVault, db: Database, owner: CitizenId, deposit: Deposit, draft_of: Callable[..., DocumentDraft]
) -> None:
    stored = deposit(owner)
    with db.reading() as tx:
        for document_id, role in (("doc_none", FileRole.SIGNED), (stored.document_id, FileRole.ACCESS)):
            with pytest.raises(DocumentNotFound):
                vault.read(tx, document_id, role)
        with pytest.raises(DocumentNotFound):
            vault.describe(tx, "doc_none")
        with pytest.raises(VaultNotFound):
            vault.commit(tx, *_staged_for_nobody(owner, draft_of), AT)


def _staged_for_nobody(
    owner: CitizenId, draft_of: Callable[..., DocumentDraft]
) -> tuple[DocumentDraft, tuple[StagedFile, ...]]:
    draft = draft_of(CitizenId(owner + "none"))
    staged = StagedFile(
        owner=draft.owner,
        document_id=draft.document_id,
        role=FileRole.MASTER,
        media_type="image/png",
        size=1,
        object_name="worm/none",
        stored_size=1,
        stored_sha256="",
        content_tag="",
        lookup_tag="",
    )
    return draft, (staged,)


def test_a_staged_file_is_invisible_until_committed_and_swept_when_it_is_not(
    vault: CitizenVault, db: Database, root: Path, owner: CitizenId, deposit: Deposit
) -> None:
    kept = deposit(owner)
    with db.transaction() as tx:
        key = vault.open_vault(tx, owner, AT)
    orphan = vault.stage(
        key, document_id=kept.document_id, role=FileRole.MASTER, media_type="image/png", content=b"lost"
    )
    written_at = DirectoryStore(root).stat(ObjectName.parse(orphan.object_name)).written_at
    with db.transaction() as tx:
        early = vault.upkeep.sweep(tx, written_at + timedelta(minutes=30), older_than=timedelta(hours=1))
        assert early.removed == 0
        late = vault.upkeep.sweep(tx, written_at + timedelta(hours=2), older_than=timedelta(hours=1))
        assert (late.removed, late.kept) == (1, 0)
        assert vault.read(tx, kept.document_id, FileRole.SIGNED) == PDF
    assert [str(info.name) for info in DirectoryStore(root).list(Area.WORM)] == [kept.files[0].object_name]


def test_committed_files_come_under_the_stores_protection(
    vault: CitizenVault, db: Database, root: Path, owner: CitizenId, deposit: Deposit
) -> None:
    until = AT + timedelta(days=400)
    stored = deposit(owner, retention_until=until)
    with db.transaction() as tx:
        while vault.upkeep.protect(tx, AT):
            pass
        file = vault.describe(tx, stored.document_id).document.files[0]
        assert file.protected_until == until
    with pytest.raises(ObjectProtected):
        DirectoryStore(root).delete(ObjectName.parse(file.object_name), at=AT)


def test_the_scrubber_names_damaged_files_without_any_key(
    vault: CitizenVault, db: Database, root: Path, owner: CitizenId, deposit: Deposit
) -> None:
    sound, damaged = deposit(owner), deposit(owner)
    flip(object_path(root, damaged.files[0].object_name), 100)
    with db.reading() as tx:
        found = {each.file.document_id: each.reason for each in vault.upkeep.scrub(tx)}
    assert found[sound.document_id] is None
    assert found[damaged.document_id] == "digest"


def test_a_wrong_or_missing_kek_is_refused_before_anything_is_written(
    vault: CitizenVault, db: Database, root: Path, owner: CitizenId, deposit: Deposit
) -> None:
    deposit(owner)
    for keks in ((Kek(version=1, key=b"w" * 32),), (Kek(version=2, key=b"k" * 32),)):
        other = CitizenVault(DirectoryStore(root), KeyRing(keks=keks), b"i" * 32)
        with db.transaction() as tx:
            with pytest.raises(KeyMismatch):
                other.upkeep.check_keys(tx, AT)
            with pytest.raises(KeyMismatch):
                other.open_vault(tx, owner, AT)
            with pytest.raises(KeyMismatch):
                other.open_vault(tx, CitizenId(owner + "new"), AT)


def test_two_requests_that_open_the_same_new_vault_get_the_same_key(
    vault: CitizenVault, db: Database, owner: CitizenId
) -> None:
    keys, start = [], threading.Barrier(4)

    def open_it() -> None:
        start.wait()
        with db.transaction() as tx:
            keys.append(vault.open_vault(tx, owner, AT))

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 4
    assert len({key.dek for key in keys}) == 1


def test_destroying_the_wrapped_key_makes_everything_of_the_citizen_unreadable(
    vault: CitizenVault, db: Database, owner: CitizenId, deposit: Deposit
) -> None:
    stored = deposit(owner)
    with db.transaction() as tx:
        tx.execute(sa.text("DELETE FROM vault_keys WHERE citizen_id = :owner"), {"owner": owner})
        with pytest.raises(VaultNotFound):
            vault.read(tx, stored.document_id, FileRole.SIGNED)


def test_intermediate_results_are_encrypted_replaced_and_forgotten(
    vault: CitizenVault, db: Database, root: Path, owner: CitizenId
) -> None:
    record = f"dig_{secrets.token_hex(13)}"
    with db.transaction() as tx:
        key = vault.open_vault(tx, owner, AT)
    for content in (b"first reading", b"second reading"):
        entry = vault.work.stage(key, record_id=record, slot="text", media_type="text/plain", content=content, at=AT)
        with db.transaction() as tx:
            vault.work.keep(tx, entry)
    with db.reading() as tx:
        assert vault.work.read(tx, record, "text").content == b"second reading"
        assert vault.work.slots(tx, record) == ("text",)
    assert all(b"reading" not in path.read_bytes() for path in root.rglob("*") if path.is_file())
    with db.transaction() as tx:
        garbage = vault.work.forget(tx, record)
    vault.work.discard((*garbage, *garbage), AT)
    with db.reading() as tx:
        with pytest.raises(WorkNotFound) as refused:
            vault.work.read(tx, record, "text")
        assert refused.value.code == "WORK_NOT_FOUND"
    # the replaced first reading is an orphan: the sweep's business
    assert len(list(DirectoryStore(root).list(Area.WORK))) == 1
