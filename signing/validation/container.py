"""What a CMS signature container says, and whether digest and signature value are right.

ETSI EN 319 102-1 §5.2.7 (cryptographic verification) on one SignerInfo. Nothing about trust: whoever made the key could
be anybody. Every decoding error becomes a ``ContainerFaultError``; nothing else is raised. Everything is computed over
the bytes that were sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from asn1crypto import x509 as asn1_x509

from signing.trust import Evidence
from signing.validation import attributes as names
from signing.validation.attributes import (
    Attributes,
    attribute_fault,
    binding_fault,
    policy_oid,
    protection_fault,
    read_attributes,
    signing_time,
)
from signing.validation.certificate_parts import CertificateParts, find_named
from signing.validation.container_faults import ContainerFaultError, SignerMissingError, UnknownAlgorithmError
from signing.validation.digests import Content, Signed, digest_of
from signing.validation.embedded_evidence import embedded_evidence
from signing.validation.public_keys import PublicKey, read_public_key
from signing.validation.schemes import Family, Scheme, read_algorithm, read_digest, read_scheme
from signing.validation.signature_values import settled, value_holds
from signing.validation.signed_data import DATA, TST_INFO, SignedData, SignerPart, read_signed_data

__all__ = [
    "Container",
    "ContainerFaultError",
    "digest_of",
    "integrity",
    "read_container",
    "read_containers",
]

_DECODING = (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, RecursionError, OverflowError)
# What hostile or odd containers make a decoder raise; DerError is a ValueError.
_CONTENT_TYPES = {DATA: "data", TST_INFO: "tst_info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One decoded signature: of a CMS container one of its signers."""

    parts: SignedData | None
    """None: a bare PKCS #1 value (``legacy_subfilters``)."""

    part: SignerPart | None
    certificate: Any
    """asn1 certificate of the signer."""

    leaf: bytes
    certificates: tuple[bytes, ...]
    """DER of every certificate inside, the signer's too."""

    content_type: str
    """'data', 'tst_info' or an object identifier."""

    content: bytes | None
    """What is encapsulated; None: detached."""

    digest: str
    """Name of the digest algorithm of the signed content; an object identifier if it is not known."""

    algorithm: str
    """Object identifier of the signature algorithm as it was sent."""

    scheme: Scheme | None
    """How the value is computed; None: not known."""

    value: bytes
    """The bare signature value."""

    key: bytes
    """SubjectPublicKeyInfo of the signer."""

    signed_attributes: Attributes
    unsigned_attributes: Attributes
    tokens: tuple[bytes, ...] = ()
    """Signature time-stamp tokens, not checked."""

    bound_certificate: bool = False
    """signing-certificate(-v2) is signed: the certificate cannot be exchanged (a PAdES baseline demand)."""

    claimed_time: datetime | None = None
    evidence: Evidence = field(default_factory=Evidence)
    """Status evidence inside the container, not checked."""

    defect: str = ""
    """Why it is no signature of the kind that it says, though it decodes; integrity is told all the same."""

    more_digests: tuple[str, ...] = ()
    """Digest algorithms that the integrity rests on beside ``digest`` and the scheme's."""

    @property
    def message_digest(self) -> bytes | None:
        """The digest of the content that the signer vouches for; None: there are no signed attributes."""
        found = self.signed_attributes.values(names.MESSAGE_DIGEST)
        return found[0].content if found else None

    @property
    def attributes_fault(self) -> str:
        """Why the signed attributes are not DER, or empty."""
        return self.signed_attributes.fault

    @property
    def policy_oid(self) -> str | None:
        """Signature policy that the signer followed; empty: an implied one; None: none."""
        return policy_oid(self.signed_attributes)

    @property
    def scheme_name(self) -> str:
        """As reports name the signature algorithm: 'RSA_SHA256', 'ECDSA_SHA384' …; the identifier if not known."""
        return self.scheme.name if self.scheme is not None else self.algorithm

    def public_key(self) -> PublicKey:
        """The signer's key.

        Raises:
            ContainerFaultError: it cannot be computed with.
        """
        try:
            return read_public_key(self.key)
        except ContainerFaultError:
            raise
        except _DECODING as err:
            raise UnknownAlgorithmError("the signer's key does not decode") from err


def read_container(data: bytes, others: Iterable[bytes] = ()) -> Container:
    """Decodes a container that has to have one signer; zero padding behind it is allowed, anything else is not.

    Args:
        data: the container; BER is accepted around signed attributes in DER.
        others: DER certificates from elsewhere (document security store), for a signer's that is not inside.

    Raises:
        ContainerFaultError: malformed, no signer, no signer's certificate.
    """
    found = read_containers(data, others)
    if len(found) == 1:
        return found[0]
    return replace(found[0], defect="there is more than one signer")  # ETSI EN 319 142-1 §4.1: exactly one


def read_containers(data: bytes, others: Iterable[bytes] = ()) -> tuple[Container, ...]:
    """Decodes a container, one answer per signer.

    Raises:
        ContainerFaultError: malformed, no signer, no certificate of one of them.
    """
    try:
        parts = read_signed_data(data)
        if not parts.signers:
            fault = "there is no signer"
        else:
            return tuple(_container(parts, signer, others) for signer in parts.signers)
    except ContainerFaultError:
        raise
    except _DECODING as err:
        raise ContainerFaultError(f"the container does not decode ({type(err).__name__})") from err
    raise ContainerFaultError(fault)


def _container(parts: SignedData, signer: SignerPart, others: Iterable[bytes]) -> Container:
    signed, unsigned = read_attributes(signer.signed_attributes), read_attributes(signer.unsigned_attributes)
    evidence = embedded_evidence(parts.lists, signed, unsigned)
    certificate, unbound = _signer_certificate(parts, signer, signed, (*evidence.certificates, *others))
    content_type = _CONTENT_TYPES.get(parts.content_type, parts.content_type)
    digest = _name_of(signer.digest_algorithm)
    has_attributes = signed.element is not None
    return Container(
        parts=parts, part=signer, certificate=asn1_x509.Certificate.load(certificate.der), leaf=certificate.der,
        certificates=tuple(dict.fromkeys((*parts.certificates, certificate.der))), content_type=content_type,
        content=parts.content, digest=digest, algorithm=read_algorithm(signer.signature_algorithm)[0],
        scheme=_scheme_of(signer.signature_algorithm, digest, certificate.key), value=signer.value, key=certificate.key,
        signed_attributes=signed, unsigned_attributes=unsigned,
        tokens=tuple(value.raw for value in unsigned.values(names.SIGNATURE_TIMESTAMP)),
        bound_certificate=bool(signed.count(names.SIGNING_CERTIFICATE, names.SIGNING_CERTIFICATE_V2)) and not unbound,
        claimed_time=signing_time(signed), evidence=evidence,
        defect=unbound or (has_attributes and (
            attribute_fault(signed, content_type=parts.content_type)
            or protection_fault(signed, signer.digest_algorithm, signer.signature_algorithm)
        )) or "",
    )  # fmt: skip


def _signer_certificate(
    parts: SignedData, signer: SignerPart, signed: Attributes, others: tuple[bytes, ...]
) -> tuple[CertificateParts, str]:
    """The certificate that the signer names, and why the signed reference is about another one (or empty)."""
    found = find_named(signer.identifier, parts.certificates) or find_named(signer.identifier, others)
    if not found:
        raise SignerMissingError
    faults = [binding_fault(signed, one) for one in found]
    best = faults.index("") if "" in faults else 0  # two of one name and number: the signed reference tells which
    return found[best], faults[best]


def _name_of(identifier: bytes) -> str:
    try:
        return read_digest(identifier)
    except UnknownAlgorithmError:
        return read_algorithm(identifier)[0]


def _scheme_of(identifier: bytes, digest: str, key: bytes) -> Scheme | None:
    try:
        scheme = read_scheme(identifier, digest)
        return settled(scheme, read_public_key(key)) if scheme.family is Family.BY_KEY else scheme
    except UnknownAlgorithmError:
        return None


def integrity(container: Container, signed: Signed) -> tuple[bool, bool]:
    """Whether the digest is the signed one, and whether the signature value belongs to the signer's key.

    Args:
        container: a decoded signature.
        signed: the content that it has to be about.

    Raises:
        ContainerFaultError: an algorithm or key that cannot be used.
    """
    try:
        key = container.public_key()
        if container.scheme is None:
            fault = f"unknown signature algorithm {container.algorithm[:60]}"
        elif (
            container.signed_attributes.element is None
        ):  # RFC 5652 §5.4: without attributes the content itself is signed
            return True, _value_holds(container, container.scheme, key, signed)
        else:
            intact = container.message_digest == signed.digest(container.digest)
            return intact, _value_holds(
                container, container.scheme, key, Content((container.signed_attributes.to_sign(),))
            )
    except ContainerFaultError:
        raise
    except _DECODING as err:
        raise ContainerFaultError(f"the signature cannot be computed ({type(err).__name__})", unsupported=True) from err
    raise UnknownAlgorithmError(fault)


def _value_holds(container: Container, scheme: Scheme, key: PublicKey, signed: Signed) -> bool:
    if value_holds(scheme, key, container.value, signed):
        return True
    # Some writers name one digest in the scheme and sign with that of the content; ``incoherence`` says so later.
    if scheme.digest == container.digest or scheme.family is Family.RSA_PSS:
        return False
    return value_holds(replace(scheme, digest=container.digest), key, container.value, signed)
