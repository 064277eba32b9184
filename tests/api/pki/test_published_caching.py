"""What is published under /pki and how long caches may keep it: validators, conditional requests, ends."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from api.usecases.publish_crl import LIFE
from tests.api.pki.watched import Watched


def date_of(answer: Any, header: str) -> datetime:
    return parsedate_to_datetime(answer.headers[header])


@pytest.mark.parametrize(
    ("path", "age"), [("personal.cer", 86_400), ("root.crl", 30), ("personal.crl", 30), ("personal/3.crl", 30)]
)
def test_what_is_published_has_validators_and_an_end(installation: Any, path: str, age: int) -> None:
    answer = installation.client.get(f"/pki/{path}")
    at = installation.clock.at
    assert answer.headers["cache-control"] == f"public, max-age={age}, no-transform, must-revalidate"
    assert date_of(answer, "expires") == at + timedelta(seconds=age)
    assert date_of(answer, "last-modified") <= at
    assert int(answer.headers["content-length"]) == len(answer.content)
    head = installation.client.head(f"/pki/{path}")
    assert (head.status_code, head.content) == (200, b"")
    same = ("etag", "last-modified", "content-length", "content-type", "cache-control")
    assert [head.headers[name] for name in same] == [answer.headers[name] for name in same]


@pytest.mark.parametrize("path", ["personal.cer", "personal.crl", "personal/3.crl"])
def test_who_has_it_gets_no_bytes_again(installation: Any, path: str) -> None:
    client, address = installation.client, f"/pki/{path}"
    first = client.get(address)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    for known in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": date},
    ):
        again = client.get(address, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    for unknown in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": date},  # the tag decides
        {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
        {"If-Modified-Since": "Mon, 23 Nov 2026 09:00:00"},
    ):
        assert client.get(address, headers=unknown).content == first.content


def test_no_cache_shows_a_list_beyond_its_end(watched: Watched) -> None:
    watched.installation.clock.at += LIFE - timedelta(seconds=11)
    answer = watched.client.get("/pki/personal.crl")
    assert "max-age=10," in answer.headers["cache-control"]
    watched.installation.clock.forward(days=1)
    assert "max-age=0," in watched.client.get("/pki/personal.crl").headers["cache-control"]


def test_of_two_answers_within_a_second_nobody_is_left_with_the_first(watched: Watched) -> None:
    """Dates have whole seconds: who has only a date must get the second answer, or a hold is not seen."""
    watched.installation.clock.at = watched.at.replace(microsecond=0) + timedelta(milliseconds=200)
    first = watched.get()
    watched.installation.clock.at += timedelta(milliseconds=300)
    watched.suspend_over_http()
    watched.installation.clock.at += timedelta(milliseconds=300)
    second = watched.get(headers={"If-Modified-Since": first.headers["last-modified"]})
    assert second.status_code == 200
    assert second.content != first.content
    watched.installation.clock.forward(seconds=1)
    again = watched.get()
    assert watched.get(headers={"If-Modified-Since": again.headers["last-modified"]}).status_code == 304
    assert watched.get(headers={"If-Modified-Since": second.headers["last-modified"]}).content == second.content
