"""Actions that a viewer could run are named wherever they hang; and where a signature dictionary may lie."""

import pytest

from signing.validation.coverage import signature_coverage
from signing.validation.document import open_document
from signing.validation.geometry import GeometryFaultError
from tests.fakes.hostile_pdf import CATALOGUE, PAGE, PAGES, object_stream, plain, with_xref_stream


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        (b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>", ("javascript",)),
        (b"/OpenAction << /S /Rendition /JS (x) >>", ("javascript",)),
        (b"/Names << /JavaScript << /Names [] >> >>", ("javascript",)),
        (b"/AA << /WC << /S /Launch /F (a.exe) >> /DP << /S /SubmitForm >> >>", ("launch", "submitform")),
        (b"/X [[<< /S /GoToE >>] << /S /ImportData >> 7 (text)]", ("gotoe", "importdata")),
        (b"/X << /S /RichMediaExecute >>", ("richmediaexecute",)),
        (b"/Title (see /JavaScript) /S /URI", ()),
        (b"/OpenAction << /S /GoTo >>", ()),
    ],
)
def test_actions_are_named_wherever_they_hang(entries: bytes, found: tuple[str, ...]):
    assert open_document(plain(catalogue=CATALOGUE[:-2] + entries + b" >>")).active_content == found
    assert open_document(plain(b"<< %s >>" % entries)).active_content == found


def test_a_search_for_actions_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("signing.validation.active_content.MAX_OBJECTS_SEARCHED", 4)
    assert open_document(plain(b"<< /S /Launch >>")).active_content == ()


def test_a_signature_dictionary_inside_an_object_stream_covers_nothing():
    """Its container cannot stand in the gap of a byte range."""
    value = b"<< /Type /Sig /ByteRange [0 20 400 30] /Contents <%s> >>" % (b"31" * 40)
    packed = {
        1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] >> >>",
        2: PAGES,
        6: b"<< /FT /Sig /T (a) /V 7 0 R >>",
        7: value,
    }
    pdf = with_xref_stream(
        {3: PAGE.replace(b"/Contents 4 0 R", b""), 5: object_stream(packed)},
        {number: (2, 5, place) for place, number in enumerate(packed)},
    )
    (field,) = open_document(pdf).fields
    with pytest.raises(GeometryFaultError) as caught:
        signature_coverage(open_document(pdf), field)
    assert caught.value.code == "SIGNATURE_COVERAGE"
