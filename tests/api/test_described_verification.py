"""The description and the service agree about verification: whatever is sent, the answer is one that was described.

schemathesis makes requests out of `/openapi.json`, right ones and wrong ones, and holds every answer against it.
"""

from typing import Any, Final

import pytest
import schemathesis
import schemathesis.checks
from hypothesis import HealthCheck, Phase, given, settings

ADDRESSES: Final = r"^(/v1/verifications|/v1/verification-batches|/v1/policies|/compat/)"
EXAMPLES: Final = 25
TOO_LARGE: Final = 413


@pytest.fixture(scope="module")
def schema(installation: Any) -> Any:
    found = schemathesis.openapi.from_asgi("/openapi.json", installation.app)
    return found.include(path_regex=ADDRESSES)


@pytest.fixture(scope="module")
def operations(schema: Any) -> dict[str, Any]:
    found = (result.ok() for result in schema.get_all_operations())
    return {f"{one.method.upper()} {one.path}": one for one in found}


# A text is right by its schema and yet no PDF: that it is refused then is no contradiction.
NOT_SAID_BY_A_SCHEMA: Final = frozenset({"positive_data_acceptance"})
# Everything in a form is a text: a number in place of one is not seen to be wrong.
NOT_SAID_IN_A_FORM: Final = frozenset({"negative_data_rejection"})
RIGHT: Final = (
    "POST /v1/verifications",
    "POST /v1/verifications/hashes",
    "POST /v1/verifications/signed-versions",
    "POST /v1/verifications/comparisons",
    "POST /v1/verification-batches",
    "GET /v1/policies",
    "GET /v1/policies/{policy_id}",
    "POST /compat/siva/validate",
    "POST /compat/siva/validateHashcode",
    "POST /compat/siva/getDataFiles",
    "POST /compat/dss/validation/validateSignature",
    "POST /compat/dss/validation/getOriginalDocuments",
    "POST /compat/dss/certificate-validation/validateCertificate",
)
WRONG: Final = tuple(name for name in RIGHT if name != "GET /v1/policies")  # nothing can be sent there


def held_against_the_description(operation: Any, mode: Any) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def agrees(case: Any) -> None:
        answer = case.call()
        if answer.status_code == TOO_LARGE:  # a right answer to anything that is too large, whatever else it is
            return
        left_out = NOT_SAID_BY_A_SCHEMA | (NOT_SAID_IN_A_FORM if "multipart" in str(case.media_type) else set())
        excluded = [one for one in schemathesis.checks.CHECKS.get_all() if one.__name__ in left_out]
        case.validate_response(answer, excluded_checks=excluded)

    agrees()


@pytest.mark.parametrize("name", RIGHT)
def test_an_answer_to_what_is_right_is_one_that_was_described(operations: dict[str, Any], name: str) -> None:
    held_against_the_description(operations[name], schemathesis.GenerationMode.POSITIVE)


@pytest.mark.parametrize("name", WRONG)
def test_an_answer_to_what_is_wrong_is_one_that_was_described(operations: dict[str, Any], name: str) -> None:
    held_against_the_description(operations[name], schemathesis.GenerationMode.NEGATIVE)


def test_no_operation_of_these_addresses_is_left_out(operations: dict[str, Any]) -> None:
    assert set(operations) <= set(RIGHT)
