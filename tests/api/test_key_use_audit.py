"""`anso doctor --audit` compares the chain of key uses with the register and with the heads in the audit ledger."""

import hashlib
from pathlib import Path

import pytest
import sqlalchemy as sa

from api import migrations
from api.callers import SYSTEM_CALLER
from api.cli.checkup import Finding, examine
from api.db import Database
from api.errors import ConfigurationInvalid
from api.settings import Settings
from api.usecases.check_key_uses import KeyUseAudit, check_key_uses
from api.usecases.maintain_vault import MaintainVault, maintain_vault
from signing.errors import KeyUseNotRecorded
from signing.key_use_sql import KEY_USE_HEAD, KEY_USES, KeyUses, append_uses
from signing.keys import SignatureAlgorithm
from signing.keys.recorded import KeyUse, KeyUseBreak, KeyUseKind
from signing.registry_sql import RegistrySql
from tests.api.conftest import Install, Installation


def audit(installation: Installation) -> KeyUseAudit:
    with installation.services.db.reading() as tx:
        return check_key_uses(tx)


def finding(installation: Installation, name: str, **settings: object) -> Finding:
    values = installation.services.settings.model_copy(update=settings)
    return next(one for one in examine(values, audit=True) if one.name == name)


def without_triggers(installation: Installation, statement: str, **values: str) -> None:
    with installation.services.db.transaction() as tx:
        for verb in ("update", "delete"):
            tx.execute(sa.text(f"DROP TRIGGER IF EXISTS key_uses_no_{verb}"))
        tx.execute(sa.text(statement), values)


def test_every_certificate_of_a_new_installation_has_its_entry(installation: Installation) -> None:
    found = audit(installation)
    assert found.is_good
    assert found.chain.entries >= 7
    assert finding(installation, "key uses").is_good


def test_a_missing_broken_or_unregistered_entry_is_named(fresh_install: Install) -> None:
    installation = fresh_install()
    with installation.services.db.reading() as tx:
        root = RegistrySql(tx).by_service("ca:root")[0]
    digest = hashlib.sha256(root.tbs).hexdigest()
    without_triggers(installation, "UPDATE key_uses SET kind = 'crl' WHERE data_sha256 = :one", one=digest)
    assert audit(installation).unrecorded_certificate == root.certificate_id
    assert audit(installation).chain.kind is KeyUseBreak.EDITED
    assert "broken at entry 1" in finding(installation, "key uses").detail
    without_triggers(installation, "UPDATE key_uses SET kind = 'certificate' WHERE data_sha256 = :one", one=digest)
    assert audit(installation).is_good
    at = installation.clock.at
    stranger = KeyUse(
        at=at, key_id="hsm_1", algorithm="ecdsa_sha256", data_sha256="a" * 64, signature_sha256="b" * 64,
        kind=KeyUseKind.CERTIFICATE,
    )  # fmt: skip
    with installation.services.db.transaction() as tx:
        head = append_uses(tx, [stranger])
    assert audit(installation).unregistered_entry == head.sequence
    assert f"entry {head.sequence}" in finding(installation, "key uses").detail
    without_triggers(
        installation, "UPDATE certificates SET tbs = x'00' WHERE certificate_id = :one", one=root.certificate_id
    )
    assert root.certificate_id in finding(installation, "key uses").detail


def test_a_chain_that_was_written_anew_disagrees_with_the_heads_in_the_audit_ledger(fresh_install: Install) -> None:
    installation = fresh_install()
    services = installation.services
    maintain_vault(MaintainVault(), services, SYSTEM_CALLER, installation.clock.at)
    assert audit(installation).is_good
    with services.db.reading() as tx:
        rows = [entry.use for entry in KeyUses(tx).rows() if hasattr(entry, "use")]
    without_triggers(installation, "DELETE FROM key_uses")
    with services.db.transaction() as tx:
        tx.execute(sa.update(KEY_USE_HEAD).values(sequence=0, entry_hash="0" * 64))
        forged = [
            *rows[:-1],
            KeyUse(**{name: getattr(rows[-1], name) for name in rows[-1].__slots__} | {"key_id": "x"}),
        ]
        append_uses(tx, forged)
    assert audit(installation).chain.kind is KeyUseBreak.REWRITTEN
    assert audit(installation).chain.broken_at == len(rows)


def test_certificates_that_were_issued_before_the_chain_began_are_adopted(
    installation: Installation, tmp_path: Path
) -> None:
    with installation.services.db.reading() as tx:
        issued = tx.execute(sa.text("SELECT * FROM certificates")).mappings().all()
    old = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    migrations.upgrade(old, "0011_key_custody")
    with old.transaction() as tx:
        table = sa.Table("certificates", sa.MetaData(), autoload_with=tx)
        values = [{name: row[name] for name in row if name in table.c} for row in issued]
        tx.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        tx.execute(sa.insert(table), values)
    migrations.upgrade(old)
    with old.reading() as tx:
        assert check_key_uses(tx).is_good
        assert {row.kind for row in tx.execute(sa.select(KEY_USES.c.kind))} == {KeyUseKind.ADOPTED.value}
    old.close()


def test_nothing_is_issued_or_signed_when_the_chain_cannot_be_written(fresh_install: Install) -> None:
    installation = fresh_install()
    services = installation.services
    with services.db.transaction() as tx:
        tx.execute(sa.delete(KEY_USE_HEAD))
    with services.db.reading() as tx:
        key = RegistrySql(tx).by_service("seal")[0].key_id
    with pytest.raises(KeyUseNotRecorded):
        services.keys.sign(key, b"x", SignatureAlgorithm.ECDSA_SHA256)
    assert not finding(installation, "key uses").is_good


def test_doctor_says_whether_the_signer_answers(installation: Installation, tmp_path: Path) -> None:
    away = finding(installation, "signer", signer_socket=tmp_path / "none.sock")
    assert not away.is_good
    assert "anso signer" in away.detail
    assert all(one.name != "signer" for one in examine(installation.services.settings, audit=False))


def test_production_does_not_start_without_a_signer() -> None:
    complete = Settings(profile="production", signer_socket=Path("s"))  # type: ignore[arg-type] # pydantic's coercion
    assert not any("SIGNER" in one for one in _missing(complete))
    assert any("ANSO_SIGNER_SOCKET" in one for one in _missing(Settings(profile="production")))  # type: ignore[arg-type] # as above


def _missing(settings: Settings) -> tuple[str, ...]:
    with pytest.raises(ConfigurationInvalid) as caught:
        settings.require_complete()
    return tuple(caught.value.missing)
