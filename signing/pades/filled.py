"""The signatures and document time-stamps that a document holds, as values, oldest first.

Knows fields and containers' bytes; judges nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import extract_contents

from signing.pades.objects import entry
from signing.pades.stamping import token_certificates

MAX_SIGNATURES: Final = 200
_MAX_STORED: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledField:
    """One signature or document time-stamp."""

    contents: bytes = field(repr=False)
    """/Contents, padding included, as the index of the validation data wants it."""

    is_stamp: bool
    """A document time-stamp: /SubFilter decides (ISO 32000-2 table 255)."""

    end: int
    """Where its byte range ends."""

    @property
    def entry_name(self) -> str:
        """Its key in the store's /VRI."""
        return str(DocumentSecurityStore.sig_content_identifier(self.contents))

    def container(self) -> cms.ContentInfo:
        """CMS, not checked."""
        return cms.ContentInfo.load(self.contents)

    def token_certificates(self) -> tuple[bytes, ...]:
        """DER of the certificates inside, the signer's first."""
        return token_certificates(self.container())


def filled_fields(reader: PdfFileReader) -> tuple[FilledField, ...]:
    """Every filled signature field, oldest first; at most 200.

    Raises pyHanko's errors and those of wrong types where the form cannot be read.
    """
    found = []
    for number, (_, value, _) in enumerate(enumerate_sig_fields(reader, filled_status=True)):
        if number < MAX_SIGNATURES:
            found.append(_read(value.get_object()))
    return tuple(sorted(found, key=lambda one: one.end))


def stored_certificates(reader: PdfFileReader) -> Iterator[bytes]:
    """DER of the certificates in the document security store, not checked."""
    store = entry(reader.root, "/DSS", {})
    for number, stream in enumerate(entry(store, "/Certs", ())):
        if number < _MAX_STORED:
            yield stream.get_object().data


def has_validation_data(reader: PdfFileReader, signature: FilledField) -> bool:
    """Whether the store has an entry for this signature."""
    return signature.entry_name in entry(entry(reader.root, "/DSS", {}), "/VRI", {})


def _read(value: Any) -> FilledField:  # noqa: ANN401 - pyHanko's dictionary
    numbers = [int(number.get_object()) for number in entry(value, "/ByteRange", ())]
    return FilledField(
        contents=extract_contents(value),
        is_stamp=entry(value, "/SubFilter") == "/ETSI.RFC3161",
        end=sum(numbers[2:4]),
    )
