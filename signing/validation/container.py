"""What a CMS signature container says, and whether digest and signature value are right.

ETSI EN 319 102-1 §5.2.7 (cryptographic verification) on one SignerInfo. Nothing about trust: whoever made the key could
be anybody. Every decoding error becomes a ``ContainerFaultError``; nothing else is raised.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from asn1crypto import cms, core
from asn1crypto import x509 as asn1_x509
from asn1crypto.parser import peek
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from pyhanko.sign.general import CMSExtractionError, CMSStructuralError, extract_certificate_info, extract_signer_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    extract_self_reported_ts,
    validate_sig_integrity,
)
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

_DECODING = (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, RecursionError, OverflowError)
# What hostile or odd containers make asn1crypto, pyHanko and cryptography raise (measured on 310 public files).
_TOKEN = "signature_time_stamp_token"  # noqa: S105 - name of a CMS attribute


class ContainerFaultError(ValueError):
    """The container cannot be judged; ``unsupported`` tells "we do not know this" from "this is broken"."""

    def __init__(self, reason: str, *, unsupported: bool = False) -> None:
        super().__init__(reason)
        self.unsupported = unsupported


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One decoded container."""

    signed: Any
    """cms.SignedData."""

    signer: Any
    """The one cms.SignerInfo."""

    certificate: Any
    """asn1 certificate of the signer."""

    leaf: bytes
    certificates: tuple[bytes, ...]
    """DER of every certificate inside, the signer's too."""

    content_type: str
    tokens: tuple[bytes, ...]
    """Signature time-stamp tokens (DER), not checked."""

    bound_certificate: bool
    """signing-certificate(-v2) is signed: the certificate cannot be exchanged (a PAdES baseline demand)."""

    claimed_time: datetime | None

    @property
    def digest(self) -> str:
        """Name of the digest algorithm of the signed content."""
        return str(self.signer["digest_algorithm"]["algorithm"].native).lower()

    @property
    def value(self) -> bytes:
        """The bare signature value."""
        return bytes(self.signer["signature"].native)


def read_container(data: bytes) -> Container:
    """Decodes a container; zero padding behind it is allowed, anything else is not.

    Raises:
        ContainerFaultError: malformed, several signers, no signer's certificate.
    """
    try:
        content = cms.ContentInfo.load(data, strict=False)
        padding, kind = data[len(content.dump()) :], content["content_type"].native
        if padding.strip(b"\0") or kind != "signed_data":
            fault = (
                "there is data behind the signature container" if padding.strip(b"\0") else "it is no CMS SignedData"
            )
        else:
            _require_two_parts(content.contents)
            return _decoded(content["content"])
    except (SignatureValidationError, CMSStructuralError, CMSExtractionError) as err:
        raise ContainerFaultError(str(getattr(err, "failure_message", err))[:200]) from err
    except _DECODING as err:
        raise ContainerFaultError(f"the container does not decode ({type(err).__name__})") from err
    raise ContainerFaultError(fault)


def _require_two_parts(contents: bytes) -> None:
    """RFC 5652 §3: a type and a content. A longer length would take padding in, and nothing signs that length."""
    if sum(peek(contents[at:]) for at in (0, peek(contents))) != len(contents):
        message = "there is data behind the content of the container"
        raise ValueError(message)


def _decoded(signed: cms.SignedData) -> Container:
    signer = extract_signer_info(signed)
    info = extract_certificate_info(signed)
    extract_certs_for_validation(signed)  # checks signing-certificate against the certificate, raises if it differs
    attributes = signer["signed_attrs"]
    signed_names = set() if attributes is core.VOID else {a["type"].native for a in attributes}
    tokens = (a for a in signer["unsigned_attrs"] or () if a["type"].native == _TOKEN)
    return Container(
        signed=signed,
        signer=signer,
        certificate=info.signer_cert,
        leaf=info.signer_cert.dump(),
        certificates=tuple(c.chosen.untag().dump() for c in signed["certificates"] if c.name == "certificate"),
        content_type=str(signed["encap_content_info"]["content_type"].native),
        tokens=tuple(token.dump() for attribute in tokens for token in attribute["values"]),
        bound_certificate=bool(signed_names & {"signing_certificate", "signing_certificate_v2"}),
        claimed_time=extract_self_reported_ts(signer),
    )


def digest_of(parts: tuple[bytes | memoryview, ...], algorithm: str) -> bytes:
    """Digest over the parts one after the other.

    Raises:
        ContainerFaultError: the algorithm is not known here.
    """
    try:
        state = hashes.Hash(get_pyca_cryptography_hash(algorithm))
    except (ValueError, AttributeError, NotImplementedError, UnsupportedAlgorithm) as err:
        raise ContainerFaultError(f"unknown digest algorithm {algorithm[:60]}", unsupported=True) from err
    for part in parts:
        state.update(part)
    return state.finalize()


def integrity(container: Container, digest: bytes, *, content_type: str) -> tuple[bool, bool]:
    """Whether the digest is the signed one, and whether the signature value belongs to the signer's key.

    Raises:
        ContainerFaultError: an algorithm or key that cannot be used, or contradictory attributes.
    """
    try:
        intact, valid = validate_sig_integrity(
            container.signer, container.certificate, expected_content_type=content_type, actual_digest=digest
        )
    except (SignatureValidationError, CMSStructuralError) as err:
        raise ContainerFaultError(str(getattr(err, "failure_message", err))[:200]) from err
    except (*_DECODING, NotImplementedError, UnsupportedAlgorithm) as err:
        raise ContainerFaultError(f"the signature cannot be computed ({type(err).__name__})", unsupported=True) from err
    return bool(intact), bool(valid)


def fingerprint(der: bytes) -> str:
    """SHA-256 in hex, as reports name things."""
    return sha256(der).hexdigest()


def is_ca(certificate: asn1_x509.Certificate) -> bool:
    """Whether the certificate claims to be an authority."""
    return bool(certificate.ca)
