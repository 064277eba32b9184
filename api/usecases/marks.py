"""The pictures of marks A and B for a certificate.

Knows that pictures are drawn as stand-ins as long as no scanned signature or registered seal is on file. Must not know
where on the page they go.
"""

from functools import lru_cache

from api.rendering.typeface import MARK_FONTS
from signing.pades import PersonMark, SealMark
from signing.pades.pictures import drawn_seal, drawn_signature
from signing.registry import CertificateRecord


def person_mark(certificate: CertificateRecord) -> PersonMark:
    """Mark A: the holder's blue signature, in the printed signer's block."""
    return PersonMark(picture=_signature(certificate.common_name))


def seal_mark(certificate: CertificateRecord) -> SealMark:
    """Mark B: the agency's red seal at its real size, over the left third of mark A."""
    return SealMark(picture=_seal(certificate.organisation))


@lru_cache(maxsize=256)
def _signature(name: str) -> bytes:
    return drawn_signature(name, _font())


@lru_cache(maxsize=256)
def _seal(agency: str) -> bytes:
    return drawn_seal(agency, _font())


@lru_cache(maxsize=1)
def _font() -> bytes:
    return (MARK_FONTS / "Tinos-Regular.ttf").read_bytes()
