"""Whose certificates CSC clients use, each reason to refuse one by itself; credentials at a provider too (I7, I10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from api.callers import Caller, Role
from api.db import to_micros
from api.errors import (
    CertificateKeyHere,
    CertificateNotYours,
    CertificateOnHold,
    CertificateOutOfScope,
    CertTitleMismatch,
    CscRequestRefused,
    InputInvalid,
    NotFound,
    RemoteProviderUnknown,
)
from api.records.csc_activations import CscActivations
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, WARD
from api.records.tables import EMPLOYMENTS
from api.usecases import csc_credential, sign_at_provider, stamp_hash
from api.usecases.authorise_credential import AuthoriseCredential, authorise_credential
from api.usecases.authorise_signature import require_own_holder
from api.usecases.csc_activation import GivenActivation
from api.usecases.csc_credential import csc_certificate
from api.usecases.register_remote_credential import (
    RegisterRemoteCredential,
    provider_client,
    register_remote_credential,
)
from api.usecases.sign_at_provider import SignAtProvider, sign_prepared_at_provider
from api.usecases.sign_hashes import SignHashes, sign_hashes
from api.usecases.stamp_hash import StampHash
from signing.authorisation import KEPT_FOR
from signing.errors import TimestampUnavailable
from signing.identity import CertificateClass
from signing.keys import SignatureAlgorithm
from signing.registry_sql import RegistrySql
from tests.api.office import Office, issue_certificate, official
from tests.api.strict_status import imported_row
from tests.fakes.small_pki import SmallPki

LEADER = Caller(account_id="acc_x", subject_id=PEOPLE["leader"].subject_id, role=Role.AUTHORISED_SIGNER, org_code=WARD)
SYSTEM = replace(LEADER, subject_id=None)


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    certificates = {"leader": issue_certificate(installation, official("leader"))}
    return Office(installation=installation, certificates=certificates)


@contextmanager
def refused(office: Office, credential: str, error: type[Exception], caller: Caller = LEADER) -> Iterator[None]:
    with office.installation.services.db.reading() as tx, pytest.raises(error):
        csc_certificate(tx, credential, caller, office.installation.clock.at)
    yield


def test_a_certificate_of_limited_scope_signs_no_hash(office: Office) -> None:
    scope = {"places": [], "procedures": [BIRTH_EXTRACT], "document_types": []}
    second = {"ordinal": 2, "primary_certificate_id": office.certificates["leader"], "scope": scope}
    limited = issue_certificate(office.installation, official("leader") | second)
    with refused(office, limited, CertificateOutOfScope):
        pass


def test_a_title_that_ended_signs_no_hash(office: Office) -> None:
    services, leader = office.installation.services, office.certificates["leader"]
    mine = EMPLOYMENTS.c.employment_id == PEOPLE["leader"].employment_id
    with services.db.transaction() as tx:
        tx.execute(sa.update(EMPLOYMENTS).where(mine).values(valid_to=to_micros(office.installation.clock.at)))
    try:
        with refused(office, leader, CertTitleMismatch):
            pass
    finally:
        with services.db.transaction() as tx:
            tx.execute(sa.update(EMPLOYMENTS).where(mine).values(valid_to=None))


def test_what_is_held_foreign_imported_or_of_another_kind_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = imported_row(
        office.installation,
        SmallPki().credential(),
        "leader",
        certificate_id="cert_" + "0" * 25 + "3",
        certificate_class=CertificateClass.PERSONAL,
        key_id="key_nobody_uses",
        org_code=WARD,
    )
    with refused(office, imported, CscRequestRefused):
        pass
    for caller in (SYSTEM, replace(LEADER, subject_id=PEOPLE["chairman"].subject_id)):
        with refused(office, office.certificates["leader"], CscRequestRefused, caller):
            pass
    monkeypatch.setattr(csc_credential, "CSC_CLASSES", frozenset({CertificateClass.CITIZEN}))
    with refused(office, office.certificates["leader"], CscRequestRefused):
        pass
    monkeypatch.undo()
    person = PEOPLE["chairman"]
    chairman = issue_certificate(office.installation, official("chairman"))
    path = f"/v1/certificates/{chairman}/suspension"
    held = office.send(Role.AUTHORISED_SIGNER, "chairman", path, {"reason": "key_in_doubt"})
    assert held.status_code in {200, 201}, held.text
    with refused(office, chairman, CertificateOnHold, replace(LEADER, subject_id=person.subject_id)):
        pass


def test_a_certificate_without_holder_is_no_systems_own(office: Office) -> None:
    with office.installation.services.db.reading() as tx:
        nobodys = replace(RegistrySql(tx).get(office.certificates["leader"]), subject_id=None)
    with pytest.raises(CertificateNotYours):
        require_own_holder(nobodys, SYSTEM, office.installation.clock.at)


def test_activations_are_forgotten_with_their_authorisations(office: Office) -> None:
    services, at = office.installation.services, office.installation.clock.at
    order = AuthoriseCredential(credential_id=office.certificates["leader"], hashes=(bytes(32),), count=1)
    table = "SELECT count(*) FROM csc_activations"

    def kept() -> int:
        with services.db.reading() as tx:
            return int(tx.execute(sa.text(table)).scalar_one())

    before = kept()
    authorise_credential(order, services, LEADER, at)
    with services.db.transaction() as tx:
        CscActivations(tx).forget(at)
    assert kept() == before + 1, "not before their time"
    later = KEPT_FOR + timedelta(days=1)
    authorise_credential(replace(order, hashes=(b"1" * 32,)), services, LEADER, at + later)
    assert kept() == 1


def test_hashes_that_were_signed_stand_in_the_ledger(office: Office) -> None:
    services, at, leader = office.installation.services, office.installation.clock.at, office.certificates["leader"]
    order = AuthoriseCredential(credential_id=leader, hashes=(b"2" * 32,), count=1)
    given = authorise_credential(order, services, LEADER, at)
    assert isinstance(given, GivenActivation)
    signing = SignHashes(
        credential_id=leader, sad=given.sad, hashes=order.hashes, algorithm=SignatureAlgorithm.ECDSA_SHA256
    )
    assert len(sign_hashes(signing, services, LEADER, at)) == 1
    headers = office.installation.headers(Role.AUDITOR)
    told = office.installation.client.get("/v1/audit-events?action=sign_hashes", headers=headers).json()["items"]
    assert [(one["outcome"], one["object_type"]) for one in told] == [("allowed", "signature_authorisation")]


def test_a_provider_signs_for_one_certificate_at_a_time() -> None:
    found: Any = tuple(SimpleNamespace(preparation_id=f"p{one}", certificate_id=f"c{one}") for one in (1, 2))
    with pytest.raises(InputInvalid):
        sign_at_provider._one_certificate(found)


def test_what_is_no_answer_of_an_authority_is_no_time_stamp(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamp_hash, "time_stamper", lambda *_: lambda _request: b"0\x00")
    asked = StampHash(value=bytes(32), hash_oid="2.16.840.1.101.3.4.2.1", nonce=7)
    with pytest.raises(TimestampUnavailable):
        stamp_hash.stamp_hash(asked, office.installation.services, office.installation.clock.at)


def test_only_a_key_that_is_not_here_is_at_a_provider_and_only_at_one_that_is_known(office: Office) -> None:
    services, at = office.installation.services, office.installation.clock.at
    officer = replace(LEADER, subject_id=PEOPLE["ra_officer"].subject_id, role=Role.RA_OFFICER)
    own = RegisterRemoteCredential(
        certificate_id=office.certificates["leader"], provider="smartca", credential_id="cred-1"
    )
    with pytest.raises(CertificateKeyHere):
        register_remote_credential(own, services, officer, at)
    with pytest.raises(RemoteProviderUnknown):
        provider_client("nobody", services)
    with pytest.raises(NotFound):
        sign_prepared_at_provider(SignAtProvider(preparation_ids=()), services, LEADER, at)
