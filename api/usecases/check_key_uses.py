"""Checks the chain of key uses: whole in itself, in agreement with the heads in the audit ledger and with the register.

A certificate in the register without its entry was signed behind the chain's back, or the entry is gone; an entry
without its certificate was signed behind the register's back. Knows chain, ledger and register; changes nothing.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from api.db import Tx
from api.records.registered_certificates import registered_certificates
from signing.key_use_sql import KeyUses
from signing.keys.recorded import KeyUseHead, KeyUseReport
from vault.ledger_sql import EntryFilter, LedgerSql

ANCHORED_BY: Final = "maintain_vault"
"""The action whose entries in the audit ledger carry the chain's head."""
SEQUENCE_DETAIL: Final = "key_uses"
HEAD_DETAIL: Final = "key_use_head"
_ANCHORS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUseAudit:
    """What the check found."""

    chain: KeyUseReport
    unrecorded_certificate: str | None
    """The first certificate of the register whose signature has no entry."""
    unregistered_entry: int | None
    """Number of the first entry about a certificate that the register does not know."""

    @property
    def is_good(self) -> bool:
        """Nothing is missing, changed or unaccounted for."""
        return self.chain.is_whole and self.unrecorded_certificate is None and self.unregistered_entry is None

    def describe(self) -> str:
        """One line for an operator; the first thing that is wrong is named."""
        if not self.chain.is_whole:
            return self.chain.describe()
        if self.unrecorded_certificate is not None:
            return f"certificate {self.unrecorded_certificate} was signed without an entry"
        if self.unregistered_entry is not None:
            return f"entry {self.unregistered_entry} is of a certificate that the register does not know"
        return self.chain.describe()


def head_details(tx: Tx) -> tuple[tuple[str, str], ...]:
    """The chain's head as details of an entry in the audit ledger, whose own head is kept in the object store."""
    head = KeyUses(tx).head()
    # a letter before the number: nine digits alone would look like a person's number
    return ((SEQUENCE_DETAIL, f"n{head.sequence}"), (HEAD_DETAIL, head.entry_hash))


def check_key_uses(tx: Tx) -> KeyUseAudit:
    """Follow the whole chain, then compare it with every certificate of the register."""
    uses = KeyUses(tx)
    chain = uses.check(anchors=_recorded_heads(tx))
    entered = {bytes.fromhex(digest): sequence for sequence, digest in uses.certificates()}
    missing = None
    for certificate in registered_certificates(tx):
        digest = hashlib.sha256(certificate.tbs).digest()
        is_entered = entered.pop(digest, None) is not None
        if certificate.der is not None and not is_entered and missing is None:
            missing = certificate.certificate_id
    return KeyUseAudit(
        chain=chain,
        unrecorded_certificate=missing,
        unregistered_entry=min(entered.values(), default=None),
    )


def _recorded_heads(tx: Tx) -> Iterator[KeyUseHead]:
    for entry in LedgerSql(tx).entries(EntryFilter(action=ANCHORED_BY), limit=_ANCHORS):
        details = dict(entry.event.details)
        number, digest = details.get(SEQUENCE_DETAIL, "")[1:], details.get(HEAD_DETAIL)
        if number.isdecimal() and digest is not None and number != "0":
            yield KeyUseHead(sequence=int(number), entry_hash=digest)
