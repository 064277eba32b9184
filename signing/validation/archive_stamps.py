"""Archive time-stamps of CAdES (version 3): what they are about, and whether their index fits the container.

ETSI EN 319 122-1 §5.5.2 (ats-hash-index-v3) and §5.5.3. What the index does not name, nobody protected; what it names
has to be there unchanged. Computes octets; whether the token itself is right and trusted is decided by ``stamps``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from signing.keys.der import OCTET_STRING, SEQUENCE, DerError, oid
from signing.validation import attributes as names
from signing.validation.attributes import Attributes
from signing.validation.ber import Element, read_element
from signing.validation.container import Container, read_container
from signing.validation.container_faults import ContainerFaultError
from signing.validation.digests import Signed, digest_of
from signing.validation.schemes import read_digest
from signing.validation.signed_data import SignedData
from signing.validation.stamp_info import read_stamp_info

_HASH_INDEX: Final = "0.4.0.19122.1.5"
_OLD_INDEXES: Final = ("0.4.0.1733.2.5", "0.4.0.19122.1.4")  # TS 101 733 v2.2.1; EN 319 122-1 v1.0.0
MAX_TOKENS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What one archive time-stamp is about."""

    octets: bytes
    """Has to be the data of its imprint."""

    unsigned: frozenset[bytes]
    """Values of unsigned attributes that its index names: they existed when it was made; of others it says nothing."""


def archive_tokens(container: Container) -> tuple[bytes, ...]:
    """The tokens of archive-time-stamp-v3, not checked."""
    return tuple(v.raw for v in container.unsigned_attributes.values(names.ARCHIVE_TIMESTAMP_V3)[:MAX_TOKENS])


def archived(token: bytes, container: Container, content: Signed) -> Archived:
    """What a token has to be about, and what it protects.

    Raises:
        ContainerFaultError: no index, an index that names what is not there, or a content that is not here.
    """
    if container.parts is None or container.part is None:
        raise ContainerFaultError("there is no container to archive")
    try:
        stamp = read_container(token)
        info = read_stamp_info(stamp.content or b"")
        kind, index = _index(stamp.unsigned_attributes)
        unsigned = _protected(index, container.parts, _indexed(container.unsigned_attributes, kind))
    except ContainerFaultError:
        raise
    except (ValueError, IndexError) as err:  # DerError too
        raise ContainerFaultError("the archive time-stamp does not decode") from err
    octets = (oid(container.parts.content_type), content.digest(info.digest), container.part.fields, index.raw)
    return Archived(octets=b"".join(octets), unsigned=unsigned)


def _index(unsigned: Attributes) -> tuple[str, Element]:
    found = [(kind, one) for kind in (_HASH_INDEX, *_OLD_INDEXES) for one in unsigned.values(kind)]
    if len(found) != 1:
        raise ContainerFaultError("an archive time-stamp without its index")
    return found[0]


def _indexed(unsigned: Attributes, index: str) -> Iterator[tuple[bytes, frozenset[bytes]]]:
    """What one digest of an index is about, and the values in it: type and one value; before version 3 an attribute."""
    attributes = () if unsigned.element is None else unsigned.element.children()
    for attribute, (kind, values) in zip(attributes, unsigned.items, strict=True):
        if index == _HASH_INDEX:
            yield from ((oid(kind) + value.raw, frozenset({value.raw})) for value in values)
        else:
            yield attribute.raw, frozenset(value.raw for value in values)


def _protected(
    index: Element, whole: SignedData, unsigned: Iterator[tuple[bytes, frozenset[bytes]]]
) -> frozenset[bytes]:
    """§5.5.2: each digest of the index is that of something in the container; told are the unsigned values."""
    parts = index.children()
    algorithm = "sha256"
    if len(parts) > 3:  # noqa: PLR2004 - three lists; in version 1 the algorithm has a default
        algorithm = read_digest(parts.pop(0).raw)
    certificates, lists, named = (_digests(part) for part in parts)
    here = {digest_of((raw,), algorithm) for raw in (*whole.certificates, *whole.other_certificates)}
    status = {digest_of((one.raw,), algorithm) for one in whole.lists}
    others = {digest_of((octets,), algorithm): values for octets, values in unsigned}
    if not (certificates <= here and lists <= status and named <= others.keys()):
        raise ContainerFaultError("the archive time-stamp is about something that is not there any more")
    return frozenset().union(*(others[one] for one in named))


def _digests(part: Element) -> set[bytes]:
    children = part.children()
    if part.tag != SEQUENCE or any(child.tag != OCTET_STRING for child in children):
        raise DerError("not an index of digests")
    return {read_element(child.raw).content for child in children}
