"""The version under a signature and what is different now: of a file that is sent, and of a stored document."""

import base64
import io
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pikepdf
import pytest
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from api.callers import ANONYMOUS, Role
from api.errors import InputInvalid
from api.usecases.show_signed_version import ShowVersion, compare_versions, show_signed_version
from signing.isolation import WorkCrashed
from signing.pades import SigningRequest, sign_pdf
from signing.validation.isolated import compared_page_in_worker, signed_end_in_worker
from signing.validation.versions import (
    DocumentLocked,
    PageNotDrawn,
    PageUnknown,
    SignatureFieldUnknown,
    SignedVersionUnknown,
    compared_page,
    signed_end,
)
from tests.api.vault_story import Story
from tests.fakes import small_pki
from tests.fakes.sample_pdf import changed, encrypted, page, small

VERSIONS = "/v1/verifications/signed-versions"
COMPARISONS = "/v1/verifications/comparisons"


@pytest.fixture(scope="module")
def pki() -> Any:
    return small_pki.SmallPki()


def signed(pki: Any, pdf: bytes, field: str) -> bytes:
    request = SigningRequest(credential=pki.credential(), field_name=field)
    return sign_pdf(pdf, request, keys=pki.keys, stamp=None, evidence=None, at=pki.at).pdf


def frame_pixels(png: bytes) -> int:
    """Pixels in the colour of a frame."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    colors = image.getcolors(image.width * image.height) or []
    return sum(count for count, color in colors if color == (200, 16, 46))


def edited(pdf: bytes, drawing: bytes, at_page: int = 0) -> bytes:
    """One more revision that draws something on a page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    target = writer.root["/Pages"]["/Kids"][at_page]
    added = writer.add_object(generic.StreamObject(stream_data=drawing))
    target["/Contents"] = generic.ArrayObject([target.raw_get("/Contents"), added])
    writer.update_container(target)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def first(pki: Any) -> bytes:
    return signed(pki, page(), "Người ký")


@pytest.fixture(scope="module")
def second(pki: Any, first: bytes) -> bytes:
    return signed(pki, first, "Seal")


@pytest.fixture(scope="module")
def forged(second: bytes) -> bytes:
    return edited(second, b"q 1 0 0 1 0 0 cm 0 0 0 rg 100 300 80 20 re f Q")


def send(installation: Any, path: str, pdf: bytes, accept: str | None = None, **fields: str) -> Any:
    headers = {} if accept is None else {"Accept": accept}
    files = {"file": ("a.pdf", pdf, "application/pdf")}
    return installation.client.post(path, files=files, data=fields, headers=headers)


def test_each_signature_gives_the_exact_bytes_that_it_covers(
    installation: Any, first: bytes, second: bytes, forged: bytes
) -> None:
    for field, version in (("Người ký", first), ("Seal", second)):
        answer = send(installation, VERSIONS, forged, field=field)
        assert answer.status_code == 200
        assert answer.content == version
        assert answer.headers["etag"] == f'"{sha256(version).hexdigest()}"'
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert (answer.headers["anso-whole-file"], answer.headers["cache-control"]) == ("false", "no-store")
    assert send(installation, VERSIONS, first, field="Người ký").headers["anso-whole-file"] == "true"


def test_base64_in_json_gives_the_same_version(installation: Any, second: bytes, first: bytes) -> None:
    body = {"document": base64.b64encode(second).decode(), "field": "Người ký"}
    assert installation.client.post(VERSIONS, json=body).content == first


def test_the_picture_of_a_changed_page_has_a_red_frame_where_it_was_changed(installation: Any, forged: bytes) -> None:
    answer = send(installation, COMPARISONS, forged, field="Seal", page="1")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert (answer.headers["anso-same"], answer.headers["anso-page"]) == ("false", "1/1")
    assert frame_pixels(answer.content) > 500


def test_the_same_as_a_list_of_areas(installation: Any, forged: bytes) -> None:
    answer = send(installation, COMPARISONS, forged, "application/json", field="Seal")
    found = answer.json()
    assert (found["same"], found["page"], found["pages"], found["signed_pages"]) == (False, 1, 1, 1)
    assert (found["changed_pages"], found["everything_compared"]) == ([1], True)
    (area,) = found["areas"]
    assert [area[k] for k in ("left", "bottom", "right", "top")] == pytest.approx([100, 300, 180, 320], abs=7)


def test_an_unchanged_page_is_shown_without_a_frame(installation: Any, second: bytes) -> None:
    answer = send(installation, COMPARISONS, second, field="Người ký")
    assert answer.headers["anso-same"] == "true"
    assert frame_pixels(answer.content) == 0
    found = send(installation, COMPARISONS, second, "application/json", field="Người ký").json()
    assert (found["same"], found["areas"], found["changed_pages"]) == (True, [], [])


def test_without_a_page_the_first_changed_one_is_shown(pki: Any) -> None:
    def more(document: Any) -> None:
        for _ in range(3):
            document.pages.append(document.pages[0])

    signed_four = signed(pki, changed(page(), more), "A")
    answer = compared_page(edited(signed_four, b"0 0 0 rg 100 300 80 20 re f", 2), "A", None)
    assert (answer.page, answer.pages, answer.changed_pages, answer.same) == (3, 4, (3,), False)


def test_a_page_that_was_added_is_shown_as_changed_as_a_whole(pki: Any, first: bytes) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(first))
    tree = writer.root["/Pages"]
    tree["/Kids"].append(tree["/Kids"].raw_get(0))
    tree["/Count"] = generic.NumberObject(2)
    writer.update_container(tree)
    out = io.BytesIO()
    writer.write(out)
    answer = compared_page(out.getvalue(), "Người ký", None)
    assert (answer.page, answer.pages, answer.signed_pages, answer.same) == (2, 2, 1, False)
    assert (round(answer.areas[0].width), round(answer.areas[0].height)) == (595, 842)
    assert compared_page(out.getvalue(), "Người ký", 1).changed_pages == (2,)


@pytest.mark.parametrize(
    ("path", "fields", "expected"),
    [
        (VERSIONS, {"field": "Nobody"}, (404, "SIGNATURE_FIELD_UNKNOWN")),
        (COMPARISONS, {"field": "Nobody"}, (404, "SIGNATURE_FIELD_UNKNOWN")),
        (COMPARISONS, {"field": "Seal", "page": "2"}, (404, "PAGE_UNKNOWN")),
        (COMPARISONS, {"field": "Seal", "page": "0"}, (422, "INPUT_INVALID")),
        (COMPARISONS, {"field": "Seal", "page": "x"}, (422, "INPUT_INVALID")),
        (COMPARISONS, {"field": "x" * 201}, (422, "INPUT_INVALID")),
        (VERSIONS, {}, (422, "INPUT_INVALID")),
        (VERSIONS, {"field": "Seal", "other": "1"}, (422, "INPUT_INVALID")),
    ],
)
def test_what_is_not_there_is_a_problem_with_a_code(
    installation: Any, second: bytes, path: str, fields: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = send(installation, path, second, **fields)
    assert (answer.status_code, answer.json()["code"]) == expected
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("request_body", "status", "code"),
    [
        ({"json": {"document": "***", "field": "A"}}, 422, "INPUT_INVALID"),
        ({"json": {"document": "Ü", "field": "A"}}, 422, "INPUT_INVALID"),
        ({"json": {"document": "QQ=="}}, 422, "INPUT_INVALID"),
        ({"json": {"document": "QQ==", "field": "A"}}, 422, "FILE_NOT_PDF"),
        ({"data": {"field": "A"}, "files": {"other": b"x"}}, 422, "INPUT_INVALID"),
        ({"data": {"field": "A"}, "files": {"file": b""}}, 422, "FILE_EMPTY"),
        ({"content": b"x", "headers": {"content-type": "text/plain"}}, 415, "MEDIA_TYPE_UNSUPPORTED"),
        ({"data": {"field": "A"}, "files": {"file": b"%PDF-1.7 nothing"}}, 422, "DOCUMENT_MALFORMED"),
    ],
)
def test_other_bodies_are_refused_with_a_problem(installation: Any, request_body: Any, status: int, code: str) -> None:
    for path in (VERSIONS, COMPARISONS):
        answer = installation.client.post(path, **request_body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_form_in_which_nothing_is_acceptable_is_refused(installation: Any, second: bytes) -> None:
    answer = send(installation, COMPARISONS, second, "text/csv", field="Seal")
    assert (answer.status_code, answer.json()["code"]) == (406, "NOT_ACCEPTABLE")


def test_a_signature_whose_range_is_no_version_gives_none(installation: Any, second: bytes) -> None:
    with pikepdf.open(io.BytesIO(second)) as document:
        start = int(document.Root.AcroForm.Fields[0].V.ByteRange[1])
    broken = second.replace(b"[0 %d" % start, b"[1 %d" % start, 1)
    assert broken != second
    answer = send(installation, VERSIONS, broken, field="Người ký")
    assert (answer.status_code, answer.json()["code"]) == (422, "SIGNED_VERSION_UNKNOWN")


def test_a_locked_file_opens_with_its_password_only(pki: Any) -> None:
    locked = encrypted(small(), user="khóa")
    with pytest.raises(DocumentLocked):
        signed_end(locked, "A")
    with pytest.raises(DocumentLocked):
        signed_end_in_worker(locked, "A", "sai")
    with pytest.raises(SignatureFieldUnknown):
        signed_end_in_worker(locked, "A", "khóa")


def test_the_entries_of_the_worker_say_the_same(first: bytes, second: bytes) -> None:
    assert signed_end_in_worker(second, "Người ký", None) == len(first)
    assert compared_page_in_worker(second, "Seal", 1, None) == compared_page(second, "Seal", 1)
    with pytest.raises(PageUnknown):
        compared_page(second, "Seal", 7)
    with pytest.raises(SignedVersionUnknown):
        signed_end(second[: len(second) - 400].replace(b"/ByteRange", b"/ByteRangX") + second[-400:], "Seal")


def test_a_page_that_cannot_be_drawn_is_told(pki: Any) -> None:
    def thin(document: Any) -> None:
        document.pages[0].MediaBox = pikepdf.Array([0, 0, 100_000_000, 1])

    line = signed(pki, changed(small(), thin), "A")
    with pytest.raises(PageNotDrawn):
        compared_page(line, "A", 1)


@pytest.mark.parametrize("lie", [0, -1, 10**9, "x"])
def test_a_worker_that_lies_about_the_end_is_not_believed(installation: Any, first: bytes, lie: object) -> None:
    class Liar:
        def call(self, *_: object, **__: object) -> object:
            return lie

    services = replace(installation.services, workers=Liar())
    with pytest.raises(WorkCrashed):
        show_signed_version(ShowVersion(pdf=first, field_name="A"), services, ANONYMOUS, installation.clock.at)


@pytest.mark.parametrize(("field", "page"), [("", None), ("x" * 201, None), ("A", 0), ("A", 100_001)])
def test_what_no_file_can_have_is_refused_before_any_work(
    installation: Any, first: bytes, field: str, page: int | None
) -> None:
    command = ShowVersion(pdf=first, field_name=field, page=page)
    for action in (show_signed_version, compare_versions):
        with pytest.raises(InputInvalid):
            action(command, installation.services, ANONYMOUS, installation.clock.at)


def test_the_owner_sees_the_signed_version_of_a_stored_document_and_the_ledger_says_so(
    installation: Any, first: bytes, second: bytes
) -> None:
    story = Story(installation.services, installation.clock.at)
    document = story.deposit(content=second).document_id
    base = f"/v1/documents/{document}/signatures/Người ký"
    owner = installation.headers(Role.CITIZEN, "mother")
    revision = installation.client.get(f"{base}/revision", headers=owner)
    assert (revision.status_code, revision.content) == (200, first)
    compared = installation.client.get(f"{base}/comparison?page=1", headers=owner | {"Accept": "application/json"})
    assert (compared.status_code, compared.json()["same"]) == (200, True)
    assert installation.client.get(f"{base}/comparison?page=9", headers=owner).status_code == 404
    assert installation.client.get(f"/v1/documents/{document}/signatures/X/revision", headers=owner).status_code == 404
    stranger = installation.headers(Role.CITIZEN, "auditor")
    assert installation.client.get(f"{base}/revision", headers=stranger).status_code == 404
    log = installation.client.get(
        "/v1/audit-events", params={"object_id": str(document)}, headers=installation.headers(Role.AUDITOR, "auditor")
    ).json()
    actions = [(item["action"], item["outcome"]) for item in log["items"]]
    assert actions.count(("read_document_file", "allowed")) == 4
    assert ("read_document_file", "refused") in actions
