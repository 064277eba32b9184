"""Annexes of results on the wire."""

from typing import Self

from pydantic import BaseModel

from api.records.annexes import ResultAnnex


class AnnexView(BaseModel):
    """One annex as it stands."""

    id: str
    no: int
    plain_sha256: str
    sealed_sha256: str | None
    signature_level: str | None
    document_id: str | None

    @classmethod
    def of(cls, annex: ResultAnnex) -> Self:
        """The view of a record."""
        return cls(
            id=annex.annex_id,
            no=annex.no,
            plain_sha256=annex.plain_sha256,
            sealed_sha256=annex.sealed_sha256,
            signature_level=annex.signature_level,
            document_id=annex.document_id,
        )
