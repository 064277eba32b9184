"""The two ways to sign: on this machine, and through a service. Each opens what it needs for one run.

Knows options. Must not know how a file is signed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from api.cli.exits import Exit, fail
from api.cli.pin_entry import entered
from api.cli.sign_run import Work

if TYPE_CHECKING:
    from api.cli.holder_keys import HolderKey
    from api.services import Services

_ASK_FOR_LOGIN: Final = "Mã truy cập / bearer token"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalWay:
    """On this machine; more than B-B takes time-stamps and lists from a data folder."""

    data: Path | None
    level: str
    mark: str
    reason: str | None
    jobs: int

    @contextmanager
    def work(self, key: "HolderKey") -> Iterator[Work]:
        """What signs items with the key.

        Raises:
            SystemExit: 2 without a data folder where one is needed; 7 when the certificate is not in force there.
        """
        from api.cli.file_signing import FileSigning
        from api.cli.proofs import proofs_of
        from api.cli.sign_local import LocalSigning, sign_here, with_known_chain
        from api.clock import now
        from api.errors import AnsoError

        at = now()
        services = installation(self.data) if self.level != "b-b" or self.data is not None else None
        try:
            if services is not None:
                try:
                    key = with_known_chain(key, services, at)
                except AnsoError as err:
                    fail(Exit.NOT_AUTHORISED, f"--cert: {err.code}")
            how = FileSigning(
                credential=key.credential,
                proofs=None if services is None else proofs_of(services, at),
                level=self.level,
                at=at,
                mark=self.mark,
                reason=self.reason,
            )
            yield partial(sign_here, signing=LocalSigning(key=key, how=how, jobs=self.jobs))
        finally:
            if services is not None:
                services.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteWay:
    """Through a service, which prepares and completes."""

    url: str
    mark: str
    reason: str | None
    kind: str
    capacity: str | None
    tls_roots: Path | None
    jobs: int = 1

    @contextmanager
    def work(self, key: "HolderKey") -> Iterator[Work]:
        """What signs items with the key.

        Raises:
            SystemExit: 2 for an address that no token is sent to, 7 without a token.
        """
        from api.cli.sign_remote import RemoteSigning, sign_through
        from api.cli.sign_service import SigningService, require_address
        from api.settings import HolderSecrets

        try:
            address = require_address(self.url)
        except ValueError as err:
            fail(Exit.USAGE, f"--url: {err}: mã truy cập chỉ gửi qua TLS / a token is sent through TLS only")
        token = entered(_ASK_FOR_LOGIN, "ANSO_TOKEN", HolderSecrets().token, None)
        stopped = Event()
        with SigningService(address, token, tls_roots=self.tls_roots, stopped=stopped) as service:
            signing = RemoteSigning(
                key=key,
                service=service,
                mark=self.mark,
                reason=self.reason,
                kind=self.kind,
                capacity=self.capacity,
                jobs=self.jobs,
                stopped=stopped,
            )
            yield partial(sign_through, signing=signing)


def installation(data: Path | None) -> "Services":
    """The services of a data folder.

    Raises:
        SystemExit: 2 when there is no installation: nothing is made by looking for one.
    """
    from api.bootstrap import build_services
    from api.cli.settings import load_settings

    settings = load_settings(data)
    if settings.database_url is None and not (settings.data / "anso.sqlite3").exists():
        fail(
            Exit.USAGE,
            "dấu thời gian và trạng thái cần --data, hoặc ký --level b-b / "
            "time-stamps and status need --data; or sign at --level b-b",
        )
    return build_services(settings)
