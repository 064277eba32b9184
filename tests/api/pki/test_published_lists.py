"""Revocation lists as the outside gets them: their shards, and how soon a change is in them."""

import hashlib
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography import x509

from api import migrations, worker
from api.bootstrap import build_services
from api.cli import main
from api.db import Database
from api.errors import ServiceUnavailable
from api.settings import Settings
from api.usecases import publish_crl as publishing
from api.usecases.gather_evidence import gather_evidence
from api.usecases.publish_crl import LIFE, publish_crl, publish_list
from api.usecases.publish_due_lists import publish_due_lists
from api.usecases.read_crl import read_crl
from signing.ca import authority_of
from signing.errors import KeyNotFound
from signing.profiles import AuthorityName
from signing.registry import CertificateStatus, RevocationReason
from signing.registry_sql import ListName, ListsSql, RegistrySql
from tests.api.pki.desk import Desk, official, refusal
from tests.api.pki.watched import ENDED, ON_HOLD, Watched


def test_every_list_is_there_right_after_the_start(installation: Any) -> None:
    shards = range(installation.services.settings.crl_shards)
    paths = ["root", "personal", "secondary", *(f"{name}/{n}" for name in ("personal", "secondary") for n in shards)]
    assert len(shards) == 8
    for path in paths:
        assert len(x509.load_der_x509_crl(installation.client.get(f"/pki/{path}.crl").content)) == 0


@pytest.mark.parametrize(
    "path",
    [
        *("root/0", "personal/8", "personal/03", "personal/-1", "personal/x", "personal/3-delta", "personal-delta"),
        *("root-delta", "personal-x", "personal-delta/3", "ocsp/personal", "nobody/1", "personal/99999"),
    ],
)
def test_lists_that_nobody_publishes_are_not_found(installation: Any, path: str) -> None:
    assert refusal(installation.client.get(f"/pki/{path}.crl")) == (404, "NOT_FOUND")


def test_the_service_says_when_an_authority_has_not_published_yet(tmp_path: Path) -> None:
    services = build_services(Settings(data=tmp_path))
    migrations.upgrade(services.db)
    for file in (None, "3"):
        with pytest.raises(ServiceUnavailable):
            read_crl("personal", services, file=file)
    assert publish_due_lists(services, datetime.now(UTC)) == ()  # nobody is there to publish
    services.close()


def test_a_revocation_is_in_its_shard_and_in_the_full_list_after_one_round_and_never_before(watched: Watched) -> None:
    other = f"personal/{(watched.record.serial + 1) % 8}"
    before = {path: watched.client.get(f"/pki/{path}.crl").content for path in ("personal", watched.shard, other)}
    watched.change(ENDED, RevocationReason.KEY_COMPROMISE)
    for path, content in before.items():  # reading publishes nothing
        assert watched.client.get(f"/pki/{path}.crl").content == content
    published = publish_due_lists(watched.services, watched.at)
    assert [(one.issuer, one.shard) for one in published] == [
        ("personal", watched.record.crl_shard),
        ("personal", None),
    ]
    assert watched.listed(watched.shard) == watched.listed("personal") == {watched.record.serial}
    assert watched.client.get(f"/pki/{other}.crl").content == before[other]
    assert publish_due_lists(watched.services, watched.at) == ()  # idempotent


def test_the_certificate_points_to_the_list_that_names_it(watched: Watched) -> None:
    pointer = watched.leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0]
    (name,) = pointer.full_name
    assert name.value == f"http://pki.example.vn/pki/personal/{watched.record.crl_shard}.crl"
    crl = x509.load_der_x509_crl(watched.client.get(name.value.removeprefix("http://pki.example.vn")).content)
    scope = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    assert scope.full_name == pointer.full_name


def test_a_hold_is_listed_and_a_release_takes_it_off(watched: Watched) -> None:
    watched.change(ON_HOLD, RevocationReason.HOLD)
    publish_due_lists(watched.services, watched.at)
    crl = x509.load_der_x509_crl(watched.client.get(f"/pki/{watched.shard}.crl").content)
    assert [line.extensions[0].value.reason for line in crl] == [x509.ReasonFlags.certificate_hold]
    watched.change(CertificateStatus.ACTIVE, None)
    publish_due_lists(watched.services, watched.at)
    assert watched.listed(watched.shard) == set()


def test_lists_are_published_anew_every_day_and_numbers_rise(watched: Watched) -> None:
    first = x509.load_der_x509_crl(watched.client.get("/pki/personal/0.crl").content)
    watched.installation.clock.forward(hours=23)
    assert publish_due_lists(watched.services, watched.at) == ()
    watched.installation.clock.forward(hours=1)
    assert len(publish_due_lists(watched.services, watched.at)) == 2 * 8 + 3
    second = x509.load_der_x509_crl(watched.client.get("/pki/personal/0.crl").content)
    numbers = [one.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number for one in (first, second)]
    assert numbers[0] < numbers[1]
    assert second.next_update_utc == watched.at.replace(microsecond=0) + LIFE


def test_an_expired_certificate_leaves_its_list_after_one_more(watched: Watched) -> None:
    watched.change(ENDED, RevocationReason.SUPERSEDED)
    publish_due_lists(watched.services, watched.at)
    watched.installation.clock.at = watched.record.not_after + timedelta(hours=1)
    publish_due_lists(watched.services, watched.at)
    assert watched.listed(watched.shard) == {watched.record.serial}  # RFC 5280 §3.3: once more after the end
    watched.installation.clock.forward(days=1, hours=1)
    publish_due_lists(watched.services, watched.at)
    assert watched.listed(watched.shard) == set()


def test_an_entry_is_on_one_list_after_the_end_also_when_nobody_published_for_long(watched: Watched) -> None:
    watched.change(ENDED, RevocationReason.SUPERSEDED)
    publish_due_lists(watched.services, watched.at)
    watched.installation.clock.at = watched.record.not_after + timedelta(days=40)
    publish_due_lists(watched.services, watched.at)
    assert watched.listed("personal") == {watched.record.serial}
    watched.installation.clock.forward(days=1)
    publish_due_lists(watched.services, watched.at)
    assert watched.listed("personal") == set()


def test_another_number_of_shards_changes_nothing_for_certificates_that_exist(watched: Watched) -> None:
    data = watched.services.settings.data
    shard = watched.record.crl_shard
    for shards in (2, 1, 16):
        services = build_services(Settings(data=data, crl_shards=shards), clock=watched.installation.clock)
        watched.installation.clock.forward(days=1)
        published = {(one.issuer, one.shard) for one in publish_due_lists(services, watched.at)}
        assert ("personal", shard) in published
        assert {n for issuer, n in published if issuer == "personal" and n is not None} == set(range(max(8, shards)))
        services.close()
    watched.change(ENDED, RevocationReason.CESSATION)
    publish_due_lists(watched.services, watched.at)
    assert watched.record.serial in watched.listed(f"personal/{shard}")


@pytest.mark.parametrize("shards", [0, 3, 12, 8192])
def test_a_number_of_shards_that_is_no_power_of_two_is_refused(shards: int) -> None:
    with pytest.raises(ValueError, match="crl_shards"):
        Settings(crl_shards=shards)


def test_two_workers_at_once_publish_two_numbers_and_lose_no_revocation(postgres_installation: Any) -> None:
    """On PostgreSQL, where they really run at once."""
    watched = Watched(postgres_installation, Desk(postgres_installation).issue(official("chairman")))
    watched.change(ENDED, RevocationReason.KEY_COMPROMISE)
    services = watched.services
    name = ListName(issuer="personal", shard=watched.record.crl_shard)
    with services.db.reading() as tx:
        authority = authority_of(AuthorityName.PERSONAL, RegistrySql(tx))
    start = threading.Barrier(4)
    made: list[int] = []

    def publish() -> None:
        start.wait()
        made.append(publish_list(name, authority, services, watched.at).number)

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 4
    with services.db.reading() as tx:
        assert ListsSql(tx).marks(name) == ()
    assert watched.listed(watched.shard) == {watched.record.serial}


def test_a_revocation_between_reading_and_publishing_stays_due(
    watched: Watched, others: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Watched(watched.installation, others["leader"])
    name = ListName(issuer="personal")
    real = publishing.build_crl

    def slow(*given: Any) -> bytes:
        if other.read().status is CertificateStatus.ACTIVE:
            other.change(ENDED, RevocationReason.CESSATION)
        return real(*given)

    monkeypatch.setattr(publishing, "build_crl", slow)
    watched.change(ENDED, RevocationReason.CESSATION)
    publish_crl("personal", watched.services, watched.at)
    with watched.services.db.reading() as tx:
        assert len(ListsSql(tx).marks(name)) == 1
    publish_due_lists(watched.services, watched.at)
    assert watched.listed("personal") == {watched.record.serial, other.record.serial}


def test_the_worker_publishes_and_presigns_in_the_background(watched: Watched) -> None:
    rounds = next(one for one in worker.ROUNDS if one.name == "status_upkeep")
    # at once after the start; and with what caches add, a revocation is seen within a minute
    assert (rounds.first_s, rounds.every_s + 30 <= 45) == (0.0, True)
    ending = threading.Event()
    quick = replace(rounds, every_s=0.05)
    thread = threading.Thread(target=worker._keep, args=(quick, watched.services, ending))
    thread.start()
    try:
        watched.suspend_over_http()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not (watched.listed("personal") and watched.kept()):
            time.sleep(0.05)
        assert watched.listed(watched.shard) == watched.listed("personal") == {watched.record.serial}
        assert watched.kept() is not None
    finally:
        ending.set()
        thread.join(10)


def test_a_list_that_cannot_be_signed_does_not_hold_up_the_others(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = publishing.build_crl

    def failing(content: Any, issuer: Any, keys: Any) -> bytes:
        if content.distribution_point is None:
            raise KeyNotFound("the key is away")
        return real(content, issuer, keys)

    watched.change(ENDED, RevocationReason.KEY_COMPROMISE)
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "build_crl", failing)
        with pytest.raises(KeyNotFound):
            publish_due_lists(watched.services, watched.at)
    assert watched.listed(watched.shard) == {watched.record.serial}
    assert watched.listed("personal") == set()
    publish_due_lists(watched.services, watched.at)
    assert watched.listed("personal") == {watched.record.serial}


def test_deltas_are_published_where_they_are_wanted(watched: Watched) -> None:
    data, clock = watched.services.settings.data, watched.installation.clock
    services = build_services(Settings(data=data, crl_delta=True), clock=clock)
    first = publish_crl("personal", services, watched.at, shard=watched.record.crl_shard)
    assert first.delta is None  # nothing was due: what is published stays
    watched.change(ENDED, RevocationReason.KEY_COMPROMISE)
    publish_due_lists(services, watched.at)
    complete, delta = (
        x509.load_der_x509_crl(watched.client.get(f"/pki/{watched.shard}{kind}.crl").content) for kind in ("", "-delta")
    )
    numbers = [one.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number for one in (complete, delta)]
    assert numbers[0] == numbers[1]
    base = delta.extensions.get_extension_for_class(x509.DeltaCRLIndicator).value.crl_number
    assert base == first.number
    assert {line.serial_number for line in delta} == {watched.record.serial}
    scopes = [one.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value for one in (complete, delta)]
    assert scopes[0] == scopes[1]
    services.close()


def test_a_delta_names_what_was_withdrawn_as_of_a_moment_before_its_base(watched: Watched) -> None:
    """A merger that is carried out late is dated by its legal moment; the base did not show it."""
    clock = watched.installation.clock
    services = build_services(Settings(data=watched.services.settings.data, crl_delta=True), clock=clock)
    clock.forward(days=8)  # the lists of the start have ended: the next one is the base
    publish_due_lists(services, watched.at, everything=True)
    clock.forward(hours=5)
    publish_due_lists(services, watched.at, everything=True)
    delta = f"{watched.shard}-delta"
    assert watched.listed(delta) == set()
    clock.at -= timedelta(hours=10)
    watched.change(ENDED, RevocationReason.ORG_CLOSED)
    clock.forward(hours=10, minutes=1)
    publish_due_lists(services, watched.at)
    assert watched.listed(delta) == {watched.record.serial}
    services.close()


def test_a_delta_lets_go_what_was_released_since_its_base(watched: Watched) -> None:
    clock = watched.installation.clock
    services = build_services(Settings(data=watched.services.settings.data, crl_delta=True), clock=clock)
    publish_due_lists(services, watched.at)
    clock.forward(days=8)  # the lists of the start have ended: the next one is the base
    watched.change(ON_HOLD, RevocationReason.HOLD)
    publish_due_lists(services, watched.at)
    clock.forward(hours=1)
    watched.change(CertificateStatus.ACTIVE, None)
    publish_due_lists(services, watched.at)
    answer = watched.client.get(f"/pki/{watched.shard}-delta.crl")
    (line,) = x509.load_der_x509_crl(answer.content)
    assert line.serial_number == watched.record.serial
    assert line.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.remove_from_crl
    services.close()


def test_the_first_delta_of_a_list_continues_the_list_itself(fresh_install: Any) -> None:
    installation = fresh_install(crl_delta=True)
    crl = x509.load_der_x509_crl(installation.client.get("/pki/secondary/5-delta.crl").content)
    number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    assert crl.extensions.get_extension_for_class(x509.DeltaCRLIndicator).value.crl_number == number
    assert len(crl) == 0


def test_evidence_embeds_the_shard_of_the_certificate_and_no_other(watched: Watched) -> None:
    chain = (watched.record.der or b"",)
    found = gather_evidence(chain, watched.services, watched.at)
    scopes = []
    for der in found.crls:
        try:
            point = x509.load_der_x509_crl(der).extensions.get_extension_for_class(x509.IssuingDistributionPoint)
            scopes.append(point.value.full_name[0].value)
        except x509.ExtensionNotFound:
            scopes.append("root")
    assert scopes == [f"http://pki.example.vn/pki/personal/{watched.record.crl_shard}.crl", "root"]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_the_command_line_writes_a_shard_or_all_lists(
    watched: Watched, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watched.change(ENDED, RevocationReason.CESSATION)
    data, out = str(watched.services.settings.data), tmp_path / "lists"
    shard = str(watched.record.crl_shard)
    assert run("ca", "crl", "personal", "--shard", shard, "--out", str(tmp_path / "s.crl"), "--data", data) == 0
    crl = x509.load_der_x509_crl((tmp_path / "s.crl").read_bytes())
    assert [line.serial_number for line in crl] == [watched.record.serial]
    out.mkdir()
    assert run("ca", "crl", "--all", "--out", str(out), "--data", data, "-o", "jsonl") == 0
    names = {path.name for path in out.iterdir()}
    assert {"root.crl", "personal.crl", "personal-0.crl", f"personal-{shard}.crl", "secondary-7.crl"} <= names
    assert len(names) == 2 * 8 + 3
    assert capsys.readouterr().out.count('"issuer": "personal"') == 9
    assert run("ca", "crl", "--out", str(out), "--data", data) == 2
    assert run("ca", "crl", "personal", "--shard", "77", "--out", str(tmp_path / "x"), "--data", data) != 0


def test_lists_and_answers_of_an_older_schema_are_carried_over(tmp_path: Path) -> None:
    """What was published before shards came is the full list, with its fingerprint."""
    db = Database(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    migrations.upgrade(db, "0008_certificate_life")
    with db.transaction() as tx:
        tx.execute(
            sa.text("INSERT INTO published_crls VALUES ('personal', 4, 0, :end, 3, :der)"),
            {"end": 7 * 86_400_000_000, "der": b"old list"},
        )
    migrations.upgrade(db)
    with db.reading() as tx:
        found = ListsSql(tx).newest(ListName(issuer="personal"))
        fingerprint = tx.execute(sa.text("SELECT sha256 FROM published_crls")).scalar_one()
    assert found is not None
    assert (found.number, found.der, found.shard, found.delta) == (4, b"old list", None, None)
    assert fingerprint == hashlib.sha256(b"old list").hexdigest()
    db.close()
