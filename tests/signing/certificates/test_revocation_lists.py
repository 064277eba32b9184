"""Revocation lists and their shards: what we write is read back by another library."""

import collections
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.ca import authority_of, new_serial
from signing.identity import ProfileName
from signing.profiles import AuthorityName
from signing.revocation import CrlContent, Entry, build_crl, encode_entries, shard_for, shard_in, shard_of
from tests.signing.certificates.hierarchy import AGENCY, AT, Samples, new_hierarchy

NOW_S = int(AT.timestamp())


def build(
    samples: Samples, name: AuthorityName, entries: tuple[Entry, ...], *, point: str | None = None, **more: Any
) -> x509.CertificateRevocationList:
    authority = authority_of(name, samples.hierarchy.registry)
    content = CrlContent(
        number=7,
        this_update=AT,
        next_update=AT + timedelta(days=7),
        entries=encode_entries(entries),
        distribution_point=point,
        **more,
    )
    return x509.load_der_x509_crl(build_crl(content, authority.credential, samples.hierarchy.room.keys))


def test_an_empty_list_says_so_by_saying_nothing(samples: Samples) -> None:
    crl = build(samples, AuthorityName.PERSONAL, ())
    assert len(crl) == 0
    assert crl.next_update_utc == AT + timedelta(days=7)
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7
    assert crl.is_signature_valid(
        authority_of(AuthorityName.PERSONAL, samples.hierarchy.registry).certificate.public_key()
    )


def test_the_scope_of_a_shard_is_the_address_in_its_certificates() -> None:
    hierarchy = new_hierarchy(crl_shards=8)
    record = hierarchy.issued(ProfileName.ORG_SEAL, AGENCY)
    leaf = x509.load_der_x509_certificate(record.der or b"")
    pointer = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0]
    assert record.crl_shard == record.serial % 8 == shard_in(record.der or b"")
    site = hierarchy.room.site
    samples = Samples(hierarchy=hierarchy, records={})
    crl = build(samples, AuthorityName.PERSONAL, (), point=site.crl_url("personal", record.crl_shard))
    point = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    assert point.critical
    assert point.value.only_contains_user_certs
    assert point.value.full_name == pointer.full_name


def test_without_shards_and_at_the_root_every_pointer_leads_to_the_full_list(samples: Samples) -> None:
    for kind, address in (("org_seal_secondary", "secondary.crl"), ("ca:personal", "root.crl"), ("tsa", "root.crl")):
        leaf = x509.load_der_x509_certificate(samples.records[kind].der)
        pointer = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0]
        assert [name.value for name in pointer.full_name] == [f"http://pki.example.vn/pki/{address}"]
        assert samples.records[kind].crl_shard is None
    hierarchy = new_hierarchy(crl_shards=8)
    assert hierarchy.registry.by_service("ca:personal")[0].crl_shard is None
    assert hierarchy.registry.by_service("ocsp:personal")[0].crl_shard is None  # it has no pointer at all


@given(st.integers(min_value=1, max_value=2**159), st.integers(min_value=0, max_value=12))
def test_the_shard_of_a_serial_is_one_of_them_and_another_number_of_shards_refines_it(serial: int, power: int) -> None:
    shards = 1 << power
    shard = shard_of(serial, shards)
    assert 0 <= shard < shards
    assert shard_of(serial, max(1, shards // 2)) == shard % max(1, shards // 2)
    assert shard_for("root", serial, shards) is None
    assert shard_for("personal", serial, shards) == (None if shards == 1 else shard)


@pytest.mark.parametrize("shards", [0, -1, 3, 12, 8192])
def test_another_number_of_shards_is_refused(shards: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        shard_of(5, shards)


def test_shards_share_random_serials_evenly() -> None:
    counts = collections.Counter(shard_of(new_serial(secrets.token_bytes(16)), 8) for _ in range(8000))
    assert set(counts) == set(range(8))
    assert max(counts.values()) < 1250  # 1000 expected; more than 8 standard deviations away


@pytest.mark.parametrize("name", [AuthorityName.ROOT, AuthorityName.PERSONAL])
def test_a_list_of_everything_has_no_distribution_point(samples: Samples, name: AuthorityName) -> None:
    crl = build(samples, name, ())
    with pytest.raises(x509.ExtensionNotFound):
        crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint)


def test_a_delta_says_critically_what_it_continues_and_what_leaves(samples: Samples) -> None:
    crl = build(samples, AuthorityName.PERSONAL, ((5, NOW_S, 8), (6, NOW_S, 6)), base_number=3)
    indicator = crl.extensions.get_extension_for_class(x509.DeltaCRLIndicator)
    assert (indicator.critical, indicator.value.crl_number) == (True, 3)
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7
    reasons = {line.serial_number: line.extensions[0].value.reason for line in crl}
    assert reasons == {5: x509.ReasonFlags.remove_from_crl, 6: x509.ReasonFlags.certificate_hold}


def test_a_complete_list_says_where_its_deltas_are_without_being_critical(samples: Samples) -> None:
    address = samples.hierarchy.room.site.delta_url("personal", 3)
    crl = build(samples, AuthorityName.PERSONAL, (), freshest=address)
    freshest = crl.extensions.get_extension_for_class(x509.FreshestCRL)
    assert not freshest.critical
    assert [name.value for name in freshest.value[0].full_name] == ["http://pki.example.vn/pki/personal/3-delta.crl"]


REASONS = st.sampled_from([None, 1, 3, 4, 5, 6, 9])


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.integers(min_value=1, max_value=2**159), REASONS, max_size=12))
def test_every_entry_is_read_back_by_another_library(samples: Samples, entries: dict[int, int | None]) -> None:
    listed = tuple((serial, NOW_S - 3600, reason) for serial, reason in entries.items())
    crl = build(samples, AuthorityName.PERSONAL, listed)
    assert {line.serial_number for line in crl} == set(entries)
    for line in crl:
        reasons = [extension.value.reason for extension in line.extensions]
        wanted = entries[line.serial_number]
        codes = {1: "key_compromise", 3: "affiliation_changed", 4: "superseded", 5: "cessation_of_operation"}
        names = codes | {6: "certificate_hold", 9: "privilege_withdrawn"}
        assert [reason.name for reason in reasons] == ([] if wanted is None else [names[wanted]])
        assert line.revocation_date_utc == AT - timedelta(hours=1)


def test_unspecified_is_left_out(samples: Samples) -> None:
    crl = build(samples, AuthorityName.PERSONAL, ((9, NOW_S, 0),))
    assert list(crl[0].extensions) == []


@settings(max_examples=60, deadline=None)
@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2099, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - the strategy adds the zone
def test_every_moment_is_read_back_to_the_second(samples: Samples, at: datetime) -> None:
    crl = build(samples, AuthorityName.PERSONAL, ((9, int(at.timestamp()), None),))
    assert crl[0].revocation_date_utc == at.replace(microsecond=0)


def test_the_work_grows_with_the_entries_and_not_faster(samples: Samples) -> None:
    def cost(count: int) -> float:
        entries = tuple(((1 << 126) + n, NOW_S, 1) for n in range(count))
        begin = time.process_time()
        build(samples, AuthorityName.PERSONAL, entries)
        return time.process_time() - begin

    cost(100)
    # a builder that copies its list for every entry needs 16 times as long for 4 times the entries
    assert cost(8000) < 10 * max(cost(2000), 0.005)
