"""Batches where a real signer process keeps the keys: a passkey's one answer over the whole list, and nothing else.

The signer believes no service: it signs what the holder's passkey agreed to, each digest once.
"""

import signal
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from api.callers import Role
from api.usecases.signing_parts import credential_of
from signing.key_use_sql import KEY_USES, KeyUses
from signing.registry_sql import RegistrySql
from tests.api.batch_office import BatchOffice, run_batch_jobs, run_jobs
from tests.api.office import Office, issue_seals
from tests.api.signer_bench import GuardedOffice, guarded_office, unb64


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedOffice]:
    with guarded_office(tmp_path_factory.mktemp("batches")) as made:
        made.tick()
        made.certificates |= issue_seals(made.installation)
        passkey = made.register(Role.CLERK, "clerk")
        assert made.vouch(passkey, "clerk", "chairman").status_code == 201
        yield made


@pytest.fixture
def ward(guarded: GuardedOffice) -> BatchOffice:
    guarded.tick()
    return BatchOffice(office=Office(installation=guarded.installation, certificates=guarded.certificates))


def agree(guarded: GuardedOffice, ward: BatchOffice, batch: str, *, seal: bool = False) -> Any:
    """The holder's passkey answers for the whole list."""
    guarded.tick()
    asked = ward.post(f"/{batch}/challenge", seal=seal)
    assert asked.status_code == 201, asked.text
    assert asked.json()["purpose"] == ("seal_result" if seal else "sign_result")
    answer = guarded.passkeys["clerk" if seal else "leader"].answer_json(unb64(asked.json()["challenge"]))
    return ward.authorised(batch, {"assertion": answer}, seal=seal)


def uses_of(ward: BatchOffice, certificate: str) -> list[str]:
    """What the holder's key signed, in the signer's chain of key uses."""
    with ward.services.db.reading() as tx:
        key = credential_of(tx, RegistrySql(tx).get(ward.office.certificates[certificate])).key_id
        assert KeyUses(tx).check().is_whole
        return list(
            tx.execute(sa.select(KEY_USES.c.data_sha256).where(KEY_USES.c.kind == "document", KEY_USES.c.key_id == key))
            .scalars()
            .all()
        )


def test_one_touch_of_a_passkey_signs_a_list_and_another_one_seals_it(
    guarded: GuardedOffice, ward: BatchOffice
) -> None:
    batch = ward.prepared(ward.results(3))
    before = uses_of(ward, "leader")
    # neither the login nor a code is anything to the signer
    assert ward.authorised(batch).json()["code"] == "AUTHORISATION_WRONG"
    assert ward.authorised(batch, {"code": "123456"}).json()["code"] == "AUTHORISATION_WRONG"
    assert uses_of(ward, "leader") == before
    assert agree(guarded, ward, batch).status_code == 202
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 3, ward.items(batch)
    assert len(uses_of(ward, "leader")) == len(before) + 3

    made = ward.sealing()
    assert made.status_code == 202, made.text
    seals = made.json()["id"]
    run_jobs(ward.services)
    assert agree(guarded, ward, seals, seal=True).status_code == 202
    run_jobs(ward.services)
    sealed = ward.items(seals, seal=True)
    assert {one["state"] for one in sealed} == {"signed"}, sealed
    assert len(sealed) >= 3
    assert len(set(uses_of(ward, "seal_secondary"))) == len(uses_of(ward, "seal_secondary")) == len(sealed)


def test_a_single_signature_without_an_authorisation_is_refused_and_told_of_the_batch_of_one(
    guarded: GuardedOffice, ward: BatchOffice
) -> None:
    result = ward.office.numbered()
    refused = ward.office.sign(result)
    assert (refused.status_code, refused.json()["code"]) == (403, "AUTHORISATION_REQUIRED")
    assert "/v1/signature-batches" in refused.json()["title"]
    batch = ward.prepared([result])
    assert agree(guarded, ward, batch).status_code == 202
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"]


def test_a_signer_that_is_killed_ends_nothing_and_its_return_finishes_the_list(
    guarded: GuardedOffice, ward: BatchOffice
) -> None:
    batch = ward.prepared(ward.results(2))
    before = len(uses_of(ward, "leader"))
    assert agree(guarded, ward, batch).status_code == 202
    guarded.signer.stop(signal.SIGKILL)
    assert run_batch_jobs(ward.services) == ["KEY_UNAVAILABLE"]
    assert ward.get(f"/{batch}").json()["state"] == "signing"
    assert set(ward.states(batch)) == {"signing"}
    guarded.signer.start()
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 2, ward.items(batch)
    assert len(uses_of(ward, "leader")) == before + 2


def test_an_answer_for_one_list_signs_no_other(guarded: GuardedOffice, ward: BatchOffice) -> None:
    first, second = (ward.prepared([one]) for one in ward.results(2))
    asked = ward.post(f"/{first}/challenge").json()
    ward.post(f"/{second}/challenge")
    answer = guarded.passkeys["leader"].answer_json(unb64(asked["challenge"]))
    refused = ward.authorised(second, {"assertion": answer})
    assert (refused.status_code, refused.json()["code"]) == (403, "AUTHORISATION_WRONG")
    assert ward.get(f"/{second}").json()["state"] == "prepared"
    replayed = ward.authorised(first, {"assertion": answer})
    assert replayed.status_code in (202, 403)  # the counter of the passkey went on only when it was accepted
    foreign = guarded.passkeys["chairman"].answer_json(unb64(ward.post(f"/{second}/challenge").json()["challenge"]))
    assert ward.authorised(second, {"assertion": foreign}).json()["code"] == "AUTHORISATION_FOREIGN"
    run_jobs(ward.services)
    assert ward.states(second) == ["prepared"]
