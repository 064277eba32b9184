"""Certificates of an authority that nobody can ask, and a service that refuses to sign with them (S26), for tests."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from api.records.demonstration import PEOPLE
from api.records.external_certificates import ExternalCertificate, ExternalCertificates, ExternalState
from api.settings import StatusPolicy
from api.usecases.token_credential import public_key_of
from signing.identity import CertificateClass
from signing.trust import TrustProfile


@contextmanager
def refusing_unknown_status(installation: Any) -> Iterator[None]:
    """The installation's service under the policy `strict`."""
    state = installation.app.state
    before = state.services
    state.services = replace(before, settings=before.settings.model_copy(update={"status_policy": StatusPolicy.STRICT}))
    try:
        yield
    finally:
        state.services = before


def imported_row(
    installation: Any,
    credential: Any,
    figure: str,
    *,
    certificate_id: str,
    certificate_class: CertificateClass = CertificateClass.CITIZEN,
    key_id: str | None = None,
    org_code: str | None = None,
) -> str:
    """The id of another authority's certificate, confirmed here; without ``key_id`` its key is in a token."""
    services, at = installation.services, installation.clock.at
    is_official = certificate_class is CertificateClass.PERSONAL
    certificate = ExternalCertificate(
        certificate_id=certificate_id,
        der=credential.certificate,
        chain=credential.chain,
        sha256=hashlib.sha256(credential.certificate).hexdigest(),
        spki_sha256=hashlib.sha256(public_key_of(credential.certificate)).hexdigest(),
        issuer="CN=Test Issuing",
        serial=certificate_id[-6:],
        profile=TrustProfile.OFFICIAL if org_code else TrustProfile.PUBLIC,
        certificate_class=certificate_class,
        subject_id=PEOPLE[figure].subject_id,
        org_code=org_code,
        employment_id=PEOPLE[figure].employment_id if is_official else None,
        common_name=PEOPLE[figure].name,
        organisation="",
        title=PEOPLE[figure].title if is_official else None,
        key_id=key_id,
        not_before=at - timedelta(days=1),
        not_after=at + timedelta(days=365),
        state=ExternalState.ACTIVE,
        state_since=at,
        evidence="CV 1/2026",
        imported_by="acc_" + "0" * 26,
        importer_subject_id=PEOPLE["ra_officer"].subject_id,
        imported_at=at,
    )
    with services.db.transaction() as tx:
        ExternalCertificates(tx).add(certificate)
    return certificate_id
