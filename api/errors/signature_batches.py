"""Batches of signatures: what can go wrong with a batch as a whole, or with one of its documents."""

from api.errors.base import AnsoError


class BatchNothingReady(AnsoError):
    """No document is ready for this certificate."""

    code = "BATCH_NOTHING_READY"


class BatchStateWrong(AnsoError):
    """The batch is in work, waits for something else, or is over."""

    code = "BATCH_STATE"


class BatchListChanged(AnsoError):
    """The list is another one than the holder saw."""

    code = "BATCH_LIST_CHANGED"


class BatchPreparedAnew(AnsoError):
    """What was prepared is too old to be signed: it is being prepared again."""

    code = "BATCH_PREPARED_ANEW"
    retryable = True


class BatchesTooMany(AnsoError):
    """The person has too many batches that are not over."""

    code = "BATCHES_TOO_MANY"


class BatchLapsed(AnsoError):
    """Nobody agreed to the batch within its time."""

    code = "BATCH_LAPSED"


class DocumentMovedOn(AnsoError):
    """The document changed after it was prepared: what the holder saw is not signed on another file."""

    code = "DOCUMENT_CHANGED"


class ItemKillsWorkers(AnsoError):
    """Several worker processes died on this document one after the other."""

    code = "ITEM_KILLS_WORKERS"


class ItemBroken(AnsoError):
    """Something that nobody foresaw went wrong with this document."""

    code = "ITEM_BROKEN"
