"""The checks behind `anso doctor`. Each answers with a finding, never with an exception."""

import hashlib
import shutil
import sys
import time
from dataclasses import dataclass
from datetime import timedelta

from api import migrations
from api.bootstrap import build_clock_guard, build_database, build_store, build_verifier
from api.clock import now
from api.db import Database, DatabaseUnreachable
from api.errors import ConfigurationInvalid
from api.settings import Settings
from api.timestamping import TsaAddress, TsaClient, parse_authorities
from api.usecases.check_key_uses import check_key_uses
from api.usecases.check_lists import MAX_AGE, ListAge, check_lists
from signing.signer import Link, answers
from signing.tsa import AuthorityFaultError, Question, granted_token
from signing.validation import VN_IN_FORCE, token_fault
from vault.citizen_vault import recorded_heads
from vault.errors import VaultError
from vault.ledger_sql import check_ledger

_NEEDED = (3, 11)
_FREE_MIB = 1024
_TSA_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One checked thing."""

    name: str
    is_good: bool
    detail: str


def examine(settings: Settings, *, audit: bool) -> tuple[Finding, ...]:
    """All findings, the cheapest first; the audit chain only when asked for (it reads every row)."""
    db = build_database(settings)
    try:
        found = [
            _python(),
            _profile(settings),
            schema := _schema(db),
            *_lists(db, settings, has_tables=schema.is_good),
            _reader(),
            _space(settings),
            _clock(settings),
            *_signer(settings),
            *_timestamps(settings),
        ]
        if audit:
            found.append(_audit(db, settings))
            found.append(_key_uses(db))
        return tuple(found)
    finally:
        db.close()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(name="python", is_good=sys.version_info >= _NEEDED, detail=version)


def _profile(settings: Settings) -> Finding:
    try:
        settings.require_complete()
    except ConfigurationInvalid as err:
        return Finding(name="profile", is_good=False, detail="; ".join(err.missing))
    return Finding(name="profile", is_good=True, detail=settings.profile.value)


def _schema(db: Database) -> Finding:
    try:
        current = migrations.current(db)
    except DatabaseUnreachable:
        return Finding(name="database", is_good=False, detail=f"{db.dialect}: unreachable")
    newest = migrations.newest()
    detail = f"{db.dialect}: {current or '-'}" + ("" if current == newest else f" (anso db upgrade: {newest})")
    return Finding(name="database", is_good=current == newest, detail=detail)


def _lists(db: Database, settings: Settings, *, has_tables: bool) -> tuple[Finding, ...]:
    """One line for all revocation lists, naming what is too old or waits too long."""
    if not has_tables:
        return ()
    with db.reading() as tx:
        lists = check_lists(tx, now(), shards=settings.crl_shards)
    late = [f"{one.label}: {_told(one)}" for one in lists if not one.is_good]
    oldest = max((one.age for one in lists if one.age is not None), default=timedelta(0))
    detail = "; ".join(late) or f"{len(lists)}, oldest {oldest.total_seconds() / 3600:.1f} h"
    return (Finding(name="crl", is_good=not late, detail=detail),)


def _told(one: ListAge) -> str:
    if one.age is None:
        return "never published"
    if one.age > MAX_AGE:
        return f"{one.age.total_seconds() / 3600:.0f} h old (anso worker, anso ca crl)"
    return f"a change waits for {one.waiting.total_seconds():.0f} s (anso worker)"


def _reader() -> Finding:
    path = shutil.which("tesseract")
    return Finding(name="tesseract", is_good=path is not None, detail=path or "apt install tesseract-ocr-vie")


def _space(settings: Settings) -> Finding:
    folder = settings.data if settings.data.exists() else settings.data.resolve().parent
    if not folder.exists():
        return Finding(name="space", is_good=False, detail=f"{settings.data}: no such folder")
    free = shutil.disk_usage(folder).free // (1024 * 1024)
    return Finding(name="space", is_good=free >= _FREE_MIB, detail=f"{free} MiB")


def _clock(settings: Settings) -> Finding:
    """As the time-stamp authority would judge it now."""
    try:
        verdict = build_clock_guard(settings, now).verdict()
    except ConfigurationInvalid as err:
        return Finding(name="clock", is_good=False, detail="; ".join(err.missing))
    parts = [verdict.fault.value if verdict.fault else "trusted"]
    if verdict.offset_s is not None:
        parts.append(f"offset {verdict.offset_s:+.3f} s")
    elif not settings.time_references:
        parts.append("no references (ANSO_TIME_REFERENCES)")
    parts += [f"dissents: {name}" for name in verdict.dissenters]
    return Finding(name="clock", is_good=verdict.is_trusted, detail=", ".join(parts))


def _signer(settings: Settings) -> tuple[Finding, ...]:
    """Whether the signer answers; nothing to say where keys are used in the service itself."""
    if settings.signer_socket is None:
        return ()
    link = Link(path=settings.signer_socket)
    good = answers(link)
    link.close()
    place = settings.signer_socket.name
    return (Finding(name="signer", is_good=good, detail=place if good else f"{place}: no answer (anso signer)"),)


def _timestamps(settings: Settings) -> tuple[Finding, ...]:
    """One line for each authority elsewhere: asked once, for a token over nothing of ours."""
    client = TsaClient(tls_roots=settings.timestamp_tls_roots, at_once=1)
    try:
        addresses = parse_authorities(settings.timestamp_authorities)
        return tuple(_authority(one, settings, client) for one in addresses if one.url is not None)
    except (ValueError, ConfigurationInvalid) as err:
        return (Finding(name="tsa", is_good=False, detail=f"ANSO_TIMESTAMP_AUTHORITIES: {err}"),)
    finally:
        client.close()


def _authority(one: TsaAddress, settings: Settings, client: TsaClient) -> Finding:
    name = f"tsa {one.name}"
    question = Question.over(hashlib.sha256(b"anso doctor").digest(), "sha256")
    begun = time.monotonic()
    try:
        answer = client.ask(one.url or "", question.request(one.policy), seconds=_TSA_S)
        token = granted_token(answer, question, policy=one.policy).dump()
        anchors = build_verifier(settings).trust.book().at(now())
        fault = token_fault(token, question.imprint, anchors=anchors, policy=VN_IN_FORCE, at=now())
    except AuthorityFaultError as err:
        return Finding(name=name, is_good=False, detail=str(err))
    took = f"{time.monotonic() - begun:.2f} s"
    way = "" if (one.url or "").startswith("https://") else ", http"
    return Finding(name=name, is_good=not fault, detail=f"{took}{way}" if not fault else f"untrusted: {fault}")


def _key_uses(db: Database) -> Finding:
    """The chain of key uses, against the audit ledger and the register of certificates."""
    with db.reading() as tx:
        audit = check_key_uses(tx)
    return Finding(name="key uses", is_good=audit.is_good, detail=audit.describe())


def _audit(db: Database, settings: Settings) -> Finding:
    """The chain itself, and against the heads that were recorded outside the database."""
    try:
        with db.reading() as tx:
            report = check_ledger(tx, anchors=recorded_heads(build_store(settings)))
    except (VaultError, ValueError, ConfigurationInvalid) as err:
        return Finding(name="audit", is_good=False, detail=f"recorded heads: {type(err).__name__}")
    return Finding(name="audit", is_good=report.is_whole, detail=report.describe())
