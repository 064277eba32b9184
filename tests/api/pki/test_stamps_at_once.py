"""Serials of time-stamps under load: each once, rising for whoever waits, on both databases."""

import threading
from typing import Any

import pytest
from asn1crypto import tsp

from api.usecases.stamp_time import stamp_time
from signing.tsa import build_timestamp_request

CLIENTS, EACH = 4, 6


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_serials_are_given_once_and_rise_while_many_ask(database: str, request: pytest.FixtureRequest) -> None:
    name = "installation" if database == "sqlite" else "postgres_installation"
    installation: Any = request.getfixturevalue(name)
    start = threading.Barrier(CLIENTS)
    given: list[list[int]] = [[] for _ in range(CLIENTS)]

    def ask(client: int) -> None:
        start.wait()
        for number in range(EACH):
            wanted = build_timestamp_request(b"d" * 32, nonce=number)
            response = tsp.TimeStampResp.load(stamp_time(wanted, installation.services, installation.clock.at))
            content = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
            given[client].append(content["serial_number"].native)

    threads = [threading.Thread(target=ask, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(serials == sorted(serials) and len(serials) == EACH for serials in given)
    assert len({serial for serials in given for serial in serials}) == CLIENTS * EACH
