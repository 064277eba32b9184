"""One run of a command over many items: progress, journal, what is shown, and with which code it ends.

Knows items and answers. Must not know how anything is signed.
"""

import json
import signal
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NoReturn

from api.cli.exits import Exit
from api.cli.output import Format, write_items
from api.cli.sign_files import JOURNAL, Journal, digest_of
from api.cli.sign_items import Done, Item, Note, Pending

Work = Callable[[Sequence[Item], Note], Generator[Done]]
_WORDS: Final = {
    "skipped": "đã xong trước đó / done before",
    "signed": "đã ký / signed",
    "augmented": "đã bổ sung / augmented",
}
_SHOW_PROGRESS_FROM: Final = 4  # items; fewer are done before anybody looks


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run goes on and what it tells."""

    output: Format
    continue_on_error: bool
    resume: bool
    journal: Path | None
    """None: no run that could be resumed is noted."""
    label: str
    is_list: bool


def journal_place(out: Path | None, batch: Path | None) -> Path | None:
    """Where a run over many files is noted: beside its results, or beside its list."""
    if out is not None:
        return out / JOURNAL
    return None if batch is None else batch.with_name(f"{batch.name}{JOURNAL}")


def run(items: Sequence[Item], work: Work, options: RunOptions) -> NoReturn:
    """Do all of it, show what came of it, and end with the code of the worst.

    Raises:
        SystemExit: always.
    """
    journal = None if options.journal is None else Journal(path=options.journal)
    done = journal.done() if journal is not None and options.resume else {}
    known = [(item, _known(item, done)) for item in items]
    shown = _Shown(options)
    for _, one in known:
        if one is not None and one.pending is None:
            shown.show(one)
    rest = [replace(item, begun=one) for item, one in known if one is None or one.pending is not None]
    try:
        _work(rest, work, shown, journal, options)
    except KeyboardInterrupt:
        shown.finish()
        raise SystemExit(Exit.INTERRUPTED) from None
    shown.finish()
    raise SystemExit(_code(shown.answers, len(items)))


def _work(items: Sequence[Item], work: Work, shown: "_Shown", journal: Journal | None, options: RunOptions) -> None:
    if not items:
        return

    noted: list[Done] = []

    def note(done: Done) -> None:
        if journal is not None:
            _note(journal, done)
        noted.append(done)

    try:
        with closing(work(items, note)) as found:
            for answer in _with_progress(found, len(items), options.label):
                shown.show(answer)
                failure = answer.failure
                if failure is not None and (failure.stops or not options.continue_on_error):
                    break
    finally:  # the run may have ended before its turn came to be told
        told, place = {id(one.item) for one in shown.answers}, {id(item): n for n, item in enumerate(items)}
        for done in sorted(noted, key=lambda one: place[id(one.item)]):
            if id(done.item) not in told and _stands(done):
                shown.show(done)


def _stands(done: Done) -> bool:
    """What was about to stand at its place stands there: the file got its name, or it lies in the service."""
    if done.item.target is None:
        return True
    with suppress(OSError):
        return digest_of(done.item.target) == done.sha256
    return False


def _note(journal: Journal, answer: Done) -> None:
    target = answer.item.target
    journal.note(
        input=answer.item.name,
        input_sha256=answer.source_sha256 or "",
        output="" if target is None else str(target.absolute()),
        sha256=answer.sha256 or "",
        level=answer.level or "",
        **({} if answer.pending is None else answer.pending.document()),
    )


def _known(item: Item, done: dict[str, list[dict[str, str]]]) -> Done | None:
    """The item as an earlier run left it: the same input, and the same output still stands."""
    noted = done.get(item.name, [])
    if item.source is None and item.target is None:
        return _skipped(item, noted[0]) if noted else None  # a result; the service knows it
    with suppress(OSError):
        written = digest_of(item.target) if noted and item.target is not None else None
        entry = next((one for one in noted if one.get("sha256") == written), None)
        if entry is not None and (item.source is None or digest_of(item.source) == entry.get("input_sha256")):
            return _skipped(item, entry)
    return None


def _skipped(item: Item, entry: dict[str, str]) -> Done:
    answer = Done(
        item=item,
        state="skipped",
        level=entry.get("level"),
        sha256=entry.get("sha256"),
        source_sha256=entry.get("input_sha256"),
    )
    if "wanted_level" in entry:  # signed, and still not what was asked for
        lack = Pending(wanted=entry["wanted_level"], reason_code=entry.get("reason_code", ""))
        return replace(answer, state="pending", pending=lack)
    return answer


def _code(answers: Sequence[Done], wanted: int) -> Exit:
    failures = [one.failure for one in answers if one.failure is not None]
    if not failures:
        # I17: what is signed and lacks its time-stamp is not passed off as done
        return Exit.UNAVAILABLE if any(one.pending is not None for one in answers) else Exit.OK
    stopping = next((one for one in failures if one.stops), None)
    if stopping is not None or wanted == 1:
        return (stopping or failures[0]).exit
    codes = {one.exit for one in failures}
    return failures[0].exit if len(failures) == wanted and len(codes) == 1 else Exit.SOME_FAILED


class _Shown:
    """What is written as the answers come in."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self.answers: list[Done] = []

    def show(self, answer: Done) -> None:
        """One answer: written now, or kept for the one document at the end."""
        with _whole():
            self.answers.append(answer)
            if self._options.output is Format.TEXT:
                print(_text(answer), flush=True)
            elif self._options.output is Format.JSONL:
                write_items([answer.document()], Format.JSONL)
                sys.stdout.flush()

    def finish(self) -> None:
        """The one document of all that was done."""
        if self._options.output is not Format.JSON:
            return
        found: list[dict[str, Any]] = [one.document() for one in self.answers]
        value: object = found if self._options.is_list or len(found) != 1 else found[0]
        print(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def _whole() -> Iterator[None]:
    """Ctrl-C waits until the block has ended: a line is written whole, and once."""
    came: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:  # it is ignored, or somebody else's
        yield
        return
    signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def _text(answer: Done) -> str:
    if answer.failure is not None:
        return f"✗ {answer.item.name}: {answer.failure.code}: {answer.failure.vi} / {answer.failure.en}"
    if answer.state == "told":
        until = answer.lasts_until or "chưa có dấu thời gian lưu trữ / no archive time-stamp"
        return f"· {answer.item.name}: {until}"
    place = "" if answer.item.target is None else f" → {answer.item.target}"
    if answer.pending is not None:
        return f"… {answer.item.name}: {_lack(answer.level, answer.pending)}{place}"
    waits = answer.item.source is None and answer.level in {"B-B", "B-T"}
    more = "; dịch vụ tự bổ sung / the service adds the rest" if waits else ""
    level = f" ({answer.level}{more})" if answer.level else ""
    return f"✓ {answer.item.name}: {_WORDS[answer.state]}{level}{place}"


def _lack(level: str | None, pending: Pending) -> str:
    wanted, way = pending.wanted, "b-lta" if pending.wanted == "B-LTA" else "b-lt"
    return (
        f"đã ký {level}, chưa đạt {wanted}: {pending.reason_code}; bổ sung sau: --resume, anso augment --level {way} / "
        f"signed at {level}, {wanted} is not reached; to add what is missing: --resume, anso augment --level {way}"
    )


def _with_progress(found: Iterable[Done], total: int, label: str) -> Iterator[Done]:
    """The answers; many of them with a bar on standard error, if somebody looks at it."""
    if total < _SHOW_PROGRESS_FROM or not sys.stderr.isatty():
        yield from found
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(found, description=label, total=total, console=Console(stderr=True), transient=True)
