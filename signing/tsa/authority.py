"""A time-stamp authority (RFC 3161): a request in, a signed token or a typed refusal out.

Tokens are put together from DER templates: only the digest, serial, time and nonce change, so a token
costs little more than its signature. Knows the protocol; the serial, the moment and the key store are
handed in. It never reads a clock and never trusts a request: strict DER, at most 4 KB.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography import x509

from signing.keys import Credential, KeyStore, SignatureAlgorithm
from signing.keys.der import (
    ALGORITHM_IDENTIFIER,
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    SHA256_IDENTIFIER,
    DerError,
    integer,
    oid,
    tlv,
)
from signing.tsa.request import Failure, Refusal, TimestampRequest, parse_timestamp_request

_OID_SIGNED_DATA: Final = oid("1.2.840.113549.1.7.2")
_OID_TST_INFO: Final = oid("1.2.840.113549.1.9.16.1.4")
_OID_CONTENT_TYPE: Final = oid("1.2.840.113549.1.9.3")
_OID_MESSAGE_DIGEST: Final = oid("1.2.840.113549.1.9.4")
_OID_SIGNING_CERTIFICATE_V2: Final = oid("1.2.840.113549.1.9.16.2.47")
_SHA384_IDENTIFIER: Final = bytes.fromhex("300b0609608648016503040202")
_CMS_DIGEST: Final = {
    SignatureAlgorithm.ECDSA_SHA256: ("sha256", SHA256_IDENTIFIER),
    SignatureAlgorithm.ECDSA_SHA384: ("sha384", _SHA384_IDENTIFIER),
    SignatureAlgorithm.RSASSA_PSS_SHA256: ("sha256", SHA256_IDENTIFIER),
}
_GRANTED: Final = tlv(SEQUENCE, integer(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampAuthority:
    """Stamps digests with the time it is given.

    One call of ``respond`` counts one serial: with serials from a database, do not call it inside a
    transaction on that database.
    """

    credential: Credential
    keys: KeyStore
    policy: str
    """OID of the policy that tokens are issued under."""
    next_serial: Callable[[], int]
    """Gives each number once, always a higher one."""
    accuracy: timedelta
    """How far the stamped time may be from UTC; whole seconds and milliseconds."""

    def respond(self, request: bytes, *, at: datetime) -> bytes:
        """Answer a TimeStampReq (DER) with a TimeStampResp (DER). Refusals are answers, never exceptions.

        Args:
            request: bytes of a stranger.
            at: the moment, from a clock that the caller trusts.

        Raises:
            KeyStoreError: the key cannot be used now.
        """
        try:
            wanted = parse_timestamp_request(request)
        except DerError:
            return refusal(Failure.BAD_DATA_FORMAT)
        except Refusal as err:
            return refusal(err.failure)
        fixed = _fixed_parts(self.credential, self.policy, self.accuracy)
        if wanted.policy is not None and wanted.policy != fixed.policy:
            return refusal(Failure.UNACCEPTED_POLICY)
        if not fixed.begin <= at <= fixed.end:
            return refusal(Failure.TIME_NOT_AVAILABLE)
        return tlv(SEQUENCE, _GRANTED, self._token(wanted, fixed, self.next_serial(), at))

    def _token(self, wanted: TimestampRequest, fixed: "_FixedParts", serial: int, at: datetime) -> bytes:
        content = tlv(
            SEQUENCE,
            b"\x02\x01\x01",
            fixed.policy,
            wanted.imprint,
            integer(serial),
            _moment(at),
            fixed.accuracy,
            tlv(INTEGER, wanted.nonce) if wanted.nonce is not None else b"",
        )
        digest_name, digest_identifier = _CMS_DIGEST[self.credential.algorithm]
        attributes = fixed.before_digest + hashlib.new(digest_name, content).digest() + fixed.behind_digest
        # RFC 5652 §5.4: signed as a SET OF, carried as [0] IMPLICIT
        signature = self.keys.sign(self.credential.key_id, tlv(SET, attributes), self.credential.algorithm)
        signer = tlv(
            SEQUENCE,
            b"\x02\x01\x01",
            fixed.issuer_and_serial,
            digest_identifier,
            tlv(0xA0, attributes),
            ALGORITHM_IDENTIFIER[self.credential.algorithm],
            tlv(OCTET_STRING, signature),
        )
        encapsulated = tlv(SEQUENCE, _OID_TST_INFO, tlv(0xA0, tlv(OCTET_STRING, content)))
        signed_data = tlv(
            SEQUENCE,
            b"\x02\x01\x03",
            tlv(SET, digest_identifier),
            encapsulated,
            fixed.certificates if wanted.certificates_wanted else b"",
            tlv(SET, signer),
        )
        return tlv(SEQUENCE, _OID_SIGNED_DATA, tlv(0xA0, signed_data))


@dataclass(frozen=True, slots=True, kw_only=True)
class _FixedParts:
    """What all tokens of one unit share."""

    policy: bytes
    accuracy: bytes
    issuer_and_serial: bytes
    certificates: bytes
    before_digest: bytes
    """The signed attributes in front of the content's digest."""
    behind_digest: bytes
    begin: datetime
    """When the key may be used, ends included."""
    end: datetime


@lru_cache(maxsize=16)
def _fixed_parts(credential: Credential, policy: str, accuracy: timedelta) -> _FixedParts:
    """Put together once for each unit, however many requests come: reading its certificate costs two signatures."""
    certificate = x509.load_der_x509_certificate(credential.certificate)
    before, behind = _around_digest(credential)
    begin, end = _key_use(certificate)
    return _FixedParts(
        policy=oid(policy),
        accuracy=_accuracy_field(accuracy),
        issuer_and_serial=tlv(SEQUENCE, certificate.issuer.public_bytes(), integer(certificate.serial_number)),
        # the root stays out: whoever trusts it has it; a SET OF is sorted in DER
        certificates=tlv(0xA0, *sorted((credential.certificate, *credential.chain[:-1]))),
        before_digest=before,
        behind_digest=behind,
        begin=begin,
        end=end,
    )


def _around_digest(credential: Credential) -> tuple[bytes, bytes]:
    """The signed attributes before and behind the content's digest; a SET OF is sorted in DER (X.690 §11.6)."""
    # lengths differ, so the digest's own octets never decide the order
    place = bytes(hashlib.new(_CMS_DIGEST[credential.algorithm][0]).digest_size)
    digest = tlv(SEQUENCE, _OID_MESSAGE_DIGEST, tlv(SET, tlv(OCTET_STRING, place)))
    # RFC 5816: ESSCertIDv2; SHA-256 is the default hash and therefore left out
    identifier = tlv(SEQUENCE, tlv(OCTET_STRING, hashlib.sha256(credential.certificate).digest()))
    signing_certificate = tlv(SEQUENCE, tlv(SEQUENCE, identifier))
    attributes = sorted(
        (
            tlv(SEQUENCE, _OID_CONTENT_TYPE, tlv(SET, _OID_TST_INFO)),
            tlv(SEQUENCE, _OID_SIGNING_CERTIFICATE_V2, tlv(SET, signing_certificate)),
            digest,
        )
    )
    at = attributes.index(digest)
    return b"".join(attributes[:at]) + digest.removesuffix(place), b"".join(attributes[at + 1 :])


def _accuracy_field(accuracy: timedelta) -> bytes:
    # RFC 3161 §2.4.2: Accuracy ::= SEQUENCE { seconds, millis [0], micros [1] }
    millis = accuracy.microseconds // 1000
    return tlv(
        SEQUENCE,
        integer(int(accuracy.total_seconds())) if accuracy >= timedelta(seconds=1) else b"",
        b"\x80" + integer(millis)[1:] if millis else b"",
    )


def _key_use(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    try:
        # EN 319 421 §7.6.2: the key stops before the certificate, so that tokens stay checkable
        use = certificate.extensions.get_extension_for_class(x509.PrivateKeyUsagePeriod).value
    except x509.ExtensionNotFound:
        return begin, end
    last = use.not_after.replace(tzinfo=UTC) if use.not_after is not None else end
    return begin, min(end, last)


def refusal(failure: Failure) -> bytes:
    """Return a TimeStampResp that says why there is no token (RFC 3161 §2.4.2)."""
    bit = failure.value
    octets = bytearray(bit // 8 + 1)
    octets[-1] = 0x80 >> bit % 8
    unused = 7 - bit % 8
    rejection = 2
    return tlv(SEQUENCE, tlv(SEQUENCE, integer(rejection), tlv(0x03, bytes((unused,)), bytes(octets))))


def _moment(at: datetime) -> bytes:
    """Return genTime; RFC 3161 §2.4.2: a fraction has no trailing zeros, and none at all when it is zero."""
    utc = at.astimezone(UTC)
    fraction = f".{utc.microsecond:06d}".rstrip("0") if utc.microsecond else ""
    return tlv(0x18, f"{utc:%Y%m%d%H%M%S}{fraction}Z".encode())
