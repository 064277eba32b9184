"""Files sealed under an installation's own hierarchy, for tests that send them to be checked."""

from hashlib import sha256
from typing import Any

from api.usecases.signing_parts import evidence_source, platform_credential, time_stamper
from signing.pades import SigningRequest, sign_pdf
from signing.pades.cms import detached_signature
from tests.fakes import sample_pdf


def sealed_by(installation: Any, pdf: bytes | None = None, *, stamped: bool = True) -> bytes:
    """A file sealed by the platform at the installation's time; B-LT, or B-B if not stamped."""
    services, at = installation.services, installation.clock.at
    with services.db.reading() as tx:
        credential = platform_credential(tx, at)
    signed = sign_pdf(
        sample_pdf.small() if pdf is None else pdf,
        SigningRequest(credential=credential, field_name="Seal"),
        keys=services.keys,
        stamp=time_stamper(services, at) if stamped else None,
        evidence=evidence_source(services, at) if stamped else None,
        at=at,
    )
    return signed.pdf


def tampered(sealed: bytes) -> bytes:
    """The same with one byte of its page changed."""
    changed = sealed.replace(b"100 50 re f", b"100 51 re f")
    assert changed != sealed
    return changed


def signature_over(installation: Any, content: bytes) -> bytes:
    """A detached CAdES-B-B signature of the platform over any file."""
    services, at = installation.services, installation.clock.at
    with services.db.reading() as tx:
        credential = platform_credential(tx, at)
    return detached_signature(credential, sha256(content).digest(), services.keys, at=at)
