"""The pictures of marks A and B for a certificate: the registered ones, confirmed and in force at that moment.

Knows that the development profile draws stand-ins, which say so, where nothing is registered. Must not know where on
the page they go.
"""

from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from api.errors import MarkPictureMissing
from api.records.mark_pictures import PICTURE_SLOT, MarkPicture, MarkPictures
from api.rendering.typeface import MARK_FONT
from api.services import Services
from signing.pades import PersonMark, SealMark
from signing.pades.marks import SEAL_DIAMETER_MM
from signing.pades.pictures import drawn_seal, drawn_signature
from signing.pades.registering import MarkPictureKind
from signing.registry import CertificateRecord
from vault.errors import IntegrityMismatch


def person_mark(
    certificate: CertificateRecord, services: Services, *, at: datetime, signer_name: str | None = None
) -> PersonMark:
    """Mark A: the holder's blue signature, in the printed signer's block.

    Args:
        certificate: whose holder signs.
        services: the vault with the pictures.
        at: when it is signed.
        signer_name: the name as it is printed: of several blocks the one above it; None: the last block.

    Raises:
        MarkPictureMissing: production, and no picture is in force. IntegrityMismatch: the stored one is damaged.
    """
    registered = _registered(MarkPictureKind.SIGNATURE, certificate.subject_id, services, at)
    if registered is None:
        return PersonMark(picture=_signature(certificate.common_name), signer_name=signer_name)
    return PersonMark(picture=registered[1], signer_name=signer_name)


def seal_mark(certificate: CertificateRecord, services: Services, *, at: datetime) -> SealMark:
    """Mark B: the agency's red seal at its real size, over A's left third.

    Raises:
        MarkPictureMissing, IntegrityMismatch: as for mark A.
    """
    registered = _registered(MarkPictureKind.SEAL, certificate.org_code, services, at)
    if registered is None:
        return SealMark(picture=_seal(certificate.organisation))
    return SealMark(picture=registered[1], diameter_mm=registered[0].diameter_mm or SEAL_DIAMETER_MM)


def seal_diameter(org_code: str, services: Services, *, at: datetime) -> float:
    """Real size in millimetres of the seal that an agency uses: its place is kept before it is set.

    Raises:
        MarkPictureMissing: production, and no seal of this agency is in force.
    """
    found = _found(MarkPictureKind.SEAL, org_code, services, at)
    return SEAL_DIAMETER_MM if found is None or found.diameter_mm is None else found.diameter_mm


def _registered(
    kind: MarkPictureKind, holder: str | None, services: Services, at: datetime
) -> tuple[MarkPicture, bytes] | None:
    """The picture in force with its bytes; None: a stand-in is drawn."""
    found = _found(kind, holder, services, at)
    if found is None:
        return None
    with services.db.reading() as tx:
        png = services.vault.work.read(tx, found.picture_id, PICTURE_SLOT).content
    if sha256(png).hexdigest() != found.sha256:
        raise IntegrityMismatch("mark picture")
    return found, png


def _found(kind: MarkPictureKind, holder: str | None, services: Services, at: datetime) -> MarkPicture | None:
    with services.db.reading() as tx:
        found = None if holder is None else MarkPictures(tx).in_force(kind, holder, at)
    # DESIGN §4: what a program drew must never look official
    if found is None and services.settings.is_production:
        raise MarkPictureMissing
    return found


@lru_cache(maxsize=256)
def _signature(name: str) -> bytes:
    return drawn_signature(name, _font())


@lru_cache(maxsize=256)
def _seal(agency: str) -> bytes:
    return drawn_seal(agency, _font())


@lru_cache(maxsize=1)
def _font() -> bytes:
    return MARK_FONT.read_bytes()
