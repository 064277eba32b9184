"""Delegations of signing (TUQ): what can go wrong."""

from api.errors.base import AnsoError


class DelegationPassedOn(AnsoError):
    """A right that was itself delegated may not be passed on (Decree 30/2020 Art. 13)."""

    code = "DELEGATION_PASSED_ON"


class DelegationInvalid(AnsoError):
    """A delegation has a basis, a beginning and an end, and somebody who may take it."""

    code = "DELEGATION_INVALID"
