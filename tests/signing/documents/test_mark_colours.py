"""What a document's own claims allow for the colours and masks of a mark."""

from typing import Any

import pytest
from pyhanko.pdf_utils import generic

from signing.pades.colours import ColourRules, colour_rules
from signing.pades.objects import dictionary, whole_numbers


def catalog(metadata: bytes | None, channels: int | None) -> Any:
    entries: dict[str, Any] = {}
    if metadata is not None:
        entries["/Metadata"] = generic.StreamObject(stream_data=metadata)
    if channels is not None:
        profile = generic.StreamObject(stream_data=b"")
        profile["/N"] = whole_numbers([channels])[0]
        entries["/OutputIntents"] = generic.ArrayObject([dictionary({"/DestOutputProfile": profile})])
    return dictionary(entries)


@pytest.mark.parametrize(
    ("metadata", "channels", "rules"),
    [
        (None, None, ColourRules()),
        (b"<x:xmpmeta/>", None, ColourRules()),
        (b"<pdfaid:part>2</pdfaid:part>", 3, ColourRules()),
        (b'<rdf:Description pdfaid:part="2"/>', 4, ColourRules(device_rgb=False)),
        (b"<pdfaid:part>3</pdfaid:part>", None, ColourRules(device_rgb=False, device_gray=False)),
        (b"<pdfaid:part> 1</pdfaid:part>", 3, ColourRules(soft_masks=False, lists_glyphs=True)),
    ],
)
def test_the_rules_follow_what_the_document_claims(metadata: Any, channels: Any, rules: ColourRules) -> None:
    assert colour_rules(catalog(metadata, channels)) == rules


def test_metadata_that_cannot_be_read_claim_nothing() -> None:
    broken = generic.StreamObject(encoded_data=b"no zlib")
    broken["/Filter"] = generic.NameObject("/FlateDecode")
    assert colour_rules(dictionary({"/Metadata": broken})) == ColourRules()
    assert colour_rules(dictionary({"/Metadata": dictionary({})})) == ColourRules()


def test_calibrated_colours_name_no_device() -> None:
    rules = ColourRules(device_rgb=False, device_gray=False)
    assert (rules.rgb[0], rules.gray[0]) == ("/CalRGB", "/CalGray")
    assert (ColourRules().rgb, ColourRules().gray) == ("/DeviceRGB", "/DeviceGray")
