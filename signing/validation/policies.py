"""The policies that a signature can be judged by, each with its dates and where it was read.

The project's reading of Vietnamese law (research, not an official text). The order of the rules is the order in which
they came into force; a document is judged by the one of its proven time unless somebody asks for another by name.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from signing.validation.policy import AlgorithmEnd, ValidationPolicy

_DIGESTS = frozenset(
    {
        "sha256", "sha384", "sha512", "sha512_224", "sha512_256", "sha3_224", "sha3_256", "sha3_384", "sha3_512",
        "shake128", "shake256",
    }
)  # fmt: skip
_SINCE_2020, _SINCE_2025 = datetime(2020, 10, 31, 17, tzinfo=UTC), datetime(2025, 8, 14, 17, tzinfo=UTC)
# 1 November 2020 and 15 August 2025, 00:00 in Việt Nam

VN_TT22_2020 = ValidationPolicy(
    policy_id="vn.tt22-2020",
    digests=_DIGESTS | {"sha224"},
    ends=(AlgorithmEnd(algorithm="sha224", until=_SINCE_2025),),
    in_force_from=_SINCE_2020,
    name_vi="Thông tư 22/2020/TT-BTTTT (đã được thay thế)",
    name_en="Circular 22/2020/TT-BTTTT (replaced)",
    source="Thông tư 22/2020/TT-BTTTT, 07/09/2020",
    clauses=("RSA >= 2048", "ECDSA >= 256", "SHA-2, SHA-3; RSASSA-PKCS1-v1_5"),
)
"""The rule before the present one; also for what is older, because no earlier rule is kept here."""

VN_TT15_2025 = ValidationPolicy(
    policy_id="vn.tt15-2025",
    digests=_DIGESTS,
    in_force_from=_SINCE_2025,
    name_vi="Thông tư 15/2025/TT-BKHCN (đang có hiệu lực)",
    name_en="Circular 15/2025/TT-BKHCN (in force)",
    source="Thông tư 15/2025/TT-BKHCN",
    clauses=("I 1.1", "I 1.2", "I 1.3", "II 1.2", "II 1.3"),
)
"""The rule in force, for every signature whatever its time (asked for by name)."""

VN_IN_FORCE = replace(VN_TT15_2025, replaces=VN_TT22_2020)
"""What judges when nobody names a policy: the rule in force at the proven time of each signature."""

POLICIES: Final = {policy.policy_id: policy for policy in (VN_TT15_2025, VN_TT22_2020)}
"""Every policy that can be asked for, by name."""


def policy_at(proven_time: datetime | None, at: datetime) -> ValidationPolicy:
    """The policy that was in force when a signature is proven to have existed; without a proof, at the check."""
    return VN_IN_FORCE.judging(proven_time or at)
