"""SiVa's validateHashcode on the wire: signatures with the digests of what they cover.

Field names are SiVa's own. Knows the shape; must not judge anything.
"""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.compat_siva import FileName, SivaRequest, decoded
from api.usecases.answer_siva_hashcodes import HashedFile, SignatureOfFiles, SivaHashcodes
from api.usecases.siva_report import DEFAULT_POLICY

_MAX_SIGNATURE_TEXT: Final = 1024 * 1024
_MAX_SIGNATURES: Final = 20
_MAX_DATA_FILES: Final = 100


class SivaDataFile(BaseModel):
    """A file that a signature covers, by its digest."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    filename: FileName
    hashAlgo: str = Field(min_length=1, max_length=20)  # noqa: N815 - as above
    hash: str = Field(min_length=1, max_length=1000)


class SivaSignatureFile(BaseModel):
    """A signature that stands by itself."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    signature: str = Field(min_length=1, max_length=_MAX_SIGNATURE_TEXT, description="base64", repr=False)
    datafiles: list[SivaDataFile] | None = Field(default=None, max_length=_MAX_DATA_FILES)


class SivaHashcodeRequest(SivaRequest):
    """Signatures with the digests of what they cover; here CMS (CAdES) where SiVa takes XAdES."""

    signatureFiles: list[SivaSignatureFile] = Field(min_length=1, max_length=_MAX_SIGNATURES)  # noqa: N815 - as above

    def to_command(self) -> SivaHashcodes:
        """The use-case's value.

        Raises:
            SivaRequestRefused: a signature or a digest is no base64.
        """
        return SivaHashcodes(
            signatures=tuple(
                SignatureOfFiles(
                    cms=decoded(one.signature, "signatureFiles.signature"),
                    files=tuple(
                        HashedFile(
                            name=file.filename, algorithm=file.hashAlgo,
                            digest=decoded(file.hash, "signatureFiles.datafiles.hash"),
                        )
                        for file in one.datafiles or ()
                    ),
                )
                for one in self.signatureFiles
            ),
            policy=self.signaturePolicy or DEFAULT_POLICY,
        )  # fmt: skip
