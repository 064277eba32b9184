"""The signature validation of the European Commission's DSS on the wire: validateSignature and getOriginalDocuments.

Field names are DSS's own. A validation policy or cryptographic suite of the caller's is refused: ours applies to
everybody; evidence records are not known here. Knows the shape; must not judge anything.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from api.errors import InputInvalid
from api.schemas.base64_text import bytes_of
from api.schemas.compat_dss import dss_moment
from api.usecases.answer_dss import DssDocument, DssValidation

_FileName = Annotated[str, Field(max_length=255)]


class RemoteDocument(BaseModel):
    """A document, or its digest when an algorithm is named."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    bytes: str = Field(min_length=1, description="base64 (RFC 4648 §4)", repr=False)
    digestAlgorithm: str | None = Field(default=None, max_length=20)  # noqa: N815 - DSS's name
    name: _FileName | None = None

    def to_value(self) -> DssDocument:
        """The use-case's value.

        Raises:
            InputInvalid: no base64.
        """
        try:
            content = bytes_of(self.bytes)
        except ValueError as err:
            raise InputInvalid("`bytes` không phải base64.", "`bytes` is not base64.") from err
        return DssDocument(content=content, digest_algorithm=self.digestAlgorithm, name=self.name)


class DataToValidate(BaseModel):
    """DSS's question about a signed document."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    signedDocument: RemoteDocument  # noqa: N815 - as above
    originalDocuments: list[RemoteDocument] | None = Field(default=None, max_length=16)  # noqa: N815 - as above
    policy: None = None
    cryptographicSuite: None = None  # noqa: N815 - as above
    validationTime: Annotated[datetime | None, BeforeValidator(dss_moment)] = None  # noqa: N815 - as above
    evidenceRecords: list[Any] | None = Field(default=None, max_length=0)  # noqa: N815 - as above
    tokenExtractionStrategy: str | None = Field(default=None, max_length=64)  # noqa: N815 - as above
    signatureId: str | None = Field(default=None, max_length=200)  # noqa: N815 - as above

    def to_command(self) -> DssValidation:
        """The question for the use-case.

        Raises:
            InputInvalid: no base64.
        """
        then = self.validationTime
        return DssValidation(
            signed=self.signedDocument.to_value(),
            originals=tuple(one.to_value() for one in self.originalDocuments or ()),
            then=then if then is None or then.tzinfo else then.replace(tzinfo=UTC),
            signature_id=self.signatureId,
        )


class SignatureReports(BaseModel):
    """DSS's answer: the same findings four times."""

    model_config = ConfigDict(extra="allow")

    DiagnosticData: dict[str, Any]
    SimpleReport: dict[str, Any]
    DetailedReport: dict[str, Any]
    validationReportDataHandler: str  # noqa: N815 - as above


class OriginalDocument(BaseModel):
    """A version that a signature covers."""

    bytes: str
    digestAlgorithm: str | None = None  # noqa: N815 - as above
    name: str | None


def dss_question(body: bytes) -> DssValidation:
    """The question out of a body.

    Raises:
        InputInvalid: it cannot be used; the fields are named, nothing of what was sent is repeated.
    """
    try:
        return DataToValidate.model_validate_json(body).to_command()
    except ValidationError as err:
        listed = {str(item["loc"][0])[:60] for item in err.errors(include_input=False) if item["loc"]}
    names = ", ".join(sorted(listed)) or "body"
    raise InputInvalid(f"Giá trị không hợp lệ: {names}.", f"Values that cannot be used: {names}.")
