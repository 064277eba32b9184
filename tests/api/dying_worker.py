"""A worker that is killed at one exact point of a signature, for tests: a process of its own, and SIGKILL.

`python -m tests.api.dying_worker` with the folder of an installation, the moment at which its time stands, and the
payload of a signing job. At each point of `POINTS`, one after the other, a child process takes the job up and dies
there at its first document. Prints by what each child ended.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from api import custody
from api.bootstrap import build_services
from api.records.signature_batch_items import SignatureOutcomes
from api.settings import Settings
from api.usecases import sign_signature_batch
from signing.signer import AuthorisedKeys

POINTS: Final[Mapping[str, tuple[object, str, bool]]] = {
    "the digest is taken, the key was not used": (AuthorisedKeys, "_take", True),
    "the key was used, its value is not kept": (AuthorisedKeys, "_keep", False),
    "value and key use are written and not committed": (custody, "append_uses", True),
    "the value is kept, the signature is not complete": (sign_signature_batch, "complete_step", False),
    "the signature is complete and not stored": (sign_signature_batch, "complete_step", True),
    "the result is written and not committed": (SignatureOutcomes, "add", True),
}
"""Where a child dies: at the door of a function, or when it has done its work."""


def dying(known: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    def dies(*arguments: Any, **named: Any) -> None:
        if after:
            known(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return dies


def work(folder: Path, at: datetime, payload: Mapping[str, str], point: str) -> None:
    """Do the job in this process, which ends at the point."""
    place, name, after = POINTS[point]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, dying(getattr(place, name), after=after))
        services = build_services(Settings(data=folder), clock=lambda: at)
        sign_signature_batch.sign_signature_batch(services, payload, lambda *_: None)


def main(folder: Path, at: datetime, payload: Mapping[str, str]) -> None:
    for point in POINTS:
        child = os.fork()
        if not child:
            work(folder, at, payload, point)
            os._exit(0)  # it came through: the point is none any more
        ended_by = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{ended_by} {point}\n")
        sys.stdout.flush()  # the next child takes no copy of it along


if __name__ == "__main__":
    main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), json.loads(sys.argv[3]))
