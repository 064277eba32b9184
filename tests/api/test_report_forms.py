"""A report leaves as JSON, signed JSON, signed pages and signed XML; each seal holds before tools that are not ours."""

import base64
import io
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jws
from joserfc.jwk import import_key
from lxml import etree
from pikepdf import pdfa
from signxml.xades import XAdESSignatureConfiguration, XAdESVerifier

from api.records.demonstration import WARD
from api.records.organisations import Organisations
from api.usecases.render_report import MEDIA_TYPES, ReportForm, rendered_report
from api.usecases.report_depth import Depth
from api.usecases.signing_parts import evidence_source, platform_credential, time_stamper
from api.usecases.verify_document import verify_file
from signing.ca import authority_of
from signing.errors import CertificateNotUsable, KeyUnavailable
from signing.pades import SigningRequest, sign_pdf
from signing.profiles import AuthorityName
from signing.registry_sql import RegistrySql
from tests.api.office import open_office
from tests.fakes import sample_pdf
from tests.fakes.small_pki import SmallPki

ADDRESS = "/v1/verifications"


@pytest.fixture(scope="module")
def sealed(installation: Any) -> bytes:
    """A file signed under the installation's own hierarchy."""
    services, at = installation.services, installation.clock.at
    with services.db.reading() as tx:
        credential = platform_credential(tx, at)
    request = SigningRequest(credential=credential, field_name="Seal", reason='#panic("x") </Reason>')
    return sign_pdf(
        sample_pdf.small(), request, keys=services.keys, stamp=time_stamper(services, at),
        evidence=evidence_source(services, at), at=at,
    ).pdf  # fmt: skip


@pytest.fixture(scope="module")
def root_pem(installation: Any) -> bytes:
    with installation.services.db.reading() as tx:
        root = authority_of(AuthorityName.ROOT, RegistrySql(tx)).credential.certificate
    return x509.load_der_x509_certificate(root).public_bytes(Encoding.PEM)


def ask(installation: Any, pdf: bytes, accept: str, **fields: str) -> Any:
    files = {"file": ("tai-lieu.pdf", pdf, "application/pdf")}
    return installation.client.post(ADDRESS, files=files, data=fields, headers={"Accept": accept})


def chains_to(root: bytes, chain: list[bytes], folder: Path) -> bool:
    """Whether openssl leads the first certificate to the root over the others."""
    pems = [x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in chain]
    (folder / "root.pem").write_bytes(root)
    (folder / "leaf.pem").write_bytes(pems[0])
    (folder / "others.pem").write_bytes(b"".join(pems[1:]))
    run = subprocess.run(
        [
            "openssl", "verify", "-attime", "1795399200", "-CAfile", str(folder / "root.pem"), "-untrusted",
            str(folder / "others.pem"), str(folder / "leaf.pem"),
        ],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    return run.returncode == 0


class _Longer(jws.JWSRegistry):
    """joserfc bounds header and payload for tokens; a chain and a report are longer."""

    max_header_length = 65536
    max_payload_length = 2**24


def test_signed_json_opens_with_the_key_of_its_certificate_which_leads_to_our_root(
    installation: Any, sealed: bytes, root_pem: bytes, tmp_path: Path
):
    answer = ask(installation, sealed, "application/jose")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jose")
    head = answer.content.split(b".")[0]
    header = json.loads(base64.urlsafe_b64decode(head + b"=" * (-len(head) % 4)))
    chain = [base64.b64decode(der) for der in header["x5c"]]
    key = import_key(x509.load_der_x509_certificate(chain[0]).public_bytes(Encoding.PEM), "EC")
    opened = jws.deserialize_compact(answer.content, key, registry=_Longer(algorithms=["ES256", "ES384", "PS256"]))
    assert json.loads(opened.payload) == ask(installation, sealed, "application/json").json()
    assert chains_to(root_pem, chain, tmp_path)


def test_signed_json_tells_as_much_as_was_asked_for(installation: Any, sealed: bytes):
    answer = ask(installation, sealed, "application/jose", report="detailed")
    payload = answer.content.split(b".")[1]
    document = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    assert "signature_value" in document["signatures"][0]


def test_the_pages_are_signed_archival_and_valid_here_and_at_poppler(installation: Any, sealed: bytes, tmp_path: Path):
    answer = ask(installation, sealed, "application/pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["cache-control"] == "no-store"
    path = tmp_path / "report.pdf"
    path.write_bytes(answer.content)
    assert shutil.which("pdfsig")
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in said
    own = verify_file(answer.content, installation.services, installation.clock.at)
    assert own.verdict.value == "valid"
    assert own.signatures[0].level == "B-LT"
    findings = pdfa.validate_written(io.BytesIO(answer.content), "2b").findings
    # the validation data's own dictionary is beyond what the library checks
    assert {finding.kind for finding in findings} <= {"unsupported"}


def test_the_pages_say_what_the_report_says(installation: Any, sealed: bytes, tmp_path: Path):
    path = tmp_path / "report.pdf"
    path.write_bytes(ask(installation, sealed, "application/pdf").content)
    said = " ".join(
        subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout.decode().split()
    )
    digest = ask(installation, sealed, "application/json").json()["file"]["sha256"]
    assert digest in said.replace(" ", "")
    assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in said
    assert "+07:00" in said


def test_the_etsi_report_is_signed_over_all_of_it_by_the_certificate_it_names(
    installation: Any, sealed: bytes, root_pem: bytes, tmp_path: Path
):
    answer = ask(installation, sealed, "application/xml")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    root = etree.fromstring(answer.content)
    ds, tsl = "{http://www.w3.org/2000/09/xmldsig#}", "{http://uri.etsi.org/02231/v2#}"
    chain = [base64.b64decode("".join(c.text.split())) for c in root.iter(f"{ds}X509Certificate")]
    assert base64.b64decode(next(root.iter(f"{tsl}X509Certificate")).text) == chain[0]
    expected = XAdESSignatureConfiguration(expect_references=3)
    found = XAdESVerifier().verify(
        answer.content, x509_cert=x509.load_der_x509_certificate(chain[0]), expect_config=expected
    )
    assert found[0].signed_xml.tag == "{http://uri.etsi.org/19102/v1.4.1#}ValidationReport"
    assert chains_to(root_pem, chain, tmp_path)
    assert root[-1].tag == f"{ds}Signature"


def test_the_etsi_report_comes_by_its_name_too(installation: Any, sealed: bytes):
    answer = ask(installation, sealed, "*/*", report="etsi")
    assert answer.headers["content-type"] == "application/xml"


@pytest.mark.parametrize("form", [ReportForm.JWS, ReportForm.PDF, ReportForm.ETSI])
def test_a_file_without_signature_has_every_form(installation: Any, form: ReportForm):
    report = verify_file(sample_pdf.small(), installation.services, installation.clock.at)
    assert report.verdict.value == "no_signature"
    rendered = rendered_report(report, form, installation.services, installation.clock.at)
    assert rendered.media_type == MEDIA_TYPES[form]
    assert rendered.body


class NoKeys:
    """A key store whose device is gone."""

    def public_key(self, *_: object) -> bytes:
        raise KeyUnavailable("gone")

    def sign(self, *_: object) -> bytes:
        raise KeyUnavailable("gone")


def test_plain_json_uses_no_key_and_signed_forms_say_that_there_is_none(installation: Any, sealed: bytes):
    services, at = installation.services, installation.clock.at
    report = verify_file(sealed, services, at)
    keyless = replace(services, keys=NoKeys())
    plain = rendered_report(report, ReportForm.JSON, keyless, at, depth=Depth.SIMPLE)
    assert json.loads(plain.body)["verdict"] == "valid"
    for form in (ReportForm.JWS, ReportForm.PDF, ReportForm.ETSI):
        with pytest.raises(KeyUnavailable):
            rendered_report(report, form, keyless, at)


def test_without_a_seal_in_force_nothing_is_signed(installation: Any, sealed: bytes):
    services, at = installation.services, installation.clock.at
    report = verify_file(sealed, services, at)
    long_after = at.replace(year=at.year + 30)
    for form in (ReportForm.JWS, ReportForm.PDF, ReportForm.ETSI):
        with pytest.raises(CertificateNotUsable):
            rendered_report(report, form, services, long_after)


def test_the_agency_that_manages_a_certificate_of_ours_is_told_from_the_register(installation: Any):
    office = open_office(installation)
    result = office.numbered()
    assert office.sign(result).status_code == 201
    report = ask(installation, office.content(result), "application/json").json()
    with installation.services.db.reading() as tx:
        ward = Organisations(tx).get(WARD).name
    assert report["signatures"][0]["legal_minimum"]["certificate_managing_unit"] == ward


def test_of_a_strangers_certificate_the_issuer_stands_for_the_agency(installation: Any):
    stranger = SmallPki()
    signed = sign_pdf(
        sample_pdf.small(), SigningRequest(credential=stranger.credential(), field_name="S"), keys=stranger.keys,
        stamp=stranger.stamp, evidence=stranger.evidence, at=stranger.at,
    )  # fmt: skip
    report = ask(installation, signed.pdf, "application/json").json()
    assert report["signatures"][0]["legal_minimum"]["certificate_managing_unit"] == "Anso test"
