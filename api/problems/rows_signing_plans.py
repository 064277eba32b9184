"""How refusals about signing plans look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

SIGNING_PLAN_ROWS: Final[Rows] = {
    e.SigningPlanUnsound: Row(
        422,
        "Quy trình ký không đúng quy định, hãy sửa bước được nêu",
        "The signing plan breaks a rule: mend the step that is named",
    ),
}
