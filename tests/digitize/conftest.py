"""Pages read once for all tests: reading is what costs time."""

from collections.abc import Callable

import pytest
from PIL import Image

from digitize.extract import Reading
from digitize.model import DigitisedPages
from tests.digitize.papers import LETTER, drawn, encoded, line, page_of, photographed, read


@pytest.fixture
def reading_of() -> Callable[..., Reading]:
    """A reading of lines of text, one under the other at the left edge; `(text, left)` places a line elsewhere."""

    def make(*texts: str | tuple[str, float]) -> Reading:
        placed = [(text, 100.0) if isinstance(text, str) else text for text in texts]
        return Reading.of([page_of(*(line(text, 50.0 * n, left=left) for n, (text, left) in enumerate(placed)))])

    return make


@pytest.fixture(scope="session")
def letter() -> bytes:
    """The made-up decision as a JPEG from a scanner."""
    return encoded(drawn(LETTER), quality=92)


@pytest.fixture(scope="session")
def letter_read(letter: bytes) -> DigitisedPages:
    return read(letter)


@pytest.fixture(scope="session")
def photo_read() -> DigitisedPages:
    page = drawn(LETTER)
    large = page.resize((page.width * 3 // 2, page.height * 3 // 2), Image.Resampling.BICUBIC)
    return read(encoded(Image.fromarray(photographed(large)), dpi=(72, 72), quality=90))
