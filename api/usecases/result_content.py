"""What will stand on a result's page: its values, its printed signer, checked as the page will need them.

Knows the layout of administrative documents (Decree 30/2020 annex I) and who holds a right to sign. Must not know how a
page is typeset, nor when.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.db import Tx
from api.errors import SigningRightMissing
from api.records.employments import Employment, Employments, SigningCapacity
from api.records.organisations import Organisations, OrgLevel, OrgUnit
from api.records.people import People
from api.records.result_types import ResultType
from api.rendering.content import page_content
from api.services import Services
from api.vietnam_time import vietnam_day

# Decree 30/2020 annex I: a capacity is printed above the signer's title, with the title of the head in whose place
_IN_PLACE_OF_HEAD: Final = frozenset({SigningCapacity.KT, SigningCapacity.TL, SigningCapacity.TUQ, SigningCapacity.Q})
_COLLECTIVE: Final = "TM. ỦY BAN NHÂN DÂN"
_USUAL_HEADS: Final = {OrgLevel.DEPARTMENT: "GIÁM ĐỐC", OrgLevel.CENTRE: "GIÁM ĐỐC", OrgLevel.SCHOOL: "HIỆU TRƯỞNG"}
"""While nobody holds the post; committees of every level have a chairman."""
_CHAIRMAN: Final = "CHỦ TỊCH"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDraft:
    """What an appraiser writes, and who will sign it."""

    org_code: str
    """The deciding agency."""
    signer_employment: str
    capacity: SigningCapacity
    place: str
    """Place name before the date."""
    recipients: tuple[str, ...]
    body: Mapping[str, object]
    """The values that this type of page needs."""


def require_signer(tx: Tx, page: PageDraft, procedure: str, at: datetime) -> Employment:
    """The post that will sign, which holds the right today (I11, I14).

    Raises:
        NotFound: no such post. OrganisationClosed: the agency ended. SigningRightMissing: it may not sign this.
    """
    Organisations(tx).require_working(page.org_code, at)
    post = Employments(tx).get(page.signer_employment)
    right = Employments(tx).right_to_sign(
        post.subject_id, org_code=page.org_code, procedure_code=procedure, capacity=page.capacity, at=at
    )
    signs_for = right and (right.for_org or post.org_code)
    if right is None or signs_for != page.org_code or not post.holds_at(at):
        raise SigningRightMissing
    return post


def page_values(
    tx: Tx, services: Services, page: PageDraft, *, kind: ResultType, signer: Employment, at: datetime
) -> dict[str, object]:
    """The page without number and code, checked with stand-ins for both.

    Raises:
        ContentNotPrintable: a value is missing, unknown, too long or must not be printed.
    """
    agency = Organisations(tx).get(page.org_code)
    parent = Organisations(tx).get(agency.parent_code) if agency.parent_code else None
    content: dict[str, object] = {
        "result_type": kind.template,
        "agency": {"parent": parent.name if parent else None, "name": agency.name},
        "place": page.place,
        "recipients": list(page.recipients),
        "signer": {
            "capacity": _capacity_lines(tx, page.capacity, agency, at),
            "title": signer.title.upper(),
            "name": People(tx, services.sealer).get(signer.subject_id).name,
        },
        "body": dict(page.body),
    }
    page_content(
        content
        | {
            "number": f"00/{kind.number_symbol}",
            "issued_on": vietnam_day(at).isoformat(),
            "verification_url": "https://example.vn/v/" + "0" * 24,
        }
    )
    return content


def _capacity_lines(tx: Tx, capacity: SigningCapacity, agency: OrgUnit, at: datetime) -> list[str]:
    if capacity is SigningCapacity.TM:
        return [_COLLECTIVE]
    if capacity not in _IN_PLACE_OF_HEAD:
        return []
    head = Employments(tx).head_title(agency.org_code, at) or _USUAL_HEADS.get(agency.level, _CHAIRMAN)
    return [f"{capacity.value.upper()}. {head.upper()}"]


def canonical(content: Mapping[str, object]) -> bytes:
    """The values as the bytes that are stored and whose digest is appraised."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
