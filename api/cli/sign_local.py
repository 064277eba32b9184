"""Signing on this machine: the holder's key, and for more than B-B the time-stamps and lists of a data folder.

What is parsed is parsed in workers that can be killed, by the file's name: no file lies in memory here. Must not know
how answers are shown.
"""

import os
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from api.cli.file_augmenting import TIMEOUT_S, FileAugmenting, file_workers
from api.cli.sign_failures import EXISTS, of_error, of_file, told
from api.cli.sign_files import OutputExists, copied, digest_of, new_file
from api.cli.sign_items import Done, Failure, Item, Note

if TYPE_CHECKING:
    from api.cli.holder_keys import HolderKey
    from api.services import Services
    from signing.isolation import Isolation
    from signing.pades import PreparedSignature, SigningRequest

_PREPARE: Final = "signing.pades.isolated_files:prepare_file"
_CHAINS: Final = "signing.pades.isolated_files:chains_of_file"
_EVIDENCE: Final = "signing.pades.isolated_files:evidence_for_file"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSigning:
    """By what, and how, everything is signed."""

    key: "HolderKey"
    services: "Services | None"
    """A data folder's: time-stamps and status; None: B-B."""
    level: str
    """`b-b`, `b-t`, `b-lt` or `b-lta`."""
    at: datetime
    mark: str = "none"
    """`none` or `text`."""
    reason: str | None = None
    jobs: int = 1


def sign_here(items: Sequence[Item], note: Note, signing: LocalSigning) -> Generator[Done]:
    """One answer for each item, in their order. Whoever stops asking stops the work."""
    lanes = max(1, min(signing.jobs, len(items)))
    with (
        file_workers(lanes) as workers,
        ThreadPoolExecutor(max_workers=lanes) as pool,
    ):
        waiting, running = deque(items), deque[Future[Done]]()
        try:
            while waiting or running:
                while waiting and len(running) < lanes:
                    running.append(pool.submit(_done, waiting.popleft(), note, signing, workers))
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()
            if running:
                workers.stop()


def _done(item: Item, note: Note, signing: LocalSigning, workers: "Isolation") -> Done:
    from signing.errors import SigningError

    if item.missing is not None or item.source is None or item.target is None:
        code, vi, en = item.missing or ("RESULT_NEEDS_URL", "Kết quả cần --url.", "A result needs --url.")
        return _failed(item, told(code, vi, en))
    if item.target.exists():
        return _failed(item, EXISTS)
    try:
        with item.source.open("rb"):
            pass
    except OSError as err:
        return _failed(item, of_file(err, writing=False))
    try:
        return _signed(item, item.source, item.target, note=note, signing=signing, workers=workers)
    except SigningError as err:
        return _failed(item, of_error(err))
    except OutputExists:
        return _failed(item, EXISTS)
    except OSError as err:
        return _failed(item, of_file(err, writing=True))


def _signed(item: Item, source: Path, target: Path, *, note: Note, signing: LocalSigning, workers: "Isolation") -> Done:
    from signing.errors import DocumentNotSignable
    from signing.pades.prepared import signed_tail

    request, with_stamp = _request(item, signing), signing.level != "b-b"
    path = str(source.absolute())
    prepared: PreparedSignature = workers.call(_PREPARE, path, request, with_stamp, signing.at, timeout_s=TIMEOUT_S)
    value = signing.key.sign(prepared.attributes)
    stamp, level = _stamp(signing), "B-B"
    tail = signed_tail(prepared, value, stamp)
    with new_file(target) as file:
        if copied(source, file) != prepared.base_sha256:
            raise DocumentNotSignable("the file changed while it was being signed")
        base_length = file.tell()
        file.write(tail)
        level = "B-B" if stamp is None else "B-T"
        if signing.level in {"b-lt", "b-lta"}:
            file.write(_validation_data(file, base_length, request, signing, workers))
            level = "B-LT"
        if signing.level == "b-lta":
            _archive(file, signing, workers)
            level = "B-LTA"
        file.flush()
        digest = digest_of(Path(file.name))
        done = Done(item=item, level=level, sha256=digest, source_sha256=prepared.base_sha256)
        note(done)
    return done


def _validation_data(
    file: IO[bytes], base_length: int, request: "SigningRequest", signing: LocalSigning, workers: "Isolation"
) -> bytes:
    """What proves the status of our signature's certificates and of its time-stamp's.

    Raises:
        EvidenceUnavailable: the data folder's authority did not issue them.
    """
    from api.usecases.signing_parts import evidence_source
    from signing.pades.longterm import status_of

    if signing.services is None:
        return b""
    file.flush()
    os.fsync(file.fileno())
    known, source = request.credential.chain, evidence_source(signing.services, signing.at)
    chains = workers.call(_CHAINS, file.name, base_length, known, timeout_s=TIMEOUT_S)
    found = tuple((chain, status_of(source, chain)) for chain in chains)
    tail: bytes = workers.call(_EVIDENCE, file.name, found, known, timeout_s=TIMEOUT_S)
    return tail


def _archive(file: IO[bytes], signing: LocalSigning, workers: "Isolation") -> None:
    """A time-stamp over everything, and what proves that one.

    Raises:
        TimestampUnavailable, EvidenceUnavailable: an archive level is had whole or not at all.
    """
    from signing.errors import EvidenceUnavailable

    if signing.services is None:
        return
    augmenting = FileAugmenting(services=signing.services, workers=workers, at=signing.at)
    if augmenting.augment(file, archive=True) != "B-LTA":
        raise EvidenceUnavailable("the time-stamp over the file cannot be proved")


def _stamp(signing: LocalSigning) -> Any:  # noqa: ANN401 - a callable of the use-cases, loaded late
    if signing.level == "b-b" or signing.services is None:
        return None
    from api.usecases.signing_parts import time_stamper

    return time_stamper(signing.services, signing.at)


def _request(item: Item, signing: LocalSigning) -> "SigningRequest":
    from signing.keys import Credential
    from signing.pades import SigningRequest

    key = signing.key
    credential = Credential(key_id="", certificate=key.certificate, chain=key.chain, algorithm=key.algorithm)
    return SigningRequest(
        credential=credential,
        field_name=f"Signature{signing.at:%Y%m%d%H%M%S%f}",
        mark=_mark(item.mark or signing.mark, signing),
        reason=item.reason or signing.reason,
    )


def _mark(mark: str, signing: LocalSigning) -> Any:  # noqa: ANN401 - a mark of `signing.pades`, loaded late
    if mark != "text":
        return None
    from api.rendering.typeface import MARK_FONT
    from signing.identity import read_certificate_facts
    from signing.pades import TextMark, shown_time

    name = read_certificate_facts(signing.key.certificate).common_name
    return TextMark(lines=(f"Ký bởi: {name}", shown_time(signing.at)), font=MARK_FONT.read_bytes())


def _failed(item: Item, failure: Failure) -> Done:
    return Done(item=item, state="failed", failure=failure)


def with_known_chain(key: "HolderKey", services: "Services", at: datetime) -> "HolderKey":
    """The key with the chain that the data folder knows of its certificate, which must be in force there (I10).

    Raises:
        AnsoError: the register says that the certificate is revoked, on hold, superseded or over.
    """
    from hashlib import sha256

    from api.usecases.certificate_fitness import require_in_force
    from api.usecases.signing_certificate import certificate_to_sign_with, known_certificate_id
    from api.usecases.token_credential import token_credential

    with services.db.reading() as tx:
        certificate_id = known_certificate_id(tx, sha256(key.certificate).hexdigest())
        if certificate_id is None:
            return key
        record = certificate_to_sign_with(tx, certificate_id, at)
        require_in_force(record, at)
        return replace(key, chain=token_credential(tx, record).chain)
