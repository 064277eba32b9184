"""Three verifiers that are not ours, and a collector: every file that a test signs is shown to all of them.

Whether an authority is trusted is not asked: a test's own authority is known to nobody. Whether the signature holds
together, covers what it says and allows what came after it is.
"""

import io
import logging
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext


def pdfsig_faults(pdf: bytes, folder: Path) -> list[str]:
    """Poppler: "Signature is Valid." for each signature; it does not check document time-stamps."""
    path = folder / "signed.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False)
    blocks = done.stdout.split("Signature #")[1:]
    # time-stamps, reserved fields, digests that poppler does not know (others' signatures: ours have SHA-2)
    others = ("Signature Type: unknown", "The signature form field is not signed", "Unrecognized Hash ID")
    regular = [block for block in blocks if not any(other in block for other in others)]
    wrong = [block for block in regular if "Signature is Valid." not in block]
    return [f"pdfsig: {block}" for block in wrong] if blocks else [f"pdfsig: {done.stdout}{done.stderr}"]


def openssl_faults(pdf: bytes, folder: Path) -> list[str]:
    """OpenSSL: the container over the octets of the byte range."""
    faults = []
    for one in PdfFileReader(io.BytesIO(pdf), strict=True).embedded_regular_signatures:
        start, first, second, length = (int(number) for number in one.byte_range)
        (folder / "cms").write_bytes(one.pkcs7_content)
        (folder / "content").write_bytes(pdf[start:first] + pdf[second : second + length])
        command = [
            "openssl", "cms", "-verify", "-binary", "-purpose", "any", "-noverify", "-inform", "DER",
            "-in", str(folder / "cms"), "-content", str(folder / "content"), "-out", "/dev/null",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            faults.append(f"openssl, {one.field_name}: {done.stderr[-300:]}")
    return faults


def pyhanko_faults(pdf: bytes, _folder: Path | None = None, *, only: str | None = None) -> list[str]:
    """pyHanko with its strict reader: values, digests, and what was changed after each."""
    faults = []
    context = ValidationContext(trust_roots=[], allow_fetching=False)
    for one in PdfFileReader(io.BytesIO(pdf), strict=True).embedded_signatures:
        if only not in {None, one.field_name}:
            continue
        is_stamp = one.sig_object["/SubFilter"] == "/ETSI.RFC3161"
        status: Any = (validate_pdf_timestamp if is_stamp else validate_pdf_signature)(one, context)
        if not (status.intact and status.valid and status.docmdp_ok is not False):
            faults.append(f"pyHanko, {one.field_name}: {status.summary()}")
        elif status.modification_level is None and status.coverage.name == "UNCLEAR":
            faults.append(f"pyHanko, {one.field_name}: what it covers is unclear")
    return faults


class Collector:
    """Signed files of one module of tests; a file that another one continues is seen with that one."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.broken: list[bytes] = []

    def add(self, pdf: bytes, sha256: str) -> None:
        self.files[sha256] = pdf

    def broken_on_purpose(self, pdf: bytes) -> None:
        """Leave out what continues a document whose signature a test has broken."""
        self.broken.append(pdf)

    def faults(self) -> list[str]:
        """What any of the three says against any file."""
        files = sorted(self.files.values(), key=len, reverse=True)
        last: list[bytes] = []
        for pdf in files:
            if not any(longer.startswith(pdf) for longer in last) and not pdf.startswith(tuple(self.broken)):
                last.append(pdf)
        found = []
        logging.disable(logging.CRITICAL)  # pyHanko tells at length that it does not know the authority
        with tempfile.TemporaryDirectory() as folder:
            for pdf in last:
                for ask in (pdfsig_faults, openssl_faults, pyhanko_faults):
                    found += ask(pdf, Path(folder))
        logging.disable(logging.NOTSET)
        return found
