"""Hold the ceremony of a hierarchy, with every step written into a transcript before the next one is taken.

Knows what a ceremony's transcript begins and ends with. The transcript's file is the caller's; keys are made and used
where this installation has them. Must not know what a hierarchy consists of: that is the recipe's business.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from api.services import Services
from api.usecases.establish_pki import open_registry
from signing.ca import (
    CLOSED,
    FOUND,
    OPENED,
    PlannedMember,
    Recipe,
    TranscriptHead,
    TranscriptReport,
    body_of,
    certificate_body,
    check_transcript,
    next_line,
    perform,
    plan_digest,
    rehearse,
)
from signing.errors import CeremonyRefused
from signing.registry import CertificateRecord
from signing.registry_sql import RegistrySql


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCeremony:
    """Which hierarchy, and what was agreed about it."""

    recipe: Recipe
    recipe_sha256: str
    """Of the recipe's file, hex."""
    transcript: str
    """The transcript as it stands: empty for a new one."""
    torn_sha256: str = ""
    """Digest of half a line that a crash left at the end of the file, and that was taken away."""
    agreed_plan: str | None = None
    """Digest that the attendees agreed on at the rehearsal; None: no rehearsal was asked for."""


def hold_ceremony(
    command: HoldCeremony, services: Services, write: Callable[[str], None], at: datetime
) -> tuple[str, ...]:
    """Make what is missing; return the services that were made. Done twice, it does nothing.

    Args:
        command: recipe and transcript.
        services: keys, database and clock: each line carries the moment it was written.
        write: adds one line to the transcript; the line is durable when it returns.
        at: the moment that the certificates begin with.

    Raises:
        CeremonyRefused: the transcript does not agree with itself, or the recipe gives something else than was agreed.
        IssuanceRefused, KeyUnavailable: see ``perform``; the next run continues.
    """
    before = check_transcript(command.transcript)
    if set(before.findings) - {"transcript.not_closed"}:
        message = f"the transcript cannot be continued: {', '.join(before.findings)}"
        raise CeremonyRefused(message)
    plan = rehearse(command.recipe, services.pki.room.site)
    if command.agreed_plan not in {None, plan_digest(plan)}:
        message = "the recipe gives another plan than the one that was agreed"
        raise CeremonyRefused(message)
    book = _Book(head=before.head, write=write, clock=services.clock, opening=_opening(command, plan, services))
    _enter_what_is_there(command.recipe, before, services, book)
    made = perform(
        command.recipe,
        services.pki.room,
        lambda: open_registry(services, "ceremony"),
        at=at,
        witness=lambda step: book.enter(body_of(step)),
    )
    if book.is_open or (before.head.number and not before.is_closed):
        book.enter({"act": CLOSED, "made": list(made)})
    return made


@dataclass(slots=True)
class _Book:
    """The transcript while it is written; it is opened with the first step, so that nothing done writes nothing."""

    head: TranscriptHead
    write: Callable[[str], None] = field(repr=False)
    clock: Callable[[], datetime]
    opening: dict[str, object]
    is_open: bool = False

    def enter(self, body: dict[str, object]) -> None:
        """Write a line."""
        if not self.is_open:
            self.is_open = True
            self._write(self.opening)
        self._write(body)

    def _write(self, body: dict[str, object]) -> None:
        line, self.head = next_line(self.head, body, self.clock())
        self.write(line)


def _opening(command: HoldCeremony, plan: tuple[PlannedMember, ...], services: Services) -> dict[str, object]:
    return {
        "act": OPENED,
        "recipe_sha256": command.recipe_sha256,
        "plan_sha256": plan_digest(plan),
        "plan": {member.service: member.form_sha256 for member in plan},
        "development": command.recipe.development,
        "pki_url": services.pki.room.site.base_url,
        **({"torn_sha256": command.torn_sha256} if command.torn_sha256 else {}),
        "attendees": [{"role": person.role, "name": person.name} for person in command.recipe.attendees],
    }


def _enter_what_is_there(recipe: Recipe, before: TranscriptReport, services: Services, book: _Book) -> None:
    """Certificates that stand in the registry and not in the transcript: its run ended between the two."""
    told = {der for _, der in before.certificates}
    for member in recipe.members:
        for entry in reversed(_issued(member.service, services)):
            if entry.der is None or entry.der in told:
                continue
            book.enter(
                {
                    "act": FOUND,
                    "service": member.service,
                    "key_id": entry.key_id,
                    "tbs_sha256": hashlib.sha256(entry.tbs).hexdigest(),
                    **certificate_body(entry.der),
                }
            )


def _issued(service: str, services: Services) -> tuple[CertificateRecord, ...]:
    with services.db.reading() as tx:
        return RegistrySql(tx).by_service(service)
