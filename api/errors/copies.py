"""Copies, annexes and conversions: what can go wrong while they are made."""

from api.errors.base import AnsoError


class PreparationMissing(AnsoError):
    """Nothing waits for this authorisation: it was not prepared, prepared anew since, or completed already."""

    code = "SIG_NOT_PREPARED"


class SigningDeviceAway(AnsoError):
    """The device with the signing key does not answer; nothing was signed."""

    code = "SIG_DEVICE"
    retryable = True
