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
    │   ├── KeyLoginRefused          KEY_LOGIN_REFUSED
    │   ├── KeyDamaged               KEY_DAMAGED
    │   ├── AlgorithmNotSupported    KEY_ALGORITHM
    │   ├── KeyUseRefused            KEY_USE_REFUSED
    │   └── KeyUseNotRecorded ↻      KEY_USE_NOT_RECORDED
    ├── AuthorisationError
    │   ├── AuthorisationRequired    AUTHORISATION_REQUIRED
    │   ├── AuthorisationUnknown     AUTHORISATION_UNKNOWN
    │   ├── AuthorisationMalformed   AUTHORISATION_MALFORMED
    │   ├── AuthorisationWrong       AUTHORISATION_WRONG
    │   ├── AuthorisationForeign     AUTHORISATION_FOREIGN
    │   ├── AuthorisationExpired     AUTHORISATION_EXPIRED
    │   ├── AuthorisationClosed      AUTHORISATION_CLOSED
    │   ├── AuthorisationReplayed    AUTHORISATION_REPLAYED
    │   ├── PasskeyRefused           PASSKEY_REFUSED
    │   └── PasskeyUnknown           PASSKEY_UNKNOWN
    ├── IdentityError
    │   ├── NameInvalid              CERT_NAME_INVALID
    │   ├── ScopeInvalid             CERT_SCOPE_INVALID
    │   └── CertificateMalformed     CERT_MALFORMED
    ├── CsrError
    │   ├── CsrMalformed             CSR_MALFORMED
    │   ├── CsrKeyRefused            CSR_KEY_REFUSED
    │   └── CsrProofWrong            CSR_PROOF_WRONG
    ├── IssuanceError
    │   ├── IssuanceRefused          CERT_LINT_REFUSED
    │   ├── PreparationSpent         CERT_PREPARATION_SPENT
    │   └── CeremonyRefused          CA_CEREMONY_REFUSED
    ├── StatusError
    │   ├── CertificateUnknown       CERT_UNKNOWN
    │   └── StatusChangeRefused      CERT_STATUS_CHANGE
    ├── RemoteSignerError
    │   ├── RemoteSignerUnavailable ↻ REMOTE_SIGNER_UNAVAILABLE
    │   ├── RemoteSignerRefused      REMOTE_SIGNER_REFUSED
    │   ├── RemoteHolderAway ↻       REMOTE_HOLDER_AWAY
    │   ├── RemoteCredentialChanged  REMOTE_CREDENTIAL_CHANGED
    │   └── RemoteBatchTooLarge      REMOTE_BATCH_TOO_LARGE
    ├── CertificateNotUsable         CERT_NOT_USABLE
    ├── DocumentNotSignable          DOCUMENT_NOT_SIGNABLE
    ├── MalformedDocument            DOCUMENT_MALFORMED
    ├── TimestampUnavailable ↻       TIMESTAMP_UNAVAILABLE
    ├── EvidenceUnavailable ↻        EVIDENCE_UNAVAILABLE
    ├── EvidenceAddressRefused       EVIDENCE_ADDRESS_REFUSED
    └── TrustError
        ├── TrustPolicyMalformed     TRUST_POLICY_MALFORMED
        ├── TrustPolicyUnsigned      TRUST_POLICY_UNSIGNED
        ├── TrustPolicyChainBroken   TRUST_POLICY_CHAIN
        └── TrustOfficersMalformed   TRUST_OFFICERS_MALFORMED
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


class NoSuchToken(KeyUnavailable):
    """The library shows no token of this name, or none at all."""


class SeveralTokens(KeyUnavailable):
    """Several tokens are there and none was named; `labels` are theirs."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        super().__init__(f"there are several tokens, name one: {', '.join(labels)}")
        self.labels = labels


class KeyLoginRefused(KeyStoreError):
    """The device does not accept the PIN; asking again with the same one would lock it."""

    code = "KEY_LOGIN_REFUSED"


class KeyDamaged(KeyStoreError):
    """The stored key cannot be opened, or is not the key that its record names."""

    code = "KEY_DAMAGED"


class AlgorithmNotSupported(KeyStoreError):
    """The key cannot make the asked kind of signature."""

    code = "KEY_ALGORITHM"


class KeyUseRefused(KeyStoreError):
    """The key is not for this: what it is asked to sign does not belong to its purpose."""

    code = "KEY_USE_REFUSED"


class KeyUseNotRecorded(KeyStoreError):
    """The use of a key could not be written down, so its signature was not released."""

    code = "KEY_USE_NOT_RECORDED"
    retryable = True


class AuthorisationError(SigningError):
    """A holder's key was not used, because its holder did not allow exactly this."""

    code = "AUTHORISATION"


class AuthorisationRequired(AuthorisationError):
    """The key signs only what its holder authorised, and no authorisation was named or confirmed."""

    code = "AUTHORISATION_REQUIRED"


class AuthorisationUnknown(AuthorisationError):
    """There is no such authorisation."""

    code = "AUTHORISATION_UNKNOWN"


class AuthorisationMalformed(AuthorisationError):
    """The terms or the evidence cannot be read, or are larger than any of ours."""

    code = "AUTHORISATION_MALFORMED"


class AuthorisationWrong(AuthorisationError):
    """The evidence does not prove that the holder agreed to these terms, here and with this passkey."""

    code = "AUTHORISATION_WRONG"


class AuthorisationForeign(AuthorisationError):
    """It was given for another person, credential or list of digests."""

    code = "AUTHORISATION_FOREIGN"


class AuthorisationExpired(AuthorisationError):
    """Its time is over: it was not started, or its batch not finished, soon enough."""

    code = "AUTHORISATION_EXPIRED"


class AuthorisationClosed(AuthorisationError):
    """It was cancelled or confirmed already."""

    code = "AUTHORISATION_CLOSED"


class AuthorisationReplayed(AuthorisationError):
    """The digest was signed already, or a signature over it was begun; the same evidence was used before."""

    code = "AUTHORISATION_REPLAYED"


class PasskeyRefused(AuthorisationError):
    """The passkey cannot be registered, confirmed or removed so."""

    code = "PASSKEY_REFUSED"


class PasskeyUnknown(AuthorisationError):
    """There is no such passkey, or it is not in force."""

    code = "PASSKEY_UNKNOWN"


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


class CsrError(SigningError):
    """A certification request from outside (PKCS#10) does not prove a key that we certify."""

    code = "CSR"


class CsrMalformed(CsrError):
    """It cannot be read, or is larger than any such request."""

    code = "CSR_MALFORMED"


class CsrKeyRefused(CsrError):
    """Its key is of a kind or strength that is not certified here."""

    code = "CSR_KEY_REFUSED"


class CsrProofWrong(CsrError):
    """It is not signed by the key that it names, or was made for another occasion."""

    code = "CSR_PROOF_WRONG"


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


class RemoteSignerError(SigningError):
    """An external provider of remote signatures did not sign."""

    code = "REMOTE_SIGNER"


class RemoteSignerUnavailable(RemoteSignerError):
    """It does not answer, too slowly, or with something that is no answer."""

    code = "REMOTE_SIGNER_UNAVAILABLE"
    retryable = True


class RemoteSignerRefused(RemoteSignerError):
    """It says no: a wrong code, a locked credential, a request that it does not take.

    ``reason`` is the standard's word for it (`invalid_otp`), if it is one.
    """

    code = "REMOTE_SIGNER_REFUSED"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the provider refused: {reason}")
        self.reason = reason


class RemoteHolderAway(RemoteSignerError):
    """The holder did not agree at the provider in time."""

    code = "REMOTE_HOLDER_AWAY"
    retryable = True


class RemoteCredentialChanged(RemoteSignerError):
    """The provider's credential is not the one that is registered here, or was disabled."""

    code = "REMOTE_CREDENTIAL_CHANGED"


class RemoteBatchTooLarge(RemoteSignerError):
    """The provider signs fewer at once; ``most`` says how many."""

    code = "REMOTE_BATCH_TOO_LARGE"

    def __init__(self, most: int) -> None:
        super().__init__(f"the provider signs at most {most} at once")
        self.most = most


class CertificateNotUsable(SigningError):
    """The certificate may not be used for this signature now (period, status, scope, purpose)."""

    code = "CERT_NOT_USABLE"


class DocumentNotSignable(SigningError):
    """The document cannot take this signature without breaking it or an earlier signature."""

    code = "DOCUMENT_NOT_SIGNABLE"


class SignatureValueWrong(SigningError):
    """The value is not a signature of the expected key over what was prepared for it."""

    code = "SIGNATURE_VALUE_WRONG"


class PreparationUnreadable(SigningError):
    """A signature was prepared in a form that this version does not read; prepare it again."""

    code = "PREPARATION_UNREADABLE"


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


class EvidenceAddressRefused(SigningError):
    """An address for status evidence leads to a host that nobody allowed."""

    code = "EVIDENCE_ADDRESS_REFUSED"


class TrustError(SigningError):
    """A file that says which roots are accepted cannot be put into force."""

    code = "TRUST"


class TrustPolicyMalformed(TrustError):
    """A trust policy file is not in its form, or says what no policy may say."""

    code = "TRUST_POLICY_MALFORMED"


class TrustPolicyUnsigned(TrustError):
    """A trust policy file does not carry the good signatures of two different persons in office."""

    code = "TRUST_POLICY_UNSIGNED"


class TrustPolicyChainBroken(TrustError):
    """A trust policy file does not follow on the one before it, or drops a root instead of ending it."""

    code = "TRUST_POLICY_CHAIN"


class TrustOfficersMalformed(TrustError):
    """The file that names the trust officers cannot be used."""

    code = "TRUST_OFFICERS_MALFORMED"
