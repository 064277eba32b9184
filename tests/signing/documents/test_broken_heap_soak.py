"""Broken certificates, lists and answers beside the good ones: a good signature stays what it is, whoever left them.

`ANSO_SOAK_S` says how many seconds (300), `ANSO_SOAK_SEED` repeats a run.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509

from signing.keys.der import SEQUENCE, DerError, tlv
from signing.trust import Evidence
from signing.validation import VN_TT15_2025, verify_pdf
from signing.validation.ber import only_element
from signing.validation.certificate_parts import read_parts
from tests.fakes import sample_pdf as documents
from tests.fakes.breaking_der import broken_der

SECONDS = float(os.environ.get("ANSO_SOAK_S", "300"))
SEED = int(os.environ.get("ANSO_SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
_MOST_ITEMS = 4

Heap = tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...]]
"""Certificates, answers, lists."""


@pytest.fixture(scope="module")
def own(small_pki: Any) -> Any:
    """An infrastructure whose lists have entries that nobody here asks for."""
    pki = small_pki.SmallPki()
    for days in range(1, 4):
        pki.revoke(pki.credential(), pki.at - timedelta(days=days), x509.ReasonFlags.key_compromise)
    return pki


@pytest.fixture(scope="module")
def good(own: Any, sign: Any) -> tuple[bytes, Heap]:
    """A signed file, and what its verdict rests on."""
    credential = own.credential()
    evidence = own.evidence((credential.certificate, *credential.chain))
    certificates = (credential.certificate, *credential.chain, own.credential().certificate)
    pdf = sign(documents.small(), credential=credential, by=own, field_name="Ours").pdf
    return pdf, (certificates, (*evidence.ocsps, own.ocsp(own.ca.der)), (*evidence.crls, own.crl(own.ca)))


def broken_heap(rng: random.Random, heap: Heap) -> Evidence:
    """One to four broken things of each kind."""
    certificates, ocsps, crls = (
        tuple(broken_der(rng, rng.choice(kind)) for _ in range(rng.randint(1, _MOST_ITEMS))) for kind in heap
    )
    return Evidence(certificates=certificates, ocsps=ocsps, crls=crls)


def verdict(own: Any, pdf: bytes, evidence: Evidence) -> str:
    report = verify_pdf(pdf, anchors=own.anchors(), policy=VN_TT15_2025, at=own.at, evidence=evidence)
    (one,) = report.signatures
    return f"{one.verdict.value} {one.level} {' '.join(one.errors)}".strip()


def changed(der: bytes, *pairs: tuple[str, str]) -> bytes:
    """With octets (in hexadecimal) replaced by others."""
    for old, new in pairs:
        assert bytes.fromhex(old) in der
        der = der.replace(bytes.fromhex(old), bytes.fromhex(new))
    return der


STRANGE: dict[str, Callable[[Heap], Evidence]] = {
    "a key of an unknown kind": lambda heap: Evidence(
        certificates=(changed(heap[0][1], ("06072a8648ce3d0201", "06072a8648ce3d027f")),)
    ),
    "no key at all": lambda heap: Evidence(certificates=(changed(heap[0][1], ("03420004", "04420004")),)),
    "an unknown algorithm and a month that is none": lambda heap: Evidence(
        certificates=(changed(heap[0][1], ("ce3d040302", "ce3d04037f"), (b"2607".hex(), b"2613".hex())),)
    ),
    "an answer by an unknown digest": lambda heap: Evidence(
        ocsps=(changed(heap[1][0], ("608648016503040201", "608648016503040202")),)
    ),
}


@pytest.mark.parametrize("kind", sorted(STRANGE))
def test_a_strange_thing_beside_the_good_evidence_costs_no_signature_its_verdict(
    own: Any, good: tuple[bytes, Heap], kind: str
) -> None:
    pdf, heap = good
    assert verdict(own, pdf, STRANGE[kind](heap)) == "valid B-LT"


@pytest.mark.parametrize("extensions", [b"", tlv(SEQUENCE, tlv(SEQUENCE))], ids=["none", "one of nothing"])
def test_a_certificate_whose_extensions_are_none_is_none(own: Any, extensions: bytes) -> None:
    tbs, *rest = only_element(own.ca.der, SEQUENCE).children()
    parts = [one.raw for one in tbs.children() if one.tag != 0xA3]
    with pytest.raises(DerError):
        read_parts(tlv(SEQUENCE, tlv(SEQUENCE, *parts, tlv(0xA3, extensions)), *(one.raw for one in rest)))


def verdicts(own: Any, good: tuple[bytes, Heap], number: int, *, seconds: float = 1e9, heaps: int = 10**9) -> Any:
    rng = random.Random(number)  # noqa: S311 - a fuzzer has to repeat itself, not to be unpredictable
    end, found = time.monotonic() + seconds, Counter[str]()
    while time.monotonic() < end and found.total() < heaps:
        found[verdict(own, good[0], broken_heap(rng, good[1]))] += 1
    return found


def test_what_lies_beside_the_good_evidence_costs_no_signature_its_verdict(own: Any, good: tuple[bytes, Heap]) -> None:
    assert verdict(own, good[0], Evidence()) == "valid B-LT"
    assert verdicts(own, good, 20261123, heaps=60) == {"valid B-LT": 60}


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_minutes_of_broken_heaps_cost_no_signature_its_verdict(
    own: Any, good: tuple[bytes, Heap], capsys: pytest.CaptureFixture[str]
) -> None:
    found = verdicts(own, good, SEED, seconds=SECONDS)
    with capsys.disabled():
        print(f"\nseed {SEED}: {dict(found)}")  # noqa: T201 - figures
    assert set(found) == {"valid B-LT"}, SEED
