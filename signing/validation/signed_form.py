"""What a signature says about itself, for the report: form, names of algorithms, claimed role, policy and words.

Nothing here is checked and nothing is decided by it; what does not decode is left out.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from asn1crypto import x509 as asn1_x509

from signing.validation.container import Container
from signing.validation.container_faults import UnknownAlgorithmError
from signing.validation.digests import digest_of
from signing.validation.document import SignatureField, get
from signing.validation.signature_report import SignedForm

_MAX_TEXT: Final = 300
_MAX_ROLES: Final = 8
_UNDECODABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError)
_SIGNER_ATTRIBUTES: Final = "0.4.0.19122.1.1"  # ETSI EN 319 122-1 §5.2.6.1: signer-attributes-v2
_CLAIMED_ROLE: Final = "2.5.4.72"  # ITU-T X.509 id-at-role


def form_of(field: SignatureField, container: Container | None) -> SignedForm:
    """The form of one signature; without a container only what the dictionary says."""
    sub_filter = field.sub_filter[:_MAX_TEXT]
    byte_range = tuple(int(n) for n in field.byte_range if isinstance(n, int) and not isinstance(n, bool))
    said = SignedForm(
        sub_filter=sub_filter, byte_range=byte_range, reason_text=_text(field.value, "/Reason"),
        location=_text(field.value, "/Location"), contact=_text(field.value, "/ContactInfo"),
    )  # fmt: skip
    if container is None:
        return said
    return replace(
        said,
        digest_algorithm=container.digest.upper()[:_MAX_TEXT],
        signature_algorithm=container.scheme_name[:_MAX_TEXT],
        signed_digest=container.message_digest,
        signature_value=container.value,
        representation_digest=_representation(container),
        certificates=container.certificates,
        role="; ".join(_roles(container))[:_MAX_TEXT],
        policy_oid=container.policy_oid or None,
    )


def _representation(container: Container) -> bytes | None:
    """TS 119 102-2 §4.2.4: the digest of the data to be signed representation, by the signature's own algorithm."""
    if container.signed_attributes.element is None:
        return None
    try:
        return digest_of((container.signed_attributes.to_sign(),), container.digest)
    except UnknownAlgorithmError:
        return None


def common_name(der: bytes) -> str:
    """The name in a certificate, for display; empty if it cannot be read."""
    try:
        names = asn1_x509.Certificate.load(der).subject.native
        return str(names.get("common_name") or names.get("organization_name") or "")[:_MAX_TEXT]
    except _UNDECODABLE:
        return ""


def _text(value: Any, key: str) -> str:  # noqa: ANN401 - pyHanko's dictionary
    found = get(value, key, "")
    return " ".join(str(found).split())[:_MAX_TEXT] if isinstance(found, str) else ""


def _roles(container: Container) -> Iterator[str]:
    """What the signer claims to be."""
    try:
        for value in container.signed_attributes.values(_SIGNER_ATTRIBUTES)[:1]:
            # with it comes all that pyHanko signs with, and a web client: a third of a second for a rare attribute
            from pyhanko.sign.ades import cades_asn1  # noqa: PLC0415 - see above

            for claimed in list(cades_asn1.SignerAttributesV2.load(value.raw)["claimed_attributes"])[:_MAX_ROLES]:
                if claimed["type"].dotted == _CLAIMED_ROLE:
                    yield from (_readable(role) for role in list(claimed["values"])[:_MAX_ROLES])
    except _UNDECODABLE:
        return


def _readable(value: Any) -> str:  # noqa: ANN401 - asn1crypto ships no types
    inner = value.native
    while isinstance(inner, dict | list) and inner:
        inner = next(iter(inner.values())) if isinstance(inner, dict) else inner[0]
    return str(inner)[:_MAX_TEXT]
