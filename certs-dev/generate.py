"""Performs the ceremony of ``pki.yml`` into a new folder: certificates, wrapped keys, and what wraps them.

usage: .venv/bin/python certs-dev/generate.py [OUTPUT_FOLDER [GENERATION]]   (default: certs-dev/out, git-ignored;
the standard generation, or one that ``pki.yml`` lists under ``generations``)

An existing folder is never written to: throw it away yourself. The service does not need this script; it
performs the same recipe into its own database at its first start.
"""

import json
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from signing.ca import STANDARD, Room, choose_generation, parse_recipe, perform  # noqa: E402 - the repository's packages are not installed here
from signing.keys import MemoryBlobs, SoftwareKeyStore  # noqa: E402 - same
from signing.profiles import Site  # noqa: E402 - same
from signing.registry import MemoryRegistry, Registry  # noqa: E402 - same


def main(output: Path, generation: str = STANDARD) -> int:
    """Make the hierarchy in ``output``; 9 when the folder exists (a configuration problem)."""
    try:
        output.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        print(f"{output} exists: it is never overwritten", file=sys.stderr)
        return 9
    text = yaml.safe_load((HERE / "pki.yml").read_text(encoding="utf-8"))
    recipe = parse_recipe(choose_generation(text, generation))
    registry, blobs, kek = MemoryRegistry(), MemoryBlobs(), secrets.token_bytes(32)
    site = Site(base_url="http://pki.example.vn", development=recipe.development)
    room = Room(
        keys=SoftwareKeyStore(blobs, kek),
        site=site,
        new_id=lambda prefix: f"{prefix}_{secrets.token_hex(8)}",
        entropy=secrets.token_bytes,
    )

    @contextmanager
    def open_registry() -> Iterator[Registry]:
        yield registry

    done = perform(recipe, room, open_registry, at=datetime.now(UTC))  # noqa: TID251 - a script of its own
    for service in done:
        entry = registry.by_service(service)[0]
        name = service.replace(":", "-")
        pem = x509.load_der_x509_certificate(entry.der or b"").public_bytes(Encoding.PEM)
        (output / f"{name}.pem").write_bytes(pem)
        print(f"{name}.pem  {entry.common_name}  until {entry.not_after:%Y-%m-%d}")
    rows = [
        {"key_id": key_id, "kind": row.kind.value, "spki": row.spki.hex(), "wrapped": row.wrapped.hex()}
        for key_id, row in blobs.rows()
    ]
    _write_secret(output / "keys.json", json.dumps(rows, indent=1))
    _write_secret(output / "kek.hex", kek.hex())
    return 0


def _write_secret(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "out", *sys.argv[2:3]))
