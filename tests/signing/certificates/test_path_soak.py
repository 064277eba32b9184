"""Minutes of broken bytes: what is covered by a signature is never believed after a change, nothing crashes or is slow.

`ANSO_SOAK_S` says how many seconds (300), `ANSO_SOAK_SEED` repeats a run; figures are printed at the end.
"""

import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from signing.validation.path import PathOutcome, check_path
from tests.fakes.odd_certificates import (
    ACCESS,
    AT,
    authority,
    constraints,
    dns,
    entry,
    key,
    leaf,
    list_of,
    number,
    oid,
    policies,
    root,
    seq,
    uri,
)  # fmt: skip

MAX_CPU_S = 3.0 if sys.gettrace() is None else 6.0  # far below work without end, far above a slow machine
SECONDS = float(os.environ.get("ANSO_SOAK_S", "300"))
SEED = int(os.environ.get("ANSO_SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
ROOT = root()
CA = authority(ROOT, "ca", 0).has(constraints([dns("example.vn")]), policies("1.3.6.1.4.1.32473.1"))
RESPONDER = (ACCESS, False, seq(seq(oid("1.3.6.1.5.5.7.48.1"), uri("http://ocsp.example.vn"))))
LEAF = leaf(CA).has(policies("1.3.6.1.4.1.32473.1"), RESPONDER)
TAGS = bytes(
    [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A, 0x0C, 0x13, 0x17, 0x18, 0x30, 0x31, 0x80, 0x82, 0xA0, 0xA3, 0xFF]
)


def answer() -> bytes:
    subject, issuer = (x509.load_der_x509_certificate(plan.der) for plan in (LEAF, CA))
    builder = ocsp.OCSPResponseBuilder().add_response(
        subject, issuer, hashes.SHA256(), ocsp.OCSPCertStatus.GOOD, AT - timedelta(minutes=1), AT + timedelta(hours=1),
        None, None,
    )  # fmt: skip
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer)
    return builder.sign(key("ca"), hashes.SHA256()).public_bytes(Encoding.DER)


PARTS = {
    "leaf": LEAF.der,
    "authority": CA.der,
    "root list": list_of(ROOT, entry(number(77))).der,
    "list": list_of(CA, *(entry(number(n)) for n in range(20))).der,
    "answer": answer(),
}


def ask(parts: dict[str, bytes], *, by_answer: bool) -> PathOutcome:
    lists = [parts["root list"], *([] if by_answer else [parts["list"]])]
    return check_path(
        parts["leaf"], [parts["authority"]], [ROOT.der], lists, AT, ocsps=[parts["answer"]] if by_answer else []
    )  # fmt: skip


def broken(rng: random.Random, data: bytes) -> bytes:
    """One to four changes of the kinds that break parsers."""
    value = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(value)) if value else 0
        kind = rng.randrange(9)
        if kind == 0 and value:
            value[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and value:
            value[at] = rng.randrange(256)
        elif kind == 2 and value:
            value[at] = rng.choice(TAGS)
        elif kind == 3:
            del value[at : at + rng.choice((1, 2, 8, 64))]
        elif kind == 4:
            value[at:at] = rng.randbytes(rng.choice((1, 2, 8)))
        elif kind == 5:
            other = rng.choice(list(PARTS.values()))
            start = rng.randrange(len(other))
            value[at : at + 16] = other[start : start + 16]
        elif kind == 6:
            value = value[: max(1, at)]
        elif kind == 7:
            value[at : at + 2] = bytes([0x30, 0x80]) * rng.choice((1, 200))
        else:
            value[at:at] = value[at : at + rng.choice((4, 32, 300))]
    return bytes(value)


def unsigned_only(name: str, changed: bytes) -> bool:
    """An OCSP response has a shell that nobody signs (status, type); all of the others is covered."""
    return name == "answer" and ocsp.load_der_ocsp_response(PARTS["answer"]).tbs_response_bytes in changed


@dataclass
class Figures:
    """What happened."""

    runs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0


def soak(seconds: float, seed: int) -> Figures:
    rng = random.Random(seed)  # noqa: S311 - a fuzzer has to repeat itself, not to be unpredictable
    figures, end = Figures(), time.monotonic() + seconds
    while time.monotonic() < end:
        name = rng.choice(list(PARTS))
        changed = broken(rng, PARTS[name])
        if changed == PARTS[name]:
            continue
        begun = time.process_time()
        outcome = ask(PARTS | {name: changed}, by_answer=name == "answer")
        spent = time.process_time() - begun
        figures.runs += 1
        figures.outcomes[f"{name}: {outcome.failure or 'ok'}"] += 1
        figures.slowest_s = max(figures.slowest_s, spent)
        assert not outcome.ok or unsigned_only(name, changed), (seed, name, changed.hex())
        assert spent < MAX_CPU_S, (seed, name, changed.hex())
    return figures


def test_the_unbroken_parts_are_good() -> None:
    assert ask(PARTS, by_answer=False).ok
    assert ask(PARTS, by_answer=True).ok


def test_a_second_of_broken_bytes_convinces_nobody() -> None:
    assert soak(1.0, seed=SEED).runs > 5, "a loaded machine does fewer"


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_minutes_of_broken_bytes_convince_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    figures = soak(SECONDS, SEED)
    with capsys.disabled():
        figure = f"{figures.runs} changed inputs, slowest {figures.slowest_s:.3f} s CPU, none accepted wrongly"
        print(f"\nseed {SEED}: {figure}")  # noqa: T201 - figures of a soak run
        for outcome, count in sorted(figures.outcomes.items()):
            print(f"  {outcome}: {count}")  # noqa: T201 - as above
