"""Every route says who may call it and what for."""

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount

from api.callers import Purpose
from api.context import Access, Public
from api.main import all_routes, api_routes, declaration
from tests.api.conftest import Installation

# what the outside world asks without login, by design
PUBLIC_PURPOSES = {
    Purpose.OPERATE_SERVICE,
    Purpose.READ_API_DESCRIPTION,
    Purpose.VERIFY_DOCUMENT,
    Purpose.VALIDATE_CERTIFICATE,
    Purpose.READ_PKI,
    Purpose.STAMP_TIME,
    Purpose.SHOW_PAGE,
}


def undeclared(app: FastAPI) -> list[str]:
    return [route.path for route in api_routes(app) if declaration(route) is None]


def test_every_route_declares_who_may_call_it_and_what_for(installation: Installation) -> None:
    assert sum(1 for _ in api_routes(installation.app)) > 15
    assert undeclared(installation.app) == []


def test_a_route_without_a_declaration_is_found() -> None:
    app = FastAPI()

    @app.get("/open")
    def read_open() -> str:
        return "x"

    assert undeclared(app) == ["/open"]


def test_nothing_answers_but_declared_routes_and_the_folder_of_static_files(installation: Installation) -> None:
    others = [route for route in all_routes(installation.app) if not isinstance(route, APIRoute)]
    assert {type(route) for route in others} <= {Mount}
    assert {getattr(route, "name", "") for route in others} <= {"static"}


def test_routes_without_login_are_those_that_are_meant_to_be_open(installation: Installation) -> None:
    for route in api_routes(installation.app):
        declared = declaration(route)
        if isinstance(declared, Public):
            assert declared.purpose in PUBLIC_PURPOSES, route.path
            cheap = declared.purpose in (Purpose.OPERATE_SERVICE, Purpose.READ_PKI)
            assert declared.limited or cheap or route.path.startswith("/static/"), route.path


def test_every_route_with_login_names_grantable_roles(installation: Installation) -> None:
    for route in api_routes(installation.app):
        declared = declaration(route)
        if isinstance(declared, Access):
            assert declared.roles, route.path
            assert all(role.is_grantable for role in declared.roles), route.path


def test_every_route_with_login_refuses_a_caller_without_a_token(installation: Installation) -> None:
    client = installation.client
    for route in api_routes(installation.app):
        if isinstance(declaration(route), Access):
            path = route.path_format.replace("{", "").replace("}", "")
            method = min(route.methods or {"GET"})
            # a valid body must not be needed to be told to log in: dependencies come with the body's check
            answer = client.request(method, path)
            assert answer.status_code in (401, 422), (method, path)
            # the standard of /csc has a shape of its own for refusals
            shape = "application/json" if path.startswith("/csc/") else "application/problem+json"
            assert answer.headers["content-type"] == shape
