"""What a signature says about itself, for the report: form, names of algorithms, claimed role, policy and words.

Nothing here is checked and nothing is decided by it; what does not decode is left out.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from asn1crypto import x509 as asn1_x509

from signing.keys.der import SEQUENCE, UTF8_STRING
from signing.validation import attributes as names
from signing.validation.ber import Element
from signing.validation.container import Container
from signing.validation.container_faults import UnknownAlgorithmError
from signing.validation.digests import digest_of, dotted
from signing.validation.document import SignatureField, get
from signing.validation.signature_report import SignedForm

_MAX_TEXT: Final = 300
_MAX_ROLES: Final = 8
_UNDECODABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError)
_ROLES: Final = frozenset({"2.5.4.72", "2.5.4.41"})  # ITU-T X.509 id-at-role; id-at-name, as EU DSS writes it
_CLAIMED: Final = 0xA0  # claimedAttributes
_ROLE_NAME: Final = 0xA1
_TEXTS: Final = {
    UTF8_STRING: "utf-8", 0x13: "ascii", 0x16: "ascii", 0x14: "latin-1", 0x1E: "utf-16-be",
    0x81: "ascii", 0x82: "ascii", 0x86: "ascii",  # GeneralName: rfc822Name, dNSName, uniformResourceIdentifier
}  # fmt: skip


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
    """What the signer claims to be (ETSI EN 319 122-1 §5.2.6.1, and the attribute before it)."""
    try:
        for value in container.signed_attributes.values(names.SIGNER_ATTRIBUTES_V2, names.SIGNER_ATTRIBUTES)[:1]:
            held = next((part for part in value.children() if part.tag == _CLAIMED), None)
            for attribute in held.children()[0].children()[:_MAX_ROLES] if held is not None else ():
                kind, values = attribute.children()
                if dotted(kind.content) in _ROLES:
                    yield from filter(None, (_role(one) for one in values.children()[:_MAX_ROLES]))
    except _UNDECODABLE:
        return


def _role(value: Element) -> str:
    """A text, or RoleSyntax (RFC 5755 §4.4.5), whose name is a GeneralName; empty for other forms of names."""
    if value.tag == SEQUENCE:
        name = next((part for part in value.children() if part.tag == _ROLE_NAME), None)
        if name is None:
            return ""
        (value,) = name.children()
    encoding = _TEXTS.get(value.tag)
    return value.content.decode(encoding, "replace")[:_MAX_TEXT] if encoding else ""
