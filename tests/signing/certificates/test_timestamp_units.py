"""What is kept from token to token belongs to one certificate: a new unit's tokens never name the old one."""

import hashlib
import itertools
from datetime import timedelta

from asn1crypto import tsp
from cryptography import x509

from signing.ca import SEAL, TIMESTAMP, service_credential
from signing.identity import DEFAULT_ARC
from signing.keys import Credential
from signing.tsa import TimestampAuthority, build_timestamp_request
from tests.signing.certificates.hierarchy import AT, Samples

REQUEST = build_timestamp_request(hashlib.sha256(b"van ban").digest())


def named(samples: Samples, credential: Credential, numbers: "itertools.count[int]") -> tuple[int, bytes]:
    """Serial of the signer, and the certificate that the token binds by its digest."""
    unit = TimestampAuthority(
        credential=credential,
        keys=samples.hierarchy.room.keys,
        policy=DEFAULT_ARC.timestamp_policy,
        next_serial=lambda: next(numbers),
        accuracy=timedelta(seconds=1),
    )
    response = tsp.TimeStampResp.load(unit.respond(REQUEST, at=AT), strict=True)
    (signer,) = response["time_stamp_token"]["content"]["signer_infos"]
    attributes = {one["type"].native: one["values"][0] for one in signer["signed_attrs"]}
    bound = attributes["signing_certificate_v2"]["certs"][0]["cert_hash"].native
    return signer["sid"].chosen["serial_number"].native, bound


def test_units_that_take_turns_name_their_own_certificates(samples: Samples) -> None:
    registry, numbers = samples.hierarchy.registry, itertools.count(1)
    before, after = (service_credential(service, registry, at=AT) for service in (TIMESTAMP, SEAL))
    for credential in (before, after, before, after):
        certificate = x509.load_der_x509_certificate(credential.certificate)
        digest = hashlib.sha256(credential.certificate).digest()
        assert named(samples, credential, numbers) == (certificate.serial_number, digest)
