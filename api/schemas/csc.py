"""Requests of the Cloud Signature Consortium's API on the wire, in the names of version 1 and of version 2 alike.

Field names are the standard's (CSC API 1.0.4 and 2.0). A client says either name of a thing, under either path; both
names at once must not contradict each other. Knows the shape; must not judge anything.
"""

import base64
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from api.errors import CscRequestRefused
from api.usecases.authorise_credential import AuthoriseCredential
from api.usecases.extend_transaction import ExtendTransaction
from api.usecases.sign_hashes import SignHashes
from api.usecases.stamp_hash import StampHash
from signing.errors import AlgorithmNotSupported
from signing.keys import SignatureAlgorithm
from signing.keys.identifiers import algorithm_named

_MOST_HASHES: Final = 10_000  # read, to be told that they are too many
_Text = Annotated[str, Field(max_length=1024)]
_Secret = Annotated[str, Field(max_length=128)]
_Oid = Annotated[str, Field(max_length=64)]
_Hashes = Annotated[list[Annotated[str, Field(max_length=128)]], Field(max_length=_MOST_HASHES)]


class CscRequest(BaseModel):
    """What every request may carry; what is not known is ignored, as the standard wants."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, strict=True, populate_by_name=True)

    clientData: _Text | None = None  # noqa: N815 - the standard's name
    lang: Annotated[str, Field(max_length=35)] | None = None


class CscInfoRequest(CscRequest):
    """`info`."""


class CscListRequest(CscRequest):
    """`credentials/list`."""

    userID: _Text | None = None  # noqa: N815 - the standard's name
    credentialInfo: bool = False  # noqa: N815 - as above
    certificates: _Text = "single"
    certInfo: bool = False  # noqa: N815 - as above
    authInfo: bool = False  # noqa: N815 - as above
    onlyValid: bool = False  # noqa: N815 - as above
    maxResults: int | None = None  # noqa: N815 - as above
    pageToken: _Text | None = None  # noqa: N815 - as above

    def require_own(self) -> Self:
        """The request, when it is about whoever is logged in.

        Raises:
            CscRequestRefused: it names a user, or more than we read.
        """
        if self.userID is not None:
            raise CscRequestRefused("userID parameter MUST be null")
        if self.pageToken is not None:
            raise CscRequestRefused("Invalid parameter pageToken")
        if self.maxResults is not None and self.maxResults < 1:
            raise CscRequestRefused("Invalid parameter maxResults")
        _require_certificates(self.certificates)
        return self


class CscCredentialRequest(CscRequest):
    """`credentials/info`."""

    credentialID: _Text  # noqa: N815 - the standard's name
    certificates: _Text = "single"
    certInfo: bool = False  # noqa: N815 - as above
    authInfo: bool = False  # noqa: N815 - as above

    def checked(self) -> Self:
        """The request, when what it asks for exists.

        Raises:
            CscRequestRefused.
        """
        _require_certificates(self.certificates)
        return self


class CscAuthObject(BaseModel):
    """One element of version 2's `authData`."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, strict=True)

    id: Annotated[str, Field(max_length=64)]
    value: _Secret = Field(default="", repr=False)


class CscHashes(CscRequest):
    """What names hashes."""

    hashes: _Hashes | None = None
    hash_v1: _Hashes | None = Field(default=None, alias="hash")
    hashAlgorithmOID: _Oid | None = None  # noqa: N815 - the standard's name
    hashAlgo: _Oid | None = None  # noqa: N815 - as above

    def hash_values(self) -> tuple[bytes, ...]:
        """The hashes, decoded, by whichever name they came.

        Raises:
            CscRequestRefused: no base64, or two lists.
        """
        if self.hashes is not None and self.hash_v1 is not None and self.hashes != self.hash_v1:
            raise CscRequestRefused("Invalid parameter hashes: hash says something else")
        return tuple(map(_decoded, self.hashes or self.hash_v1 or ()))

    def hash_oid(self) -> str | None:
        """The name of the hash algorithm, if one came.

        Raises:
            CscRequestRefused: two different ones.
        """
        if None not in (self.hashAlgo, self.hashAlgorithmOID) and self.hashAlgo != self.hashAlgorithmOID:
            raise CscRequestRefused("Invalid parameter hashAlgorithmOID")
        return self.hashAlgorithmOID or self.hashAlgo


class CscAuthoriseRequest(CscHashes):
    """`credentials/authorize`."""

    credentialID: _Text  # noqa: N815 - the standard's name
    numSignatures: int  # noqa: N815 - as above
    description: Annotated[str, Field(max_length=500)] | None = None
    PIN: _Secret | None = Field(default=None, repr=False)
    OTP: _Secret | None = Field(default=None, repr=False)
    authData: list[CscAuthObject] = Field(default=[], max_length=8, repr=False)  # noqa: N815 - the standard's name

    def to_command(self) -> AuthoriseCredential:
        """The use-case's command."""
        given = {one.id: one.value for one in self.authData}
        code = self.OTP or given.get("OTP") or self.PIN or given.get("PIN")
        return AuthoriseCredential(
            credential_id=self.credentialID, hashes=self.hash_values(), count=self.numSignatures, code=code or None
        )


class CscCheckRequest(CscRequest):
    """`credentials/authorizeCheck`."""

    handle: Annotated[str, Field(max_length=128)]


class CscExtendRequest(CscHashes):
    """`credentials/extendTransaction`."""

    credentialID: _Text  # noqa: N815 - the standard's name
    SAD: _Secret = Field(repr=False)

    def to_command(self) -> ExtendTransaction:
        """The use-case's command."""
        return ExtendTransaction(credential_id=self.credentialID, sad=self.SAD, hashes=self.hash_values())


class CscSignHashRequest(CscHashes):
    """`signatures/signHash`."""

    credentialID: _Text  # noqa: N815 - the standard's name
    SAD: _Secret = Field(repr=False)
    signAlgo: _Oid  # noqa: N815 - as above
    signAlgoParams: _Text | None = None  # noqa: N815 - as above
    operationMode: _Oid = "S"  # noqa: N815 - as above

    def to_command(self) -> SignHashes:
        """The use-case's command.

        Raises:
            CscRequestRefused.
        """
        require_synchronous(self.operationMode)
        if self.hashes is None and self.hash_v1 is None:
            raise CscRequestRefused("Missing (or invalid type) array parameter hash")
        return SignHashes(
            credential_id=self.credentialID,
            sad=self.SAD,
            hashes=self.hash_values(),
            algorithm=algorithm_of(self.signAlgo, self.signAlgoParams, self.hash_oid()),
        )


class CscTimestampRequest(CscRequest):
    """`signatures/timestamp`."""

    hash_value: str = Field(max_length=128, alias="hash")
    hashAlgo: _Oid | None = None  # noqa: N815 - the standard's name
    hashAlgorithmOID: _Oid | None = None  # noqa: N815 - as above
    nonce: Annotated[str, Field(max_length=64, pattern=r"^[0-9A-Fa-f]+$")] | None = None

    def to_command(self) -> StampHash:
        """The use-case's command.

        Raises:
            CscRequestRefused.
        """
        named = self.hashAlgo or self.hashAlgorithmOID
        if named is None:
            raise CscRequestRefused("Missing (or invalid type) string parameter hashAlgo")
        # the standard says "a large random number" and no more: digits are decimal, other letters hexadecimal
        base = 10 if self.nonce is not None and self.nonce.isdecimal() else 16
        nonce = None if self.nonce is None else int(self.nonce, base)
        return StampHash(value=_decoded(self.hash_value), hash_oid=named, nonce=nonce)


class CscGrant(BaseModel):
    """Answer of `credentials/authorize`, `authorizeCheck` and `extendTransaction`."""

    SAD: str = Field(repr=False)
    expiresIn: int  # noqa: N815 - the standard's name


class CscHandle(BaseModel):
    """Answer while the holder has not agreed yet (202)."""

    handle: str


class CscSignatures(BaseModel):
    """Answer of `signatures/signHash`."""

    signatures: list[str]


class CscTimestamp(BaseModel):
    """Answer of `signatures/timestamp`."""

    timestamp: str


class CscError(BaseModel):
    """Every refusal."""

    error: str
    error_description: str
    code: str | None = None


def algorithm_of(sign_algo: str, parameters: str | None, hash_oid: str | None) -> SignatureAlgorithm:
    """Our algorithm for the client's names.

    Raises:
        CscRequestRefused: none of ours, in the standard's sentence.
    """
    try:
        given = None if parameters is None else base64.b64decode(parameters, validate=True)
        return algorithm_named(sign_algo, given, hash_oid)
    except (AlgorithmNotSupported, ValueError) as err:  # letters beyond ASCII are a plain ValueError
        name = str(err) if isinstance(err, AlgorithmNotSupported) else "signAlgoParams"
        if name == "signAlgoParams" and parameters is None:
            raise CscRequestRefused("Missing (or invalid type) string parameter signAlgoParams") from err
        raise CscRequestRefused(f"Invalid parameter {name}") from err


def require_synchronous(mode: str) -> None:
    """Do nothing for the one mode that is offered.

    Raises:
        CscRequestRefused: another one.
    """
    if mode != "S":
        raise CscRequestRefused("Invalid parameter operationMode")


def _require_certificates(value: str) -> None:
    if value not in ("none", "single", "chain"):
        raise CscRequestRefused("Invalid parameter certificates")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as err:
        raise CscRequestRefused("Invalid Base64 hash string parameter") from err


def encoded(value: bytes) -> str:
    """Bytes as the standard writes them."""
    return base64.b64encode(value).decode()
