"""What a receipt slip says: values from the records, and what the officer counted on the desk.

Decree 118/2025 (before: 61/2018) on one-stop service: what was received, when, by whom, and when the result can be
fetched. Of the applicant it names what the paper is for, the name, and nothing else: no identity number, address or
telephone (data minimisation, Law 91/2025 Art. 3); its QR page shows the name masked (I30). Must not know how the page
is drawn or signed.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Self

from api.db import Tx
from api.errors import ComponentNotRequired, InputInvalid, ReceiptAlreadyGiven, ReceiptIncomplete
from api.records.digitisations import Digitisations
from api.records.dossiers import Channel
from api.records.organisations import Organisations
from api.records.people import People
from api.records.procedures import Component, Procedure, Procedures
from api.records.receipt_slips import ReceiptSlip, ReceiptSlips, slip_unknown
from api.services import Services
from api.usecases.receipt_desk import ReceiptDesk
from api.vietnam_time import VIETNAM, vietnam_day
from vault.catalogue_sql import Reuses

_COUNTS: Final = ("originals", "copies", "electronic", "reused")
_CHANNELS: Final = {
    Channel.COUNTER: "Nộp trực tiếp",
    Channel.ONLINE: "Nộp trực tuyến",
    Channel.POST: "Nộp qua bưu chính công ích",
}
_ONE_STOP: Final = "Bộ phận Tiếp nhận và Trả kết quả"
_NAMED: Final = 5  # papers that a refusal names


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedPapers:
    """How much of one component lies on the desk."""

    type_code: str
    originals: int = 0
    copies: int = 0
    electronic: int = 0
    """Files that came with an online dossier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptOrder:
    """What the officer says; everything else comes from the records."""

    dossier_id: str
    components: tuple[CountedPapers, ...]
    fee_vnd: int | None = None
    """None: not known when the dossier is received, and not printed."""
    replaces: str | None = None
    """The dossier's slip that this one takes the place of, because something was handed in later or was wrong."""

    def to_bytes(self) -> bytes:
        """As it lies in a work slot."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """What `to_bytes` wrote."""
        values = json.loads(data)
        return cls(**values | {"components": tuple(CountedPapers(**one) for one in values["components"])})


def receipt_values(
    tx: Tx, order: ReceiptOrder, desk: ReceiptDesk, services: Services, at: datetime, *, code: str
) -> dict[str, Any]:
    """What is printed, as the records stand now.

    Raises:
        ComponentNotRequired: a paper that the procedure does not ask for. InputInvalid: a type twice, or nothing of it.
        ReceiptIncomplete: a mandatory paper is missing, or one that was scanned for the dossier is not on the list.
        ReceiptAlreadyGiven, NotFound: see `require_turn`.
    """
    dossier, organisations = desk.dossier, Organisations(tx)
    procedure = Procedures(tx).version(dossier.procedure_code, dossier.procedure_version)
    replaced = require_turn(tx, order.dossier_id, order.replaces)
    rows = _rows(tx, order, procedure)
    day = vietnam_day(at)
    return {
        "agency": organisations.get(dossier.handled_by).name,
        "desk": _desk_name(organisations, desk),
        "dossier_code": dossier.code,
        "replaces": None if replaced is None else f"(Thay cho giấy ký lúc {_clock(replaced.signed_at or at)})",
        "issued_on": day.isoformat(),
        "applicant": People(tx, services.sealer).get(dossier.applicant_subject_id).name,
        "procedure": procedure.name,
        "procedure_code": procedure.procedure_code,
        "channel": _CHANNELS[dossier.channel],
        "components": rows,
        "totals": {name: str(sum(int(row[name]) for row in rows)) for name in _COUNTS},
        "fee": fee_text(order.fee_vnd),
        "deadline": f"{procedure.deadline_days} ngày làm việc" if procedure.deadline_days else "Trong ngày làm việc",
        "received_at": _clock(dossier.received_at),
        "due_at": f"{_day(dossier.due_at)}, trong giờ làm việc",
        "officer": {"name": People(tx, services.sealer).get(desk.post.subject_id).name, "title": desk.post.title},
        "verification_url": f"{services.settings.public_url}/v/{code}",
    }


def digest_of(values: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over what is printed: tells whether a record changed since the officer looked."""
    return sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def require_turn(tx: Tx, dossier_id: str, replaces: str | None) -> ReceiptSlip | None:
    """The slip that the next one takes the place of; None: it is the dossier's first.

    Raises:
        ReceiptAlreadyGiven: there is a slip, and it is not the one named. NotFound: one is named that is not there.
    """
    given = ReceiptSlips(tx).of_dossier(dossier_id)
    if not given:
        if replaces is not None:
            raise slip_unknown()
        return None
    if given[-1].slip_id != replaces:
        raise ReceiptAlreadyGiven
    return given[-1]


def fee_text(fee_vnd: int | None) -> str | None:
    """An amount as people write it: ``8.000 đồng``."""
    if fee_vnd is None:
        return None
    return f"{fee_vnd:,} đồng".replace(",", ".") if fee_vnd else "Không thu"


def _rows(tx: Tx, order: ReceiptOrder, procedure: Procedure) -> list[dict[str, str]]:
    """A line for each component of which something is there, in the procedure's order."""
    counted = _counted(order, procedure)
    reused = Counter(_component(procedure, kind).type_code for kind, _ in Reuses(tx).accepted_for(order.dossier_id))
    received = counted.keys() | reused.keys()
    taken = {_component(procedure, kind).type_code for kind in Digitisations(tx).types_taken(order.dossier_id)}
    expected = taken | {one.type_code for one in procedure.components if one.mandatory}
    missing = [one for one in procedure.components if one.type_code in expected - received]
    if missing:
        names = "; ".join(f"{one.name} ({one.type_code})" for one in missing[:_NAMED])
        more = f" … (+{len(missing) - _NAMED})" if len(missing) > _NAMED else ""
        raise ReceiptIncomplete(f"Còn thiếu: {names}{more}.", f"Missing: {names}{more}.")
    nothing = CountedPapers(type_code="")
    return [
        {
            "name": one.name,
            "originals": str(counted.get(one.type_code, nothing).originals),
            "copies": str(counted.get(one.type_code, nothing).copies),
            "electronic": str(counted.get(one.type_code, nothing).electronic),
            "reused": str(reused[one.type_code]),
        }
        for one in procedure.components
        if one.type_code in received
    ]


def _counted(order: ReceiptOrder, procedure: Procedure) -> dict[str, CountedPapers]:
    counted: dict[str, CountedPapers] = {}
    for one in order.components:
        component = _component(procedure, one.type_code)
        if component.type_code in counted:
            raise InputInvalid("Mỗi loại giấy tờ ghi một dòng.", "Each type of paper is counted in one line.")
        if one.originals + one.copies + one.electronic < 1:
            raise InputInvalid("Dòng giấy tờ không có bản nào.", "A line counts no paper at all.")
        counted[component.type_code] = one
    return counted


def _component(procedure: Procedure, type_code: str) -> Component:
    component = procedure.component(type_code)
    if component is None:
        raise ComponentNotRequired
    return component


def _desk_name(organisations: Organisations, desk: ReceiptDesk) -> str:
    """The centre at which the officer sits, or the one-stop section of the deciding agency."""
    if desk.post.place_code is not None:
        return organisations.get(desk.post.place_code).name
    if desk.post.org_code != desk.dossier.handled_by:
        return desk.agency.name
    return _ONE_STOP


def _clock(at: datetime) -> str:
    local = at.astimezone(VIETNAM)
    return f"{local.hour:02d} giờ {local.minute:02d} phút, {_day(at)}"


def _day(at: datetime) -> str:
    day = vietnam_day(at)
    return f"ngày {day.day:02d} tháng {day.month:02d} năm {day.year}"
