"""Receipt slips: what can go wrong when an officer gives one."""

from api.errors.base import AnsoError


class ReceiptIncomplete(AnsoError):
    """A mandatory paper was neither handed in nor reused, or a paper taken in for the dossier is not on the list."""

    code = "RECEIPT_INCOMPLETE"


class ReceiptAlreadyGiven(AnsoError):
    """The dossier has a signed slip; a later one names the one that it replaces."""

    code = "RECEIPT_GIVEN"


class ReceiptOfAnother(AnsoError):
    """The officer who signs a slip is the one who counted the papers on it."""

    code = "RECEIPT_OTHER_OFFICER"
