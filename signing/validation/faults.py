"""Why a document could not be opened for checking at all, as one typed error; knows reason codes, no documents."""


class DocumentFaultError(ValueError):
    """The document cannot be opened for checking; ``code`` is the reason code of the report."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
