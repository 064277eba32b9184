"""The signatures and document time-stamps that a document holds, as values, oldest first.

Knows fields and the octets of containers; judges nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any, Final

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import extract_contents

from signing.keys.der import SEQUENCE, SET, DerError, oid
from signing.pades.objects import entry
from signing.validation.ber import Element, read_element
from signing.validation.certificate_parts import find_named
from signing.validation.reading import READ_ERRORS

MAX_SIGNATURES: Final = 200
_MAX_STORED: Final = 1_000
_CERTIFICATES, _UNSIGNED = 0xA0, 0xA1
_TIMESTAMP_TOKEN: Final = oid("1.2.840.113549.1.9.16.2.14")


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
        """Its key in the store's /VRI (ETSI EN 319 142-1 §5.4.2.3): the SHA-1 is a name and protects nothing."""
        return f"/{sha1(self.contents, usedforsecurity=False).hexdigest().upper()}"

    def certificate_bags(self) -> tuple[tuple[bytes, ...], ...]:
        """The certificates (DER) in the container and in each of its time-stamps, every time the signer's first.

        Raises:
            DerError: the container does not decode.
        """
        signer = _read_container(self.contents)
        stamps = [_read_container(token.raw) for token in _tokens(signer.info)]
        return tuple(one.certificates for one in (signer, *stamps) if one.certificates)


@dataclass(frozen=True, slots=True)
class _Container:
    certificates: tuple[bytes, ...]
    info: list[Element]
    """Of the first SignerInfo."""


def filled_fields(reader: PdfFileReader) -> tuple[FilledField, ...]:
    """Every filled signature field, oldest first; at most 200.

    A value without a container or with a byte range that is none signs nothing and is left out: the others go on.
    Raises pyHanko's errors and those of wrong types where the form cannot be read.
    """
    found = []
    for number, (_, value, _) in enumerate(enumerate_sig_fields(reader, filled_status=True)):
        if number < MAX_SIGNATURES:
            with suppress(*READ_ERRORS):
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


def _read_container(octets: bytes) -> _Container:
    """RFC 5652 §3, §5.1: what is asked of a SignedData here."""
    try:
        content = read_element(octets).children()[1].children()[0].children()
        bag = next((part for part in content if part.tag == _CERTIFICATES), None)
        info = content[-1].children()[0].children()
        certificates = [one.raw for one in bag.children() if one.tag == SEQUENCE] if bag is not None else []
        return _Container(_signer_first(info[1], certificates), info)
    except IndexError as err:
        raise DerError("not a signature container") from err


def _signer_first(identifier: Element, certificates: Iterable[bytes]) -> tuple[bytes, ...]:
    named = [one.der for one in find_named(identifier, certificates)]
    return (*named, *(der for der in certificates if der not in named))


def _tokens(info: list[Element]) -> Iterator[Element]:
    """Time-stamp tokens among the unsigned attributes (RFC 3161 appendix A)."""
    for unsigned in (part for part in info[4:] if part.tag == _UNSIGNED):
        for attribute in unsigned.children():
            kind, values = attribute.children()
            if kind.raw == _TIMESTAMP_TOKEN and values.tag == SET:
                yield from values.children()
