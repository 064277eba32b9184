"""Remote signatures by external providers: what can go wrong before one is asked."""

from api.errors.base import AnsoError


class RemoteProviderUnknown(AnsoError):
    """No provider of that name is configured (`ANSO_CSC_PROVIDERS`)."""

    code = "REMOTE_PROVIDER_UNKNOWN"


class RemoteCredentialMissing(AnsoError):
    """It was never recorded that the certificate's key is at a provider."""

    code = "REMOTE_CREDENTIAL_MISSING"
