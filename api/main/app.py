"""Builds the FastAPI application from services: routers, error handlers, shell."""

from fastapi import FastAPI
from starlette.types import ASGIApp

from api.auth import Authenticator
from api.context import JSON_BODY_BYTES, RateLimiter
from api.main.errors import install_error_handlers
from api.main.shell import Shell
from api.routes import health
from api.services import Services

ROUTERS = (health.router,)
"""Every router; an owner adds the own one here."""


class Application(FastAPI):
    """FastAPI with our shell outside everything, so that its own 413 and 500 answers pass through it too."""

    def build_middleware_stack(self) -> ASGIApp:
        """The framework's stack inside the shell."""
        return Shell(super().build_middleware_stack())


def create_app(services: Services, authenticator: Authenticator) -> FastAPI:
    """The application, ready to serve."""
    settings = services.settings
    app = Application(
        title="Anso",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # a route of ours serves it, so that it declares its purpose like every other
        # an upload's frame (multipart boundaries, small fields) comes on top of the file itself
        max_body_size=settings.max_upload_bytes + JSON_BODY_BYTES,
        form_limits={"max_files": 4, "max_fields": 40, "max_part_size": JSON_BODY_BYTES},
    )
    app.state.services = services
    app.state.authenticator = authenticator
    app.state.limiter = RateLimiter(settings.public_rate)
    for router in ROUTERS:
        app.include_router(router)
    install_error_handlers(app)
    return app
