"""Which building block of ETSI EN 319 102-1 §5.2 a signature's answer comes from.

Our procedure stops at the first thing that is wrong; a block that it did not get to has no answer here, and none is
made up. Knows one signature's report.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from signing.validation.indications import Indication
from signing.validation.signature_report import SignatureReport


class Block(StrEnum):
    """The building blocks, by the short names that DSS gives them."""

    FORMAT = "FC"
    """§5.2.2 format checking; for PDF also what was changed afterwards (EN 319 102-1 leaves that to the format)."""

    CERTIFICATE_FOUND = "ISC"
    """§5.2.3 identification of the signing certificate."""

    CONTEXT = "VCI"
    """§5.2.4 validation context initialisation."""

    CHAIN = "XCV"
    """§5.2.6 X.509 certificate validation."""

    INTEGRITY = "CV"
    """§5.2.7 cryptographic verification."""

    ACCEPTANCE = "SAV"
    """§5.2.8 signature acceptance validation: algorithms and constraints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockAnswer:
    """What one block ended with."""

    indication: str
    """'PASSED', 'FAILED' or 'INDETERMINATE'."""

    sub_indication: str | None = None


PASSED: Final = BlockAnswer(indication="PASSED")
_BLOCK_OF: Final = {
    "FORMAT_FAILURE": Block.FORMAT,
    "GENERIC": Block.FORMAT,
    "NO_SIGNING_CERTIFICATE_FOUND": Block.CERTIFICATE_FOUND,
    "SIGNATURE_POLICY_NOT_AVAILABLE": Block.CONTEXT,
    "POLICY_PROCESSING_ERROR": Block.CONTEXT,
    "HASH_FAILURE": Block.INTEGRITY,
    "SIG_CRYPTO_FAILURE": Block.INTEGRITY,
    "SIGNED_DATA_NOT_FOUND": Block.INTEGRITY,
    "CRYPTO_CONSTRAINTS_FAILURE": Block.ACCEPTANCE,
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": Block.ACCEPTANCE,
    "SIG_CONSTRAINTS_FAILURE": Block.ACCEPTANCE,
    "TIMESTAMP_ORDER_FAILURE": Block.ACCEPTANCE,
}
_INTEGRITY: Final = {True: PASSED, None: BlockAnswer(indication="INDETERMINATE", sub_indication="GENERIC")}


def building_blocks(signature: SignatureReport) -> dict[Block, BlockAnswer]:
    """The answers that are known, in the order of the blocks."""
    if signature.is_valid:
        return dict.fromkeys(Block, PASSED)
    sub = signature.sub_indication
    failing = _BLOCK_OF.get(sub or "GENERIC", Block.CHAIN)
    found = {failing: BlockAnswer(indication=basic_indication(signature), sub_indication=sub)}
    if failing is not Block.INTEGRITY:
        found[Block.INTEGRITY] = _INTEGRITY.get(signature.intact) or BlockAnswer(
            indication="FAILED", sub_indication="SIG_CRYPTO_FAILURE"
        )
    if signature.certificate_sha256 and failing is not Block.CERTIFICATE_FOUND:
        found[Block.CERTIFICATE_FOUND] = PASSED
    return {block: found[block] for block in Block if block in found}


def basic_indication(signature: SignatureReport) -> str:
    """The indication of a block or a time-stamp, without the TOTAL of a signature."""
    if signature.indication is Indication.INDETERMINATE:
        return "INDETERMINATE"
    return "PASSED" if signature.indication is Indication.PASSED else "FAILED"
