"""`anso vault`, `anso kpi` and the audit part of `anso doctor`, as a person at a terminal uses them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.callers import SYSTEM_CALLER, Role
from api.cli import main
from api.usecases.maintain_vault import MaintainVault, maintain_vault
from tests.api.conftest import Install, Installation
from tests.api.vault_story import CHILD, PDF, Story
from vault.stores.directory import DirectoryStore
from vault.stores.probe import probe_store

Anso = Callable[..., tuple[int, str]]


@pytest.fixture
def service(fresh_install: Install) -> Installation:
    return fresh_install()


@pytest.fixture
def anso(service: Installation, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Anso:
    # tokens of the standing clock are valid for commands that ask the real one
    monkeypatch.setattr("api.clock.now", service.clock)

    def run(*words: str, token: str | None = None) -> tuple[int, str]:
        options = ["--data", str(service.services.settings.data)] + ([] if token is None else ["--token", token])
        with pytest.raises(SystemExit) as ended:
            main([*words, *options])
        return int(ended.value.code or 0), capsys.readouterr().out

    return run


@pytest.fixture
def story(service: Installation) -> Story:
    return Story(services=service.services, at=service.clock.at)


def test_a_guardian_lists_and_fetches_with_a_token(
    anso: Anso, service: Installation, story: Story, tmp_path: Path
) -> None:
    stored = story.deposit()
    token = service.token(Role.CITIZEN, "mother")
    code, listed = anso("vault", "ls", CHILD, "-o", "json", token=token)
    assert code == 0
    assert [item["id"] for item in json.loads(listed)] == [stored.document_id]
    assert stored.document_id in anso("vault", "ls", CHILD, token=token)[1]
    target = tmp_path / "giay-to.pdf"
    assert anso("vault", "get", stored.document_id, "--out", str(target), token=token)[0] == 0
    assert target.read_bytes() == PDF
    assert anso("vault", "get", stored.document_id, "--out", str(target), token=token)[0] == 2
    assert anso("vault", "get", stored.document_id, "--out", str(target) + "2", "--role", "x", token=token)[0] == 2


def test_without_a_ground_a_command_opens_nothing(
    anso: Anso, service: Installation, story: Story, tmp_path: Path
) -> None:
    stored = story.deposit()
    target = tmp_path / "giay-to.pdf"
    token = service.token(Role.RECEPTION_OFFICER, "school_officer")
    assert anso("vault", "get", stored.document_id, "--out", str(target), token=token)[0] == 2
    assert anso("vault", "ls", CHILD, token=service.token(Role.ADMINISTRATOR))[0] != 0
    assert not target.exists()


def test_the_configured_store_is_probed(anso: Anso, monkeypatch: pytest.MonkeyPatch) -> None:
    clock_apart = json.loads(anso("vault", "probe", "-o", "json")[1])
    assert [one["promise"] for one in clock_apart["findings"] if not one["ok"]] == ["clock_agrees"]
    monkeypatch.setattr("api.clock.now", lambda: datetime.now(UTC))
    code, out = anso("vault", "probe", "-o", "json")
    found = json.loads(out)
    assert (code, found["ok"], found["store"]) == (0, True, "directory")
    assert len(found["findings"]) >= 11


def test_a_store_that_breaks_its_promises_fails_the_probe(
    anso: Anso, service: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.stores.directory.DirectoryStore.delete", lambda *_, **__: None)
    code, out = anso("vault", "probe", "-o", "json")
    broken = {one["promise"] for one in json.loads(out)["findings"] if not one["ok"]}
    assert code == 9
    assert {"deletes_what_is_not_protected", "refuses_to_delete_what_is_protected"} <= broken
    store = DirectoryStore(service.services.settings.data / "objects")
    monkeypatch.setattr("vault.stores.directory.DirectoryStore.put", lambda *_, **__: None)
    broken = {one.promise for one in probe_store(store, service.clock.at) if not one.is_kept}
    assert {"reads_back_what_was_written", "never_overwrites", "one_creator_wins", "lists_what_is_there"} <= broken


def test_damage_is_named_without_opening_anything(anso: Anso, service: Installation, story: Story) -> None:
    sound, damaged = story.deposit(), story.deposit()
    assert anso("vault", "check")[0] == 0
    victim = service.services.settings.data / "objects" / damaged.files[0].object_name
    victim.chmod(0o600)
    victim.write_bytes(b"x" + victim.read_bytes()[1:])
    code, out = anso("vault", "check", "-o", "json")
    assert code == 6
    assert [one["document_id"] for one in json.loads(out)["damaged"]] == [damaged.document_id]
    assert sound.document_id not in out


def test_upkeep_protects_what_is_committed_and_is_safe_to_repeat(anso: Anso, story: Story) -> None:
    story.deposit()
    first = json.loads(anso("vault", "upkeep", "-o", "json")[1])
    second = json.loads(anso("vault", "upkeep", "-o", "json")[1])
    assert (first["protected"], second["protected"]) == (1, 0)
    assert second["ledger_head"] == first["ledger_head"] + 1


def test_the_figures_can_be_asked_for_at_a_terminal(anso: Anso, story: Story) -> None:
    story.dossier()
    code, out = anso("kpi", "-o", "json", "--from", "2026-11-01", "--to", "2026-11-30", "--group-by", "unit")
    found = json.loads(out)
    assert (code, found["official"]["denominator"], len(found["groups"])) == (0, 1, 1)
    assert "R1 0.00 % (0/1)" in anso("kpi")[1]
    assert anso("kpi", "--group-by", "age")[0] == 2


def _tamper(service: Installation, *statements: str) -> None:
    with service.services.db.transaction() as tx:
        for verb in ("update", "delete"):
            tx.execute(sa.text(f"DROP TRIGGER IF EXISTS audit_events_no_{verb}"))
        for statement in statements:
            tx.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("statement", "row", "kind"),
    [
        ("UPDATE audit_events SET account_id = 'acc_x' WHERE sequence = 3", 3, "edited"),
        ("DELETE FROM audit_events WHERE sequence = 4", 4, "removed"),
        ("DELETE FROM audit_events WHERE sequence > 5", 6, "tail_cut"),
    ],
)
def test_doctor_names_the_first_broken_row(
    anso: Anso, service: Installation, statement: str, row: int, kind: str
) -> None:
    code, out = anso("doctor", "--audit", "-o", "json")
    finding = next(one for one in json.loads(out)["findings"] if one["name"] == "audit")
    assert finding["is_good"]
    _tamper(service, statement)
    code, out = anso("doctor", "--audit", "-o", "json")
    finding = next(one for one in json.loads(out)["findings"] if one["name"] == "audit")
    assert code == 9
    assert finding["detail"] == f"broken at entry {row}: {kind}"


def test_doctor_finds_a_cut_tail_with_a_forged_head_by_the_head_in_the_store(anso: Anso, service: Installation) -> None:
    maintain_vault(MaintainVault(), service.services, SYSTEM_CALLER, service.clock.at)
    _tamper(
        service,
        "DELETE FROM audit_events WHERE sequence > 5",
        "UPDATE audit_head SET sequence = 5, entry_hash = (SELECT entry_hash FROM audit_events WHERE sequence = 5)",
    )
    finding = next(
        one for one in json.loads(anso("doctor", "--audit", "-o", "json")[1])["findings"] if one["name"] == "audit"
    )
    assert finding["detail"] == "broken at entry 6: tail_cut"
