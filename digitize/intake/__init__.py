"""What the file is and whether it may come in. This face is light: `door` loads the libraries that decode."""

from digitize.intake.limits import Limits
from digitize.intake.sniff import Kind, sniff

__all__ = ["Kind", "Limits", "sniff"]
