"""The pictures of marks A and B for a certificate.

Knows that the development profile draws stand-ins, which say so, and that production needs a scanned signature or the
registered seal. Must not know where on the page they go.
"""

from functools import lru_cache

from api.errors import MarkPictureMissing
from api.rendering.typeface import MARK_FONT
from api.services import Services
from signing.pades import PersonMark, SealMark
from signing.pades.pictures import drawn_seal, drawn_signature
from signing.registry import CertificateRecord


def person_mark(certificate: CertificateRecord, services: Services) -> PersonMark:
    """Mark A: the holder's blue signature, in the printed signer's block; MarkPictureMissing in production."""
    _require_development(services)
    return PersonMark(picture=_signature(certificate.common_name))


def seal_mark(certificate: CertificateRecord, services: Services) -> SealMark:
    """Mark B: the agency's red seal at its real size, over A's left third; MarkPictureMissing in production."""
    _require_development(services)
    return SealMark(picture=_seal(certificate.organisation))


def _require_development(services: Services) -> None:
    # DESIGN §4: what a program drew must never look official
    if services.settings.is_production:
        raise MarkPictureMissing


@lru_cache(maxsize=256)
def _signature(name: str) -> bytes:
    return drawn_signature(name, _font())


@lru_cache(maxsize=256)
def _seal(agency: str) -> bytes:
    return drawn_seal(agency, _font())


@lru_cache(maxsize=1)
def _font() -> bytes:
    return MARK_FONT.read_bytes()
