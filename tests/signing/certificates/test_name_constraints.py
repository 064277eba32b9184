"""Our comparison of names with constraints and the library's say the same where the library can say anything."""

from ipaddress import ip_address, ip_network

import pytest
from asn1crypto import x509 as asn1_x509
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko_certvalidator import name_trees

from signing.keys.der import DerReader
from signing.validation import name_constraints
from signing.validation.general_names import read_base, read_name
from signing.validation.outline import name_key, read_outline
from tests.fakes.odd_certificates import directory, dns, email, leaf, name, other_name, root, seq, tlv, uri

LABEL = st.sampled_from(["a", "b", "A", "ab", "x_y"])
HOST = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
MAILBOX = st.builds("{}@{}".format, st.sampled_from(["u", "U", "v.w"]), HOST)
PAIRS = st.lists(
    st.tuples(st.sampled_from(["2.5.4.10", "2.5.4.11"]), st.sampled_from(["x", "X", " x  y ", "é", "É"])), max_size=3
)


def inside(base: bytes, one: bytes) -> bool:
    found, of = read_name(DerReader(one)), read_base(DerReader(base))
    return name_constraints._inside(found, name_constraints._trees(of.kind, [of]))


@given(base=HOST, host=HOST)
@settings(max_examples=200, deadline=None)
def test_hosts_compare_as_in_the_library(base: str, host: str) -> None:
    assert inside(dns(base), dns(host)) == name_trees.dns_tree_contains(base, host)


@given(base=st.one_of(MAILBOX, HOST, HOST.map(".{}".format)), mailbox=MAILBOX)
@settings(max_examples=200, deadline=None)
def test_mailboxes_compare_as_in_the_library(base: str, mailbox: str) -> None:
    assert inside(email(base), email(mailbox)) == name_trees.email_tree_contains(base, mailbox)


@given(base=st.one_of(HOST, HOST.map(".{}".format)), host=HOST, port=st.sampled_from(["", ":8443"]))
@settings(max_examples=200, deadline=None)
def test_addresses_of_the_web_compare_as_in_the_library(base: str, host: str, port: str) -> None:
    address = f"https://u@{host}{port}/p?q#f"
    assert inside(uri(base), uri(address)) == name_trees.uri_tree_contains(base, address)


@given(base=PAIRS, other=PAIRS)
@settings(max_examples=200, deadline=None)
def test_distinguished_names_compare_as_in_the_library(
    base: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    one, two = name(*base), name(*other)
    parsed = [asn1_x509.Name.load(value) for value in (one, two)]
    assert inside(directory(one), directory(two)) == name_trees.dirname_tree_contains(*parsed)
    assert (name_key(one) == name_key(two)) == (parsed[0] == parsed[1])


@given(number=st.integers(0, 2**32 - 1), network=st.integers(0, 2**32 - 1), bits=st.integers(0, 32))
@settings(max_examples=200, deadline=None)
def test_network_addresses_compare_as_in_the_standard_library(number: int, network: int, bits: int) -> None:
    net, one = ip_network((network, bits), strict=False), ip_address(number)
    base = tlv(0x87, net.network_address.packed, net.netmask.packed)
    assert inside(base, tlv(0x87, one.packed)) == (one in net)


@pytest.mark.parametrize(
    "broken",
    [b"", b"\x30\x80", seq(seq()), seq(b"\x31\x00"), name(("2.5.4.3", "x")) + b"\0", seq(tlv(0x31, b"\x05\x00"))],
)
def test_what_is_no_name_is_malformed(broken: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the class says it all
        name_key(broken)


def test_a_name_of_any_other_kind_is_read_and_compares_with_nothing() -> None:
    for odd in (other_name(), tlv(0x88, b"\x2a\x03"), tlv(0xA3), tlv(0xA5)):
        assert read_name(DerReader(odd)).value is None
        assert not inside(odd, odd)
    for bad in (tlv(0x84, b""), tlv(0x05), tlv(0xA9)):
        with pytest.raises(ValueError, match="general name"):
            read_name(DerReader(bad))


def test_an_outline_keeps_every_part_as_it_was_sent() -> None:
    plan = leaf(root())
    outline = read_outline(plan.der)
    assert (outline.der, outline.fault, outline.self_issued) == (plan.der, "", False)
    assert outline.subject == name_key(plan.subject)
    assert outline.tbs in plan.der
    with pytest.raises(ValueError, match="larger"):
        read_outline(b"\x30" * 70_000)
