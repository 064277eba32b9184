"""Schema step 0015_signing_plans: signing plans by version, with the law's own order as the first of each.

Results get the id of the plan that was frozen into them and the reason why they were sent back; the register of numbers
gets who reserved and who closed a number. Rows of before keep these empty: their plan is in the row itself.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0015_signing_plans"
down_revision = "0014_mergers"
branch_labels = None
depends_on = None

_ID = sa.String(40)
_BASIS = "30/2020/NĐ-CP; 45/2020/NĐ-CP"

# model.md §4 by reading of "second certificate" (ADR 0014): (person at the centre, seal at the centre)
_ORDINALS = {"org_seal": (None, 2), "person": (2, 1)}


def upgrade() -> None:
    """Make the tables and columns of this step, and the plans that apply from the beginning."""
    plans = op.create_table(
        "signing_plan",
        sa.Column("plan_id", _ID, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reading", sa.String(10), nullable=False),
        sa.Column("procedure_code", sa.String(64), nullable=False),
        sa.Column("result_type", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("steps", sa.Text, nullable=False),
        sa.Column("basis", sa.String(128), nullable=False),
        sa.Column("valid_from", sa.BigInteger, nullable=False),
        sa.Column("valid_to", sa.BigInteger),
        sa.Column("proposed_by", _ID, nullable=False),
        sa.Column("proposed_at", sa.BigInteger, nullable=False),
        sa.Column("decided_by", _ID),
        sa.Column("decided_at", sa.BigInteger),
        sa.UniqueConstraint(
            "kind", "reading", "procedure_code", "result_type", "version", name="uq_signing_plan_version"
        ),
    )
    op.bulk_insert(plans, _first_plans())
    op.add_column("result", sa.Column("plan_id", _ID))
    op.add_column("result", sa.Column("reason", sa.String(500)))
    op.add_column("number_entry", sa.Column("reserved_by", _ID))
    op.add_column("number_entry", sa.Column("reserved_at", sa.BigInteger))
    op.add_column("number_entry", sa.Column("changed_by", _ID))


def _first_plans() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for reading, (person, seal) in _ORDINALS.items():
        # without paper everybody acts at the own desk: the agency's clerk with any seal of the agency (seed F6)
        by_kind = {
            "on_the_spot": _five_steps(person=person, seal=seal),
            "electronic": _five_steps(person=None, seal=None),
            "copy": [_step(1, "clerk", "org_seal", "E", "copy", "original_valid", field_name="Copy", closes=True)],
            "annex": [
                _step(
                    1, "clerk", "org_seal", "C", "annex", "main_signed", ordinal=seal, field_name="Annex", closes=True
                )
            ],
        }
        for kind, steps in by_kind.items():
            rows.append(_row(len(rows) + 1, kind, reading, steps))
    return rows


def _row(number: int, kind: str, reading: str, steps: list[dict[str, object]]) -> dict[str, object]:
    return {
        "plan_id": f"plan_{number:026d}",
        "kind": kind,
        "reading": reading,
        "procedure_code": "*",
        "result_type": "*",
        "version": 1,
        "state": "approved",
        "steps": json.dumps(steps),
        "basis": _BASIS,
        "valid_from": 0,
        "valid_to": None,
        "proposed_by": "system",
        "proposed_at": 0,
        "decided_by": "system",
        "decided_at": 0,
    }


def _five_steps(*, person: int | None, seal: int | None) -> list[dict[str, object]]:
    return [
        _step(
            1, "reception_officer", "personal", "E", "components", "component_confirmed", field_name="Copy", closes=True
        ),
        _step(1, "citizen", "citizen", "none", "e_form", "none", part="b", field_name="Applicant", optional=True),
        _step(2, "appraiser", None, "none", "appraisal", "drafted"),
        _step(
            3,
            "authorised_signer",
            "personal",
            "A",
            "result",
            "number_in_text",
            ordinal=person,
            field_name="Step3",
            certifies=True,
        ),
        _step(4, "clerk", "org_seal", "B", "result", "person_signed", ordinal=seal, field_name="Step4", closes=True),
        _step(5, "system", None, "none", "evidence", "all_signed"),
    ]


def _step(  # noqa: PLR0917 - a row of the table of model.md §4, in its order
    no: int, role: str, certificate: str | None, mark: str, signs: str, precondition: str, **more: object
) -> dict[str, object]:
    values: dict[str, object] = {
        "no": no,
        "part": "",
        "role": role,
        "certificate_class": certificate,
        "ordinal": None,
        "mark": mark,
        "signs": signs,
        "precondition": precondition,
        "certifies": False,
        "closes": False,
        "field_name": None,
        "optional": False,
    }
    return values | more
