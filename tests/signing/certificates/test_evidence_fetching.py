"""Evidence is fetched from listed hosts only, within limits, and kept while it is good."""

# ruff: noqa: E501 - one address or answer to a line

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509 import ocsp

from signing.errors import EvidenceAddressRefused, EvidenceUnavailable
from signing.trust import Doors, EvidenceFetcher, EvidenceKind, FetchLimits, Want, wants_of
from signing.trust.doors import resolve
from signing.validation import check_path
from tests.fakes.odd_certificates import (
    ACCESS,
    AT,
    LIST_POINTS,
    Plan,
    authority,
    common,
    dns,
    entry,
    key,
    leaf,
    list_of,
    number,
    oid,
    root,
    seq,
    tlv,
    uri,
    utc,
)  # fmt: skip
from tests.servers.hostile import HostileServer, hostile_server

ROOT = root()
CA = authority(ROOT)
QUICK = FetchLimits(seconds=0.4, total_seconds=1.5, octets=100_000)
ISSUER = common("root")


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with hostile_server() as running:
        yield running


def fetcher(server: HostileServer, limits: FetchLimits = QUICK) -> EvidenceFetcher:
    return EvidenceFetcher(Doors.parse(f"127.0.0.1:{server.port}"), limits=limits)


def wanted(server: HostileServer, path: str, kind: EvidenceKind = EvidenceKind.CRL, request: bytes = b"") -> Want:
    return Want(kind=kind, address=f"http://127.0.0.1:{server.port}{path}", issuer=ISSUER, request=request)


@pytest.mark.parametrize(
    "path", ["/slow-drip", "/slow-headers", "/silence", "/endless", "/liar", "/loop", "/bomb", "/garbage", "/no-such"]
)
def test_a_hostile_answer_ends_in_time_as_unavailable(server: HostileServer, path: str) -> None:
    begun, cpu = time.monotonic(), time.process_time()
    with pytest.raises(EvidenceUnavailable) as caught:
        fetcher(server).fetch(wanted(server, path))
    assert caught.value.code == "EVIDENCE_UNAVAILABLE"
    assert time.monotonic() - begun < 8
    assert time.process_time() - cpu < 4


@pytest.mark.parametrize("path", ["/elsewhere", "/inside", "/file"])
def test_no_redirect_leads_to_another_host(server: HostileServer, path: str) -> None:
    both = Doors.parse(f"127.0.0.1:{server.port},localhost:{server.port},127.0.0.1,[::1]")
    with pytest.raises(EvidenceAddressRefused) as caught:
        EvidenceFetcher(both, limits=QUICK).fetch(wanted(server, path))
    assert caught.value.code == "EVIDENCE_ADDRESS_REFUSED"


def test_a_redirect_on_the_same_host_is_followed(server: HostileServer) -> None:
    server.good["/crl"] = list_of(ROOT).der
    assert fetcher(server).fetch(wanted(server, "/once")) == server.good["/crl"]


@pytest.mark.parametrize(
    "address",
    [
        "http://evil.example/ca.crl", "ftp://listed.example/ca.crl", "file:///etc/passwd", "ldap://listed.example/x",
        "http://listed.example:8080/ca.crl", "http://listed.example@evil.example/", "http://u:p@listed.example/",
        "http://evil.example#listed.example", "http://listed.example.evil.example/", "//listed.example/", "http://",
        "http://listed.example:99999/", "http://listed.example/a b", "http://listed.example/\r\nX: y", "http://[::1/",
        "http://lísted.example/",
    ],
)  # fmt: skip
def test_an_address_off_the_list_is_never_looked_up(address: str) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError(host, port)

    with pytest.raises(EvidenceAddressRefused):
        Doors.parse("listed.example").door(address, never)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.8", "192.168.1.1", "172.16.9.9", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1", "::1",
     "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b:1::a00:1", "255.255.255.255"],
)  # fmt: skip
def test_a_listed_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(EvidenceAddressRefused):
        Doors.parse("listed.example").door("http://listed.example/", lambda *_: [address])
    with pytest.raises(EvidenceAddressRefused):
        Doors.parse("listed.example").door("http://listed.example/", lambda *_: ["93.184.215.14", address])


def test_an_inside_address_counts_when_it_is_listed_itself() -> None:
    doors = Doors.parse("listed.example:8080, 10.1.2.3")
    door = doors.door("http://LISTED.example:8080/a?b", lambda *_: ["10.1.2.3"])
    assert (door.host, door.port, str(door.address), door.path) == ("listed.example", 8080, "10.1.2.3", "/a?b")
    with pytest.raises(EvidenceAddressRefused):
        doors.door("http://listed.example:8080/", lambda *_: ["10.1.2.4"])


def test_an_inside_address_that_is_listed_with_a_port_opens_no_other_port() -> None:
    doors = Doors.parse("listed.example, 10.1.2.3:8080")
    with pytest.raises(EvidenceAddressRefused):
        doors.door("http://listed.example/", lambda *_: ["10.1.2.3"])
    assert doors.door("http://10.1.2.3:8080/", lambda *_: []).port == 8080


def test_the_address_that_was_checked_is_the_one_that_is_called(server: HostileServer) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    doors = Doors.parse(f"listed.example:{server.port},127.0.0.1")
    asked = EvidenceFetcher(doors, limits=QUICK, resolver=lambda *_: next(answers))
    server.good["/crl"] = list_of(ROOT).der
    want = replace(wanted(server, "/crl"), address=f"http://listed.example:{server.port}/crl")
    assert asked.fetch(want) == server.good["/crl"]
    assert server.hosts[-1] == f"listed.example:{server.port}"
    with pytest.raises(EvidenceAddressRefused):
        asked.fetch(want)


@pytest.mark.parametrize("text", ["a/b", "user@host", "host:x", "host?x"])
def test_a_list_of_hosts_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - urlsplit's own texts
        Doors.parse(text)


def test_no_list_means_no_door() -> None:
    assert not Doors.parse(" , ")
    with pytest.raises(EvidenceAddressRefused):
        Doors.parse("").door("http://example.vn/")
    with pytest.raises(EvidenceAddressRefused):
        Doors.parse("no-such-host.invalid").door("http://no-such-host.invalid/", resolve)


def test_a_good_list_is_kept_until_it_is_out_of_date(server: HostileServer) -> None:
    server.good["/kept"] = list_of(ROOT, next_update=utc(AT + timedelta(minutes=10))).der
    asked, want = fetcher(server), wanted(server, "/kept")
    assert asked.gather([want], AT).crls == (server.good["/kept"],)
    assert asked.gather([want], AT + timedelta(minutes=9)).crls == (server.good["/kept"],)
    assert server.asked["/kept"] == 1
    assert asked.gather([want], AT + timedelta(minutes=11)).is_empty()
    assert server.asked["/kept"] == 2


def test_a_list_is_asked_for_again_after_an_hour_at_most(server: HostileServer) -> None:
    server.good["/long"] = list_of(ROOT).der
    asked, want = fetcher(server), wanted(server, "/long")
    for minutes in (0, 59, 61):
        assert asked.gather([want], AT + timedelta(minutes=minutes)).crls
    assert server.asked["/long"] == 2


def test_what_failed_is_not_asked_again_at_once(server: HostileServer) -> None:
    asked, want = fetcher(server), wanted(server, "/failing")
    for seconds in (0, 30, 59, 61):
        assert asked.gather([want], AT + timedelta(seconds=seconds)).is_empty()
    assert server.asked["/failing"] == 2


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (EvidenceKind.CRL, list_of(root("stranger")).der), (EvidenceKind.CRL, b"junk"), (EvidenceKind.CRL, ROOT.der),
        (EvidenceKind.CRL, list_of(ROOT, next_update=utc(AT - timedelta(days=1))).der),
        (EvidenceKind.OCSP, b"junk"), (EvidenceKind.OCSP, seq(tlv(0x0A, b"\x06"))), (EvidenceKind.OCSP, list_of(ROOT).der),
        (EvidenceKind.ISSUER, b"junk"), (EvidenceKind.ISSUER, root("stranger").der), (EvidenceKind.ISSUER, b""),
    ],
)  # fmt: skip
def test_something_else_than_what_was_wanted_is_not_evidence(
    server: HostileServer, kind: EvidenceKind, value: bytes
) -> None:
    server.good["/odd"] = value
    evidence = fetcher(server).gather(
        [wanted(server, "/odd", kind, b"" if kind is not EvidenceKind.OCSP else b"x")], AT
    )
    assert evidence.is_empty()
    assert evidence.certificates == ()


def test_one_question_has_a_bound_on_requests_and_on_time(server: HostileServer) -> None:
    few = fetcher(server, replace(QUICK, requests=3))
    few.gather([wanted(server, f"/many{n}") for n in range(10)], AT)
    assert sum(server.asked[f"/many{n}"] for n in range(10)) == 3
    begun = time.monotonic()
    fetcher(server).gather([wanted(server, f"/silence?{n}") for n in range(10)], AT)
    assert time.monotonic() - begun < 4


def test_the_cache_has_a_bound(server: HostileServer) -> None:
    server.good |= {f"/full{n}": list_of(ROOT, entry(number(n))).der for n in range(4)}
    small = fetcher(server, replace(QUICK, kept=2))
    for n in range(4):
        small.gather([wanted(server, f"/full{n}")], AT)
    small.gather([wanted(server, "/full3"), wanted(server, "/full0")], AT)
    assert (server.asked["/full3"], server.asked["/full0"]) == (1, 2)


def pointing(plan: Plan, server: HostileServer) -> Plan:
    base = f"http://127.0.0.1:{server.port}"
    point = seq(tlv(0xA0, tlv(0xA0, uri(f"{base}/{plan.signing_key}.crl"))))
    access = seq(
        seq(oid("1.3.6.1.5.5.7.48.1"), uri(f"{base}/ocsp")), seq(oid("1.3.6.1.5.5.7.48.2"), uri(f"{base}/{plan.signing_key}.p7c"))
    )  # fmt: skip
    return plan.has((LIST_POINTS, False, seq(point)), (ACCESS, False, access))


def test_a_lone_certificate_becomes_a_good_path_with_what_is_fetched(server: HostileServer) -> None:
    ca = pointing(CA, server)
    end = pointing(leaf(ca), server)
    server.good["/root.crl"], server.good["/ca.crl"] = list_of(ROOT).der, list_of(ca).der
    bag = [x509.load_der_x509_certificate(one) for one in (root("stranger").der, ca.der)]
    server.good["/ca.p7c"] = pkcs7.serialize_certificates(bag, Encoding.DER)
    asked = fetcher(server)
    first = asked.gather(wants_of([end.der]), AT)
    assert first.certificates == (ca.der,)
    evidence = first.merged(asked.gather(wants_of([end.der, ca.der, ROOT.der]), AT))
    outcome = check_path(end.der, evidence.certificates, [ROOT.der], evidence.crls, AT)
    assert outcome.ok, outcome.reason
    server.good["/ca.crl"] = list_of(ca, entry(end.serial)).der
    later = fetcher(server).gather(wants_of([end.der, ca.der, ROOT.der]), AT)
    assert check_path(end.der, [ca.der], [ROOT.der], later.crls, AT).failure == "revoked"


def test_an_ocsp_request_is_posted_and_its_answer_kept(server: HostileServer) -> None:
    ca = pointing(CA, server)
    end = pointing(leaf(ca, "asked", dns("x.example.vn")), server)
    subject, issuer = x509.load_der_x509_certificate(end.der), x509.load_der_x509_certificate(ca.der)
    builder = ocsp.OCSPResponseBuilder().add_response(
        subject, issuer, hashes.SHA1(), ocsp.OCSPCertStatus.GOOD, AT - timedelta(minutes=1), AT + timedelta(hours=1), None, None  # noqa: S303 - names and keys, as OCSP asks
    )  # fmt: skip
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer).certificates([issuer])
    server.good["/ocsp"] = builder.sign(key("ca"), hashes.SHA256()).public_bytes(Encoding.DER)
    wants = [w for w in wants_of([end.der, ca.der]) if w.kind is EvidenceKind.OCSP]
    asked = fetcher(server)
    evidence = asked.gather(wants, AT)
    assert evidence.ocsps == (server.good["/ocsp"],)
    assert ocsp.load_der_ocsp_request(server.posted[-1]).serial_number == subject.serial_number
    outcome = check_path(end.der, [ca.der], [ROOT.der], [list_of(ROOT).der], AT, ocsps=evidence.ocsps)
    assert outcome.ok, outcome.reason


def test_what_cannot_be_read_wants_nothing() -> None:
    assert wants_of([b"junk", ROOT.der, leaf(CA).der]) == ()
    long = leaf(CA).has((LIST_POINTS, False, seq(seq(tlv(0xA0, tlv(0xA0, uri("http://x/" + "a" * 2_000)))))))
    broken = leaf(CA).has((LIST_POINTS, False, b"junk"))
    twice = leaf(CA).but(extensions=(*leaf(CA).extensions, *leaf(CA).extensions))
    assert wants_of([long.der, broken.der, twice.der]) == ()
