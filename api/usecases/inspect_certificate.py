"""Says what a certificate file says about itself. Nothing is verified, nobody is asked."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.errors import CertificateMalformed
from signing.identity import read_certificate_facts

_PEM = b"-----BEGIN"


def inspect_certificate(data: bytes) -> dict[str, object]:
    """Facts of a certificate, PEM or DER, in words for a person and values for a machine.

    Raises:
        CertificateMalformed: neither of the two, or it contradicts itself.
    """
    if data.lstrip().startswith(_PEM):
        try:
            data = x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER)
        except ValueError as err:
            message = "not a PEM certificate"
            raise CertificateMalformed(message) from err
    facts = read_certificate_facts(data)
    scope = facts.scope
    return {
        "common_name": facts.common_name,
        "organisation": facts.organisation,
        "title": facts.title,
        "class": facts.certificate_class.value if facts.certificate_class else None,
        "ordinal": facts.ordinal,
        "serial": facts.serial_hex,
        "sha256": facts.sha256,
        "not_before": facts.not_before.isoformat(),
        "not_after": facts.not_after.isoformat(),
        "policies": list(facts.policy_oids),
        "primary_sha256": facts.primary_sha256,
        "scope": None
        if scope is None
        else {
            "places": list(scope.places),
            "procedures": list(scope.procedures),
            "document_types": list(scope.document_types),
        },
    }
