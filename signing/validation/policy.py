"""Which algorithms, evidence and later changes are acceptable: frozen data with the clause beside each field.

The reading of Circular 15/2025/TT-BKHCN, annexes I and II, that the project keeps under ``vn.tt15-2025``.
"""

from dataclasses import dataclass

_TT15_HASHES = frozenset(
    {
        "sha256", "sha384", "sha512", "sha512_224", "sha512_256", "sha3_224", "sha3_256", "sha3_384", "sha3_512",
        "shake128", "shake256",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationPolicy:
    """One set of rules; reports name it."""

    policy_id: str
    """Stable name, shown in every report."""

    digests: frozenset[str]
    """Closed list of digest algorithms; annex I 1.3. What is not here (MD5, SHA-1) is forbidden."""

    min_rsa_bits: int = 2048
    """Annex I 1.1."""

    min_ec_bits: int = 256
    """Annex I 1.2."""

    accept_pkcs1_v15: bool = True
    """RSASSA-PKCS1-v1_5 may be checked (practice of issued certificates), never created; reported as legacy."""

    require_status: bool = True
    """Annex II 1.2: without status information the answer is never VALID."""

    accept_form_fill: bool = False
    """Whether form values may change after a signature that does not itself allow it (decisions: no)."""


VN_TT15_2025 = ValidationPolicy(policy_id="vn.tt15-2025", digests=_TT15_HASHES)
"""The policy in force."""

POLICIES = {policy.policy_id: policy for policy in (VN_TT15_2025,)}
"""Every policy that can be asked for, by name."""
