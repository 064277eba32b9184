"""Files that other programs signed (tests/vectors/producers) and how they are checked: authority, lists, time."""

import functools
import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.trust import Evidence, TrustAnchor, TrustAnchors, TrustProfile
from signing.validation import VN_TT15_2025, Report, verify_pdf

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ARCHIVE = Path(__file__).parents[1] / "vectors" / "producers" / "files.zip"


@functools.cache
def producer_files() -> Mapping[str, bytes]:
    """Everything in the archive by name."""
    with zipfile.ZipFile(io.BytesIO(ARCHIVE.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def verified_pdf(files: Mapping[str, bytes], pdf: bytes) -> Report:
    """A file checked under the authority of the archive."""
    root, ca = (x509.load_pem_x509_certificate(files[f"{n}.pem"]).public_bytes(Encoding.DER) for n in ("root", "ca"))
    anchor = TrustAnchor(profile=TrustProfile.PUBLIC, certificate=root, name="Producers Root")
    evidence = Evidence(certificates=(ca,), crls=(files["root.crl"], files["ca.crl"]))
    return verify_pdf(pdf, anchors=TrustAnchors((anchor,)), policy=VN_TT15_2025, at=AT, evidence=evidence)
