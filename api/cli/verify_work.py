"""The checks of `anso verify`: each in a worker that can be killed, some at a time, answered in their order.

The checking itself, with all its libraries, is loaded in the workers only. Must not know how answers are shown.
"""

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from api.cli.exits import Exit
from api.cli.verify_inputs import Input, InputMissing

if TYPE_CHECKING:
    from signing.isolation import Isolation
    from signing.trust import TrustAnchors

_TELL: Final = "signing.validation.isolated:tell_in_worker"
_TIMEOUT_S: Final = 60.0
_HEADER_WINDOW: Final = 1024
_EXITS: Final = {
    "valid": Exit.OK,
    "invalid": Exit.SIGNATURE_INVALID,
    "indeterminate": Exit.INDETERMINATE,
    "no_signature": Exit.NO_SIGNATURE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """By what everything is judged, and what is to be told."""

    anchors: "TrustAnchors"
    at: datetime
    policy_id: str | None = None
    password: str | None = field(default=None, repr=False)
    detailed: bool = False
    etsi: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one input."""

    name: str
    document: dict[str, Any]
    """The report (DESIGN §3), or `error` with a code and what to do; where a file was read, both."""
    exit: Exit
    xml: bytes = b""


def answers(inputs: Sequence[Input], question: Question, jobs: int) -> Generator[Answer]:
    """One answer for each input, in their order; no input ends the run. Whoever stops asking stops the work."""
    from signing.isolation import Isolation

    lanes = max(1, min(jobs, len(inputs)))
    with (
        Isolation(workers=lanes, preload=("signing.validation.isolated",), wait_s=_TIMEOUT_S * lanes) as workers,
        ThreadPoolExecutor(max_workers=lanes) as pool,
    ):
        waiting = deque(inputs)
        running: deque[Future[Answer]] = deque()
        try:
            while waiting or running:
                while waiting and len(running) <= lanes:
                    running.append(pool.submit(_answer, waiting.popleft(), question, workers))
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()
            if running:
                workers.stop()


def _answer(given: Input, question: Question, workers: "Isolation") -> Answer:
    try:
        content, signature = given.read()
    except InputMissing as err:
        return Answer(name=given.name, document=_failure(err.code, err.vi, err.en), exit=Exit.INPUT_UNREADABLE)
    refusal = {} if signature is not None else _refusal(content or b"")
    document, xml = _told(content, signature, question, workers)
    code = Exit.INPUT_UNREADABLE if refusal else _EXITS[document["verdict"]]
    return Answer(name=given.name, document={**refusal, **document}, exit=code, xml=xml)


def _told(
    content: bytes | None, signature: bytes | None, question: Question, workers: "Isolation"
) -> tuple[dict[str, Any], bytes]:
    from signing.isolation import IsolationError, WorkTimedOut

    try:
        told: tuple[dict[str, Any], bytes] = workers.call(
            _TELL, content, signature, question.anchors, question.policy_id, question.at, question.password,
            question.detailed, question.etsi, timeout_s=_TIMEOUT_S,
        )  # fmt: skip
    except IsolationError as err:
        return _broken_off(content or signature or b"", question, costly=isinstance(err, WorkTimedOut))
    return told


def _broken_off(content: bytes, question: Question, *, costly: bool) -> tuple[dict[str, Any], bytes]:
    """The report about a check that did not end: never a pass."""
    from signing.validation import Reason, unchecked_report
    from signing.validation.etsi_report import etsi_report
    from signing.validation.isolated import policy_named

    fault = Reason.CHECK_TOO_COSTLY if costly else Reason.CHECK_FAILED
    report = unchecked_report(content, policy=policy_named(question.policy_id), at=question.at, fault=fault)
    return report.document(), etsi_report(report) if question.etsi else b""


def _refusal(content: bytes) -> dict[str, Any]:
    """Why this cannot be a signed document; empty where it may be one."""
    if b"%PDF-" in content[:_HEADER_WINDOW]:
        return {}
    from api.errors import FileEmpty, FileNotPdf
    from api.usecases.verify_document import require_pdf

    try:
        require_pdf(content)
    except (FileEmpty, FileNotPdf) as err:
        return _failure(err.code, err.detail_vi, err.detail_en)
    return {}


def _failure(code: str, vi: str, en: str) -> dict[str, Any]:
    return {"error": {"code": code, "detail_vi": vi, "detail_en": en}}
