"""Fixtures for signing and checking documents: one infrastructure, made once."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import signing.pades.longterm as augmenting
import signing.pades.sign as signing_story
from signing.pades import PersonMark, SealMark, SignedPdf, SigningRequest, drawn_seal, drawn_signature, sign_pdf
from tests.conftest import untraced
from tests.fakes import foreign_verifiers
from tests.fakes import sample_pdf as documents
from tests.fakes import small_pki as infrastructures


@pytest.fixture(scope="module", autouse=True)
def strangers(pytestconfig: pytest.Config) -> Iterator[foreign_verifiers.Collector]:
    """Every file that a test of these modules signs is accepted by poppler, pyHanko (strict reader) and OpenSSL."""
    collector = foreign_verifiers.Collector()

    def seen(**values: Any) -> SignedPdf:
        made = SignedPdf(**values)
        collector.add(made.pdf, made.sha256)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing_story, "SignedPdf", seen)
        patch.setattr(augmenting, "SignedPdf", seen)
        yield collector
    with untraced(pytestconfig):
        faults = collector.faults()
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="session")
def small_pki() -> Any:
    """The module: `small_pki.SmallPki()` makes an infrastructure of a test's own."""
    return infrastructures


@pytest.fixture(scope="session")
def pki(small_pki: Any) -> Any:
    """One infrastructure for every test that does not change it."""
    return small_pki.SmallPki()


@pytest.fixture(scope="session")
def sample_pdf() -> ModuleType:
    """The module that makes documents."""
    return documents


@pytest.fixture(scope="session")
def font(sample_pdf: ModuleType) -> bytes:
    """Tinos as Debian ships it: 2048 units per em, hinted."""
    return sample_pdf.tinos()


@pytest.fixture(scope="session")
def signature_picture(font: bytes) -> bytes:
    """A blue stand-in signature."""
    return drawn_signature("Nguyễn Thị Ánh", font)


@pytest.fixture(scope="session")
def seal_picture(font: bytes) -> bytes:
    """A red stand-in seal."""
    return drawn_seal("UBND phường Yên Giang", font)


@pytest.fixture(scope="session")
def sign(pki: Any) -> Any:
    """`sign(pdf, credential=…, field_name=…, mark=…, level="B-LT")` with the session's infrastructure."""

    def signed(pdf: bytes, *, level: str = "B-LT", by: Any = None, at: Any = None, **request: Any) -> Any:
        infrastructure = by or pki
        values = {"credential": None, "field_name": "Signature1", **request}
        values["credential"] = values["credential"] or infrastructure.credential()
        return sign_pdf(
            pdf,
            SigningRequest(**values),
            keys=infrastructure.keys,
            stamp=infrastructure.stamp if level != "B-B" else None,
            evidence=infrastructure.evidence if level == "B-LT" else None,
            at=at or infrastructure.at,
        )

    return signed


@pytest.fixture(scope="session")
def signed_page(sign: Any, sample_pdf: ModuleType, signature_picture: bytes) -> Any:
    """The administrative page with mark A, level B-LT."""
    return sign(sample_pdf.page(), field_name="Person", mark=PersonMark(picture=signature_picture))


@pytest.fixture(scope="session")
def sealed_page(sign: Any, pki: Any, signed_page: Any, seal_picture: bytes) -> Any:
    """The same page with mark B on top."""
    return sign(signed_page.pdf, credential=pki.seal(), field_name="Seal", mark=SealMark(picture=seal_picture))


@pytest.fixture(scope="session")
def small_signed(sign: Any, sample_pdf: ModuleType) -> bytes:
    """A file of a few kilobytes with one signature, level B-B."""
    return sign(sample_pdf.small(), level="B-B").pdf
