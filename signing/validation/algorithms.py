"""Are the algorithms of a signature and its chain on the policy's list?

Circular 15/2025 annex I; ETSI EN 319 102-1 §5.2.8.4.4. Integrity is told truthfully elsewhere, whatever stands here.
"""

from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x448, x25519

from signing.validation.container import Container
from signing.validation.policy import ValidationPolicy

_NO_SIGNATURES = (dsa.DSAPublicKey, x25519.X25519PublicKey, x448.X448PublicKey)
"""Kinds of keys that are not on the list, or cannot sign at all."""
_FIXED = {"ed25519", "ed448", "mldsa44", "mldsa65", "mldsa87"}


def algorithm_faults(container: Container, chain: tuple[bytes, ...], policy: ValidationPolicy) -> tuple[str, ...]:
    """What the policy forbids, in English; empty if everything is on the list.

    The anchor's own signature is not looked at: it is trusted by configuration.
    """
    faults = list(_signature_faults(container, policy))
    for der in chain[:-1] if len(chain) > 1 else chain:
        faults.extend(certificate_faults(der, policy))
    return tuple(dict.fromkeys(faults))


def is_legacy(container: Container) -> bool:
    """Whether the scheme may be checked but no longer created (RSASSA-PKCS1-v1_5)."""
    try:
        return str(container.signer["signature_algorithm"].signature_algo) == "rsassa_pkcs1v15"
    except ValueError:
        return False


def _signature_faults(container: Container, policy: ValidationPolicy) -> Iterator[str]:
    algorithm = container.signer["signature_algorithm"]
    if container.digest not in policy.digests:
        yield f"digest {container.digest}"
    try:
        scheme = str(algorithm.signature_algo)
    except ValueError:
        scheme = str(algorithm["algorithm"].native)
    if scheme not in {"rsassa_pkcs1v15", "rsassa_pss", "ecdsa", *_FIXED}:
        yield f"signature scheme {scheme[:60]}"
    if scheme == "rsassa_pkcs1v15" and not policy.accept_pkcs1_v15:
        yield "signature scheme rsassa_pkcs1v15"
    try:
        hashed = str(algorithm.hash_algo)
    except ValueError:
        return  # the scheme does not name one: the digest above counts
    if hashed not in policy.digests and scheme not in _FIXED:
        yield f"digest {hashed}"


def certificate_faults(der: bytes, policy: ValidationPolicy) -> Iterator[str]:
    """What the policy forbids about the key and the issuer's signature of one certificate (DER), in English."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        hashed = certificate.signature_hash_algorithm
    except (ValueError, TypeError, x509.UnsupportedGeneralNameType) as err:
        yield f"key that cannot be read ({type(err).__name__})"
        return
    except Exception as err:  # noqa: BLE001 - cryptography raises UnsupportedAlgorithm and Rust panics alike
        yield f"key that is not supported ({type(err).__name__})"
        return
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < policy.min_rsa_bits:
        yield f"RSA key of {key.key_size} bits"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size < policy.min_ec_bits:
        yield f"elliptic curve of {key.curve.key_size} bits"
    if isinstance(key, _NO_SIGNATURES):
        yield "key of a kind that is not on the list"
    if hashed is not None and hashed.name.replace("-", "_") not in policy.digests:
        yield f"digest {hashed.name} in a certificate"
