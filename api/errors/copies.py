"""Copies, annexes and conversions: what can go wrong while they are made."""

from api.errors.base import AnsoError


class PreparationMissing(AnsoError):
    """Nothing waits for this authorisation: it was not prepared, prepared anew since, or completed already."""

    code = "SIG_NOT_PREPARED"


class SigningDeviceAway(AnsoError):
    """The device with the signing key does not answer; nothing was signed."""

    code = "SIG_DEVICE"
    retryable = True


class CopyImpossible(AnsoError):
    """The pages of the stored file cannot be drawn into a file of their own."""

    code = "COPY_IMPOSSIBLE"


class CopyFormWrong(AnsoError):
    """Decree 30/2020 Art. 25: this form of copy is not made of such a source."""

    code = "COPY_FORM"


class CopySourceUnfit(AnsoError):
    """The source is not in force, or its own signatures are not valid now: no copy of it is certified."""

    code = "COPY_SOURCE_UNFIT"


class AnnexesUnsealed(AnsoError):
    """The result has annexes: they are sealed in the same act as the main file, which this way of sealing cannot do."""

    code = "ANNEXES_UNSEALED"
