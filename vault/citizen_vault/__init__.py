"""The vault's face to the application: open, stage, commit, read; intermediate results; upkeep.

The order is: open the citizen's key, stage each file (encrypt, write, read back), commit all of them as one
document in the transaction of the change that they belong to. Nothing staged is visible before the commit.
"""

from vault.citizen_vault.anchors import record_head, recorded_heads
from vault.citizen_vault.contents import EncryptedContents, Written
from vault.citizen_vault.documents import CitizenVault
from vault.citizen_vault.upkeep import ScrubFinding, SweepReport, Upkeep
from vault.citizen_vault.work import WorkContent, WorkShelf

__all__ = [
    "CitizenVault",
    "EncryptedContents",
    "ScrubFinding",
    "SweepReport",
    "Upkeep",
    "WorkContent",
    "WorkShelf",
    "Written",
    "record_head",
    "recorded_heads",
]
