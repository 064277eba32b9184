"""The recipe of a hierarchy: which authorities, responders, time-stamp unit and seal there are to be.

Knows the recipe as a mapping, not the file it came from. Makes no key and no certificate.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from signing.ca.hierarchy import SEAL, TIMESTAMP
from signing.errors import CeremonyRefused
from signing.identity import AgencySubject, AuthoritySubject, ProfileName, Subject
from signing.keys import KeyKind
from signing.profiles import PROFILES, YEAR, AuthorityName

_DEVELOPMENT_MARK: Final = "DEV"
_WITNESSES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One certificate of the hierarchy itself."""

    service: str
    """``ca:root``, ``ca:personal``, ``ocsp:personal`` …, ``tsa``, ``seal``."""
    profile: ProfileName
    issuer: AuthorityName | None
    """None: it signs itself."""
    subject: Subject
    kind: KeyKind
    validity: timedelta
    authority: AuthorityName | None = None
    """Which authority it makes, if it makes one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """Somebody who is there when a hierarchy is made."""

    role: str
    """``administrator`` operates, ``witness`` watches; any other word is a role of the place's own."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A hierarchy, in the order in which its certificates can be issued."""

    development: bool
    members: tuple[Member, ...]
    attendees: tuple[Attendee, ...] = ()
    """Of a hierarchy that counts: who must be there."""

    def upkeep(self) -> "Recipe":
        """Return what a service may renew by itself: of a production hierarchy nothing that the root signs.

        Authorities are made at a ceremony, and so is whatever needs the root's key, which is kept under lock.
        """
        if self.development:
            return self
        members = tuple(member for member in self.members if member.issuer not in {None, AuthorityName.ROOT})
        return replace(self, members=members)


def parse_recipe(text: Mapping[str, Any]) -> Recipe:
    """Read a recipe.

    Raises:
        CeremonyRefused: something is missing or too long-lived, or a development name could look official.
    """
    try:
        members = tuple(_members(text))
        development = bool(text["development"])
        with_trial = development and bool(text.get("experimental", False))
        attendees = tuple(
            Attendee(role=str(person["role"]), name=str(person["name"]).strip()) for person in text.get("attendees", ())
        )
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        message = f"the recipe is incomplete: {err}"
        raise CeremonyRefused(message) from err
    for member in members:
        profile = PROFILES[member.profile]
        kinds = profile.allowed_kinds(development=with_trial)
        if not timedelta(0) < member.validity <= profile.max_validity or member.kind not in kinds:
            message = f"{member.service}: validity or key kind is not what {profile.validity_clause} allows"
            raise CeremonyRefused(message)
        # DESIGN §4: development certificates can never look official, and official ones never like development
        if development is not (_DEVELOPMENT_MARK in (member.subject.name or "")):
            message = f"{member.service}: a development name, and no other, says {_DEVELOPMENT_MARK}"
            raise CeremonyRefused(message)
    if not development:
        _require_attendees(attendees)
    return Recipe(development=development, members=members, attendees=attendees)


def _require_attendees(attendees: tuple[Attendee, ...]) -> None:
    """Nobody makes a root alone: one administrator and two witnesses, who are different people."""
    count = Counter(person.role for person in attendees)
    names = {unicodedata.normalize("NFC", person.name).casefold() for person in attendees}
    is_complete = count["administrator"] >= 1 and count["witness"] >= _WITNESSES
    if not is_complete or len(names) != len(attendees) or "" in names:
        message = "a ceremony needs an administrator and two witnesses, all different people, under attendees"
        raise CeremonyRefused(message)


def _members(text: Mapping[str, Any]) -> list[Member]:
    organisation = str(text["organisation"])
    authorities, ocsp = text["authorities"], text["ocsp"]
    members = [_authority(name, authorities[name.value], organisation) for name in AuthorityName]
    members += [
        Member(
            service=f"ocsp:{name.value}",
            profile=ProfileName.OCSP_SIGNER,
            issuer=name,
            subject=AuthoritySubject(name=str(ocsp[name.value]), organisation=organisation),
            kind=KeyKind(ocsp.get("key", KeyKind.EC_P256.value)),
            validity=timedelta(days=int(ocsp["days"])),
        )
        for name in (AuthorityName.PERSONAL, AuthorityName.SECONDARY)
    ]
    stamp, seal = text["timestamp"], text["seal"]
    members.append(
        Member(
            service=TIMESTAMP,
            profile=ProfileName.TSA,
            issuer=AuthorityName.ROOT,
            subject=AuthoritySubject(name=str(stamp["name"]), organisation=organisation),
            kind=KeyKind.EC_P256,
            validity=int(stamp["years"]) * YEAR,
        )
    )
    members.append(
        Member(
            service=SEAL,
            profile=ProfileName.SERVICE,
            issuer=AuthorityName.PERSONAL,
            subject=AgencySubject(name=str(seal["name"]), organisation=organisation, org_code=str(seal["org_code"])),
            kind=KeyKind.EC_P256,
            validity=int(seal["years"]) * YEAR,
        )
    )
    return members


def _authority(name: AuthorityName, text: Mapping[str, Any], organisation: str) -> Member:
    is_root = name is AuthorityName.ROOT
    return Member(
        service=f"ca:{name.value}",
        profile=ProfileName.ROOT if is_root else ProfileName.ISSUING_CA,
        issuer=None if is_root else AuthorityName.ROOT,
        subject=AuthoritySubject(name=str(text["name"]), organisation=organisation),
        kind=KeyKind(text["key"]),
        validity=int(text["years"]) * YEAR,
        authority=name,
    )
