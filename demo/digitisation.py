"""Chapter 4: a phone photo becomes a confirmed, signed, searchable copy."""

import json
import time
from pathlib import Path

from service import DemoFailed
from story import Story

PHOTO = Path(__file__).parent / "samples" / "giay-khai-sinh.jpg"
PATIENCE_S = 180


def tell(story: Story) -> None:
    """Upload, wait for the reading, confirm the fields, sign the copy into the citizen's vault."""
    story.chapter(4, "Số hóa ảnh chụp giấy tờ / A phone photo becomes a signed copy")
    officer = story.acting("reception_officer")
    fields = {
        "dossier_id": story.facts["dossier"],
        "component_type": "giay_khai_sinh",
        "owner_subject_id": story.seed("people", "child"),
    }
    started = officer.upload("/v1/digitisations", PHOTO.name, PHOTO.read_bytes(), fields, expect=202)
    story.tell(f"cán bộ tiếp nhận tải ảnh chụp lên → công việc {started['job_id']}")
    read = _wait(story, str(started["id"]))
    story.keep("so-hoa/truong-du-lieu.json", json.dumps(read["fields"], ensure_ascii=False, indent=2).encode())
    page = officer.get(f"/v1/digitisations/{started['id']}/pages/1", accept="image/*").content
    story.keep("so-hoa/trang-1-da-nan-thang.jpg", page)
    doubtful = [name for name, field in read["fields"].items() if field["needs_review"]]
    story.tell(f"đã nắn thẳng và đọc: {len(read['fields'])} trường, {len(doubtful)} trường cần người xem lại")
    truth = json.loads(PHOTO.with_suffix(".json").read_text(encoding="utf-8"))["fields"]
    confirmed = {name: truth[name] for name in read["fields"] if name in truth}
    right = sum(read["fields"][name]["value"] == value for name, value in confirmed.items())
    officer.patch(f"/v1/digitisations/{started['id']}/fields", {"fields": confirmed})
    story.tell(f"cán bộ đối chiếu với ảnh và xác nhận: {right}/{len(confirmed)} trường máy đã đọc đúng")
    body = {"certificate_id": story.facts["reception_certificate"]}
    stored = officer.post(f"/v1/digitisations/{started['id']}/acceptance", body)
    copy = officer.get(
        f"/v1/documents/{stored['document_id']}/content",
        accept="application/pdf",
        role="signed",
        dossier_id=story.facts["dossier"],
    ).content
    story.keep("ban-sao-so-hoa.pdf", copy)
    story.tell("bản sao PDF/A-2b đã ký, mức tin cậy C, nằm trong kho của công dân cùng ảnh gốc → ban-sao-so-hoa.pdf")
    story.facts["copy"] = str(stored["document_id"])
    story.table.append(("4", "số hóa ảnh chụp", "ban-sao-so-hoa.pdf (PDF/A-2b, tìm được chữ, mức C)"))


def _wait(story: Story, digitisation: str) -> dict[str, dict[str, dict[str, object]]]:
    officer = story.acting("reception_officer")
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        answer = officer.get(f"/v1/digitisations/{digitisation}").json()
        if answer["state"] == "extracted":
            return answer
        if answer["state"] in {"failed", "quarantined", "returned"}:
            raise DemoFailed(f"the photo was not read: {answer}")
        time.sleep(0.5)
    raise DemoFailed(f"the photo was not read within {PATIENCE_S} s")
