"""The `anso` command: one module per command, imports on use so that `anso --help` stays quick.

Knows how commands are put together and which exit code a failure gets. Must not hold any rule of the domain.
"""

from api.cli.app import main

__all__ = ["main"]
