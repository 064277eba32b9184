"""Scenario S10: pictures of a red seal and a blue signature, a bare print, an unsigned form; through HTTP."""

import io
from typing import Any

import pikepdf
import pytest

from tests.api.office import open_office
from tests.fakes.sample_pdf import changed, page
from tests.journeys.issued_result import IssuedResult, issued_result, photograph, scanned, verified, without_signatures

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def issued(installation: Any) -> IssuedResult:
    return issued_result(open_office(installation))


def with_empty_field(pdf: bytes) -> bytes:
    def add(document: Any) -> None:
        field = document.make_indirect(
            pikepdf.Dictionary(
                FT=pikepdf.Name.Sig, T="Người ký", Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget,
                Rect=pikepdf.Array([300, 300, 400, 350]),
            )
        )  # fmt: skip
        document.pages[0].Annots = pikepdf.Array([field])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))

    return changed(pdf, add)


@pytest.mark.parametrize(
    ("make", "codes"),
    [
        (without_signatures, ["NO_SIGNATURE", "PICTURE_OF_SEAL"]),
        (scanned, ["NO_SIGNATURE", "PRINT_ONLY"]),
        (photograph, ["NO_SIGNATURE", "PRINT_ONLY"]),
        (lambda _: page(), ["NO_SIGNATURE"]),
        (lambda _: with_empty_field(page()), ["NO_SIGNATURE", "SIGNATURE_FIELD_EMPTY"]),
    ],
    ids=["pictures", "scan", "photograph", "text", "form"],
)
def test_each_unsigned_file_is_refused_with_its_own_reason(
    installation: Any, issued: IssuedResult, make: Any, codes: list[str]
) -> None:
    report = verified(installation.client, make(issued.pdf))
    assert (report["verdict"], report["acceptance"]) == ("no_signature", "refuse")
    assert report["reason_codes"] == codes
    assert "hình ảnh con dấu hoặc chữ ký không phải là chữ ký số" in report["reasons_vi"][0]
    assert "pictures of seals or signatures are not signatures" in report["reasons_en"][0]


def test_the_pictures_are_really_on_the_page(issued: IssuedResult) -> None:
    with pikepdf.open(io.BytesIO(without_signatures(issued.pdf))) as document:
        assert "/AcroForm" not in document.Root
        assert len(document.pages[0].Resources.XObject) >= 2
