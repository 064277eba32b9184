"""A desk whose time-stamp unit is away: what is signed there has to wait for its time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from api.bootstrap import build_authenticator
from api.main import create_app
from signing.ca import TIMESTAMP, service_credential
from signing.registry_sql import RegistrySql
from tests.api.conftest import Installation
from tests.fakes.failing_keys import FailingKeys


@contextmanager
def no_time_unit(installation: Installation) -> Iterator[FailingKeys]:
    """The installation serves with keys among which that of the time-stamp unit fails."""
    services = installation.app.state.services
    with services.db.reading() as tx:
        unit = service_credential(TIMESTAMP, RegistrySql(tx), at=installation.clock.at).key_id
    keys = FailingKeys(services.keys, lambda key_id: key_id == unit)
    before = installation.app
    installation.app = create_app(replace(services, keys=keys), build_authenticator(services.settings, services.db))
    yield keys
    installation.app = before
