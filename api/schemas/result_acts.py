"""Wire models of what becomes of an issued result."""

from pydantic import BaseModel, ConfigDict, Field


class ActBody(BaseModel):
    """By which document and why."""

    model_config = ConfigDict(extra="forbid")

    act_number: str = Field(min_length=1, max_length=128, description="Số văn bản quyết định / number of the act")
    reason: str = Field(min_length=1, max_length=500)


class ReplacementBody(ActBody):
    """By which document, why, and what stands in its place."""

    replaced_by: str = Field(max_length=40, description="The new result, issued already")
