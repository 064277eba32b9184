"""How the errors of `vault` look from outside."""

from typing import Final

from api.problems.row import Rows

VAULT_ROWS: Final[Rows] = {}
