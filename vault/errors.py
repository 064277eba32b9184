"""What can go wrong in the vault: one tree, one stable code a leaf.

Knows the meaning of a failure and whether trying again helps (``retryable``, ↻). Must not know HTTP: outside,
`AccessDenied` and `DocumentNotFound` look the same. No message names a citizen, a title or a number.

::

    VaultError
    ├── AccessError
    │   ├── DocumentNotFound         DOCUMENT_NOT_FOUND
    │   ├── AccessDenied             DOCUMENT_NOT_FOUND   (the same code on purpose)
    │   ├── WorkNotFound             WORK_NOT_FOUND
    │   └── VaultNotFound            VAULT_NOT_FOUND
    ├── StoreError
    │   ├── InvalidName              STORE_NAME_INVALID
    │   ├── ObjectNotFound           STORE_OBJECT_MISSING
    │   ├── AlreadyStored            STORE_EXISTS
    │   ├── ObjectProtected          STORE_PROTECTED
    │   ├── StoreUnsuitable          STORE_UNSUITABLE
    │   └── StoreUnavailable ↻       STO_UNAVAILABLE
    ├── IntegrityMismatch            INTEGRITY_MISMATCH
    ├── KeyMismatch                  VAULT_KEY_MISMATCH
    ├── DuplicateDocument            CNF_DUPLICATE_DOC
    ├── ConsentError
    │   ├── ConsentNotFound          CONSENT_NOT_FOUND
    │   ├── ConsentEnded             CONSENT_ENDED
    │   └── ConsentInvalid           CONSENT_INVALID
    └── ReuseRefused
        ├── ReuseRefusedConsent      REUSE_REFUSED_CONSENT
        ├── ReuseRefusedOwner        REUSE_REFUSED_OWNER
        ├── ReuseRefusedRevoked      REUSE_REFUSED_REVOKED
        ├── ReuseRefusedExpired      REUSE_REFUSED_EXPIRED
        ├── ReuseRefusedScope        REUSE_REFUSED_SCOPE
        ├── ReuseRefusedGrade        REUSE_REFUSED_GRADE
        ├── ReuseRefusedHash         REUSE_REFUSED_HASH
        └── ReuseRefusedSignature    REUSE_REFUSED_SIGNATURE
"""

from typing import ClassVar


class VaultError(Exception):
    """Base of everything that ``vault`` raises on purpose."""

    code: ClassVar[str] = "VAULT"
    retryable: ClassVar[bool] = False


# --- access ------------------------------------------------------------------------------------------


class AccessError(VaultError):
    """Something may not be seen, or is not there; whoever asks from outside cannot tell which."""

    code = "VAULT_ACCESS"


class DocumentNotFound(AccessError):
    """No document has this id, or it has no file in this role."""

    code = "DOCUMENT_NOT_FOUND"


class AccessDenied(AccessError):
    """The document exists, but not for this reader and purpose. Carries the code of `DocumentNotFound`.

    Args:
        reason: code of the rule that refused, for the ledger only.
    """

    code = "DOCUMENT_NOT_FOUND"

    def __init__(self, reason: str = "no_ground") -> None:
        super().__init__(self.code)
        self.reason = reason


class WorkNotFound(AccessError):
    """No intermediate result is kept in this place (any more)."""

    code = "WORK_NOT_FOUND"


class VaultNotFound(AccessError):
    """This citizen has no vault yet."""

    code = "VAULT_NOT_FOUND"


# --- the object store --------------------------------------------------------------------------------


class StoreError(VaultError):
    """The object store refused or failed."""

    code = "STORE"


class InvalidName(StoreError):
    """A text is not an object name of ours; it is not repeated, it may hold anything."""

    code = "STORE_NAME_INVALID"


class ObjectNotFound(StoreError):
    """No object has this name."""

    code = "STORE_OBJECT_MISSING"


class AlreadyStored(StoreError):
    """The name is taken; a stored object is never overwritten."""

    code = "STORE_EXISTS"


class ObjectProtected(StoreError):
    """The object is under retention or lives in an area where nothing is deleted."""

    code = "STORE_PROTECTED"


class StoreUnsuitable(StoreError):
    """The server behind the store lacks what the vault needs, such as object lock."""

    code = "STORE_UNSUITABLE"


class StoreUnavailable(StoreError):
    """The store did not answer in time, has no room, or broke off; nothing is known to be written."""

    code = "STO_UNAVAILABLE"
    retryable = True


# --- contents and keys -------------------------------------------------------------------------------


class IntegrityMismatch(VaultError):
    """What is stored is not what was stored: changed, cut, swapped, gone. It is never served.

    Args:
        reason: short code of what did not agree (`digest`, `segment`, `missing`, …), for the ledger.
    """

    code = "INTEGRITY_MISMATCH"

    def __init__(self, reason: str) -> None:
        super().__init__(f"stored object does not agree with its record: {reason}")
        self.reason = reason


class KeyMismatch(VaultError):
    """A key-encryption key is missing, or is not the one that the vault was written with."""

    code = "VAULT_KEY_MISMATCH"


class DuplicateDocument(VaultError):
    """The same paper (owner, type, number) is already in the vault: link it, make no copy.

    Args:
        document_id: the document that is there.
    """

    code = "CNF_DUPLICATE_DOC"

    def __init__(self, document_id: str) -> None:
        super().__init__("the vault already holds this document")
        self.document_id = document_id


# --- consent and reuse -------------------------------------------------------------------------------


class ConsentError(VaultError):
    """A consent cannot be given or withdrawn."""

    code = "CONSENT"


class ConsentNotFound(ConsentError):
    """No consent has this id, or it is another citizen's."""

    code = "CONSENT_NOT_FOUND"


class ConsentEnded(ConsentError):
    """The consent was withdrawn already."""

    code = "CONSENT_ENDED"


class ConsentInvalid(ConsentError):
    """A consent must name active documents of the giver and end in the future."""

    code = "CONSENT_INVALID"


class ReuseRefused(VaultError):
    """The document may not be used in that dossier now; the leaf says why (model §3.3)."""

    code = "REUSE_REFUSED"


class ReuseRefusedConsent(ReuseRefused):
    """No live consent covers this document for this dossier: none, withdrawn, expired or spent."""

    code = "REUSE_REFUSED_CONSENT"


class ReuseRefusedOwner(ReuseRefused):
    """The document belongs to somebody else than the dossier's applicant."""

    code = "REUSE_REFUSED_OWNER"


class ReuseRefusedRevoked(ReuseRefused):
    """The document is not active: revoked, recalled, superseded, restricted or disputed."""

    code = "REUSE_REFUSED_REVOKED"


class ReuseRefusedExpired(ReuseRefused):
    """The document's validity is over, or has not begun."""

    code = "REUSE_REFUSED_EXPIRED"


class ReuseRefusedScope(ReuseRefused):
    """The dossier does not ask for this kind of document."""

    code = "REUSE_REFUSED_SCOPE"


class ReuseRefusedGrade(ReuseRefused):
    """The procedure asks for a better grade than the document has."""

    code = "REUSE_REFUSED_GRADE"


class ReuseRefusedHash(ReuseRefused):
    """The stored content is not the content that the citizen consented to share."""

    code = "REUSE_REFUSED_HASH"


class ReuseRefusedSignature(ReuseRefused):
    """The document's signatures could not be shown to be valid at their time."""

    code = "REUSE_REFUSED_SIGNATURE"
