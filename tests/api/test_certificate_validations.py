"""POST /v1/certificate-validations: any certificate, without login; the same as `anso ca check`; DSS's shape too."""

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from api import clock
from api.bootstrap import build_fetcher
from api.callers import Role
from api.cli import main
from api.records.demonstration import BIRTH_EXTRACT, CENTRE, PEOPLE
from api.trust_folder import TrustFolder
from api.usecases.publish_due_lists import publish_due_lists
from signing.isolation import WorkCrashed, WorkersBusy, WorkTimedOut
from signing.registry_sql import RegistrySql
from tests.api.conftest import START
from tests.api.office import Office, issue_certificate, open_office
from tests.fakes import small_pki

ADDRESS = "/v1/certificate-validations"
DSS = "/compat/dss/certificate-validation/validateCertificate"


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


def der_of(installation: Any, certificate_id: str) -> bytes:
    with installation.services.db.reading() as tx:
        der = RegistrySql(tx).get(certificate_id).der
    assert der is not None
    return der


def pem_of(installation: Any, certificate_id: str) -> str:
    return x509.load_der_x509_certificate(der_of(installation, certificate_id)).public_bytes(Encoding.PEM).decode()


def ask(installation: Any, certificate: str, **more: object) -> Any:
    return installation.client.post(ADDRESS, json={"certificate": certificate, **more})


def answer(installation: Any, certificate: str, **more: object) -> dict[str, Any]:
    got = ask(installation, certificate, **more)
    assert got.status_code == 200, got.text
    return dict(got.json())


def test_an_officials_certificate_is_good_entitled_and_says_development(installation: Any, office: Office) -> None:
    got = ask(installation, pem_of(installation, office.certificates["leader"]), procedure=BIRTH_EXTRACT)
    assert got.status_code == 200
    assert got.headers["cache-control"] == "no-store"
    assert "RateLimit" in got.headers
    said = got.json()
    assert (said["verdict"], said["reason_codes"]) == ("valid", ["DEVELOPMENT_NO_LEGAL_VALUE"])
    assert said["then"]["status"]["state"] == said["now"]["status"]["state"] == "good"
    assert said["then"]["status"]["source"] == "register"
    assert said["trust"]["profile"] == "dev"
    assert (said["certificate"]["class"], said["certificate"]["ordinal"]) == ("personal", 1)
    assert said["entitlement"] == {
        "status": "entitled", "reasons": [], "post": "yes", "agency": "yes", "signing_right": "yes", "scope": "yes",
    }  # fmt: skip
    assert said["algorithms"] == {"allowed": True, "faults": []}
    assert len(said["path"]["chain"]) == 3
    assert said["in_register"] is True


def test_nothing_of_the_register_is_told_beyond_yes_and_no(installation: Any, office: Office) -> None:
    leader = PEOPLE["leader"]
    text = ask(installation, pem_of(installation, office.certificates["leader"])).text
    for hidden in (leader.personal_id, leader.subject_id, str(leader.employment_id), "PNOVN", "account", "cert_"):
        assert hidden not in text


def test_a_form_with_der_gives_the_same_answer_as_json(installation: Any, office: Office) -> None:
    der = der_of(installation, office.certificates["leader"])
    by_json = answer(installation, base64.b64encode(der).decode(), place=CENTRE)
    form = installation.client.post(ADDRESS, files={"file": ("c.cer", der)}, data={"place": CENTRE})
    assert form.json() == by_json
    with_chain = installation.client.post(
        ADDRESS, files=[("file", ("c.cer", der)), ("others", ("ca.cer", der))], data={"place": CENTRE}
    )
    assert with_chain.json()["verdict"] == "valid"


def test_a_secondary_resolves_to_its_primary_and_its_scope_is_compared(installation: Any, office: Office) -> None:
    pem = pem_of(installation, office.certificates["seal_secondary"])
    early = START.isoformat()  # before another test loses the primary's key
    inside = answer(installation, pem, place=CENTRE, procedure=BIRTH_EXTRACT, at=early)
    assert inside["certificate"]["ordinal"] == 2
    assert {**inside["primary"], "sha256": ""} == {
        "sha256": "", "found_in": "register", "matches": True, "good_then": True,
    }  # fmt: skip
    assert inside["entitlement"]["status"] == "entitled"
    outside = answer(installation, pem, place=CENTRE, procedure="9.999999")
    assert (outside["verdict"], outside["entitlement"]["status"]) == ("valid", "not_entitled")
    assert outside["entitlement"]["reasons"] == ["OUT_OF_SCOPE"]
    unsaid = answer(installation, pem)
    assert (unsaid["entitlement"]["status"], unsaid["entitlement"]["scope"]) == ("unknown", "unknown")
    assert unsaid["entitlement"]["reasons"] == ["SCOPE_OPEN"]


def test_who_has_no_right_for_a_procedure_is_not_entitled(installation: Any, office: Office) -> None:
    clerk = issue_certificate(
        installation,
        {
            "certificate_class": "personal", "ordinal": 1, "org_code": PEOPLE["ward_clerk"].org_code,
            "subject_id": PEOPLE["ward_clerk"].subject_id, "employment_id": PEOPLE["ward_clerk"].employment_id,
        },
    )  # fmt: skip
    said = answer(installation, pem_of(installation, clerk))
    assert said["verdict"] == "valid"
    assert said["entitlement"]["reasons"] == ["SIGNING_RIGHT_MISSING"]
    assert (said["entitlement"]["post"], said["entitlement"]["signing_right"]) == ("yes", "no")


def test_a_citizens_certificate_is_good_and_gives_no_authority(installation: Any) -> None:
    mother = issue_certificate(
        installation, {"certificate_class": "citizen", "ordinal": 1, "subject_id": PEOPLE["mother"].subject_id}
    )
    said = answer(installation, pem_of(installation, mother))
    assert (said["verdict"], said["certificate"]["purpose"]) == ("valid", "citizen_signing")
    assert (said["entitlement"]["status"], said["entitlement"]["reasons"]) == ("unknown", ["CITIZEN_SIGNATURE"])


def test_authorities_and_responders_are_judged_too(installation: Any) -> None:
    with installation.services.db.reading() as tx:
        registry = RegistrySql(tx)
        found = {s: registry.by_service(s)[0].der for s in ("ca:root", "ca:personal", "ocsp:personal", "tsa", "seal")}
    for service, der in found.items():
        said = answer(installation, base64.b64encode(der).decode())
        assert said["verdict"] == "valid", (service, said["reason_codes"])
    root = answer(installation, base64.b64encode(found["ca:root"]).decode())
    assert root["certificate"]["is_authority"] is True
    assert root["certificate"]["may_sign_documents"] is False
    tsa = answer(installation, base64.b64encode(found["tsa"]).decode())
    assert tsa["certificate"]["purpose"] == "timestamping"


@pytest.fixture(scope="module")
def suspended(installation: Any, office: Office) -> dict[str, Any]:
    """The chairman's certificate: on hold for an hour, released, revoked an hour later."""
    certificate = office.certificates["chairman"]
    path, clock, client = f"/v1/certificates/{certificate}", installation.clock, installation.client
    times: dict[str, datetime] = {}

    def headers() -> dict[str, str]:
        return installation.headers(Role.SECURITY_OFFICER, "security_officer")

    clock.forward(hours=1)
    times["before"] = clock.at
    clock.forward(hours=1)
    held = client.post(f"{path}/suspension", json={"reason": "key_in_doubt"}, headers=headers())
    assert held.status_code == 201, held.text
    times["held"] = clock.at
    clock.forward(minutes=30)
    times["inside"] = clock.at
    clock.forward(minutes=30)
    assert client.delete(f"{path}/suspension", headers=headers()).status_code == 200
    clock.forward(minutes=30)
    times["released"] = clock.at
    clock.forward(minutes=30)
    body = {"reason": "key_compromise"}
    assert client.post(f"{path}/revocation", json=body, headers=headers()).status_code == 201
    times["revoked"] = clock.at
    clock.forward(minutes=30)
    return {"pem": pem_of(installation, certificate), **times}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("before", ("valid", None, "good")),
        ("held", ("invalid", "CERT_ON_HOLD", "on_hold")),
        ("inside", ("invalid", "CERT_ON_HOLD", "on_hold")),
        ("released", ("valid", None, "good")),
        ("revoked", ("invalid", "CERT_REVOKED", "revoked")),
    ],
)
def test_the_register_remembers_every_moment_also_a_released_hold(
    installation: Any, suspended: Any, moment: str, expected: tuple[str, str | None, str]
) -> None:
    said = answer(installation, suspended["pem"], at=suspended[moment].isoformat())
    then, now = said["then"], said["now"]
    assert (said["verdict"], then["reason_code"], then["status"]["state"]) == expected
    assert (now["verdict"], now["status"]["state"], now["status"]["reason"]) == ("invalid", "revoked", "key_compromise")
    assert len(said["holds"]) == 1
    assert said["holds"][0]["ended_at"] is not None


def test_a_secondary_of_a_lost_primary_key_stays_good_and_says_so(installation: Any, office: Office) -> None:
    """I5: key compromise ends one key."""
    path = f"/v1/certificates/{office.certificates['seal_primary']}/revocation"
    headers = installation.headers(Role.SECURITY_OFFICER, "security_officer")
    installation.clock.forward(minutes=1)  # not at the very moment that other tests ask about
    revoked = installation.client.post(path, json={"reason": "key_compromise"}, headers=headers)
    assert revoked.status_code == 201, revoked.text
    pem = pem_of(installation, office.certificates["seal_secondary"])
    said = answer(installation, pem, place=CENTRE, procedure=BIRTH_EXTRACT)
    assert said["verdict"] == "valid"
    assert "PRIMARY_NOT_VALID" in said["reason_codes"]
    assert said["primary"]["good_then"] is False


def test_no_profile_stands_in_for_another(installation: Any, office: Office) -> None:
    pem = pem_of(installation, office.certificates["leader"])
    for profile in ("official", "public", "specialised"):
        said = answer(installation, pem, profile=profile)
        assert (said["verdict"], said["reason_codes"]) == ("invalid", ["UNTRUSTED_ROOT"]), profile
        assert said["trust"]["wanted_profile"] == profile
    assert answer(installation, pem, profile="dev")["verdict"] == "valid"


def test_a_strangers_certificate_is_untrusted_and_its_status_stays_unknown(installation: Any) -> None:
    stranger = small_pki.SmallPki(at=installation.clock.at - timedelta(days=1))
    leaf = base64.b64encode(stranger.credential().certificate).decode()
    said = answer(installation, leaf, others=[base64.b64encode(stranger.ca.der).decode()])
    assert (said["verdict"], said["reason_codes"]) == ("invalid", ["UNTRUSTED_ROOT"])
    assert said["in_register"] is False
    assert said["entitlement"]["reasons"] == ["CERT_NOT_IN_REGISTER"]


# --- status from listed hosts ----------------------------------------------------------------------------


class StatusHost(BaseHTTPRequestHandler):
    """Answers for one authority: OCSP by POST, the root's list by GET."""

    pki: Any
    leaf: bytes
    asked: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(self.pki.ocsp(self.leaf))

    def do_GET(self) -> None:
        self._answer(self.pki.crl(self.pki.root))

    def _answer(self, body: bytes) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def status_host(installation: Any) -> Any:
    """An authority of others whose certificates name a host on loopback, trusted by the installation for one test."""
    with ThreadingHTTPServer(("127.0.0.1", 0), StatusHost) as server:
        port = server.server_address[1]
        pki = small_pki.SmallPki(
            at=installation.clock.at - timedelta(minutes=1), label="Cong cong", address=f"http://127.0.0.1:{port}"
        )
        StatusHost.pki, StatusHost.leaf, StatusHost.asked = pki, pki.credential().certificate, []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield StatusHost, port
        server.shutdown()
        thread.join()


def test_status_of_others_is_asked_of_listed_hosts_only(installation: Any, status_host: Any, tmp_path: Path) -> None:
    host, port = status_host
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "root.cer").write_bytes(host.pki.root.der)
    usual = installation.services
    trusted = replace(usual.verifier, trust=TrustFolder(tmp_path, production=False))
    body = {"others": [base64.b64encode(host.pki.ca.der).decode()]}
    leaf = base64.b64encode(host.leaf).decode()
    try:
        for listed, expected in (
            ("status.example.vn", ("indeterminate", "STATUS_UNKNOWN")), (f"127.0.0.1:{port}", ("valid", None)),
        ):  # fmt: skip
            fetcher = build_fetcher(usual.settings.model_copy(update={"fetch_hosts": listed}))
            installation.app.state.services = replace(usual, verifier=trusted, fetcher=fetcher)
            said = answer(installation, leaf, **body)
            assert (said["verdict"], said["then"]["reason_code"]) == expected, said
            assert bool(host.asked) is (expected[0] == "valid")
        assert said["trust"]["profile"] == "public"
        assert said["then"]["status"]["source"] == "evidence"
    finally:
        installation.app.state.services = usual


def test_the_hosts_of_a_trust_policy_may_be_asked_too(installation: Any) -> None:
    settings = installation.services.settings
    assert build_fetcher(settings) is None
    assert build_fetcher(settings, frozenset({"crl.example.vn"})) is not None


# --- what cannot be asked --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"certificate": "***"}, "CERT_MALFORMED"),
        ({"certificate": "SGVsbG8="}, "CERT_MALFORMED"),
        ({"certificate": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"}, "CERT_MALFORMED"),
        ({"certificate": ""}, "INPUT_INVALID"),
        ({}, "INPUT_INVALID"),
        ({"certificate": "MAA=", "other": 1}, "INPUT_INVALID"),
        ({"certificate": "MAA=", "profile": "royal"}, "INPUT_INVALID"),
        ({"certificate": "MAA=", "policy": "none"}, "INPUT_INVALID"),
        ({"certificate": "MAA=", "at": "2099-01-01T00:00:00Z"}, "INPUT_INVALID"),
        ({"certificate": "MAA=", "at": "2026-01-01T00:00:00"}, "INPUT_INVALID"),
        ({"certificate": "MAA=", "at": "yesterday"}, "INPUT_INVALID"),
        ({"certificate": "MAA=", "crls": ["***"]}, "INPUT_INVALID"),
        ({"certificate": "MAA=", "ocsps": ["MAA="] * 17}, "INPUT_INVALID"),
        ({"certificate": "MAA=", "crls": ["MAA="] * 9, "ocsps": ["MAA="] * 9}, "INPUT_INVALID"),
        ({"certificate": "MAA=", "others": ["MAA="] * 33}, "INPUT_INVALID"),
        ({"certificate": "MAA=", "place": "../etc"}, "INPUT_INVALID"),
    ],
)
def test_other_questions_are_refused_with_a_problem(installation: Any, body: Any, code: str) -> None:
    got = installation.client.post(ADDRESS, json=body)
    assert (got.status_code, got.json()["code"]) == (422, code)
    assert got.headers["content-type"].startswith("application/problem+json")


def test_other_bodies_are_refused_with_a_problem(installation: Any) -> None:
    client = installation.client
    text = client.post(ADDRESS, content=b"x", headers={"content-type": "text/plain"})
    assert (text.status_code, text.json()["code"]) == (415, "MEDIA_TYPE_UNSUPPORTED")
    empty = client.post(ADDRESS, files={"other": b"x"})
    assert (empty.status_code, empty.json()["code"]) == (422, "INPUT_INVALID")
    wrong = client.post(ADDRESS, files={"file": b"\x30\x00"}, data={"profile": "royal"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "INPUT_INVALID")
    large = client.post(ADDRESS, json={"certificate": "A" * 300_000})
    assert large.status_code == 422
    huge = client.post(ADDRESS, content=b" " * (17 * 1024 * 1024), headers={"content-type": "application/json"})
    assert huge.status_code == 413


@pytest.mark.parametrize("sent", ["MAA=", "MIIB", "MIAwgDCAAAAAAAAA", "MIL/////////"])
def test_bytes_that_are_no_certificate_are_an_answer_and_never_a_pass(installation: Any, sent: str) -> None:
    said = answer(installation, sent)
    assert (said["verdict"], said["reason_codes"]) == ("invalid", ["CERT_MALFORMED"])


class Failing:
    """Workers that always fail in one way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def call(self, *_: object, **__: object) -> None:
        raise self.error


@pytest.fixture
def broken(installation: Any) -> Any:
    """Puts other workers into the service for one test."""
    usual = installation.services

    def use(error: Exception) -> None:
        installation.app.state.services = replace(usual, workers=Failing(error))

    yield use
    installation.app.state.services = usual


@pytest.mark.parametrize(
    ("error", "reason"), [(WorkTimedOut("x"), "CHECK_TOO_COSTLY"), (WorkCrashed("x"), "CHECK_FAILED")]
)
def test_a_check_that_broke_off_is_indeterminate(
    installation: Any, broken: Callable[[Exception], None], error: Exception, reason: str
) -> None:
    broken(error)
    said = answer(installation, "MAA=")
    assert (said["verdict"], said["reason_codes"]) == ("indeterminate", [reason])
    assert said["now"]["verdict"] == "indeterminate"
    dss = installation.client.post(DSS, json={"certificate": {"encodedCertificate": "MAA="}}).json()
    assert dss["simpleCertificateReport"]["ChainItem"][0]["Indication"] == "INDETERMINATE"


def test_too_many_checks_at_once_are_told_to_come_back(installation: Any, broken: Callable[[Exception], None]) -> None:
    broken(WorkersBusy("x"))
    got = ask(installation, "MAA=")
    assert (got.status_code, got.json()["code"]) == (503, "WORKERS_BUSY")


# --- DSS's shape -----------------------------------------------------------------------------------------


def test_dss_callers_get_their_three_reports(installation: Any, office: Office) -> None:
    der = der_of(installation, office.certificates["leader"])
    body = {
        "certificate": {"encodedCertificate": base64.b64encode(der).decode()},
        "certificateChain": [],
        "validationTime": None,
        "tokenExtractionStrategy": "NONE",
    }
    got = installation.client.post(DSS, json=body)
    assert got.status_code == 200, got.text
    said = got.json()
    assert said.keys() == {"diagnosticData", "simpleCertificateReport", "detailedReport"}
    leaf, *above = said["simpleCertificateReport"]["ChainItem"]
    assert (leaf["Indication"], leaf["SubIndication"], len(above)) == ("PASSED", None, 2)
    assert leaf["issuerId"] == above[0]["id"]
    assert above[-1]["trustAnchor"][0]["trustServiceName"] == "dev"
    assert leaf["keyUsage"] == ["nonRepudiation"]
    assert leaf["subject"]["commonName"] == PEOPLE["leader"].name
    assert said["detailedReport"]["BasicBuildingBlocks"][0]["XCV"]["SubXCV"][-1]["TrustAnchor"] is True
    assert said["diagnosticData"]["Certificate"][0]["SubjectSerialNumber"] is None
    assert PEOPLE["leader"].personal_id not in got.text


def test_dss_callers_may_give_the_time_in_milliseconds(installation: Any, suspended: Any) -> None:
    der = base64.b64encode(x509.load_pem_x509_certificate(suspended["pem"].encode()).public_bytes(Encoding.DER))
    for moment, indication, sub in (
        ("before", "PASSED", None), ("inside", "INDETERMINATE", "TRY_LATER"),
        ("revoked", "INDETERMINATE", "REVOKED_NO_POE"),
    ):  # fmt: skip
        at = int(suspended[moment].timestamp() * 1000)
        body = {"certificate": {"encodedCertificate": der.decode()}, "validationTime": at}
        item = installation.client.post(DSS, json=body).json()["simpleCertificateReport"]["ChainItem"][0]
        assert (item["Indication"], item["SubIndication"]) == (indication, sub)
        assert item["revocation"]["revocationReason"] == "keyCompromise"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"certificate": {"encodedCertificate": "***"}}, "CERT_MALFORMED"),
        ({"certificate": {}}, "INPUT_INVALID"),
        ({"validationTime": 10**30}, "INPUT_INVALID"),
        ({"policy": {"bytes": "x"}}, "INPUT_INVALID"),
        ({"cryptographicSuite": {"bytes": "x"}}, "INPUT_INVALID"),
    ],
)
def test_dss_questions_that_we_do_not_answer_are_refused(installation: Any, changes: Any, code: str) -> None:
    body = {"certificate": {"encodedCertificate": "MAA="}} | changes
    got = installation.client.post(DSS, json=body)
    assert (got.status_code, got.json()["code"]) == (422, code)


# --- anso ca check ---------------------------------------------------------------------------------------


@pytest.fixture
def anso(installation: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    """Runs a command in this process at the installation's time; gives exit code and standard output."""
    monkeypatch.setattr(clock, "now", lambda: installation.clock.at)

    def run(*words: object, data: Path | None = None) -> tuple[int, str]:
        capfd.readouterr()
        code = 0
        folder = installation.services.settings.data if data is None else data
        try:
            main(["ca", "check", *map(str, words), "--data", str(folder)])
        except SystemExit as end:
            code = int(end.code or 0)
        return code, capfd.readouterr().out

    return run


@pytest.fixture
def pems(installation: Any, office: Office, suspended: Any, tmp_path: Path) -> Path:
    for name in ("leader", "chairman", "seal_secondary"):
        (tmp_path / f"{name}.pem").write_text(pem_of(installation, office.certificates[name]))
    (tmp_path / "text.pem").write_text("hello")
    with installation.services.db.reading() as tx:
        registry = RegistrySql(tx)
        for name in ("root", "personal"):
            (tmp_path / f"{name}.cer").write_bytes(registry.by_service(f"ca:{name}")[0].der or b"")
    return tmp_path


@pytest.mark.parametrize("name", ["leader", "chairman", "seal_secondary"])
def test_the_command_gives_the_same_document_as_the_service(
    installation: Any, anso: Any, pems: Path, name: str
) -> None:
    file = pems / f"{name}.pem"
    code, out = anso(file, "--procedure", BIRTH_EXTRACT, "-o", "json")
    said = json.loads(out)
    assert said.pop("input") == str(file)
    assert said == answer(installation, file.read_text(), procedure=BIRTH_EXTRACT)
    assert code == (3 if name == "chairman" else 0)


def test_the_command_takes_several_files_and_the_worst_decides(anso: Any, pems: Path) -> None:
    code, out = anso(pems / "leader.pem", pems / "chairman.pem", "-o", "jsonl")
    assert code == 3
    assert [json.loads(line)["verdict"] for line in out.splitlines()] == ["valid", "invalid"]
    code, out = anso(pems / "leader.pem", pems / "text.pem", pems / "missing.pem", "-o", "json")
    assert code == 10
    assert [one["error"]["code"] for one in json.loads(out)[1:]] == ["CERT_MALFORMED", "FILE_UNREADABLE"]


def test_the_commands_text_says_development_in_both_languages(anso: Any, pems: Path, suspended: Any) -> None:
    code, out = anso(pems / "leader.pem")
    assert code == 0
    assert "VALID (development, no legal value)" in out
    assert "HỢP LỆ (phát triển, không có giá trị pháp lý)" in out
    code, out = anso(pems / "chairman.pem", pems / "text.pem", "--at", suspended["inside"].isoformat())
    assert code == 10
    assert "CERT_MALFORMED" in out
    assert "on_hold (hold" in out


def test_without_an_installation_the_status_is_unknown_and_the_answer_open(
    anso: Any, pems: Path, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    code, out = anso(
        pems / "leader.pem", "--trust", pems / "root.cer", "--chain", pems / "personal.cer", "-o", "json", data=away
    )
    said = json.loads(out)
    assert (code, said["verdict"], said["reason_codes"][0]) == (4, "indeterminate", "STATUS_UNKNOWN")
    assert said["in_register"] is None
    assert said["path"]["ok"] is True
    code, out = anso(pems / "leader.pem", "-o", "json", data=away)
    assert (code, json.loads(out)["reason_codes"]) == (3, ["UNTRUSTED_ROOT"])
    assert not away.exists()


def test_given_status_evidence_answers_away_from_the_service(
    installation: Any, anso: Any, pems: Path, tmp_path: Path
) -> None:
    publish_due_lists(installation.services, installation.clock.at)
    for name in ("root", "personal"):
        (tmp_path / f"{name}.crl").write_bytes(installation.client.get(f"/pki/{name}.crl").content)
    words = ("--trust", pems / "root.cer", "--chain", pems / "personal.cer", "--crl", tmp_path / "root.crl")
    for name, code, verdict in (("leader", 0, "valid"), ("chairman", 3, "invalid")):
        got, out = anso(
            pems / f"{name}.pem", *words, "--crl", tmp_path / "personal.crl", "-o", "json", data=tmp_path / "away"
        )
        said = json.loads(out)
        assert (got, said["verdict"], said["now"]["status"]["source"]) == (code, verdict, "evidence"), said["path"]


@pytest.mark.parametrize("words", [("--at", "yesterday"), ("--at", "2026-01-01T00:00:00"), ("--profile", "royal")])
def test_options_that_make_no_sense_are_usage_errors(anso: Any, pems: Path, words: tuple[str, str]) -> None:
    assert anso(pems / "leader.pem", *words)[0] == 2


def test_files_beside_the_certificate_must_be_there(anso: Any, pems: Path) -> None:
    assert anso(pems / "leader.pem", "--crl", pems / "none.crl")[0] == 10
