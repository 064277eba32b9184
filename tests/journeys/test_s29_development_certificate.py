"""Scenario S29: a file signed under the development hierarchy never looks official; through HTTP and the commands."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from api.bootstrap import build_services, build_verifier
from api.cli import main
from api.errors import ConfigurationInvalid
from api.settings import Profile, Settings
from signing.ca import authority_of
from signing.profiles import AuthorityName
from signing.registry_sql import RegistrySql
from tests.api.conftest import Installation
from tests.api.office import Office, open_office
from tests.api.test_settings import GOOD
from tests.fakes import trust_officers

pytestmark = pytest.mark.journey
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def office(installation: Installation) -> Office:
    return open_office(installation)


@pytest.fixture(scope="module")
def signed(office: Office) -> bytes:
    """A result signed by the leader with a certificate of the development hierarchy."""
    result = office.numbered()
    answer = office.sign(result)
    assert answer.status_code == 201, answer.text
    return office.content(result)


@pytest.fixture(scope="module")
def root(installation: Installation) -> bytes:
    with installation.services.db.reading() as tx:
        return authority_of(AuthorityName.ROOT, RegistrySql(tx)).credential.certificate


def verified(installation: Installation, pdf: bytes, profile: str | None) -> dict[str, Any]:
    data = {} if profile is None else {"profile": profile}
    answer = installation.client.post("/v1/verifications", files={"file": ("a.pdf", pdf)}, data=data)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("profile", ["official", "public", "specialised"])
def test_checked_with_another_profile_it_is_invalid_untrusted_root(
    installation: Installation, signed: bytes, profile: str
) -> None:
    report = verified(installation, signed, profile)
    assert (report["verdict"], report["acceptance"]) == ("invalid", "refuse")
    assert report["reason_codes"][0] == "UNTRUSTED_ROOT"
    signature = report["signatures"][0]
    assert (signature["indication"], signature["sub_indication"]) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")
    assert signature["intact"] is True  # integrity is told truthfully
    assert signature["trust"]["profile"] is None


@pytest.mark.parametrize("profile", ["dev", None])
def test_checked_with_dev_it_is_valid_and_says_that_it_has_no_legal_value(
    installation: Installation, signed: bytes, profile: str | None
) -> None:
    report = verified(installation, signed, profile)
    assert report["verdict"] == "valid"
    assert report["signatures"][0]["trust"]["profile"] == "dev"
    assert "DEVELOPMENT_NO_LEGAL_VALUE" in report["reason_codes"]
    assert "CHỨNG THƯ PHÁT TRIỂN - KHÔNG CÓ GIÁ TRỊ PHÁP LÝ." in report["reasons_vi"]


def test_an_unknown_profile_is_refused(installation: Installation, signed: bytes) -> None:
    answer = installation.client.post("/v1/verifications", files={"file": signed}, data={"profile": "royal"})
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")


def test_the_certificate_itself_gets_the_same_answers(installation: Installation, office: Office) -> None:
    with installation.services.db.reading() as tx:
        der = RegistrySql(tx).get(office.certificates["leader"]).der
    for profile, expected in (
        ("official", ("invalid", "UNTRUSTED_ROOT")),
        ("dev", ("valid", "DEVELOPMENT_NO_LEGAL_VALUE")),
    ):
        answer = installation.client.post(
            "/v1/certificate-validations", files={"file": der}, data={"profile": profile}
        ).json()
        assert (answer["verdict"], answer["reason_codes"][0]) == expected


def test_the_command_says_it_in_words(
    installation: Installation, signed: bytes, root: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.pdf").write_bytes(signed)
    (tmp_path / "root.cer").write_bytes(root)
    mask = os.umask(0o022)
    words = ["verify", str(tmp_path / "a.pdf"), "--trust", str(tmp_path / "root.cer"), "--data", str(tmp_path / "none")]
    words += ["--at", installation.clock.at.isoformat()]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--profile", "dev"])
    assert ended.value.code == 0
    shown = capfd.readouterr().out
    assert "VALID (development, no legal value)" in shown
    assert "HỢP LỆ (phát triển, không có giá trị pháp lý)" in shown
    with pytest.raises(SystemExit) as ended:
        main([*words, "--profile", "official", "-o", "json"])
    assert ended.value.code == 3
    assert json.loads(capfd.readouterr().out)["reason_codes"][0] == "UNTRUSTED_ROOT"
    os.umask(mask)


# --- production ------------------------------------------------------------------------------------------


def production(**changes: object) -> Settings:
    return Settings(**{**GOOD, **changes})  # type: ignore[arg-type] # pydantic checks them


def trust_folder(place: Path, root: bytes, how: str) -> dict[str, object]:
    """Three ways in which somebody could let the development root into production."""
    officers = [trust_officers.Officer("an", "sub_1"), trust_officers.Officer("binh", "sub_2")]
    (place / "officers.json").write_bytes(trust_officers.officers_file(*officers))
    folder = place / "trust"
    if how in {"official", "dev"}:
        (folder / how).mkdir(parents=True)
        (folder / how / "root.cer").write_bytes(root)
    else:
        folder.mkdir()
        profile = how.removeprefix("policy ")
        content = trust_officers.policy(trust_officers.anchor(root), profile=profile)
        (folder / "p.json").write_bytes(content)
        for officer in officers:
            (folder / f"p.json.{officer.officer_id}.jws").write_bytes(officer.sign(content))
    return {"trust": folder, "trust_officers": place / "officers.json"}


@pytest.mark.parametrize("how", ["official", "dev", "policy official", "policy dev"])
def test_production_does_not_start_with_the_development_root_in_any_disguise(
    tmp_path: Path, root: bytes, how: str
) -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        build_verifier(production(**trust_folder(tmp_path, root, how)))
    assert caught.value.code == "CONFIGURATION_INVALID"
    assert "development" in str(caught.value.missing)


def test_the_server_refuses_to_start_in_production_with_dev_enabled(tmp_path: Path, root: bytes) -> None:
    """The embedded installation's own settings under the production profile, in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ANSO_", "COV_CORE"))}
    places = {f"ANSO_{name.upper()}": str(value) for name, value in trust_folder(tmp_path, root, "dev").items()}
    environment = {**clean, **places, "ANSO_PROFILE": "production", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "serve", "--data", str(tmp_path), "--port", "0"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 9
    assert "ANSO_OIDC_ISSUER" in done.stderr  # the development identity is refused by name
    assert "ANSO_DATABASE_URL" in done.stderr
    assert not list(tmp_path.glob("anso.sqlite3*"))
    with pytest.raises(ConfigurationInvalid):
        build_services(Settings(profile=Profile.PRODUCTION, data=tmp_path))


def test_the_root_is_marked_for_everybody_to_see(root: bytes, installation: Installation) -> None:
    with installation.services.db.reading() as tx:
        certificate = authority_of(AuthorityName.ROOT, RegistrySql(tx)).certificate
    assert certificate.public_bytes(Encoding.DER) == root
    assert "DEV" in certificate.subject.rfc4514_string()
