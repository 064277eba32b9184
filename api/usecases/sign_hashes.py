"""Signs hashes for a CSC client: each one that the holder agreed to, once, under a SAD that is used up (§11.9, §11.10).

Knows SADs, the register and the desk. The key is used outside any transaction, under the desk's authorisation.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller
from api.errors import AnsoError, CscRequestRefused
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.csc_activation import give_back, own_activation, use_activation
from api.usecases.csc_credential import csc_certificate, require_hashes
from api.usecases.signing_parts import credential_of
from signing.errors import SigningError
from signing.keys import SignatureAlgorithm, require_key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SignHashes:
    """Which hashes shall be signed with which credential under which SAD."""

    credential_id: str
    sad: str = field(repr=False)
    hashes: tuple[bytes, ...]
    algorithm: SignatureAlgorithm
    """What the client asks for; a key signs with its own algorithm only."""


def sign_hashes(command: SignHashes, services: Services, caller: Caller, at: datetime) -> tuple[bytes, ...]:
    """The signature values, in the order of the hashes; all or none are given.

    Whoever is refused because the key was away may present the same SAD again: what was signed meanwhile is given
    again and not signed again.

    Raises:
        CscRequestRefused: SAD, hashes or algorithm are not those that were authorised. What `csc_certificate` raises;
        KeyUnavailable, KeyUseNotRecorded: not now. AuthorisationError: the desk refuses.
    """
    activation = own_activation(command.sad, command.credential_id, services, caller, at)
    with services.db.reading() as tx:
        credential = credential_of(tx, csc_certificate(tx, command.credential_id, caller, at))
    if command.algorithm is not credential.algorithm:
        raise CscRequestRefused("Invalid parameter signAlgo")
    wanted = require_hashes(command.hashes, credential.algorithm)
    use_activation(activation, wanted, services)
    keys = services.desk.keys_for(activation.authorisation_id)
    try:
        require_key_of(credential, keys)
        values = tuple(keys.sign_hash(credential.key_id, one, credential.algorithm) for one in command.hashes)
    except (AnsoError, SigningError):
        give_back(activation, services)
        raise
    event = event_of(
        caller,
        "sign_hashes",
        at,
        object_type="signature_authorisation",
        object_id=activation.authorisation_id,
        details=(
            ("count", str(len(wanted))),
            ("hashes_sha256", hashlib.sha256(" ".join(wanted).encode()).hexdigest()),
        ),
    )
    with services.db.transaction() as tx:
        services.audit.append(tx, event)
    return values
