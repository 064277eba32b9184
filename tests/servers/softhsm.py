"""A SoftHSM2 of the tests' own: tokens in a temporary folder, named to the library by SOFTHSM2_CONF.

`softhsm` is the session's token; `softhsm.new_token(label)` makes another one. The library is one for the process,
so the variable stays set until the session ends.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftHsm:
    """The library's folder and the session's token."""

    folder: Path
    token: str
    pin: str = field(repr=False)

    @property
    def library(self) -> Path:
        return LIBRARY

    @property
    def tokens(self) -> Path:
        return self.folder / "tokens"

    @property
    def pin_file(self) -> Path:
        return self.folder / "pin"

    def new_token(self) -> str:
        """Initialise one more token with the same PIN; returns its label."""
        label = f"t-{secrets.token_hex(4)}"
        _initialise(self.folder, label, self.pin)
        return label


def _initialise(folder: Path, label: str, pin: str) -> None:
    command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", pin + "0"]
    environment = {**os.environ, "SOFTHSM2_CONF": str(folder / "softhsm2.conf")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"softhsm2-util failed: {done.stderr[-500:]}")


def softhsm_is_there() -> bool:
    return LIBRARY.exists() and shutil.which("softhsm2-util") is not None


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    """The session's SoftHSM; a visible skip where it is not installed, a failure in CI."""
    if not softhsm_is_there():
        if os.environ.get("CI"):
            pytest.fail("SoftHSM2 is missing")
        pytest.skip("SoftHSM2 is not installed")
    folder = tmp_path_factory.mktemp("softhsm")
    made = SoftHsm(folder=folder, token="anso-tests", pin=secrets.token_hex(8))
    made.tokens.mkdir(mode=0o700)
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {made.tokens}\nobjectstore.backend = file\n"
        "log.level = ERROR\nslots.removable = false\n"
    )
    made.pin_file.write_text(made.pin + "\n")
    made.pin_file.chmod(0o600)
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    _initialise(folder, made.token, made.pin)
    yield made
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before
