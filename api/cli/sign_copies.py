"""Certified copies as `anso sign --copy` and its list name them: of which document, for which dossier, in which form.

Knows ids and one way to write pages. Must not know which copy may be made of what: the service says that.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.cli.exits import Exit, fail

_PAGE: Final = re.compile("[1-9][0-9]{0,3}")
"""The service takes no page behind 5000."""
FORMS: Final = ("sao_y", "sao_luc", "trich_sao")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyWish:
    """One copy that is to be sealed; it stays in the service."""

    document_id: str
    dossier_id: str
    form: str
    pages: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """As the copy is called in the answer and in the journal: the same document may be copied in several forms."""
        return " ".join((self.document_id, self.form, *((",".join(map(str, self.pages)),) if self.pages else ())))

    def body(self, certificate_sha256: str) -> dict[str, Any]:
        """What the service is asked for."""
        terms = {"dossier_id": self.dossier_id, "form": self.form, "pages": list(self.pages)}
        return terms | {"certificate_sha256": certificate_sha256}


def copy_wishes(
    documents: Sequence[str], dossier: str | None, form: str | None, pages: str | None
) -> tuple[CopyWish, ...]:
    """The copies that the options name, all for one dossier and in one form.

    Raises:
        SystemExit: 2 when something is missing, or stands there for nothing.
    """
    if not documents and any(one is not None for one in (dossier, form, pages)):
        fail(Exit.USAGE, "--dossier, --form, --pages: đi với / go with --copy")
    return tuple(copy_wish("--copy", one, dossier, form, pages) for one in documents)


def copy_wish(where: str, document: str, dossier: str | None, form: str | None, pages: str | None) -> CopyWish:
    """One copy; ``where`` says to the reader of a refusal what is to be mended.

    Raises:
        SystemExit: 2 without dossier or form, and for what is no list of pages.
    """
    if dossier is None or form not in FORMS:
        listed = " | ".join(FORMS)
        fail(Exit.USAGE, f"{where}: bản sao cần hồ sơ và hình thức / a copy needs a dossier and a form: {listed}")
    numbers = [] if pages is None else [one.strip() for one in pages.split(",")]
    if not all(_PAGE.fullmatch(one) for one in numbers):
        fail(Exit.USAGE, f"{where}: trang / pages: 1,3,4")
    return CopyWish(document_id=document, dossier_id=dossier, form=form, pages=tuple(map(int, numbers)))
