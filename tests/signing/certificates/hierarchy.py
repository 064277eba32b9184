"""A whole hierarchy in memory, made once by the ceremony of `certs-dev/pki.yml`, that issues to anybody who asks."""

import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from signing.ca import (
    STANDARD,
    CertificateTemplate,
    Holder,
    PreparedCertificate,
    Room,
    Signatory,
    activate,
    authority_of,
    choose_generation,
    issue,
    new_serial,
    parse_recipe,
    perform,
    prepare,
    record,
)
from signing.identity import AgencySubject, PersonSubject, ProfileName, Scope, Subject
from signing.keys import KeyKind, MemoryBlobs, SoftwareKeyStore
from signing.lint import Primary
from signing.profiles import PROFILES, AuthorityName, Profile, Site
from signing.registry import CertificateRecord, MemoryRegistry, Registry

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
RECIPE = Path(__file__).parents[3] / "certs-dev" / "pki.yml"

OFFICIAL = PersonSubject(
    name="Nguyễn Thị Ánh",
    personal_id="022185000001",
    organisation="Ủy ban nhân dân phường Yên Giang",
    org_code="H49.61.07",
    title="Phó Chủ tịch",
)
CITIZEN = PersonSubject(name="Trần Văn Bình", personal_id="022090000002")
AGENCY = AgencySubject(organisation="Ủy ban nhân dân phường Yên Giang", org_code="H49.61.07")
SERVICE = AgencySubject(organisation="Anso DEV", org_code="ANSO-DEV", name="Anso DEV - dịch vụ")


@dataclass
class Hierarchy:
    """What tests ask for."""

    room: Room
    registry: MemoryRegistry
    blobs: MemoryBlobs
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @contextmanager
    def open_registry(self) -> Iterator[Registry]:
        yield self.registry

    def template(
        self, profile: Profile, subject: Subject, *, kind: KeyKind = KeyKind.EC_P256, **more: Any
    ) -> tuple[str, CertificateTemplate]:
        key_id = f"key-{next(self.numbers)}"
        public_key = self.room.keys.generate(key_id, kind)
        values = {
            "profile": profile,
            "subject": subject,
            "public_key": public_key,
            "serial": new_serial(secrets.token_bytes(16)),
            "not_before": AT,
            "not_after": AT + min(profile.max_validity, timedelta(days=365)),
        }
        return key_id, CertificateTemplate(**(values | more))

    def signatory(self, name: AuthorityName) -> Signatory:
        return Signatory.of(authority_of(name, self.registry))

    def prepared(self, name: ProfileName, subject: Subject, **more: Any) -> tuple[str, PreparedCertificate]:
        primary = more.pop("primary", None)
        key_id, template = self.template(PROFILES[name], subject, **more)
        prepared = prepare(template, self.room.site, self.signatory(PROFILES[name].issuers[0]), primary=primary)
        return key_id, prepared

    def issued(self, name: ProfileName, subject: Subject, **more: Any) -> CertificateRecord:
        key_id, prepared = self.prepared(name, subject, **more)
        holder = Holder(certificate_id=f"cert-{key_id}", key_id=key_id)
        entry = record(prepared, holder, PROFILES[name], self.registry, at=AT, actor="tester")
        return activate(holder.certificate_id, issue(entry, self.room.keys), self.registry, at=AT, actor="tester")

    def secondary(self, primary: CertificateRecord, **more: Any) -> CertificateRecord:
        """A second seal below `primary`."""
        values = {
            "ordinal": 2,
            "primary_sha256": primary.sha256,
            "scope": Scope.parse(places=["H49.61.90"]),
            "primary": as_primary(primary),
        }
        subject = AgencySubject(organisation=AGENCY.organisation, org_code=AGENCY.org_code, unit="Trung tâm PVHCC")
        return self.issued(ProfileName.ORG_SEAL_SECONDARY, subject, **(values | more))


def as_primary(record: CertificateRecord) -> Primary:
    return Primary(sha256=record.sha256 or "", scope=record.scope, not_after=record.not_after)


def new_hierarchy(at: datetime = AT, *, crl_shards: int = 1, generation: str = STANDARD) -> Hierarchy:
    blobs = MemoryBlobs()
    counter = itertools.count(1)
    room = Room(
        keys=SoftwareKeyStore(blobs, secrets.token_bytes(32)),
        site=Site(base_url="http://pki.example.vn", development=True, crl_shards=crl_shards),
        new_id=lambda prefix: f"{prefix}_{next(counter):06d}",
        entropy=secrets.token_bytes,
    )
    made = Hierarchy(room=room, registry=MemoryRegistry(), blobs=blobs)
    perform(parse_recipe(choose_generation(recipe_text(), generation)), room, made.open_registry, at=at)
    return made


def recipe_text() -> dict[str, Any]:
    return yaml.safe_load(RECIPE.read_text(encoding="utf-8"))


@dataclass(frozen=True, repr=False)  # hypothesis prints its arguments: this one would fill pages
class Samples:
    """One certificate of every kind, issued once."""

    hierarchy: Hierarchy
    records: dict[str, CertificateRecord]


def make_samples() -> Samples:
    """One certificate of every kind."""
    made = new_hierarchy()
    seal = made.issued(ProfileName.ORG_SEAL, AGENCY)
    personal = made.issued(ProfileName.PERSONAL, OFFICIAL)
    citizen = made.issued(ProfileName.CITIZEN, CITIZEN, kind=KeyKind.RSA_3072)
    linked = {"ordinal": 2, "scope": Scope.parse(procedures=["9.000001"])}
    records = {
        "org_seal": seal,
        "org_seal_secondary": made.secondary(seal),
        "personal": personal,
        "personal_secondary": made.issued(
            ProfileName.PERSONAL_SECONDARY,
            OFFICIAL,
            primary_sha256=personal.sha256,
            primary=as_primary(personal),
            **linked,
        ),
        "citizen": citizen,
        "citizen_secondary": made.issued(
            ProfileName.CITIZEN_SECONDARY,
            CITIZEN,
            primary_sha256=citizen.sha256,
            primary=as_primary(citizen),
            **linked,
        ),
        "service": made.issued(ProfileName.SERVICE, SERVICE, kind=KeyKind.EC_P384),
    }
    for service in ("ca:root", "ca:personal", "ca:secondary", "ocsp:personal", "ocsp:secondary", "tsa", "seal"):
        records[service] = made.registry.by_service(service)[0]
    return Samples(hierarchy=made, records=records)
