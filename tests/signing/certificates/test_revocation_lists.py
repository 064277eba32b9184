import time
from datetime import timedelta

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.ca import authority_of
from signing.profiles import AuthorityName
from signing.revocation import CrlContent, RevokedEntry, build_crl
from tests.signing.certificates.hierarchy import AT, Samples


def build(samples: Samples, name: AuthorityName, entries: tuple[RevokedEntry, ...]) -> x509.CertificateRevocationList:
    authority = authority_of(name, samples.hierarchy.registry)
    site = samples.hierarchy.room.site
    content = CrlContent(
        number=7,
        this_update=AT,
        next_update=AT + timedelta(days=7),
        entries=entries,
        distribution_point=None if name is AuthorityName.ROOT else site.crl_url(name),
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


def test_the_scope_of_a_list_is_the_address_in_the_certificates(samples: Samples) -> None:
    crl = build(samples, AuthorityName.SECONDARY, ())
    point = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    assert point.critical
    assert point.value.only_contains_user_certs
    leaf = x509.load_der_x509_certificate(samples.records["org_seal_secondary"].der)
    pointer = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0]
    assert point.value.full_name == pointer.full_name


def test_a_roots_list_has_no_distribution_point(samples: Samples) -> None:
    crl = build(samples, AuthorityName.ROOT, ())
    with pytest.raises(x509.ExtensionNotFound):
        crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint)


REASONS = st.sampled_from([None, 1, 3, 4, 5, 6, 9])


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.integers(min_value=1, max_value=2**159), REASONS, max_size=12))
def test_every_entry_is_read_back_by_another_library(samples: Samples, entries: dict[int, int | None]) -> None:
    listed = tuple(
        RevokedEntry(serial=serial, revoked_at=AT - timedelta(hours=1), reason=reason)
        for serial, reason in entries.items()
    )
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
    crl = build(samples, AuthorityName.PERSONAL, (RevokedEntry(serial=9, revoked_at=AT, reason=0),))
    assert list(crl[0].extensions) == []


def test_the_work_grows_with_the_entries_and_not_faster(samples: Samples) -> None:
    def cost(count: int) -> float:
        entries = tuple(RevokedEntry(serial=(1 << 126) + n, revoked_at=AT, reason=1) for n in range(count))
        begin = time.process_time()
        build(samples, AuthorityName.PERSONAL, entries)
        return time.process_time() - begin

    cost(100)
    # a builder that copies its list for every entry needs 16 times as long for 4 times the entries
    assert cost(8000) < 10 * max(cost(2000), 0.005)
