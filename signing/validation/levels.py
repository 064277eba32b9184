"""Which baseline level a signature has reached (ETSI EN 319 142-1 §6; older kinds by their usual names)."""

from asn1crypto import crl, ocsp
from asn1crypto import x509 as asn1_x509

from signing.trust import Evidence
from signing.validation.chains import ChainAnswer
from signing.validation.container import Container
from signing.validation.document import SignatureField
from signing.validation.proofs import Proofs


def reached_level(
    field: SignatureField, container: Container, proofs: Proofs, store: Evidence, chain: ChainAnswer
) -> str:
    """'B-B' … 'B-LTA' for PAdES, 'PKCS7-B' … 'PKCS7-LTA' for plain PDF signatures, 'BES' without a bound certificate.

    Only what holds counts: a time-stamp that is not trusted raises no level, nor does evidence for other certificates.
    """
    prefix = "B" if field.sub_filter == "/ETSI.CAdES.detached" else "PKCS7"
    if prefix == "B" and not container.bound_certificate:
        return "BES"
    proof = proofs.best(field.name)
    if proof.time is None:
        return f"{prefix}-B"
    if not chain.ok or not _covers_chain(store, chain.chain):
        return f"{prefix}-T"
    later = [d for d in proofs.documents.values() if d.stamp.trusted]
    if proof.source == "signature_timestamp" and later:
        return f"{prefix}-LTA"
    return f"{prefix}-LT"


def _covers_chain(store: Evidence, chain: tuple[bytes, ...]) -> bool:
    """Whether the document itself holds status evidence for the signer (its own, not only of its authorities)."""
    leaf = asn1_x509.Certificate.load(chain[0])
    for der in store.ocsps:
        try:
            response = ocsp.OCSPResponse.load(der).basic_ocsp_response
            answers = response["tbs_response_data"]["responses"]
            if any(a["cert_id"]["serial_number"].native == leaf.serial_number for a in answers):
                return True
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    for der in store.crls:
        try:
            if crl.CertificateList.load(der).issuer == leaf.issuer:
                return True
        except (ValueError, TypeError, KeyError):
            continue
    return False
