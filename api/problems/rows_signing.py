"""How the errors of `signing` look from outside."""

from typing import Final

from api.problems.row import Rows

SIGNING_ROWS: Final[Rows] = {}
