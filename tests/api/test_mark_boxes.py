"""Where no signer's block is found, the signer says where mark A stands; it covers nothing there either."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from api.callers import Role
from api.records.demonstration import PEOPLE
from signing.pades.pages import signed_places
from tests.api.token_holders import Holder, holder_of
from tests.fakes import sample_pdf


@pytest.fixture(scope="module")
def holder(installation: Any, softhsm: Any) -> Holder:
    """A mother with a public certificate in a token."""
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    return holder_of(installation, softhsm, Role.CITIZEN, "mother", body)


def preview(holder: Holder, **fields: str) -> Any:
    data = {"certificate_id": holder.certificate_id, "mark": "person", **fields}
    files = {"file": ("van-ban.pdf", sample_pdf.small())}
    return holder.installation.client.post("/v1/mark-previews", data=data, files=files, headers=holder.headers())


def test_a_page_without_a_signers_block_takes_the_mark_where_it_is_told(holder: Holder) -> None:
    assert preview(holder).json()["code"] == "MARK_PLACE"
    shown = preview(holder, mark_box="1,150,120,290,170")
    assert shown.status_code == 200, shown.text
    pixels = np.asarray(Image.open(io.BytesIO(shown.content)).convert("RGB"), dtype=int)
    blue = np.argwhere(pixels[..., 2] > pixels[..., :2].max(axis=2) + 60)
    height, width = pixels.shape[:2]  # of a page of 300 by 200 points
    upper_right = blue[(blue[:, 0] < height * 80 / 200) & (blue[:, 1] > width * 150 / 300)]
    assert len(upper_right) > 100


def test_the_signature_stands_in_the_box_that_was_shown(holder: Holder) -> None:
    (prepared,) = holder.prepared(sample_pdf.small(), mark="person", mark_box="1,150,120,290,170")
    done = holder.complete(prepared)
    assert done.status_code == 201, done.text
    (place,) = [one.rectangle for one in signed_places(holder.fetch(done.json()["file"]).content)]
    left, bottom, right, top = place
    assert 150 <= left < right <= 290
    assert 120 <= bottom < top <= 170


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"mark_box": "1,20,20,120,70"}, "MARK_PLACE"),  # the blue field of the page is there
        ({"mark_box": "1,250,120,600,170"}, "MARK_PLACE"),
        ({"mark_box": "2,150,120,290,170"}, "MARK_PLACE"),
        ({"mark_box": "0,150,120,290,170"}, "INPUT_INVALID"),
        ({"mark_box": "1,290,120,150,170"}, "INPUT_INVALID"),
        ({"mark_box": "1,150,170,290,120"}, "INPUT_INVALID"),
        ({"mark_box": "1,150,120,179,170"}, "INPUT_INVALID"),
        ({"mark_box": "1,150,120,290,134"}, "INPUT_INVALID"),
        ({"mark_box": "1,150,120,290"}, "INPUT_INVALID"),
        ({"mark_box": "1,-5,120,290,170"}, "INPUT_INVALID"),
        ({"mark_box": "1,1e3,120,290,170"}, "INPUT_INVALID"),
        ({"mark": "text", "mark_box": "1,150,120,290,170"}, "INPUT_INVALID"),
    ],
)
def test_a_box_that_is_none_or_covers_something_is_refused(holder: Holder, fields: dict[str, str], code: str) -> None:
    assert preview(holder, **fields).json()["code"] == code


def test_a_refused_field_says_what_it_may_be(holder: Holder) -> None:
    """Whoever sits at a form has only these words: an example of a box, the marks there are."""
    for text in ("1,150,120,290", "1;150;120;290;170", "trang 1"):
        assert "ví dụ 1,320,140,520,230" in preview(holder, mark_box=text).json()["detail"]
    assert "rộng ít nhất 30 và cao ít nhất 15" in preview(holder, mark_box="1,150,120,152,122").json()["detail"]
    assert "mark ('none', 'person', 'text')" in preview(holder, mark="seal").json()["detail"]
