"""A CSC client gets a new SAD for the rest of an authorised batch; the old one is dead (CSC API 2.0 §11.9).

Knows authorisations and activations. Authorises nothing new: hashes that the holder did not agree to are refused.
"""

from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller
from api.errors import CscRequestRefused
from api.records.csc_activations import ActivationState
from api.services import Services
from api.usecases.authorise_signature import own_authorisation
from api.usecases.csc_activation import GivenActivation, give_activation, own_activation, unused_hashes


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendTransaction:
    """Which SAD is exchanged, and for which of the hashes that are left."""

    credential_id: str
    sad: str = field(repr=False)
    hashes: tuple[bytes, ...]


def extend_transaction(command: ExtendTransaction, services: Services, caller: Caller, at: datetime) -> GivenActivation:
    """The new SAD.

    Raises:
        CscRequestRefused: no such SAD of the caller's, its time is over, it was exchanged before; no hashes, or one
        that is not authorised or was used.
    """
    old = own_activation(command.sad, command.credential_id, services, caller, at)
    if old.state is ActivationState.REPLACED:
        raise CscRequestRefused("Invalid parameter SAD")
    if not command.hashes:  # SCAL2
        raise CscRequestRefused("Missing (or invalid type) array parameter hash")
    authorisation = own_authorisation(old.authorisation_id, services, caller)
    wanted = tuple(one.hex() for one in command.hashes)
    if not set(wanted) <= unused_hashes(authorisation, services) or len(set(wanted)) != len(wanted):
        raise CscRequestRefused("Hash is not authorized by the SAD")
    return give_activation(
        authorisation, services, caller, at, certificate_id=old.certificate_id, hashes=wanted, after=old
    )
