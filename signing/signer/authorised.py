"""Signing under an authorisation: the digest is used up durably before the key is touched.

1. The attributes are read, the authorisation must cover them now. 2. The digest is taken for exactly these bytes,
committed. 3. The key signs. 4. The signature is kept beside the digest, committed; where the chain of key uses lies in
the same database, its entry is written in the same transaction. 5. It is released.

A signer that dies between 2 and 4 leaves a digest that is taken: other bytes over it are never signed under this
authorisation any more (AUTHORISATION_REPLAYED). The very same bytes are, while it is in force: nothing of the first
attempt got out, and of several attempts at once the first signature that is kept is everybody's. Who lost the answer
after 4 and asks for the very same bytes gets the same signature again.
Knows no passkey: whether the holder agreed stands in the record.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from signing.authorisation import (
    Authorisation,
    DigestState,
    require_hash_usable,
    require_not_begun,
    require_usable,
)
from signing.authorisation_sql import Authorisations, Book, KeptKeys
from signing.errors import AuthorisationForeign, AuthorisationReplayed, KeyUseNotRecorded, KeyUseRefused
from signing.key_use_sql import AppendUses
from signing.keys import HashKeyStore, KeyKind, SignatureAlgorithm, require_hash
from signing.keys.recorded import KeyUse, hash_use_of, key_use_of
from signing.keys.shapes import SignedAttributes, shape_of

Covered = Callable[[Authorisation, datetime], str]
"""Gives the digest that is used up, or raises: the authorisation does not cover what shall be signed now."""
Told = Callable[[bytes], KeyUse]
"""Gives what the chain of key uses says of a signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """A digest that may be signed now, or was."""

    digest: str
    signature: bytes | None = None
    """The one that was made over the same bytes before."""
    is_ours: bool = True
    """False: it was taken before, for the same bytes, by somebody who died or is still at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisedKeys:
    """A ``HashKeyStore`` that signs what one authorisation covers and nothing else."""

    authorisation_id: str
    book: Book = field(repr=False)
    keys: HashKeyStore = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    binds_holders: bool = False
    """Who agreed must still be the key's keeper: an operator may have given it to another since."""
    chain: AppendUses | None = field(default=None, repr=False)
    """Writes into the chain of key uses where that lies in the book's database; None: ``keys`` records by itself."""

    def generate(self, key_id: str, kind: KeyKind) -> bytes:
        """Refuse: an authorisation makes no keys."""
        raise KeyUseRefused(f"an authorisation makes no {kind.value} key {key_id}")

    def public_key(self, key_id: str) -> bytes:
        """Return the public key; see ``KeyStore``."""
        return self.keys.public_key(key_id)

    def destroy(self, key_id: str) -> None:
        """Refuse: an authorisation destroys no keys."""
        raise KeyUseRefused(f"an authorisation does not destroy {key_id}")

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Sign CMS signed attributes over an authorised digest.

        Raises:
            KeyUseRefused: the bytes are something else. AuthorisationUnknown, AuthorisationRequired,
            AuthorisationClosed, AuthorisationForeign, AuthorisationExpired, AuthorisationReplayed; what the store
            raises: the digest is then as free as before, unless the process died.
        """
        attributes = shape_of(data)
        if not isinstance(attributes, SignedAttributes):
            raise KeyUseRefused("under an authorisation only the attributes of a document's signature are signed")
        return self._once(
            lambda authorisation, at: require_usable(authorisation, key_id, attributes, at),
            hashlib.sha256(data).hexdigest(),
            lambda: self.keys.sign(key_id, data, algorithm),
            lambda signature: key_use_of(key_id, data, algorithm, signature, self.clock()),
        )

    def sign_hash(self, key_id: str, value: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Sign a hash that its holder agreed to as such.

        Raises:
            AlgorithmNotSupported: a hash of another length. What ``sign`` raises.
        """
        require_hash(value, algorithm)
        return self._once(
            lambda authorisation, at: require_hash_usable(authorisation, key_id, value, at),
            hashlib.sha256(value).hexdigest(),
            lambda: self.keys.sign_hash(key_id, value, algorithm),
            lambda signature: hash_use_of(key_id, value, algorithm, signature, self.clock()),
        )

    def _once(self, covered: Covered, data_sha256: str, use: Callable[[], bytes], told: Told) -> bytes:
        """The signature that ``use`` makes, or the one that was made over the same bytes before."""
        taken = self._take(covered, data_sha256)
        if taken.signature is not None:
            return taken.signature
        try:
            signature = use()
            kept = self._keep(taken.digest, data_sha256, signature, told)
        except Exception:  # whatever it was: no signature was released, so none exists outside
            if taken.is_ours:
                with self.book.transaction() as tx:
                    Authorisations(tx).give_back(self.authorisation_id, taken.digest, data_sha256)
            raise
        if kept is None:  # ours is thrown away
            raise AuthorisationReplayed("the digest was used for something else meanwhile")
        return kept

    def _keep(self, digest: str, data_sha256: str, signature: bytes, told: Told) -> bytes | None:
        """The one signature over these bytes, kept: ours, or that of who was first; None: the digest is another's."""
        try:
            with self.book.transaction() as tx:
                authorisations = Authorisations(tx)
                is_kept = authorisations.finish(self.authorisation_id, digest, data_sha256, signature)
                if self.chain is not None:  # also of one that is thrown away: the key was used
                    self.chain(tx, (told(signature),))
                if is_kept:
                    return signature
                use = authorisations.use_of(self.authorisation_id, digest)
        except Exception as err:
            raise KeyUseNotRecorded("the signature could not be kept") from err
        return use.signature if use.data_sha256 == data_sha256 else None

    def _take(self, covered: Covered, data_sha256: str) -> _Taken:
        """The digest, taken for these bytes; or with the one signature that was made over them before."""
        with self.book.transaction() as tx:
            authorisations = Authorisations(tx)
            authorisation: Authorisation = authorisations.get(self.authorisation_id, to_change=True)
            # only now: who waited here for another one would else come before the moment at which that one started
            at = self.clock()
            digest = covered(authorisation, at)
            holder, key_id = authorisation.terms.person, authorisation.terms.key_id
            if self.binds_holders and KeptKeys(tx).get(key_id).holder != holder:
                raise AuthorisationForeign("the key has another keeper now")
            use = authorisations.use_of(self.authorisation_id, digest)
            if use.state is not DigestState.FREE and use.data_sha256 == data_sha256:
                return _Taken(digest=digest, signature=use.signature, is_ours=False)
            require_not_begun(use.state)
            if not authorisations.take(authorisation, digest, data_sha256, at):
                raise AuthorisationReplayed("the digest was used a moment ago")
        return _Taken(digest=digest)
