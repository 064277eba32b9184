"""How the errors of `digitize` look from outside."""

from typing import Final

from api.problems.row import Rows

DIGITIZE_ROWS: Final[Rows] = {}
