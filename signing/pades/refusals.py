"""Why a document cannot be signed, each reason with a code of its own.

Leaves of ``DocumentNotSignable`` and ``MalformedDocument``: a caller that does not care catches these two.
"""

from signing.errors import DocumentNotSignable, MalformedDocument


class DocumentDamaged(MalformedDocument):
    """The structure has to be guessed: readers would not agree on what is signed. Save it anew, then sign."""

    code = "DOCUMENT_DAMAGED"


class DocumentEncrypted(DocumentNotSignable):
    """The document is protected by a password or by rights. Remove the protection, then sign."""

    code = "DOCUMENT_ENCRYPTED"


class DocumentHybrid(DocumentNotSignable):
    """Two cross-reference tables for old and new readers (as some office programs write). Save it anew, then sign."""

    code = "DOCUMENT_HYBRID_XREF"


class DocumentClosed(DocumentNotSignable):
    """An earlier signature allows no further change, or locks the field that is asked for."""

    code = "DOCUMENT_CLOSED"


class FieldWithoutLock(DocumentNotSignable):
    """The last signature shall close the document, but its field was made without a lock. Reserve it with one."""

    code = "SIGNATURE_FIELD_WITHOUT_LOCK"


class DocumentHasXfa(DocumentNotSignable):
    """A form whose pages are computed when it is opened (XFA): what is signed is not what is seen."""

    code = "DOCUMENT_XFA"


class FieldTaken(DocumentNotSignable):
    """The signature field is already signed, or a field of another kind has its name."""

    code = "SIGNATURE_FIELD_TAKEN"


class MarkHasNoPlace(DocumentNotSignable):
    """The visible mark would cover something, or the signer's block was not found; the details say what and where."""

    code = "MARK_PLACE"

    def __init__(self, message: str, detail_vi: str = "", detail_en: str = "") -> None:
        super().__init__(message)
        self.detail_vi = detail_vi
        self.detail_en = detail_en or message


class MarkUnreadable(DocumentNotSignable):
    """The picture or the font of a visible mark cannot be used."""

    code = "MARK_UNREADABLE"


class MarkPictureUnfit(MarkUnreadable):
    """An uploaded picture cannot become a registered mark; the details say why and what to do."""

    code = "MARK_PICTURE_UNFIT"

    def __init__(self, message: str, detail_vi: str = "", detail_en: str = "") -> None:
        super().__init__(message)
        self.detail_vi = detail_vi
        self.detail_en = detail_en


class ArchivalFormLost(DocumentNotSignable):
    """The document says that it is PDF/A and would be none after this. Make it anew, or without the claim."""

    code = "DOCUMENT_PDFA_LOST"


class FieldWithoutWidget(DocumentNotSignable):
    """The signature field stands on no page, so it can show nothing. Sign without a mark, or in another field."""

    code = "SIGNATURE_FIELD_WITHOUT_WIDGET"


class NewFieldAfterCertification(DocumentNotSignable):
    """A certified document takes further visible signatures in the fields that were reserved for them only."""

    code = "SIGNATURE_FIELD_NOT_RESERVED"


class FormMalformed(MalformedDocument):
    """The form, its fields or an earlier signature cannot be read. Save the document anew, then sign."""

    code = "DOCUMENT_FORM_MALFORMED"


class PageMissing(MalformedDocument):
    """The page tree cannot be followed to the page that takes the signature. Save the document anew, then sign."""

    code = "DOCUMENT_PAGES_MALFORMED"
