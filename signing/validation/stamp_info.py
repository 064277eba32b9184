"""What a time-stamp says (TSTInfo), read from its bytes.

RFC 3161 §2.4.2. Accuracy and ordering are not used: a proof of existence is "not later than", and a second of doubt
would change nothing that a person decides. The nonce concerned the one who asked. Knows one structure, no signature.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from signing.keys.der import INTEGER, OCTET_STRING, OID, SEQUENCE, DerError
from signing.validation.attributes import read_time
from signing.validation.ber import only_element
from signing.validation.digests import HASHES, dotted
from signing.validation.schemes import read_digest

_GENERALIZED_TIME: Final = 0x18
_V1: Final = b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class StampInfo:
    """One TSTInfo."""

    policy: str
    digest: str
    """Digest algorithm of the imprint."""

    imprint: bytes
    serial: bytes
    moment: datetime


def read_stamp_info(content: bytes) -> StampInfo:
    """Reads a TSTInfo.

    Raises:
        UnknownAlgorithmError: an imprint by an unknown digest. DerError: not a TSTInfo of version 1.
    """
    version, policy, imprint, serial, moment, *_ = only_element(content, SEQUENCE).children()
    if version.tag != INTEGER or version.content != _V1 or policy.tag != OID or serial.tag != INTEGER:
        raise DerError("not a time-stamp of version 1")
    algorithm, value = imprint.children()
    digest = read_digest(algorithm.raw)
    if value.tag != OCTET_STRING or len(value.content) != HASHES[digest].digest_size:
        raise DerError("an imprint of another length than its digest")
    told = read_time(moment) if moment.tag == _GENERALIZED_TIME else None
    if told is None:
        raise DerError("a time that is none")
    return StampInfo(
        policy=dotted(policy.content), digest=digest, imprint=value.content, serial=serial.content, moment=told
    )
