"""Signing under an authorisation: the digest is used up durably before the key is touched.

1. The attributes are read, the authorisation must cover them now. 2. The digest is taken, committed. 3. The key
signs. 4. The signature is kept beside the digest, committed. 5. It is released. A signer that dies between 2 and 4
leaves a taken digest: it is never signed again under this authorisation (AUTHORISATION_REPLAYED), its holder
authorises it anew. Who lost the answer after 4 and asks for the very same bytes gets the same signature again.
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
from signing.errors import AuthorisationForeign, AuthorisationReplayed, KeyUseRefused
from signing.keys import HashKeyStore, KeyKind, SignatureAlgorithm, require_hash
from signing.keys.shapes import SignedAttributes, shape_of

Covered = Callable[[Authorisation, datetime], str]
"""Gives the digest that is used up, or raises: the authorisation does not cover what shall be signed now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisedKeys:
    """A ``HashKeyStore`` that signs what one authorisation covers and nothing else."""

    authorisation_id: str
    book: Book = field(repr=False)
    keys: HashKeyStore = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    binds_holders: bool = False
    """Who agreed must still be the key's keeper: an operator may have given it to another since."""

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
        )

    def _once(self, covered: Covered, data_sha256: str, use: Callable[[], bytes]) -> bytes:
        """The signature that ``use`` makes, or the one that was made over the same bytes before."""
        digest, earlier = self._take(covered, data_sha256)
        if earlier is not None:
            return earlier
        try:
            signature = use()
        except Exception:  # whatever it was: no signature was released, so none exists outside
            with self.book.transaction() as tx:
                Authorisations(tx).give_back(self.authorisation_id, digest)
            raise
        with self.book.transaction() as tx:
            Authorisations(tx).finish(self.authorisation_id, digest, signature)
        return signature

    def _take(self, covered: Covered, data_sha256: str) -> tuple[str, bytes | None]:
        """The digest, taken by us; or with the one signature that was made over these very bytes before."""
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
            if use.state is DigestState.SIGNED and use.data_sha256 == data_sha256 and use.signature is not None:
                return digest, use.signature
            require_not_begun(use.state)
            if not authorisations.take(authorisation, digest, data_sha256, at):
                raise AuthorisationReplayed("the digest was used a moment ago")
        return digest, None
