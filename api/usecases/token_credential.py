"""The credential of a certificate whose key is in a token of its holder's: everything about it but the key.

Knows the register and imported certificates. Must not know documents, nor whether the certificate may be used.
"""

from dataclasses import replace

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.db import Tx
from api.errors import TokenKeyUnfit
from api.records.external_certificates import ExternalCertificates
from signing.ca import credential_of
from signing.errors import AlgorithmNotSupported
from signing.identity import load_certificate
from signing.keys import ALGORITHM_OF_KIND, Credential, kind_of_spki
from signing.registry import CertificateRecord
from signing.registry_sql import RegistrySql


def token_credential(tx: Tx, certificate: CertificateRecord) -> Credential:
    """Certificate, chain and algorithm; ``key_id`` is empty, for no store of ours has the key.

    Raises:
        TokenKeyUnfit: no signature is made with a key of this kind. CertificateNotUsable: it was never issued.
    """
    found = ExternalCertificates(tx).find(certificate.certificate_id)
    try:
        if found is None:
            return replace(credential_of(certificate, RegistrySql(tx)), key_id="")
        algorithm = ALGORITHM_OF_KIND[kind_of_spki(public_key_of(found.der))]
    except AlgorithmNotSupported as err:
        raise TokenKeyUnfit from err
    return Credential(key_id="", certificate=found.der, chain=found.chain, algorithm=algorithm)


def public_key_of(certificate: bytes) -> bytes:
    """The public key that a certificate (DER) names: SubjectPublicKeyInfo, DER."""
    return load_certificate(certificate).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
