"""How refusals of second certificates look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

SECONDARY_ROWS: Final[Rows] = {
    e.CertSecondaryNotOffered: Row(
        409, "Không cấp chứng thư thứ hai cho loại này", "No second certificate is offered for this class"
    ),
    e.CertSecondaryPlaceWrong: Row(
        422, "Chứng thư thứ hai phải nêu trung tâm nơi ký", "A second certificate names the centres where it signs"
    ),
}
