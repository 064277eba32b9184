"""Marks on pages: what can go wrong between their preview and the signature."""

from api.errors.base import AnsoError


class DocumentChangedSincePreview(AnsoError):
    """The file is not the one that the signer looked at: look again, then sign."""

    code = "DOCUMENT_CHANGED_SINCE_PREVIEW"
