"""The way to an authority elsewhere: one bounded answer of the right kind, in time, from its address only."""

import hashlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.db import Database
from api.timestamping import DatabaseSlots, FileSlots, TsaClient, parse_authorities
from signing.tsa import AuthorityFaultError, Question, granted_token
from tests.fakes.small_pki import SmallPki
from tests.fakes.tsa_server import TsaServer

QUESTION = Question.over(hashlib.sha256(b"content").digest(), "sha256")


@pytest.fixture(scope="module")
def pki() -> SmallPki:
    return SmallPki()


@pytest.fixture
def client() -> Iterator[TsaClient]:
    made = TsaClient(tls_roots=None, at_once=4)
    yield made
    made.close()


def fault(client: TsaClient, server: TsaServer, *, seconds: float = 5.0) -> str:
    with pytest.raises(AuthorityFaultError) as refused:
        client.ask(server.url, QUESTION.request(), seconds=seconds)
    return refused.value.fault.value


def test_a_question_is_posted_and_its_answer_comes_back(pki: SmallPki, client: TsaClient) -> None:
    with TsaServer(pki) as server:
        for _ in range(3):
            assert granted_token(client.ask(server.url, QUESTION.request(), seconds=5), QUESTION)
        assert server.requests == [QUESTION.request()] * 3


@pytest.mark.parametrize(
    ("behaves", "label"),
    [
        ("huge", "too_large"), ("html", "media_type"), ("compressed", "media_type"), ("fails", "http"),
        ("redirects", "http"), ("hangs_up", "unreachable"),
    ],
)  # fmt: skip
def test_what_is_no_answer_of_the_right_kind_is_none(
    pki: SmallPki, client: TsaClient, behaves: str, label: str
) -> None:
    with TsaServer(pki, behaves) as server:
        assert fault(client, server) == label
        assert server.asked == 1  # a redirection is not followed


@pytest.mark.parametrize("behaves", ["never", "drips", 131])
def test_a_call_ends_in_its_time_whatever_comes(pki: SmallPki, client: TsaClient, behaves: str | float) -> None:
    with TsaServer(pki, behaves) as server:
        begun = time.monotonic()
        assert fault(client, server, seconds=0.3) == "timed_out"
        assert time.monotonic() - begun < 10


def test_nobody_there_is_said_at_once(client: TsaClient, pki: SmallPki) -> None:
    with TsaServer(pki) as server:
        url = server.url
    with pytest.raises(AuthorityFaultError) as refused:
        client.ask(url, QUESTION.request(), seconds=5)
    assert refused.value.fault.value == "unreachable"


def test_a_proxy_from_the_environment_is_not_asked(
    client: TsaClient, pki: SmallPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with TsaServer(pki) as server:
        assert client.ask(server.url, QUESTION.request(), seconds=5)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(17)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "server.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "server.pem", folder / "server.key"


def test_a_servers_certificate_must_lead_to_a_root_that_we_were_given(pki: SmallPki, tls: tuple[Path, Path]) -> None:
    with TsaServer(pki, tls=tls) as server:
        knows = TsaClient(tls_roots=tls[0], at_once=4)
        assert knows.ask(server.url, QUESTION.request(), seconds=5)
        knows.close()
        stranger = TsaClient(tls_roots=None, at_once=4)
        assert fault(stranger, server) == "unreachable"
        stranger.close()


def test_a_client_that_was_never_used_closes_and_a_closed_one_begins_anew(pki: SmallPki) -> None:
    made = TsaClient(tls_roots=None, at_once=4)
    made.close()
    with TsaServer(pki) as server:
        assert made.ask(server.url, QUESTION.request(), seconds=5)
        made.close()
        assert made.ask(server.url, QUESTION.request(), seconds=5)
    made.close()


def test_the_list_is_read_with_order_policy_and_limit() -> None:
    first, second, third = parse_authorities(
        "own, gov=http://tsa.example.vn/,x-1=https://t.example:8443/a?b=c;policy=1.2.3;timeout=0.4"
    )
    assert (first.name, first.url) == ("own", None)
    assert (second.name, second.url, second.policy, second.timeout_s) == ("gov", "http://tsa.example.vn/", None, None)
    assert (third.url, third.policy, third.timeout_s) == ("https://t.example:8443/a?b=c", "1.2.3", 0.4)


@pytest.mark.parametrize(
    "text",
    [
        "", " , ", "gov", "gov=", "gov=ftp://a/", "GOV=http://a/", "own=http://a/", "a=http://u:p@h/", "a=http://h/#x",
        "a=http://h/;policy=x", "a=http://h/;timeout=0", "a=http://h/;timeout=soon", "a=http://h/;timeout=61",
        "a=http://h/;colour=red", "a=http://h/;quick", "own,own", "a=http://h/,a=http://i/",
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_authorities(text)


def most_at_once(*slots: FileSlots | DatabaseSlots, calls: int) -> int:
    running, most, lock = 0, 0, threading.Lock()

    def call(number: int) -> None:
        nonlocal running, most
        with slots[number % len(slots)].taken(20) as has_place:
            assert has_place
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.02)
            with lock:
                running -= 1

    with ThreadPoolExecutor(calls) as pool:
        list(pool.map(call, range(calls)))
    return most


def test_at_most_so_many_calls_run_at_once_over_all_processes_of_a_folder(tmp_path: Path) -> None:
    assert most_at_once(*(FileSlots(tmp_path, 3) for _ in range(3)), calls=18) == 3


def test_who_gets_no_place_in_time_is_told_so(tmp_path: Path) -> None:
    here, there = FileSlots(tmp_path, 1), FileSlots(tmp_path, 1)
    with here.taken(1) as first, there.taken(0.05) as second, here.taken(0.05) as third:
        assert (first, second, third) == (True, False, False)
    with there.taken(0.05) as again:
        assert again


@pytest.mark.service
def test_at_most_so_many_calls_run_at_once_over_all_processes_of_a_database(postgres_server: object) -> None:
    url = postgres_server.new_database()  # type: ignore[attr-defined] # the fixture's class lives in a plugin
    databases = [Database(url) for _ in range(3)]
    assert most_at_once(*(DatabaseSlots(one, 3) for one in databases), calls=12) == 3
    with DatabaseSlots(databases[0], 1).taken(1) as first, DatabaseSlots(databases[1], 1).taken(0.05) as second:
        assert (first, second) == (True, False)
    one = DatabaseSlots(databases[0], 1)
    with one.taken(1) as first, one.taken(0.05) as second:
        assert (first, second) == (True, False)
    for database in databases:
        database.close()
    postgres_server.drop_database(url)  # type: ignore[attr-defined] # as above


def test_without_the_database_a_process_still_counts_its_own_calls() -> None:
    slots = DatabaseSlots(Database("postgresql+psycopg://nobody@127.0.0.1:9/none"), 1)
    with slots.taken(1) as first, slots.taken(0.05) as second:
        assert (first, second) == (True, False)
