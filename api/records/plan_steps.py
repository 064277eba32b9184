"""One step of a signing plan as a value: who signs what, with which certificate and mark, and after what.

Knows model.md §1 SigningPlan and how a step lies in JSON. Must not know tables, results or which steps a plan has.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from api.callers import Role


class StepObject(StrEnum):
    """What a step signs (model.md §4)."""

    COMPONENTS = "components"
    E_FORM = "e_form"
    APPRAISAL = "appraisal"
    """A record in the ledger with the digest of the draft; the result itself is not touched."""
    RESULT = "result"
    ANNEX = "annex"
    COPY = "copy"
    EVIDENCE = "evidence"
    """Time-stamp and validation data behind the last signature."""


class Precondition(StrEnum):
    """What must hold before a step may be taken."""

    NONE = "none"
    COMPONENT_CONFIRMED = "component_confirmed"
    DRAFTED = "drafted"
    NUMBER_IN_TEXT = "number_in_text"
    """I12: number, date and QR code stand on the page."""
    PERSON_SIGNED = "person_signed"
    """I11: the printed signer's valid signature stands in this very file."""
    MAIN_SIGNED = "main_signed"
    """The document that an annex belongs to carries its planned signatures."""
    ORIGINAL_VALID = "original_valid"
    """The original of a copy was verified."""
    ALL_SIGNED = "all_signed"
    """Every planned signature of the result stands in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One step of a plan."""

    no: int
    part: str = ""
    """A letter behind the number: step 1b."""
    role: str
    """A `Role` value: who takes it."""
    certificate_class: str | None
    """A `CertificateClass` value; None: nobody's key is used."""
    ordinal: int | None
    """Which certificate of the holder; None: any."""
    mark: str
    """`A` person's picture, `B` seal, `C` annex text, `E` copy text, `none`."""
    signs: StepObject = StepObject.RESULT
    precondition: Precondition = Precondition.NONE
    certifies: bool = False
    """First signature of the file: DocMDP P=2, ISO 32000-2 §12.8.2.2."""
    closes: bool = False
    """Last signature of the file: /Lock of every field with /P 1, ISO 32000-2 §12.7.5.5."""
    field_name: str | None = None
    """Of the signature field; None: the step sets no signature in a file."""
    optional: bool = False

    @property
    def label(self) -> str:
        """The step as people name it: `1b`."""
        return f"{self.no}{self.part}"


# what a plan said before it had preconditions: results that were drafted then keep it
_OLD_PRECONDITIONS: Final[Mapping[str, Precondition]] = {
    Role.AUTHORISED_SIGNER: Precondition.NUMBER_IN_TEXT,
    Role.CLERK: Precondition.PERSON_SIGNED,
}


def steps_text(steps: Iterable[PlanStep]) -> str:
    """Steps as JSON for a row."""
    return json.dumps([asdict(step) for step in steps])


def steps_of(text: str) -> tuple[PlanStep, ...]:
    """The steps that `steps_text` wrote, or an earlier form of them."""
    return tuple(_step(values) for values in json.loads(text))


def _step(values: Mapping[str, Any]) -> PlanStep:
    old = {
        "precondition": _OLD_PRECONDITIONS.get(values["role"], Precondition.NONE),
        "field_name": f"Step{values['no']}",
    }
    full = values if "precondition" in values else {**old, **values}
    known = {"signs": StepObject.RESULT, **full}
    return PlanStep(
        **{**known, "signs": StepObject(known["signs"]), "precondition": Precondition(known["precondition"])}
    )
