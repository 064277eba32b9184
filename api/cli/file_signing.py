"""One file signed in two steps, by its name: prepared, then finished with the value that some key made.

What is parsed is parsed in workers that can be killed; no file lies in this process' memory. Must not know where the
key is, nor how answers are shown.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from api.cli.file_augmenting import TIMEOUT_S, FileAugmenting
from api.cli.sign_failures import EXISTS, of_error, of_file, told
from api.cli.sign_files import OutputExists, copied, digest_of, new_file
from api.cli.sign_items import Done, Failure, Item, Note, Pending
from api.cli.sign_marks import PERSON, place_of

if TYPE_CHECKING:
    from api.cli.proofs import Proofs
    from signing.isolation import Isolation
    from signing.keys import Credential
    from signing.pades import Mark, PersonMark, PreparedSignature, SigningRequest

_PREPARE: Final = "signing.pades.isolated_files:prepare_file"
_CHAINS: Final = "signing.pades.isolated_files:chains_of_file"
_EVIDENCE: Final = "signing.pades.isolated_files:evidence_for_file"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSigning:
    """With which certificate, and how, every file is signed."""

    credential: "Credential"
    proofs: "Proofs | None"
    """None: B-B."""
    level: str
    """`b-b`, `b-t`, `b-lt` or `b-lta`."""
    at: datetime
    picture: "PersonMark | None" = None
    """Of the mark `person`; where it stands may be an item's own."""
    reason: str | None = None


def unfit(item: Item) -> Failure | None:
    """Why a file cannot even be begun with; None: it can."""
    if item.missing is not None or item.source is None or item.target is None:
        return told(*(item.missing or ("RESULT_NEEDS_URL", "Kết quả cần --url.", "A result needs --url.")))
    if item.target.exists():
        return EXISTS
    try:
        with item.source.open("rb"):
            return None
    except OSError as err:
        return of_file(err, writing=False)


def failure_of(action: Callable[[], None]) -> Failure | None:
    """Why a step failed; None: it did not."""
    from signing.errors import SigningError

    try:
        action()
    except SigningError as err:
        return of_error(err)
    except OutputExists:
        return EXISTS
    except OSError as err:
        return of_file(err, writing=True)
    return None


def prepare(item: Item, signing: FileSigning, workers: "Isolation") -> "PreparedSignature":
    """The first step.

    Raises:
        SigningError: the file cannot be signed.
    """
    path, with_stamp = str(_place(item.source).absolute()), signing.level != "b-b"
    prepared: PreparedSignature = workers.call(
        _PREPARE, path, _request(item, signing), with_stamp, signing.at, timeout_s=TIMEOUT_S
    )
    return prepared


def finish(  # noqa: PLR0917 - a step's own things, and what all of them share
    item: Item, prepared: "PreparedSignature", value: bytes, note: Note, signing: FileSigning, workers: "Isolation"
) -> Done:
    """The second step: the signed file at its place, or nothing.

    I17: what a time-stamp authority or a status service leaves open costs nobody the signature; the file is written as
    far as it is proved, and the answer says what it lacks.

    Raises:
        SigningError, OutputExists, OSError: there is no file.
    """
    from signing.errors import DocumentNotSignable

    with new_file(_place(item.target)) as file:
        if copied(_place(item.source), file) != prepared.base_sha256:
            raise DocumentNotSignable("the file changed while it was being signed")
        writing = _Writing(file=file, base_length=file.tell(), signing=signing, workers=workers)
        level, lack = writing.signed(prepared, value)
        file.flush()
        done = Done(
            item=item,
            state="signed" if lack is None else "pending",
            level=level,
            sha256=digest_of(Path(file.name)),
            source_sha256=prepared.base_sha256,
            pending=None if lack is None else Pending(wanted=signing.level.upper(), reason_code=lack),
        )
        note(done)
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writing:
    """One file that is being continued; each step is there whole or not at all."""

    file: IO[bytes]
    base_length: int
    signing: FileSigning
    workers: "Isolation"

    def signed(self, prepared: "PreparedSignature", value: bytes) -> tuple[str, str | None]:
        """The level that is reached, and the code of what keeps it from more; None: it is the wanted one.

        Raises:
            SigningError: the value is not the key's; the file cannot be read.
        """
        from signing.errors import EvidenceUnavailable, TimestampUnavailable
        from signing.isolation import IsolationError
        from signing.pades.prepared import signed_tail

        wanted, proofs = self.signing.level, self.signing.proofs
        if wanted == "b-b" or proofs is None:
            self.file.write(signed_tail(prepared, value, None))
            return "B-B", None
        try:
            self.file.write(signed_tail(prepared, value, proofs.stamp))
        except TimestampUnavailable as err:
            self.file.write(signed_tail(prepared, value, None))
            return "B-B", err.code
        level, end = "B-T", self.file.tell()
        try:
            if wanted != "b-t":
                self.file.write(_validation_data(self.file, self.base_length, proofs, self.signing, self.workers))
                level, end = "B-LT", self.file.tell()
            if wanted == "b-lta":
                self._archive(proofs)
                level = "B-LTA"
        except (TimestampUnavailable, EvidenceUnavailable, IsolationError) as err:
            self.file.seek(end)
            self.file.truncate()
            return level, err.code
        return level, None

    def _archive(self, proofs: "Proofs") -> None:
        from signing.errors import EvidenceUnavailable

        augmenting = FileAugmenting(proofs=proofs, workers=self.workers, at=self.signing.at)
        if augmenting.augment(self.file, archive=True) != "B-LTA":
            raise EvidenceUnavailable("the time-stamp over the file cannot be proved")


def _validation_data(
    file: IO[bytes], base_length: int, proofs: "Proofs", signing: FileSigning, workers: "Isolation"
) -> bytes:
    """What proves the status of our signature's certificates and of its time-stamp's."""
    from signing.pades.longterm import status_of

    file.flush()
    os.fsync(file.fileno())
    known = signing.credential.chain
    chains = workers.call(_CHAINS, file.name, base_length, known, timeout_s=TIMEOUT_S)
    found = tuple((chain, status_of(proofs.evidence, chain)) for chain in chains)
    tail: bytes = workers.call(_EVIDENCE, file.name, found, known, timeout_s=TIMEOUT_S)
    return tail


def _request(item: Item, signing: FileSigning) -> "SigningRequest":
    from signing.pades import SigningRequest

    return SigningRequest(
        credential=signing.credential,
        field_name=f"Signature{signing.at:%Y%m%d%H%M%S%f}",
        mark=_mark(item, signing),
        reason=item.reason or signing.reason,
    )


def _mark(item: Item, signing: FileSigning) -> "Mark | None":
    if item.mark == PERSON and signing.picture is not None:
        return signing.picture if item.mark_box is None else replace(signing.picture, block=place_of(item.mark_box))
    if item.mark != "text":
        return None
    from api.rendering.typeface import MARK_FONT
    from signing.identity import read_certificate_facts
    from signing.pades import TextMark, shown_time

    name = read_certificate_facts(signing.credential.certificate).common_name
    return TextMark(lines=(f"Ký bởi: {name}", shown_time(signing.at)), font=MARK_FONT.read_bytes())


def _place(path: Path | None) -> Path:
    if path is None:
        raise OSError(None, "no place")  # looked at before: see `unfit`
    return path
