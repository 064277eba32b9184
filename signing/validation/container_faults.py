"""Why a signature container cannot be judged: a small tree of errors, each of which one judgement answers.

ContainerFaultError        it is broken
├── UnknownAlgorithmError  it names an algorithm, or holds a key, that nobody here can compute with
└── SignerMissingError     the signer's certificate is nowhere
"""


class ContainerFaultError(ValueError):
    """The container cannot be judged; ``unsupported`` tells "we do not know this" from "this is broken"."""

    def __init__(self, reason: str, *, unsupported: bool = False) -> None:
        super().__init__(reason)
        self.unsupported = unsupported


class UnknownAlgorithmError(ContainerFaultError):
    """An algorithm or a kind of key that is not known here: nothing can be said about the value."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, unsupported=True)


class SignerMissingError(ContainerFaultError):
    """The certificate of the signer is neither in the container nor beside it."""

    def __init__(self) -> None:
        super().__init__("the signer's certificate is missing", unsupported=True)
