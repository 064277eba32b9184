"""What the tests of the vault's routes share: depositing a document and opening dossiers, past HTTP."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.ids import new_id
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, PROCEDURES, SCHOOL, SCHOOL_ENROLMENT, WARD
from api.records.dossiers import Channel, Dossier, Dossiers
from api.services import Services
from vault.model import (
    CitizenId,
    DocumentDetails,
    DocumentDraft,
    DocumentId,
    FileRole,
    Grade,
    Origin,
    StoredDocument,
)

_ENROLMENT = next(one for one in PROCEDURES if one.procedure_code == SCHOOL_ENROLMENT)
SERVED = next(one for one in _ENROLMENT.components if one.substitute_result_codes)
"""The component of the school's procedure that a stored result can stand in for."""
CHILD, MOTHER = PEOPLE["child"].subject_id, PEOPLE["mother"].subject_id
PDF = b"%PDF-1.7 trich luc khai sinh"


@dataclass
class Story:
    """Acts on one installation's services."""

    services: Services
    at: datetime

    def deposit(self, owner: str = CHILD, content: bytes = PDF, **changes: object) -> StoredDocument:
        """A stored document, as issuing a result leaves it."""
        values: dict[str, object] = {
            "document_id": DocumentId(new_id("doc", self.at)),
            "owner": CitizenId(owner),
            "type_code": SERVED.substitute_result_codes[0],
            "grade": Grade.A_ORIGINAL,
            "origin": Origin.BORN_DIGITAL,
            "details": DocumentDetails(title="Trích lục khai sinh", document_number=None),
            "issuing_org": WARD,
            "custodian_org": WARD,
            "source_dossier_id": None,
        }
        draft = DocumentDraft(**(values | changes))  # type: ignore[arg-type] # any field of the draft
        with self.services.db.transaction() as tx:
            key = self.services.vault.open_vault(tx, draft.owner, self.at)
        staged = self.services.vault.stage(
            key,
            document_id=draft.document_id,
            role=FileRole.SIGNED,
            media_type="application/pdf",
            content=content,
        )
        with self.services.db.transaction() as tx:
            return self.services.vault.commit(tx, draft, (staged,), self.at)

    def dossier(
        self,
        applicant: str = MOTHER,
        org: str = SCHOOL,
        procedure: str = SCHOOL_ENROLMENT,
        received: timedelta = timedelta(),
    ) -> str:
        """A received dossier's id."""
        at = self.at + received
        with self.services.db.transaction() as tx:
            dossier = Dossier(
                dossier_id=new_id("dos", at),
                code=Dossiers(tx).next_code(org, at),
                procedure_code=procedure,
                procedure_version=1,
                applicant_subject_id=applicant,
                org_code=org,
                channel=Channel.COUNTER,
                state="received",
                received_at=at,
                due_at=at + timedelta(days=5),
                received_by="acc_officer",
            )
            Dossiers(tx).add(dossier)
        return dossier.dossier_id


__all__ = ["BIRTH_EXTRACT", "CHILD", "MOTHER", "PDF", "SCHOOL", "SERVED", "WARD", "Story"]
