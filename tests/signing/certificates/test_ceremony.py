from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from signing.ca import (
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
from signing.errors import CeremonyRefused, CertificateNotUsable, IssuanceRefused
from signing.identity import ProfileName
from signing.keys import SignatureAlgorithm
from signing.profiles import PROFILES, AuthorityName, Site
from signing.registry import MemoryRegistry, Registry
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
