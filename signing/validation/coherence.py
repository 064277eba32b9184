"""Do the unsigned parts of a container hang together?

A CMS signature does not protect the list of digest algorithms, the version or the certificates beside the signer's.
Damage there would otherwise go unnoticed whenever the chain can be built without them; a container that contradicts
itself is at best INDETERMINATE.
"""

from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature
from pyhanko_certvalidator.errors import AlgorithmNotSupported, DSAParametersUnavailable
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator

from signing.validation.candidates import load_certificate
from signing.validation.container import Container

MAX_CERTIFICATES_COMPARED = 32
_VERSIONS = {"v1", "v3", "v4", "v5"}  # RFC 5652 §5.1
_UNDECODABLE = (ValueError, TypeError, KeyError, AssertionError, AttributeError, OverflowError)


def incoherence(container: Container) -> str | None:
    """What does not fit inside the container, or None."""
    digests = {str(a["algorithm"].native).lower() for a in container.signed["digest_algorithms"]}
    if container.digest not in digests:
        return "the digest algorithm is not among those of the container"
    if container.signed["version"].native not in _VERSIONS or container.signer["version"].native not in {"v1", "v3"}:
        return "the container has an unknown version"
    return _certificates_fault(container.certificates[:MAX_CERTIFICATES_COMPARED])


def _certificates_fault(certificates: tuple[bytes, ...]) -> str | None:
    try:
        parsed = [load_certificate(der) for der in certificates]
        subjects: dict[str, list[asn1_x509.Certificate]] = {}
        for certificate in parsed:
            subjects.setdefault(certificate.subject.hashable, []).append(certificate)
        for certificate in parsed:
            issuers = subjects.get(certificate.issuer.hashable, [])
            if issuers and not any(_may_be_signed_by(certificate, issuer) for issuer in issuers):
                return "a certificate of the container is damaged"
    except _UNDECODABLE:
        return "a certificate of the container does not decode"
    return None


def _may_be_signed_by(certificate: asn1_x509.Certificate, issuer: asn1_x509.Certificate) -> bool:
    try:
        DefaultSignatureValidator().validate_signature(
            signature=certificate["signature_value"].native,
            signed_data=certificate["tbs_certificate"].dump(),
            public_key_info=issuer.public_key,
            signature_algorithm=certificate["signature_algorithm"],
        )
    except (AlgorithmNotSupported, DSAParametersUnavailable):
        return True
    except InvalidSignature:
        return False
    return True
