"""Signatures whose key is in the holder's own token: what can go wrong between preparing and completing."""

from api.errors.base import AnsoError


class PreparationExpired(AnsoError):
    """The prepared signature waited too long for its value: prepare the document again."""

    code = "SIGNATURE_PREPARATION_EXPIRED"


class PreparationBlocked(AnsoError):
    """Too many wrong values were sent for it: prepare the document again."""

    code = "SIGNATURE_PREPARATION_BLOCKED"


class PreparationWithdrawn(AnsoError):
    """The caller gave it up."""

    code = "SIGNATURE_PREPARATION_WITHDRAWN"


class PreparationStale(AnsoError):
    """The document moved on since it was prepared: prepare it as it is now."""

    code = "SIGNATURE_PREPARATION_STALE"


class PreparationOpen(AnsoError):
    """There is no signed file yet: its value has not come."""

    code = "SIGNATURE_PREPARATION_OPEN"


class SignedFileGone(AnsoError):
    """The signed file was kept for the time that was told, and is not here any more."""

    code = "SIGNED_FILE_GONE"


class TooManyPreparations(AnsoError):
    """The caller has as many prepared signatures waiting as one may have: complete or withdraw some."""

    code = "SIGNATURE_PREPARATIONS_FULL"


class CertificateKeyHere(AnsoError):
    """The certificate's key is kept by this service, not in a token of the holder's."""

    code = "SIG_KEY_ON_SERVER"


class TokenKeyUnfit(AnsoError):
    """The token's key is of a kind that no signature is made with: ECDSA P-256, P-384 or RSA 3072 is needed."""

    code = "SIG_KEY_KIND"


class SealOnUpload(AnsoError):
    """I11: a seal is set on a file whose personal signature was checked here, never on a file sent for it."""

    code = "SEAL_ON_UPLOAD"
