"""Registers of document numbers: what became of every number, who, when and why."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access, link_next, paging
from api.context.paging import Paging, with_query
from api.errors import InputInvalid
from api.schemas.number_registers import NumberPage, NumberView, register_as_csv
from api.schemas.spreadsheet import CSV_TYPE
from api.usecases.read_number_register import ReadNumberRegister, read_number_register

router = APIRouter(prefix="/v1/number-registers", tags=["results"], max_body_size=JSON_BODY_BYTES)

_READERS: Final = (Role.CLERK, Role.AUTHORISED_SIGNER, Role.APPRAISER, Role.AUDITOR)
_Read = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.READ_NUMBER_REGISTER))]
_Paging = Annotated[Paging, Depends(paging)]
_Org = Annotated[str, Path(max_length=35)]
_Year = Annotated[int, Query(ge=2000, le=2999)]
_Series = Annotated[str, Query(min_length=1, max_length=40, description="Ký hiệu sau dấu gạch / behind the slash")]


@router.get(
    "/{org_code}", response_model=NumberPage, responses={200: {"content": {"text/csv": {}}, "model": NumberPage}}
)
def get_register(  # noqa: PLR0917 - FastAPI names them
    org_code: _Org,
    year: _Year,
    series: _Series,
    call: _Read,
    page: _Paging,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:
    """One series of an agency in a year; as CSV the whole of it, for a spreadsheet."""
    if form == "csv":
        whole = ReadNumberRegister(org_code=org_code, year=year, series=series)
        table = register_as_csv(read_number_register(whole, call.services, call.caller, call.at))
        headers = {"Content-Disposition": f'attachment; filename="number-register-{year}.csv"'}
        return Response(table, media_type=CSV_TYPE, headers=headers)
    command = ReadNumberRegister(
        org_code=org_code, year=year, series=series, after=_number(page.after), limit=page.limit + 1
    )
    found = read_number_register(command, call.services, call.caller, call.at)
    shown, cursor = page.cut(found, lambda one: str(one.entry.number))
    items = [NumberView.of(one) for one in shown]
    view = NumberPage(org_code=org_code, year=year, series=series, items=items, next_cursor=cursor)
    answer = JSONResponse(view.model_dump(mode="json"))
    link_next(answer, with_query(f"{router.prefix}/{org_code}", year=str(year), series=series), cursor)
    return answer


def _number(after: str | None) -> int:
    if after is None:
        return 0
    if not after.isascii() or not after.isdigit() or len(after) > len(str(2**31)):
        raise InputInvalid("Con trỏ trang không hợp lệ.", "The page cursor is not valid.")
    return int(after)
