"""Chapter 2, the beginning: who hands in a dossier gets a signed receipt with the day of return."""

from typing import Any
from urllib.parse import urlsplit

from story import Story

FILE = "giay-tiep-nhan.pdf"


def give(story: Story, dossier: dict[str, Any]) -> None:
    """Refuse an incomplete dossier, count, draw, sign that page; the applicant fetches it and scans its code."""
    officer = story.acting("reception_officer")
    slips = f"/v1/dossiers/{dossier['id']}/receipt-slips"
    officer.post(slips, {"components": []}, expect=409, code="RECEIPT_INCOMPLETE")
    story.tell("thiếu tờ khai → 409 RECEIPT_INCOMPLETE, không có giấy tiếp nhận nào được lập")
    papers = [{"type_code": "don", "originals": 1}, {"type_code": "giay_khai_sinh", "copies": 1}]
    slip = officer.post(slips, {"components": papers, "fee_vnd": 8000})
    signing = {"certificate_id": story.facts["reception_certificate"], "file_sha256": slip["page_sha256"]}
    signed = officer.post(f"/v1/receipt-slips/{slip['id']}/signature", signing)
    applicant = story.acting("citizen", person=story.seed("people", "mother"))
    content = applicant.get(f"/v1/receipt-slips/{slip['id']}/content", accept="application/pdf").content
    story.keep(FILE, content)
    landing = story.public.get(urlsplit(signed["verification_url"]).path, accept="text/html").text
    story.insist("the code on the receipt leads to the dossier", dossier["code"] in landing)
    story.tell(f"cán bộ kiểm đếm giấy tờ, lập và ký giấy tiếp nhận, hẹn trả {dossier['due_at'][:10]} → {FILE}")
    story.table.append(("2", "giấy tiếp nhận và hẹn trả", f"{FILE} (ký số cá nhân, mã QR)"))
