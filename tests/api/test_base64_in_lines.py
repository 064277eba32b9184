"""Files in base64 as usual programs write it: in one piece or in lines of 64 or 76 letters."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.schemas.base64_text import bytes_of
from tests.fakes.sample_pdf import small

_BODIES = {
    "/v1/verifications": lambda text: {"document": text},
    "/compat/siva/validate": lambda text: {"filename": "a.pdf", "document": text},
    "/compat/siva/getDataFiles": lambda text: {"filename": "a.pdf", "document": text},
    "/compat/dss/validation/validateSignature": lambda text: {"signedDocument": {"bytes": text, "name": "a.pdf"}},
}


def in_lines(data: bytes, end: str) -> str:
    return base64.encodebytes(data).decode().replace("\n", end)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("address", _BODIES)
def test_lines_are_taken_and_mean_the_same(installation: Any, address: str, end: str) -> None:
    answer = installation.client.post(address, json=_BODIES[address](in_lines(small(), end)))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("address", _BODIES)
@pytest.mark.parametrize("text", ["JVBERi0_", "JVBERi0", "\n", "JVBE\u00a0Ri0="])
def test_what_is_no_base64_stays_refused(installation: Any, address: str, text: str) -> None:
    answer = installation.client.post(
        address, content=json.dumps(_BODIES[address](text)), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}


@given(st.binary(max_size=200), st.lists(st.tuples(st.integers(0, 300), st.sampled_from("\r\n\t ")), max_size=20))
def test_blanks_anywhere_change_nothing(data: bytes, blanks: list[tuple[int, str]]) -> None:
    text = base64.b64encode(data).decode()
    for place, blank in blanks:
        text = text[:place] + blank + text[place:]
    assert bytes_of(text) == data
