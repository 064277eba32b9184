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

_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A new one for each thing to do, the same one when a request is repeated: the first answer "
        "comes again, nothing is done twice. Without it whatever signs, issues, revokes, shares or stores is refused "
        "with 400 `IDEMPOTENCY_KEY_REQUIRED`; what only looks takes none. Kept for 24 hours",
        "schema": {"type": "string", "maxLength": 255},
        "example": "0b5f4d0e-3f5c-4a52-9a5c-5f2f5b8f7c11",
    },
    "ActingFor": {
        "name": "Anso-Org",
        "in": "header",
        "required": False,
        "description": "For which agency, by its code, somebody acts who holds the role in several",
        "schema": {"type": "string"},
        "example": "H49.61.07",
    },
}


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
    components["parameters"] = _HEADERS
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for route in api_routes(app):
        for method in route.methods or ():
            operation = document["paths"].get(route.path_format, {}).get(method.lower())
            if operation is not None:
                _complete(operation, declaration(route))
                parameters = [*operation.get("parameters", ()), *_headers(route, method)]
                operation |= {"parameters": parameters} if parameters else {}
    return document


def _headers(route: APIRoute, method: str) -> Iterator[dict[str, str]]:
    """What a caller with a login may send along; others' protocols have headers of their own."""
    if not isinstance(declaration(route), Access) or not route.path_format.startswith("/v1/"):
        return
    yield {"$ref": "#/components/parameters/ActingFor"}
    if method == "POST":
        yield {"$ref": "#/components/parameters/IdempotencyKey"}


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
