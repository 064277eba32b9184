"""The HTTP interface only grows: what the recorded description promises stays."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api.callers import Role
from api.main import describe_api
from tests.api.conftest import Installation

RECORDED = Path(__file__).with_name("openapi.recorded.json")
METHODS = {"get", "post", "put", "patch", "delete"}
# where a list's order or growth means nothing new is asked of a client
FREE = {"description", "title", "summary", "operationId", "tags", "info", "examples"}


def losses(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """What the new description no longer promises, or newly demands."""
    if isinstance(old, dict):
        if not isinstance(new, dict):
            yield f"{place}: gone"
            return
        for key, value in old.items():
            if key in FREE and not place.endswith("/properties"):
                continue
            if key not in new:
                yield f"{place}/{key}: gone"
            else:
                yield from losses(value, new[key], f"{place}/{key}")
        yield from demands(old, new, place)
    elif isinstance(old, list):
        missing = [one for one in old if one not in (new or [])]
        if place.endswith("/required"):
            return  # judged where the schema is
        yield from (f"{place}: lost {one}" for one in missing if not isinstance(one, dict))
    elif old != new:
        yield f"{place}: {old!r} became {new!r}"


def demands(old: dict[str, Any], new: dict[str, Any], place: str) -> Iterator[str]:
    """Newly required fields of something a client sends."""
    added = set(new.get("required") or ()) - set(old.get("required") or ()) if "properties" in old else set()
    if place.endswith(("In", "Body")):  # how the models of what comes in are named
        yield from (f"{place}: now demands {name}" for name in sorted(added))


def test_everything_that_was_promised_is_still_there() -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert list(losses(recorded["paths"], describe_api()["paths"])) == []
    assert list(losses(recorded["components"], describe_api()["components"])) == []


def test_the_comparison_finds_what_would_break_a_client() -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))

    def after(change: Any) -> list[str]:
        new = json.loads(RECORDED.read_text(encoding="utf-8"))
        change(new)
        return [*losses(recorded["paths"], new["paths"]), *losses(recorded["components"], new["components"])]

    assert after(lambda _: None) == []
    assert after(lambda new: new["paths"].pop("/v1/dossiers"))
    assert after(lambda new: new["components"]["schemas"]["DossierOut"]["properties"].pop("code"))
    assert after(lambda new: new["components"]["schemas"]["DossierIn"]["required"].append("extra"))
    assert after(lambda new: new["components"]["schemas"]["Version"]["properties"]["name"].update(type="integer"))
    assert not after(lambda new: new["paths"].update({"/v1/new": {}}))


def test_every_operation_tells_purpose_login_and_the_form_of_its_errors() -> None:
    document = describe_api()
    operations = [
        (path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]
    assert len(operations) > 15
    for path, operation in operations:
        assert operation["x-anso-purpose"], path
        assert ("security" in operation) == ("x-anso-roles" in operation), path
        assert "application/problem+json" in operation["responses"]["default"]["content"], path
    names = [operation["operationId"] for _, operation in operations]
    assert len(names) == len(set(names))


def test_whoever_has_only_the_description_learns_of_the_headers_that_are_asked_for(installation: Installation) -> None:
    document = describe_api()
    told = {one["name"]: f"#/components/parameters/{key}" for key, one in document["components"]["parameters"].items()}

    def named(method: str, path: str) -> set[str]:
        parameters = document["paths"][path][method].get("parameters", [])
        return {name for name, place in told.items() if {"$ref": place} in parameters}

    headers = installation.headers(Role.RECEPTION_OFFICER, "reception_officer")
    del headers["Idempotency-Key"]
    body = {"procedure_code": "9.000001", "applicant_subject_id": "sub_x", "org_code": "H49", "channel": "counter"}
    refused = installation.client.post("/v1/dossiers", json=body, headers=headers)
    assert refused.json()["code"] == "IDEMPOTENCY_KEY_REQUIRED"
    assert named("post", "/v1/dossiers") == {"Idempotency-Key", "Anso-Org"}
    assert named("post", "/v1/results/{result_id}/signature") == {"Idempotency-Key", "Anso-Org"}
    assert named("get", "/v1/results/{result_id}") == {"Anso-Org"}
    for elsewhere in ("/csc/v2/signatures/signHash", "/v1/verifications", "/pki/tsa"):
        assert named("post", elsewhere) == set()


def test_the_served_description_is_the_printed_one(installation: Installation) -> None:
    served = installation.client.get("/openapi.json")
    assert served.json() == json.loads(json.dumps(describe_api()))
    assert served.headers["cache-control"].startswith("public")
