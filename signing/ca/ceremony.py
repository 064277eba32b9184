"""The ceremony: from a recipe to a hierarchy of authorities, responders, time-stamp unit and seal.

The same steps make a hierarchy for the first time and renew its short-lived members later. Keys are made
before the registry is opened, because a key store may live in the same database. Knows the recipe as a
mapping, not the file it came from; reads no clock.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from signing.ca.builder import CertificateTemplate
from signing.ca.hierarchy import SEAL, TIMESTAMP, authority_of
from signing.ca.issuer import Holder, Signatory, activate, issue, new_serial, prepare, record
from signing.errors import CeremonyRefused
from signing.identity import AgencySubject, AuthoritySubject, ProfileName, Subject
from signing.keys import KeyKind, KeyStore
from signing.profiles import PROFILES, YEAR, AuthorityName, Site
from signing.registry import CertificateStatus, Registry

_DEVELOPMENT_MARK: Final = "DEV"
SYSTEM: Final = "system"

OpenRegistry = Callable[[], AbstractContextManager[Registry]]


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
class Recipe:
    """A hierarchy, in the order in which its certificates can be issued."""

    development: bool
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What issuing needs beside the registry."""

    keys: KeyStore
    site: Site
    new_id: Callable[[str], str]
    """Makes an id with a prefix, ``cert`` or ``key``."""
    entropy: Callable[[int], bytes]
    """That many octets from a cryptographic random source."""


def parse_recipe(text: Mapping[str, Any]) -> Recipe:
    """Read a recipe.

    Raises:
        CeremonyRefused: something is missing or too long-lived, or a development name could look official.
    """
    try:
        members = tuple(_members(text))
        development = bool(text["development"])
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        message = f"the recipe is incomplete: {err}"
        raise CeremonyRefused(message) from err
    for member in members:
        profile = PROFILES[member.profile]
        if not timedelta(0) < member.validity <= profile.max_validity or member.kind not in profile.key_kinds:
            message = f"{member.service}: validity or key kind is not what {profile.validity_clause} allows"
            raise CeremonyRefused(message)
        # DESIGN §4: development certificates can never look official
        if development and _DEVELOPMENT_MARK not in (member.subject.name or ""):
            message = f"{member.service}: a development name says {_DEVELOPMENT_MARK}"
            raise CeremonyRefused(message)
    return Recipe(development=development, members=members)


def perform(recipe: Recipe, room: Room, open_registry: OpenRegistry, *, at: datetime) -> tuple[str, ...]:
    """Issue every member that is missing or due for renewal; return their services.

    Doing it twice does nothing. Authorities are made once and never renewed here: that is a decision.
    """
    if recipe.development != room.site.development:
        message = "recipe and site disagree about development"
        raise CeremonyRefused(message)
    with open_registry() as registry:
        due = [member for member in recipe.members if _is_due(member, registry, at)]
    made = {member.service: _make_key(member, room) for member in due}
    done: list[str] = []
    try:
        with open_registry() as registry:
            for member in due:
                if _is_due(member, registry, at):  # another process may have been faster
                    _issue_member(member, made[member.service], room, registry, at=at)
                    done.append(member.service)
    except Exception:  # whatever it was: nothing was recorded, so no key of this run is of any use
        done.clear()
        raise
    finally:
        for service in set(made) - set(done):
            room.keys.destroy(made[service].key_id)
    return tuple(done)


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewKey:
    key_id: str
    public_key: bytes


def _make_key(member: Member, room: Room) -> _NewKey:
    key_id = room.new_id("key")
    return _NewKey(key_id=key_id, public_key=room.keys.generate(key_id, member.kind))


def _issue_member(member: Member, key: _NewKey, room: Room, registry: Registry, *, at: datetime) -> None:
    profile = PROFILES[member.profile]
    if member.issuer is None:
        signatory = Signatory.itself(key.key_id, member.kind)
        not_after = at + member.validity
    else:
        authority = authority_of(member.issuer, registry)
        signatory = Signatory.of(authority)
        not_after = min(at + member.validity, authority.certificate.not_valid_after_utc)
    template = CertificateTemplate(
        profile=profile,
        subject=member.subject,
        public_key=key.public_key,
        serial=new_serial(room.entropy(16)),
        not_before=at,
        not_after=not_after,
        authority=member.authority,
    )
    holder = Holder(certificate_id=room.new_id("cert"), key_id=key.key_id, service=member.service)
    prepared = prepare(template, room.site, signatory)
    entry = record(prepared, holder, profile, registry, at=at, actor=SYSTEM)
    activate(holder.certificate_id, issue(entry, room.keys), registry, at=at, actor=SYSTEM)


def _is_due(member: Member, registry: Registry, at: datetime) -> bool:
    known = registry.by_service(member.service)
    if member.authority is not None:
        # a second root or authority is never made by a clock: not by one that went back, nor by one that ran on
        return not known
    newest = next((entry for entry in known if entry.status is CertificateStatus.ACTIVE), None)
    if newest is None:
        return True
    life = PROFILES[member.profile].key_use or newest.not_after - newest.not_before
    return at > newest.not_before + life * 2 / 3


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
            kind=KeyKind.EC_P256,
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
