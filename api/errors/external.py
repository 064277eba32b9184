"""Certificates that others issued, and campaigns with a licensed authority: what can go wrong."""

from api.errors.base import AnsoError


class ExternalCertUntrusted(AnsoError):
    """No good path leads to an accepted root."""

    code = "EXTERNAL_CERT_UNTRUSTED"


class ExternalCertExpired(AnsoError):
    """The certificate's time is over."""

    code = "EXTERNAL_CERT_EXPIRED"


class ExternalCertNotYetValid(AnsoError):
    """The certificate's time has not begun."""

    code = "EXTERNAL_CERT_NOT_YET_VALID"


class ExternalCertRevoked(AnsoError):
    """Its issuer says that it is revoked or on hold."""

    code = "EXTERNAL_CERT_REVOKED"


class ExternalCertWeak(AnsoError):
    """Its key or its signature is weaker than the policy in force allows."""

    code = "EXTERNAL_CERT_WEAK"


class ExternalCertPurpose(AnsoError):
    """It is no signer's certificate: an authority's, a time-stamp unit's, or without the right to sign documents."""

    code = "EXTERNAL_CERT_PURPOSE"


class ExternalCertProfile(AnsoError):
    """Certificates of this class do not count under the profile of this root."""

    code = "EXTERNAL_CERT_PROFILE"


class ExternalCertHolder(AnsoError):
    """The holder it names is not the person or agency of our records."""

    code = "EXTERNAL_CERT_HOLDER"


class ExternalCertKey(AnsoError):
    """The key that was named is not the certificate's."""

    code = "EXTERNAL_CERT_KEY"


class ExternalCertUnconfirmed(AnsoError):
    """It was imported by one person and waits for another, or was turned down: it has no standing here."""

    code = "EXTERNAL_CERT_UNCONFIRMED"


class ExternalFileWrong(AnsoError):
    """The file is no PEM bundle, no PKCS#7 and no certificate, or has more certificates than one file may have."""

    code = "EXTERNAL_FILE"


class CampaignEntryMissing(AnsoError):
    """The certificate belongs to no applicant of this campaign."""

    code = "CAMPAIGN_ENTRY_MISSING"


class CampaignKeyMismatch(AnsoError):
    """The applicant sent a key of the own token; the certificate has another one."""

    code = "CAMPAIGN_KEY_MISMATCH"
