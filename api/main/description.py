"""The OpenAPI document: FastAPI's, with our errors, our login and each route's roles and purpose.

Knows routes' declarations. Must not know what they do.
"""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from api.context import Access, Public
from api.main.errors import PROBLEM_TYPE
from api.schemas.operation import ProblemBody, ProblemError

_ABOUT: Final = (
    "Chữ ký số, số hóa giấy tờ và kho dữ liệu công dân của tỉnh. "
    "Digital signatures, digitised papers and the citizens' vault of a province. "
    "Errors are RFC 9457 problems with a stable `code`; a POST that signs, issues, revokes, shares or stores "
    "takes an `Idempotency-Key`; fields are added, never renamed or removed."
)


def declaration(route: APIRoute) -> Access | Public | None:
    """Who may call the route and what for; None when it declares nothing."""
    for dependant in _all(route.dependant):
        if isinstance(dependant.call, Access | Public):
            return dependant.call
    return None


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application."""
    document = get_openapi(
        title=app.title, version=app.version, openapi_version="3.1.0", description=_ABOUT, routes=app.routes
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["ProblemError"] = ProblemError.model_json_schema()
    schemas["Problem"] = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["Problem"].pop("$defs", None)
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for route in api_routes(app):
        for method in route.methods or ():
            operation = document["paths"].get(route.path_format, {}).get(method.lower())
            if operation is not None:
                _complete(operation, declaration(route))
    return document


def api_routes(app: FastAPI) -> Iterator[APIRoute]:
    """All routes of ours, also those of included routers."""
    return (route for route in all_routes(app) if isinstance(route, APIRoute))


def all_routes(app: FastAPI) -> Iterator[BaseRoute]:
    """Everything that answers: routes of included routers, and mounted folders."""
    pending = list(app.routes)
    while pending:
        route = pending.pop(0)
        # the framework keeps an included router as one entry
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            pending.extend(included.routes)


def _complete(operation: dict[str, Any], declared: Access | Public | None) -> None:
    responses = operation.setdefault("responses", {})
    responses.pop("422", None)
    responses["default"] = {
        "description": "Lỗi / problem (RFC 9457)",
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if declared is None:
        return
    operation["x-anso-purpose"] = declared.purpose.value
    if isinstance(declared, Access):
        operation["security"] = [{"bearer": []}]
        operation["x-anso-roles"] = sorted(role.value for role in declared.roles)


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _all(inner)
