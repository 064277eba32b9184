from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from signing.ca import (
    CeremonyAct,
    CeremonyStep,
    Holder,
    Room,
    authority_of,
    chain_of,
    credential_of,
    parse_recipe,
    perform,
    record,
    responder_of,
    service_credential,
)
from signing.errors import CeremonyRefused, CertificateNotUsable, IssuanceRefused, KeyUnavailable
from signing.identity import ProfileName
from signing.keys import KeyKind, KeyStore, SignatureAlgorithm
from signing.profiles import PROFILES, AuthorityName, Site
from signing.registry import CertificateStatus, MemoryRegistry, Registry
from tests.signing.certificates.hierarchy import AT, OFFICIAL, Hierarchy, Samples, new_hierarchy, recipe_text

Change = Callable[[dict[str, Any]], object]


def test_the_ceremony_makes_every_member_and_doing_it_twice_makes_nothing(fresh_hierarchy: Hierarchy) -> None:
    made = fresh_hierarchy
    services = ("ca:root", "ca:personal", "ca:secondary", "ocsp:personal", "ocsp:secondary", "tsa", "seal")
    assert all(len(made.registry.by_service(service)) == 1 for service in services)
    assert perform(parse_recipe(recipe_text()), made.room, made.open_registry, at=AT) == ()
    assert len(made.blobs.rows()) == len(services)


def test_short_lived_members_are_renewed_in_time_and_authorities_are_not(fresh_hierarchy: Hierarchy) -> None:
    made, recipe = fresh_hierarchy, parse_recipe(recipe_text())
    later = AT + timedelta(days=21)
    assert perform(recipe, made.room, made.open_registry, at=later) == ("ocsp:personal", "ocsp:secondary")
    assert perform(recipe, made.room, made.open_registry, at=later) == ()
    # the time-stamp key signs for one year; its certificate stays valid for five
    assert perform(recipe, made.room, made.open_registry, at=AT + timedelta(days=250)) == (
        "ocsp:personal",
        "ocsp:secondary",
        "tsa",
    )
    newest = service_credential("tsa", made.registry, at=AT + timedelta(days=251))
    assert newest.certificate == made.registry.by_service("tsa")[0].der


@pytest.mark.parametrize("days", [-400, 365 * 30])
def test_no_clock_makes_a_second_authority(fresh_hierarchy: Hierarchy, days: int) -> None:
    made, at = fresh_hierarchy, AT + timedelta(days=days)
    keys = len(made.blobs.rows())
    with suppress(IssuanceRefused):  # an authority that has ended issues nothing more
        perform(parse_recipe(recipe_text()), made.room, made.open_registry, at=at)
    for name in AuthorityName:
        assert len(made.registry.by_service(f"ca:{name.value}")) == 1
    assert len(made.blobs.rows()) == keys


def test_of_two_processes_that_begin_together_one_makes_the_hierarchy_and_no_key_is_left_over() -> None:
    recipe = parse_recipe(recipe_text())

    first = new_hierarchy()
    registry = first.registry
    calls = []

    @contextmanager
    def late() -> Iterator[Registry]:
        # the first look sees nothing yet, the second one what the other process made
        calls.append(1)
        yield MemoryRegistry() if len(calls) == 1 else registry

    before = len(first.blobs.rows())
    assert perform(recipe, first.room, late, at=AT) == ()
    assert len(first.blobs.rows()) == before


class _Crash(BaseException):
    """The process ends here."""


@dataclass
class _Interrupted:
    """A registry that ends the process before its n-th call of a method, as a kill would."""

    registry: MemoryRegistry
    method: str
    number: int

    @contextmanager
    def open(self) -> Iterator[Registry]:
        yield self  # type: ignore[misc] - it passes everything on

    def __getattr__(self, name: str) -> Any:
        if name == self.method:
            self.number -= 1
            if self.number < 0:
                raise _Crash
        return getattr(self.registry, name)


class _UnknownKeys:
    """The given store, watching what is signed while a registry is open."""

    def __init__(self, keys: KeyStore) -> None:
        self.keys, self.open, self.signed_inside, self.away = keys, 0, 0, False

    def generate(self, key_id: str, kind: KeyKind) -> bytes:
        self.signed_inside += self.open
        return self.keys.generate(key_id, kind)

    def public_key(self, key_id: str) -> bytes:
        return self.keys.public_key(key_id)

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        self.signed_inside += self.open
        if self.away:
            raise KeyUnavailable("the device is away")
        return self.keys.sign(key_id, data, algorithm)

    def destroy(self, key_id: str) -> None:
        self.signed_inside += self.open
        self.keys.destroy(key_id)


def _empty() -> Hierarchy:
    made = new_hierarchy()
    for key_id, _ in made.blobs.rows():
        made.blobs.remove(key_id)
    made.registry = MemoryRegistry()
    return made


SERVICES = ("ca:root", "ca:personal", "ca:secondary", "ocsp:personal", "ocsp:secondary", "tsa", "seal")


@pytest.mark.parametrize("number", range(len(SERVICES)))
@pytest.mark.parametrize("method", ["record", "activate"])
def test_a_run_that_was_killed_is_continued_and_makes_every_member_once(method: str, number: int) -> None:
    made, recipe = _empty(), parse_recipe(recipe_text())
    with pytest.raises(_Crash):
        perform(recipe, made.room, _Interrupted(made.registry, method, number).open, at=AT)
    recorded_at_the_crash = [entry.tbs for service in SERVICES for entry in made.registry.by_service(service)]
    perform(recipe, made.room, made.open_registry, at=AT + timedelta(hours=1))
    entries = [made.registry.by_service(service) for service in SERVICES]
    assert [len(found) for found in entries] == [1] * len(SERVICES)
    assert all(found[0].status is CertificateStatus.ACTIVE for found in entries)
    # what was recorded before the crash is what was signed after it
    assert recorded_at_the_crash == [found[0].tbs for found in entries][: len(recorded_at_the_crash)]
    assert {key_id for key_id, _ in made.blobs.rows()} == {found[0].key_id for found in entries}


def test_nothing_is_signed_or_made_while_the_registry_is_open() -> None:
    made = _empty()
    keys = _UnknownKeys(made.room.keys)

    @contextmanager
    def watched() -> Iterator[Registry]:
        keys.open += 1
        yield made.registry
        keys.open -= 1

    perform(parse_recipe(recipe_text()), replace(made.room, keys=keys), watched, at=AT)
    assert keys.signed_inside == 0


def test_a_device_that_goes_away_in_the_middle_is_waited_for_and_no_second_certificate_is_made() -> None:
    made, recipe = _empty(), parse_recipe(recipe_text())
    keys = _UnknownKeys(made.room.keys)
    keys.away = True
    room = replace(made.room, keys=keys)
    for _ in range(2):
        with pytest.raises(KeyUnavailable) as caught:
            perform(recipe, room, made.open_registry, at=AT)
        assert caught.value.retryable
    assert [entry.status for entry in made.registry.by_service("ca:root")] == [CertificateStatus.RECORDED]
    keys.away = False
    assert perform(recipe, room, made.open_registry, at=AT) == SERVICES
    assert len(made.registry.by_service("ca:root")) == 1


@pytest.mark.parametrize("cause", ["key gone", "recipe changed", "too old"])
def test_what_cannot_be_continued_is_voided_and_made_anew(cause: str) -> None:
    made, text, at = _empty(), recipe_text(), AT + timedelta(hours=1)
    # the second certificate signed by `perform` is the personal authority; the fourth the OCSP signer
    number = 3 if cause == "too old" else 1
    with pytest.raises(_Crash):
        perform(parse_recipe(text), made.room, _Interrupted(made.registry, "activate", number).open, at=AT)
    service = "ocsp:personal" if cause == "too old" else "ca:personal"
    (begun,) = made.registry.by_service(service)
    if cause == "key gone":
        made.room.keys.destroy(begun.key_id)
    elif cause == "recipe changed":
        text["authorities"]["personal"]["name"] += " 2"
    else:
        at = AT + timedelta(days=25)
    steps: list[CeremonyStep] = []
    perform(parse_recipe(text), made.room, made.open_registry, at=at, witness=steps.append)
    assert made.registry.get(begun.certificate_id).status is CertificateStatus.VOIDED
    assert [entry.status for entry in made.registry.by_service(service) if entry != begun].count(
        CertificateStatus.ACTIVE
    ) == 1
    assert begun.key_id not in {key_id for key_id, _ in made.blobs.rows()}
    acts = [step.act for step in steps if step.service == service]
    destroyed = [] if cause == "key gone" else [CeremonyAct.KEY_DESTROYED]
    assert acts == [CeremonyAct.VOIDED, *destroyed, CeremonyAct.KEY_MADE, CeremonyAct.RECORDED, CeremonyAct.SIGNED]


def test_two_that_sign_the_same_record_leave_one_certificate() -> None:
    made, recipe = _empty(), parse_recipe(recipe_text())
    with pytest.raises(_Crash):
        perform(recipe, made.room, _Interrupted(made.registry, "activate", 0).open, at=AT)
    others: list[tuple[str, ...]] = []
    faster = _Interrupted(made.registry, "none", 0)

    class Slow(_UnknownKeys):
        """While it signs, the other process finishes."""

        def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
            if not others:
                others.append(())
                others[0] = perform(recipe, made.room, faster.open, at=AT)
            return super().sign(key_id, data, algorithm)

    assert perform(recipe, replace(made.room, keys=Slow(made.room.keys)), made.open_registry, at=AT) == ()
    assert others == [SERVICES]
    (root,) = made.registry.by_service("ca:root")
    assert root.status is CertificateStatus.ACTIVE
    assert (
        authority_of(AuthorityName.PERSONAL, made.registry).certificate.verify_directly_issued_by(
            authority_of(AuthorityName.ROOT, made.registry).certificate
        )
        is None
    )


def test_a_failed_lint_leaves_no_key(fresh_hierarchy: Hierarchy) -> None:
    made, keys = fresh_hierarchy, len(fresh_hierarchy.blobs.rows())
    steps: list[CeremonyStep] = []
    with pytest.raises(IssuanceRefused):  # every authority has ended
        perform(
            parse_recipe(recipe_text()),
            made.room,
            made.open_registry,
            at=AT + timedelta(days=365 * 30),
            witness=steps.append,
        )
    assert len(made.blobs.rows()) == keys
    assert [step.act for step in steps] == [CeremonyAct.KEY_MADE, CeremonyAct.KEY_DESTROYED]


def test_keys_of_the_hierarchy_carry_the_prefix_of_resident_keys(fresh_hierarchy: Hierarchy) -> None:
    assert all(key_id.startswith("hsm_") for key_id, _ in fresh_hierarchy.blobs.rows())


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.pop("organisation"),
        lambda text: text.pop("timestamp"),
        lambda text: text["authorities"].pop("secondary"),
        lambda text: text["authorities"]["root"].update(years=26),
        lambda text: text["authorities"]["root"].update(years="mười"),
        lambda text: text["authorities"]["root"].update(key="rsa_512"),
        lambda text: text["authorities"]["root"].update(key="ec_p256"),
        lambda text: text["ocsp"].update(days=31),
        lambda text: text["ocsp"].update(days=0),
        lambda text: text["timestamp"].update(years=6),
        lambda text: text["authorities"]["personal"].update(name="CA cá nhân tỉnh Quảng Ninh"),
        lambda text: text["seal"].update(name="Nền tảng ký số"),
        lambda text: text.update(authorities=None),
    ],
)
def test_a_recipe_that_lacks_exceeds_or_pretends_is_refused(recipe: dict[str, Any], change: Change) -> None:
    change(recipe)
    with pytest.raises(CeremonyRefused) as caught:
        parse_recipe(recipe)
    assert caught.value.code == "CA_CEREMONY_REFUSED"


def test_a_development_recipe_is_not_performed_on_another_site(fresh_hierarchy: Hierarchy) -> None:
    room = Room(
        keys=fresh_hierarchy.room.keys,
        site=Site(base_url="http://pki.example.vn", development=False),
        new_id=fresh_hierarchy.room.new_id,
        entropy=fresh_hierarchy.room.entropy,
    )
    with pytest.raises(CeremonyRefused):
        perform(parse_recipe(recipe_text()), room, fresh_hierarchy.open_registry, at=AT)


def test_every_name_of_the_development_hierarchy_says_so(samples: Samples) -> None:
    for kind, entry in samples.records.items():
        if entry.service is not None:
            assert "DEV" in entry.common_name, kind


def test_without_a_ceremony_there_is_no_authority() -> None:
    with pytest.raises(CeremonyRefused):
        authority_of(AuthorityName.ROOT, MemoryRegistry())


def test_a_chain_ends_at_the_root(samples: Samples) -> None:
    registry = samples.hierarchy.registry
    root = samples.records["ca:root"].der
    assert chain_of("personal", registry) == (samples.records["ca:personal"].der, root)
    assert chain_of("root", registry) == (root,)
    assert authority_of(AuthorityName.ROOT, registry).credential.chain == ()
    assert credential_of(samples.records["tsa"], registry).chain == (root,)


def test_a_credential_signs_with_the_algorithm_of_its_key(samples: Samples) -> None:
    registry = samples.hierarchy.registry
    found = {
        kind: credential_of(samples.records[kind], registry).algorithm for kind in ("personal", "service", "citizen")
    }
    assert found == {
        "personal": SignatureAlgorithm.ECDSA_SHA256,
        "service": SignatureAlgorithm.ECDSA_SHA384,
        "citizen": SignatureAlgorithm.RSASSA_PSS_SHA256,
    }


def test_what_was_never_signed_is_no_credential(fresh_hierarchy: Hierarchy) -> None:

    key_id, prepared = fresh_hierarchy.prepared(ProfileName.PERSONAL, OFFICIAL)
    holder = Holder(certificate_id="c1", key_id=key_id)
    record(prepared, holder, PROFILES[ProfileName.PERSONAL], fresh_hierarchy.registry, at=AT, actor="a")
    with pytest.raises(CertificateNotUsable) as caught:
        credential_of(fresh_hierarchy.registry.get("c1"), fresh_hierarchy.registry)
    assert caught.value.code == "CERT_NOT_USABLE"


def test_a_responder_that_has_run_out_answers_no_more(samples: Samples) -> None:
    with pytest.raises(CertificateNotUsable):
        responder_of(AuthorityName.PERSONAL, samples.hierarchy.registry, at=AT + timedelta(days=31))
