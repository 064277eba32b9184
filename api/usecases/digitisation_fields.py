"""The fields of a digitisation as they are kept: read by the machine, confirmed or corrected by officers.

One JSON document in an encrypted work slot; every change keeps what stood there before, who changed it and when.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One step in the life of a field's value."""

    before: str = field(repr=False)
    after: str = field(repr=False)
    account_id: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptField:
    """One field now."""

    value: str = field(repr=False)
    raw: str = field(repr=False)
    """As the machine read it; empty for a field that a person added."""
    confidence: float
    page: int
    box: tuple[int, ...]
    """`left, top, right, bottom` in pixels of the page picture; empty for a field that a person added."""
    needs_review: bool
    findings: tuple[str, ...]
    confirmed_by: str | None = None
    """Natural person."""
    confirmed_at: str | None = None
    history: tuple[FieldChange, ...] = ()

    def confirmed(self, value: str, *, subject_id: str, account_id: str, at: datetime) -> "KeptField":
        """The field as the officer saw it on the paper; the machine's doubts are settled."""
        moment = at.isoformat()
        change = FieldChange(before=self.value, after=value, account_id=account_id, at=moment)
        return replace(
            self,
            value=value,
            needs_review=False,
            findings=(),
            confirmed_by=subject_id,
            confirmed_at=moment,
            history=(*self.history, change),
        )


ADDED = KeptField(value="", raw="", confidence=0.0, page=0, box=(), needs_review=False, findings=())
"""Where a field starts that the machine did not find."""

Fields = Mapping[str, KeptField]


def fields_of_reading(document: Mapping[str, object]) -> Fields:
    """The fields as the reader's document has them (`digitize.model.to_document`)."""
    found = document["fields"]
    if not isinstance(found, Mapping):
        return {}
    return {
        str(name): KeptField(
            value=one["value"],
            raw=one["raw"],
            confidence=one["confidence"],
            page=one["page"],
            box=tuple(one["box"]),
            needs_review=one["needs_review"],
            findings=tuple(one["findings"]),
        )
        for name, one in found.items()
    }


def to_bytes(fields: Fields) -> bytes:
    """The fields as they are kept."""
    document = {name: asdict(one) for name, one in fields.items()}
    return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()


def from_bytes(content: bytes) -> Fields:
    """The fields again."""
    return {
        name: KeptField(
            **one
            | {
                "box": tuple(one["box"]),
                "findings": tuple(one["findings"]),
                "history": tuple(FieldChange(**change) for change in one["history"]),
            }
        )
        for name, one in json.loads(content).items()
    }
