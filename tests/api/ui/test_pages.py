import re
from html import unescape
from typing import Any

import pytest

from api.context import RateLimiter
from api.errors import InputInvalid, ServiceUnavailable
from api.ui import assets
from signing.errors import EvidenceUnavailable, MalformedDocument
from tests.api.ui import reports
from tests.api.ui.conftest import CODE, Desk, issued

PDF = b"%PDF-1.7\n..."


def said(response: Any) -> str:
    """The text of a page without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def test_the_start_page_asks_for_a_file_in_vietnamese(desk: Desk) -> None:
    response = desk.client.get("/")
    assert response.status_code == 200
    assert response.headers["content-language"] == "vi"
    assert '<html lang="vi"' in response.text
    assert "Chọn một tệp PDF đã ký số" in said(response)


def test_the_browsers_language_does_not_change_the_page_but_the_address_does(desk: Desk) -> None:
    assert 'lang="vi"' in desk.client.get("/", headers={"Accept-Language": "en"}).text
    english = desk.client.get("/?lang=en")
    assert "Choose a signed PDF" in said(english)
    assert 'name="lang" value="en"' in english.text


def test_the_address_of_the_form_can_be_reloaded(desk: Desk) -> None:
    assert desk.client.get("/kiem-tra").status_code == 200


def test_scripts_run_only_with_the_answers_own_nonce(desk: Desk) -> None:
    first, second = (desk.client.get("/") for _ in range(2))
    nonces = set()
    for response in (first, second):
        policy = response.headers["content-security-policy"]
        nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
        assert nonce is not None
        assert "unsafe" not in policy
        assert set(re.findall(r'nonce="([^"]*)"', response.text)) == {nonce[1]}
        nonces.add(nonce[1])
    assert len(nonces) == 2


def test_pages_hold_no_inline_style_handler_or_foreign_address(desk: Desk) -> None:
    for response in (desk.client.get("/"), desk.send(PDF), desk.client.get(f"/v/{CODE}"), desk.client.get("/docs")):
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://", response.text)


def test_a_file_gets_its_verdict_as_a_whole_page_without_javascript(desk: Desk) -> None:
    response = desk.send(PDF)
    assert response.status_code == 200
    assert response.text.startswith("<!DOCTYPE html>")
    assert "HỢP LỆ Tệp có 2 chữ ký số hợp lệ" in said(response)
    assert "Tệp: văn bản.pdf" in said(response)
    assert desk.seen == [PDF]


def test_htmx_gets_the_frame_alone(desk: Desk) -> None:
    response = desk.client.post(
        "/kiem-tra", files={"tep": ("a.pdf", PDF, "application/pdf")}, headers={"HX-Request": "true"}
    )
    assert response.text.strip().startswith('<div id="khung"')
    assert "<html" not in response.text
    assert "HX-Request" in response.headers["vary"]


@pytest.mark.parametrize("state", reports.STATES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_state_is_shown_in_both_languages(desk: Desk, state: str, language: str) -> None:
    desk.report = reports.STATES[state]()
    response = desk.send(PDF, lang=language)
    assert response.status_code == 200
    assert f'lang="{language}"' in response.text
    assert len(re.findall(r'id="ket-luan"', response.text)) == 1


def test_a_development_signature_says_no_legal_value(desk: Desk) -> None:
    desk.report = reports.trial()
    assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in said(desk.send(PDF))
    assert "NO LEGAL VALUE" in said(desk.send(PDF, lang="en"))


def test_what_a_certificate_says_is_text_and_not_markup(desk: Desk) -> None:
    signer = {"common_name": "<script>alert(1)</script>", "organisation": '"><img src=x>', "title": None, "serial": "1"}
    desk.report = reports.report(signatures=[reports.signature(signer=signer)], reasons_vi=["<b>"], verdict="invalid")
    response = desk.send(PDF, name='"><script>.pdf')
    assert "<script>alert" not in response.text
    assert "<img" not in response.text
    assert "&lt;script&gt;alert(1)" in response.text


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "", "Hãy chọn một tệp PDF."),
        (b"", "a.pdf", "Tệp này rỗng."),
        (b"PK\x03\x04 a zip", "a.pdf", "Tệp này không phải PDF."),
        (b" " * 1024 + b"%PDF-1.7", "a.pdf", "Tệp này không phải PDF."),
    ],
)
def test_a_file_that_cannot_be_used_gives_an_error_summary(
    desk: Desk, content: bytes, name: str, sentence: str
) -> None:
    response = desk.send(content, name=name)
    assert response.status_code == 422
    assert sentence in said(response)
    assert "govuk-error-summary" in response.text
    assert '<a href="#tep">' in response.text
    assert 'aria-describedby="tep-hint tep-error"' in response.text
    assert "<title>Lỗi: " in response.text
    assert desk.seen == []


def test_a_form_without_the_field_asks_for_a_file(desk: Desk) -> None:
    response = desk.client.post("/kiem-tra", data={"lang": "en"})
    assert response.status_code == 422
    assert "Choose a PDF file." in said(response)


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (MalformedDocument(), 422, "Không đọc được tệp này"),
        (InputInvalid(), 422, "Không đọc được tệp này"),
        (EvidenceUnavailable(), 503, "Hệ thống đang bận"),
        (ServiceUnavailable(), 503, "Hệ thống đang bận"),
    ],
)
def test_a_check_that_could_not_be_done_is_no_verdict(desk: Desk, error: Exception, status: int, sentence: str) -> None:
    desk.report = error
    response = desk.send(PDF)
    assert response.status_code == status
    assert sentence in said(response)
    assert "anso-verdict" not in response.text


def test_an_unknown_failure_shows_an_incident_number_and_nothing_else(desk: Desk) -> None:
    desk.report = RuntimeError("secret detail")
    response = desk.send(PDF)
    assert response.status_code == 500
    assert re.search(r"Mã sự cố: inc_[0-9a-f]{16}", said(response))
    assert "secret detail" not in response.text


def test_a_hostile_file_name_is_cut_and_shown_as_text(desk: Desk) -> None:
    response = desk.send(PDF, name="../../etc/" + "\u202e" + "ấ" * 300 + ".pdf")
    assert "etc" not in said(response)
    assert "\ufffd" + "ấ" * 119 + "…" in response.text


def test_an_endless_file_name_is_a_request_that_nobody_can_read(desk: Desk) -> None:
    response = desk.send(PDF, name="ấ" * 5000 + ".pdf")
    assert (response.status_code, response.headers["content-type"]) == (400, "text/html; charset=utf-8")


def test_a_file_over_the_limit_is_refused_as_a_page(fresh_install: Any) -> None:
    client = fresh_install(max_upload_mb=1).client
    just_over = {"tep": ("a.pdf", b"%PDF-" + b"x" * 1024 * 1024, "application/pdf")}
    response = client.post("/kiem-tra", files=just_over, headers={"Accept": "text/html"})
    assert (response.status_code, "Tệp lớn hơn 1 MB." in said(response)) == (422, True)
    far_over = {"tep": ("a.pdf", b"%PDF-" + b"x" * 3 * 1024 * 1024, "application/pdf")}
    response = client.post("/kiem-tra", files=far_over, headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["content-type"]) == (413, "text/html; charset=utf-8")


def test_programs_get_problem_documents_and_people_get_pages(desk: Desk) -> None:
    assert desk.client.get("/khong-co").headers["content-type"].startswith("text/html")
    assert desk.client.get("/v1/khong-co").headers["content-type"] == "application/problem+json"
    program = desk.client.get("/khong-co", headers={"Accept": "*/*"})
    assert program.headers["content-type"] == "application/problem+json"


def test_a_missing_page_speaks_the_addresss_language(desk: Desk) -> None:
    assert '<html lang="en"' in desk.client.get("/khong-co?lang=en", headers={"Accept-Language": "vi"}).text


def test_a_qr_code_leads_to_what_was_issued(desk: Desk) -> None:
    text = said(desk.client.get(f"/v/{CODE}"))
    for expected in (
        "Trích lục khai sinh",
        "165/TLKS-UBND",
        "Ủy ban nhân dân phường Yết Kiêu",
        "22/11/2026",
        "H*** K*** Q***",
        "Đang có hiệu lực",
        reports.SHA256,
        "Bản in tự nó không có giá trị pháp lý",
    ):
        assert expected in text
    assert "Birth extract" in said(desk.client.get(f"/v/{CODE}?lang=en"))


@pytest.mark.parametrize(
    ("state", "shown"),
    [("revoked", "Đã bị thu hồi"), ("not_issued", "Chưa ban hành"), ("disputed", "Cần hỏi cơ quan ban hành")],
)
def test_the_state_of_a_document_is_said_in_words(desk: Desk, state: str, shown: str) -> None:
    desk.record = issued(state=state, sha256=None)
    response = desk.client.get(f"/v/{CODE}")
    assert shown in said(response)
    assert "SHA-256" not in said(response)


@pytest.mark.parametrize("code", ["unknown-code-of-nobody-1", "x", "%00", "..%2f..%2fetc", "a" * 5000])
def test_an_unknown_code_is_a_clear_404(desk: Desk, code: str) -> None:
    for response in (desk.client.get(f"/v/{code}"), desk.send(PDF, to=f"/v/{code}")):
        assert response.status_code == 404
        assert response.headers["content-type"].startswith("text/html")
    assert desk.seen == []


def test_the_real_look_up_knows_no_code_that_was_never_given(installation: Any) -> None:
    response = installation.client.get("/v/AAAAAAAAAAAAAAAAAAAAAAAA", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert "Không có văn bản nào mang mã này" in said(response)


def test_the_original_is_recognised_byte_by_byte(desk: Desk) -> None:
    response = desk.send(PDF, to=f"/v/{CODE}")
    assert response.status_code == 200
    assert "Trùng khớp hoàn toàn với bản gốc đang lưu." in said(response)
    assert "HỢP LỆ" in said(response)


def test_another_file_is_said_to_differ_whatever_its_signatures(desk: Desk) -> None:
    desk.report = reports.report(file={"sha256": "00" * 32, "size": 3})
    assert "Khác bản gốc đang lưu" in said(desk.send(PDF, to=f"/v/{CODE}"))


def test_the_original_of_a_revoked_document_is_not_shown_green(desk: Desk) -> None:
    desk.record, desk.report = issued(state="revoked"), reports.report()
    response = desk.send(PDF, to=f"/v/{CODE}")
    assert "VĂN BẢN KHÔNG CÓ HIỆU LỰC" in said(response)
    assert "anso-verdict--valid" not in response.text


def test_without_an_original_nothing_is_compared(desk: Desk) -> None:
    desk.record = issued(state="not_issued", sha256=None)
    response = desk.send(PDF, to=f"/v/{CODE}")
    assert "anso-compare" not in response.text


def test_a_wrong_file_at_a_code_keeps_the_document_on_the_page(desk: Desk) -> None:
    response = desk.send(b"no pdf", to=f"/v/{CODE}")
    assert response.status_code == 422
    assert "165/TLKS-UBND" in said(response)
    assert "Tệp này không phải PDF." in said(response)


def test_static_files_have_types_and_versions_are_kept_for_ever(desk: Desk) -> None:
    page = desk.client.get("/").text
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        response = desk.client.get(address)
        assert response.status_code == 200, address
        assert ("immutable" in response.headers["cache-control"]) == ("?v=" in address)
        assert response.headers["content-type"].split(";")[0] in {
            "text/css",
            "text/javascript",
            "image/svg+xml",
            "font/woff2",
        }


def test_a_first_visit_costs_a_citizen_at_most_150_kilobytes(desk: Desk) -> None:
    addresses = {"/", *re.findall(r'(?:href|src)="(/static/[^"?]+)', desk.client.get("/").text)}
    addresses |= {f"/static/vendor/{name}" for name in assets.recorded() if name.endswith(".woff2")}
    sizes = {}
    for address in addresses:
        response = desk.client.get(address, headers={"Accept-Encoding": "gzip"})
        sizes[address] = int(response.headers["content-length"])
    assert sum(sizes.values()) <= 150_000, sizes


def test_a_client_without_compression_gets_the_same_file_plain(desk: Desk) -> None:
    plain, packed = (
        desk.client.get("/static/anso.css", headers={"Accept-Encoding": encoding}) for encoding in ("identity", "gzip")
    )
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.content == packed.content


@pytest.mark.parametrize(
    "name",
    ["../pages.py", "..%2fpages.py", "%2e%2e/pages.py", "vendor/../../view.py", "vendor", "", "no.css", "a" * 5000],
)
def test_only_files_of_the_folder_are_served(desk: Desk, name: str) -> None:
    assert desk.client.get(f"/static/{name}").status_code == 404


def test_the_api_description_is_shown_with_our_own_copy_of_swagger(desk: Desk) -> None:
    response = desk.client.get("/docs")
    assert response.status_code == 200
    assert "/static/vendor/swagger-ui.js" in response.text


def test_pages_are_not_part_of_the_api_description(installation: Any) -> None:
    assert not {"/", "/kiem-tra", "/v/{code}", "/docs"} & set(installation.app.openapi()["paths"])


def test_looking_up_codes_is_limited(fresh_install: Any) -> None:
    installation = fresh_install()
    installation.app.state.limiter = RateLimiter("3/minute")
    client = installation.client
    statuses = [client.get(f"/v/{'A' * 24}", headers={"Accept": "text/html"}).status_code for _ in range(5)]
    assert statuses == [404, 404, 404, 429, 429]
