"""What a certificate is compared with in its issuer's: name, period, key identifier, algorithm.

Reads an issuer's certificate once and keeps what it said: an authority issues millions under one certificate.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509

from signing.identity import load_certificate
from signing.keys import ALGORITHM_OF_KIND, KeyKind, kind_of
from signing.keys.der import ALGORITHM_IDENTIFIER


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerFacts:
    """What an issuer's certificate says."""

    name: bytes
    """Subject, DER."""
    not_before: datetime
    not_after: datetime
    key_id: bytes
    """Subject key identifier; empty when it has none."""
    kind: KeyKind | None


@lru_cache(maxsize=64)
def issuer_facts(certificate: bytes) -> IssuerFacts:
    """Return what an issuer's certificate (DER) says.

    Raises:
        CertificateMalformed: it cannot be read.
    """
    loaded = load_certificate(certificate)
    try:
        key_id = loaded.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        key_id = b""
    return IssuerFacts(
        name=loaded.subject.public_bytes(),
        not_before=loaded.not_valid_before_utc,
        not_after=loaded.not_valid_after_utc,
        key_id=key_id,
        kind=kind_of(loaded.public_key()),
    )


def algorithm_of(kind: KeyKind | None) -> bytes | None:
    """Return the AlgorithmIdentifier (DER) that a key of this kind signs with; None for a kind that is not ours.

    RFC 5758 §3.2 (ECDSA: no parameters), RFC 4055 §3.1 (RSASSA-PSS: all parameters written out), RFC 9881 §2 (ML-DSA:
    no parameters). One exact form each: another digest, salt or PKCS#1 v1.5 is another algorithm.
    """
    return None if kind is None else ALGORITHM_IDENTIFIER[ALGORITHM_OF_KIND[kind]]
