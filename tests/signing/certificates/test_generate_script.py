import subprocess
import sys
from pathlib import Path

from cryptography import x509

SCRIPT = Path(__file__).parents[3] / "certs-dev" / "generate.py"


def test_the_script_makes_a_hierarchy_once_and_never_writes_over_one(tmp_path: Path) -> None:
    output = tmp_path / "pki"
    command = [sys.executable, str(SCRIPT), str(output)]
    made = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "ca-root.pem" in made.stdout
    files = {path.name: path.read_bytes() for path in output.iterdir()}
    root = x509.load_pem_x509_certificate(files["ca-root.pem"])
    issued = x509.load_pem_x509_certificate(files["ca-secondary.pem"])
    issued.verify_directly_issued_by(root)
    assert {path.name for path in output.iterdir() if path.stat().st_mode & 0o077 == 0} >= {"keys.json", "kek.hex"}
    again = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert again.returncode == 9
    assert {path.name: path.read_bytes() for path in output.iterdir()} == files
