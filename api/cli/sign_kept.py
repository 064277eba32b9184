"""Signing files of this machine with a key that a service keeps: the files stay here, their hashes go.

As many as one authorisation covers are prepared first; then the holder agrees once, and each file is finished when its
turn comes. Must not know HTTP, nor how answers are shown.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from api.cli.csc_service import PATIENCE_S, CscService, KeptCredential, holder_failure
from api.cli.file_augmenting import file_workers
from api.cli.file_signing import FileSigning, failure_of, finish, prepare, unfit
from api.cli.sign_items import Done, Failure, Item, Note
from api.cli.sign_lanes import in_lanes
from api.cli.sign_service import ServiceAway

if TYPE_CHECKING:
    from signing.isolation import Isolation
    from signing.pades import PreparedSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSigning:
    """By which credential, and how, everything is signed."""

    kept: KeptCredential
    service: CscService
    how: FileSigning
    code: Callable[[], str | None] = field(repr=False)
    """The holder's code for one authorisation; None where none is wanted."""
    goes_on: bool
    """A file that cannot be signed does not end the run: nobody agrees to files that would not be signed."""
    jobs: int = 1


def sign_kept(items: Sequence[Item], note: Note, signing: KeptSigning) -> Generator[Done]:
    """One answer for each item, in their order. Whoever stops asking stops the work."""
    lanes = max(1, min(signing.jobs, len(items)))
    with file_workers(lanes) as workers:
        turn = _Turn(signing=signing, note=note, workers=workers, lanes=lanes)
        try:
            most = signing.kept.most_at_once
            for begin in range(0, len(items), most):
                yield from turn.answers(items[begin : begin + most])
        finally:
            signing.service.stopped.set()
            signing.service.withdraw()
            workers.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """What the steps of one run share."""

    signing: KeptSigning
    note: Note
    workers: "Isolation"
    lanes: int

    def answers(self, group: Sequence[Item]) -> Iterator[Done]:
        """Prepared together, agreed to together, finished one after the other."""
        begun = self._prepared(group)
        ready = {id(item): one for item, one in begun if not isinstance(one, Failure)}
        failed = {id(item): one for item, one in begun if isinstance(one, Failure)}
        values = self._values(ready)
        if isinstance(values, Failure):
            failed |= dict.fromkeys(ready, values)

        def work(part: list[Item]) -> Iterator[Done]:
            for item in part:
                failure = failed.get(id(item))
                if failure is not None or isinstance(values, Failure):
                    yield Done(item=item, state="failed", failure=failure)
                else:
                    yield self._finished(item, ready[id(item)], values[id(item)])

        yield from in_lanes(([item] for item, _ in begun), work, self.lanes, Event())

    def _prepared(self, group: Sequence[Item]) -> "list[tuple[Item, PreparedSignature | Failure]]":
        """In their order; up to the first that fails, where the run ends there."""
        found: list[tuple[Item, PreparedSignature | Failure]] = []
        with ThreadPoolExecutor(max_workers=self.lanes) as pool:
            try:
                for item, one in zip(group, pool.map(self._begun, group), strict=True):
                    found.append((item, one))
                    if isinstance(one, Failure) and not self.signing.goes_on:
                        break
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        return found

    def _begun(self, item: Item) -> "PreparedSignature | Failure":
        found: list[PreparedSignature] = []
        how = self.signing.how
        failure = unfit(item) or failure_of(lambda: found.append(prepare(item, how, self.workers)))
        return found[0] if failure is None else failure

    def _values(self, ready: "dict[int, PreparedSignature]") -> dict[int, bytes] | Failure:
        """What the key makes of all of them, under one authorisation."""
        from signing.errors import SigningError
        from signing.keys.remote_csc import Patience, RemoteCredential, sign_at_provider

        if not ready:
            return {}
        kept, service = self.signing.kept, self.signing.service
        credential = RemoteCredential(
            credential_id=kept.credential_id,
            certificate=kept.credential.certificate,
            algorithm=kept.credential.algorithm,
        )
        try:
            values = sign_at_provider(
                service,
                credential,
                [one.attributes for one in ready.values()],
                code=self.signing.code(),
                patience=Patience(seconds=PATIENCE_S, pause=service.pause),
            )
        except (ServiceAway, SigningError) as err:
            return holder_failure(err)
        return dict(zip(ready, values, strict=True))

    def _finished(self, item: Item, prepared: "PreparedSignature", value: bytes) -> Done:
        found: list[Done] = []
        how = self.signing.how
        failure = failure_of(lambda: found.append(finish(item, prepared, value, self.note, how, self.workers)))
        return Done(item=item, state="failed", failure=failure) if failure is not None else found[0]
