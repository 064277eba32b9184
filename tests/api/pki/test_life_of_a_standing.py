"""Whatever officers, holder and security do in whatever order: one certificate in force for one standing (I2, I6)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.callers import Role
from api.records.demonstration import PEOPLE
from signing.registry import CertificateRecord, CertificateStatus
from signing.registry_sql import CertificateFilter, RegistrySql
from tests.api.pki.desk import Desk, official

FIGURE = "appraiser"
REQUESTS = {
    "new": {},
    "renew": {"reason": "new_key"},
    "recover_device": {"reason": "superseded"},
    "hold": {"reason": "holder_suspended"},
    "release": {},
    "revoke": {"reason": "key_compromise"},
}
AT_ONCE = {"suspension": "key_in_doubt", "revocation": "superseded"}
_STANDING = (CertificateStatus.ACTIVE, CertificateStatus.ON_HOLD)


@pytest.fixture(scope="module")
def desk(installation: Any) -> Desk:
    return Desk(installation)


def certificates(desk: Desk) -> tuple[CertificateRecord, ...]:
    wanted = CertificateFilter(subject_id=PEOPLE[FIGURE].subject_id)
    with desk.installation.services.db.reading() as tx:
        return RegistrySql(tx).page(wanted, after=None, limit=1000)


def act(desk: Desk, what: str, which: int) -> None:
    """Try it on the newest certificate (0) or an older one; that it is refused is as good an answer."""
    newest_first = [one.certificate_id for one in reversed(certificates(desk))]
    if what == "new":
        filed = desk.request(official(FIGURE))
    elif not newest_first:
        return
    else:
        certificate = newest_first[min(which, len(newest_first) - 1)]
        if what in AT_ONCE:
            assert desk.at_once(certificate, what, AT_ONCE[what]).status_code in (201, 409)
            return
        filed = desk.about(certificate, what, **REQUESTS[what])
    assert filed.status_code in (201, 409), filed.text
    if filed.status_code == 201:
        assert desk.approve(filed.json()["id"]).status_code == 201


ACTS = st.tuples(st.sampled_from([*REQUESTS, *AT_ONCE]), st.integers(0, 2))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=8))
def test_one_standing_has_one_certificate_in_force_and_revoked_stays_revoked(
    desk: Desk, acts: list[tuple[str, int]]
) -> None:
    revoked: set[str] = set()
    for what, which in acts:
        desk.installation.clock.forward(minutes=1)
        act(desk, what, which)
        found = certificates(desk)
        replaced = {one.supersedes_id for one in found}
        in_force = [one for one in found if one.status in _STANDING and one.certificate_id not in replaced]
        assert len(in_force) <= 1
        assert len({one.key_id for one in found}) == len({one.spki_sha256 for one in found}) == len(found)
        for one in found:
            if one.status is CertificateStatus.SUPERSEDED:
                assert one.certificate_id in replaced
            if one.certificate_id in revoked:
                assert one.status is CertificateStatus.REVOKED
        revoked |= {one.certificate_id for one in found if one.status is CertificateStatus.REVOKED}
    headers = desk.installation.headers(Role.AUDITOR)
    assert desk.client.get("/v1/audit-events", headers=headers).status_code == 200
