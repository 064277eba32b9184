"""Signing with the own key through a service: it prepares and completes, the key stays here.

The client of officials' and citizens' tokens: what the service asks to be signed must be the attributes of a document
signature that names the own certificate, and what comes back must continue the very file that was sent. Several groups
go at a time; the key signs for one after the other. Must not know how answers are shown.
"""

import base64
import hashlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from api.cli.sign_failures import EXISTS, of_error, of_file, of_problem, told
from api.cli.sign_files import OutputExists, digest_of, new_file
from api.cli.sign_items import Done, Failure, Item, Note, Pending
from api.cli.sign_lanes import in_lanes
from api.cli.sign_service import ServiceAway, SigningService

if TYPE_CHECKING:
    from api.cli.holder_keys import HolderKey

_FILES_AT_ONCE: Final = 20
_BYTES_AT_ONCE: Final = 64 * 1024 * 1024
_RESULTS_AT_ONCE: Final = 50
_MOST_LANES: Final = 8
"""Requests at a time, whatever was asked for: one caller does not take the whole service."""
_REASONS: Final = {"B-B": "TIMESTAMP_UNAVAILABLE", "B-T": "EVIDENCE_UNAVAILABLE"}
"""What an own document of that level waits for (I17). What lies in the service is completed there, and only there."""
_HAS_ANNEXES: Final = "ANNEXES_UNSEALED"
_FOREIGN: Final = told(
    "KEY_USE_REFUSED",
    "Dịch vụ yêu cầu ký một thứ không phải chữ ký tài liệu bằng chứng thư này; không ký.",
    "The service asks for something else than a document signature with this certificate; nothing was signed.",
)
_ALTERED: Final = told(
    "SIGNED_FILE_FOREIGN",
    "Tệp dịch vụ trả về không nối tiếp tệp đã gửi; không ghi lại.",
    "What the service gave back does not continue the file that was sent; it was not written.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSigning:
    """By which service, and how, everything is signed."""

    key: "HolderKey"
    service: SigningService
    reason: str | None = None
    kind: str = "sign"
    capacity: str | None = None
    jobs: int = 1
    stopped: Event = field(default_factory=Event)
    """Set when nobody waits for answers any more."""


def sign_through(items: Sequence[Item], note: Note, signing: RemoteSigning) -> Generator[Done]:
    """One answer for each item, in their order; files and results go in groups, some groups at a time."""

    def work(group: list[Item]) -> Iterator[Done]:
        try:
            yield from _group(group, note, signing)
        except ServiceAway as err:
            for item in group:
                yield Done(item=item, state="failed", failure=err.failure)

    lanes = max(1, min(signing.jobs, _MOST_LANES, len(items)))
    yield from in_lanes(_groups(items, lanes), work, lanes, signing.stopped)


def _groups(items: Sequence[Item], lanes: int) -> Iterator[list[Item]]:
    """Neighbours that go together: results, copies, or files with the same mark, place and reason, not too many bytes.

    Of few items each lane gets some.
    """
    group: list[Item] = []
    size, share = 0, -(-len(items) // lanes)
    for item in items:
        more = _size(item)
        is_full = len(group) >= min(share, _FILES_AT_ONCE if item.source is not None else _RESULTS_AT_ONCE)
        if group and (is_full or size + more > _BYTES_AT_ONCE or _kind(item) != _kind(group[0])):
            yield group
            group, size = [], 0
        group.append(item)
        size += more
    if group:
        yield group


def _kind(item: Item) -> tuple[object, ...]:
    is_without = (item.result_id is None, item.digitisation_id is None, item.copy is None)
    return *is_without, item.mark, item.mark_box, item.reason


def _size(item: Item) -> int:
    try:
        return 0 if item.source is None else item.source.stat().st_size
    except OSError:
        return 0


def _group(group: Sequence[Item], note: Note, signing: RemoteSigning) -> Iterator[Done]:
    failed = {id(item): failure for item in group if (failure := _unfit(item)) is not None}
    sent = [item for item in group if id(item) not in failed]
    prepared = _prepared(sent, signing) if sent else []
    values = _values(sent, prepared, failed, signing)
    if signing.stopped.is_set():
        return  # what was prepared expires in the service; nothing is signed
    answers = _completed(values, signing) if values else {}
    given = (answers.get(str((one["preparation"] or {}).get("id"))) for one in prepared)
    completed = {id(item): one for item, one in zip(sent, given, strict=True) if one is not None}
    for item in sent:  # no files of ours; those are noted before they get their names
        if item.target is None and not completed.get(id(item), {"error": True}).get("error"):
            note(_done(item, completed[id(item)]))
    for item in group:
        failure = failed.get(id(item))
        if failure is not None and failure.code == _HAS_ANNEXES and signing.kind == "seal":
            yield _with_annexes(item, note, signing)
        elif failure is not None:
            yield Done(item=item, state="failed", failure=failure)
            if failure.stops:
                return
        elif id(item) in completed:
            yield _fetched(item, completed[id(item)], note, signing)


def _with_annexes(item: Item, note: Note, signing: RemoteSigning) -> Done:
    try:
        return _sealed(item, note, signing)
    except ServiceAway as err:  # what is done of the group stays done
        return Done(item=item, state="failed", failure=err.failure)


def _sealed(item: Item, note: Note, signing: RemoteSigning) -> Done:
    """A result sealed together with its annexes: all the values in one request, or nothing."""
    result_id = item.result_id or ""
    fingerprint = hashlib.sha256(signing.key.certificate).hexdigest()
    values: dict[str, bytes] = {}
    for one in signing.service.prepare_seals(result_id, {"certificate_sha256": fingerprint}):
        value = _value(one, signing)
        if isinstance(value, Failure):
            return Done(item=item, state="failed", failure=value)
        values[one["preparation"]["id"]] = value
    answer = signing.service.seal(result_id, values)
    if item.target is None and not answer.get("error"):
        note(_done(item, answer))
    return _fetched(item, answer, note, signing)


def _values(
    sent: Sequence[Item], prepared: Sequence[dict[str, Any]], failed: dict[int, Failure], signing: RemoteSigning
) -> dict[str, bytes]:
    """What the key made, by preparation; where it made nothing, ``failed`` says why."""
    values: dict[str, bytes] = {}
    for item, one in zip(sent, prepared, strict=True):
        if signing.stopped.is_set():
            break
        value = _value(one, signing)
        if isinstance(value, Failure):
            failed[id(item)] = value
            if value.stops:
                break
        else:
            values[one["preparation"]["id"]] = value
    return values


def _unfit(item: Item) -> Failure | None:
    if item.missing is not None:
        return told(*item.missing)
    if item.target is not None and item.target.exists():
        return EXISTS
    if item.source is None:
        return None
    try:
        with item.source.open("rb"):
            return None
    except OSError as err:
        return of_file(err, writing=False)


def _prepared(sent: Sequence[Item], signing: RemoteSigning) -> list[dict[str, Any]]:
    """The service's answer to each item: a preparation, or an error."""
    fingerprint = hashlib.sha256(signing.key.certificate).hexdigest()
    if sent[0].result_id is not None:
        body: dict[str, Any] = {
            "certificate_sha256": fingerprint,
            "kind": signing.kind,
            "result_ids": [item.result_id for item in sent],
        }
        return signing.service.prepare_results(body | ({"capacity": signing.capacity} if signing.capacity else {}))
    if sent[0].digitisation_id is not None:
        body = {"certificate_sha256": fingerprint, "mark": sent[0].mark or "text"}
        return signing.service.prepare_copies([item.digitisation_id or "" for item in sent], body)
    wanted = [(item.copy.document_id, item.copy.body(fingerprint)) for item in sent if item.copy is not None]
    if wanted:
        return signing.service.prepare_certified(wanted)
    fields = {"certificate_sha256": fingerprint, "mark": sent[0].mark or "none"}
    more = {"mark_box": sent[0].mark_box, "reason": sent[0].reason or signing.reason}
    fields |= {name: value for name, value in more.items() if value}
    paths = [item.source for item in sent if item.source is not None]
    return signing.service.prepare_files(paths, fields)


def _value(one: dict[str, Any], signing: RemoteSigning) -> bytes | Failure:
    """What the key makes of a preparation, if it is one that the key should sign."""
    from signing.errors import SigningError
    from signing.keys.shapes import SignedAttributes, shape_of

    if one.get("error"):
        return of_problem(one["error"])
    attributes = base64.b64decode(one["preparation"]["to_be_signed"])
    shape = shape_of(attributes)
    if not isinstance(shape, SignedAttributes) or not shape.names(signing.key.certificate):
        return _FOREIGN
    if shape.message_digest.hex() != one["preparation"]["digest"]:
        return _FOREIGN
    try:
        return signing.key.sign(attributes)
    except SigningError as err:
        return of_error(err)


def _completed(values: dict[str, bytes], signing: RemoteSigning) -> dict[str, dict[str, Any]]:
    answers = signing.service.complete(values)
    return dict(zip(values, answers, strict=True))


def _fetched(item: Item, answer: dict[str, Any], note: Note, signing: RemoteSigning) -> Done:
    """The signed file at its place, when there is one to fetch."""
    if answer.get("error"):
        return Done(item=item, state="failed", failure=of_problem(answer["error"]))
    preparation, done = answer["preparation"], _done(item, answer)
    if item.target is not None:
        failure = None
        try:
            _write(done, item.target, preparation["file"], note, signing)
        except OutputExists:
            failure = EXISTS
        except _AlteredError:
            failure = _ALTERED
        except OSError as err:
            failure = of_file(err, writing=True)
        except ServiceAway as err:
            failure = err.failure
        if failure is not None:
            return Done(item=item, state="failed", failure=failure, preparation_id=done.preparation_id)
    return done


def _done(item: Item, answer: dict[str, Any]) -> Done:
    preparation = answer["preparation"]
    lack = None if item.source is None else _REASONS.get(preparation["level"])
    return Done(
        item=item,
        state="signed" if lack is None else "pending",
        pending=None if lack is None else Pending(wanted="B-LT", reason_code=lack),
        level=preparation["level"],
        sha256=preparation["file_sha256"],
        source_sha256=preparation["document_sha256"],
        preparation_id=preparation["id"],
        certified_copy_id=preparation.get("certified_copy_id"),
    )


def _write(done: Done, target: Path, address: str, note: Note, signing: RemoteSigning) -> None:
    """Fetch the file and look at it before it gets its name."""
    with new_file(target) as file:
        digest, size = hashlib.sha256(), 0
        for piece in signing.service.file(address):
            digest.update(piece)
            size += file.write(piece)
        file.flush()
        source = done.item.source
        is_told = source is None or digest.hexdigest() == done.sha256
        if not is_told or not _continues(source, Path(file.name), size):
            raise _AlteredError
        note(done)


class _AlteredError(Exception):
    """The file is not the one that was sent, continued."""


def _continues(source: Path | None, written: Path, size: int) -> bool:
    if source is None:
        return size > 0
    length = source.stat().st_size
    return size > length and digest_of(written, first=length) == digest_of(source)
