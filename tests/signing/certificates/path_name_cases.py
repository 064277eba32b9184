"""Names and name constraints along a chain: right or wrong by one rule each (RFC 5280 §4.2.1.10)."""

# ruff: noqa: F403, F405 - the cases are written in the fake's vocabulary, one to a line

from collections.abc import Iterator

from tests.fakes.odd_certificates import *
from tests.fakes.odd_certificates import Extension
from tests.signing.certificates.path_cases import CA, LEAF, ROOT, Case, through


def name_cases() -> list[Case]:
    """Every case about names."""
    return list(hosts_and_mailboxes())


def constrained(name: str, good: bool, limit: Extension, *names: bytes, subject: bytes | None = None) -> Iterator[Case]:  # noqa: FBT001
    """A constraint in the root, and the same in the authority below it."""
    end = leaf(CA, "leaf", *names)
    end = end.but(subject=subject) if subject is not None else end
    if good and any(n[0] == 0xA4 for n in names):
        end = end.has(alternatives(*names))
    yield through(f"nc::{name}-in-root", good, end, top=ROOT.has(limit))
    yield through(f"nc::{name}-in-authority", good, end, ca=CA.has(limit))


def hosts_and_mailboxes() -> Iterator[Case]:
    host = dns("example.vn")
    yield from constrained("dns-permitted", True, constraints([host]), dns("a.example.vn"))
    yield from constrained("dns-itself", True, constraints([host]), dns("EXAMPLE.vn"))
    yield from constrained("dns-not-permitted", False, constraints([host]), dns("a.example.com"))
    yield from constrained("dns-suffix-of-a-label", False, constraints([host]), dns("badexample.vn"))
    yield from constrained("dns-second-not-permitted", False, constraints([host]), host, dns("example.com"))
    yield from constrained("dns-excluded", False, constraints(excluded=[host]), dns("a.example.vn"))
    yield from constrained("dns-not-excluded", True, constraints(excluded=[host]), dns("example.com"))
    yield from constrained("dns-both", False, constraints([host], [dns("a.example.vn")]), dns("b.a.example.vn"))
    yield from constrained("dns-wildcard-permitted", True, constraints([host]), dns("*.example.vn"))
    yield from constrained(
        "dns-wildcard-over-excluded", False, constraints(excluded=[dns("a.example.vn")]), dns("*.example.vn")
    )
    yield from constrained("dns-everything-excluded", False, constraints(excluded=[dns("")]), dns("example.com"))
    yield from constrained("dns-non-critical", False, constraints([host], critical=False), dns("a.example.vn"))
    for what in ("*.example.vn", ".example.vn", "exa mple.vn", "-.vn"):
        yield from constrained(f"dns-malformed-{what}", False, constraints([dns(what)]), dns("a.example.vn"))
    net = network("192.0.2.0/24")
    yield from constrained("ip-permitted", True, constraints([net]), address(192, 0, 2, 1))
    yield from constrained("ip-not-permitted", False, constraints([net]), address(192, 0, 3, 1))
    yield from constrained("ip-excluded", False, constraints(excluded=[net]), address(192, 0, 2, 1))
    yield from constrained("ip-other-family", False, constraints([net]), address(*[0] * 10, 255, 255, 192, 0, 2, 1))
    yield from constrained("ip-mask-with-holes", False, constraints([address(192, 0, 2, 0, 255, 0, 255, 0)]), host)
    yield from constrained("ip-of-strange-size", False, constraints([address(192, 0, 2, 0)]), host)
    yield from constrained("email-host", True, constraints([email("example.vn")]), email("a@Example.vn"))
    yield from constrained(
        "email-host-not-its-parts", False, constraints([email("example.vn")]), email("a@b.example.vn")
    )
    yield from constrained("email-domain", True, constraints([email(".example.vn")]), email("a@b.example.vn"))
    yield from constrained("email-domain-not-itself", False, constraints([email(".example.vn")]), email("a@example.vn"))
    yield from constrained("email-mailbox", True, constraints([email("a@example.vn")]), email("a@example.vn"))
    yield from constrained("email-other-mailbox", False, constraints([email("a@example.vn")]), email("b@example.vn"))
    yield from constrained(
        "email-excluded", False, constraints(excluded=[email("a@example.vn")]), email("A@example.vn")
    )
    yield from constrained("email-malformed-name", False, constraints([email("example.vn")]), email("a@b@example.vn"))
    yield from constrained(
        "email-malformed-constraint", False, constraints([email("a@b@example.vn")]), email("a@example.vn")
    )
    yield from other_names(host)


def other_names(host: bytes) -> Iterator[Case]:
    net = network("192.0.2.0/24")
    yield from constrained("uri-host", True, constraints([uri("example.vn")]), uri("https://example.vn/a?b#c"))
    yield from constrained("uri-domain", True, constraints([uri(".example.vn")]), uri("https://u@a.example.vn:8443/"))
    yield from constrained(
        "uri-other-host", False, constraints([uri("example.vn")]), uri("https://example.com/example.vn")
    )
    yield from constrained("uri-by-address", False, constraints([uri("example.vn")]), uri("https://192.0.2.1/"))
    yield from constrained("uri-without-host", False, constraints([uri("example.vn")]), uri("urn:example.vn"))
    yield from constrained(
        "uri-malformed-constraint", False, constraints([uri("https://example.vn")]), uri("https://example.vn")
    )
    below = directory(name(("2.5.4.6", "VN")))
    deep = directory(common("leaf", ("2.5.4.10", "Agency")))
    yield from constrained("dn-permitted", True, constraints([below]))
    yield from constrained("dn-not-permitted", False, constraints([directory(name(("2.5.4.6", "LA")))]))
    yield from constrained("dn-excluded", False, constraints(excluded=[directory(common("leaf"))]))
    yield from constrained("dn-excluded-other-case", False, constraints(excluded=[directory(common(" LEAF "))]))
    yield from constrained("dn-not-excluded", True, constraints(excluded=[directory(common("leaf2"))]))
    yield from constrained("dn-deeper-than-name", False, constraints([deep]))
    yield from constrained(
        "dn-alternative-not-permitted", False, constraints([below]), directory(name(("2.5.4.6", "LA")))
    )
    yield from constrained("other-kind-permitted", True, constraints([net]), host)
    yield from constrained("other-kind-excluded", True, constraints(excluded=[net]), host)
    yield from constrained("unknown-kind-of-name", False, constraints(excluded=[other_name()]), other_name("y"))
    yield from constrained("unknown-kind-permitted", False, constraints([other_name()]), other_name())
    yield from constrained("unknown-kind-no-such-name", True, constraints(excluded=[other_name()]), host)
    yield from constrained("empty", False, (CONSTRAINTS, True, seq()), host)
    yield from constrained("empty-list", False, (CONSTRAINTS, True, seq(tlv(0xA0))), host)
    yield from constrained("malformed", False, (CONSTRAINTS, True, b"malformed"), host)
    yield from constrained("minimum", False, (CONSTRAINTS, True, seq(tlv(0xA0, seq(host, tlv(0x80, b"\1"))))), host)
    yield from constrained("maximum", False, (CONSTRAINTS, True, seq(tlv(0xA0, seq(host, tlv(0x81, b"\1"))))), host)
    yield from along_the_chain(host)


def along_the_chain(host: bytes) -> Iterator[Case]:
    yield through("nc::in-leaf", False, LEAF.has(constraints([host])))
    yield through("nc::in-leaf-non-critical", False, LEAF.has(constraints([host], critical=False)))
    narrow = ROOT.has(constraints(excluded=[directory(ROOT.subject)]))
    middle = authority(ROOT, "root-new").but(subject=ROOT.subject)
    yield Case("nc::self-issued-authority-is-free", True, leaf(middle), (middle,), (narrow,))
    own = leaf(narrow).but(subject=ROOT.subject)
    yield Case("nc::self-issued-leaf-is-not", False, own, (), (narrow,))
    first = authority(ROOT, "ca1").has(constraints([host]))
    second = authority(first, "ca2").has(constraints([dns("example.com")]))
    yield Case("nc::nothing-left", False, leaf(second, "leaf", dns("a.example.com")), (first, second), (ROOT,))
    other = CA.but(serial=number(7)).has(constraints(excluded=[dns("a.example.vn")]))
    yield Case("nc::another-authority-without", True, LEAF, (other, CA), (ROOT,))
    yield Case("nc::only-the-narrow-authority", False, LEAF, (other,), (ROOT,))
    mail = LEAF.but(subject=name(("1.2.840.113549.1.9.1", "a@example.com"))).without(ALTERNATIVE)
    yield through("nc::email-in-the-subject", False, mail, top=ROOT.has(constraints([email("example.vn")])))
    good = LEAF.but(subject=name(("1.2.840.113549.1.9.1", "a@example.vn"))).without(ALTERNATIVE)
    yield through("nc::email-in-the-subject-permitted", True, good, top=ROOT.has(constraints([email("example.vn")])))
