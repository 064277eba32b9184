"""The signer: the one process that holds keys, its guard, its desk, and how others talk to it.

In the embedded profile the desk works inside the service. In production ``anso signer`` alone has device and PIN;
everybody else has ``RemoteKeyStore`` and ``RemoteDesk``.
"""

from signing.signer.authorised import AuthorisedKeys
from signing.signer.client import Link, RemoteDesk, RemoteKeyStore, answers
from signing.signer.desk import Desk, DeskPolicy, Evidence, Order
from signing.signer.guard import GuardedKeys
from signing.signer.local import LocalDesk
from signing.signer.operations import Signer, answer
from signing.signer.server import Limits, Server

__all__ = [
    "AuthorisedKeys",
    "Desk",
    "DeskPolicy",
    "Evidence",
    "GuardedKeys",
    "Limits",
    "Link",
    "LocalDesk",
    "Order",
    "RemoteDesk",
    "RemoteKeyStore",
    "Server",
    "Signer",
    "answer",
    "answers",
]
