"""Builds the FastAPI application from services: routers, error handlers, shell."""

from typing import Any

from fastapi import FastAPI
from starlette.formparsers import MultiPartParser
from starlette.types import ASGIApp

from api.auth import Authenticator
from api.bootstrap import development_identity
from api.context import JSON_BODY_BYTES, Metrics, Presence, RateLimiter
from api.main.description import describe
from api.main.errors import answer_failure, install_error_handlers
from api.main.gate import Gate
from api.main.intake import Intake
from api.main.shell import Shell
from api.routes import (
    annexes,
    archive,
    audit_events,
    authorisations,
    certificate_batches,
    certificate_campaigns,
    certificate_request_batches,
    certificate_requests,
    certificate_validations,
    certificates,
    citizens,
    compat_dss,
    compat_dss_validation,
    compat_siva,
    consents,
    copies,
    csc,
    delegations,
    digitisations,
    documents,
    dossiers,
    external_certificates,
    health,
    identity,
    jobs,
    key_devices,
    kpi,
    mark_pictures,
    mark_previews,
    mergers,
    number_registers,
    passkeys,
    pki,
    pki_documents,
    policies,
    receipt_slips,
    remote_signers,
    result_acts,
    result_returns,
    results,
    reuse_events,
    signature_batches,
    signature_preparations,
    signing_plans,
    verification_batches,
    verifications,
    versions,
)
from api.services import Services
from api.settings import MIB
from api.ui import pages

ROUTERS = (
    health.router,
    pki.router,
    pki_documents.router,
    verifications.router,
    certificate_validations.router,
    identity.router,
    passkeys.router,
    authorisations.router,
    signature_batches.router,
    jobs.router,
    certificate_batches.router,
    certificate_campaigns.router,
    certificate_request_batches.router,
    certificate_requests.router,
    certificates.router,
    external_certificates.router,
    dossiers.router,
    receipt_slips.router,
    mergers.router,
    delegations.router,
    key_devices.router,
    mark_pictures.router,
    mark_previews.router,
    digitisations.router,
    results.router,
    annexes.router,
    annexes.files,
    result_returns.router,
    result_acts.router,
    number_registers.router,
    signing_plans.router,
    remote_signers.router,
    signature_preparations.router,
    signature_preparations.values,
    documents.router,
    copies.router,
    copies.certified,
    copies.conversions,
    citizens.router,
    consents.router,
    reuse_events.router,
    kpi.router,
    archive.router,
    audit_events.router,
    verification_batches.router,
    policies.router,
    versions.router,
    compat_dss.router,
    compat_dss_validation.router,
    compat_siva.router,
    *csc.routers,
    pages.router,
)
"""Every router; an owner adds the own one here. They are tried in order: first what machines of strangers ask for."""

VERSION = "0.1.0"
_DEFAULT_UPLOAD_BYTES = 512 * JSON_BODY_BYTES


# Also the forms that the framework itself reads (pages, scans): what somebody sends is never in a temporary file.
MultiPartParser.spool_max_size = 0  # `tempfile.SpooledTemporaryFile`: 0 is "never roll over to disk"


class Application(FastAPI):
    """FastAPI inside our gate and shell, so that its own 413 and 500 answers pass through the shell too."""

    def build_middleware_stack(self) -> ASGIApp:
        """The framework's stack inside the gate, inside the shell."""
        stack = Intake(super().build_middleware_stack(), answer_failure, max_bytes=self.state.uploads_bytes)
        return Shell(Gate(stack, self, answer_failure), self.state.metrics)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = describe(self)
        return self.openapi_schema


def create_app(services: Services, authenticator: Authenticator) -> FastAPI:
    """The application, ready to serve."""
    settings = services.settings
    app = _application(settings.max_upload_bytes)
    app.state.services = services
    app.state.authenticator = authenticator
    app.state.limiter = RateLimiter(settings.public_rate)
    app.state.presence = Presence(settings.public_at_once)
    app.state.uploads_bytes = settings.uploads_mb * MIB
    app.state.development_identity = development_identity(settings) if settings.oidc_issuer is None else None
    return app


def describe_api() -> dict[str, Any]:
    """The OpenAPI document without a database: routes only."""
    return _application(_DEFAULT_UPLOAD_BYTES).openapi()


def _application(max_upload_bytes: int) -> FastAPI:
    app = Application(
        title="Anso",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # a route of ours serves it, so that it declares its purpose like every other
        # an upload's frame (multipart boundaries, small fields) comes on top of the file itself
        max_body_size=max_upload_bytes + JSON_BODY_BYTES,
        form_limits={"max_files": 4, "max_fields": 40, "max_part_size": JSON_BODY_BYTES},
    )
    app.state.metrics = Metrics()
    for router in ROUTERS:
        app.include_router(router)
    install_error_handlers(app)
    return app
