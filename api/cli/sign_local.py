"""Signing on this machine: the holder's key, and for more than B-B the time-stamps and lists of a data folder.

Must not know how a file is signed, nor how answers are shown.
"""

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from api.cli.file_augmenting import file_workers
from api.cli.file_signing import FileSigning, failure_of, finish, prepare, unfit
from api.cli.sign_items import Done, Item, Note

if TYPE_CHECKING:
    from api.cli.holder_keys import HolderKey
    from api.services import Services
    from signing.isolation import Isolation


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSigning:
    """By what everything is signed."""

    key: "HolderKey"
    how: FileSigning
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
    found: list[Done] = []

    def sign() -> None:
        prepared = prepare(item, signing.how, workers)
        found.append(finish(item, prepared, signing.key.sign(prepared.attributes), note, signing.how, workers))

    failure = unfit(item) or failure_of(sign)
    return Done(item=item, state="failed", failure=failure) if failure is not None else found[0]


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
