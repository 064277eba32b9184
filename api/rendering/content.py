"""What is printed on the page of a result.

Knows which values each type of result needs. Must not know the typesetter, records or HTTP: every value, also number,
date and the address in the QR code, comes from the caller.
"""

from collections.abc import Mapping
from enum import StrEnum

from api.errors import ContentNotPrintable
from api.rendering.shapes import Day, Group, Items, Json, Text, checked


class ResultType(StrEnum):
    """The kinds of results that we can typeset; the value names the template."""

    BIRTH_EXTRACT = "birth_extract"
    """Trích lục khai sinh."""
    DECISION = "decision"
    """Quyết định."""


_NAME = Text(limit=120)
_PLACE = Text(limit=250)
_WORD = Text(limit=60)
_PERSONAL_ID = Text(limit=12, pattern="[0-9]{12}", required=False)
_YEAR = Text(limit=4, pattern="[0-9]{4}", required=False)
# the QR code carries an address of ours and nothing else: another scheme or path would turn the seal into a lure
ADDRESS = Text(limit=200, pattern=r"https?://[A-Za-z0-9.\-]{1,120}(?::[0-9]{1,5})?/v/[A-Za-z0-9_\-]{16,64}")

_PARENT = Group(
    required=False,
    fields={
        "full_name": _NAME,
        "year_of_birth": _YEAR,
        "ethnicity": _WORD,
        "nationality": _WORD,
        "residence": _PLACE,
    },
)

_BODIES: Mapping[ResultType, Group] = {
    ResultType.BIRTH_EXTRACT: Group(
        fields={
            "full_name": _NAME,
            "gender": _WORD,
            "date_of_birth": Day(partial=True),
            "ethnicity": _WORD,
            "nationality": _WORD,
            "place_of_birth": _PLACE,
            "native_place": _PLACE,
            "personal_id": _PERSONAL_ID,
            "mother": _PARENT,
            "father": _PARENT,
            "registered_at": _PLACE,
            "registered_number": _WORD,
            "registered_on": Day(),
        }
    ),
    ResultType.DECISION: Group(
        fields={
            "subject": Text(limit=400),
            "authority": Text(limit=160),
            "grounds": Items(of=Text(limit=1000), most=20),
            "articles": Items(of=Items(of=Text(limit=4000), least=1, most=20), least=1, most=30),
        }
    ),
}

_FRAME: Mapping[str, Text | Day | Items | Group] = {
    "agency": Group(fields={"parent": Text(limit=160, required=False), "name": Text(limit=160)}),
    "number": Text(limit=60),
    "place": Text(limit=60),
    "issued_on": Day(),
    "verification_url": ADDRESS,
    "recipients": Items(of=Text(limit=160), most=20),
    "signer": Group(fields={"capacity": Items(of=Text(limit=100), most=3), "title": Text(limit=100), "name": _NAME}),
}

_RECORD = Group(
    fields={
        "title": Text(limit=200),
        "note": Text(limit=200),
        "issued_on": Day(),
        "issuer": Text(limit=160),
        "rows": Items(of=Group(fields={"name": Text(limit=120), "value": Text(limit=400)}), least=1, most=40),
        "list_title": Text(limit=200),
        "lines": Items(of=Text(limit=200), most=5000),
    }
)


def record_content(content: Mapping[str, object]) -> dict[str, Json]:
    """Give the checked values of a record of the service itself.

    Raises:
        ContentNotPrintable: a value is missing, unknown, of the wrong kind, too long or not printable.
    """
    values = checked(content, _RECORD, "")
    assert isinstance(values, dict)  # noqa: S101 - a Group gives a dict; narrows the type
    return values


def page_content(content: Mapping[str, object]) -> tuple[ResultType, dict[str, Json]]:
    """Give the type of result and its checked values.

    Raises:
        ContentNotPrintable: a value is missing, unknown, of the wrong kind, too long or not printable.
    """
    if not isinstance(content, Mapping):
        raise ContentNotPrintable("Nội dung phải là nhóm trường.", "The content must be an object.")
    try:
        result_type = ResultType(str(content.get("result_type")))
    except ValueError as err:
        raise ContentNotPrintable(
            "result_type: không có mẫu trình bày cho loại kết quả này.",
            "result_type: there is no page for this type of result.",
        ) from err
    shape = Group(fields={**_FRAME, "result_type": Text(limit=40), "body": _BODIES[result_type]})
    values = checked(content, shape, "")
    assert isinstance(values, dict)  # noqa: S101 - a Group gives a dict; narrows the type
    return result_type, values
