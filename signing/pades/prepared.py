"""A signature in two steps: a revision with an open place for the container, then the value that a key made for it.

The second step may come minutes later, in another process, from a token that we never see: everything that it needs is
in the value of the first. Knows documents and containers; uses no key.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Final, Self

from signing.errors import DocumentNotSignable, PreparationUnreadable, SignatureValueWrong
from signing.identity import load_certificate
from signing.keys import Credential, SignatureAlgorithm
from signing.keys.signatures import is_signed_by
from signing.pades.cms import signed_container
from signing.pades.stamping import Stamp, timestamp_token

_FORM: Final = 1
_LENGTH_BYTES: Final = 4
_MAX_HEAD: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSignature:
    """Everything about one signature but its value."""

    credential: Credential
    """``key_id`` is empty where the key is not in a store of ours."""
    field_name: str
    base_sha256: str
    """Hex, of the document that is continued."""
    tail: bytes = field(repr=False)
    """What follows the document in the new file; /Contents is there, filled with zeros."""
    document_digest: bytes
    """Over the byte range, by the digest that goes with the credential's algorithm."""
    attributes: bytes = field(repr=False)
    """DER of the SET OF signed attributes: what the key signs (RFC 5652 §5.4)."""
    place: int
    """Where in ``tail`` the hexadecimal digits of /Contents begin."""
    room: int
    """Bytes of a container that fit there."""
    salt_octets: int | None = None
    """The salt of the RSASSA-PSS value that a foreign signer said it would make; None: as long as the hash."""

    def to_bytes(self) -> bytes:
        """The value for a store; ``from_bytes`` reads it."""
        head = json.dumps(
            {
                "form": _FORM,
                "key_id": self.credential.key_id,
                "certificate": _text(self.credential.certificate),
                "chain": [_text(one) for one in self.credential.chain],
                "algorithm": self.credential.algorithm.value,
                "field_name": self.field_name,
                "base_sha256": self.base_sha256,
                "document_digest": self.document_digest.hex(),
                "attributes": _text(self.attributes),
                "place": self.place,
                "room": self.room,
                "salt_octets": self.salt_octets,
            }
        ).encode()
        return len(head).to_bytes(_LENGTH_BYTES, "big") + head + self.tail

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The value as it was stored.

        Raises:
            PreparationUnreadable: these bytes are no prepared signature, or one of another version of this code.
        """
        length = int.from_bytes(data[:_LENGTH_BYTES], "big")
        if length > _MAX_HEAD:
            raise PreparationUnreadable("not a prepared signature")
        try:
            head = json.loads(data[_LENGTH_BYTES : _LENGTH_BYTES + length])
            if head["form"] != _FORM:
                raise PreparationUnreadable("a prepared signature of another version")
            return cls(
                credential=Credential(
                    key_id=head["key_id"],
                    certificate=b64decode(head["certificate"]),
                    chain=tuple(b64decode(one) for one in head["chain"]),
                    algorithm=SignatureAlgorithm(head["algorithm"]),
                ),
                field_name=head["field_name"],
                base_sha256=head["base_sha256"],
                tail=data[_LENGTH_BYTES + length :],
                document_digest=bytes.fromhex(head["document_digest"]),
                attributes=b64decode(head["attributes"]),
                place=int(head["place"]),
                room=int(head["room"]),
                # what was stored before there was one
                salt_octets=None if head.get("salt_octets") is None else int(head["salt_octets"]),
            )
        except (ValueError, KeyError, TypeError) as err:
            raise PreparationUnreadable("not a prepared signature") from err


def signed_tail(prepared: PreparedSignature, value: bytes, stamp: Stamp | None) -> bytes:
    """What follows the document in the signed one: the revision with its container.

    Whether the document is the one that was prepared is the caller's to check.

    Args:
        prepared: the revision behind the document.
        value: ECDSA as DER Ecdsa-Sig-Value, RSASSA-PSS bare.
        stamp: asks a time-stamp authority for a token over the value; None: B-B.

    Raises:
        SignatureValueWrong: the certificate's key did not make this value over these attributes.
        DocumentNotSignable: the container is larger than the room that was kept.
        TimestampUnavailable: nothing was produced.
    """
    require_value(prepared, value)
    token = None if stamp is None else timestamp_token(stamp, value).dump()
    filled = signed_container(prepared.credential, prepared.attributes, value, token, salt_octets=prepared.salt_octets)
    if len(filled) > prepared.room:
        raise DocumentNotSignable("the time-stamp authority's certificates leave no room for the signature")
    digits = filled.hex().upper().encode()
    end = prepared.place + len(digits)
    return b"".join((prepared.tail[: prepared.place], digits, prepared.tail[end:]))


def require_value(prepared: PreparedSignature, value: bytes) -> None:
    """Do nothing when the credential's key made the value over the prepared attributes.

    Raises:
        SignatureValueWrong: it did not.
    """
    credential = prepared.credential
    key = load_certificate(credential.certificate).public_key()
    if not is_signed_by(key, prepared.attributes, value, credential.algorithm, salt_octets=prepared.salt_octets):
        raise SignatureValueWrong("the value was not made by the certificate's key over what was prepared")


def _text(data: bytes) -> str:
    return b64encode(data).decode()
