"""Chapter 6: what lies on disk is ciphertext, and a flipped byte is found and never served."""

from pathlib import Path

from story import Story


def tell(story: Story) -> None:
    """Look at the store as its operator would, damage one object, and read through the service."""
    story.chapter(6, "Kho lưu trữ chỉ có bản mã / The store holds ciphertext only")
    on_s3 = story.service.environment.get("ANSO_STORE") == "s3"
    folder = story.service.data / ("s3" if on_s3 else "objects")
    objects = [path for path in folder.rglob("*") if path.is_file()]
    # long enough not to turn up in ciphertext by chance: three bytes do, in every few megabytes
    names = (b"%PDF-1.", b"\xff\xd8\xff\xe0\x00\x10JFIF", story.seed("names", "child").encode())
    story.insist(
        "no object shows a PDF, a picture or a name", objects and not any(_shows(path, names) for path in objects)
    )
    story.tell(f"{len(objects)} tệp trên đĩa của kho, không tệp nào để lộ PDF, ảnh hay họ tên")
    mother = story.acting("citizen", person=story.seed("people", "mother"))
    address = f"/v1/documents/{story.facts['document']}/content"
    intact = mother.get(address, accept="application/pdf", role="master").content
    story.insist(
        "the vault gives back what was sealed", intact == (story.output / "ket-qua-da-dong-dau.pdf").read_bytes()
    )
    if on_s3:
        story.tell("máy chủ S3 tự giữ đĩa của nó: phần làm hỏng một byte chạy với kho thư mục (make demo)")
        story.table.append(("6", "kho lưu trữ", "máy chủ S3 thật chỉ giữ bản mã; đọc ra đúng từng byte"))
        return
    victim = _object_of(story, objects, len(intact))
    _flip(victim)
    refused = mother.get(address, expect=500, accept="application/pdf", role="master")
    story.insist(f"the damage is named: {refused.text}", refused.json()["code"] == "INTEGRITY_MISMATCH")
    story.tell("lật một byte trên đĩa: đọc bị từ chối với mã INTEGRITY_MISMATCH, không byte nào được trả ra")
    _flip(victim)
    story.table.append(("6", "kho lưu trữ", "chỉ có bản mã; một byte hỏng bị phát hiện, không được trả ra"))


def _shows(path: Path, names: tuple[bytes, ...]) -> bool:
    content = path.read_bytes()
    return any(name in content for name in names)


def _object_of(story: Story, objects: list[Path], size: int) -> Path:
    """The object that holds the sealed file: the only one of its length (ciphertext is a little longer)."""
    near = [path for path in objects if 0 <= path.stat().st_size - size < 4096]  # noqa: PLR2004 - header and tags
    story.insist(f"one object of about {size} bytes: {near}", near)
    return max(near, key=lambda path: path.stat().st_mtime)


def _flip(path: Path) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01
    path.write_bytes(bytes(content))
    path.chmod(0o444)
