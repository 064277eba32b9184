"""What a key may sign at all: the guard between whoever asks and the keys.

An authority signs certificates and revocation lists in its own name, a responder OCSP answers in its own, a
time-stamp unit time-stamps, a holder's key what its holder authorised. What a key is for is learned from the
certificate that an authority of ours is asked to sign for it, or from its own when it signs itself, and is never
changed. Knows shapes of bytes and purposes; believes nothing that the caller says about a key.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.serialization import load_der_public_key

from signing.authorisation_sql import Book, KeptKey, KeptKeys, KeyPurpose
from signing.errors import AuthorisationRequired, KeyUseRefused
from signing.identity import load_certificate
from signing.keys import ALGORITHM_OF_KIND, HashKeyStore, KeyKind, SignatureAlgorithm, kind_of_spki
from signing.keys.der import SEQUENCE, DerError, DerReader
from signing.keys.shapes import (
    DATA,
    OCSP_SIGNING,
    TIME_STAMPING,
    TST_INFO,
    OcspAnswer,
    RequestInfo,
    Shape,
    SignedAttributes,
    TbsCertificate,
    TbsCertList,
    shape_of,
)
from signing.keys.signatures import is_signed_by
from signing.signer.authorised import AuthorisedKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedKeys:
    """A key store that refuses what does not belong to a key's purpose."""

    keys: HashKeyStore = field(repr=False)
    book: Book = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    service_policies: frozenset[bytes]
    """Certificate policies (object identifiers, DER) of the platform's own seals."""

    def generate(self, key_id: str, kind: KeyKind) -> bytes:
        """Make a key whose purpose is not known yet."""
        spki = self.keys.generate(key_id, kind)
        with self.book.transaction() as tx:
            KeptKeys(tx).add(key_id, spki)
        return spki

    def public_key(self, key_id: str) -> bytes:
        """Return the public key; see ``KeyStore``."""
        return self.keys.public_key(key_id)

    def destroy(self, key_id: str) -> None:
        """Destroy a key, but no authority's: that is done at the device, by people who stand there.

        Raises:
            KeyUseRefused: it is an authority's. KeyNotFound.
        """
        with self.book.reading() as tx:
            if KeptKeys(tx).get(key_id).purpose is KeyPurpose.AUTHORITY:
                raise KeyUseRefused("an authority's key is not destroyed from here")
        self.keys.destroy(key_id)
        with self.book.transaction() as tx:
            KeptKeys(tx).remove(key_id)

    def sign(
        self, key_id: str, data: bytes, algorithm: SignatureAlgorithm, authorisation_id: str | None = None
    ) -> bytes:
        """Sign what the key is for.

        Raises:
            KeyUseRefused: the bytes are nothing that this key signs. AuthorisationRequired: a holder's key without
            an authorisation. What ``AuthorisedKeys.sign`` and the store raise.
        """
        shape = shape_of(data)
        if shape is None:
            raise KeyUseRefused("what shall be signed is nothing that is signed here")
        with self.book.reading() as tx:
            key = KeptKeys(tx).get(key_id)
        if isinstance(shape, TbsCertificate):
            self._require_certifier(key, shape)
        else:
            self._require_purpose(key, shape)
        if key.purpose is KeyPurpose.HOLDER and isinstance(shape, SignedAttributes):
            if authorisation_id is None:
                raise AuthorisationRequired("the key's holder has not authorised this")
            under = AuthorisedKeys(
                authorisation_id=authorisation_id, book=self.book, keys=self.keys, clock=self.clock, binds_holders=True
            )
            return under.sign(key_id, data, algorithm)
        return self.keys.sign(key_id, data, algorithm)

    def sign_hash(
        self, key_id: str, value: bytes, algorithm: SignatureAlgorithm, authorisation_id: str | None
    ) -> bytes:
        """Sign a hash: with a holder's key only, and only what its holder agreed to as a hash.

        Raises:
            KeyUseRefused: the key is no holder's. AuthorisationRequired: nobody agreed.
            What ``AuthorisedKeys.sign_hash`` and the store raise.
        """
        with self.book.reading() as tx:
            key = KeptKeys(tx).get(key_id)
        # whatever an authority, a responder or a time-stamp unit signs is looked at first
        if key.purpose is not KeyPurpose.HOLDER:
            raise KeyUseRefused("this is not what the key is for")
        if authorisation_id is None:
            raise AuthorisationRequired("the key's holder has not authorised this")
        under = AuthorisedKeys(
            authorisation_id=authorisation_id, book=self.book, keys=self.keys, clock=self.clock, binds_holders=True
        )
        return under.sign_hash(key_id, value, algorithm)

    def require_issued_here(self, certificate: bytes) -> None:
        """Do nothing for a certificate (DER) that an authority of ours signed: what it says is then true.

        Raises:
            KeyUseRefused: nobody here issued it, or it was changed.
        """
        given = load_certificate(certificate)
        with self.book.reading() as tx:
            authorities = KeptKeys(tx).authorities(given.issuer.public_bytes())
        for authority in authorities:
            kind = kind_of_spki(spki := self.keys.public_key(authority.key_id))
            signed = (load_der_public_key(spki), given.tbs_certificate_bytes, given.signature)
            if is_signed_by(*signed, ALGORITHM_OF_KIND[kind]):
                return
        raise KeyUseRefused("the certificate was not issued by an authority of ours")

    def adopt(self, key_id: str, certificate: bytes) -> KeptKey:
        """Learn a key's purpose from a certificate (DER) that exists: for keys that were certified elsewhere.

        Only at the signer itself, by its operator.

        Raises:
            KeyUseRefused: the certificate is not the key's, or the key is for something else. KeyNotFound.
        """
        tbs = shape_of(load_certificate(certificate).tbs_certificate_bytes)
        spki = self.keys.public_key(key_id)
        if not isinstance(tbs, TbsCertificate) or tbs.spki != spki:
            raise KeyUseRefused("the certificate is not that of the key")
        with self.book.transaction() as tx:
            keys = KeptKeys(tx)
            keys.add(key_id, spki)
            self._learn(keys, key_id, tbs)
            return keys.get(key_id)

    def release_holder(self, key_id: str) -> None:
        """Let another person authorise from now on: a seal got another keeper. Only at the signer itself.

        Raises:
            KeyNotFound.
        """
        with self.book.transaction() as tx:
            KeptKeys(tx).get(key_id)
            KeptKeys(tx).release_holder(key_id)

    def _require_certifier(self, key: KeptKey, certificate: TbsCertificate) -> None:
        """An authority signs in its own name; a new root signs itself. What is certified is learned first."""
        with self.book.transaction() as tx:
            keys = KeptKeys(tx)
            subject = keys.by_public_key(certificate.spki)
            is_itself = subject is not None and subject.key_id == key.key_id
            if key.purpose is None and is_itself and certificate.is_ca and certificate.subject == certificate.issuer:
                self._learn(keys, key.key_id, certificate)  # a root begins
                return
            if key.purpose is not KeyPurpose.AUTHORITY or certificate.issuer != key.name:
                raise KeyUseRefused("only an authority signs certificates, and in its own name")
            # an authority that we do not keep could certify anything: none is made from here
            if certificate.is_ca and (subject is None or not key.certifies_authorities):
                raise KeyUseRefused("this authority certifies no other authority")
            if subject is not None:
                self._learn(keys, subject.key_id, certificate)

    def _learn(self, keys: KeptKeys, key_id: str, certificate: TbsCertificate) -> None:
        may_certify = certificate.is_ca and certificate.path_length != 0
        keys.learn(key_id, self._purpose_of(certificate), certificate.subject, certifies_authorities=may_certify)

    def _purpose_of(self, certificate: TbsCertificate) -> KeyPurpose:
        if certificate.is_ca:
            return KeyPurpose.AUTHORITY
        if OCSP_SIGNING in certificate.extended_key_usage:
            return KeyPurpose.OCSP
        if TIME_STAMPING in certificate.extended_key_usage:
            return KeyPurpose.TSA
        is_service = bool(self.service_policies.intersection(certificate.policies))
        return KeyPurpose.SERVICE if is_service else KeyPurpose.HOLDER

    def _require_purpose(self, key: KeptKey, shape: Shape) -> None:
        match shape:
            case TbsCertList():
                fits = key.purpose is KeyPurpose.AUTHORITY and shape.issuer == key.name
            case OcspAnswer():
                fits = key.purpose is KeyPurpose.OCSP and self._is_itself(key, shape)
            case SignedAttributes(content_type=content) if content == TST_INFO:
                fits = key.purpose is KeyPurpose.TSA
            case SignedAttributes(content_type=content) if content == DATA:
                fits = key.purpose in {KeyPurpose.HOLDER, KeyPurpose.SERVICE}
            case RequestInfo():
                # a key may ask for a certificate about itself, an authority's only at its ceremony
                fits = key.purpose in {None, KeyPurpose.HOLDER} and shape.spki == self.keys.public_key(key.key_id)
            case _:
                fits = False
        if not fits:
            raise KeyUseRefused("this is not what the key is for")

    def _is_itself(self, key: KeptKey, answer: OcspAnswer) -> bool:
        """Whether the responder that the answer names is the key's own."""
        if answer.responder_name is not None:
            return answer.responder_name == key.name
        return answer.responder_key_sha1 == _key_sha1(self.keys.public_key(key.key_id))


def _key_sha1(spki: bytes) -> bytes:
    """RFC 6960 §4.2.1: the SHA-1 of the public key's BIT STRING, without tag, length and unused bits."""
    try:
        inside = DerReader(spki).inside(SEQUENCE)
        inside.content(SEQUENCE)
        bits = inside.content(0x03)
    except DerError as err:
        raise KeyUseRefused("the key's public half cannot be read") from err
    return hashlib.sha1(bits[1:], usedforsecurity=False).digest()
