"""A time-stamp authority (RFC 3161): a request in, a signed token or a typed refusal out.

Tokens are put together from DER templates: only the digest, serial, time and nonce change, so a token
costs little more than its signature. Knows the protocol; the serial, the moment and the key store are
handed in. It never reads a clock and never trusts a request: strict DER, at most 4 KB.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
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


@dataclass(frozen=True, kw_only=True)  # no slots: the templates below are computed once
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
        """
        try:
            wanted = parse_timestamp_request(request)
        except DerError:
            return refusal(Failure.BAD_DATA_FORMAT)
        except Refusal as err:
            return refusal(err.failure)
        if wanted.policy is not None and wanted.policy != self._policy_element:
            return refusal(Failure.UNACCEPTED_POLICY)
        if not self._may_sign(at):
            return refusal(Failure.TIME_NOT_AVAILABLE)
        return tlv(SEQUENCE, _GRANTED, self._token(wanted, self.next_serial(), at))

    def _may_sign(self, at: datetime) -> bool:
        begin, end = self._key_use
        return begin <= at <= end

    def _token(self, wanted: TimestampRequest, serial: int, at: datetime) -> bytes:
        content = tlv(
            SEQUENCE,
            b"\x02\x01\x01",
            self._policy_element,
            wanted.imprint,
            integer(serial),
            _moment(at),
            self._accuracy_field,
            tlv(INTEGER, wanted.nonce) if wanted.nonce is not None else b"",
        )
        digest_name, digest_identifier = _CMS_DIGEST[self.credential.algorithm]
        before, after = self._around_digest
        attributes = before + hashlib.new(digest_name, content).digest() + after
        # RFC 5652 §5.4: signed as a SET OF, carried as [0] IMPLICIT
        signature = self.keys.sign(self.credential.key_id, tlv(SET, attributes), self.credential.algorithm)
        signer = tlv(
            SEQUENCE,
            b"\x02\x01\x01",
            self._issuer_and_serial,
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
            self._certificates if wanted.certificates_wanted else b"",
            tlv(SET, signer),
        )
        return tlv(SEQUENCE, _OID_SIGNED_DATA, tlv(0xA0, signed_data))

    @cached_property
    def _policy_element(self) -> bytes:
        return oid(self.policy)

    @cached_property
    def _around_digest(self) -> tuple[bytes, bytes]:
        """The signed attributes before and behind the content's digest; a SET OF is sorted in DER (X.690 §11.6)."""
        size = hashlib.new(_CMS_DIGEST[self.credential.algorithm][0]).digest_size
        # lengths differ, so the digest's own octets never decide the order
        place = bytes(size)
        digest = tlv(SEQUENCE, _OID_MESSAGE_DIGEST, tlv(SET, tlv(OCTET_STRING, place)))
        attributes = sorted((*self._fixed_attributes, digest))
        at = attributes.index(digest)
        before = b"".join(attributes[:at]) + digest.removesuffix(place)
        return before, b"".join(attributes[at + 1 :])

    @cached_property
    def _fixed_attributes(self) -> tuple[bytes, ...]:
        # RFC 5816: ESSCertIDv2; SHA-256 is the default hash and therefore left out
        identifier = tlv(SEQUENCE, tlv(OCTET_STRING, hashlib.sha256(self.credential.certificate).digest()))
        signing_certificate = tlv(SEQUENCE, tlv(SEQUENCE, identifier))
        return (
            tlv(SEQUENCE, _OID_CONTENT_TYPE, tlv(SET, _OID_TST_INFO)),
            tlv(SEQUENCE, _OID_SIGNING_CERTIFICATE_V2, tlv(SET, signing_certificate)),
        )

    @cached_property
    def _issuer_and_serial(self) -> bytes:
        certificate = x509.load_der_x509_certificate(self.credential.certificate)
        return tlv(SEQUENCE, certificate.issuer.public_bytes(), integer(certificate.serial_number))

    @cached_property
    def _certificates(self) -> bytes:
        # the root stays out: whoever trusts it has it; a SET OF is sorted in DER
        chain = (self.credential.certificate, *self.credential.chain[:-1])
        return tlv(0xA0, *sorted(chain))

    @cached_property
    def _accuracy_field(self) -> bytes:
        # RFC 3161 §2.4.2: Accuracy ::= SEQUENCE { seconds, millis [0], micros [1] }
        millis = self.accuracy.microseconds // 1000
        part = integer(millis)
        return tlv(
            SEQUENCE,
            integer(int(self.accuracy.total_seconds())) if self.accuracy >= timedelta(seconds=1) else b"",
            b"\x80" + part[1:] if millis else b"",
        )

    @cached_property
    def _key_use(self) -> tuple[datetime, datetime]:
        certificate = x509.load_der_x509_certificate(self.credential.certificate)
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
