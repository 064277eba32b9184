"""Which mark each file gets and where mark A stands: what the options and the list say, looked at before all else.

Knows the names of marks and the one form of a place. Must not know how a mark is drawn, nor how a file is signed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, NoReturn

from api.cli.exits import Exit, fail
from api.cli.sign_failures import of_code
from api.cli.sign_items import Item

if TYPE_CHECKING:
    from api.cli.holder_keys import HolderKey
    from api.services import Services
    from signing.pades import Box, PersonMark

PERSON: Final = "person"
MARKS: Final = ("none", "text", PERSON)


def with_marks(items: Sequence[Item], mark: str | None, box: str | None) -> tuple[Item, ...]:
    """The items, each file with its mark and, of mark A, the place that was given for it.

    Args:
        items: what is signed; a result's marks are those of its signing plan, a certified copy has mark E.
        mark: for what the list says nothing of; None: none on files, the text on officer's copies.
        box: for mark A of files of which the list names no place; None: found from the page.

    Raises:
        SystemExit: 2 for a mark that there is none of, a box that is none, and one that no mark A would stand in.
    """
    found = tuple(_marked(item, mark, box) for item in items)
    if box is not None:
        place_of(box)
        if all(item.mark_box is not None or one.mark_box is None for item, one in zip(items, found, strict=True)):
            _without_mark("--mark-box")
    return found


def draws_picture(items: Sequence[Item]) -> bool:
    """Whether the holder's picture is wanted on one of them."""
    return any(item.mark == PERSON for item in items)


def place_of(text: str) -> "Box":
    """The place that a text says, by the rules of the API's `mark_box`.

    Raises:
        SystemExit: 2 with the API's code, which says the form.
    """
    from api.errors import InputInvalid
    from api.schemas.mark_box import read_box

    try:
        return read_box(text)
    except InputInvalid as err:
        fail(Exit.USAGE, f"--mark-box: {err.code}: {err.detail_vi} / {err.detail_en}")


def holder_mark(key: "HolderKey", services: "Services", at: datetime) -> "PersonMark":
    """Mark A of the key's holder: the picture that a data folder has for the certificate.

    Raises:
        SystemExit: 7 when the folder does not know the certificate as a person's, or has no picture in force.
    """
    from hashlib import sha256

    from api.errors import AnsoError
    from api.usecases.marks import person_mark
    from api.usecases.signing_certificate import certificate_to_sign_with, known_certificate_id
    from signing.identity import CertificateClass

    with services.db.reading() as tx:
        known = known_certificate_id(tx, sha256(key.certificate).hexdigest())
        record = None if known is None else certificate_to_sign_with(tx, known, at)
    if record is None or record.certificate_class is CertificateClass.ORG_SEAL:
        fail(
            Exit.NOT_AUTHORISED,
            "--mark person: --data không biết chứng thư này là của một người; ảnh chữ ký đăng ký theo chứng thư ở đó / "
            "the data folder does not know this certificate as a person's; pictures are registered there",
        )
    try:
        return person_mark(record, services, at=at, signer_name=record.common_name)
    except AnsoError as err:
        found = of_code(err.code, err.detail_en)
        fail(Exit.NOT_AUTHORISED, f"--mark person: {err.code}: {found.vi} / {found.en}")


def _marked(item: Item, mark: str | None, box: str | None) -> Item:
    if item.result_id is not None or item.copy is not None:
        if item.mark_box is not None:
            _without_mark(item.name)
        return item
    is_copy = item.digitisation_id is not None
    wanted = item.mark or mark or ("text" if is_copy else "none")
    if wanted not in MARKS:
        listed = " | ".join(MARKS)
        _refuse(
            item.name, f"Không có dấu {wanted}; chỉ có {listed}.", f"There is no mark {wanted}; there are {listed}."
        )
    if is_copy and wanted == PERSON:
        _refuse(item.name, "Bản sao có dấu text hoặc none.", "A copy has the mark text or none.")
    if item.mark_box is None:
        return replace(item, mark=wanted, mark_box=box if wanted == PERSON else None)
    place_of(item.mark_box)
    if wanted != PERSON:
        _without_mark(item.name)
    return replace(item, mark=wanted)


def _without_mark(what: str) -> NoReturn:
    _refuse(
        what,
        "Khung chỉ dùng với dấu person (ảnh chữ ký) của một tệp.",
        "A box is only for the mark person of a file.",
    )


def _refuse(what: str, vi: str, en: str) -> NoReturn:
    from api.errors import InputInvalid

    fail(Exit.USAGE, f"{what}: {InputInvalid.code}: {vi} / {en}")
