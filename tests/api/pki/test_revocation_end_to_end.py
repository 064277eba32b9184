"""A running `anso serve`: revoked over HTTP, known to OCSP within 5 s and in the certificate's own list within 60 s."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from api.bootstrap import build_services
from api.settings import Settings
from tests.api.pki.conftest import LiveService
from tests.api.pki.desk import official

ROOT = Path(__file__).parents[3]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[LiveService]:
    """The real command with its worker, on a data folder of its own; this process only makes tokens and reads ids."""
    data, fetched = tmp_path / "data", tmp_path / "fetched"
    fetched.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSO_", "COV_CORE"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--data", str(data), "--port", "0", "--demo"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    services = None
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "ready: http://127.0.0.1:" in line
        services = build_services(Settings(data=data))
        yield LiveService(url=line.rsplit(" ", 1)[1].strip(), services=services, folder=fetched)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()
        if services is not None:
            services.close()


def seconds_until(condition: Callable[[], bool], limit_s: float) -> float:
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < limit_s
        time.sleep(0.1)
    return time.monotonic() - begin


def status(live: LiveService, leaf: x509.Certificate, issuer: x509.Certificate) -> ocsp.OCSPCertStatus:
    question = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA256()).build()
    answer = httpx2.post(f"{live.url}/pki/ocsp/personal", content=question.public_bytes(Encoding.DER), timeout=30)
    return ocsp.load_der_ocsp_response(answer.content).certificate_status


def listed(live: LiveService, leaf: x509.Certificate) -> bool:
    """In the list that the certificate itself points to."""
    (point,) = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    path = urlsplit(point.full_name[0].value).path
    answer = httpx2.get(live.url + path, timeout=30)
    found = x509.load_der_x509_crl(answer.content)
    return found.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None


@pytest.mark.service
def test_a_revocation_reaches_ocsp_in_five_seconds_and_the_own_list_in_a_minute(served: LiveService) -> None:
    served.issue("np", official("chairman"))
    leaf = x509.load_pem_x509_certificate((served.folder / "np.pem").read_bytes())
    issuer = x509.load_der_x509_certificate(httpx2.get(f"{served.url}/pki/personal.cer").content)
    assert status(served, leaf, issuer) is ocsp.OCSPCertStatus.GOOD  # kept now, and must not be given again
    assert not listed(served, leaf)
    served.change("np", "revocation", {"reason": "key_compromise"})
    assert seconds_until(lambda: status(served, leaf, issuer) is ocsp.OCSPCertStatus.REVOKED, 5) < 5
    assert seconds_until(lambda: listed(served, leaf), 60) < 60
    metrics = httpx2.get(f"{served.url}/metrics").text
    waiting = [line for line in metrics.splitlines() if line.startswith("anso_crl_waiting_seconds{")]
    assert len(waiting) == 3 + 2 * 8
    assert all(float(line.rsplit(" ", 1)[1]) < 60 for line in waiting)
