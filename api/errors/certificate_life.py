"""The life of a certificate after its issue: what renewal, change, recovery, hold and release can be refused for."""

from api.errors.base import AnsoError


class CertRenewalTooEarly(AnsoError):
    """The certificate has long to go yet, and no reason was given for a new key now."""

    code = "CERT_RENEWAL_TOO_EARLY"


class CertHasSuccessor(AnsoError):
    """Another certificate took the place of this one: what concerns the holder is asked of that one."""

    code = "CERT_HAS_SUCCESSOR"


class CertReleaseNeedsApproval(AnsoError):
    """A hold that somebody else set ends by a request that a second person approves."""

    code = "CERT_RELEASE_NEEDS_APPROVAL"


class CertProofMissing(AnsoError):
    """The key lies on the holder's device, and its possession has not been proved yet."""

    code = "CERT_PROOF_MISSING"


class CertKeyInUse(AnsoError):
    """The public key stands in another certificate or request: one key, one certificate."""

    code = "CERT_KEY_IN_USE"


class CertificateSuperseded(AnsoError):
    """I10: another certificate took the place of this one; the key is not touched."""

    code = "SIG_CERT_SUPERSEDED"


class CertificateKeyOnToken(AnsoError):
    """The private key is on the holder's own device: nothing here can sign with it."""

    code = "SIG_KEY_ON_TOKEN"
