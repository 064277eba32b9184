"""What keeps the vault sound: key checks, protection of committed objects, sweeping of orphans, scrubbing.

Knows store and catalogue side by side. Must not open any content: everything here works without citizens' keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from vault.catalogue_sql import Documents, Tx, VaultKeys, WorkObjects
from vault.citizen_vault.anchors import record_head, recorded_heads
from vault.citizen_vault.contents import EncryptedContents
from vault.envelope import KeyRing
from vault.errors import IntegrityMismatch, KeyMismatch, ObjectNotFound, ObjectProtected
from vault.ledger import ChainReport, LedgerHead
from vault.ledger_sql import LedgerSql, check_ledger
from vault.model import StoredFile
from vault.naming import Area, ObjectName


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What a sweep found."""

    looked_at: int
    removed: int
    kept: int
    """Orphans that the store refused to delete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubFinding:
    """One file and whether the stored bytes agree with its record."""

    file: StoredFile
    reason: str | None
    """None: sound."""


class Upkeep:
    """The vault's care for itself."""

    def __init__(self, contents: EncryptedContents, ring: KeyRing, default_retention: timedelta) -> None:
        self._contents = contents
        self._ring = ring
        self._default_retention = default_retention

    def check_keys(self, tx: Tx, at: datetime) -> None:
        """Compare the key ring with the keys that were used here; remember the current one when it is new.

        Raises:
            KeyMismatch: a key that wrapped here is missing or is another one: nothing may be written with it.
        """
        keys = VaultKeys(tx)
        known, ours = keys.check_values(), {kek.version: kek.check_value for kek in self._ring.keks}
        for version, check_value in known.items():
            if ours.get(version) != check_value:
                raise KeyMismatch(f"key-encryption key {version} is missing or is not the one used before")
        current = self._ring.current
        if current.version not in known:
            keys.add_check_value(current.version, current.check_value, at)

    def protect(self, tx: Tx, at: datetime, *, limit: int = 200) -> int:
        """Let the store protect what is committed and not protected yet; gives how many it did.

        Runs after commits, never before: an orphan must stay deletable.
        """
        documents = Documents(tx)
        done = 0
        for document, file in documents.unprotected(limit=limit):
            until = document.retention_until or at + self._default_retention
            try:
                self._contents.store.protect(ObjectName.parse(file.object_name), until=until)
            except ObjectNotFound:
                documents.quarantine(file.object_name, "missing", at)
                continue
            except ObjectProtected:
                pass  # protected for longer already
            documents.mark_protected(file.object_name, until)
            done += 1
        return done

    def sweep(self, tx: Tx, at: datetime, *, older_than: timedelta) -> SweepReport:
        """Delete objects that no record names and that are old enough to belong to no running request (S31)."""
        looked_at = removed = kept = 0
        knows = {Area.WORM: Documents(tx).knows_object, Area.WORK: WorkObjects(tx).knows_object}
        for area, is_known in knows.items():
            for info in self._contents.store.list(area):
                looked_at += 1
                if info.written_at > at - older_than or is_known(str(info.name)):
                    continue
                try:
                    self._contents.store.delete(info.name, at=at)
                    removed += 1
                except ObjectProtected:
                    kept += 1
        return SweepReport(looked_at=looked_at, removed=removed, kept=kept)

    def record_ledger_head(self, tx: Tx, at: datetime) -> LedgerHead:
        """Record the audit ledger's present head in the store."""
        head = LedgerSql(tx).head()
        record_head(self._contents.store, head, at)
        return head

    def check_ledger(self, tx: Tx) -> ChainReport:
        """Follow the audit chain and compare it with the heads recorded in the store."""
        return check_ledger(tx, anchors=recorded_heads(self._contents.store))

    def scrub(self, tx: Tx) -> Iterator[ScrubFinding]:
        """Compare every stored file with its record, without any key."""
        for file in Documents(tx).every_file():
            try:
                self._contents.check(file.object_name, file.stored_size, file.stored_sha256)
            except IntegrityMismatch as err:
                yield ScrubFinding(file=file, reason=err.reason)
            else:
                yield ScrubFinding(file=file, reason=None)
