"""Requests and answers of SiVa 3 on the wire: validate, validateHashcode, getDataFiles, and its refusals.

Field names and messages are SiVa's own (its public interface description). Knows the shape; must not judge anything.
"""

from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from api.errors import SivaRequestRefused
from api.schemas.base64_text import bytes_of
from api.usecases.answer_siva import SivaValidation
from api.usecases.siva_report import DEFAULT_POLICY

_MESSAGES: Final = {
    "document": "Document is not encoded in a valid base64 string",
    "filename": "Invalid filename",
    "signaturePolicy": "Invalid signature policy",
    "reportType": "Invalid report type",
    "signatureFiles": "Invalid SignatureFiles format",
}
_REPORT_TYPES: Final = {"simple": "Simple", "detailed": "Detailed", "diagnostic": "Diagnostic"}
_Model = TypeVar("_Model", bound=BaseModel)


def _known_report(value: str) -> str:
    found = _REPORT_TYPES.get(value.lower())
    if found is None:
        raise ValueError("no report type")
    return found


FileName = Annotated[str, Field(min_length=1, max_length=255, pattern=r'^[^\x00-\x1f/\\:*?"<>|]+$')]
_Policy = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_ -]+$")]
_Report = Annotated[
    str,
    Field(max_length=20, json_schema_extra={"enum": list(_REPORT_TYPES.values())}),
    AfterValidator(_known_report),
]


class SivaRequest(BaseModel):
    """What every question has beside its subject."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    signaturePolicy: _Policy | None = Field(default=None, description="POLv3 or POLv4; both: the policy in force")  # noqa: N815 - SiVa's name
    reportType: _Report | None = None  # noqa: N815 - as above


class SivaValidationRequest(SivaRequest):
    """A signed file."""

    filename: FileName
    document: str = Field(min_length=1, description="base64 (RFC 4648 §4)", repr=False)

    def to_command(self) -> SivaValidation:
        """The use-case's value.

        Raises:
            SivaRequestRefused: no base64.
        """
        return SivaValidation(
            filename=self.filename, content=decoded(self.document, "document"),
            policy=self.signaturePolicy or DEFAULT_POLICY, report=self.reportType or "Simple",
        )  # fmt: skip


class SivaDataFilesRequest(BaseModel):
    """A container whose files are wanted."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    filename: FileName
    document: str = Field(min_length=1, description="base64 (RFC 4648 §4)", repr=False)

    def to_command(self) -> SivaValidation:
        """The use-case's value.

        Raises:
            SivaRequestRefused: no base64.
        """
        return SivaValidation(filename=self.filename, content=decoded(self.document, "document"))


class SivaReport(BaseModel):
    """What SiVa's validationReport holds."""

    model_config = ConfigDict(extra="allow")

    validationConclusion: dict[str, Any]  # noqa: N815 - as above


class SivaAnswer(BaseModel):
    """The answer to a validation."""

    validationReport: SivaReport  # noqa: N815 - as above


class SivaFile(BaseModel):
    """One file out of a container."""

    fileName: str  # noqa: N815 - as above
    size: int
    base64: str
    mimeType: str  # noqa: N815 - as above


class SivaFiles(BaseModel):
    """The answer to getDataFiles."""

    dataFiles: list[SivaFile]  # noqa: N815 - as above


class SivaError(BaseModel):
    """One refused field."""

    key: str
    message: str


class SivaErrors(BaseModel):
    """SiVa's refusal."""

    requestErrors: list[SivaError]  # noqa: N815 - as above


def siva_request(model: type[_Model], body: bytes) -> _Model:
    """The request out of a body.

    Raises:
        SivaRequestRefused: it cannot be used; each field once, and nothing of what was sent is repeated.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as err:
        found = [item["loc"] for item in err.errors(include_input=False, include_url=False)]
    if () in found:
        raise SivaRequestRefused(("requestBodyNotReadable", "Request body is malformed and cannot be read"))
    keys = dict.fromkeys(str(location[0]) for location in found)
    raise SivaRequestRefused(*((key, _MESSAGES.get(key, "Invalid value")) for key in keys))


def decoded(text: str, key: str) -> bytes:
    """Bytes from base64.

    Raises:
        SivaRequestRefused: it is none, or nothing.
    """
    try:
        content = bytes_of(text)
    except ValueError:
        content = b""
    if not content:
        message = (
            "Signature file is not valid base64 encoded string" if key.endswith("signature") else _MESSAGES["document"]
        )
        raise SivaRequestRefused((key, message))
    return content
