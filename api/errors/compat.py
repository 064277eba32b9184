"""A request in the shape of another product that cannot be answered, told in that product's words."""

from api.errors.base import AnsoError


class SivaRequestRefused(AnsoError):
    """A request in the shape of SiVa; each refused field with SiVa's own message.

    Args:
        refused: pairs of SiVa's key and message.
    """

    code = "SIVA_REQUEST_REFUSED"

    def __init__(self, *refused: tuple[str, str]) -> None:
        super().__init__("Yêu cầu theo mẫu SiVa không hợp lệ.", "; ".join(message for _, message in refused))
        self.refused = refused
