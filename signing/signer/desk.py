"""What holders agree to, and with which passkeys: the desk in front of the keys.

Two desks exist: the one in this process (embedded profile, and inside the signer) and the one that asks the signer.
Knows persons by id only. Must not know roles, accounts or HTTP.
"""

from dataclasses import dataclass
from typing import Protocol

from signing.authorisation import Assertion, Authorisation, EvidenceKind, RelyingParty, SigningPurpose
from signing.authorisation_sql import Passkey
from signing.keys import HashKeyStore

Evidence = Assertion | EvidenceKind
"""A passkey's answer; or the kind of a proof that was checked before, where the desk takes anybody's word for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPolicy:
    """What a desk insists on."""

    party: RelyingParty
    accepts: frozenset[EvidenceKind]
    """By what holders may agree. A signer of its own takes passkeys only: it sees nothing else for itself."""
    needs_officers: bool
    """New passkeys are vouched for by an officer's passkey, not by the word of whoever calls."""
    binds_holders: bool
    """A key belongs to the first person who authorised its use, until an operator says otherwise."""
    hash_policies: frozenset[bytes] = frozenset()
    """Certificate policies (object identifiers, DER) of the credentials that sign a hash without the document.

    Empty: nobody's. Never those of a seal: it is set only on a file whose person's signature was checked (I11).
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody wants to sign."""

    person: str
    key_id: str
    certificate: bytes
    """DER; its public key is that of ``key_id``."""
    digests: tuple[str, ...]
    purpose: SigningPurpose
    capacity: str | None = None


class Desk(Protocol):
    """Authorisations and passkeys. Every call is atomic and durable when it returns.

    All methods may raise KeyUnavailable when the signer does not answer.
    """

    def start_passkey(self, person: str, label: str) -> Passkey:
        """Begin to register a passkey; its ``challenge`` goes to the browser."""
        ...

    def register_passkey(self, passkey_id: str, person: str, client_data: bytes, attestation: bytes) -> Passkey:
        """Take the browser's answer; the passkey waits for a second person.

        Raises:
            PasskeyUnknown, PasskeyRefused, AuthorisationWrong, AuthorisationMalformed.
        """
        ...

    def confirm_passkey(self, passkey_id: str, by: str, assertion: Assertion | None) -> Passkey:
        """Put a registered passkey into force: another person vouches that it is the holder's.

        Raises:
            PasskeyUnknown; PasskeyRefused: not registered, the same person, or an officer's passkey is needed.
            AuthorisationWrong, AuthorisationMalformed: the officer's answer proves nothing.
        """
        ...

    def passkeys(self, person: str | None) -> tuple[Passkey, ...]:
        """The passkeys of a person, or everybody's."""
        ...

    def remove_passkey(self, passkey_id: str) -> None:
        """Forget a passkey. Whoever calls can only take away with this, never give.

        Raises:
            PasskeyUnknown.
        """
        ...

    def open(self, order: Order) -> Authorisation:
        """Begin an authorisation; its challenge goes to the holder's passkey.

        Raises:
            AuthorisationMalformed; AuthorisationForeign: the certificate is not that of the key.
            KeyUseRefused: it is of a kind that signs no hashes.
        """
        ...

    def confirm(self, authorisation_id: str, person: str, evidence: Evidence) -> Authorisation:
        """The holder agrees.

        Raises:
            AuthorisationUnknown, AuthorisationForeign, AuthorisationClosed, AuthorisationExpired,
            AuthorisationWrong, AuthorisationMalformed, PasskeyUnknown.
        """
        ...

    def cancel(self, authorisation_id: str, person: str) -> Authorisation:
        """The holder takes it back; what was signed stays signed.

        Raises:
            AuthorisationUnknown, AuthorisationForeign, AuthorisationClosed.
        """
        ...

    def get(self, authorisation_id: str) -> Authorisation:
        """An authorisation as it stands.

        Raises:
            AuthorisationUnknown.
        """
        ...

    def keys_for(self, authorisation_id: str) -> HashKeyStore:
        """A key store that signs what this authorisation covers and nothing else."""
        ...

    def answers(self) -> bool:
        """Whether keys can be asked for now."""
        ...

    def close(self) -> None:
        """Give back what the desk holds open."""
        ...
