"""Nothing that a stranger sends makes the path check slow, crash or believe it."""

# ruff: noqa: F403, F405, E501 - the cases are written in the fake's vocabulary, one to a line

import itertools
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.validation.path import PathOutcome, check_path
from tests.fakes.odd_certificates import *
from tests.fakes.odd_certificates import Plan

MAX_CPU_S = 3.0 if sys.gettrace() is None else 6.0  # far below work without end, far above a slow machine
ROOT = root()
CA = authority(ROOT)
LEAF = leaf(CA)
Given = tuple[bytes, list[bytes], list[bytes], list[bytes]]


def asked(given: Given, *, ocsps: tuple[bytes, ...] = (), status: bool = False) -> PathOutcome:
    end, others, roots, lists = given
    begun = time.process_time()
    outcome = check_path(end, others, roots, lists, AT, revocation=status, ocsps=ocsps)
    spent = time.process_time() - begun
    assert spent < MAX_CPU_S, f"{spent:.2f} s: {outcome.reason}"
    return outcome


def same_subject(count: int, *, one_key: bool, anchored: bool) -> Given:
    """Authorities with one name that all certify each other."""
    keys = ["clique0"] * count if one_key else [f"clique{n}" for n in range(count)]
    shared = common("clique")
    others = []
    for n, (one, other) in enumerate(itertools.product(keys, keys)):
        plan = authority(ROOT, one).but(subject=shared, issuer=shared, signing_key=other, serial=number(1000 + n))
        others.append(plan.has(authority_key(other)).der)
    if anchored:
        others.append(authority(ROOT, keys[0]).but(subject=shared).der)
    end = leaf(authority(ROOT, keys[-1]).but(subject=shared))
    return end.der, others, [ROOT.der], []


def clique(count: int) -> Given:
    """Authorities with names of their own that all certify each other; no root among them."""
    plans = [authority(ROOT, f"member{n}") for n in range(count)]
    others = [
        authority(one, f"member{m}").but(serial=number(1 + n * count + m)).der
        for n, one in enumerate(plans)
        for m in range(count)
        if n != m
    ]
    return leaf(plans[0]).der, others, [ROOT.der], []


@pytest.mark.parametrize(("count", "one_key"), [(8, True), (12, True), (8, False), (12, False)])
@pytest.mark.parametrize("anchored", [True, False])
def test_authorities_of_one_name_cost_no_blow_up(count: int, one_key: bool, anchored: bool) -> None:  # noqa: FBT001
    outcome = asked(same_subject(count, one_key=one_key, anchored=anchored))
    assert outcome.ok is anchored, outcome.reason


@pytest.mark.parametrize("count", [8, 12])
def test_a_clique_of_cross_signed_authorities_costs_no_blow_up(count: int) -> None:
    assert not asked(clique(count)).ok
    end, others, roots, lists = clique(count)
    assert asked((end, [*others, authority(ROOT, "member7").der], roots, lists)).ok


@cache
def chain(length: int) -> tuple[bytes, tuple[bytes, ...]]:
    above, found = ROOT, []
    for n in range(length):
        above = authority(above, f"deep{n}")
        found.append(above.der)
    return leaf(above).der, tuple(found)


@pytest.mark.parametrize(("length", "good"), [(10, True), (15, True), (16, False), (60, False)])
def test_a_chain_has_a_greatest_depth(length: int, good: bool) -> None:  # noqa: FBT001
    end, others = chain(length)
    for order in (others, others[::-1]):
        assert asked((end, list(order), [ROOT.der], [])).ok is good


def test_thousands_of_strangers_do_not_hide_the_right_authority() -> None:
    strangers = [authority(ROOT, "x").but(subject=common(f"s{n}"), serial=number(n + 1)).der for n in range(40)]
    heap = [s[:-1] + bytes([n % 256]) + bytes(0) for n in range(75) for s in strangers]
    assert len(set(heap)) > 2_500
    assert asked((LEAF.der, [*heap, CA.der], [ROOT.der], [])).ok


def test_thousands_of_look_alikes_end_in_an_answer() -> None:
    forged = CA.der[:-4]
    heap = [forged + n.to_bytes(4, "big") for n in range(3_000)]
    assert asked((LEAF.der, [CA.der, *heap], [ROOT.der], [])).failure in {None, "budget", "bad_signature"}
    assert not asked((LEAF.der, heap, [ROOT.der], [])).ok


@pytest.mark.parametrize("where", ["root", "authority"])
@pytest.mark.parametrize("count", [200, 2_000])
@pytest.mark.parametrize("kind", ["dns", "directory", "address"])
def test_names_and_constraints_do_not_multiply(where: str, count: int, kind: str) -> None:
    make: Callable[[int], bytes] = {
        "dns": lambda n: dns(f"h{n}.example.vn"),
        "directory": lambda n: directory(common(f"h{n}")),
        "address": lambda n: address(10, 0, n // 256, n % 256),
    }[kind]
    limit: Callable[[int], bytes] = (lambda n: network(f"10.0.{n // 256}.{n % 256}/32")) if kind == "address" else make
    limits = constraints(tuple(map(limit, range(count))), tuple(map(limit, range(count, 2 * count))))
    top, ca = (ROOT.has(limits), CA) if where == "root" else (ROOT, CA.has(limits))
    end = leaf(CA, "leaf", *map(make, range(count))).but(subject=seq())
    end = end.has((ALTERNATIVE, True, seq(*map(make, range(count)))))
    outcome = asked((end.der, [ca.der], [top.der], []))
    small = count == 200
    # 400 directory names are more than a certificate may have elements.
    assert outcome.ok is (small and kind != "directory"), outcome.reason


def mapped(depth: int, width: int) -> Given:
    """Every authority maps each policy to all others: the tree of CVE-2023-0464 doubles at each step."""
    oids = [f"1.3.6.1.4.1.32473.2.{n}" for n in range(width)]
    pairs = tuple(itertools.product(oids, oids))
    above, others = ROOT, []
    for n in range(depth):
        above = authority(above, f"map{n}").has(policies(*oids), mappings(*pairs))
        others.append(above.der)
    end = leaf(above).has(policies(*oids))
    return end.der, others, [ROOT.der], []


@pytest.mark.parametrize(("depth", "width"), [(8, 2), (12, 4), (15, 8), (4, 30)])
def test_policy_mappings_do_not_grow_without_end(depth: int, width: int) -> None:
    end, others, roots, lists = mapped(depth, width)
    begun = time.process_time()
    for explicit in (True, False):
        check_path(end, others, roots, lists, AT, revocation=False, params={"initial_explicit_policy": explicit})
    assert time.process_time() - begun < 2 * MAX_CPU_S


def test_a_thousand_policies_cost_little() -> None:
    many = policies(*(f"1.3.6.1.4.1.32473.3.{n}" for n in range(1_000)))
    above, others = ROOT, []
    for n in range(8):
        above = authority(above, f"wide{n}").has(many)
        others.append(above.der)
    asked((leaf(above).has(many).der, others, [ROOT.der], []))


@cache
def rsa_key(bits: int, exponent: int) -> bytes:
    """A public key of that size; nobody has the private one."""
    modulus = (1 << (bits - 1)) | (1 << (bits // 2)) | 0x10001
    return rsa.RSAPublicNumbers(exponent, modulus).public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip


RSA_SHA256 = "1.2.840.113549.1.1.11"


@pytest.mark.parametrize(
    ("bits", "exponent"), [(2_048, 65_537), (16_384, 65_537), (3_072, (1 << 2_000) + 1), (2_048, (1 << 60) + 1)]
)
def test_huge_rsa_keys_cost_little(bits: int, exponent: int) -> None:
    heap = [CA.but(spki=rsa_key(bits, exponent), serial=number(n + 2)).without(SUBJECT_KEY).has(
        (SUBJECT_KEY, False, tlv(0x04, key_id("ca")))).der for n in range(60)]  # fmt: skip
    end = LEAF.but(inner_algorithm=RSA_SHA256, outer_algorithm=RSA_SHA256).der
    body = end.rindex(b"\x03")  # the signature is what an RSA signature of that size is
    del body
    assert not asked((end, heap, [ROOT.der], [])).ok


def raw_rsa(bits: int, exponent: int) -> bytes:
    info = seq(oid("1.2.840.113549.1.1.1"), b"\x05\x00")
    return seq(info, tlv(0x03, b"\0", seq(number((1 << bits) - 5), number(exponent))))


def explicit_curve() -> bytes:
    prime = (1 << 4_000) - 3
    parameters = seq(
        number(1), seq(oid("1.2.840.10045.1.1"), number(prime)), seq(tlv(0x04, b"\1" * 500), tlv(0x04, b"\2" * 500)),
        tlv(0x04, b"\4" + b"\3" * 1_000), number(prime - 2),
    )  # fmt: skip
    return seq(seq(oid("1.2.840.10045.2.1"), parameters), tlv(0x03, b"\0\4" + b"\5" * 1_000))


def dsa(bits: int) -> bytes:
    parameters = seq(number((1 << bits) - 3), number((1 << 256) - 189), number(2))
    return seq(seq(oid("1.2.840.10040.4.1"), parameters), tlv(0x03, b"\0", number(5)))


STRANGE_KEYS = {
    "rsa-65536": raw_rsa(65_536, 65_537),
    "rsa-16384": raw_rsa(16_383, 65_537),
    "rsa-exponent-of-16384": raw_rsa(16_383, (1 << 16_000) + 1),
    "rsa-exponent-zero": raw_rsa(2_047, 0),
    "rsa-modulus-one": raw_rsa(1, 3),
    "explicit-curve": explicit_curve(),
    "dsa-2048": dsa(2_048),
    "dsa-16384": dsa(16_384),
    "brainpool-512": ec.generate_private_key(ec.BrainpoolP512R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "empty": seq(),
}  # fmt: skip


@pytest.mark.parametrize("kind", STRANGE_KEYS)
@pytest.mark.parametrize("algorithm", [ECDSA_SHA256, RSA_SHA256, "2.16.840.1.101.3.4.3.2", "1.2.840.113549.1.1.10"])
def test_strange_keys_cost_little_and_convince_nobody(kind: str, algorithm: str) -> None:
    authorities = [CA.but(spki=STRANGE_KEYS[kind], serial=number(n + 2)).der for n in range(60)]
    end = LEAF.but(inner_algorithm=algorithm, outer_algorithm=algorithm).der
    assert not asked((end, authorities, [ROOT.der], [])).ok
    assert not asked((end, [], [ROOT.but(subject=CA.subject, spki=STRANGE_KEYS[kind]).der], [])).ok
    asked((LEAF.but(spki=STRANGE_KEYS[kind]).der, [CA.der], [ROOT.der], []))


def giant(pairs: int, size: int) -> bytes:
    return name(*((f"2.5.4.{n % 60 + 3}", "x" * size) for n in range(pairs)))


@pytest.mark.parametrize(("pairs", "size"), [(1, 60_000), (3_000, 5), (90, 20), (250, 3)])
def test_giant_names_cost_little(pairs: int, size: int) -> None:
    big = giant(pairs, size)
    heap = [CA.but(subject=big, serial=number(n + 2)).der for n in range(200)]
    asked((LEAF.but(issuer=big).der, heap, [ROOT.der], []))
    asked((LEAF.but(subject=big).der, [CA.der, *heap], [ROOT.der], []))
    asked((LEAF.der, [CA.der], [ROOT.but(subject=big, issuer=big).der], []))


def test_an_extension_of_many_small_parts_costs_little() -> None:
    for oid_of, value in (
        (LIST_POINTS, seq(*[seq()] * 15_000)),
        (POLICIES, seq(*[seq()] * 15_000)),
        (ACCESS, seq(*[seq()] * 9_000)),
    ):
        heap = [CA.has((oid_of, False, value)).but(serial=number(n + 2)).der for n in range(30)]
        asked((LEAF.der, heap, [ROOT.der], []))
        asked((LEAF.has((oid_of, False, value)).der, [CA.der], [ROOT.der], []))


@cache
def entries(count: int, start: int = 1 << 64) -> tuple[bytes, ...]:
    when = utc(AT - timedelta(days=3))
    reason = seq(seq(oid("2.5.29.21"), tlv(0x04, tlv(0x0A, b"\1"))))
    return tuple(seq(number(start + n), when, reason) for n in range(count))


def test_a_list_of_a_hundred_thousand_entries_is_searched_fast() -> None:
    end = leaf(ROOT)
    long = list_of(ROOT, *entries(100_000)).der
    assert asked((end.der, [], [ROOT.der], [long]), status=True).ok
    hit = list_of(ROOT, *entries(100_000), entry(end.serial)).der
    assert asked((end.der, [], [ROOT.der], [hit]), status=True).failure == "revoked"
    decoy = entry(number(3), AT, ("1.3.6.1.4.1.32473.5", False, end.serial))
    assert asked((end.der, [], [ROOT.der], [list_of(ROOT, decoy, *entries(100_000)).der]), status=True).ok


def test_many_lists_and_lists_of_garbage_cost_little() -> None:
    end = leaf(ROOT)
    good = [
        list_of(ROOT, *entries(300, start=n << 70), extensions=((CRL_NUMBER, False, number(n)),)).der
        for n in range(1, 200)
    ]
    asked((end.der, [], [ROOT.der], good), status=True)
    forged = [one[:-3] + bytes([n, 0, 1]) for n, one in enumerate(good[:100])]
    assert not asked((end.der, [], [ROOT.der], forged), status=True).ok
    tiny = list_of(ROOT, *[seq(number(5), utc(AT))] * 400_000).der
    asked((end.der, [], [ROOT.der], [tiny] * 3), status=True)
    asked((end.der, [], [ROOT.der], [list_of(ROOT, seq()).der, list_of(ROOT, b"\x30\x84\xff").der]), status=True)


def test_many_signers_of_lists_that_need_each_other_end_in_an_answer() -> None:
    """Each authority for lists needs a status itself, from any of the others: a tree of their number's factorial."""
    signers = [
        Plan(CA.subject, ROOT.subject, f"signer{n}", "root", (usage(CRL_SIGN), subject_key(f"signer{n}"), authority_key("root")),
             number(50 + n))
        for n in range(12)
    ]  # fmt: skip
    top = [Plan(ROOT.subject, ROOT.subject, f"top{n}", "root", (usage(CRL_SIGN), subject_key(f"top{n}"), authority_key("root")), number(90 + n)) for n in range(12)]  # fmt: skip
    lists = [list_of(CA, signing_key=s.own_key).der for s in signers] + [
        list_of(ROOT, signing_key=t.own_key).der for t in top
    ]
    asked((LEAF.der, [CA.der, *(s.der for s in (*signers, *top))], [ROOT.der], lists), status=True)


def test_ocsp_answers_of_garbage_cost_little() -> None:
    heavy = seq(tlv(0x0A, b"\0"), tlv(0xA0, seq(oid("1.3.6.1.5.5.7.48.1.1"), tlv(0x04, seq(*[seq()] * 40_000)))))
    asked((LEAF.der, [CA.der], [ROOT.der], []), ocsps=tuple(heavy + b"" for _ in range(64)), status=True)
    asked((LEAF.der, [CA.der], [ROOT.der], []), ocsps=tuple(heavy[:-n] for n in range(1, 64)), status=True)
    nested = b"\x30\x80" * 20_000
    for place in range(5):
        given: list[object] = [LEAF.der, [CA.der], [ROOT.der], [], ()]
        given[place] = nested if place == 0 else [nested]
        end, others, roots, lists, ocsps = given
        asked((end, others, roots, lists), ocsps=tuple(ocsps), status=True)  # type: ignore[arg-type]  # one is swapped
