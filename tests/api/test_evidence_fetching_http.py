"""A file under another authority is judged with what a listed host says, and with nothing when none is listed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from api.bootstrap import build_fetcher
from api.errors import ConfigurationInvalid
from api.settings import Settings
from api.usecases.fetch_evidence import fetched_for_certificates, fetched_for_file
from signing.pades import SigningRequest, sign_pdf
from tests.fakes import sample_pdf, small_pki
from tests.servers.hostile import HostileServer, hostile_server


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with hostile_server() as running:
        yield running


@pytest.fixture
def stranger(server: HostileServer) -> Any:
    """A public authority whose certificates point to the server on loopback."""
    return small_pki.SmallPki(label="Public", address=f"http://127.0.0.1:{server.port}")


def signed(pki: Any) -> tuple[bytes, Any]:
    credential = pki.credential()
    pdf = sample_pdf.small()
    return sign_pdf(
        pdf, SigningRequest(credential=credential, field_name="S"), keys=pki.keys, stamp=None, evidence=None, at=pki.at
    ).pdf, credential


def trusting(pki: Any, folder: Path) -> Path:
    (folder / "public").mkdir(parents=True)
    (folder / "public" / "root.pem").write_bytes(pki.root.certificate.public_bytes(Encoding.PEM))
    return folder


def verdict(service: Any, pdf: bytes) -> dict[str, Any]:
    return service.client.post("/v1/verifications", files={"file": ("a.pdf", pdf, "application/pdf")}).json()


def publish(server: HostileServer, pki: Any, credential: Any, at: Any) -> None:
    pki.evidence_at = at
    # one address for both lists here: the authority's own is what the end certificate needs beside the answer
    server.good |= {"/ca.crl": pki.crl(pki.root), "/ocsp": pki.ocsp(credential.certificate)}


def test_a_listed_host_settles_what_the_file_leaves_open(
    fresh_install: Any, server: HostileServer, stranger: Any, tmp_path: Path
) -> None:
    pdf, credential = signed(stranger)
    roots = trusting(stranger, tmp_path / "trust")
    silent = fresh_install(trust=roots)
    publish(server, stranger, credential, silent.clock.at)
    assert verdict(silent, pdf)["verdict"] == "indeterminate"
    assert not server.asked
    asking = fresh_install(trust=roots, fetch_hosts=f"127.0.0.1:{server.port}")
    assert verdict(asking, pdf)["verdict"] == "valid"
    assert (server.asked["/ca.crl"], server.asked["/ocsp"]) == (2, 1)  # one address for the lists of two issuers
    stranger.revoke(credential, stranger.at - timedelta(days=1), x509.ReasonFlags.key_compromise)
    publish(server, stranger, credential, asking.clock.at)
    assert verdict(asking, pdf)["verdict"] == "valid"  # kept: asked again after an hour at most
    later = fresh_install(trust=roots, fetch_hosts=f"127.0.0.1:{server.port}")
    assert verdict(later, pdf)["verdict"] != "valid"
    elsewhere = fresh_install(trust=roots, fetch_hosts="crl.example.vn")
    assert verdict(elsewhere, pdf)["verdict"] == "indeterminate"
    found = fetched_for_certificates([credential.certificate, *credential.chain], later.services, later.clock.at)
    assert (len(found.crls), len(found.ocsps)) == (1, 1)
    assert fetched_for_file(b"%PDF-1.7 junk", later.services, later.clock.at).is_empty()


def test_a_list_of_hosts_that_is_none_stops_the_start() -> None:
    with pytest.raises(ConfigurationInvalid):
        build_fetcher(Settings(fetch_hosts="https://example.vn/"))
    assert build_fetcher(Settings()) is None
