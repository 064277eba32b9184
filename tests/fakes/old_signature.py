"""Signatures as they were made years ago, by a stranger: old schemes, a time-stamp, an ended certificate."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.tsa import build_timestamp_request
from tests.fakes.cms_builder import NULL, RSA, Plan, attribute, container, digest, identifier, key, pdf_around, pkcs1
from tests.fakes.cms_builder import Signer as Holder
from tests.fakes.small_pki import SmallPki

SIGNATURE_STAMP = "1.2.840.113549.1.9.16.2.14"
_SIGNATURE_OIDS = {"sha256": f"{RSA}11", "sha1": f"{RSA}5"}


@dataclass
class LongLivedPki(SmallPki):
    """An infrastructure whose service certificates, time-stamper's too, last ten years."""

    def certificate(self, subject: x509.Name, public_key: object, issuer: Any, **more: Any) -> x509.Certificate:
        more["end"] = more.get("end") or datetime(2031, 1, 1, tzinfo=UTC)
        return super().certificate(subject, public_key, issuer, **more)


def token(pki: SmallPki, data: bytes) -> bytes:
    """A time-stamp token of the infrastructure's clock over some data."""
    given = pki.stamp(build_timestamp_request(digest("sha256", data)))
    return bytes(tsp.TimeStampResp.load(given)["time_stamp_token"].dump())


def holder(pki: SmallPki, kind: str, *, end: datetime, cn: str = "Nguyễn Văn Bình") -> Holder:
    """Somebody with a certificate that ends."""
    private = key(kind)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, cn)])
    made = pki.certificate(name, private.public_key(), pki.ca, end=end)
    return Holder(private, made.public_bytes(Encoding.DER), (pki.ca.der, pki.root.der))


def signed_long_ago(pki: SmallPki, by: Holder, *, name: str = "sha256", stamped: bool = True) -> bytes:
    """A small file with an RSASSA-PKCS1-v1_5 signature, its evidence inside, and a time-stamp."""
    plan = Plan(
        by=by, digest=name, scheme=identifier(_SIGNATURE_OIDS[name], NULL), sign=pkcs1(name),
        lists=(pki.crl(pki.root), pki.crl(pki.ca)),
        unsigned=(lambda value: (attribute(SIGNATURE_STAMP, token(pki, value)),)) if stamped else None,
    )  # fmt: skip
    return pdf_around(lambda content: container(plan, content))
