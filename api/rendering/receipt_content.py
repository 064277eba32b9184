"""What is printed on a receipt slip: giấy tiếp nhận hồ sơ và hẹn trả kết quả.

Knows which values the slip needs. Must not know the typesetter, records or HTTP. Nothing that the slip does not need
has a place here: no identity number, no address, no telephone number of the applicant.
"""

from collections.abc import Mapping
from typing import Final

from api.rendering.content import ADDRESS
from api.rendering.shapes import Day, Group, Items, Json, Text, checked

MOST_COMPONENTS: Final = 500
"""No procedure asks for nearly as many; beyond it the list is a mistake."""
_COUNT: Final = Text(limit=3, pattern="[0-9]{1,3}")
_MOMENT: Final = Text(limit=60)

_SLIP: Final = Group(
    fields={
        "agency": Text(limit=255),
        "desk": Text(limit=255),
        "dossier_code": Text(limit=64),
        "replaces": Text(limit=200, required=False),
        "issued_on": Day(),
        "applicant": Text(limit=255),
        "procedure": Text(limit=1000),
        "procedure_code": Text(limit=64),
        "channel": Text(limit=60),
        "components": Items(
            of=Group(
                fields={
                    "name": Text(limit=1000),
                    "originals": _COUNT,
                    "copies": _COUNT,
                    "electronic": _COUNT,
                    "reused": _COUNT,
                }
            ),
            most=MOST_COMPONENTS,
        ),
        "totals": Group(
            fields={
                name: Text(limit=6, pattern="[0-9]{1,6}") for name in ("originals", "copies", "electronic", "reused")
            }
        ),
        "fee": Text(limit=60, required=False),
        "deadline": Text(limit=60),
        "received_at": _MOMENT,
        "due_at": _MOMENT,
        "officer": Group(fields={"name": Text(limit=255), "title": Text(limit=255)}),
        "verification_url": ADDRESS,
    }
)


def receipt_content(content: Mapping[str, object]) -> dict[str, Json]:
    """Give the checked values of a slip.

    Raises:
        ContentNotPrintable: a value is missing, unknown, of the wrong kind, too long or not printable.
    """
    values = checked(content, _SLIP, "")
    assert isinstance(values, dict)  # noqa: S101 - a Group gives a dict; narrows the type
    return values
