"""pkilint on everything that the running service publishes: no finding from WARNING up."""

import io
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import OCSPRequestBuilder
from pkilint.bin import (
    lint_crl,
    lint_etsi_cert,
    lint_ocsp_response,
    lint_pkix_cert,
    lint_pkix_signer_signee_cert_chain,
)

from signing.identity import ProfileName
from signing.registry_sql import RegistrySql
from tests.api.pki.conftest import LiveService

pytestmark = [
    pytest.mark.service,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the linter's own libraries
]

NATURAL = "NCP-NATURAL-PERSON-CERTIFICATE"
LEGAL = "NCP-LEGAL-PERSON-CERTIFICATE"
SEVERITY = ("-s", "WARNING")


def findings(main: Callable[[list[str]], int], *arguments: str) -> str:
    """What the linter prints when it counts something."""
    said = io.StringIO()
    with redirect_stdout(said), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the linter leaves its input file open
        count = main(["lint", *arguments])
    return f"{count} findings: {said.getvalue()}" if count else ""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("np-leader", NATURAL),
        ("np-revoked", NATURAL),
        ("np-held", NATURAL),
        ("np-citizen", NATURAL),
        ("sec-np-leader", NATURAL),
        ("sec-np-citizen", NATURAL),
        ("lp-seal", LEGAL),
        ("seclp-centre", LEGAL),
    ],
)
def test_holders_certificates_have_no_finding(live: LiveService, name: str, kind: str) -> None:
    assert findings(lint_etsi_cert.main, "-t", kind, *SEVERITY, str(live.folder / f"{name}.pem")) == ""


@pytest.fixture(scope="module")
def machines(live: LiveService) -> dict[str, Path]:
    """The hierarchy's own certificates."""
    paths = {}
    with live.services.db.reading() as tx:
        for service in ("ca:root", "ca:personal", "ca:secondary", "ocsp:personal", "ocsp:secondary", "tsa", "seal"):
            name = "machine-" + service.replace(":", "-")
            live.keep(name, RegistrySql(tx).by_service(service)[0].der or b"")
            paths[service] = live.folder / f"{name}.pem"
    return paths


@pytest.mark.parametrize(
    "service", ["ca:root", "ca:personal", "ca:secondary", "ocsp:personal", "ocsp:secondary", "tsa"]
)
def test_the_hierarchys_certificates_have_no_finding(machines: dict[str, Path], service: str) -> None:
    assert findings(lint_pkix_cert.main, *SEVERITY, str(machines[service])) == ""


def test_the_platforms_seal_has_no_finding(machines: dict[str, Path]) -> None:
    assert findings(lint_etsi_cert.main, "-t", LEGAL, *SEVERITY, str(machines["seal"])) == ""


@pytest.mark.parametrize(
    ("issuer", "subject"),
    [
        ("personal", "np-leader"),
        ("personal", "lp-seal"),
        ("personal", "np-citizen"),
        ("secondary", "seclp-centre"),
        ("secondary", "sec-np-leader"),
        ("secondary", "sec-np-citizen"),
        ("root", "personal"),
        ("root", "secondary"),
    ],
)
def test_issuer_and_subject_fit_together(live: LiveService, issuer: str, subject: str) -> None:
    pair = (str(live.folder / f"{issuer}.pem"), str(live.folder / f"{subject}.pem"))
    assert findings(lint_pkix_signer_signee_cert_chain.main, *SEVERITY, *pair) == ""


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("ARL", "arl-root"),
        ("CRL", "crl-personal"),
        ("CRL", "crl-secondary"),
        *(("CRL", f"crl-personal-{shard}") for shard in range(8)),
        ("CRL", "crl-secondary-0"),
    ],
)
def test_lists_have_no_finding(live: LiveService, kind: str, name: str) -> None:
    path = str(live.folder / f"{name}.crl")
    assert findings(lint_crl.main, "-t", kind, "-p", "PKIX", *SEVERITY, path) == ""


@pytest.mark.parametrize("path", ["root-delta", "personal-delta", "personal/3-delta", "secondary/0-delta"])
def test_deltas_have_no_finding(live: LiveService, path: str) -> None:
    name = "delta-" + path.replace("/", "-")
    live.fetch_list(path, name)
    kind = "ARL" if path.startswith("root") else "CRL"
    assert findings(lint_crl.main, "-t", kind, "-p", "PKIX", *SEVERITY, str(live.folder / f"{name}.crl")) == ""


@pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA256()], ids=["sha1", "sha256"])  # noqa: S303 - CertID
@pytest.mark.parametrize(
    ("name", "ca"),
    [("np-leader", "personal"), ("np-revoked", "personal"), ("np-held", "personal"), ("seclp-centre", "secondary")],
)
def test_ocsp_answers_have_no_finding(live: LiveService, name: str, ca: str, digest: hashes.HashAlgorithm) -> None:
    certificate, issuer = (
        x509.load_pem_x509_certificate((live.folder / f"{one}.pem").read_bytes()) for one in (name, ca)
    )
    builder = OCSPRequestBuilder().add_certificate(certificate, issuer, digest)
    request = builder.add_extension(x509.OCSPNonce(b"n" * 32), critical=False).build()
    answer = httpx2.post(f"{live.url}/pki/ocsp/{ca}", content=request.public_bytes(Encoding.DER)).content
    path = live.folder / f"{name}-{digest.name}.ors"
    path.write_bytes(answer)
    assert findings(lint_ocsp_response.main, *SEVERITY, str(path)) == ""


def test_every_profile_has_a_certificate_here(live: LiveService) -> None:
    """So that a new profile cannot stay unseen by the outside linter."""
    with live.services.db.reading() as tx:
        registry = RegistrySql(tx)
        issued = {registry.get(one).profile for one in live.ids.values()}
        services = ("ca:root", "ca:personal", "ca:secondary", "ocsp:personal", "ocsp:secondary", "tsa", "seal")
        issued |= {registry.by_service(service)[0].profile for service in services}
    assert issued == set(ProfileName)
