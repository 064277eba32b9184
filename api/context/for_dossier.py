"""The dossier for which somebody in office looks at a citizen's papers, as the query names it.

Knows the parameter and its structure. Must not know whether there is such a dossier or whose it is.
"""

from typing import Annotated

from fastapi import Depends, Query

from api.ids import parse_id


def for_dossier(
    dossier_id: Annotated[
        str | None,
        Query(
            description="Hồ sơ đang xử lý, bắt buộc với cán bộ và hệ thống / the dossier at hand, "
            "required of officials and systems: their agency handles it, the owner or guardian filed it"
        ),
    ] = None,
) -> str | None:
    """A dependency for reads of a vault.

    Raises:
        InvalidId: the structure is wrong.
    """
    return None if dossier_id is None else parse_id("dos", dossier_id)


ForDossier = Annotated[str | None, Depends(for_dossier)]
"""The dossier named, or None."""
