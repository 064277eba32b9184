"""Several processes at first start, on both databases: one hierarchy, and no key without a certificate."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api import migrations
from api.bootstrap import build_services
from api.services import Services
from api.settings import Settings
from api.usecases.establish_pki import establish_pki
from signing.keys_sql import SIGNING_KEYS
from signing.registry import CertificateStatus
from signing.registry_sql import RegistrySql
from tests.api.conftest import START

SERVICES = ("ca:root", "ca:personal", "ca:secondary", "ocsp:personal", "ocsp:secondary", "tsa", "seal")


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def test_of_three_processes_that_start_at_once_each_member_is_made_by_one(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    values: dict[str, Any] = {"data": tmp_path}
    if database == "postgresql":
        values["database_url"] = request.getfixturevalue("postgres_url")
    processes = [build_services(Settings(**values), clock=lambda: START) for _ in range(3)]
    migrations.upgrade(processes[0].db)
    together = threading.Barrier(len(processes))

    def start(services: Services) -> tuple[str, ...]:
        together.wait()
        return establish_pki(services, START)

    try:
        with ThreadPoolExecutor(len(processes)) as threads:
            made = list(threads.map(start, processes))
        assert sorted(name for names in made for name in names) == sorted(SERVICES)
        with processes[0].db.reading() as tx:
            entries = [entry for service in SERVICES for entry in RegistrySql(tx).by_service(service)]
            keys = set(tx.execute(sa.select(SIGNING_KEYS.c.key_id)).scalars())
        assert [entry.status for entry in entries] == [CertificateStatus.ACTIVE] * len(SERVICES)
        assert keys == {entry.key_id for entry in entries}
        assert establish_pki(processes[1], START) == ()
    finally:
        for services in processes:
            services.close()
