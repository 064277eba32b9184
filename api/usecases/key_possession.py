"""One key, one certificate: whether a public key may stand in the certificate of a request.

Knows the register and the open requests. Must not know how possession is proved.
"""

import hashlib
from typing import Final

from api.db import Tx
from api.errors import CertKeyInUse
from signing.registry import CertificateStatus
from signing.registry_sql import CertificateRequest, RegistrySql, RequestsSql

_DIGITS: Final = 32  # of the fingerprint; a counter's name has 48 characters


def require_unused_key(tx: Tx, request: CertificateRequest, spki: bytes) -> None:
    """Do nothing when no certificate and no other open request has this key; one decision for each key at a time.

    A revoked or expired certificate counts: its key is not used again. A record that was void before it was signed
    does not.

    Args:
        tx: a writing transaction.
        request: whose certificate will name the key.
        spki: SubjectPublicKeyInfo, DER.

    Raises:
        CertKeyInUse: another one has it.
    """
    fingerprint = hashlib.sha256(spki).hexdigest()
    registry = RegistrySql(tx)
    registry.take_turn(f"key:{fingerprint[:_DIGITS]}")
    certificates = [
        one
        for one in registry.by_key(fingerprint)
        if one.status is not CertificateStatus.VOIDED and one.request_id != request.request_id
    ]
    requests = [one for one in RequestsSql(tx).open_with_key(spki) if one.request_id != request.request_id]
    if certificates or requests:
        raise CertKeyInUse
