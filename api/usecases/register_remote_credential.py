"""An RA officer records at which provider the key of a certificate is; the provider must show that very certificate.

Knows the register, imports and the provider's description. Grants nothing: whether the certificate counts was decided
when it was issued or imported, and who may sign with it is asked each time.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import CertificateKeyHere, RemoteProviderUnknown
from api.records.remote_credentials import RemoteCredentialRecord, RemoteCredentials
from api.remote_signers import ProviderClient
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.refusals import refusals_recorded
from api.usecases.signing_certificate import certificate_to_sign_with
from api.usecases.token_credential import token_credential
from signing.keys.remote_csc import RemoteCredential, most_at_once
from signing.registry import KeyDevice


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRemoteCredential:
    """Which certificate, at which provider, under which name there."""

    certificate_id: str
    provider: str
    credential_id: str


def register_remote_credential(
    command: RegisterRemoteCredential, services: Services, caller: Caller, at: datetime
) -> RemoteCredentialRecord:
    """The record, once the provider has shown the certificate.

    Raises:
        RemoteProviderUnknown: no such provider is configured. CertificateUnknown, ExternalCertUnconfirmed,
        OrganisationClosed, TokenKeyUnfit; CertificateKeyHere: its key is in our own store. RemoteCredentialChanged:
        the provider shows another one. RemoteSignerUnavailable, RemoteSignerRefused.
    """
    event = event_of(
        caller,
        "register_remote_credential",
        at,
        object_type="certificate",
        object_id=command.certificate_id,
        details=(("provider", command.provider),),
    )
    with refusals_recorded(event, services):
        with services.db.reading() as tx:
            credential = remote_credential(tx, command.certificate_id, command.credential_id, at)
        with services.remote_signers.place():
            most_at_once(provider_client(command.provider, services), credential)
        record = RemoteCredentialRecord(
            certificate_id=command.certificate_id,
            provider=command.provider,
            credential_id=command.credential_id,
            registered_by=caller.account_id,
            registered_at=at,
        )
        with services.db.transaction() as tx:
            RemoteCredentials(tx).put(record)
            services.audit.append(tx, event)
    return record


def remote_credential(tx: Tx, certificate_id: str, credential_id: str, at: datetime) -> RemoteCredential:
    """The credential in the words of the protocol's core; its certificate is the one that is recorded here.

    Raises:
        CertificateUnknown, ExternalCertUnconfirmed, OrganisationClosed, TokenKeyUnfit; CertificateKeyHere.
    """
    certificate = certificate_to_sign_with(tx, certificate_id, at)
    if certificate.key_device is not KeyDevice.TOKEN:
        raise CertificateKeyHere
    known = token_credential(tx, certificate)
    return RemoteCredential(credential_id=credential_id, certificate=known.certificate, algorithm=known.algorithm)


def provider_client(name: str, services: Services) -> ProviderClient:
    """The way to a configured provider.

    Raises:
        RemoteProviderUnknown: there is none of that name.
    """
    provider = services.remote_signers.named(name)
    if provider is None:
        raise RemoteProviderUnknown
    return ProviderClient(provider=provider, seconds=services.remote_signers.seconds)
