"""Wire models of results on their way back."""

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.results import PageBody, SignerBody


class SendingBackBody(BaseModel):
    """Why a result is sent back."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)


class RedraftBody(BaseModel):
    """What will stand on the page now, and who will sign."""

    model_config = ConfigDict(extra="forbid")

    signer: SignerBody
    content: PageBody
