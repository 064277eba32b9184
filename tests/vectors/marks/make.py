"""Makes the reference images anew: `.venv/bin/python -m tests.vectors.marks.make`; read README.md first."""

from pathlib import Path
from typing import Any

from signing.pades import SigningRequest, drawn_seal, drawn_signature, sign_pdf
from tests.fakes import sample_pdf, small_pki
from tests.fakes.mark_layouts import LAYOUTS
from tests.fakes.marked_pages import cut, marked, packed

HERE = Path(__file__).parent


def main() -> None:
    """Write one image for each layout."""
    pki, font = small_pki.SmallPki(), sample_pdf.tinos()
    pictures = (drawn_signature("Nguyễn Thị Ánh", font), drawn_seal("UBND phường Yên Giang", font))

    def sign(pdf: bytes, *, level: str, credential: Any = None, **request: Any) -> Any:
        del level  # without time-stamp: it is not seen
        wanted = SigningRequest(credential=credential or pki.credential(), **request)
        return sign_pdf(pdf, wanted, keys=pki.keys, stamp=None, evidence=None, at=pki.at)

    for layout in LAYOUTS:
        (HERE / f"{layout}.png").write_bytes(packed(cut(marked(sign, pki, layout, pictures, font))))


if __name__ == "__main__":
    main()
