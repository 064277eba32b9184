"""Prepared signatures get their values from an external provider: one authorisation for all of them, then completed.

The provider is to us what a holder's token is: prepared here, signed there, completed here, with the same checks before
and after. What was not answered stays prepared; whoever asks again has the rest signed and nothing stored twice.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller
from api.errors import InputInvalid, NotFound, RemoteCredentialMissing
from api.records.remote_credentials import RemoteCredentials
from api.records.signature_preparations import PreparationState, SignaturePreparation, SignaturePreparations
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.authorise_signature import require_own_holder
from api.usecases.complete_preparation import CompletePreparation, complete_preparations
from api.usecases.refusals import refusals_recorded
from api.usecases.register_remote_credential import provider_client, remote_credential
from api.usecases.signing_certificate import certificate_to_sign_with
from api.usecases.status_policy import require_provable_status
from api.usecases.waiting_signatures import Preparation
from signing.keys.remote_csc import Patience, RemoteCredential, sign_at_provider


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAtProvider:
    """Which prepared signatures, and the holder's code where the provider wants one in the request."""

    preparation_ids: tuple[str, ...]
    code: str | None = field(default=None, repr=False)


def sign_prepared_at_provider(
    command: SignAtProvider, services: Services, caller: Caller, at: datetime
) -> tuple[Preparation, ...]:
    """One outcome for each, in their order; those that were complete before stay as they are.

    Raises:
        InputInvalid: one stands twice, or they are for several certificates. NotFound: one is none of the caller's.
        RemoteCredentialMissing: the certificate's key is at no provider. CertificateNotYours, CertificateRevoked,
        CertificateOnHold, CertificateSuperseded, CertificateExpired (I10); SignerStatusUnknown (S26); what
        `sign_at_provider` raises: then nothing was completed.
    """
    with services.db.reading() as tx:
        kept = SignaturePreparations(tx)
        found = tuple(kept.own(one, caller.account_id) for one in command.preparation_ids)
    certificate_id = _one_certificate(found)
    waiting = [one for one in found if one.state is PreparationState.OPEN and one.expires_at >= at]
    job = _Job(certificate_id=certificate_id, waiting=tuple(waiting), code=command.code)
    values = _values(job, services, caller, at) if waiting else ()
    commands = [
        CompletePreparation(preparation_id=one.preparation_id, value=value)
        for one, value in zip(waiting, values, strict=True)
    ]
    done = {
        one.preparation_id: outcome
        for one, outcome in zip(waiting, complete_preparations(commands, services, caller, at), strict=True)
    }
    return tuple(done.get(one.preparation_id) or Preparation(record=one) for one in found)


def _one_certificate(found: tuple[SignaturePreparation, ...]) -> str:
    if not found:
        raise NotFound("Không có bản chuẩn bị ký này.", "There is no such preparation.")
    if len({one.preparation_id for one in found}) != len(found) or len({one.certificate_id for one in found}) != 1:
        raise InputInvalid(
            "Mỗi bản chuẩn bị một lần, tất cả cùng một chứng thư.", "Each preparation once, all for one certificate."
        )
    return found[0].certificate_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What the provider shall make."""

    certificate_id: str
    waiting: tuple[SignaturePreparation, ...]
    code: str | None = field(repr=False)


def _values(job: _Job, services: Services, caller: Caller, at: datetime) -> tuple[bytes, ...]:
    event = event_of(
        caller,
        "sign_at_provider",
        at,
        object_type="certificate",
        object_id=job.certificate_id,
        details=(("count", str(len(job.waiting))),),
    )
    with refusals_recorded(event, services):
        provider, credential = _checked(job.certificate_id, services, caller, at)
        client, signers = provider_client(provider, services), services.remote_signers
        with signers.place():
            values = sign_at_provider(
                client,
                credential,
                [one.attributes for one in job.waiting],
                code=job.code,
                patience=Patience(seconds=signers.patience_s, pause=time.sleep),
            )
        with services.db.transaction() as tx:
            services.audit.append(tx, event)
    return values


def _checked(certificate_id: str, services: Services, caller: Caller, at: datetime) -> tuple[str, RemoteCredential]:
    """Provider and credential, once the certificate may be used (I10): before anybody is asked to agree."""
    with services.db.reading() as tx:
        record = RemoteCredentials(tx).find(certificate_id)
        if record is None:
            raise RemoteCredentialMissing
        certificate = certificate_to_sign_with(tx, certificate_id, at)
        require_own_holder(certificate, caller, at)
        credential = remote_credential(tx, certificate_id, record.credential_id, at)
    require_provable_status(certificate, services, at)
    return record.provider, credential
