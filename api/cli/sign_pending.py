"""Files that an earlier run signed and that still lack a time-stamp or evidence: a later run adds it (I17).

The longer file takes the place of the one that it continues, when it has reached the level that was asked for; else
nothing changes. Must not know how anything is signed.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from api.cli.file_augmenting import FileAugmenting, file_workers
from api.cli.sign_failures import of_error, of_file
from api.cli.sign_files import digest_of, longer_file
from api.cli.sign_items import Done, Item, Note, Pending
from api.cli.sign_run import Work

if TYPE_CHECKING:
    from api.cli.proofs import Proofs
    from signing.isolation import Isolation

_LEVELS: Final = ("B-B", "B-T", "B-LT", "B-LTA")


@dataclass(frozen=True, slots=True, kw_only=True)
class Completing:
    """By what a file is completed."""

    clock: Callable[[], datetime]
    proofs: "Callable[[datetime], Proofs] | None"
    """None: nothing can be completed, only told of again."""

    def then(self, work: Work) -> Work:
        """What completes the files that were begun, and then does the work on the others."""

        def both(items: Sequence[Item], note: Note) -> Generator[Done]:
            begun = [item for item in items if item.begun is not None]
            if begun:
                with file_workers() as workers:
                    for item in begun:
                        yield self._each(item, note, workers)
            rest = [item for item in items if item.begun is None]
            if rest:
                yield from work(rest, note)

        return both

    def _each(self, item: Item, note: Note, workers: "Isolation") -> Done:
        from signing.errors import EvidenceUnavailable, SigningError, TimestampUnavailable
        from signing.isolation import IsolationError

        begun, proofs = item.begun, self.proofs
        if begun is None or begun.pending is None or item.target is None or proofs is None:
            return replace(begun or Done(item=item), item=item)
        try:
            at = self.clock()
            augmenting = FileAugmenting(proofs=proofs(at), workers=workers, at=at)
            return _completed(replace(begun, item=item), begun.pending, item.target, note, augmenting)
        except (TimestampUnavailable, EvidenceUnavailable, IsolationError) as err:
            return replace(begun, item=item, pending=replace(begun.pending, reason_code=err.code))
        except SigningError as err:
            return Done(item=item, state="failed", failure=of_error(err))
        except OSError as err:
            return Done(item=item, state="failed", failure=of_file(err, writing=True))


def _completed(begun: Done, lack: Pending, target: Path, note: Note, augmenting: FileAugmenting) -> Done:
    from signing.errors import EvidenceUnavailable

    with longer_file(target) as file:
        level = augmenting.augment(file, archive=lack.wanted == "B-LTA")
        if _LEVELS.index(level) < _LEVELS.index(lack.wanted):
            raise EvidenceUnavailable("status evidence is still missing")
        file.flush()
        done = replace(begun, state="signed", level=level, sha256=digest_of(Path(file.name)), pending=None)
        note(done)
    return done
