"""The parts of a certificate that are another in each: serial, period, key, and the values that follow from them.

Judged in every certificate, on its DER. Knows no name and no form.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from signing.keys import KeyKind, kind_of
from signing.keys.der import BIT_STRING, OCTET_STRING, SEQUENCE, generalized_time, tlv
from signing.lint.findings import LintInput
from signing.lint.issuers import algorithm_of, issuer_facts
from signing.lint.parts import Parts, enter

_MAX_SERIAL_OCTETS: Final = 20
_MIN_SERIAL_BITS: Final = 64  # CA/Browser Forum BR §7.1, taken as our own rule: unpredictable serials
_MIN_DISTINCT_OCTETS: Final = 7  # fewer happen once in 10^13 when 16 octets come from a good source
_UTC_TIME: Final = 0x17
_FIRST_GENERALIZED_YEAR: Final = 2050
_TIME: Final = rb"(?:\x17\x0d[0-9]{12}Z|\x18\x0f[0-9]{14}Z)"
_PERIOD: Final = re.compile(rb"(" + _TIME + rb")(" + _TIME + rb")")
_MIN_EXPONENT: Final = 1 << 16
_HALF_CENTURY: Final = 50
# The one form of an EC key: named curve, uncompressed point (RFC 5480 §2.1.1, §2.2)
_EC_FORM: Final = {
    KeyKind.EC_P256: (bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200"), 91),
    KeyKind.EC_P384: (bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004")[:-1], 120),
}


def serial_findings(content: bytes) -> Iterator[str]:
    """Judge the content octets of a serial. RFC 5280 §4.1.2.2: positive, at most 20 octets, in its shortest form."""
    serial = int.from_bytes(content, "big", signed=True)
    if serial <= 0 or len(content) > _MAX_SERIAL_OCTETS:
        yield "rfc5280.4.1.2.2.serial_out_of_range"
    elif len(content) > 1 and content[0] == 0 and content[1] < 0x80:  # noqa: PLR2004 - X.690 §8.3.2: the sign bit
        yield "x690.8.3.2.serial_not_minimal"
    elif serial.bit_length() < _MIN_SERIAL_BITS:
        yield "rfc5280.4.1.2.2.serial_too_short"
    elif len(set(content)) < _MIN_DISTINCT_OCTETS:
        yield "rfc5280.4.1.2.2.serial_predictable"


def period_findings(parts: Parts, subject: LintInput) -> Iterator[str]:
    """Judge the period: its encoding, its length, and whether it lies within the issuer's and the primary's."""
    try:
        begin, end = read_period(parts.validity)
    except ValueError:
        # RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on, whole seconds, Z
        yield "rfc5280.4.1.2.5.time_encoding"
        return
    if end <= begin:
        yield "rfc5280.4.1.2.5.period_empty"
    if end - begin > subject.profile.max_validity:
        yield f"{subject.profile.validity_clause}.period_too_long"
    if subject.issuer is not None:
        issuer = issuer_facts(subject.issuer)
        if begin < issuer.not_before or end > issuer.not_after:
            yield "rfc5280.6.1.period_outside_issuer"
    if subject.profile.secondary and subject.primary is not None and end > subject.primary.not_after:
        yield "anso.I2.outlives_primary"
    found = parts.values.get("private_key_usage_period")
    if found is not None and subject.profile.key_use is not None:
        last = generalized_time(begin + subject.profile.key_use)[1:]
        if found != tlv(SEQUENCE, b"\x80" + generalized_time(begin)[1:], b"\x81" + last):
            yield "en319421.7.6.2.private_key_usage_period_wrong"


def read_period(validity: bytes) -> tuple[datetime, datetime]:
    """Return both times of a validity (content octets).

    Raises:
        ValueError: not in the form that RFC 5280 wants.
    """
    both = _PERIOD.fullmatch(validity)
    if both is None:
        message = "not two times"
        raise ValueError(message)
    return _moment(both[1]), _moment(both[2])


def _moment(element: bytes) -> datetime:
    digits = element[2:-1]
    if element[0] == _UTC_TIME:
        year = int(digits[:2])
        digits = (b"20" if year < _HALF_CENTURY else b"19") + digits
    moment = datetime(
        int(digits[:4]),
        int(digits[4:6]),
        int(digits[6:8]),
        int(digits[8:10]),
        int(digits[10:12]),
        int(digits[12:14]),
        tzinfo=UTC,
    )
    if (element[0] == _UTC_TIME) != (moment.year < _FIRST_GENERALIZED_YEAR):
        message = "the other type of time belongs to this year"
        raise ValueError(message)
    return moment


def key_findings(parts: Parts, subject: LintInput) -> Iterator[str]:
    """Judge the key, its identifier, and the algorithm that the issuer's key signs with."""
    try:
        key = load_der_public_key(parts.spki)
        octets = _key_octets(parts.spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        yield "rfc5280.4.1.2.7.key_unreadable"
        return
    kind = kind_of(key)
    if kind is None or kind not in subject.profile.allowed_kinds(development=subject.site.development):
        yield "tt15-2025.annex1.key_kind_not_allowed"
    elif kind in _EC_FORM:
        prefix, size = _EC_FORM[kind]
        if len(parts.spki) != size or not parts.spki.startswith(prefix):
            yield "rfc5480.2.2.key_not_canonical"
    elif key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != parts.spki:
        yield "rfc5280.4.1.2.7.key_not_canonical"
    if isinstance(key, rsa.RSAPublicKey) and key.public_numbers().e <= _MIN_EXPONENT:
        yield "fips186-5.a.1.1.exponent_too_small"
    found = parts.values.get("subject_key_identifier")
    # RFC 5280 §4.2.1.2 method 1
    if found is not None and found != tlv(OCTET_STRING, hashlib.sha1(octets, usedforsecurity=False).digest()):
        yield "rfc5280.4.2.1.2.subject_key_identifier_wrong"
    signer = kind if subject.issuer is None else issuer_facts(subject.issuer).kind
    if parts.algorithms[0] != algorithm_of(signer):
        yield "tt15-2025.annex1.signature_algorithm_forbidden"
    elif signer is KeyKind.ML_DSA_65 and not subject.site.development:
        yield "anso.generation.experimental_outside_development"


def _key_octets(spki: bytes) -> bytes:
    algorithm = enter(spki, enter(spki, 0, SEQUENCE, len(spki))[0], SEQUENCE, len(spki))[1]
    bits, _ = enter(spki, algorithm, BIT_STRING, len(spki))
    return spki[bits + 1 :]
