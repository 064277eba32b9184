"""The desk in this process: it checks passkeys itself and writes everything into its own book.

Knows the rules of who vouches for whom and the order of checks. Must not know sockets, roles or settings.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.authorisation import (
    KEPT_FOR,
    NONCE_BYTES,
    TIME_TO_REGISTER,
    Assertion,
    Authorisation,
    AuthorisationState,
    EvidenceKind,
    SigningPurpose,
    Terms,
    challenge_of,
    check_assertion,
    confirmation_challenge,
    confirmed,
    read_registration,
    require_person,
)
from signing.authorisation_sql import Authorisations, Book, KeptKeys, Passkey, Passkeys, PasskeyState
from signing.errors import (
    AuthorisationClosed,
    AuthorisationForeign,
    AuthorisationMalformed,
    AuthorisationWrong,
    KeyUseRefused,
    PasskeyRefused,
    PasskeyUnknown,
)
from signing.identity import load_certificate
from signing.key_use_sql import AppendUses
from signing.keys import HashKeyStore
from signing.keys.shapes import TbsCertificate, shape_of
from signing.signer.authorised import AuthorisedKeys
from signing.signer.desk import DeskPolicy, Evidence, Order

_MAX_LABEL = 64
_MAX_PERSON = 40
_MAX_PASSKEYS = 20  # of one person; also those that were just begun
_FORGOTTEN_AT_ONCE = 10
"""Old records that go with each new one: more than come in, so they never pile up and nobody waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDesk:
    """The ``Desk`` over a book and a key store."""

    book: Book = field(repr=False)
    keys: HashKeyStore = field(repr=False)
    policy: DeskPolicy
    clock: Callable[[], datetime] = field(repr=False)
    new_id: Callable[[str], str] = field(repr=False)
    """Makes an id with a prefix."""
    entropy: Callable[[int], bytes] = field(repr=False)
    """That many octets from a cryptographic random source."""
    chain: AppendUses | None = field(default=None, repr=False)
    """See ``AuthorisedKeys``: how uses are recorded where ``keys`` does not do it by itself."""

    def start_passkey(self, person: str, label: str) -> Passkey:
        """Begin to register a passkey; see ``Desk``."""
        if not 0 < len(label) <= _MAX_LABEL or not 0 < len(person) <= _MAX_PERSON:
            raise AuthorisationMalformed(f"a label has 1 to {_MAX_LABEL} characters, a person an id")
        at = self.clock()
        passkey = Passkey(
            passkey_id=self.new_id("pk"),
            person=person,
            label=label,
            state=PasskeyState.STARTED,
            challenge=self.entropy(NONCE_BYTES),
            key=None,
            is_officer=False,
            created_at=at,
        )
        with self.book.transaction() as tx:
            passkeys = Passkeys(tx)
            passkeys.forget_started(at - TIME_TO_REGISTER, _FORGOTTEN_AT_ONCE)
            if len(passkeys.listed(person)) >= _MAX_PASSKEYS:
                raise PasskeyRefused("too many passkeys: remove one first")
            passkeys.add(passkey)
        return passkey

    def register_passkey(self, passkey_id: str, person: str, client_data: bytes, attestation: bytes) -> Passkey:
        """Take the browser's answer; see ``Desk``."""
        at = self.clock()
        with self.book.transaction() as tx:
            passkeys = Passkeys(tx)
            passkey = passkeys.get(passkey_id)
            if passkey.person != person:  # another person's is as good as none
                raise PasskeyUnknown("there is no such passkey")
            if passkey.state is not PasskeyState.STARTED:
                raise PasskeyRefused("this registration is over")
            if not passkey.created_at <= at <= passkey.created_at + TIME_TO_REGISTER:
                raise PasskeyRefused("this registration was begun too long ago: begin again")
            key = read_registration(client_data, attestation, passkey.challenge, self.policy.party)
            passkeys.register(passkey_id, key)
            return passkeys.get(passkey_id)

    def confirm_passkey(self, passkey_id: str, by: str, assertion: Assertion | None) -> Passkey:
        """Put a registered passkey into force; see ``Desk``."""
        at = self.clock()
        with self.book.transaction() as tx:
            passkeys = Passkeys(tx)
            passkey = passkeys.get(passkey_id)
            if passkey.person == by:
                raise PasskeyRefused("another person vouches for a passkey")
            if passkey.key is None:
                raise PasskeyRefused("only a registered passkey can be confirmed")
            if assertion is not None:
                challenge = confirmation_challenge(
                    passkey_id=passkey_id,
                    person=passkey.person,
                    credential_id=passkey.key.credential_id,
                    spki=passkey.key.spki,
                )
                officer = self._answered(passkeys, assertion, challenge)
                if not officer.is_officer or officer.person != by:
                    raise PasskeyRefused("an officer's own passkey vouches for others")
            elif self.policy.needs_officers:
                raise PasskeyRefused("an officer's passkey has to vouch")
            passkeys.activate(passkey_id, by=by, at=at, is_officer=False)
            return passkeys.get(passkey_id)

    def admit_officer(self, passkey_id: str, operator: str) -> Passkey:
        """Put a registered passkey into force as an officer's: only at the signer itself, never over its socket.

        Raises:
            PasskeyUnknown, PasskeyRefused.
        """
        with self.book.transaction() as tx:
            passkeys = Passkeys(tx)
            passkeys.get(passkey_id)
            passkeys.activate(passkey_id, by=operator, at=self.clock(), is_officer=True)
            return passkeys.get(passkey_id)

    def passkeys(self, person: str | None) -> tuple[Passkey, ...]:
        """The passkeys of a person, or everybody's."""
        with self.book.reading() as tx:
            return Passkeys(tx).listed(person)

    def remove_passkey(self, passkey_id: str) -> None:
        """Forget a passkey; see ``Desk``."""
        with self.book.transaction() as tx:
            Passkeys(tx).remove(passkey_id)

    def open(self, order: Order) -> Authorisation:
        """Begin an authorisation; see ``Desk``."""
        public = load_certificate(order.certificate).public_key()
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if spki != self.keys.public_key(order.key_id):
            raise AuthorisationForeign("the certificate is not that of the key")
        if order.purpose is SigningPurpose.SIGN_HASH:
            _require_policy(order.certificate, self.policy.hash_policies)
        at = self.clock()
        terms = Terms(
            authorisation_id=self.new_id("sad"),
            person=order.person,
            key_id=order.key_id,
            certificate_sha256=hashlib.sha256(order.certificate).hexdigest(),
            digests=order.digests,
            purpose=order.purpose,
            capacity=order.capacity,
            issued_at=at,
            nonce=self.entropy(NONCE_BYTES).hex(),
        )
        opened = Authorisation(terms=terms, certificate=order.certificate, state=AuthorisationState.OPEN)
        with self.book.transaction() as tx:
            authorisations = Authorisations(tx)
            authorisations.forget(at - KEPT_FOR, _FORGOTTEN_AT_ONCE)
            authorisations.add(opened)
        return opened

    def confirm(self, authorisation_id: str, person: str, evidence: Evidence) -> Authorisation:
        """The holder agrees; see ``Desk``."""
        kind = evidence if isinstance(evidence, EvidenceKind) else EvidenceKind.PASSKEY
        if kind not in self.policy.accepts or evidence is EvidenceKind.PASSKEY:
            raise AuthorisationWrong(f"this is no proof here: {kind.value}")
        with self.book.transaction() as tx:
            authorisations = Authorisations(tx)
            authorisation = authorisations.get(authorisation_id, to_change=True)
            agreed = confirmed(authorisation, person, kind, self.clock())
            if isinstance(evidence, Assertion):
                holder = self._answered(Passkeys(tx), evidence, challenge_of(authorisation.terms))
                if holder.person != person:
                    raise AuthorisationForeign("another person's passkey answered")
            if self.policy.binds_holders:
                _bind_holder(KeptKeys(tx), authorisation.terms.key_id, person)
            authorisations.confirm(agreed)
        return agreed

    def cancel(self, authorisation_id: str, person: str) -> Authorisation:
        """The holder takes it back; see ``Desk``."""
        with self.book.transaction() as tx:
            authorisations = Authorisations(tx)
            before = authorisations.get(authorisation_id, to_change=True)
            require_person(before, person)
            if before.state is AuthorisationState.CANCELLED:
                raise AuthorisationClosed("the authorisation was cancelled already")
            after = replace(before, state=AuthorisationState.CANCELLED)
            authorisations.cancel(after, before.state)
        return after

    def get(self, authorisation_id: str) -> Authorisation:
        """An authorisation as it stands; see ``Desk``."""
        with self.book.reading() as tx:
            return Authorisations(tx).get(authorisation_id)

    def keys_for(self, authorisation_id: str) -> HashKeyStore:
        """A key store that signs what this authorisation covers; see ``Desk``."""
        return AuthorisedKeys(
            authorisation_id=authorisation_id, book=self.book, keys=self.keys, clock=self.clock, chain=self.chain
        )

    def answers(self) -> bool:
        """It does: it is in this process."""
        return True

    def close(self) -> None:
        """Nothing is held open: the book's owner closes it."""

    def _answered(self, passkeys: Passkeys, assertion: Assertion, challenge: bytes) -> Passkey:
        """The passkey that answered to this challenge; its counter is remembered with the caller's transaction."""
        passkey = passkeys.by_credential(assertion.credential_id)
        if passkey.key is None:  # an active passkey has one
            raise AuthorisationWrong("the passkey has no key")
        passkeys.count(passkey, check_assertion(assertion, passkey.key, challenge, self.policy.party))
        return passkey


def _bind_holder(keys: KeptKeys, key_id: str, person: str) -> None:
    try:
        keys.bind_holder(key_id, person)
    except KeyUseRefused as err:
        raise AuthorisationForeign("the key belongs to another person") from err


def _require_policy(certificate: bytes, allowed: frozenset[bytes]) -> None:
    """A hash could be of anything: only credentials of the named kinds sign one."""
    tbs = shape_of(load_certificate(certificate).tbs_certificate_bytes)
    if not isinstance(tbs, TbsCertificate) or not allowed.intersection(tbs.policies):
        raise KeyUseRefused("this credential signs documents, not hashes")
