"""An approval in a process of its own that is killed at a chosen moment, as a power cut would.

    python dying.py DATA REQUEST_ID SUBJECT_ID AT MOMENT

`sign`: when the authority's key is to be used (recorded, not signed); `signed`: when the signature is there (signed,
not stored); `generate`: when the holder's key was made (nothing recorded). The database is the folder's SQLite.
"""

import os
import signal
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from api.bootstrap import build_services
from api.callers import Caller, Purpose, Role
from api.settings import Settings
from api.usecases.approve_certificate_request import ApproveCertificateRequest, approve_certificate_request


class KillingKeys:
    """A key store that ends its process."""

    def __init__(self, keys: Any, moment: str) -> None:
        self._keys, self._moment = keys, moment

    def generate(self, *arguments: Any) -> Any:
        made = self._keys.generate(*arguments)
        return _die() if self._moment == "generate" else made

    def sign(self, *arguments: Any) -> Any:
        if self._moment == "sign":
            _die()
        signature = self._keys.sign(*arguments)
        return _die() if self._moment == "signed" else signature

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keys, name)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(data: str, request_id: str, subject_id: str, at: str, moment: str) -> None:
    moment_of_approval = datetime.fromisoformat(at)
    services = build_services(Settings(data=Path(data)), clock=lambda: moment_of_approval)
    caller = Caller(
        account_id="acc_" + "0" * 26,
        subject_id=subject_id,
        role=Role.APPROVER,
        org_code="H49.13",
        purpose=Purpose.APPROVE_CERTIFICATE,
        request_id="killed",
    )
    dying = replace(services, keys=KillingKeys(services.keys, moment))
    approve_certificate_request(ApproveCertificateRequest(request_id=request_id), dying, caller, moment_of_approval)


if __name__ == "__main__":
    main(*sys.argv[1:])
