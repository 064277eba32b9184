"""Proof of possession: what a certification request (PKCS#10) proves, and nothing else of what it says.

Reads a request from outside, bounded, and answers with the public key whose private half signed it. Names, alternative
names and extensions in it are counted and ignored: what a certificate says comes from the registration record.
Knows no request of ours, no person and no store.
"""

import binascii
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd, isqrt, prod
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from signing.errors import AlgorithmNotSupported, CsrKeyRefused, CsrMalformed, CsrProofWrong
from signing.keys import KeyKind, kind_of_spki
from signing.keys.der import BIT_STRING, INTEGER, OID, SEQUENCE, SET, UTF8_STRING, DerError, DerReader, oid

MAX_CSR_BYTES: Final = 16 * 1024  # an ML-DSA-65 request has 5.3 KB; asked before anything is parsed
MAX_ALTERNATIVE_NAMES: Final = 20  # ignored anyway; more is no request of a person or an agency
MAX_ATTRIBUTES: Final = 8
_ATTRIBUTES = 0xA0
_CHALLENGE: Final = oid("1.2.840.113549.1.9.7")  # PKCS#9 challengePassword, RFC 2985 §5.4.1
_TEXT_TAGS: Final = (UTF8_STRING, 0x13, 0x16)  # UTF8String, PrintableString, IA5String
_PEM: Final = re.compile(
    rb"\s*-----BEGIN (?P<new>NEW |)CERTIFICATE REQUEST-----\r?\n"
    rb"(?P<body>(?:[A-Za-z0-9+/]{1,76}={0,2}\r?\n)+)"
    rb"-----END (?P=new)CERTIFICATE REQUEST-----\s*"
)
_HASHES: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
"""Circular 15/2025/TT-BKHCN annex I; a proof under SHA-1 proves little."""

# FIPS 186-5 §A.1.1: odd and above 2^16; the bound above keeps the check of the proof cheap (e = 3: Bleichenbacher 2006)
_MIN_EXPONENT: Final = 1 << 16
_MAX_EXPONENT: Final = 1 << 32
_SMALL_PRIMES: Final = tuple(n for n in range(3, 752) if all(n % d for d in range(2, isqrt(n) + 1)))
_SMALL_PRODUCT: Final = prod(_SMALL_PRIMES)
_ROCA_PRIMES: Final = tuple(p for p in _SMALL_PRIMES if p <= 167)  # noqa: PLR2004 - the test's own list ends there
_FERMAT_ROUNDS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenKey:
    """A public key whose private half somebody holds, as far as one signature shows."""

    public_key_spki: bytes
    """SubjectPublicKeyInfo, DER, in its one canonical form."""
    kind: KeyKind


def check_csr(csr: bytes, *, allowed: Sequence[KeyKind], challenge: bytes | None) -> ProvenKey:
    """Return the key that a certification request proves.

    1. bounded, PEM or DER, nothing before or behind it; 2. a key of an allowed kind, without known weaknesses; 3. the
    challenge stands in it, so that an older request is worth nothing; 4. the key signed exactly this. The key is
    judged before any signature is computed with it: a foreign one must not cost us time.

    Args:
        csr: PKCS#10 as it came from outside.
        allowed: kinds that the certificate's profile takes.
        challenge: what must stand in the challengePassword attribute (text, UTF-8); None where none was given out.

    Raises:
        CsrMalformed: not such a request, or too much of it. CsrKeyRefused: this key is not certified.
        CsrProofWrong: another key signed it, a weak digest was used, or it answers another challenge.
    """
    der = _der_of(csr)
    spki, attributes = _parts_of(der)
    try:
        request = x509.load_der_x509_csr(der)
        _require_few_names(request)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion) as err:
        message = "not a certification request that can be read"
        raise CsrMalformed(message) from err
    except x509.UnsupportedGeneralNameType as err:
        message = "an alternative name of an unknown kind"
        raise CsrMalformed(message) from err
    kind = _judged_key(spki, allowed)
    if challenge is not None:
        _require_challenge(attributes, challenge)
    _require_signature(request, kind)
    return ProvenKey(public_key_spki=spki, kind=kind)


def _der_of(csr: bytes) -> bytes:
    if len(csr) > MAX_CSR_BYTES:
        message = f"a certification request has at most {MAX_CSR_BYTES} bytes"
        raise CsrMalformed(message)
    if csr[:1] == b"\x30":
        return csr
    # RFC 7468 §7: one block; text around it or a second block would be read by some and not by others
    block = _PEM.fullmatch(csr)
    if block is None:
        message = "neither DER nor one PEM block"
        raise CsrMalformed(message)
    try:
        return binascii.a2b_base64(b"".join(block["body"].split()), strict_mode=True)
    except binascii.Error as err:
        message = "not base64"
        raise CsrMalformed(message) from err


def _parts_of(der: bytes) -> tuple[bytes, tuple[tuple[bytes, DerReader], ...]]:
    """The public key and the attributes, walked over by hand: every length must be right, nothing may be left over."""
    try:
        outer = DerReader(der)
        request = outer.inside(SEQUENCE)
        outer.end()
        info = request.inside(SEQUENCE)
        request.element(SEQUENCE)
        signature = request.content(BIT_STRING)
        request.end()
        info.content(INTEGER)
        info.element(SEQUENCE)
        spki = info.element(SEQUENCE)
        listed = info.inside(_ATTRIBUTES)
        info.end()
        attributes = []
        while not listed.at_end:
            attribute = listed.inside(SEQUENCE)
            attributes.append((attribute.element(OID), attribute.inside(SET)))
            attribute.end()
    except DerError as err:
        message = "not the DER of a certification request"
        raise CsrMalformed(message) from err
    if signature[:1] != b"\x00":
        message = "a signature is a number of whole octets"
        raise CsrMalformed(message)
    if len(attributes) > MAX_ATTRIBUTES:
        message = "more attributes than any request has"
        raise CsrMalformed(message)
    return spki, tuple(attributes)


def _require_few_names(request: x509.CertificateSigningRequest) -> None:
    for extension in request.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName) and len(extension.value) > MAX_ALTERNATIVE_NAMES:
            message = f"a certification request has at most {MAX_ALTERNATIVE_NAMES} alternative names"
            raise CsrMalformed(message)


def _judged_key(spki: bytes, allowed: Sequence[KeyKind]) -> KeyKind:
    try:
        kind = kind_of_spki(spki)
    except AlgorithmNotSupported as err:
        message = "a key of a kind that is not certified"
        raise CsrKeyRefused(message) from err
    if kind not in allowed:
        message = f"{kind.value} is not allowed here"
        raise CsrKeyRefused(message)
    key = load_der_public_key(spki)
    # one key, one encoding: the key identifier is a digest of it (no compressed points, no PSS-only keys)
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != spki:
        message = "the key is not in its canonical form"
        raise CsrKeyRefused(message)
    if isinstance(key, rsa.RSAPublicKey):
        _require_sound_rsa(key.public_numbers())
    return kind


def _require_sound_rsa(numbers: rsa.RSAPublicNumbers) -> None:
    """Refuse RSA keys that anybody could factor (the checks of boulder's ``goodkey``)."""
    modulus = numbers.n
    if numbers.e % 2 == 0 or not _MIN_EXPONENT < numbers.e < _MAX_EXPONENT:
        message = "the RSA exponent is too small, too large or even"
        raise CsrKeyRefused(message)
    if modulus % 2 == 0 or gcd(modulus, _SMALL_PRODUCT) != 1:
        message = "the RSA modulus has a small factor"
        raise CsrKeyRefused(message)
    if _looks_like_roca(modulus):
        message = "the RSA key was made by a device with a known fault"
        raise CsrKeyRefused(message)
    # Fermat: two primes that lie close together (CVE-2022-26320)
    root = isqrt(modulus) + 1
    for middle in range(root, root + _FERMAT_ROUNDS):
        rest = middle * middle - modulus
        if isqrt(rest) ** 2 == rest:
            message = "the RSA primes lie close together"
            raise CsrKeyRefused(message)


def _looks_like_roca(modulus: int) -> bool:
    """CVE-2017-15361: such moduli are powers of 65537 modulo every small prime."""
    for prime in _ROCA_PRIMES:
        power, generated = 1, set()
        while power not in generated:
            generated.add(power)
            power = power * 65537 % prime
        if modulus % prime not in generated:
            return False
    return True


def _require_challenge(attributes: tuple[tuple[bytes, DerReader], ...], challenge: bytes) -> None:
    given = [values for name, values in attributes if name == _CHALLENGE]
    try:
        if len(given) == 1 and given[0].peek() in _TEXT_TAGS:
            text = given[0].content(given[0].peek())
            given[0].end()
            if hmac.compare_digest(text, challenge):
                return
    except DerError as err:
        message = "the challenge is not a text"
        raise CsrMalformed(message) from err
    message = "the request answers another challenge, or none"
    raise CsrProofWrong(message)


def _require_signature(request: x509.CertificateSigningRequest, kind: KeyKind) -> None:
    message = "the request is not signed by its own key, or under a weak digest"
    try:
        digest = request.signature_hash_algorithm
        # an ML-DSA signature names no digest of its own
        strong = digest is None if kind is KeyKind.ML_DSA_65 else isinstance(digest, _HASHES)
        if strong and request.is_signature_valid:
            return
    except (ValueError, TypeError, UnsupportedAlgorithm) as err:
        raise CsrProofWrong(message) from err
    raise CsrProofWrong(message)
