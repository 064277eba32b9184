"""POST /v1/verifications: without login, bounded, and the document of DESIGN §3."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from api.cli.trust import anchors_of_installation
from api.cli.verify import app as verify_app
from api.errors import ConfigurationInvalid
from api.remembered import RememberedReports
from api.trust_folder import load_book
from api.usecases.signing_parts import evidence_source, platform_credential, time_stamper
from api.usecases.verify_document import verify_file
from signing.ca import authority_of
from signing.isolation import WorkCrashed, WorkersBusy, WorkTimedOut
from signing.pades import SigningRequest, sign_pdf
from signing.profiles import AuthorityName
from signing.registry_sql import RegistrySql
from signing.trust import TrustProfile
from tests.fakes import sample_pdf, small_pki

ADDRESS = "/v1/verifications"
NOTHING = RememberedReports(max_count=0, max_bytes=0)


def send(client: Any, content: Any, **more: Any):
    return client.post(ADDRESS, files={"file": ("tai-lieu.pdf", content, "application/pdf")}, **more)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"hello", "FILE_NOT_PDF"),
        (b"PK\x03\x04" + b"\0" * 40 + b"%PDF-1.7", "FILE_NOT_PDF"),
        (b"GIF89a" + b"\0" * 40, "FILE_NOT_PDF"),
    ],
)
def test_what_is_no_pdf_is_refused_with_a_stable_code_in_two_languages(installation: Any, content: Any, code: Any):
    answer = send(installation.client, content)
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    ("content", "is_told"),
    [
        (bytes.fromhex("3080 06092a864886f70d010702 a080"), True), (b"-----BEGIN CMS-----\nMIIB", True),
        (b"hello " * 20 + bytes.fromhex("06092a864886f70d010702"), False),
    ],
)  # fmt: skip
def test_whoever_sends_a_signature_in_place_of_a_file_is_told_how(installation: Any, content: Any, is_told: Any):
    assert ("`signature`" in send(installation.client, content).json()["detail"]) is is_told


def signed_pdf(installation: Any):
    """A file signed under the installation's own hierarchy, by the platform's seal."""
    services, at = installation.services, installation.clock.at
    with services.db.reading() as tx:
        credential = platform_credential(tx, at)
    request = SigningRequest(credential=credential, field_name="Seal")
    signed = sign_pdf(
        sample_pdf.small(), request, keys=services.keys, stamp=time_stamper(services, at),
        evidence=evidence_source(services, at), at=at,
    )  # fmt: skip
    assert signed.level == "B-LT"
    return signed.pdf


@pytest.fixture(scope="module")
def sealed(installation: Any):
    return signed_pdf(installation)


def test_a_good_file_is_valid_for_anybody_and_says_development(installation: Any, sealed: Any):
    answer = send(installation.client, sealed)
    assert answer.status_code == 200
    report = answer.json()
    assert (report["verdict"], report["acceptance"]) == ("valid", "accept")
    assert report["reason_codes"] == ["DEVELOPMENT_NO_LEGAL_VALUE"]
    assert report["signatures"][0]["trust"]["profile"] == "dev"
    assert report["document_status"] == {"state": "unknown", "vault_match": "none"}
    assert answer.headers["cache-control"] == "no-store"
    assert "RateLimit" in answer.headers


def test_base64_in_json_gives_the_same_report(installation: Any, sealed: Any):
    form = send(installation.client, sealed).json()
    body = {"document": base64.b64encode(sealed).decode(), "policy": "vn.tt15-2025"}
    assert installation.client.post(ADDRESS, json=body).json() == form


def test_one_changed_byte_is_invalid(installation: Any, sealed: Any):
    broken = sealed.replace(b"100 50 re f", b"100 51 re f")
    report = send(installation.client, broken).json()
    assert (report["verdict"], report["reason_codes"][0]) == ("invalid", "DOCUMENT_ALTERED")


def test_a_file_without_signature_and_a_damaged_one_are_answers_too(installation: Any):
    small = sample_pdf.small()
    assert send(installation.client, small).json()["verdict"] == "no_signature"
    assert send(installation.client, small[:200]).json()["verdict"] == "indeterminate"
    encrypted = sample_pdf.encrypted(small, user="x")
    assert send(installation.client, encrypted).json()["reason_codes"] == ["DOCUMENT_ENCRYPTED"]


@pytest.mark.parametrize(
    ("request_body", "status", "code"),
    [
        ({"json": {"document": "***"}}, 422, "INPUT_INVALID"),
        ({"json": {"document": ""}}, 422, "INPUT_INVALID"),
        ({"json": {}}, 422, "INPUT_INVALID"),
        ({"json": {"document": "QQ==", "other": 1}}, 422, "INPUT_INVALID"),
        ({"json": {"document": base64.b64encode(b"%PDF-1.7").decode(), "policy": "none"}}, 422, "INPUT_INVALID"),
        ({"data": {"policy": "x"}, "files": {"other": b"x"}}, 422, "INPUT_INVALID"),
        ({"content": b"x", "headers": {"content-type": "text/plain"}}, 415, "MEDIA_TYPE_UNSUPPORTED"),
    ],
)
def test_other_bodies_are_refused_with_a_problem(installation: Any, request_body: Any, status: Any, code: Any):
    answer = installation.client.post(ADDRESS, **request_body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


class Failing:
    """Workers that always fail in one way."""

    def __init__(self, error: Any):
        self.error = error

    def call(self, *_: object, **__: object):
        raise self.error


@pytest.mark.parametrize(
    ("error", "reason"), [(WorkTimedOut("x"), "CHECK_TOO_COSTLY"), (WorkCrashed("x"), "CHECK_FAILED")]
)
def test_a_check_that_broke_off_is_indeterminate(installation: Any, sealed: Any, error: Any, reason: Any):
    services = replace(installation.services, workers=Failing(error), remembered=NOTHING)
    report = verify_file(sealed, services, installation.clock.at)
    assert (report.verdict.value, [r.value for r in report.reasons]) == ("indeterminate", [reason])


@pytest.fixture
def busy(installation: Any):
    """The installation while every worker is taken."""
    usual = installation.services
    installation.app.state.services = replace(usual, workers=Failing(WorkersBusy("x")), remembered=NOTHING)
    yield installation
    installation.app.state.services = usual


def test_too_many_checks_at_once_are_told_to_come_back(busy: Any, sealed: Any):
    answer = send(busy.client, sealed)
    assert (answer.status_code, answer.json()["code"]) == (503, "WORKERS_BUSY")


def test_production_never_accepts_a_development_root(installation: Any, sealed: Any):
    pki, room = installation.services.pki, installation.services.pki.room
    pki = replace(pki, room=replace(room, site=replace(room.site, development=False)))
    report = verify_file(sealed, replace(installation.services, pki=pki), installation.clock.at)
    assert report.verdict.value == "invalid"
    assert report.reasons[0].value == "UNTRUSTED_ROOT"


@pytest.fixture
def trust_folder(tmp_path: Any, installation: Any):
    """A trust folder whose `official` holds the development root."""
    with installation.services.db.reading() as tx:
        root = authority_of(AuthorityName.ROOT, RegistrySql(tx)).credential.certificate
    (tmp_path / "official").mkdir()
    (tmp_path / "official" / "root.cer").write_bytes(root)
    return tmp_path


def test_a_development_root_stays_one_in_every_folder(trust_folder: Any):
    assert [a.profile for a in load_book(trust_folder, production=False).plain] == [TrustProfile.DEV]


def test_production_does_not_start_with_a_development_root(trust_folder: Any):
    with pytest.raises(ConfigurationInvalid) as caught:
        load_book(trust_folder, production=True)
    assert caught.value.code == "CONFIGURATION_INVALID"
    assert "official/root.cer" in str(caught.value.missing)


def test_plain_roots_have_the_profile_of_their_subfolder_and_production_refuses_them(tmp_path: Any):
    for folder in ("official", "public"):
        (tmp_path / folder).mkdir()
        root = small_pki.SmallPki(label=folder).root
        (tmp_path / folder / "root.cer").write_bytes(root.der)
    assert [a.profile for a in load_book(tmp_path, production=False).plain] == [
        TrustProfile.OFFICIAL, TrustProfile.PUBLIC,
    ]  # fmt: skip
    with pytest.raises(ConfigurationInvalid) as caught:
        load_book(tmp_path, production=True)
    assert "plain root" in str(caught.value.missing)
    assert len(load_book(None, production=True).plain) == 0
    (tmp_path / "official" / "broken.pem").write_bytes(b"x")
    with pytest.raises(ConfigurationInvalid):
        load_book(tmp_path, production=False)


# --- anso verify ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any, installation: Any, sealed: Any):
    """Files to check, and the installation's root as PEM."""
    path = tmp_path_factory.mktemp("cli")
    (path / "good.pdf").write_bytes(sealed)
    (path / "bad.pdf").write_bytes(sealed.replace(b"100 50 re f", b"100 51 re f"))
    (path / "plain.pdf").write_bytes(sample_pdf.small())
    (path / "cut.pdf").write_bytes(sealed[:300])
    (path / "text.pdf").write_bytes(b"hello")
    with installation.services.db.reading() as tx:
        root = authority_of(AuthorityName.ROOT, RegistrySql(tx)).certificate
    (path / "trust" / "dev").mkdir(parents=True)
    (path / "trust" / "dev" / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (path / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (path / "empty").mkdir()
    return path


def anso(folder: Any, installation: Any, *arguments: Any):
    """Runs the command in this process; gives exit code and standard output."""
    at = installation.clock.at.isoformat()
    result = CliRunner().invoke(verify_app, [*map(str, arguments), "--at", at], env={"ANSO_DATA": str(folder / "none")})
    return result.exit_code, result.stdout


@pytest.mark.parametrize("trust", ["trust", "root.pem"])
def test_the_command_gives_the_same_report_as_the_service(folder: Any, installation: Any, sealed: Any, trust: Any):
    code, out = anso(folder, installation, folder / "good.pdf", "--trust", folder / trust, "-o", "json")
    report, served = json.loads(out), send(installation.client, sealed).json()
    assert code == 0
    assert report.pop("input").endswith("good.pdf")
    for volatile in ("document_status",):
        report.pop(volatile), served.pop(volatile)
    assert report.keys() == served.keys()
    assert report["verdict"] == served["verdict"]
    assert report["signatures"][0]["trust"]["profile"] == "dev"  # a development root stays one, wherever it lies


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["good.pdf"], 0), (["bad.pdf"], 3), (["cut.pdf"], 4), (["plain.pdf"], 5), (["text.pdf"], 10),
        (["missing.pdf"], 10), (["good.pdf", "plain.pdf"], 5), (["good.pdf", "bad.pdf", "cut.pdf"], 3),
    ],
)  # fmt: skip
def test_the_worst_file_decides_the_exit_code(folder: Any, installation: Any, names: Any, expected: Any):
    files = [folder / name for name in names]
    code, out = anso(folder, installation, *files, "--trust", folder / "trust")
    assert code == expected
    assert all(name in out for name in names)


def test_json_lines_have_one_object_a_file_and_simple_is_shorter(folder: Any, installation: Any):
    files = [folder / "good.pdf", folder / "text.pdf"]
    _, out = anso(folder, installation, *files, "--trust", folder / "trust", "-o", "jsonl", "--report", "simple")
    first, second = map(json.loads, out.splitlines())
    assert "certificate" not in first["signatures"][0]
    assert second["error"]["code"] == "FILE_NOT_PDF"
    _, out = anso(folder, installation, *files, "--trust", folder / "trust", "-o", "json")
    assert len(json.loads(out)) == 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--policy", "none"], 2),
        (["--trust", "missing-folder"], 9),
        (["--trust", "text.pdf"], 9),
        (["--trust", "empty"], 3),
        ([], 3),
    ],
)
def test_options_that_cannot_be_used_are_told_apart(folder: Any, installation: Any, options: Any, expected: Any):
    options = [str(folder / o) if o in {"text.pdf", "empty"} else o for o in options]
    assert anso(folder, installation, folder / "good.pdf", *options)[0] == expected


@pytest.mark.parametrize("moment", ["yesterday", "2026-08-05T09:00:00"])
def test_a_moment_without_zone_or_sense_is_a_usage_error(folder: Any, moment: Any):
    result = CliRunner().invoke(verify_app, [str(folder / "good.pdf"), "--at", moment])
    assert result.exit_code == 2


def test_the_installation_on_this_machine_lends_its_development_root(installation: Any):
    anchors = anchors_of_installation(installation.services.settings, installation.clock.at)
    assert [a.profile for a in anchors] == [TrustProfile.DEV]
