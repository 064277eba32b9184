"""/pki with broken and hostile requests, its headers, and the parts that signing use-cases take."""

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.x509 import ocsp

from api.bootstrap import build_pki
from api.cli import main
from api.db import Database
from api.errors import ConfigurationInvalid
from api.keystores import build_keys
from api.records.sealing import MasterSecret
from api.settings import Settings
from api.usecases.answer_timestamp import answer_timestamp
from api.usecases.establish_pki import establish_pki
from api.usecases.gather_evidence import gather_evidence
from api.usecases.inspect_certificate import inspect_certificate
from api.usecases.signing_parts import credential_of, evidence_source, platform_credential, time_stamper
from signing.errors import CertificateMalformed, EvidenceUnavailable
from signing.identity import CertificateClass, read_certificate_facts
from signing.keys.der import tlv
from signing.registry_sql import RegistrySql
from signing.revocation import build_ocsp_request
from signing.tsa import Failure, build_timestamp_request, refusal
from tests.api.pki.desk import Desk, official
from tests.fakes.failing_keys import FailingKeys
from tests.signing.certificates.hierarchy import new_hierarchy

MALFORMED = b"\x30\x03\x0a\x01\x01"


@pytest.mark.parametrize("body", [b"", b"\x30\x00", b"x" * 9000, b"\x30\x82\xff\xff", b"\x00" * 60_000])
def test_a_broken_ocsp_request_is_answered_in_the_protocols_words(installation: Any, body: bytes) -> None:
    answer = installation.client.post("/pki/ocsp/personal", content=body)
    assert (answer.status_code, answer.content) == (200, MALFORMED)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("text", ["!!!", "AAAA", "%00", "a" * 3000])
def test_a_broken_ocsp_address_is_answered_in_the_protocols_words(installation: Any, text: str) -> None:
    assert installation.client.get(f"/pki/ocsp/personal/{text}").content == MALFORMED


@pytest.mark.parametrize("name", ["root", "nobody", "..%2Froot", "x" * 300])
def test_nobody_answers_ocsp_for_an_authority_that_has_no_responder(installation: Any, name: str) -> None:
    request = base64.b64encode(valid_request(installation)).decode().replace("/", "%2F").replace("+", "%2B")
    answer = installation.client.get(f"/pki/ocsp/{name}/{request}")
    if answer.headers["content-type"] == "application/ocsp-response":
        assert ocsp.load_der_ocsp_response(answer.content).response_status.name in {"UNAUTHORIZED", "MALFORMED_REQUEST"}
    else:
        assert answer.status_code == 404


def valid_request(installation: Any) -> bytes:

    issuer = installation.client.get("/pki/personal.cer").content
    return tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x30, build_ocsp_request((5,), issuer).certificates[0].encoded))))


def test_a_negative_serial_is_unknown(installation: Any) -> None:

    issuer = installation.client.get("/pki/personal.cer").content
    one = build_ocsp_request((-5,), issuer).certificates[0].encoded
    answer = installation.client.post("/pki/ocsp/personal", content=tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x30, one)))))
    got = ocsp.load_der_ocsp_response(answer.content)
    assert got.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


@pytest.mark.parametrize("path", ["/pki/ocsp/personal", "/pki/tsa"])
def test_a_body_beyond_every_protocol_is_cut_off(installation: Any, path: str) -> None:
    answer = installation.client.post(path, content=b"x" * 100_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("body", [b"", b"x", b"\x30" * 5000])
def test_a_broken_time_stamp_request_is_answered_in_the_protocols_words(installation: Any, body: bytes) -> None:
    answer = installation.client.post("/pki/tsa", content=body)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/timestamp-reply"
    status = tsp.PKIStatusInfo.load(answer.content[2:])
    assert (status["status"].native, status["fail_info"].native) == ("rejection", {"bad_data_format"})


@pytest.mark.parametrize("path", ["/pki/nobody.cer", "/pki/nobody.crl", "/pki/ROOT.cer"])
def test_what_is_not_published_is_not_found(installation: Any, path: str) -> None:
    answer = installation.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "kind"), [("/pki/root.cer", "application/pkix-cert"), ("/pki/personal.crl", "application/pkix-crl")]
)
def test_what_is_published_may_be_kept_for_a_while(installation: Any, path: str, kind: str) -> None:
    answer = installation.client.get(path)
    assert answer.headers["content-type"] == kind
    assert "public, max-age=" in answer.headers["cache-control"]
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'


def test_serials_of_time_stamps_rise_over_all_requests(installation: Any) -> None:
    stamp = time_stamper(installation.services, installation.clock.at)
    serials = []
    for number in range(3):
        response = tsp.TimeStampResp.load(stamp(build_timestamp_request(b"d" * 32, nonce=number)))
        content = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
        serials.append(content["serial_number"].native)
    assert serials == sorted(set(serials))


def test_after_the_units_certificate_ended_nothing_is_stamped(desk: Desk) -> None:
    services = desk.installation.services
    far = desk.installation.clock.at + timedelta(days=365 * 6)
    answer = time_stamper(services, far)(build_timestamp_request(b"d" * 32))
    assert tsp.PKIStatusInfo.load(answer[2:])["fail_info"].native == {"system_failure"}


def test_while_the_units_key_is_away_a_time_stamp_request_gets_the_protocols_words(desk: Desk) -> None:
    services = desk.installation.services
    away = replace(services, keys=FailingKeys(services.keys, lambda _key_id: True))
    request = build_timestamp_request(b"d" * 32)
    at = desk.installation.clock.at
    assert answer_timestamp(request, away, at) == refusal(Failure.SYSTEM_FAILURE)
    assert len(answer_timestamp(request, services, at)) > 500


def test_an_authority_that_has_ended_says_try_later(desk: Desk) -> None:
    request = valid_request(desk.installation)
    desk.installation.clock.forward(days=365 * 11)
    got = ocsp.load_der_ocsp_response(desk.client.post("/pki/ocsp/personal", content=request).content)
    assert got.response_status is ocsp.OCSPResponseStatus.TRY_LATER


def test_establishing_twice_makes_nothing(installation: Any) -> None:
    assert establish_pki(installation.services, installation.clock.at) == ()


def test_evidence_covers_the_whole_chain_without_a_network(desk: Desk) -> None:
    services, at = desk.installation.services, desk.installation.clock.at
    certificate = desk.issue(official("chairman"))
    with services.db.reading() as tx:
        credential = credential_of(tx, RegistrySql(tx).get(certificate))
    found = evidence_source(services, at)((credential.certificate, *credential.chain))
    assert found.certificates[0] == credential.certificate
    assert set(credential.chain) <= set(found.certificates)
    answer = ocsp.load_der_ocsp_response(found.ocsps[0])
    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    issuers = {x509.load_der_x509_crl(crl).issuer.rfc4514_string() for crl in found.crls}
    assert len(issuers) == 2


def test_evidence_about_a_stranger_is_not_made_up(installation: Any) -> None:
    stranger = new_hierarchy().registry.by_service("seal")[0].der or b""
    with pytest.raises(EvidenceUnavailable) as caught:
        gather_evidence((stranger,), installation.services, installation.clock.at)
    assert caught.value.retryable


def test_the_platform_has_a_seal_of_its_own(installation: Any) -> None:
    with installation.services.db.reading() as tx:
        credential = platform_credential(tx, installation.clock.at)
    facts = read_certificate_facts(credential.certificate)
    assert facts.certificate_class is CertificateClass.SERVICE
    assert len(credential.chain) == 2


def test_software_keys_and_the_development_recipe_are_refused_in_production(tmp_path: Path) -> None:
    settings = Settings(profile="production", data=tmp_path, pki_url="http://pki.tinh.example.vn/")  # type: ignore[arg-type]  # pydantic reads the word
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with pytest.raises(ConfigurationInvalid, match="software keys are refused in production"):
        build_keys(settings, database, lambda: MasterSecret(key=b"m" * 32))
    embedded = build_keys(Settings(data=tmp_path), database, lambda: MasterSecret(key=b"m" * 32))
    pki = build_pki(settings, embedded, lambda: None)  # type: ignore[arg-type,return-value]  # no clock is read here
    assert pki.recipe is None
    assert not pki.room.site.development
    assert pki.room.site.crl_url("root") == "http://pki.tinh.example.vn/pki/root.crl"
    database.close()


def test_a_file_says_what_it_says_in_both_forms(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    certificate = desk.issue(official("chairman"))
    pem = desk.read(certificate, Accept="application/x-pem-file").content
    der = desk.read(certificate, Accept="application/pkix-cert").content
    assert inspect_certificate(pem) == inspect_certificate(der)
    assert inspect_certificate(der)["class"] == "personal"
    path = tmp_path / "c.pem"
    path.write_bytes(pem)
    main_of("ca", "inspect", str(path), "-o", "json")
    assert '"ordinal": 1' in capsys.readouterr().out


def main_of(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code in (0, None)


@pytest.mark.parametrize("data", [b"", b"-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----", b"%PDF-1.7"])
def test_a_file_that_is_no_certificate_says_nothing(data: bytes) -> None:
    with pytest.raises(CertificateMalformed):
        inspect_certificate(data)


def test_the_command_line_lists_and_writes_what_the_service_knows(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate = desk.issue(official("chairman"))
    data = str(desk.installation.services.settings.data)
    main_of("ca", "list", "--data", data)
    assert certificate in capsys.readouterr().out
    main_of("ca", "list", "--data", data, "-o", "json")
    assert '"class": "personal"' in capsys.readouterr().out
    main_of("ca", "init", "--data", data)
    out = tmp_path / "p.crl"
    main_of("ca", "crl", "personal", "--out", str(out), "--data", data)
    assert len(x509.load_der_x509_crl(out.read_bytes())) == 0


@pytest.mark.parametrize(
    ("arguments", "code"), [(("ca", "inspect", "/etc/hostname"), 10), (("ca", "inspect", "/no/such/file"), 10)]
)
def test_the_command_line_ends_with_the_code_of_its_failure(arguments: tuple[str, ...], code: int) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == code
