"""Which signing plans may be: what the law leaves open may differ, what it fixes may not (I10-I15, model.md §4).

Knows roles, classes and marks. Must not know tables or who asks.
"""

import re
from typing import Final

from api.callers import Role
from api.errors import SigningPlanUnsound
from api.records.plan_steps import PlanStep, Precondition, StepObject
from api.records.signing_plans import PlanKind
from signing.identity import CertificateClass

MAX_STEPS: Final = 12
_FIELD: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,30}")
_ALONE: Final = {
    PlanKind.COPY: (StepObject.COPY, "E", Precondition.ORIGINAL_VALID),
    PlanKind.ANNEX: (StepObject.ANNEX, "C", Precondition.MAIN_SIGNED),
}


def require_sound(kind: PlanKind, steps: tuple[PlanStep, ...]) -> None:
    """Do nothing when these steps may be a plan of that kind.

    Raises:
        SigningPlanUnsound: which rule they break.
    """
    _require_order(steps)
    _require_fields(steps)
    if kind in _ALONE:
        _require_seal_alone(kind, steps)
    else:
        _require_five_steps(steps)


def _require_order(steps: tuple[PlanStep, ...]) -> None:
    places = [(step.no, step.part) for step in steps]
    if not 0 < len(steps) <= MAX_STEPS or places != sorted(set(places)):
        raise SigningPlanUnsound(
            "Các bước phải được đánh số tăng dần, không trùng.", "Steps are numbered upwards, each once."
        )


def _require_fields(steps: tuple[PlanStep, ...]) -> None:
    for step in steps:
        signs_a_file = step.signs not in {StepObject.APPRAISAL, StepObject.EVIDENCE}
        if signs_a_file != (step.certificate_class is not None) or signs_a_file != (step.field_name is not None):
            raise SigningPlanUnsound(
                f"Bước {step.label}: bước ký tệp cần loại chứng thư và tên trường ký, bước khác thì không.",
                f"Step {step.label}: who signs a file needs a class of certificate and a field, nobody else does.",
            )
        if step.field_name is not None and not _FIELD.fullmatch(step.field_name):
            raise SigningPlanUnsound(
                f"Bước {step.label}: tên trường ký chỉ gồm chữ và số.",
                f"Step {step.label}: a field name is letters and digits.",
            )
        if step.certificate_class == CertificateClass.ORG_SEAL.value and step.role != Role.CLERK.value:
            raise SigningPlanUnsound(
                f"Bước {step.label}: con dấu do văn thư giữ.", f"Step {step.label}: the clerk keeps the seal."
            )


def _require_five_steps(steps: tuple[PlanStep, ...]) -> None:
    """Appraisal, then the person, then the agency, then the evidence; the first certifies, the last closes."""
    signs = [step.signs for step in steps if step.signs not in {StepObject.COMPONENTS, StepObject.E_FORM}]
    if signs != [StepObject.APPRAISAL, StepObject.RESULT, StepObject.RESULT, StepObject.EVIDENCE]:
        raise SigningPlanUnsound(
            "Quy trình gồm thẩm định, ký, đóng dấu, hoàn tất bằng chứng, theo thứ tự đó.",
            "A plan has an appraisal, a signature, a seal and the evidence, in this order.",
        )
    appraisal, evidence = (one for one in steps if one.signs in {StepObject.APPRAISAL, StepObject.EVIDENCE})
    person, seal = (one for one in steps if one.signs is StepObject.RESULT)
    wanted = (
        (appraisal, Role.APPRAISER, None, "none", Precondition.DRAFTED, False, False),
        (person, Role.AUTHORISED_SIGNER, CertificateClass.PERSONAL, "A", Precondition.NUMBER_IN_TEXT, True, False),
        (seal, Role.CLERK, CertificateClass.ORG_SEAL, "B", Precondition.PERSON_SIGNED, False, True),
        (evidence, Role.SYSTEM, None, "none", Precondition.ALL_SIGNED, False, False),
    )
    for step, *values in wanted:
        if _fixed(step) != tuple(values):
            raise SigningPlanUnsound(
                f"Bước {step.label}: vai trò, loại chứng thư, hình ký hoặc điều kiện không đúng quy định (I11, I12).",
                f"Step {step.label}: role, class, mark or precondition is not what the law asks (I11, I12).",
            )
    if person.field_name == seal.field_name:
        raise SigningPlanUnsound("Mỗi chữ ký cần một trường riêng.", "Each signature needs a field of its own.")


def _require_seal_alone(kind: PlanKind, steps: tuple[PlanStep, ...]) -> None:
    signs, mark, precondition = _ALONE[kind]
    wanted = (Role.CLERK, CertificateClass.ORG_SEAL, mark, precondition, False, True)
    if len(steps) != 1 or steps[0].signs is not signs or _fixed(steps[0]) != wanted:
        raise SigningPlanUnsound(
            f"Chỉ một bước: văn thư đóng dấu, hình {mark}.", f"One step only: the clerk's seal with mark {mark}."
        )


def _fixed(step: PlanStep) -> tuple[object, ...]:
    """What no plan may choose; a `Role` and a `CertificateClass` equal their texts."""
    return (step.role, step.certificate_class, step.mark, step.precondition, step.certifies, step.closes)
