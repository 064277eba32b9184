"""`signatures/signDoc` of the Cloud Signature Consortium's API on the wire (CSC API 2.0 §11.11): whole PDFs.

Knows the shape; must not judge anything. What only other formats than PAdES have is refused in the standard's words.
"""

import base64
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.errors import CscRequestRefused
from api.schemas.csc import CscRequest, algorithm_of, require_synchronous
from api.usecases.sign_documents import ConformanceLevel, DocumentToSign, SignDocuments

MOST_DOCUMENTS: Final = 20
"""Files of one request: they lie in memory together."""
_LEVELS: Final = {f"ades-{one.value.lower()}": one for one in ConformanceLevel}
_ENVELOPES: Final = {"Certification": True, "Revision": False}


class CscDocument(BaseModel):
    """One file."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, strict=True)

    document: str = Field(repr=False)
    signature_format: Annotated[str, Field(max_length=8)]
    conformance_level: Annotated[str, Field(max_length=16)] = "AdES-B-B"
    signAlgo: Annotated[str, Field(max_length=64)]  # noqa: N815 - the standard's name
    signAlgoParams: Annotated[str, Field(max_length=1024)] | None = None  # noqa: N815 - as above
    signed_props: list[Any] | None = None
    signed_envelope_property: Annotated[str, Field(max_length=32)] = "Certification"

    def to_value(self) -> DocumentToSign:
        """The use-case's value.

        Raises:
            CscRequestRefused: another format, level or envelope than PAdES has here.
        """
        if self.signature_format != "P":
            raise CscRequestRefused("Invalid parameter signature_format")
        level = _LEVELS.get(self.conformance_level.lower())
        if level is None:
            raise CscRequestRefused("Invalid parameter conformance_level")
        if self.signed_envelope_property not in _ENVELOPES:
            raise CscRequestRefused("Invalid parameter signed_envelope_property")
        if self.signed_props:
            raise CscRequestRefused("Invalid parameter signed_props (no attribute of the client's choice is signed)")
        try:
            content = base64.b64decode(self.document, validate=True)
        except ValueError as err:
            raise CscRequestRefused("Invalid Base64 documents string parameter") from err
        return DocumentToSign(
            content=content,
            level=level,
            algorithm=algorithm_of(self.signAlgo, self.signAlgoParams, None),
            certify=_ENVELOPES[self.signed_envelope_property],
        )


class CscSignDocRequest(CscRequest):
    """`signatures/signDoc`."""

    credentialID: Annotated[str, Field(max_length=1024)]  # noqa: N815 - the standard's name
    SAD: Annotated[str, Field(max_length=128)] = Field(repr=False)
    documents: list[CscDocument] = Field(default=[], max_length=MOST_DOCUMENTS)
    documentDigests: list[Any] | None = None  # noqa: N815 - as above
    operationMode: Annotated[str, Field(max_length=8)] = "S"  # noqa: N815 - as above
    returnValidationInfo: bool = False  # noqa: N815 - as above

    def to_command(self) -> SignDocuments:
        """The use-case's command.

        Raises:
            CscRequestRefused.
        """
        require_synchronous(self.operationMode)
        if self.documentDigests:
            # a PAdES container for a file that stays outside: nobody here could check it
            raise CscRequestRefused("Invalid object parameter documentDigests")
        if not self.documents:
            raise CscRequestRefused("Empty documentDigests and documents objects")
        if self.returnValidationInfo:
            raise CscRequestRefused("Invalid parameter returnValidationInfo")
        return SignDocuments(
            credential_id=self.credentialID,
            sad=self.SAD,
            documents=tuple(one.to_value() for one in self.documents),
        )


class CscSignedDocuments(BaseModel):
    """Its answer."""

    DocumentWithSignature: list[str]
