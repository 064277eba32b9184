"""Made-up applicants as files: good rows by the thousand, and the rows that must be refused."""

from collections.abc import Callable, Mapping
from typing import Any

from api.callers import Role
from api.usecases.approve_request_batch import work_batch_approval
from api.usecases.work_batch import work_batch

HEADER = "personal_id,name,date_of_birth"
_SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi")
_NAMES = ("An", "Bình", "Chi", "Dũng", "Giang", "Hạnh", "Khánh", "Thủy")


def citizen(index: int) -> str:
    """A good row: number, birth and sex agree; the first 900,000 differ."""
    year = 50 + index % 50
    number = f"022{index % 2}{year:02d}{100000 + index:06d}"
    name = f"{_SURNAMES[index % 8]} Văn {_NAMES[index // 8 % 8]}"
    return f"{number},{name},19{year:02d}-{1 + index % 12:02d}-{1 + index % 28:02d}"


BAD: tuple[tuple[str, str], ...] = (
    ("02209010000,Lê Văn An,1990-01-01", "ROW_PERSONAL_ID"),  # eleven digits
    ("O22090100000,Lê Văn An,1990-01-01", "ROW_PERSONAL_ID"),  # the letter O
    ("099090100000,Lê Văn An,1990-01-01", "ROW_PERSONAL_ID"),  # a place that was never given out
    ("022090100001,,1990-01-01", "ROW_NAME"),
    ("022090100002,Lê\u202eVăn An,1990-01-01", "ROW_NAME"),  # a bidi mark
    ("022090100003,Lê Văn An,1990-02-30", "ROW_BIRTH_DATE"),
    ("022090100004,Lê Văn An,", "ROW_BIRTH_DATE"),
    ("022290100005,Lê Văn An,2090-01-01", "ROW_BIRTH_DATE"),  # in the future
    ("022090100006,Lê Văn An,1991-01-01", "ROW_ID_BIRTH_CONFLICT"),
    ("022220100007,Lê Văn An,2020-01-01", "ROW_PERSON_UNABLE"),  # a child
    ("=cmd|'/c calc'!A1,Lê Văn An,1990-01-01", "ROW_CELL_UNSAFE"),
    ("022090100008,@SUM(A1),1990-01-01", "ROW_CELL_UNSAFE"),
    ("022090100009,Lê Văn An", "ROW_SHAPE"),
    ("022090100010,Lê Văn An,1990-01-01,more", "ROW_SHAPE"),
)
"""Rows that are refused, with the reason."""


def a_file(good: int, bad: int, *, start: int = 0) -> tuple[bytes, dict[int, str]]:
    """A file with `bad` rows spread evenly among the good ones; and which row is refused why."""
    lines, reasons, made, spoilt = [HEADER], {}, 0, 0
    while made < good or spoilt < bad:
        if spoilt < bad and made * bad >= spoilt * good:
            row, reason = BAD[spoilt % len(BAD)]
            spoilt += 1
            reasons[len(lines) + 1] = reason
        else:
            row = citizen(start + made)
            made += 1
        lines.append(row)
    return ("\n".join(lines) + "\n").encode(), reasons


def send(
    installation: Any, content: bytes, *, kind: str = "citizens", figure: str = "ra_officer", **headers: str
) -> Any:
    own = installation.headers(Role.RA_OFFICER, figure) | headers
    return installation.client.post(
        "/v1/certificate-request-batches",
        files={"file": ("nguoi-dan.csv", content, "text/csv")},
        data={"kind": kind, "evidence": "KH 12/2026"},
        headers=own,
    )


def run(installation: Any, batch_id: str, body: Callable[..., None] = work_batch) -> list[tuple[int, int, str]]:
    """Run the batch's job in this process; what it told of its progress."""
    told: list[tuple[int, int, str]] = []
    payload: Mapping[str, str] = {"batch_id": batch_id}
    body(installation.services, payload, lambda done, total, label: told.append((done, total, label)))
    return told


def approve(installation: Any, batch_id: str, figure: str = "approver") -> Any:
    own = installation.headers(Role.APPROVER, figure)
    return installation.client.post(f"/v1/certificate-request-batches/{batch_id}/approval", json={}, headers=own)


def run_approval(installation: Any, batch_id: str) -> list[tuple[int, int, str]]:
    return run(installation, batch_id, work_batch_approval)


def read(installation: Any, path: str, role: Role = Role.APPROVER) -> Any:
    own = installation.headers(role)
    return installation.client.get(f"/v1/certificate-request-batches/{path}", headers=own)


def citizens(*indexes: int) -> bytes:
    """A file of good rows."""
    return "\n".join([HEADER, *map(citizen, indexes)]).encode()


def filed(installation: Any, content: bytes, **more: str) -> str:
    """Send a file and run its job; the batch's id."""
    sent = send(installation, content, **more)
    assert sent.status_code == 202, sent.text
    assert sent.headers["location"].endswith(sent.json()["id"])
    run(installation, sent.json()["id"])
    return str(sent.json()["id"])
