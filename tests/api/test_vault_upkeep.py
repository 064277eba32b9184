import os
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from api import worker
from tests.api.conftest import Install
from tests.api.vault_story import PDF, Story
from vault.errors import StoreUnavailable
from vault.model import CitizenId, DocumentId, FileRole


def test_a_worker_keeps_the_vault_in_rounds_and_survives_a_round_that_fails(
    fresh_install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = fresh_install()
    story = Story(services=service.services, at=service.clock.at)
    kept = story.deposit()
    with service.services.db.transaction() as tx:
        key = service.services.vault.open_vault(tx, CitizenId(kept.owner), story.at)
    orphan = service.services.vault.stage(
        key, document_id=DocumentId(kept.document_id), role=FileRole.MASTER, media_type="image/png", content=b"lost"
    )
    file = service.services.settings.data / "objects" / orphan.object_name
    os.utime(file, (story.at.timestamp(),) * 2)  # the store's own clock tells the age of orphans, not the service's
    service.clock.at += timedelta(days=1)
    ending, rounds, real = threading.Event(), [], worker.maintain_vault

    def maintain(*arguments: object) -> object:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise StoreUnavailable("down")
        done = real(*arguments)  # type: ignore[arg-type] # passed through
        ending.set()
        return done

    monkeypatch.setattr(worker, "maintain_vault", maintain)
    kind = next(rounds for rounds in worker.ROUNDS if rounds.name == "vault_upkeep")
    worker._keep(replace(kind, first_s=0.01, every_s=0.01), service.services, ending)
    assert rounds == [0, 1]
    assert not file.exists()
    with service.services.db.reading() as tx:
        described = service.services.vault.describe(tx, kept.document_id)
        assert described.document.files[0].protected_until is not None
        assert service.services.vault.read(tx, kept.document_id, FileRole.SIGNED) == PDF
        assert service.services.vault.upkeep.check_ledger(tx).is_whole
