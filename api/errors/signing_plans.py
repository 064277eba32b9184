"""Signing plans: what cannot be one."""

from api.errors.base import AnsoError


class SigningPlanUnsound(AnsoError):
    """The steps differ in what the law fixes: order, roles, classes, marks (I10-I15)."""

    code = "SIGNING_PLAN_UNSOUND"
