"""What each key that the signer keeps is for, learned once and never changed.

Knows the table. Whether a use fits the purpose is decided in ``signing.signer``.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from signing.authorisation_sql.tables import KEPT_KEYS
from signing.errors import KeyNotFound, KeyUseRefused


class KeyPurpose(StrEnum):
    """What a key may sign."""

    AUTHORITY = "authority"
    """Certificates and revocation lists in its own name."""
    OCSP = "ocsp"
    TSA = "tsa"
    HOLDER = "holder"
    """Documents, each one authorised by the holder: officials, citizens, agency seals."""
    SERVICE = "service"
    """The platform's own seal on receipts and reports: documents, without a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """One key and what it is for."""

    key_id: str
    purpose: KeyPurpose | None
    """None until the key was certified."""
    name: bytes | None
    """The subject that its certificate gave it (DER)."""
    certifies_authorities: bool
    """Whether it may certify other authorities: a root may, an issuing authority (path length 0) may not."""
    holder: str | None
    """The natural person who authorises its use; None before the first one did."""


class KeptKeys:
    """The table seen through one transaction."""

    def __init__(self, tx: sa.Connection) -> None:
        self._tx = tx

    def add(self, key_id: str, spki: bytes) -> None:
        """Record a new key; done twice for the same key it does nothing."""
        known = self._tx.execute(sa.select(KEPT_KEYS.c.key_id).where(KEPT_KEYS.c.key_id == key_id)).first()
        if known is None:
            values = {"key_id": key_id, "spki_sha256": _digest(spki), "certifies_authorities": False}
            self._tx.execute(sa.insert(KEPT_KEYS).values(values))

    def get(self, key_id: str) -> KeptKey:
        """A key.

        Raises:
            KeyNotFound: none of this id is kept.
        """
        row = self._tx.execute(sa.select(KEPT_KEYS).where(KEPT_KEYS.c.key_id == key_id)).one_or_none()
        if row is None:
            raise KeyNotFound(key_id)
        return _kept(row)

    def by_public_key(self, spki: bytes) -> KeptKey | None:
        """The key whose public half (SubjectPublicKeyInfo, DER) this is, when it is kept here."""
        row = self._tx.execute(sa.select(KEPT_KEYS).where(KEPT_KEYS.c.spki_sha256 == _digest(spki))).one_or_none()
        return None if row is None else _kept(row)

    def authorities(self, name: bytes) -> tuple[KeptKey, ...]:
        """The authorities' keys that certify in this name (DER)."""
        columns = KEPT_KEYS.c
        wanted = sa.select(KEPT_KEYS).where(columns.purpose == KeyPurpose.AUTHORITY.value, columns.name == name)
        return tuple(map(_kept, self._tx.execute(wanted)))

    def learn(self, key_id: str, purpose: KeyPurpose, name: bytes, *, certifies_authorities: bool) -> None:
        """Fix what a key is for; the same again is nothing new.

        Raises:
            KeyUseRefused: it is for something else already, or an authority would get another name.
        """
        key = self.get(key_id)
        if key.purpose is None:
            done = self._tx.execute(
                sa.update(KEPT_KEYS)
                .where(KEPT_KEYS.c.key_id == key_id, KEPT_KEYS.c.purpose.is_(None))
                .values(purpose=purpose.value, name=name, certifies_authorities=certifies_authorities)
            )
            if done.rowcount == 1:
                return
            key = self.get(key_id)  # somebody else was first
        is_authority = purpose is KeyPurpose.AUTHORITY
        if key.purpose is not purpose or (
            is_authority and (key.name, key.certifies_authorities) != (name, certifies_authorities)
        ):
            raise KeyUseRefused(f"{key_id} is kept for something else")

    def bind_holder(self, key_id: str, person: str) -> None:
        """Remember who authorises the use of this key; for ever, unless an operator releases it.

        Raises:
            KeyUseRefused: it is another person's.
        """
        self._tx.execute(
            sa.update(KEPT_KEYS).where(KEPT_KEYS.c.key_id == key_id, KEPT_KEYS.c.holder.is_(None)).values(holder=person)
        )
        if self.get(key_id).holder != person:
            raise KeyUseRefused(f"{key_id} belongs to another person")

    def release_holder(self, key_id: str) -> None:
        """Forget who authorises: a seal got another keeper. For the operator at the signer itself."""
        self._tx.execute(sa.update(KEPT_KEYS).where(KEPT_KEYS.c.key_id == key_id).values(holder=None))

    def remove(self, key_id: str) -> None:
        """Forget a destroyed key."""
        self._tx.execute(sa.delete(KEPT_KEYS).where(KEPT_KEYS.c.key_id == key_id))


def _kept(row: sa.Row[tuple[object, ...]]) -> KeptKey:
    stored = row._mapping  # noqa: SLF001 - SQLAlchemy's documented name for a row as a mapping
    return KeptKey(
        key_id=stored["key_id"],
        purpose=None if stored["purpose"] is None else KeyPurpose(stored["purpose"]),
        name=stored["name"],
        certifies_authorities=stored["certifies_authorities"],
        holder=stored["holder"],
    )


def _digest(spki: bytes) -> str:
    return hashlib.sha256(spki).hexdigest()
