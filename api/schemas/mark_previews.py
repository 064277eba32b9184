"""What is asked of a preview, on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.ids import parse_id
from api.schemas.mark_box import BoxText, box_of
from api.schemas.text import Id
from api.usecases.prepare_uploads import UploadMark
from api.usecases.preview_mark import PreviewUpload


class PreviewTerms(BaseModel):
    """The fields beside the file."""

    model_config = ConfigDict(extra="forbid")

    certificate_id: Annotated[Id, Field(description="An own certificate whose key is in a token")]
    mark: UploadMark = Field(default=UploadMark.PERSON, description="What of the signature would be seen")
    mark_box: BoxText | None = None

    def to_command(self, document: bytes) -> PreviewUpload:
        """The use-case's command."""
        return PreviewUpload(
            document=document,
            certificate_id=parse_id("cert", self.certificate_id),
            mark=self.mark,
            box=box_of(self.mark_box, self.mark),
        )
