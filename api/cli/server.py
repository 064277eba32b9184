"""Runs the HTTP server and its worker: prepares the database, says when it is ready, ends cleanly.

Knows processes and sockets. Must not know any resource.
"""

import contextlib
import signal
import socket
import sys
from types import FrameType

import uvicorn

from api import log, migrations
from api.bootstrap import build_authenticator, build_services
from api.cli.exits import Exit, fail
from api.cli.supervisor import Supervisor
from api.clock import now
from api.main import create_app
from api.services import Services
from api.settings import Settings
from api.usecases.establish_pki import establish_pki
from api.usecases.publish_due_lists import publish_due_lists
from api.usecases.record_trust_policies import record_trust_policies
from api.usecases.seed_demonstration import seed_demonstration


class _Server(uvicorn.Server):
    """uvicorn that prints one line once it accepts connections."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    def end_early(self, _number: int, _frame: FrameType | None) -> None:
        """Told to stop before serving, or once more after it."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so on standard output: programs wait for this line."""
        await super().startup(sockets=sockets)
        if self.started:
            print(f"anso: sẵn sàng / ready: {self._url}", flush=True)


def run_server(settings: Settings) -> None:
    """Serve until told to stop.

    Raises:
        ConfigurationInvalid: the profile's demands are not met, or (production) the schema is not this code's.
    """
    log.configure(settings.log_level)
    services = build_services(settings)
    prepare(services)
    listener = listen(settings.host, settings.port)
    host, port = listener.getsockname()[:2]
    app = create_app(services, build_authenticator(settings, services.db))
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # the shell logs requests, without what must not be in a log
        server_header=False,
        timeout_graceful_shutdown=10,
        lifespan="off",
    )
    server = _Server(config, f"http://{host}:{port}")
    # before uvicorn listens to signals one must not be lost; it raises them again when it has ended: a clean end
    signal.signal(signal.SIGTERM, server.end_early)
    with (
        contextlib.closing(services),
        listener,  # uvicorn closes it only when it came as far as serving
        Supervisor(settings, enabled=settings.embedded_worker and not settings.is_production),
    ):
        server.run(sockets=[listener])


def prepare(services: Services) -> None:
    """The database at this code's schema; embedded: upgraded and, when asked for, with demonstration data."""
    settings = services.settings
    if settings.is_production:
        migrations.require_newest(services.db)
        record_trust_policies(services, now())
        return
    print("anso: hồ sơ phát triển / development profile: KHÔNG dùng cho việc thật", file=sys.stderr)
    migrations.upgrade(services.db)
    record_trust_policies(services, now())
    establish_pki(services, now())
    publish_due_lists(services, now())
    if settings.demo_data:
        seed_demonstration(services, now())


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; connections taken from it send what they have at once.

    Raises:
        SystemExit: the address is taken or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named; without it an answer on a kept connection waits 40 ms
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as err:
        listener.close()
        fail(Exit.CONFIGURATION, f"không mở được cổng / cannot listen on {host}:{port}: {err.strerror}")
    listener.set_inheritable(False)
    return listener
