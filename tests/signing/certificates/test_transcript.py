"""A transcript that was changed anywhere is noticed; a rehearsal announces what a ceremony then makes."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.ca import (
    CLOSED,
    FOUND,
    OPENED,
    CeremonyStep,
    TranscriptHead,
    body_of,
    certificate_body,
    check_transcript,
    next_line,
    parse_recipe,
    perform,
    plan_digest,
    rehearse,
)
from signing.ca.rehearsal import form_of
from signing.errors import CeremonyRefused
from signing.profiles import Site
from signing.registry import MemoryRegistry
from tests.signing.certificates.hierarchy import AT, new_hierarchy, recipe_text

SITE = Site(base_url="http://pki.example.vn", development=True)


def official_recipe() -> dict[str, Any]:
    """A recipe that counts: no development names, and people who are there."""
    text = json.loads(json.dumps(recipe_text()).replace("Anso DEV - ", "Tỉnh Quảng Ninh - ").replace("DEV", "QNI"))
    text["development"] = False
    text["attendees"] = [
        {"role": "administrator", "name": "Nguyễn Văn An"},
        {"role": "witness", "name": "Trần Thị Bình"},
        {"role": "witness", "name": "Lê Văn Cường"},
    ]
    return text


def _lines(bodies: list[dict[str, object]]) -> list[str]:
    head, lines = TranscriptHead(), []
    for number, body in enumerate(bodies):
        line, head = next_line(head, body, AT + timedelta(seconds=number))
        lines.append(line)
    return lines


@pytest.fixture(scope="module")
def bodies() -> list[dict[str, object]]:
    made, recipe = new_hierarchy(), parse_recipe(recipe_text())
    made.registry = MemoryRegistry()
    steps: list[CeremonyStep] = []
    perform(recipe, made.room, made.open_registry, at=AT, witness=steps.append)
    plan = {member.service: member.form_sha256 for member in rehearse(recipe, made.room.site)}
    return [{"act": OPENED, "plan": plan}, *map(body_of, steps), {"act": CLOSED, "made": []}]


@pytest.fixture(scope="module")
def lines(bodies: list[dict[str, object]]) -> list[str]:
    return _lines(bodies)


def test_a_transcript_as_it_was_written_agrees_with_itself_and_its_certificates(lines: list[str]) -> None:
    report = check_transcript("\n".join(lines))
    assert report.findings == ()
    assert report.is_closed
    assert len(report.certificates) == 7
    used = [der for _, der in report.certificates]
    assert check_transcript("\n".join(lines), used).findings == ()
    codes = check_transcript("\n".join(lines), used[1:]).findings
    assert [code.partition(":")[0] for code in codes] == ["transcript.missing_certificate"]
    stranger = new_hierarchy().registry.by_service("seal")[0].der or b""
    codes = check_transcript("\n".join(lines), [*used, stranger]).findings
    assert [code.partition(":")[0] for code in codes] == ["transcript.unknown_certificate"]


@pytest.mark.parametrize("position", [0.1, 0.35, 0.6, 0.9])
def test_a_changed_character_in_any_line_is_noticed(lines: list[str], position: float) -> None:
    for number, line in enumerate(lines):
        at = int(len(line) * position)
        changed = line[:at] + ("0" if line[at] != "0" else "1") + line[at + 1 :]
        report = check_transcript("\n".join([*lines[:number], changed, *lines[number + 1 :]]))
        assert report.findings, number
        assert report.head.number == number  # nothing behind it is believed


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[1:],
        lambda lines: [lines[0], *lines[2:]],
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        lambda lines: [*lines[:2], lines[1], *lines[2:]],
        lambda lines: lines[:-1],
        lambda lines: lines[:3],
        lambda _lines: [],
        lambda lines: [*lines, "{}"],
        lambda lines: [*lines, "x" * 300_000],
        lambda lines: [*lines, "[" * 100_000],
        lambda lines: lines * 2000,
    ],
)
def test_lines_taken_away_moved_or_added_are_noticed(
    lines: list[str], change: Callable[[list[str]], list[str]]
) -> None:
    assert check_transcript("\n".join(change(lines))).findings


def _edited(bodies: list[dict[str, object]], service: str, act: str, **changes: object) -> list[dict[str, object]]:
    return [
        {**body, **changes} if (body.get("service"), body.get("act")) == (service, act) else body for body in bodies
    ]


def test_a_chain_that_was_written_anew_still_has_to_agree_with_its_certificates(
    bodies: list[dict[str, object]],
) -> None:
    other = new_hierarchy().registry.by_service("ca:personal")[0].der or b""
    digest = hashlib.sha256(b"x").hexdigest()
    cases = {
        "transcript.not_what_was_recorded": _edited(bodies, "tsa", "recorded", tbs_sha256=digest),
        "transcript.certificate_digest": _edited(bodies, "tsa", "signed", certificate_sha256=digest),
        "transcript.signature": _edited(bodies, "ca:personal", "signed", **certificate_body(other)),
        "transcript.step_malformed": _edited(bodies, "tsa", "signed", certificate="!"),
        "transcript.not_what_was_announced": [{**bodies[0], "plan": {}}, *bodies[1:]],
        "transcript.not_opened": bodies[1:],
    }
    for code, edited in cases.items():
        found = {finding.partition(":")[0] for finding in check_transcript("\n".join(_lines(edited))).findings}
        assert code in found, code


def test_a_key_that_was_destroyed_signs_nothing_afterwards(bodies: list[dict[str, object]]) -> None:
    key_id = next(body["key_id"] for body in bodies if body.get("service") == "ca:root")
    at = next(n for n, body in enumerate(bodies) if (body.get("service"), body["act"]) == ("ca:root", "signed"))
    destroyed = {"act": "key_destroyed", "service": "ca:root", "key_id": key_id}
    codes = check_transcript("\n".join(_lines([*bodies[:at], destroyed, *bodies[at:]]))).findings
    assert any(code.startswith("transcript.key_had_ended") for code in codes)


def test_what_was_found_is_checked_but_was_not_announced(bodies: list[dict[str, object]]) -> None:
    root = next(body for body in bodies if (body.get("service"), body["act"]) == ("ca:root", "signed"))
    found = [bodies[0], {**root, "act": FOUND}, {"act": CLOSED}]
    assert check_transcript("\n".join(_lines(found))).findings == ()


def test_time_does_not_go_back(bodies: list[dict[str, object]]) -> None:
    first, head = next_line(TranscriptHead(), bodies[0], AT)
    second, head = next_line(head, bodies[1], AT - timedelta(seconds=1))
    third, _ = next_line(head, {"act": CLOSED}, AT.replace(tzinfo=None))
    codes = check_transcript(f"{first}\n{second}\n{third}").findings
    assert [code for code in codes if "time_goes_back" in code] == [
        "transcript.time_goes_back:2",
        "transcript.time_goes_back:3",
    ]


@given(st.lists(st.one_of(st.text(max_size=80), st.from_regex(r"\{.{0,60}\}")), max_size=4).map("\n".join))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert check_transcript(text).findings


@given(st.binary(max_size=200))
def test_no_bytes_in_place_of_a_certificate_break_the_reader(content: bytes) -> None:
    body = {"act": FOUND, "service": "x", "key_id": "k", "certificate": base64.b64encode(content).decode()}
    codes = check_transcript("\n".join(_lines([{"act": OPENED, "plan": {}}, body, {"act": CLOSED}]))).findings
    assert codes == ("transcript.step_malformed:2",)


def test_two_rehearsals_announce_the_same_and_another_recipe_something_else() -> None:
    plan = rehearse(parse_recipe(recipe_text()), SITE)
    assert plan_digest(plan) == plan_digest(rehearse(parse_recipe(recipe_text()), SITE))
    seen = {plan_digest(plan)}
    changes: tuple[Callable[[dict[str, Any]], object], ...] = (
        lambda text: text["authorities"]["personal"].update(name="Anso DEV - khác"),
        lambda text: text["authorities"]["secondary"].update(years=9),
        lambda text: text["authorities"]["personal"].update(key="ec_p384"),
        lambda text: text["ocsp"].update(days=29),
        lambda text: text["seal"].update(org_code="ANSO-DEV-2"),
    )
    for change in changes:
        text = recipe_text()
        change(text)
        digest = plan_digest(rehearse(parse_recipe(text), SITE))
        assert digest not in seen
        seen.add(digest)
    elsewhere = Site(base_url="http://pki.khac.example.vn", development=True)
    assert plan_digest(rehearse(parse_recipe(recipe_text()), elsewhere)) not in seen


def test_what_a_ceremony_makes_has_the_form_that_was_announced() -> None:
    made = new_hierarchy()
    for member in rehearse(parse_recipe(recipe_text()), made.room.site):
        assert form_of(made.registry.by_service(member.service)[0].der or b"") == member.form


def test_an_official_recipe_makes_an_official_plan() -> None:
    recipe = parse_recipe(official_recipe())
    assert [person.role for person in recipe.attendees] == ["administrator", "witness", "witness"]
    plan = rehearse(recipe, Site(base_url="http://pki.quangninh.example.vn", development=False))
    assert len(plan) == 7
    assert not any("DEV" in line for member in plan for line in member.form)
    assert {member.service for member in recipe.upkeep().members} == {"ocsp:personal", "ocsp:secondary", "seal"}


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.pop("attendees"),
        lambda text: text["attendees"].pop(0),
        lambda text: text["attendees"].pop(2),
        lambda text: text["attendees"][1].update(name="Nguyễn Văn An "),
        lambda text: text["attendees"][1].update(name="NGUYỄN VĂN AN"),
        lambda text: text["attendees"][1].update(name=" "),
        lambda text: text["attendees"][1].pop("name"),
        lambda text: text.update(attendees="An"),
        lambda text: text["authorities"]["root"].update(name="Anso DEV - CA gốc"),
    ],
)
def test_nobody_makes_an_official_root_alone_or_under_a_development_name(
    change: Callable[[dict[str, Any]], object],
) -> None:
    text = official_recipe()
    change(text)
    with pytest.raises(CeremonyRefused) as caught:
        parse_recipe(text)
    assert caught.value.code == "CA_CEREMONY_REFUSED"
