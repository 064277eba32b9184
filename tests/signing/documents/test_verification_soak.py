"""Minutes of broken and re-written PDF files against the whole check: no crash, nothing slow, nothing wrongly VALID.

`ANSO_SOAK_S` says how many seconds (300), `ANSO_SOAK_SEED` repeats a run, `ANSO_SOAK_FINDINGS` names a folder that
keeps what went wrong. What a valid file shows must be what one of the revisions of its seed shows (judged by PDFium).
"""

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import FrameType
from typing import Any

import pypdfium2 as pdfium
import pytest

from signing.pades import PersonMark, SealMark
from signing.validation import VN_TT15_2025, Report, verify_pdf
from tests.fakes.breaking_pdf import broken
from tests.fakes.producers import producer_files, verified_pdf

MAX_CPU_S = 10.0 if sys.gettrace() is None else 40.0
SECONDS = float(os.environ.get("ANSO_SOAK_S", "300"))
SEED = int(os.environ.get("ANSO_SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
FINDINGS = os.environ.get("ANSO_SOAK_FINDINGS", "")
_SHOWN_PAGES = 3
_HARMLESS = {"form_fill", "annotations"}
_OF_OTHERS = ("itext5_two_lta2", "itext5_full_lta", "itext5_cert2_filled_signed", "pdfbox_two_lta2", "itext5_note")


class TooSlowError(Exception):
    """One check needed more CPU than it may."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def look(pdf: bytes) -> str:
    """What PDFium shows of the first pages, as a digest; '?' if it shows nothing."""
    state = sha256()
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError:
        return "?"
    try:
        document.init_forms()
        state.update(b"%d" % len(document))
        for number in range(min(len(document), _SHOWN_PAGES)):
            state.update(bytes(document[number].render(scale=0.5).buffer))
    except pdfium.PdfiumError:
        return "?"
    finally:
        document.close()
    return state.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A good file and everything that any of its revisions shows."""

    name: str
    pdf: bytes
    looks: frozenset[str]
    check: Callable[[bytes], Report]


def seed_of(name: str, pdf: bytes, check: Callable[[bytes], Report]) -> Seed:
    ends = [at + 5 for at in range(len(pdf)) if pdf.startswith(b"%%EOF", at)]
    looks = frozenset(look(pdf[: end + 1]) for end in ends) | {look(pdf)}
    return Seed(name=name, pdf=pdf, looks=looks, check=check)


@pytest.fixture(scope="module")
def seeds(sign: Any, pki: Any, sample_pdf: Any, signature_picture: bytes, seal_picture: bytes) -> tuple[Seed, ...]:
    small = sign(sample_pdf.small()).pdf
    again = sign(small, field_name="Second").pdf
    page = sign(sample_pdf.page(), field_name="Person", mark=PersonMark(picture=signature_picture)).pdf
    sealed = sign(page, credential=pki.seal(), field_name="Seal", mark=SealMark(picture=seal_picture)).pdf
    streams = sample_pdf.changed(sample_pdf.small(), lambda _: None, object_stream_mode=2)
    packed = sign(streams).pdf

    def check(pdf: bytes) -> Report:
        return verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at)

    own = {"small": small, "twice": again, "sealed": sealed, "packed": packed}
    others = producer_files()
    return (
        *(seed_of(name, pdf, check) for name, pdf in own.items()),
        *(seed_of(name, others[f"{name}.pdf"], partial(verified_pdf, others)) for name in _OF_OTHERS),
    )


@dataclass
class Figures:
    """What happened."""

    runs: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    swallowed: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    slowest_s: float = 0.0

    def note(self, kind: str, pdf: bytes) -> None:
        self.findings.append(f"{kind} sha256={sha256(pdf).hexdigest()[:12]}")
        if FINDINGS:
            Path(FINDINGS).mkdir(parents=True, exist_ok=True)
            (Path(FINDINGS) / f"{kind.split(':', maxsplit=1)[0]}-{sha256(pdf).hexdigest()[:12]}.pdf").write_bytes(pdf)


def judge(seed: Seed, pdf: bytes, figures: Figures) -> None:
    begun = time.process_time()
    try:
        with limited(MAX_CPU_S):
            report = seed.check(pdf)
            report.document()
    except TooSlowError:
        figures.note("slow", pdf)
        return
    except Exception as err:  # noqa: BLE001 - what must never happen is what is looked for
        figures.note(f"crash:{type(err).__name__}", pdf)
        return
    figures.runs += 1
    figures.slowest_s = max(figures.slowest_s, time.process_time() - begun)
    figures.verdicts[report.verdict.value] += 1
    for entry in report.signatures:
        if entry.reason is not None and entry.reason.value == "CHECK_FAILED":
            figures.swallowed[" ".join(entry.errors)] += 1
            figures.note("swallowed", pdf)
    if report.verdict.value == "valid" and not {s.changes_after.value for s in report.signatures} & _HARMLESS:
        signed = [s for s in report.signatures if s.kind == "signature"]
        if not signed or look(pdf) not in seed.looks:
            figures.note("wrongly_valid", pdf)


def soak(seeds: tuple[Seed, ...], number: int, *, seconds: float = 1e9, files: int = 10**9) -> Figures:
    rng = random.Random(number)  # noqa: S311 - a fuzzer has to repeat itself, not to be unpredictable
    figures, end = Figures(), time.monotonic() + seconds
    others = tuple(seed.pdf for seed in seeds)
    while time.monotonic() < end and figures.runs < files:
        seed = rng.choice(seeds)
        changed = broken(rng, seed.pdf, others)
        if changed != seed.pdf:
            judge(seed, changed, figures)
    return figures


def test_the_files_of_the_fuzzer_are_good_before_they_are_broken(seeds: tuple[Seed, ...]) -> None:
    for seed in seeds:
        figures = Figures()
        judge(seed, seed.pdf, figures)
        assert not figures.findings, seed.name
        assert figures.verdicts["valid"] == 1, seed.name


def test_forty_broken_files_convince_nobody(seeds: tuple[Seed, ...]) -> None:
    figures = soak(seeds, 20261123, files=40)
    assert not figures.findings


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_minutes_of_broken_files_convince_nobody(seeds: tuple[Seed, ...], capsys: pytest.CaptureFixture[str]) -> None:
    begun = time.process_time()
    figures = soak(seeds, SEED, seconds=SECONDS)
    with capsys.disabled():
        spent = time.process_time() - begun
        print(f"\nseed {SEED}: {figures.runs} files in {spent:.0f} s CPU, slowest {figures.slowest_s:.2f} s")  # noqa: T201 - figures
        print(f"  verdicts {dict(figures.verdicts)}")  # noqa: T201 - as above
        print(f"  findings {Counter(f.split()[0] for f in figures.findings)} {dict(figures.swallowed)}")  # noqa: T201 - as above
    assert not figures.findings, (SEED, figures.findings[:20])
