"""Runs `anso` as a person does: a process of its own, with what it prints and how it ends."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def environment(**more: str) -> dict[str, str]:
    """A clean one, but for what tests need."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SOFTHSM2_CONF") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **more}


def anso(*arguments: object, cwd: Path | None = None, **variables: str) -> Ended:
    """The command's end; nobody is at its terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, arguments)],
        cwd=cwd or ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    return Ended(code=done.returncode, out=done.stdout, err=done.stderr)
