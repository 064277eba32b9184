"""Clean files of other programs, signed by pyHanko and appended to by it."""

import base64
import io
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PdfSignedData

from tests.attacks.cases import Cleans
from tests.attacks.raw_pdf import (
    Body,
    Draft,
    Stream,
)
from tests.attacks.workshop import (
    CONTENT,
    FONT,
    Workshop,
    base,
    draft,
    letter,
)
from tests.fakes import sample_pdf

PRINTED = Path(__file__).parents[1] / "vectors" / "printed"
producer = Cleans("producer")


def by_pyhanko(
    shop: Workshop, pdf: bytes, *, password: str | None = None, name: str = "Signature1", **meta: Any
) -> bytes:
    """Signed with pyHanko's own writer, container of our own."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    if password is not None:
        writer.encrypt(password)
    append_signature_field(writer, SigFieldSpec(name))
    value = PdfSignedData(
        generic.pdf_name("/Sig"), SigSeedSubFilter.PADES, timestamp=shop.pki.at, bytes_reserved=12_000
    )
    session = PdfCMSEmbedder().write_cms(name, writer)
    next(session)
    session.send(SigObjSetup(sig_placeholder=value))
    prepared, output = session.send(SigIOSetup(md_algorithm="sha256"))
    made = output.getvalue()
    contents = shop.cms(**meta)(made[: prepared.reserved_region_start] + made[prepared.reserved_region_end :])
    session.send(contents)
    return bytes(output.getvalue())


def _file(name: str, source: Callable[[], bytes]) -> None:
    producer.add(name, lambda shop: by_pyhanko(shop, source()))
    producer.add(
        f"{name}_two",
        lambda shop: by_pyhanko(shop, by_pyhanko(shop, source()), name="Signature2"),
        ("permitted", "none"),
        ("B-B", "B-B"),
    )


for _program in ("libreoffice", "chromium", "cairo"):
    _file(_program, lambda n=_program: (PRINTED / f"{n}.pdf").read_bytes())
_file("typst", sample_pdf.page)
for _name, _save in {
    "linearised": {"linearize": True},
    "object_streams": {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
    "normalised": {"normalize_content": True},
    "qdf": {"qdf": True},
    "plain": {"compress_streams": False},
}.items():
    _file(
        f"qpdf_{_name}",
        lambda s=_save: sample_pdf.changed((PRINTED / "libreoffice.pdf").read_bytes(), lambda _: None, **s),
    )
_file(
    "qpdf_linearised_object_streams",
    lambda: sample_pdf.changed(
        sample_pdf.page(), lambda _: None, linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.generate
    ),
)
for _name, _how in {
    "rc4": pikepdf.Encryption(owner="chu", user="", R=3, aes=False, metadata=False),
    "aes_128": pikepdf.Encryption(owner="chu", user="", R=4, aes=True),
    "aes_256": pikepdf.Encryption(owner="chu", user="", R=6),
}.items():
    producer.add(
        f"owner_password_{_name}",
        lambda shop, h=_how: by_pyhanko(
            shop,
            sample_pdf.changed((PRINTED / "libreoffice.pdf").read_bytes(), lambda _: None, encryption=h),
            password="",
        ),
    )
    producer.add(
        f"owner_password_{_name}_two",
        lambda shop, h=_how: by_pyhanko(
            shop,
            by_pyhanko(
                shop,
                sample_pdf.changed((PRINTED / "libreoffice.pdf").read_bytes(), lambda _: None, encryption=h),
                password="",
            ),
            password="",
            name="Signature2",
        ),
        ("permitted", "none"),
        ("B-B", "B-B"),
    )
producer.add(
    "user_password_aes_256",
    lambda shop: by_pyhanko(
        shop,
        sample_pdf.changed(
            (PRINTED / "libreoffice.pdf").read_bytes(),
            lambda _: None,
            encryption=pikepdf.Encryption(owner="chu", user="dan", R=6),
        ),
        password="dan",
    ),
)
producer.members[-1] = replace(producer.members[-1], password="dan")


@producer()
def reportlab_like(shop: Workshop) -> Draft:
    """Content in ASCII base 85 over Flate, as reportlab writes."""
    data = base64.a85encode(zlib.compress(letter("Decision 27", "Pay 100 VND").data)) + b"~>"
    objects = base() | {CONTENT: Stream(data, {"/Filter": "[ /ASCII85Decode /FlateDecode ]"})}
    header = b"%PDF-1.4\n%\x93\x8c\x8b\x9e ReportLab Generated PDF document http://www.reportlab.com\n"
    return shop.sign(draft(objects, header=header))


@producer()
def ghostscript_like(shop: Workshop) -> Draft:
    """Objects in falling order, lengths as objects of their own, metadata without compression."""
    data = letter("Decision 27").data
    objects: dict[int, Body] = {9: b"%d" % len(data), CONTENT: Stream(data, {"/Length": "9 0 R"})}
    rest = base(catalogue={"/Metadata": "10 0 R"})
    objects |= {n: rest[n] for n in sorted(rest, reverse=True) if n != CONTENT}
    objects[10] = Stream(
        b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"/><?xpacket end="w"?>',
        {"/Type": "/Metadata", "/Subtype": "/XML"},
    )
    return shop.sign(draft(objects, header=b"%PDF-1.4\n%\xc7\xec\x8f\xa2\n"))


@producer("permitted", levels=("B-LT",))
def scanner_like(shop: Workshop) -> Draft:
    """One picture over the page, an invisible text over it, no fonts of its own."""
    noise = bytes(n * 37 % 256 for n in range(300))
    picture = Stream(
        noise,
        {
            "/Type": "/XObject",
            "/Subtype": "/Image",
            "/Width": "10",
            "/Height": "10",
            "/ColorSpace": "/DeviceRGB",
            "/BitsPerComponent": "8",
        },
    )
    page = {"/Resources": f"<< /Font << /F1 {FONT} 0 R >> /XObject << /Im0 10 0 R >> >>"}
    objects = base(page=page) | {
        10: picture,
        CONTENT: Stream(b"q 300 0 0 200 0 0 cm /Im0 Do Q BT 3 Tr /F1 9 Tf 20 20 Td (27) Tj ET"),
    }
    return shop.store(shop.sign(draft(objects), cms=shop.cms(stamp=shop.token)))
