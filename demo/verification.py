"""Chapter 3: another system asks, without login, whether the file is good."""

import json

import tampering
from outside import write_outside_checks
from story import Story


def tell(story: Story) -> None:
    """The true file is valid; one byte changed or one text drawn over it is not."""
    story.chapter(3, "Hệ thống khác kiểm tra, không đăng nhập / Another system verifies")
    sealed = (story.output / "ket-qua-da-dong-dau.pdf").read_bytes()
    report = _verify(story, "bao-cao-ban-goc.json", sealed)
    good = [s["indication"] == "TOTAL-PASSED" for s in report["signatures"] if s["kind"] == "signature"]
    story.insist(f"two signatures pass: {report}", report["verdict"] == "valid" and good == [True, True])
    profiles = {s["trust"]["profile"] for s in report["signatures"]}
    story.insist(f"the answer says that the root is a development root: {profiles}", profiles == {"dev"})
    story.tell("bản gốc: HỢP LỆ cho cả hai chữ ký (môi trường phát triển, không có giá trị pháp lý)")
    for name, forged, how in (
        ("sua-mot-byte", tampering.flip_signed_byte(sealed), "sửa một byte"),
        ("ve-de-noi-dung", tampering.edit_by_incremental_update(sealed), "vẽ đè nội dung bằng cập nhật nối thêm"),
    ):
        story.keep(f"gia-mao/{name}.pdf", forged)
        refused = _verify(story, f"bao-cao-{name}.json", forged)
        story.insist(f"{name} is invalid: {refused['verdict']}", refused["verdict"] == "invalid")
        story.tell(f"{how}: KHÔNG HỢP LỆ ({', '.join(refused['reason_codes'])})")
    write_outside_checks(story, sealed)
    story.table.append(
        ("3", "hệ thống khác kiểm tra", "bản gốc hợp lệ; hai bản giả mạo bị từ chối; báo cáo: bao-cao/*.json")
    )


def _verify(story: Story, name: str, pdf: bytes) -> dict[str, object]:
    report = story.public.upload("/v1/verifications", "tai-lieu.pdf", pdf, {}, expect=200)
    story.keep(f"bao-cao/{name}", json.dumps(report, ensure_ascii=False, indent=2).encode())
    return report
