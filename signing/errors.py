"""What can go wrong while keys, certificates and signatures are handled: one tree, one stable code a leaf.

A bad signature is not an exception: checking returns a report. An exception means "could not do it".
``retryable`` says whether the same call may succeed later without anything else being changed.
This module knows no HTTP status and no message for a person; ``api/problems.py`` maps both.

::

    SigningError
    ├── KeyStoreError
    │   ├── KeyNotFound              KEY_NOT_FOUND
    │   ├── KeyExists                KEY_EXISTS
    │   ├── KeyUnavailable ↻         KEY_UNAVAILABLE
    │   ├── KeyDamaged               KEY_DAMAGED
    │   └── AlgorithmNotSupported    KEY_ALGORITHM
    ├── IdentityError
    │   ├── NameInvalid              CERT_NAME_INVALID
    │   ├── ScopeInvalid             CERT_SCOPE_INVALID
    │   └── CertificateMalformed     CERT_MALFORMED
    ├── IssuanceError
    │   ├── IssuanceRefused          CERT_LINT_REFUSED
    │   ├── PreparationSpent         CERT_PREPARATION_SPENT
    │   └── CeremonyRefused          CA_CEREMONY_REFUSED
    ├── StatusError
    │   ├── CertificateUnknown       CERT_UNKNOWN
    │   └── StatusChangeRefused      CERT_STATUS_CHANGE
    ├── CertificateNotUsable         CERT_NOT_USABLE
    ├── DocumentNotSignable          DOCUMENT_NOT_SIGNABLE
    ├── MalformedDocument            DOCUMENT_MALFORMED
    ├── TimestampUnavailable ↻       TIMESTAMP_UNAVAILABLE
    └── EvidenceUnavailable ↻        EVIDENCE_UNAVAILABLE
"""

from typing import ClassVar


class SigningError(Exception):
    """Base of everything that ``signing`` raises on purpose."""

    code: ClassVar[str] = "SIGNING"
    retryable: ClassVar[bool] = False


class KeyStoreError(SigningError):
    """A key could not be made, found or used."""

    code = "KEY_STORE"


class KeyNotFound(KeyStoreError):
    """No key has this id."""

    code = "KEY_NOT_FOUND"


class KeyExists(KeyStoreError):
    """The id is taken; a key is never replaced under its id."""

    code = "KEY_EXISTS"


class KeyUnavailable(KeyStoreError):
    """The store or device does not answer now."""

    code = "KEY_UNAVAILABLE"
    retryable = True


class KeyDamaged(KeyStoreError):
    """The stored key cannot be opened, or is not the key that its record names."""

    code = "KEY_DAMAGED"


class AlgorithmNotSupported(KeyStoreError):
    """The key cannot make the asked kind of signature."""

    code = "KEY_ALGORITHM"


class IdentityError(SigningError):
    """A name, scope or certificate does not have the required form."""

    code = "CERT_IDENTITY"


class NameInvalid(IdentityError):
    """A name or number of a subject breaks the rules for names."""

    code = "CERT_NAME_INVALID"


class ScopeInvalid(IdentityError):
    """A scope is malformed, or wider than the scope it must lie in."""

    code = "CERT_SCOPE_INVALID"


class CertificateMalformed(IdentityError):
    """The bytes are not a certificate that we can read."""

    code = "CERT_MALFORMED"


class IssuanceError(SigningError):
    """A certificate was not issued."""

    code = "CERT_ISSUANCE"


class IssuanceRefused(IssuanceError):
    """The certificate, as it would have been signed, breaks its profile.

    ``findings`` holds the clause codes, most severe first.
    """

    code = "CERT_LINT_REFUSED"

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__(", ".join(findings))
        self.findings = findings


class PreparationSpent(IssuanceError):
    """A prepared certificate was offered for signing a second time, or never recorded."""

    code = "CERT_PREPARATION_SPENT"


class CeremonyRefused(IssuanceError):
    """The recipe of a hierarchy is incomplete or contradicts itself."""

    code = "CA_CEREMONY_REFUSED"


class StatusError(SigningError):
    """The status of a certificate could not be told or changed."""

    code = "CERT_STATUS"


class CertificateUnknown(StatusError):
    """This authority never issued that certificate."""

    code = "CERT_UNKNOWN"


class StatusChangeRefused(StatusError):
    """The life cycle has no such step from the present status (revoked is final)."""

    code = "CERT_STATUS_CHANGE"


class CertificateNotUsable(SigningError):
    """The certificate may not be used for this signature now (period, status, scope, purpose)."""

    code = "CERT_NOT_USABLE"


class DocumentNotSignable(SigningError):
    """The document cannot take this signature without breaking it or an earlier signature."""

    code = "DOCUMENT_NOT_SIGNABLE"


class MalformedDocument(SigningError):
    """The bytes are not a document that can be read."""

    code = "DOCUMENT_MALFORMED"


class TimestampUnavailable(SigningError):
    """The time-stamp authority gave no usable answer now."""

    code = "TIMESTAMP_UNAVAILABLE"
    retryable = True


class EvidenceUnavailable(SigningError):
    """Status evidence (OCSP answer, CRL) could not be had now."""

    code = "EVIDENCE_UNAVAILABLE"
    retryable = True
