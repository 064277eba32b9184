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

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ARCHIVE = Path(__file__).parents[1] / "vectors" / "producers" / "files.zip"


@functools.cache
def producer_files() -> Mapping[str, bytes]:
    """Everything in the archive by name."""
    with zipfile.ZipFile(io.BytesIO(ARCHIVE.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def verified_pdf(files: Mapping[str, bytes], pdf: bytes) -> Report:
    """A file checked under the authorities of the archive."""
    certificates = {
        name: x509.load_pem_x509_certificate(files[f"{name}.pem"]).public_bytes(Encoding.DER)
        for name in ("root", "ca", "root2", "ca2")
    }
    anchors = tuple(
        TrustAnchor(profile=TrustProfile.PUBLIC, certificate=certificates[name], name=name)
        for name in ("root", "root2")
    )
    evidence = Evidence(
        certificates=(certificates["ca"], certificates["ca2"]),
        crls=tuple(files[f"{name}.crl"] for name in certificates),
    )
    return verify_pdf(pdf, anchors=TrustAnchors(anchors), policy=VN_TT15_2025, at=AT, evidence=evidence)
