"""Every failure as a problem document, whoever raised it: a route, the framework or nobody we know."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from api import errors as e
from api.log import logger
from api.problems import TABLE, Problem, choose_language, describe
from api.problems.csc import CSC_PATH, csc_refusal
from api.ui.failure_page import failure_page, is_for_a_person, page_language

PROBLEM_TYPE: Final = "application/problem+json"
_MAX_LISTED: Final = 20  # findings of one validation that are listed
_LONGEST_RULE: Final = 300
_BOUNDS: Final = ("min_length", "max_length", "gt", "ge", "lt", "le")
_LOG: Final = logger("http")

_FRAMEWORK: Final[Mapping[int, type[e.AnsoError]]] = {
    400: e.MalformedRequest,
    404: e.NotFound,
    405: e.MethodNotAllowed,
    413: e.BodyTooLarge,
    415: e.MediaTypeUnsupported,
    422: e.InputInvalid,
    503: e.ServiceUnavailable,
}


def install_error_handlers(app: FastAPI) -> None:
    """One handler per family; unknown errors show an incident number and nothing else."""
    for error_class in TABLE:
        app.add_exception_handler(error_class, _known)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _unknown)


def answer_failure(request: Request, error: Exception) -> Response:
    """The answer for an error that was raised outside the framework's own handlers."""
    return _known(request, error)


def problem_response(request: Request, error: Exception, **more: object) -> Response:
    """The answer for an error: a problem document, or the same as a page when a browser asked for a page."""
    person = is_for_a_person(request)
    problem = describe(
        error,
        language=_language(request, person=person),
        request_id=getattr(request.state, "request_id", "unknown"),
        **more,  # type: ignore[arg-type] # incident and errors, passed through by our handlers only
    )
    headers = dict(problem.headers)
    if request.url.path.startswith(CSC_PATH):
        return _csc_response(request, error, problem, headers)
    if person:
        answer = failure_page(request, problem.body, status=problem.status)
        answer.headers.update(headers)
        return answer
    if problem.status == 401:  # noqa: PLR2004 - RFC 6750 §3: a 401 says how to log in
        headers["WWW-Authenticate"] = f'Bearer error="{problem.body["code"]}"'
    return JSONResponse(dict(problem.body), status_code=problem.status, media_type=PROBLEM_TYPE, headers=headers)


def _language(request: Request, *, person: bool) -> str:
    if request.url.path.startswith(CSC_PATH):
        return "en"  # the standard's sentences are English
    return page_language(request) if person else choose_language(request.headers.get("accept-language"))


def _csc_response(request: Request, error: Exception, problem: Problem, headers: dict[str, str]) -> Response:
    """The same in the shape of the protocol that was spoken."""
    status, body = csc_refusal(error, problem, has_token="authorization" in request.headers)
    if status == 401:  # noqa: PLR2004 - RFC 6750 §3: without a token no error is named
        named = f' error="{body["error"]}"' if "authorization" in request.headers else ""
        headers["WWW-Authenticate"] = f'Bearer realm="anso"{"," if named else ""}{named}'
    return JSONResponse(dict(body), status_code=status, headers={**headers, "Cache-Control": "no-store"})


def _known(request: Request, error: Exception) -> Response:
    answer = problem_response(request, error)
    # RFC 9110 §15.6; a full service that says when to come back is none: strangers would write alarms into the log
    if answer.status_code >= 500 and getattr(error, "retry_after_s", None) is None:  # noqa: PLR2004 - as above
        return _unknown(request, error)
    return answer


def _validation(request: Request, error: Exception) -> Response:
    # the offending value is never repeated: it may be personal
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return problem_response(request, e.InputInvalid(), errors=tuple(map(_listed, found[:_MAX_LISTED])))


def _listed(item: Mapping[str, Any]) -> dict[str, str]:
    listed = {"pointer": _pointer(item["loc"]), "code": str(item["type"])}
    rules = item.get("ctx", {})
    expected = rules.get("expected", rules.get("pattern"))
    if expected is None:
        expected = ", ".join(f"{name} {rules[name]}" for name in _BOUNDS if name in rules)
    return listed | {"expected": str(expected)[:_LONGEST_RULE]} if expected else listed


def _framework(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    known = _FRAMEWORK.get(status)
    if known is None:
        return _unknown(request, error)
    answer = problem_response(request, known())
    allowed = Headers(getattr(error, "headers", None) or {}).get("allow")
    if allowed is not None:  # RFC 9110 §15.5.6: a 405 says which methods there are
        answer.headers["Allow"] = allowed
    return answer


def _unknown(request: Request, error: Exception) -> Response:
    incident = f"inc_{uuid.uuid4().hex[:16]}"
    _LOG.error("incident", incident=incident, error=type(error).__name__, exc_info=error)
    return problem_response(request, error, incident=incident)


def _pointer(location: tuple[object, ...]) -> str:
    # RFC 6901 in the part of the request that the first element names
    return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in location)
