"""Signed versions and comparisons on the wire."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from signing.validation.versions import ComparedPage


class VersionRequest(BaseModel):
    """A file inside JSON and one of its signatures."""

    model_config = ConfigDict(extra="forbid")

    document: str = Field(min_length=1, description="PDF, base64 (RFC 4648 §4)")
    field: str = Field(min_length=1, max_length=200, description="Name of the signature field, as the report gives it")
    password: str | None = Field(default=None, max_length=1024)


class ComparisonRequest(VersionRequest):
    """The same with a page."""

    page: int | None = Field(default=None, ge=1, le=100_000, description="From 1; absent: the first that differs")


class AreaView(BaseModel):
    """A rectangle in points of the page's own user space, origin at its lower left."""

    left: float
    bottom: float
    right: float
    top: float


class ComparisonView(BaseModel):
    """What is different on a page."""

    page: int
    pages: int = Field(description="Pages of the current file")
    signed_pages: int = Field(description="Pages of the signed version")
    same: bool | None = Field(description="null: one of both cannot be drawn")
    areas: list[AreaView]
    changed_pages: list[int] = Field(description="Every page that looks different")
    everything_compared: bool = Field(description="false: some pages were too many or too costly to draw")

    @classmethod
    def of(cls, page: ComparedPage) -> Self:
        """The view of a comparison."""
        return cls(
            page=page.page,
            pages=page.pages,
            signed_pages=page.signed_pages,
            same=page.same,
            areas=[
                AreaView(left=round(a.left, 2), bottom=round(a.bottom, 2), right=round(a.right, 2), top=round(a.top, 2))
                for a in page.areas
            ],
            changed_pages=list(page.changed_pages),
            everything_compared=page.everything_compared,
        )
