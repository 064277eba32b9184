"""Whole histories of a file, thrown together by chance: harmless steps in any order and form stay valid; one forbidden
step among them is enough, wherever it stands and however much comes after it.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest

from signing.validation import Verdict
from tests.attacks.appended_updates import OTHER
from tests.attacks.evil_annotations import BOX, annotated, lie, shown_over
from tests.attacks.raw_pdf import Body, Draft, Layout, Stream, text
from tests.attacks.workshop import (
    CATALOGUE,
    CONTENT,
    FONT,
    INFO,
    PAGE,
    PAGES,
    PLACE,
    Field,
    Workshop,
    base,
    draft,
    form,
)

Step = Callable[[Workshop, Draft, Layout, random.Random], Draft]
_LAYOUTS = (
    Layout(),
    Layout("stream"),
    Layout("packed"),
    Layout(eol=b"\r\n"),
    Layout(before=b"\n"),
    Layout(before=b"% a comment\n"),
    Layout("stream", before=b"\r\n\r\n"),
)
_FIRST = (Layout(), Layout("stream"), Layout("packed"), Layout(eol=b"\r\n"))


def _name(document: Draft) -> str:
    return f"Signature{document.size}"


def _sign(shop: Workshop, document: Draft, layout: Layout, chance: random.Random) -> Draft:
    return shop.sign(
        document, Field(_name(document)), layout=layout, cms=shop.cms(chance.choice(("p256", "rsa", "pss")))
    )


def _stamp(shop: Workshop, document: Draft, layout: Layout, _: random.Random) -> Draft:
    return shop.stamped(document, _name(document), layout=layout)


def _store(shop: Workshop, document: Draft, layout: Layout, _: random.Random) -> Draft:
    return shop.store(document, layout)


def _rewrite(_: Workshop, document: Draft, layout: Layout, chance: random.Random) -> Draft:
    bodies: dict[int, Body | None] = {
        n: b for n, b in document.objects.items() if not isinstance(b, bytes) and chance.random() < 0.5
    }
    return document.revise(bodies or {PAGE: document.entries(PAGE)}, layout)


def _unused(_: Workshop, document: Draft, layout: Layout, chance: random.Random) -> Draft:
    return document.revise({document.size: Stream(chance.randbytes(20)), document.size + 1: {"/A": "900 0 R"}}, layout)


def _dates(_: Workshop, document: Draft, layout: Layout, __: random.Random) -> Draft:
    return document.revise({INFO: document.changed(INFO, ModDate="(D:20260807)", Producer="(Another)")}, layout)


HARMLESS: tuple[Step, ...] = (_sign, _stamp, _store, _rewrite, _unused, _dates)


def _content(_: Workshop, document: Draft, layout: Layout, __: random.Random) -> Draft:
    return document.revise({CONTENT: OTHER}, layout)


def _font(_: Workshop, document: Draft, layout: Layout, __: random.Random) -> Draft:
    return document.revise({FONT: document.changed(FONT, BaseFont="/Symbol")}, layout)


def _cut(_: Workshop, document: Draft, layout: Layout, __: random.Random) -> Draft:
    return document.revise({PAGE: document.changed(PAGE, CropBox="[0 0 300 130]")}, layout)


def _page(_: Workshop, document: Draft, layout: Layout, __: random.Random) -> Draft:
    new = {document.size: document.changed(PAGE, Contents=f"{document.size + 1} 0 R"), document.size + 1: OTHER}
    return document.revise({**new, PAGES: document.changed(PAGES, Kids=f"[{document.size} 0 R]")}, layout)


def _note(_: Workshop, document: Draft, __: Layout, ___: random.Random) -> Draft:
    return annotated(document, shown_over((15, 135, 200, 160), "FreeText", document.size + 1), lie())


def _cover(shop: Workshop, document: Draft, layout: Layout, _: random.Random) -> Draft:
    return shop.sign(document, Field(_name(document), (15, 135, 200, 160), lie()), layout=layout)


def _script(_: Workshop, document: Draft, layout: Layout, __: random.Random) -> Draft:
    return document.revise({CATALOGUE: document.changed(CATALOGUE, OpenAction="<< /S /JavaScript /JS (x) >>")}, layout)


def _hidden(shop: Workshop, document: Draft, _: Layout, chance: random.Random) -> Draft:
    hidden = Layout(before=b"4 0 obj\n<< /Length 3 >>\nstream\n0 g\nendstream\nendobj\n")
    return _store(shop, document, hidden, chance)


def _mark(_: Workshop, document: Draft, layout: Layout, __: random.Random) -> Draft:
    """The first signer's mark shows something else."""
    mark = next(n for n, b in document.objects.items() if isinstance(b, dict) and b.get("/T") == text("First"))
    return document.revise({mark: document.changed(mark, Rect=BOX), mark + 1: lie(100, 40)}, layout)


FORBIDDEN: tuple[Step, ...] = (_content, _font, _cut, _page, _note, _cover, _script, _hidden, _mark)


def history(shop: Workshop, seed: int, forbidden: Step | None = None) -> Draft:
    """A signed document and two to five steps after it."""
    chance = random.Random(seed)  # noqa: S311 - a seed gives the same file every time
    look = form(100, 40, "0 0 1 RG 1 1 98 38 re S")
    document = shop.sign(
        draft(base(), chance.choice(_FIRST)), Field("First", PLACE, look), cms=shop.cms(stamp=shop.token)
    )
    steps = [chance.choice(HARMLESS) for _ in range(chance.randint(2, 5))]
    if forbidden:
        steps.insert(chance.randint(0, len(steps)), forbidden)
    for step in steps:
        document = step(shop, document, chance.choice(_LAYOUTS), chance)
    return document


@pytest.mark.parametrize("seed", range(24))
def test_harmless_steps_in_any_order_and_form_stay_valid(workshop: Workshop, seed: int) -> None:
    report = workshop.check(history(workshop, seed).pdf)
    assert report.verdict is Verdict.VALID, (report.reasons, [s.errors for s in report.signatures])
    assert {s.changes_after.value for s in report.signatures} <= {"none", "permitted"}
    assert all(s.intact for s in report.signatures)


@pytest.mark.parametrize("forbidden", FORBIDDEN, ids=lambda step: step.__name__.strip("_"))
@pytest.mark.parametrize("seed", range(4))
def test_one_forbidden_step_is_enough(workshop: Workshop, forbidden: Any, seed: int) -> None:
    report = workshop.check(history(workshop, seed, forbidden).pdf)
    assert report.verdict is Verdict.INVALID, report.reasons
    first = next(s for s in report.signatures if s.field == "First")
    assert first.verdict is Verdict.INVALID
    assert first.changes_after.value == "forbidden"
    assert first.intact  # told truthfully


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_thousands_of_histories(workshop: Workshop) -> None:
    for seed in range(100, 1600):
        assert workshop.check(history(workshop, seed).pdf).verdict is Verdict.VALID, seed
        for step in FORBIDDEN:
            assert workshop.check(history(workshop, seed, step).pdf).verdict is Verdict.INVALID, (seed, step.__name__)
