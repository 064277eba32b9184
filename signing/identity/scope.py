"""What a certificate may sign and which primary it hangs on, as values and as our two extensions.

Knows the ASN.1 of both extensions. Knows no certificate: callers hand in the extension's value.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from asn1crypto import core

from signing.errors import CertificateMalformed, ScopeInvalid

_EMPTY_SEQUENCE = b"\x30\x00"
_MAX_SCOPE_VALUES = 1000
_SCOPE_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where and for what a certificate may sign. An empty dimension means: not limited in it."""

    places: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    document_types: tuple[str, ...] = ()

    @classmethod
    def parse(
        cls,
        *,
        places: Iterable[str] = (),
        procedures: Iterable[str] = (),
        document_types: Iterable[str] = (),
    ) -> Self:
        """Build a scope from codes; sorted, without repetition.

        Raises:
            ScopeInvalid: a value is no code, or there are more than 1,000 in one dimension.
        """
        return cls(places=_codes(places), procedures=_codes(procedures), document_types=_codes(document_types))

    def lies_within(self, wider: "Scope") -> bool:
        """Say whether everything this scope allows is allowed by ``wider`` too (I2)."""
        return all(
            not outer or (bool(inner) and set(inner) <= set(outer))
            for inner, outer in zip(_dimensions(self), _dimensions(wider), strict=True)
        )

    def allows(
        self, *, place: str | None = None, procedure: str | None = None, document_type: str | None = None
    ) -> bool:
        """Say whether one act lies inside. An act that does not say where it happens is outside a limit."""
        act = (place, procedure, document_type)
        return all(not limit or value in limit for value, limit in zip(act, _dimensions(self), strict=True))

    @property
    def is_unlimited(self) -> bool:
        """True when no dimension is limited."""
        return not any(_dimensions(self))


class _Codes(core.SequenceOf):  # type: ignore[misc]  # asn1crypto has no types
    _child_spec = core.UTF8String


class _ScopeExtension(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """``Scope ::= SEQUENCE { places [0], procedures [1], documentTypes [2] SEQUENCE OF UTF8String OPTIONAL }``."""

    _fields = [  # noqa: RUF012 - asn1crypto reads this attribute by name
        ("places", _Codes, {"implicit": 0, "optional": True}),
        ("procedures", _Codes, {"implicit": 1, "optional": True}),
        ("document_types", _Codes, {"implicit": 2, "optional": True}),
    ]


class _SecondaryExtension(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """``Secondary ::= SEQUENCE { ordinal INTEGER, primarySha256 OCTET STRING }``."""

    _fields = [  # noqa: RUF012 - asn1crypto reads this attribute by name
        ("ordinal", core.Integer),
        ("primary_sha256", core.OctetString),
    ]


def encode_scope(scope: Scope) -> bytes:
    """Return the value of the scope extension (DER); an unlimited dimension is left out."""
    fields = {
        name: values for name in ("places", "procedures", "document_types") if (values := list(getattr(scope, name)))
    }
    encoded: bytes = _ScopeExtension(fields).dump() if fields else _EMPTY_SEQUENCE  # asn1crypto cannot dump it
    return encoded


def decode_scope(value: bytes) -> Scope:
    """Read the value of the scope extension.

    Raises:
        CertificateMalformed: it is not the DER form that ``encode_scope`` writes.
    """
    try:
        parsed = _ScopeExtension.load(value, strict=True)
        scope = Scope.parse(**{name: tuple(codes) for name, codes in parsed.native.items() if codes})
    except (ValueError, TypeError, ScopeInvalid) as err:
        message = "scope extension is malformed"
        raise CertificateMalformed(message) from err
    if encode_scope(scope) != value:
        # one meaning, one encoding: a reader that skips what it does not expect would read a wider scope
        message = "scope extension is not in its DER form"
        raise CertificateMalformed(message)
    return scope


def encode_secondary(ordinal: int, primary_sha256: str) -> bytes:
    """Return the value of the extension that links a secondary certificate to its primary (DER)."""
    encoded: bytes = _SecondaryExtension({"ordinal": ordinal, "primary_sha256": bytes.fromhex(primary_sha256)}).dump()
    return encoded


def decode_secondary(value: bytes) -> tuple[int, str]:
    """Read ordinal and SHA-256 (hex) of the primary from the linking extension.

    Raises:
        CertificateMalformed: wrong structure, an ordinal below 2 or a digest of another length.
    """
    try:
        parsed = _SecondaryExtension.load(value, strict=True)
        ordinal, digest = int(parsed["ordinal"].native), bytes(parsed["primary_sha256"].native)
    except (ValueError, TypeError) as err:
        message = "secondary extension is malformed"
        raise CertificateMalformed(message) from err
    if ordinal < 2 or len(digest) != hashlib.sha256().digest_size:  # noqa: PLR2004 - the first secondary is number 2
        message = "secondary extension names no secondary"
        raise CertificateMalformed(message)
    return ordinal, digest.hex()


def _dimensions(scope: Scope) -> tuple[tuple[str, ...], ...]:
    return (scope.places, scope.procedures, scope.document_types)


def _codes(values: Iterable[str]) -> tuple[str, ...]:
    codes = tuple(sorted(set(values)))
    if len(codes) > _MAX_SCOPE_VALUES or not all(_SCOPE_VALUE.fullmatch(code) for code in codes):
        message = "a scope lists at most 1,000 codes of 1-64 characters each"
        raise ScopeInvalid(message)
    return codes
