"""References to evidence: what an officer saw, in a few plain characters, never personal data."""

import re
import unicodedata
from typing import Final

from api.errors import InputInvalid

_FORM: Final = re.compile(r"[\w.:/()-][\w .:/()-]{0,127}")
_NOT_IN_LEDGER: Final = re.compile(r"[^A-Za-z0-9_.:/*+=@-]")
_CITIZEN_NUMBER: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
"""References are read by everybody and written into the ledger: no citizen's number may stand in one."""


def is_reference(text: str) -> bool:
    """Whether the text has the form of a reference, and no citizen's number in it."""
    return _FORM.fullmatch(text) is not None and _CITIZEN_NUMBER.search(text) is None


def require_reference(text: str) -> None:
    """Do nothing when the text has the form of a reference.

    Raises:
        InputInvalid: it has not.
    """
    if not is_reference(text):
        raise InputInvalid("Cần một căn cứ có 1-128 ký tự.", "A reference to evidence of 1-128 characters is needed.")


def ledger_form(reference: str) -> str:
    """The reference as the ledger takes it, which holds codes and no free text: `15/QĐ-UBND` becomes `15/QD-UBND`."""
    plain = unicodedata.normalize("NFD", reference.replace("Đ", "D").replace("đ", "d"))
    return _NOT_IN_LEDGER.sub("_", "".join(one for one in plain if not unicodedata.combining(one)))
