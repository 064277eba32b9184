"""Containers with an archive-time-stamp-v3 (EN 319 122-1 §5.5.3), by hand, over what a test wants it to name.

Independent of the code under test on purpose, like ``cms_builder``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import DATA, NIST, TOKEN, Plan, attribute, identifier
from tests.fakes.odd_certificates import oid, seq, tlv

ARCHIVE, HASH_INDEX = "0.4.0.1733.2.4", "0.4.0.19122.1.5"
FIRST_INDEX, SECOND_INDEX = "0.4.0.1733.2.5", "0.4.0.19122.1.4"
Stamp = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Archive:
    """How a container is archived; every default is right."""

    stamp: Stamp
    """Makes the token over some octets."""

    index: str = HASH_INDEX
    whole_attributes: bool = False
    """The index is over attributes, as before version 3; not over type and value."""

    algorithm: tuple[bytes, ...] = (identifier(f"{NIST}2.1"),)
    named: bool = True
    """The index names the time-stamp of the signature."""

    kept: bool = True
    """That time-stamp is still there."""


def archived(plan: Plan, content: bytes, token: Stamp, archive: Archive) -> bytes:
    """The container of a plan with a time-stamp of the signature and an archive time-stamp."""
    fields = cms.parts_of(
        cms.signer_info(replace(plan, unsigned=lambda value: (attribute(TOKEN, token(value)),)), content)
    )
    (stamped,) = cms.parts_of(fields[-1])
    kind, values = cms.parts_of(stamped)
    index = seq(
        *archive.algorithm,
        seq(*(_digest(one) for one in (plan.by.certificate, *plan.by.chain))),
        seq(*(_digest(one) for one in plan.lists)),
        seq(*([_digest(stamped if archive.whole_attributes else kind + cms.parts_of(values)[0])] * archive.named)),
    )
    octets = oid(DATA) + hashlib.sha256(content).digest() + b"".join(fields[:-1]) + index
    added = attribute(ARCHIVE, with_index(archive.stamp(octets), attribute(archive.index, index)))
    finished = seq(*fields[:-1], tlv(0xA1, *([stamped] * archive.kept), added))
    body = cms.parts_of(cms.parts_of(cms.parts_of(cms.container(plan, content))[1])[0])
    return seq(oid(cms.SIGNED_DATA), tlv(0xA0, seq(*body[:-1], tlv(0x31, finished))))


def with_index(token: bytes, *unsigned: bytes) -> bytes:
    """A token with unsigned attributes."""
    info, inner = cms.parts_of(token)
    parts = cms.parts_of(cms.parts_of(inner)[0])
    signer = cms.parts_of(cms.parts_of(parts[-1])[0])
    return seq(info, tlv(0xA0, seq(*parts[:-1], tlv(0x31, seq(*signer, tlv(0xA1, *unsigned))))))


def _digest(octets: bytes) -> bytes:
    return tlv(0x04, hashlib.sha256(octets).digest())
