"""Chains that are right or wrong by one rule each, with the verdict that RFC 5280 gives (in the manner of x509-limbo).

Each case is a name (`area::what`), whether the path is good, and what is handed over. `tests/vectors/paths/README.md`
says where a verdict needed a decision.
"""

# ruff: noqa: F403, F405, E501 - the cases are written in the fake's vocabulary, one to a line

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.fakes.odd_certificates import *
from tests.fakes.odd_certificates import ListPlan, Plan


@dataclass(frozen=True, slots=True)
class Case:
    """One question to `check_path` and its answer."""

    name: str
    good: bool
    leaf: Plan
    others: Sequence[Plan] = ()
    roots: Sequence[Plan] = ()
    lists: Sequence[ListPlan] = ()
    at: datetime = AT
    status: bool = False
    params: dict[str, object] = field(default_factory=dict)


ROOT = root()
CA = authority(ROOT)
LEAF = leaf(CA)
PRIVATE = "1.3.6.1.4.1.32473.99"
GOOD_POLICY, OTHER_POLICY = "1.3.6.1.4.1.32473.1.1", "1.3.6.1.4.1.32473.1.2"


def through(name: str, good: bool, end: Plan, ca: Plan = CA, top: Plan = ROOT, **more: object) -> Case:  # noqa: FBT001
    return Case(name, good, end, (ca,), (top,), **more)


def identifiers() -> Iterator[Case]:
    direct = leaf(ROOT)
    yield through("base::good", True, LEAF)
    yield Case("base::good-under-the-root", True, direct, (), (ROOT,))
    yield Case("base::unknown-root", False, direct, (ROOT,), (root("stranger"),))
    yield Case("base::root-and-authority-swapped", False, leaf(ROOT), (ROOT,), (CA,))
    yield through("aki::critical", False, LEAF.has(authority_key("ca", critical=True)))
    yield through("aki::leaf-without", False, LEAF.without(AUTHORITY_KEY))
    yield through("aki::authority-without", False, LEAF, CA.without(AUTHORITY_KEY))
    yield through("aki::authority-critical", False, LEAF, CA.has(authority_key("root", critical=True)))
    yield through("aki::root-critical", False, LEAF, top=ROOT.has(authority_key("root", critical=True)))
    yield through("aki::root-with", True, LEAF, top=ROOT.has(authority_key("root")))
    yield through("aki::of-another-key", False, LEAF.has(authority_key("stranger")))
    yield through(
        "aki::half-an-issuer", False, LEAF.has((AUTHORITY_KEY, False, seq(tlv(0x80, b"x"), tlv(0x82, b"\1"))))
    )
    crossed = root("root2")
    cross = authority(crossed, "root").but(subject=ROOT.subject)
    yield Case("aki::cross-signed-root-without", False, leaf(ROOT), (cross.without(AUTHORITY_KEY),), (crossed,))
    yield Case("aki::trusted-cross-signed-root-without", False, leaf(ROOT), (), (cross.without(AUTHORITY_KEY),))
    yield Case("aki::trusted-cross-signed-root", True, leaf(ROOT), (), (cross,))
    yield Case("aki::cross-signed-root", True, leaf(ROOT), (cross,), (crossed,))
    yield through("ski::critical", False, LEAF.has(subject_key("leaf", critical=True)))
    yield through("ski::authority-without", False, LEAF, CA.without(SUBJECT_KEY))
    yield through("ski::authority-critical", False, LEAF, CA.has(subject_key("ca", critical=True)))
    yield through("ski::root-without", False, LEAF, top=ROOT.without(SUBJECT_KEY))
    yield through("ski::root-critical", False, LEAF, top=ROOT.has(subject_key("root", critical=True)))
    yield through("ski::leaf-without", True, LEAF.without(SUBJECT_KEY))


def authorities() -> Iterator[Case]:
    yield Case("ca::as-leaf", True, CA, (), (ROOT,))
    yield through("ca::leaf-with-keycertsign", False, LEAF.has(usage(SIGN | CERT_SIGN)))
    yield through("ca::leaf-with-basic-constraints", True, LEAF.has(basic(ca=False)))
    yield through("ca::leaf-with-path-length", False, LEAF.has((BASIC, True, seq(number(0)))))
    yield through("ca::without-basic-constraints", False, LEAF, CA.without(BASIC))
    yield through("ca::without-ca-bit", False, LEAF, CA.has(basic(ca=False)))
    yield through("ca::without-keycertsign", False, LEAF, CA.has(usage(CRL_SIGN)))
    yield through("ca::non-critical-basic-constraints", True, LEAF, CA.has(basic(critical=False)))
    yield through("ca::negative-path-length", False, LEAF, CA.has(basic(-1)))
    yield through("ca::root-without-basic-constraints", False, LEAF, top=ROOT.without(BASIC))
    yield through("ca::root-non-critical-basic-constraints", False, LEAF, top=ROOT.has(basic(critical=False)))
    yield through("ca::root-without-keycertsign", False, LEAF, top=ROOT.has(usage(CRL_SIGN)))
    yield through("ca::root-of-version-1", True, LEAF, top=ROOT.but(version=b"", extensions=()))
    yield through("ca::authority-of-version-1", False, LEAF, CA.but(version=b"", extensions=()))
    yield through("ca::empty-subject", False, leaf(CA).but(issuer=seq()), CA.but(subject=seq()))
    yield through("ca::leaf-signed-by-leaf", False, leaf(LEAF), LEAF, ROOT)
    yield through("name::empty-issuer", False, LEAF.but(issuer=seq()))
    yield through("name::empty-subject", False, LEAF.but(subject=seq()))
    yield through("name::empty-subject-no-alternatives", False, LEAF.but(subject=seq()).without(ALTERNATIVE))
    critical = alternatives(dns("a.example.vn"), critical=True)
    yield through("name::empty-subject-critical-alternatives", True, LEAF.but(subject=seq()).has(critical))


def path_lengths() -> Iterator[Case]:
    def chain(*lengths: int | None, self_issued: Sequence[int] = (), top: Plan = ROOT) -> tuple[Plan, list[Plan]]:
        above, found = top, []
        for position, length in enumerate(lengths):
            same = {"subject": above.subject} if position in self_issued else {}
            found.append(authority(above, f"ca{position}", length, **same))
            above = found[-1]
        return leaf(above), found

    def case(name: str, good: bool, *lengths: int | None, self_issued: Sequence[int] = (), top: Plan = ROOT) -> Case:  # noqa: FBT001
        end, others = chain(*lengths, self_issued=self_issued, top=top)
        return Case(f"pathlen::{name}", good, end, others, (top,))

    yield case("zero", True, 0)
    yield case("one-and-zero", True, 1, 0)
    yield case("zero-broken", False, 0, None)
    yield case("zero-zero", False, 0, 0)
    yield case("may-grow-below", True, 1, 2)
    yield case("one-broken", False, 1, None, None)
    yield case("self-issued-do-not-count", True, 0, None, self_issued=(1,))
    yield case("self-issued-after-one", True, 1, None, None, self_issued=(1,))
    yield case("self-issued-do-not-help-others", False, 0, None, None, self_issued=(1,))
    yield case("root-zero", True, top=ROOT.has(basic(0)))
    yield case("root-zero-broken", False, None, top=ROOT.has(basic(0)))
    yield case("root-one", True, None, top=ROOT.has(basic(1)))
    yield case("ten-deep", True, *[None] * 10)
    yield case("ten-deep-zero-on-top", False, 0, *[None] * 9)
    yield case("ten-deep-counted-down", True, *range(9, -1, -1))
    yield case("too-deep", False, *[None] * 30)
    last = authority(CA.has(basic(0)), "ca9", 0)
    yield Case("pathlen::authority-as-leaf", True, last, (CA.has(basic(0)),), (ROOT,))


def extensions() -> Iterator[Case]:
    unknown, quiet = (PRIVATE, True, b"\x05\x00"), (PRIVATE, False, b"\x05\x00")
    yield through("ext::unknown-critical-in-leaf", False, LEAF.has(unknown))
    yield through("ext::unknown-critical-in-authority", False, LEAF, CA.has(unknown))
    yield through("ext::unknown-critical-in-root", False, LEAF, top=ROOT.has(unknown))
    yield through("ext::unknown", True, LEAF.has(quiet), CA.has(quiet), ROOT.has(quiet))
    for kind, value in (("unknown", quiet), ("known", subject_key("leaf"))):
        twice = LEAF.but(extensions=(*LEAF.without(value[0]).extensions, value, value))
        yield through(f"ext::{kind}-twice", False, twice)
    yield through("ext::twice-in-authority", False, LEAF, CA.but(extensions=(*CA.extensions, basic())))
    yield through("ext::twice-in-root", False, LEAF, top=ROOT.but(extensions=(*ROOT.extensions, basic())))
    yield through("ext::none-but-version-3", False, LEAF.but(extensions=()))
    yield through("ext::in-version-1", False, LEAF.but(version=b""))
    yield through("ext::in-version-2", False, LEAF.but(version=tlv(0xA0, number(1))))
    yield through("ext::in-version-4", False, LEAF.but(version=tlv(0xA0, number(3))))
    yield through("eku::empty", False, LEAF.has((PURPOSES, False, seq())))
    yield through("eku::client", True, LEAF.has((PURPOSES, False, seq(oid("1.3.6.1.5.5.7.3.2")))))
    yield through("eku::empty-in-authority", False, LEAF, CA.has((PURPOSES, False, seq())))
    yield through("usage::no-bit", False, LEAF.has((USAGE, True, tlv(0x03, b"\x07\x00"))))
    yield through("san::empty", False, LEAF.has((ALTERNATIVE, False, seq())))
    yield through("san::malformed", False, LEAF.has((ALTERNATIVE, False, b"malformed")))
    yield through("san::trailing", False, LEAF.has((ALTERNATIVE, False, seq(dns("a.example.vn")) + b"\0")))
    yield through("san::underscore", True, leaf(CA, "leaf", dns("a_b.example.vn")))
    yield through("san::strange-address", False, leaf(CA, "leaf", address(1, 2, 3)))
    access = seq(oid("1.3.6.1.5.5.7.48.1"), uri("http://ocsp.example.vn"))
    yield through("aia::good", True, LEAF.has((ACCESS, False, seq(access))))
    yield through("aia::critical", False, LEAF.has((ACCESS, True, seq(access))))
    yield through("aia::critical-malformed", False, LEAF.has((ACCESS, True, b"malformed")))
    yield through("aia::malformed", False, LEAF.has((ACCESS, False, b"malformed")))
    yield through("aia::empty", False, LEAF.has((ACCESS, False, seq())))
    yield through("policy::constraints-non-critical", True, LEAF, CA.has(policy_limits(9, critical=False)))
    yield through("policy::constraints-empty", False, LEAF, CA.has(policy_limits(None)))
    yield through("policy::any-limit-non-critical", False, LEAF, CA.has((ANY_POLICY_LIMIT, False, number(1))))
    demanding = CA.has(policies(GOOD_POLICY), policy_limits(0))
    yield through("policy::explicit-met", True, LEAF.has(policies(GOOD_POLICY)), demanding)
    yield through("policy::explicit-missed", False, LEAF.has(policies(OTHER_POLICY)), demanding)
    yield through("policy::explicit-none", False, LEAF, demanding)
    yield through("policy::explicit-asked", False, LEAF, params={"initial_explicit_policy": True})
    any_mapped = CA.has(policies("2.5.29.32.0"), mappings(("2.5.29.32.0", GOOD_POLICY)))
    yield through("policy::any-mapped", False, LEAF, any_mapped)


def fields() -> Iterator[Case]:
    for name, good, serial in (
        ("zero", False, number(0)), ("negative", False, number(-5)), ("one", True, number(1)),
        ("twenty-octets", True, number(1 << 158)), ("twenty-one-octets", False, number(1 << 159)),
        ("huge", False, number(1 << 400)),
    ):  # fmt: skip
        yield through(f"serial::{name}", good, LEAF.but(serial=serial))
        yield through(f"serial::{name}-in-authority", good, LEAF, CA.but(serial=serial))
    yield through("signature::algorithms-differ", False, LEAF.but(inner_algorithm=ECDSA_SHA384))
    yield through("signature::algorithms-differ-in-authority", False, LEAF, CA.but(inner_algorithm=ECDSA_SHA384))
    wrong = LEAF.but(inner_algorithm=ECDSA_SHA384, outer_algorithm=ECDSA_SHA384)
    yield through("signature::another-algorithm", False, wrong)
    unknown = LEAF.but(inner_algorithm=PRIVATE, outer_algorithm=PRIVATE)
    yield through("signature::unknown-algorithm", False, unknown)
    loose = LEAF.but(loose_signature=True)
    yield through("signature::not-whole-octets", False, loose)
    yield through("signature::not-whole-octets-in-authority", False, LEAF, CA.but(loose_signature=True))
    yield through("signature::another-key", False, LEAF.but(signing_key="stranger"))
    point = seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")), tlv(0x03, b"\0\x04" + b"\1" * 64))
    yield through("key::point-not-on-the-curve", False, LEAF.but(spki=point))
    yield through("key::authority-point-not-on-the-curve", False, LEAF, CA.but(spki=point))
    yield through(
        "key::authority-of-an-unknown-kind", False, LEAF, CA.but(spki=seq(seq(oid(PRIVATE)), tlv(0x03, b"\0")))
    )
    yield through("key::no-key", False, LEAF.but(spki=seq(seq(oid("1.2.840.113549.1.1.1"), b"\5\0"), tlv(0x03, b"\0"))))


def periods() -> Iterator[Case]:
    second = timedelta(seconds=1)
    for name, changed in (("leaf", 0), ("authority", 1), ("root", 2)):
        for what, good, start, end in (
            ("expired", False, START, AT - second), ("future", False, AT + second, END),
            ("first-second", True, AT, END), ("last-second", True, START, AT),
        ):  # fmt: skip
            plans = [LEAF, CA, ROOT]
            plans[changed] = plans[changed].but(start=utc(start), end=utc(end))
            yield through(f"validity::{what}-{name}", good, *plans)
    part = timedelta(milliseconds=500)
    yield through("validity::half-a-second-late", False, LEAF.but(end=utc(AT)), at=AT + part)
    yield through("validity::half-a-second-early", False, LEAF.but(start=utc(AT)), at=AT - part)
    late = datetime(2055, 1, 1, tzinfo=UTC)
    yield through("validity::generalized-after-2050", True, LEAF.but(end=generalized(late)))
    yield through("validity::generalized-before-2050", True, LEAF.but(end=generalized(END)))
    yield through("validity::utc-for-2055-is-1955", False, LEAF.but(end=utc(late)))
    for name, tag, text in (
        ("fraction", 0x18, b"20270101000000.5Z"), ("zone", 0x17, b"270101000000+0700"), ("no-seconds", 0x17, b"2701010000Z"),
        ("no-zone", 0x18, b"20270101000000"), ("month-13", 0x17, b"271301000000Z"), ("no-time", 0x13, b"270101000000Z"),
    ):  # fmt: skip
        yield through(f"validity::{name}", False, LEAF.but(end=tlv(tag, text)))
    old = CA.but(end=utc(AT - second), serial=number(77))
    yield Case("validity::expired-twin-authority", True, LEAF, (old, CA), (ROOT,))
    yield Case("validity::only-expired-twins", False, LEAF, (old,), (ROOT,))


def lists() -> Iterator[Case]:
    end = leaf(ROOT)
    plain, hit = list_of(ROOT), list_of(ROOT, entry(end.serial))

    def case(name: str, good: bool, *given: ListPlan) -> Iterator[Case]:  # noqa: FBT001
        for status in (True, False):
            yield Case(f"crl::{name}{'' if status else '-not-demanded'}", good, end, (), (ROOT,), given, status=status)

    yield from case("not-listed", True, plain)
    yield from case("listed", False, hit)
    yield from case("other-serial-listed", True, list_of(ROOT, entry(number(9))))
    yield from case("no-number", False, plain.but(extensions=()))
    yield from case("critical-number", False, plain.but(extensions=((CRL_NUMBER, True, number(1)),)))
    yield from case("number-twice", False, plain.but(extensions=((CRL_NUMBER, False, number(1)),) * 2))
    yield from case("negative-number", False, plain.but(extensions=((CRL_NUMBER, False, number(-1)),)))
    yield from case("unknown-critical", False, plain.but(extensions=(*plain.extensions, (PRIVATE, True, b"\5\0"))))
    yield from case("version-1", False, plain.but(version=b"", extensions=()))
    yield from case("another-key", False, plain.but(signing_key="stranger"))
    yield from case("stale", False, plain.but(next_update=utc(AT - timedelta(seconds=1))))
    yield from case("from-the-future", False, plain.but(this_update=utc(AT + timedelta(seconds=1))))
    yield from case("signature-not-whole-octets", False, plain.but(loose_signature=True))
    yield from case("algorithms-differ", False, plain.but(inner_algorithm=ECDSA_SHA384))
    scope = (DISTRIBUTION, True, seq(tlv(0x82, b"\xff")))
    yield from case("for-authorities-only", False, plain.but(extensions=(*plain.extensions, scope)))
    users = (DISTRIBUTION, True, seq(tlv(0x81, b"\xff")))
    yield from case("for-users-only", True, plain.but(extensions=(*plain.extensions, users)))
    stranger = root("stranger")
    yield Case("crl::none", False, end, (), (ROOT,), (), status=True)
    yield Case("crl::of-somebody-else", False, end, (stranger,), (ROOT,), (list_of(stranger),), status=True)
    same_serial = list_of(stranger, entry(end.serial))
    yield Case("crl::same-serial-other-issuer", True, end, (stranger,), (ROOT,), (same_serial,))
    yield Case("crl::same-serial-other-issuer-and-own", True, end, (), (ROOT,), (same_serial, plain), status=True)
    below = leaf(CA)
    yield Case(
        "crl::authority-listed",
        False,
        below,
        (CA,),
        (ROOT,),
        (list_of(ROOT, entry(CA.serial)), list_of(CA)),
        status=True,
    )
    yield Case("crl::both-good", True, below, (CA,), (ROOT,), (plain, list_of(CA)), status=True)
    yield Case("crl::authority-without", False, below, (CA,), (ROOT,), (list_of(CA),), status=True)
    yield from usurpers()


def usurpers() -> Iterator[Case]:
    """Lists by somebody whom the same authority certified, and who vouches for a neighbour or for itself."""
    friend = leaf(CA, "friend").without(USAGE)
    own = ListPlan(friend.subject, "friend")
    yield Case("crl::by-a-neighbour", False, LEAF, (CA, friend), (ROOT,), (list_of(ROOT), own), status=True)
    indirect = own.but(extensions=(*own.extensions, (DISTRIBUTION, True, seq(tlv(0x84, b"\xff")))))
    named = friend.but(subject=CA.subject)
    own_of_named = ListPlan(CA.subject, "friend")
    yield Case(
        "crl::by-a-subscriber-with-the-authoritys-name", False, LEAF, (CA, named), (ROOT,),
        (list_of(ROOT), own_of_named), status=True,
    )  # fmt: skip
    yield Case(
        "crl::indirect-by-a-neighbour", False, LEAF, (CA, friend), (ROOT,), (list_of(ROOT), indirect), status=True
    )
    sister = authority(ROOT, "sister")
    vouched = (list_of(sister), list_of(CA))
    yield Case("crl::by-a-sister-authority", False, LEAF, (CA, sister), (ROOT,), vouched, status=True)
    twin = CA.but(own_key="ca-new", serial=number(31)).has(subject_key("ca-new"))
    lists = (list_of(twin), list_of(CA))
    yield Case("crl::by-its-own-twin", False, LEAF, (CA, twin), (ROOT,), lists, status=True)
    forger = root("mallory").but(subject=ROOT.subject, issuer=ROOT.subject)
    forged = (*lists, list_of(forger))
    yield Case(
        "crl::by-its-own-twin-beside-a-forged-one", False, LEAF, (CA, twin, forger), (ROOT,), forged, status=True
    )
    users = (DISTRIBUTION, True, seq(tlv(0x81, b"\xff")))
    beside = (*lists, list_of(ROOT).but(extensions=(*list_of(ROOT).extensions, users)))
    yield Case("crl::by-its-own-twin-beside-one-for-users", False, LEAF, (CA, twin), (ROOT,), beside, status=True)
    useless = (list_of(twin), list_of(ROOT).but(next_update=utc(AT - timedelta(seconds=1))))
    yield Case("crl::by-its-own-twin-beside-a-stale-one", False, LEAF, (CA, twin), (ROOT,), useless)
    right = (*lists, list_of(ROOT))
    yield Case("crl::by-its-own-twin-beside-the-right-one", True, LEAF, (CA, twin), (ROOT,), right, status=True)


def detours() -> Iterator[Case]:
    a, b = root("ra"), root("rb")
    a_by_b, b_by_a = authority(b, "ra").but(subject=a.subject), authority(a, "rb").but(subject=b.subject)
    yield Case("loop::cross-signed", True, leaf(a), (a_by_b, b_by_a), (b,))
    yield Case("loop::cross-signed-both-roots", True, leaf(a), (a_by_b, b_by_a, a, b), (a, b))
    yield Case("loop::no-way-out", False, leaf(a), (a_by_b, b_by_a), (ROOT,))
    same = [authority(ROOT, f"same{n}").but(subject=CA.subject) for n in range(6)]
    yield Case("loop::right-one-of-many", True, leaf(same[5]), same, (ROOT,))


def all_cases() -> list[Case]:
    """Every case, each name once."""
    makers = (
        identifiers, authorities, path_lengths, extensions, fields, periods, lists, detours,
    )  # fmt: skip
    return [case for maker in makers for case in maker()]
