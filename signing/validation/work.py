"""How much work one check may cost: counted in nominal microseconds, so that the answer does not depend on the machine.

Every signature, every certificate that is decoded and every step of the search is paid for here. A clock stands behind
it as a second guard only. Knows costs, no certificates.
"""

import time
from contextlib import suppress
from typing import Any, Final

from asn1crypto import algos, keys
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko_certvalidator.errors import DSAParametersUnavailable
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_VALIDATION_CONTEXT,
    DefaultSignatureValidator,
    SignatureValidationContext,
    SignatureValidator,
)

from signing.keys.der import DerError
from signing.validation.container_faults import UnknownAlgorithmError
from signing.validation.digests import Content
from signing.validation.public_keys import MAX_DSA_BITS, MAX_EXPONENT_BITS, MAX_RSA_BITS, read_public_key
from signing.validation.schemes import read_scheme
from signing.validation.signature_values import value_holds
from signing.validation.signed_parts import SignedParts

MAX_WORK: Final = 250_000  # nominal microseconds; a chain of four with status costs about 25,000
MAX_CPU_S: Final = 4.0  # the clock behind the count: only if a nominal cost below is wrong by far

DECODED_ELEMENT: Final = 10
SEARCH_STEP: Final = 20
COMPARISON: Final = 3
_SIGNATURE: Final = 100
_LIBRARY_CALL: Final = 1_000  # one certificate, list or answer in the library's own procedure
_BYTES_PER_UNIT: Final = 250
_CURVES: Final = {"secp256r1": 80, "1.2.840.10045.3.1.7": 80, "secp384r1": 330, "secp521r1": 400}
_OTHER_CURVE: Final = 800
_OTHER_KEY: Final = 300


KnownSignatures = dict[tuple[bytes, bytes, bytes, bytes], bool]
"""By signature, data, key and algorithm: whether it verifies."""


class WorkSpent(Exception):
    """The check used up what it may cost."""


class Work:
    """A purse that is only ever emptied."""

    def __init__(self, limit: int = MAX_WORK) -> None:
        self._left = limit
        self._deadline = time.thread_time() + MAX_CPU_S

    def spend(self, units: int) -> None:
        """Pays for something before it is done.

        Raises:
            WorkSpent: there is not enough left.
        """
        self._left -= units
        if self._left < 0 or time.thread_time() > self._deadline:
            raise WorkSpent

    @property
    def left(self) -> int:
        """Nominal microseconds that may still be used."""
        return max(0, self._left)


class PaidVerifier(SignatureValidator):
    """The library's verifier: each signature is paid for, computed once, and over the bytes that were really signed."""

    def __init__(self, work: Work, known: "KnownSignatures | None" = None) -> None:
        self._inner = DefaultSignatureValidator()
        self._work = work
        self._known: KnownSignatures = {} if known is None else known
        self._complete: dict[bytes, keys.PublicKeyInfo] = {}
        self.signed_parts = SignedParts()

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: keys.PublicKeyInfo,
        signature_algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Verifies one signature for the library, which asks about answers and lists of strangers too.

        Raises:
            WorkSpent: nothing is left. InvalidSignature: nothing that this key signed, also where nobody can compute
            with the key. Others of the library: see there.
        """
        self._work.spend(_LIBRARY_CALL)
        try:
            self.verify(signature, signed_data, public_key_info, signature_algorithm, context)
        except (UnsupportedAlgorithm, AssertionError, ValueError, TypeError) as err:  # the library would stop there
            raise InvalidSignature from err

    def verify(
        self,
        signature: bytes,
        signed_data: bytes,
        key: keys.PublicKeyInfo,
        algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Verifies one signature for the search; the same one a second time costs nothing."""
        key = self._with_parameters(key)
        for data in self.signed_parts.of(signature, signed_data):
            question = (signature, data, key.dump(), algorithm.dump())
            if question not in self._known:
                self._work.spend(_SIGNATURE + key_cost(key) + len(data) // _BYTES_PER_UNIT)
                self._known[question] = self._holds(signature, data, key, algorithm, context)
            if self._known[question]:
                return
        raise InvalidSignature

    def _holds(
        self,
        signature: bytes,
        data: bytes,
        key: keys.PublicKeyInfo,
        algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext,
    ) -> bool:
        """Also for keys and schemes that the library refuses; what is not known here it names in its own words.

        Raises:
            DSAParametersUnavailable: of the library, as others of it: neither yes nor no.
        """
        with suppress(UnknownAlgorithmError, DerError):
            scheme, public_key = read_scheme(algorithm.dump(), ""), read_public_key(key.dump())
            return value_holds(scheme, public_key, signature, Content((data,)))
        try:
            self._inner.validate_signature(signature, data, key, algorithm, context)
        except DSAParametersUnavailable:
            raise
        except InvalidSignature:
            return False
        return True

    def _with_parameters(self, key: keys.PublicKeyInfo) -> keys.PublicKeyInfo:
        """RFC 3279 §2.3.2: a DSA key may inherit its parameters; the library tells them with a certificate only."""
        if key.algorithm != "dsa":
            return key
        bits = key["public_key"].contents
        if key["algorithm"]["parameters"].native is None:
            return self._complete.get(bits, key)
        self._complete[bits] = key
        return key


def key_fault(key: keys.PublicKeyInfo) -> str:
    """Why a key is too large to be used at all, or empty. Not a question of strength: that is policy."""
    kind = key.algorithm
    if kind in {"rsa", "rsassa_pss"}:
        numbers = key["public_key"].parsed
        if numbers["modulus"].native.bit_length() > MAX_RSA_BITS:
            return f"a public key of more than {MAX_RSA_BITS} bits"
        if numbers["public_exponent"].native.bit_length() > MAX_EXPONENT_BITS:
            return f"a public exponent of more than {MAX_EXPONENT_BITS} bits"
    if kind == "dsa":
        parameters = key["algorithm"]["parameters"]
        if parameters.native and parameters["p"].native.bit_length() > MAX_DSA_BITS:
            return f"a public key of more than {MAX_DSA_BITS} bits"
    if kind == "ec" and key["algorithm"]["parameters"].name == "specified":
        return "curve parameters written out"  # RFC 5480 §2.1.1: namedCurve only
    return ""


def key_cost(key: keys.PublicKeyInfo) -> int:
    """What one verification with a key costs, in nominal microseconds."""
    kind = key.algorithm
    if kind in {"rsa", "rsassa_pss"}:
        numbers: Any = key["public_key"].parsed
        bits: int = numbers["modulus"].native.bit_length()
        exponent: int = numbers["public_exponent"].native.bit_length()
        return 30 * (bits // 1024 + 1) ** 2 // 4 * (exponent // 17 + 1) // 2
    if kind == "dsa":
        return _OTHER_KEY * 2
    if kind == "ec":
        return _CURVES.get(str(key["algorithm"]["parameters"].native), _OTHER_CURVE)
    return _OTHER_KEY
