"""Credentials at external providers of remote signatures on the wire."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from api.ids import parse_id
from api.records.remote_credentials import RemoteCredentialRecord
from api.schemas.text import Id
from api.usecases.register_remote_credential import RegisterRemoteCredential
from api.usecases.sign_at_provider import SignAtProvider
from api.usecases.waiting_signatures import MAX_AT_ONCE


class RemoteCredentialIn(BaseModel):
    """At which provider a certificate's key is."""

    model_config = ConfigDict(extra="forbid")

    provider: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    credential_id: Annotated[str, Field(min_length=1, max_length=255)]

    def to_command(self, certificate_id: str) -> RegisterRemoteCredential:
        """The use-case's command."""
        return RegisterRemoteCredential(
            certificate_id=parse_id("cert", certificate_id), provider=self.provider, credential_id=self.credential_id
        )


class RemoteCredentialView(BaseModel):
    """Where a certificate's key is."""

    model_config = ConfigDict(title="RemoteCredential")

    certificate_id: str
    provider: str
    credential_id: str
    registered_at: datetime

    @classmethod
    def of(cls, record: RemoteCredentialRecord) -> Self:
        """The wire form."""
        return cls(
            certificate_id=record.certificate_id,
            provider=record.provider,
            credential_id=record.credential_id,
            registered_at=record.registered_at,
        )


class RemoteSigningIn(BaseModel):
    """Which prepared signatures the provider shall make."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    preparation_ids: list[Id] = Field(min_length=1, max_length=MAX_AT_ONCE)
    code: Annotated[str, Field(min_length=1, max_length=32)] | None = Field(
        default=None, description="The holder's code at the provider, where it wants one in the request", repr=False
    )

    def to_command(self) -> SignAtProvider:
        """The use-case's command."""
        return SignAtProvider(
            preparation_ids=tuple(parse_id("prep", one) for one in self.preparation_ids), code=self.code
        )
