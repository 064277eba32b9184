"""The service itself: what can go wrong."""

from api.errors.base import AnsoError


class ServiceUnavailable(AnsoError):
    """A part that we need does not answer now."""

    code = "SERVICE_UNAVAILABLE"
    retryable = True


class ConfigurationInvalid(AnsoError):
    """The service cannot start with these settings; `missing` lists every finding at once."""

    code = "CONFIGURATION_INVALID"

    def __init__(self, missing: tuple[str, ...]) -> None:
        text = "; ".join(missing)
        super().__init__(text, text)
        self.missing = missing
