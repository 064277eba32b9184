"""POST /v1/verifications: without login, bounded, and the document of DESIGN §3."""

import base64

import pytest

ADDRESS = "/v1/verifications"


def send(client, content, **more):
    return client.post(ADDRESS, files={"file": ("tai-lieu.pdf", content, "application/pdf")}, **more)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"hello", "FILE_NOT_PDF"),
        (b"PK\x03\x04" + b"\0" * 40 + b"%PDF-1.7", "FILE_NOT_PDF"),
        (b"\x89PNG\r\n\x1a\n", "FILE_NOT_PDF"),
    ],
)
def test_what_is_no_pdf_is_refused_with_a_stable_code_in_two_languages(installation, content, code):
    answer = send(installation.client, content)
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert answer.headers["content-type"].startswith("application/problem+json")
