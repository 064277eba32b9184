"""The ways to sign: here, and through a service with a key here or there. Each opens what it needs for one run.

Knows options. Must not know how a file is signed.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from api.cli.exits import Exit, fail
from api.cli.pin_entry import entered
from api.cli.sign_items import Done, Failure, Item, Note
from api.cli.sign_marks import holder_mark
from api.cli.sign_pending import Completing
from api.cli.sign_run import Work

if TYPE_CHECKING:
    from api.cli.csc_service import CscService, KeptCredential
    from api.cli.holder_keys import HolderKey
    from api.cli.proofs import Proofs
    from api.services import Services

_ASK_FOR_LOGIN: Final = "Mã truy cập / bearer token"
_ASK_FOR_CODE: Final = "Mã xác thực hai lớp (6 chữ số) / second-factor code"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalWay:
    """On this machine; more than B-B takes time-stamps and lists from a data folder."""

    data: Path | None
    level: str
    with_picture: bool
    """The holder's picture is drawn: it is registered in the data folder."""
    reason: str | None
    jobs: int

    @contextmanager
    def work(self, key: "HolderKey") -> Iterator[Work]:
        """What signs items with the key.

        Raises:
            SystemExit: 2 without a data folder where one is needed; 7 when the certificate is not in force there, or
                has no picture that is wanted.
        """
        from api.cli.file_signing import FileSigning
        from api.cli.proofs import proofs_of
        from api.cli.sign_local import LocalSigning, sign_here, with_known_chain
        from api.clock import now
        from api.errors import AnsoError

        at = now()
        wants_more = self.level != "b-b" or self.with_picture
        services = installation(self.data) if wants_more or self.data is not None else None
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
                picture=holder_mark(key, services, at) if self.with_picture and services is not None else None,
                reason=self.reason,
            )
            work = partial(sign_here, signing=LocalSigning(key=key, how=how, jobs=self.jobs))
            proofs = None if services is None else partial(proofs_of, services)
            yield Completing(clock=now, proofs=proofs).then(work)
        finally:
            if services is not None:
                services.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteWay:
    """Through a service, which prepares and completes."""

    url: str
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
        from api.cli.sign_service import SigningService
        from api.clock import now

        address, token = address_and_login(self.url)
        stopped = Event()
        with (
            SigningService(address, token, tls_roots=self.tls_roots, stopped=stopped) as service,
            proving_service(address, token, self.tls_roots) as (_, proofs),
        ):
            signing = RemoteSigning(
                key=key,
                service=service,
                reason=self.reason,
                kind=self.kind,
                capacity=self.capacity,
                jobs=self.jobs,
                stopped=stopped,
            )
            yield Completing(clock=now, proofs=proofs).then(partial(sign_through, signing=signing))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWay:
    """With a key that a service keeps: files stay here, their hashes go, the holder agrees there."""

    url: str
    credential: str | None
    """Its id; None: the only one."""
    level: str
    reason: str | None
    tls_roots: Path | None
    pin_fd: int | None
    goes_on: bool
    jobs: int = 1

    @contextmanager
    def work(self) -> Iterator[Work]:
        """What signs items.

        Raises:
            SystemExit: 2 for an address that no token is sent to, or where the credential has to be named; 7 without a
                token, or without a credential that can sign.
        """
        from api.cli.csc_service import kept_credentials
        from api.cli.sign_service import ServiceAway

        with proving_service(*address_and_login(self.url), self.tls_roots) as (service, proofs):
            try:
                kept = self._chosen(kept_credentials(service))
            except ServiceAway as err:
                yield partial(_refused, failure=err.failure)
                return
            yield self._signing(kept, service, proofs)

    def _signing(self, kept: "KeptCredential", service: "CscService", proofs: "Callable[[datetime], Proofs]") -> Work:
        from api.cli.file_signing import FileSigning
        from api.cli.sign_kept import KeptSigning, sign_kept
        from api.clock import now

        at = now()
        how = FileSigning(credential=kept.credential, proofs=proofs(at), level=self.level, at=at, reason=self.reason)
        code = partial(self._code, kept)
        signing = KeptSigning(kept=kept, service=service, how=how, code=code, goes_on=self.goes_on, jobs=self.jobs)
        return Completing(clock=now, proofs=proofs).then(partial(sign_kept, signing=signing))

    def _code(self, kept: "KeptCredential") -> str | None:
        from api.settings import HolderSecrets

        return entered(_ASK_FOR_CODE, "ANSO_OTP", HolderSecrets().otp, self.pin_fd) if kept.needs_code else None

    def _chosen(self, found: "Sequence[KeptCredential]") -> "KeptCredential":
        fitting = [one for one in found if one.credential_id == self.credential or self.credential is None]
        if not fitting:
            fail(
                Exit.NOT_AUTHORISED,
                "--credential: dịch vụ không giữ khóa này của người đăng nhập; khóa trong thiết bị: --pkcs11 / the "
                "service keeps no such key of whoever is logged in; a key in a token: --pkcs11",
            )
        usable = [one for one in fitting if one.is_enabled]
        if not usable:
            fail(
                Exit.NOT_AUTHORISED,
                "--credential: chưa ký được: chứng thư tạm dừng, hết hạn, giới hạn phạm vi, hoặc dịch vụ không ký giá "
                "trị băm / it cannot sign: held, over, limited in scope, or the service signs no hashes "
                "(ANSO_CSC_HASHES)",
            )
        if len(usable) > 1:
            listed = "; ".join(f"{one.credential_id} ({one.description})" for one in usable)
            fail(Exit.USAGE, f"--credential: có nhiều, chọn một / there are several, name one: {listed}")
        return usable[0]


def address_and_login(url: str) -> tuple[str, str]:
    """The service and the caller's token for it.

    Raises:
        SystemExit: 2 for an address that no token is sent to, 7 without a token.
    """
    from api.cli.sign_service import require_address
    from api.settings import HolderSecrets

    try:
        address = require_address(url)
    except ValueError as err:
        fail(Exit.USAGE, f"--url: {err}: mã truy cập chỉ gửi qua TLS / a token is sent through TLS only")
    return address, entered(_ASK_FOR_LOGIN, "ANSO_TOKEN", HolderSecrets().token, None)


@contextmanager
def proving_service(
    address: str, token: str, tls_roots: Path | None
) -> "Iterator[tuple[CscService, Callable[[datetime], Proofs]]]":
    """A service with the caller's login, and what it proves a moment with."""
    from api.cli.csc_service import CscService
    from api.cli.holder_keys import print_warning
    from api.cli.proofs import Proofs
    from api.cli.service_proofs import ServiceProofs
    from api.cli.sign_service import client_of

    with client_of(address, token, tls_roots) as client, client_of(address, None, tls_roots) as public:
        service = CscService(client=client, stopped=Event(), tell=print_warning)

        def proofs(at: datetime) -> Proofs:
            given = ServiceProofs(csc=service, public=public, at=at)
            return Proofs(stamp=given.stamp, evidence=given.evidence)

        yield service, proofs


def _refused(items: Sequence[Item], _: Note, failure: Failure) -> Generator[Done]:
    """What is true of all of them is told of the first; the run ends there."""
    yield Done(item=items[0], state="failed", failure=failure)


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
            "dấu thời gian, trạng thái và ảnh chữ ký cần --data, hoặc ký --level b-b không ảnh / "
            "time-stamps, status and the signature's picture need --data; or sign at --level b-b without",
        )
    return build_services(settings)
