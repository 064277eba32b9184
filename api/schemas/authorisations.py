"""Wire models of authorisations to sign and of passkeys; binary values are base64url without padding (WebAuthn)."""

import base64
import hashlib
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.errors import InputInvalid
from api.ids import parse_id
from api.records.employments import SigningCapacity
from api.records.passkey_resets import PasskeyReset
from api.schemas.text import Id
from api.usecases.authorise_signature import Authorised, ConfirmAuthorisation, OpenAuthorisation
from api.usecases.manage_passkeys import ConfirmPasskey, RegisterPasskey
from signing.authorisation import (
    MAX_DIGESTS,
    TIME_TO_FINISH,
    Assertion,
    CoseAlgorithm,
    SigningPurpose,
    challenge_of,
    confirmation_challenge,
)
from signing.authorisation_sql import Passkey

Binary = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]*={0,2}$", max_length=24_000)]
Digest = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$")]


class AuthorisationIn(BaseModel):
    """What shall be signed with which certificate."""

    model_config = ConfigDict(extra="forbid")

    certificate_id: Id
    digests: list[Digest] = Field(min_length=1, max_length=MAX_DIGESTS)
    """Hex, in the order in which the holder sees the documents; all of the certificate's digest algorithm."""
    purpose: SigningPurpose = SigningPurpose.SIGN_DETACHED
    capacity: SigningCapacity | None = None

    def to_command(self) -> OpenAuthorisation:
        """The use-case's command."""
        return OpenAuthorisation(
            certificate_id=parse_id("cert", self.certificate_id),
            digests=tuple(self.digests),
            purpose=self.purpose,
            capacity=self.capacity and self.capacity.value,
        )


class AssertionIn(BaseModel):
    """What `navigator.credentials.get` gave."""

    model_config = ConfigDict(extra="forbid")

    credential_id: Binary
    client_data_json: Binary
    authenticator_data: Binary
    signature: Binary

    def to_assertion(self) -> Assertion:
        """The value."""
        return Assertion(
            credential_id=_bytes(self.credential_id),
            client_data=_bytes(self.client_data_json),
            authenticator_data=_bytes(self.authenticator_data),
            signature=_bytes(self.signature),
        )


class ConfirmationIn(BaseModel):
    """A passkey's answer to the challenge; in the embedded profile a code, or nothing for who has no second factor."""

    model_config = ConfigDict(extra="forbid")

    assertion: AssertionIn | None = None
    code: str | None = Field(default=None, pattern=r"^[0-9]{6}$")

    def to_command(self, authorisation_id: str) -> ConfirmAuthorisation:
        """The use-case's command."""
        return ConfirmAuthorisation(
            authorisation_id=authorisation_id,
            assertion=None if self.assertion is None else self.assertion.to_assertion(),
            code=self.code,
        )


class AuthorisedDigestOut(BaseModel):
    """One digest and whether its signature was made."""

    digest: str
    signed: bool


class AuthorisationOut(BaseModel):
    """An authorisation as it stands."""

    id: str
    certificate_id: str
    certificate_sha256: str
    purpose: str
    capacity: str | None
    state: str
    digests: list[AuthorisedDigestOut]
    issued_at: datetime
    expires_at: datetime
    """The last moment to start."""
    confirmed_at: datetime | None
    started_at: datetime | None
    finish_before: datetime | None
    """The last moment for the rest of the batch."""
    evidence: str | None
    challenge: str
    """For `navigator.credentials.get`: SHA-256 over everything above that is agreed to."""
    rp_id: str
    allow_credentials: list[str]

    @classmethod
    def of(cls, seen: Authorised, rp_id: str) -> "AuthorisationOut":
        """The wire form."""
        one, terms = seen.authorisation, seen.authorisation.terms
        return cls(
            id=terms.authorisation_id,
            certificate_id=seen.certificate_id,
            certificate_sha256=terms.certificate_sha256,
            purpose=terms.purpose.value,
            capacity=terms.capacity,
            state=one.state.value,
            digests=[AuthorisedDigestOut(digest=each, signed=each in one.signed) for each in terms.digests],
            issued_at=terms.issued_at,
            expires_at=terms.expires_at,
            confirmed_at=one.confirmed_at,
            started_at=one.started_at,
            finish_before=one.started_at and one.started_at + TIME_TO_FINISH,
            evidence=one.evidence and one.evidence.value,
            challenge=_text(challenge_of(terms)),
            rp_id=rp_id,
            allow_credentials=[_text(each) for each in seen.passkeys],
        )


class DigestIn(BaseModel):
    """Which of the authorised digests."""

    model_config = ConfigDict(extra="forbid")

    digest: Digest


class DetachedSignatureOut(BaseModel):
    """A detached signature."""

    digest: str
    level: str
    cms: str
    """CMS SignedData, DER in base64."""

    @classmethod
    def of(cls, digest: str, der: bytes) -> "DetachedSignatureOut":
        """The wire form."""
        return cls(digest=digest, level="CAdES-B-B", cms=base64.b64encode(der).decode())


class PasskeyIn(BaseModel):
    """How the holder calls the passkey."""

    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=1, max_length=64)


class PasskeyStartOut(BaseModel):
    """What `navigator.credentials.create` needs."""

    id: str
    challenge: str
    rp_id: str
    user_handle: str
    """Says nothing about the person to who does not know it."""
    algorithms: list[int]
    user_verification: str = "required"
    attestation: str = "none"

    @classmethod
    def of(cls, passkey: Passkey, rp_id: str) -> "PasskeyStartOut":
        """The wire form."""
        return cls(
            id=passkey.passkey_id,
            challenge=_text(passkey.challenge),
            rp_id=rp_id,
            user_handle=_text(hashlib.sha256(passkey.person.encode()).digest()),
            algorithms=[int(each) for each in CoseAlgorithm],
        )


class PasskeyRegistrationIn(BaseModel):
    """What `navigator.credentials.create` gave."""

    model_config = ConfigDict(extra="forbid")

    client_data_json: Binary
    attestation_object: Binary

    def to_command(self, passkey_id: str) -> RegisterPasskey:
        """The use-case's command."""
        return RegisterPasskey(
            passkey_id=passkey_id,
            client_data=_bytes(self.client_data_json),
            attestation=_bytes(self.attestation_object),
        )


class PasskeyConfirmationIn(BaseModel):
    """The officer's own passkey's answer to `confirmation_challenge`; needed where a signer keeps the keys."""

    model_config = ConfigDict(extra="forbid")

    assertion: AssertionIn | None = None

    def to_command(self, passkey_id: str) -> ConfirmPasskey:
        """The use-case's command."""
        return ConfirmPasskey(
            passkey_id=passkey_id, assertion=None if self.assertion is None else self.assertion.to_assertion()
        )


class PasskeyOut(BaseModel):
    """A passkey and where it stands."""

    id: str
    subject_id: str
    label: str
    state: str
    fingerprint: str | None
    """SHA-256 of its public key (hex), to be compared before somebody vouches for it."""
    confirmation_challenge: str | None
    """What an officer's passkey answers to vouch for it."""
    officer: bool
    created_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None

    @classmethod
    def of(cls, one: Passkey) -> "PasskeyOut":
        """The wire form."""
        challenge = fingerprint = None
        if one.key is not None:
            fingerprint = hashlib.sha256(one.key.spki).hexdigest()
            challenge = confirmation_challenge(
                passkey_id=one.passkey_id, person=one.person, credential_id=one.key.credential_id, spki=one.key.spki
            )
        return cls(
            id=one.passkey_id,
            subject_id=one.person,
            label=one.label,
            state=one.state.value,
            fingerprint=fingerprint,
            confirmation_challenge=None if challenge is None else _text(challenge),
            officer=one.is_officer,
            created_at=one.created_at,
            confirmed_by=one.confirmed_by,
            confirmed_at=one.confirmed_at,
        )


class PasskeyList(BaseModel):
    """The passkeys of one person; there are never many."""

    items: list[PasskeyOut]


class PasskeyResetIn(BaseModel):
    """Which passkey of whom is lost."""

    model_config = ConfigDict(extra="forbid")

    passkey_id: Id
    subject_id: Id


class PasskeyResetOut(BaseModel):
    """A reset and where it stands."""

    id: str
    passkey_id: str
    subject_id: str
    state: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    @classmethod
    def of(cls, reset: PasskeyReset) -> "PasskeyResetOut":
        """The wire form."""
        return cls(
            id=reset.reset_id,
            passkey_id=reset.passkey_id,
            subject_id=reset.person,
            state=reset.state.value,
            requested_by=reset.requested_by,
            requested_at=reset.requested_at,
            decided_by=reset.decided_by,
            decided_at=reset.decided_at,
        )


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except ValueError as err:
        raise InputInvalid("Giá trị không phải base64url.", "A value is not base64url.") from err
