"""What the chain of key uses costs beside a signature: alone, and when many threads sign at once."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import cms, tsp

from api import migrations
from api.db import Database
from signing.key_use_sql import KeyUseLogSql
from signing.keys import KeyKind, SignatureAlgorithm
from signing.keys.recorded import RecordedKeyStore
from tests.bench.conftest import Board
from tests.bench.test_issuing import OpenStore

pytestmark = pytest.mark.bench

AT = datetime(2026, 11, 23, tzinfo=UTC)
_ALGORITHM = SignatureAlgorithm.ECDSA_SHA256
_ALONE = 300
_THREADS, _EACH = 8, 60
_NAMED = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": bytes(32)})]})
_VALUES = (("content_type", "tst_info"), ("message_digest", bytes(32)), ("signing_certificate_v2", _NAMED))
TOKEN = bytes(
    cms.CMSAttributes([cms.CMSAttribute({"type": name, "values": [value]}) for name, value in _VALUES]).dump()
)


@pytest.fixture(params=["SQLite FULL", "PostgreSQL"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Database]]:
    if request.param == "PostgreSQL":
        made = Database(request.getfixturevalue("postgres_url"))
    else:
        made = Database(f"sqlite:///{tmp_path / 'bench.sqlite3'}")
    migrations.upgrade(made)
    yield request.param, made
    made.close()


def timed(action: Callable[[], object], times: int) -> tuple[float, float]:
    """CPU and wall seconds of one call, the median of three rounds."""
    rounds = []
    for _ in range(3):
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(times):
            action()
        rounds.append(((time.process_time() - cpu) / times, (time.perf_counter() - wall) / times))
    return statistics.median(one for one, _ in rounds), statistics.median(one for _, one in rounds)


def test_recording_a_key_use(database: tuple[str, Database], board: Board) -> None:
    name, db = database
    store = OpenStore()
    store.generate("key_1", KeyKind.EC_P256)
    keys = RecordedKeyStore(store, KeyUseLogSql(db.transaction), lambda: AT)
    raw, _ = timed(lambda: store.sign("key_1", TOKEN, _ALGORITHM), 2000)
    cpu, wall = timed(lambda: keys.sign("key_1", TOKEN, _ALGORITHM), _ALONE)
    board.add(f"recorded signature, {name}, one thread: CPU beside the raw one", cpu / raw, "x", aim="reported")
    board.add(f"recorded signature, {name}, one thread: wall", wall * 1000, "ms", aim="reported")

    def work() -> None:
        for _ in range(_EACH):
            keys.sign("key_1", TOKEN, _ALGORITHM)

    threads = [threading.Thread(target=work) for _ in range(_THREADS)]
    cpu_before, wall_before = time.process_time(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    count = _THREADS * _EACH
    together = (time.process_time() - cpu_before) / count
    rate = count / (time.perf_counter() - wall_before)
    board.add(
        f"recorded signature, {name}, {_THREADS} threads: CPU beside the raw one", together / raw, "x", aim="reported"
    )
    board.add(f"recorded signatures, {name}, {_THREADS} threads: rate", rate, "1/s", aim=">= 300")
    assert together < cpu * 1.2  # waiting together costs no more than one after the other
