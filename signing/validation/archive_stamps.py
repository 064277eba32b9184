"""Archive time-stamps of CAdES (version 3): what they are about, and whether their index fits the container.

ETSI EN 319 122-1 §5.5.2 (ats-hash-index-v3) and §5.5.3. What the index does not name, nobody protected; what it names
has to be there unchanged. Computes octets; whether the token itself is right and trusted is decided by ``stamps``.
"""

from typing import Final

from signing.keys.der import OCTET_STRING, SEQUENCE, DerError, oid
from signing.validation import attributes as names
from signing.validation.attributes import Attributes
from signing.validation.ber import Element, read_element
from signing.validation.container import Container, read_container
from signing.validation.container_faults import ContainerFaultError
from signing.validation.digests import Signed, digest_of
from signing.validation.schemes import read_digest
from signing.validation.stamp_info import read_stamp_info

_HASH_INDEX_V3, _HASH_INDEX_V1 = "0.4.0.19122.1.5", "0.4.0.1733.2.5"
MAX_TOKENS: Final = 8


def archive_tokens(container: Container) -> tuple[bytes, ...]:
    """The tokens of archive-time-stamp-v3, not checked."""
    return tuple(v.raw for v in container.unsigned_attributes.values(names.ARCHIVE_TIMESTAMP_V3)[:MAX_TOKENS])


def archived_octets(token: bytes, container: Container, content: Signed) -> bytes:
    """The octets that a token has to be about.

    Raises:
        ContainerFaultError: no index, an index that names what is not there, or a content that is not here.
    """
    if container.parts is None or container.part is None:
        raise ContainerFaultError("there is no container to archive")
    try:
        stamp = read_container(token)
        info = read_stamp_info(stamp.content or b"")
        index = _index(stamp.unsigned_attributes)
        _require_all(index, container)
    except ContainerFaultError:
        raise
    except (ValueError, IndexError) as err:  # DerError too
        raise ContainerFaultError("the archive time-stamp does not decode") from err
    return b"".join((oid(container.parts.content_type), content.digest(info.digest), container.part.fields, index.raw))


def _index(unsigned: Attributes) -> Element:
    found = unsigned.values(_HASH_INDEX_V3, _HASH_INDEX_V1)
    if len(found) != 1:
        raise ContainerFaultError("an archive time-stamp without its index")
    return found[0]


def _require_all(index: Element, container: Container) -> None:
    """§5.5.2: each digest of the index is that of something in the container."""
    parts = index.children()
    algorithm = "sha256"
    if len(parts) > 3:  # noqa: PLR2004 - three lists; in version 1 the algorithm has a default
        algorithm = read_digest(parts.pop(0).raw)
    certificates, lists, unsigned = (_digests(part) for part in parts)
    whole = container.parts
    if whole is None:
        raise DerError("there is no container")
    here = {digest_of((raw,), algorithm) for raw in (*whole.certificates, *whole.other_certificates)}
    status = {digest_of((one.raw,), algorithm) for one in whole.lists}
    others = {
        digest_of((oid(kind), value.raw), algorithm)
        for kind, values in container.unsigned_attributes.items
        for value in values
    }
    if not (certificates <= here and lists <= status and unsigned <= others):
        raise ContainerFaultError("the archive time-stamp is about something that is not there any more")


def _digests(part: Element) -> set[bytes]:
    children = part.children()
    if part.tag != SEQUENCE or any(child.tag != OCTET_STRING for child in children):
        raise DerError("not an index of digests")
    return {read_element(child.raw).content for child in children}
