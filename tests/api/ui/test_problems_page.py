"""The address in `type` of a problem document can be opened."""

from typing import Any

import pytest

from api.problems import TABLE


def test_the_type_of_a_problem_is_an_address_that_says_what_it_is(installation: Any) -> None:
    problem = installation.client.post("/v1/verifications", json={"document": "äö"}).json()
    shown = installation.client.get(problem["type"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert problem["title"] in shown.text
    assert f"{problem['code']} · HTTP {problem['status']}" in shown.text


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_code_has_its_page_in_both_languages(installation: Any, language: str) -> None:
    for error in list(TABLE)[::7]:
        code = getattr(error, "code", "")
        assert installation.client.get(f"/problems/{code}?lang={language}").status_code == 200, code


def test_a_code_that_there_is_not_has_no_page(installation: Any) -> None:
    assert installation.client.get("/problems/NONE").status_code == 404
    assert installation.client.get("/problems/").status_code == 404
