"""Wire models of dossiers."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from api.ids import parse_id
from api.records.dossiers import Channel, Dossier
from api.schemas.text import Code, Id, OrgCode
from api.usecases.receive_dossier import ReceiveDossier


class DossierIn(BaseModel):
    """What is filed."""

    model_config = ConfigDict(extra="forbid")

    procedure_code: Code
    applicant_subject_id: Id
    org_code: OrgCode
    channel: Literal["online", "counter", "post"]

    def to_command(self) -> ReceiveDossier:
        """The use-case's command."""
        return ReceiveDossier(
            procedure_code=self.procedure_code,
            applicant_subject_id=parse_id("sub", self.applicant_subject_id),
            org_code=self.org_code,
            channel=Channel(self.channel),
        )


class DossierOut(BaseModel):
    """A dossier."""

    id: str
    code: str
    procedure_code: str
    procedure_version: int
    applicant_subject_id: str
    org_code: str
    channel: str
    state: str
    received_at: datetime
    due_at: datetime

    @classmethod
    def of(cls, dossier: Dossier) -> "DossierOut":
        """The wire form."""
        return cls(
            id=dossier.dossier_id,
            code=dossier.code,
            procedure_code=dossier.procedure_code,
            procedure_version=dossier.procedure_version,
            applicant_subject_id=dossier.applicant_subject_id,
            org_code=dossier.org_code,
            channel=dossier.channel.value,
            state=dossier.state,
            received_at=dossier.received_at,
            due_at=dossier.due_at,
        )
