import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vault.access import HandledDossier, Reader, ReadPurpose, Relation, decide_read
from vault.model import (
    CitizenId,
    Consent,
    ConsentedDocument,
    DocumentId,
    DocumentState,
    Grade,
    Origin,
    StoredDocument,
)

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OWNER, DOCUMENT = CitizenId("sub_owner"), DocumentId("doc_1")
CUSTODIAN, RECEIVER = "H49.61.07", "H49.61.07.01"
OWN, HANDLE = ReadPurpose.OWN_RECORDS, ReadPurpose.HANDLE_DOSSIER


def document(state: DocumentState = DocumentState.ACTIVE) -> StoredDocument:
    return StoredDocument(
        document_id=DOCUMENT,
        owner=OWNER,
        type_code="khai_sinh",
        grade=Grade.A_ORIGINAL,
        origin=Origin.BORN_DIGITAL,
        state=state,
        version=1,
        issuing_org=CUSTODIAN,
        custodian_org=CUSTODIAN,
        source_dossier_id=None,
        digitised_by=None,
        valid_from=None,
        valid_to=None,
        retention_until=None,
        supersedes=None,
        created_at=AT,
        files=(),
    )


CONSENT = Consent(
    consent_id="con_1",
    owner=OWNER,
    documents=(ConsentedDocument(document_id=DOCUMENT, content_tag="tag", spent_at=None),),
    receiver_dossier_id="dos_1",
    receiver_org=RECEIVER,
    purpose="school_enrolment",
    granted_at=AT - timedelta(days=1),
    granted_by="acc_1",
    expires_at=AT + timedelta(days=1),
    single_use=True,
    withdrawn_at=None,
)


DOSSIER = HandledDossier(dossier_id="dos_1", org_code=RECEIVER, persons=frozenset({OWNER}))


def reader(relation: Relation, org_code: str | None = None) -> Reader:
    """Somebody at work on a dossier of the owner's, which the own agency handles."""
    dossier = None if org_code is None else replace(DOSSIER, org_code=org_code)
    return Reader(relation=relation, org_code=org_code, dossier=dossier)


@pytest.mark.parametrize("relation", [Relation.OWNER, Relation.GUARDIAN])
@pytest.mark.parametrize("state", list(DocumentState))
def test_owner_and_guardian_read_their_records_in_every_state_but_disposed(
    relation: Relation, state: DocumentState
) -> None:
    decision = decide_read(document(state), reader(relation), OWN, (), AT)
    assert decision.allowed is (state is not DocumentState.DISPOSED)
    assert decision.rule == ("disposed" if state is DocumentState.DISPOSED else relation.value)


def test_the_custodian_reads_for_its_dossiers_and_other_agencies_do_not() -> None:
    assert decide_read(document(), reader(Relation.OFFICER, CUSTODIAN), HANDLE, (), AT).rule == "custodian"
    assert not decide_read(document(), reader(Relation.OFFICER, RECEIVER), HANDLE, (), AT).allowed
    assert not decide_read(document(), reader(Relation.SYSTEM, CUSTODIAN), HANDLE, (), AT).allowed
    assert not decide_read(document(), reader(Relation.OFFICER), HANDLE, (), AT).allowed


@pytest.mark.parametrize("relation", [Relation.OFFICER, Relation.SYSTEM])
def test_the_receiver_of_a_live_consent_reads_on_its_ground(relation: Relation) -> None:
    decision = decide_read(document(), reader(relation, RECEIVER), HANDLE, (CONSENT,), AT)
    assert (decision.allowed, decision.rule, decision.consent_id) == (True, "consent", "con_1")


@pytest.mark.parametrize("org", [CUSTODIAN, RECEIVER])
@pytest.mark.parametrize("relation", [Relation.OFFICER, Relation.SYSTEM])
@pytest.mark.parametrize(
    "dossier",
    [
        None,
        replace(DOSSIER, org_code="H49.99"),
        replace(DOSSIER, persons=frozenset({CitizenId("sub_other")})),
        replace(DOSSIER, persons=frozenset()),
    ],
)
def test_without_a_dossier_of_the_own_agency_and_of_the_owner_nobody_in_office_reads(
    org: str, relation: Relation, dossier: HandledDossier | None
) -> None:
    stranger = Reader(relation=relation, org_code=org, dossier=dossier)
    decision = decide_read(document(), stranger, HANDLE, (CONSENT,), AT)
    assert (decision.allowed, decision.rule) == (False, "no_dossier")


def test_a_consent_serves_the_dossier_that_it_names_and_no_other() -> None:
    other = Reader(relation=Relation.OFFICER, org_code=RECEIVER, dossier=replace(DOSSIER, dossier_id="dos_2"))
    assert decide_read(document(), other, HANDLE, (CONSENT,), AT).rule == "no_ground"


def test_a_spent_consent_shows_the_document_to_the_officers_who_accepted_it_and_to_nobody_else() -> None:
    covered = replace(CONSENT.documents[0], spent_at=AT)
    spent = replace(CONSENT, documents=(covered,))
    standing = replace(spent, single_use=False)
    assert decide_read(document(), reader(Relation.OFFICER, RECEIVER), HANDLE, (spent,), AT).consent_id == "con_1"
    assert not decide_read(document(), reader(Relation.SYSTEM, RECEIVER), HANDLE, (spent,), AT).allowed
    assert decide_read(document(), reader(Relation.SYSTEM, RECEIVER), HANDLE, (standing,), AT).allowed
    other = Reader(relation=Relation.OFFICER, org_code=RECEIVER, dossier=replace(DOSSIER, dossier_id="dos_2"))
    assert not decide_read(document(), other, HANDLE, (spent,), AT).allowed


@pytest.mark.parametrize(
    "consent",
    [
        replace(CONSENT, withdrawn_at=AT),
        replace(CONSENT, expires_at=AT),
        replace(CONSENT, granted_at=AT + timedelta(seconds=1)),
        replace(CONSENT, receiver_org="H49.99"),
        replace(CONSENT, owner=CitizenId("sub_other")),
        replace(CONSENT, documents=()),
    ],
)
def test_a_consent_that_is_over_or_for_others_is_no_ground(consent: Consent) -> None:
    assert not decide_read(document(), reader(Relation.OFFICER, RECEIVER), HANDLE, (consent,), AT).allowed


@pytest.mark.parametrize("state", [DocumentState.RESTRICTED, DocumentState.DISPUTED])
def test_restriction_stops_everybody_but_the_owner_at_once(state: DocumentState) -> None:
    for org in (CUSTODIAN, RECEIVER):
        decision = decide_read(document(state), reader(Relation.OFFICER, org), HANDLE, (CONSENT,), AT)
        assert (decision.allowed, decision.rule) == (False, "restricted")


@pytest.mark.parametrize(("org", "purpose"), list(itertools.product([None, CUSTODIAN, RECEIVER], ReadPurpose)))
def test_administrators_and_auditors_never_read_whatever_they_claim(org: str | None, purpose: ReadPurpose) -> None:
    assert not decide_read(document(), reader(Relation.NONE, org), purpose, (CONSENT,), AT).allowed


def test_nobody_reads_for_a_purpose_that_is_not_theirs() -> None:
    assert decide_read(document(), reader(Relation.OWNER), HANDLE, (), AT).rule == "purpose"
    assert decide_read(document(), reader(Relation.OFFICER, CUSTODIAN), OWN, (CONSENT,), AT).rule == "purpose"
