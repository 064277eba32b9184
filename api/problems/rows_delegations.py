"""How the refusals of delegations look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

DELEGATION_ROWS: Final[Rows] = {
    e.DelegationPassedOn: Row(403, "Không được ủy quyền lại", "A delegated right may not be passed on"),
    e.DelegationInvalid: Row(422, "Ủy quyền không hợp lệ", "The delegation cannot be made"),
}
