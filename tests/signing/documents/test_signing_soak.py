"""Broken and re-written files to sign: each is refused by a code, or signed so that the check has nothing to doubt.

`ANSO_SOAK_S` says how many seconds (300), `ANSO_SOAK_SEED` repeats a run, `ANSO_SOAK_FINDINGS` names a folder that
keeps what went wrong.
"""

import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from signing.errors import EvidenceUnavailable, SigningError
from signing.pades import PersonMark, SigningRequest, augment_pdf, sign_pdf
from signing.pades.isolated import prepare_in_worker
from signing.validation import VN_TT15_2025, verify_pdf
from tests.fakes import sample_pdf as documents
from tests.fakes.breaking_pdf import broken

MAX_CPU_S = 10.0
SECONDS = float(os.environ.get("ANSO_SOAK_S", "300"))
SEED = int(os.environ.get("ANSO_SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
FINDINGS = os.environ.get("ANSO_SOAK_FINDINGS", "")


@dataclass
class Figures:
    """What happened."""

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def note(self, kind: str, pdf: bytes) -> None:
        mark = sha256(pdf).hexdigest()[:12]
        self.findings.append(f"{kind} sha256={mark}")
        if FINDINGS:
            Path(FINDINGS).mkdir(parents=True, exist_ok=True)
            (Path(FINDINGS) / f"sign-{kind.split(':', maxsplit=1)[0]}-{mark}.pdf").write_bytes(pdf)


@pytest.fixture(scope="module")
def strangers() -> None:
    """The files that are signed here are broken on purpose; foreign readers give up on some that say nothing wrong."""


@pytest.fixture(scope="module")
def seeds(pki: Any, sign: Any, signature_picture: bytes) -> tuple[bytes, ...]:
    small, page = documents.small(), documents.page()
    packed = pikepdf.ObjectStreamMode.generate
    marked = sign(page, field_name="First", mark=PersonMark(picture=signature_picture)).pdf
    return (
        small,
        page,
        documents.rotated(page, 90),
        documents.cropped(page),
        documents.changed(page, lambda _: None, object_stream_mode=packed),
        documents.changed(small, lambda _: None, object_stream_mode=packed, linearize=True),
        sign(small, field_name="First").pdf,
        marked,
        sign(small, field_name="First", certify=True).pdf,
        augment_pdf(marked, stamp=pki.stamp, evidence=pki.evidence, at=pki.at, archive=True).pdf,
    )


def signed_or_refused(pki: Any, pdf: bytes, figures: Figures, **over: Any) -> None:
    request = SigningRequest(credential=pki.credential(), field_name="Ours", **over)
    begun, prepared = time.process_time(), False
    try:
        prepare_in_worker(pdf, request, True, pki.at)
        prepared = True
        signed = sign_pdf(pdf, request, keys=pki.keys, stamp=pki.stamp, evidence=pki.evidence, at=pki.at).pdf
    except SigningError as err:
        figures.outcomes[err.code] += 1
        if prepared and not isinstance(err, EvidenceUnavailable):  # of a certificate that a stranger left there
            figures.note(f"late:{err.code}", pdf)
        return
    except Exception as err:  # noqa: BLE001 - what must never happen is what is looked for
        figures.note(f"crash:{type(err).__name__}", pdf)
        return
    finally:
        if time.process_time() - begun > MAX_CPU_S:
            figures.note("slow", pdf)
    figures.outcomes["signed"] += 1
    if not signed.startswith(pdf):
        figures.note("rewritten", pdf)
    report = verify_pdf(signed, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at, compare_pages=False)
    verdicts = [one.verdict.value for one in report.signatures if one.field == "Ours"]
    if verdicts != ["valid"]:
        figures.note(f"doubted:{verdicts}", signed)


def soak(pki: Any, seeds: tuple[bytes, ...], picture: bytes, number: int, *, seconds: float, files: int) -> Figures:
    rng = random.Random(number)  # noqa: S311 - a fuzzer has to repeat itself, not to be unpredictable
    figures, end = Figures(), time.monotonic() + seconds
    while time.monotonic() < end and figures.outcomes.total() < files:
        seed = rng.choice(seeds)
        changed = broken(rng, seed, seeds)
        wish = rng.choice(({}, {}, {"mark": PersonMark(picture=picture)}, {"certify": True}, {"closes": True}))
        signed_or_refused(pki, changed, figures, **wish)
    return figures


def test_unbroken_files_are_signed(pki: Any, seeds: tuple[bytes, ...]) -> None:
    figures = Figures()
    for seed in seeds:
        signed_or_refused(pki, seed, figures)
    assert not figures.findings
    assert figures.outcomes == {"signed": len(seeds)}


def test_of_forty_broken_files_none_is_signed_badly(
    pki: Any, seeds: tuple[bytes, ...], signature_picture: bytes
) -> None:
    figures = soak(pki, seeds, signature_picture, 20261123, seconds=1e9, files=40)
    assert not figures.findings
    assert figures.outcomes["signed"]


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_minutes_of_broken_files_are_refused_or_signed_well(
    pki: Any, seeds: tuple[bytes, ...], signature_picture: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = soak(pki, seeds, signature_picture, SEED, seconds=SECONDS, files=10**9)
    with capsys.disabled():
        print(f"\nseed {SEED}: {figures.outcomes.total()} files, {dict(figures.outcomes)}")  # noqa: T201 - figures
        print(f"  findings {Counter(one.split()[0] for one in figures.findings)}")  # noqa: T201 - as above
    assert not figures.findings, (SEED, figures.findings[:20])
