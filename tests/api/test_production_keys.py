"""Production from nothing: a token, the signer, the ceremony before witnesses, and a service that starts and renews."""

import base64
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from api import migrations
from api.bootstrap import build_services, read_recipe
from api.cli import main
from api.clock import now
from api.custody import build_custody
from api.db import Database
from api.errors import ConfigurationInvalid
from api.keystores import build_keys, device_stores, open_device
from api.settings import Profile, Settings
from api.usecases.establish_pki import establish_pki
from signing.errors import KeyUseRefused
from signing.keys import SignatureAlgorithm
from signing.profiles import AuthorityName
from signing.registry_sql import RegistrySql
from tests.api.conftest import logging_restored
from tests.servers.softhsm import SoftHsm
from tests.signing.certificates.test_transcript import official_recipe

pytestmark = pytest.mark.service
ANSO = [sys.executable, "-m", "api.cli"]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Province:
    """One production's folders, environments and signer."""

    folder: Path
    hsm: SoftHsm
    token: str
    database_url: str
    sockets: Path
    capture: pytest.CaptureFixture[str]
    signer: subprocess.Popen[str] | None = None

    @property
    def _clean(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSO_")}
        return {
            **kept,
            "ANSO_PROFILE": "production",
            "ANSO_DATABASE_URL": self.database_url,
            "ANSO_PUBLIC_URL": "https://anso.quangninh.example.vn",
            "ANSO_PKI_URL": "http://pki.quangninh.example.vn",
            "ANSO_SIGNER_SOCKET": str(self.sockets / "signer.sock"),
        }

    @property
    def of_the_signer(self) -> dict[str, str]:
        return self._clean | {
            "ANSO_DATA": str(self.folder / "signer"),
            "ANSO_KEYS": "pkcs11",
            "ANSO_PKCS11_MODULE": str(self.hsm.library),
            "ANSO_PKCS11_TOKEN": self.token,
            "ANSO_PKCS11_PIN_FILE": str(self.hsm.pin_file),
        }

    @property
    def of_the_service(self) -> dict[str, str]:
        return self._clean | {
            "ANSO_DATA": str(self.folder / "service"),
            "ANSO_MASTER_KEY_FILE": str(self.folder / "master.key"),
            "ANSO_STORE": "s3",
            "ANSO_S3_ENDPOINT": "s3.quangninh.example.vn:443",
            "ANSO_S3_ACCESS_KEY": "a",
            "ANSO_S3_SECRET_KEY": "s",
            "ANSO_OIDC_ISSUER": "https://id.quangninh.example.vn",
            "ANSO_OIDC_JWKS_URL": "https://id.quangninh.example.vn/jwks",
            "ANSO_TIME_REFERENCES": "ntp1.example.vn,ntp2.example.vn,ntp3.example.vn",
            "ANSO_PKI_RECIPE": str(self.recipe),
        }

    @property
    def recipe(self) -> Path:
        return self.folder / "pki.yml"

    @property
    def transcript(self) -> Path:
        return self.folder / "ceremony.jsonl"

    def run(self, environment: dict[str, str], *words: str) -> Done:
        """A command in this process, which is the same code and much quicker."""
        code = 0
        with pytest.MonkeyPatch.context() as patch, logging_restored():
            for name, value in environment.items():
                patch.setenv(name, value)
            self.capture.readouterr()
            mask = os.umask(0o022)
            try:
                main(words)
            except SystemExit as end:
                code = int(end.code or 0)
            finally:
                os.umask(mask)
        shown = self.capture.readouterr()
        assert self.hsm.pin not in shown.out + shown.err
        return Done(code, shown.out, shown.err)

    def value(self, environment: dict[str, str], *words: str) -> Any:
        done = self.run(environment, *words, "-o", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start_signer(self) -> None:
        self.signer = subprocess.Popen([*ANSO, "signer"], env=self.of_the_signer, stdout=subprocess.PIPE, text=True)
        assert self.signer.stdout is not None
        assert "ready" in self.signer.stdout.readline()

    def stop_signer(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self.signer is not None
        self.signer.send_signal(number)
        self.signer.wait(timeout=20)
        assert self.signer.stdout is not None
        self.signer.stdout.close()
        self.signer = None

    def migrate(self) -> None:
        database = Database(self.database_url)
        migrations.upgrade(database)
        database.close()

    def hold(self, plan: str) -> Done:
        words = ("ca", "ceremony", str(self.recipe), "--transcript", str(self.transcript), "--plan", plan)
        return self.run(self.of_the_service, *words, "-o", "json")

    def settings(self, environment: dict[str, str]) -> Settings:
        values = {name[5:].lower(): value for name, value in environment.items() if name.startswith("ANSO_")}
        return Settings(**values)  # type: ignore[arg-type] # pydantic reads the words


@pytest.fixture
def province(
    softhsm: SoftHsm, postgres_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Iterator[Province]:
    sockets = Path("/tmp") / f"anso-{secrets.token_hex(4)}"  # noqa: S108 - a socket's path has at most 107 octets
    sockets.mkdir(mode=0o700)
    made = Province(tmp_path, softhsm, softhsm.new_token(), postgres_url, sockets, capfd)
    (tmp_path / "master.key").write_text(secrets.token_hex(32))
    made.recipe.write_text(yaml.safe_dump(official_recipe(), allow_unicode=True))
    yield made
    if made.signer is not None:
        made.stop_signer(signal.SIGKILL)
    shutil.rmtree(sockets)


def test_production_from_a_token_to_a_service_that_renews_its_responders(province: Province) -> None:
    service = province.of_the_service
    province.migrate()
    assert province.value(province.of_the_signer, "keys", "rotate") == {"key_encryption_key": "kek-1", "rewrapped": 0}
    planned = province.value(service, "ca", "ceremony", str(province.recipe), "--dry-run")
    assert [person["role"] for person in planned["attendees"]] == ["administrator", "witness", "witness"]
    assert len(planned["members"]) == 7
    assert not province.transcript.exists()

    # without the signer nothing is made; what the transcript says stays true
    assert province.hold(planned["plan_sha256"]).returncode == 8
    province.start_signer()
    assert province.hold("0" * 64).returncode == 9  # another plan than was agreed
    done = province.hold(planned["plan_sha256"])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["made"][:3] == ["ca:root", "ca:personal", "ca:secondary"]
    written = province.transcript.read_bytes()
    again = province.hold(planned["plan_sha256"])
    assert json.loads(again.stdout)["made"] == []
    assert province.transcript.read_bytes() == written

    report = province.value(service, "ca", "ceremony-check", str(province.transcript))
    assert report["ok"], report
    assert len(report["certificates"]) == 7
    require_the_check_to_notice(province)
    assert "hsm_" in province.run(province.of_the_signer, "keys", "list").stdout
    resident = province.value(province.of_the_signer, "keys", "list")
    assert len(resident["resident"]) == 7
    assert all(key_id.startswith("hsm_") for key_id in resident["resident"])
    assert resident["key_encryption_keys"] == ["kek-1"]

    moment = [datetime.now(UTC)]
    services = build_services(province.settings(service), clock=lambda: moment[0])
    try:
        assert establish_pki(services, moment[0]) == ()
        moment[0] += timedelta(days=25)
        assert establish_pki(services, moment[0]) == ("ocsp:personal", "ocsp:secondary")
        with services.db.reading() as tx:
            root = RegistrySql(tx).by_service(f"ca:{AuthorityName.ROOT.value}")[0]
        with pytest.raises(KeyUseRefused):  # a compromised service gets nothing out of the root's key
            services.keys.sign(root.key_id, b"anything", SignatureAlgorithm.ECDSA_SHA384)
    finally:
        services.close()


def require_the_check_to_notice(province: Province) -> None:
    """Certificates in use beside those of the transcript; words that are missing; files that are something else."""
    service, transcript = province.of_the_service, str(province.transcript)
    folder = province.folder / "in-use"
    folder.mkdir()
    for number, line in enumerate(province.transcript.read_text().splitlines()):
        if '"signed"' in line:
            (folder / f"{number}.cer").write_bytes(base64.b64decode(json.loads(line)["certificate"]))
    check = ("ca", "ceremony-check", transcript, "--certificates", str(folder))
    assert province.run(service, *check).returncode == 0
    next(folder.iterdir()).unlink()
    missing = province.run(service, *check)
    assert missing.returncode == 3
    assert "transcript.missing_certificate" in missing.stdout
    (folder / "junk.pem").write_text("no certificate")
    assert province.run(service, *check).returncode == 10
    (folder / "t.jsonl").write_bytes(b"\xff\xfe\n")
    assert province.run(service, "ca", "ceremony-check", str(folder / "t.jsonl")).returncode == 10
    hold = ("ca", "ceremony", str(province.recipe))
    assert province.run(service, *hold).returncode == 2
    assert province.run(service, *hold, "--transcript", transcript).returncode == 2
    again = (*hold, "--plan", "0" * 64, "--transcript")
    assert province.run(service, *again, str(folder / "t.jsonl")).returncode == 10
    (folder / "t.jsonl").write_text("{}\n")
    assert province.run(service, *again, str(folder / "t.jsonl")).returncode == 9
    assert "kế hoạch / plan" in province.run(service, *hold, "--dry-run").stdout


def test_a_ceremony_that_lost_its_signer_in_the_middle_is_continued(province: Province) -> None:
    service = province.of_the_service
    province.migrate()
    plan = province.value(service, "ca", "ceremony", str(province.recipe), "--dry-run")["plan_sha256"]
    province.start_signer()
    holding = subprocess.Popen(
        [*ANSO, "ca", "ceremony", str(province.recipe), "--transcript", str(province.transcript), "--plan", plan],
        env=service,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert holding.stderr is not None
    for line in holding.stderr:
        if '"act": "signed"' in line and '"ca:root"' in line:
            province.stop_signer(signal.SIGKILL)
            break
    rest = holding.stderr.read()
    holding.stderr.close()
    assert holding.wait(timeout=60) == 8, rest
    with province.transcript.open("ab") as file:
        file.write(b'{"act": "sig')  # the machine went down while it wrote
    province.start_signer()
    done = province.hold(plan)
    assert done.returncode == 0, done.stderr
    assert "ca:root" not in json.loads(done.stdout)["made"]
    report = province.value(service, "ca", "ceremony-check", str(province.transcript))
    assert report["ok"], report
    openings = [json.loads(line) for line in province.transcript.read_text().splitlines() if '"opened"' in line]
    assert ["torn_sha256" in opening for opening in openings] == [False, True]


def test_a_service_of_production_is_not_given_the_pin(province: Province) -> None:
    environment = province.of_the_service | {"ANSO_PKCS11_PIN_FILE": str(province.hsm.pin_file)}
    with pytest.raises(ConfigurationInvalid) as caught:
        province.settings(environment).require_complete()
    assert len(caught.value.missing) == 1
    assert "ANSO_PKCS11_PIN_FILE" in caught.value.missing[0]
    province.settings(province.of_the_service).require_complete()


@pytest.mark.parametrize("without", ["KEYS", "PKCS11_MODULE", "PKCS11_TOKEN", "PKCS11_PIN_FILE"])
def test_a_signer_of_production_names_what_its_device_lacks(province: Province, without: str) -> None:
    environment = {name: value for name, value in province.of_the_signer.items() if name != f"ANSO_{without}"}
    with pytest.raises(ConfigurationInvalid) as caught:
        province.settings(environment).require_signer()
    assert len(caught.value.missing) == 1
    assert f"ANSO_{without}" in caught.value.missing[0]
    province.settings(province.of_the_signer).require_signer()


def test_a_device_without_its_settings_or_library_is_a_matter_of_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        open_device(Settings(keys="pkcs11"))
    assert len(caught.value.missing) == 3
    none = Settings(
        keys="pkcs11", pkcs11_module=tmp_path / "none.so", pkcs11_token="t", pkcs11_pin_file=tmp_path / "pin"
    )
    with pytest.raises(ConfigurationInvalid, match="ANSO_PKCS11_MODULE"):
        build_keys(none, None, lambda: None)  # type: ignore[arg-type,return-value] # neither is reached
    with pytest.raises(ConfigurationInvalid, match="ANSO_KEYS"), device_stores(Settings(), None):  # type: ignore[arg-type] # as above
        pass


def refused(setting: str, *, really: bool) -> contextlib.AbstractContextManager[object]:
    """That a start is refused for this setting, or goes on."""
    return pytest.raises(ConfigurationInvalid, match=setting) if really else contextlib.nullcontext()


def test_the_signer_of_production_shares_neither_its_pin_nor_its_book(province: Province, tmp_path: Path) -> None:
    pin = tmp_path / "pin"
    pin.write_text("1234")
    for mode, is_refused in ((0o440, True), (0o404, True), (0o620, True), (0o400, False), (0o600, False)):
        pin.chmod(mode)
        chosen = province.settings(province.of_the_signer | {"ANSO_PKCS11_PIN_FILE": str(pin)})
        with refused("ANSO_PKCS11_PIN_FILE", really=is_refused):
            open_device(chosen).close()
    shared = province.settings(province.of_the_signer | {"ANSO_SIGNER_DATABASE_URL": province.database_url})
    with pytest.raises(ConfigurationInvalid, match="ANSO_SIGNER_DATABASE_URL"):
        shared.require_signer()
    base = "postgresql+psycopg://signer:s@db.example.vn"
    everybodys = {"ANSO_DATABASE_URL": "postgresql+psycopg://anso:a@DB.example.vn/anso"}
    for url, is_refused in (("/anso", True), (":5432/anso", True), (":5433/anso", False), ("/book", False)):
        both = everybodys | {"ANSO_SIGNER_DATABASE_URL": base + url}
        with refused("ANSO_SIGNER_DATABASE_URL", really=is_refused):
            province.settings(province.of_the_signer | both).require_signer()
    told = province.of_the_service | {"ANSO_SIGNER_DATABASE_URL": base + "/book"}
    with pytest.raises(ConfigurationInvalid, match="for `anso signer` alone"):
        province.settings(told).require_complete()


def test_production_makes_no_software_keys_and_uses_none_without_a_signer() -> None:
    production = Settings(profile=Profile.PRODUCTION, keys="software")
    with pytest.raises(ConfigurationInvalid, match="ANSO_KEYS=pkcs11"):
        build_keys(production, None, lambda: None)  # type: ignore[arg-type,return-value] # neither is reached
    with pytest.raises(ConfigurationInvalid, match="ANSO_SIGNER_SOCKET"):
        build_custody(production, None, now, lambda: None)  # type: ignore[arg-type,return-value] # as above


@pytest.mark.parametrize("text", ["", "a: [", "development: true", "authorities: 1", "\x00"])
def test_a_file_that_is_no_recipe_is_a_matter_of_configuration(tmp_path: Path, text: str) -> None:
    (tmp_path / "pki.yml").write_text(text)
    with pytest.raises(ConfigurationInvalid, match=r"pki\.yml"):
        read_recipe(tmp_path / "pki.yml")
    with pytest.raises(ConfigurationInvalid, match="none"):
        read_recipe(tmp_path / "none")


def test_an_operator_rotates_and_retires_the_key_encryption_key(
    softhsm: SoftHsm, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    province = Province(tmp_path, softhsm, softhsm.new_token(), "", tmp_path, capfd)
    environment = {name: value for name, value in province.of_the_signer.items() if name != "ANSO_DATABASE_URL"}
    environment |= {"ANSO_PROFILE": "embedded"}
    assert province.run(environment, "db", "upgrade").returncode == 0
    assert province.value(environment, "keys", "rotate")["key_encryption_key"] == "kek-1"
    assert province.run(environment, "keys", "retire", "kek-1").returncode == 2
    assert province.value(environment, "keys", "rotate")["key_encryption_key"] == "kek-2"
    assert province.value(environment, "keys", "resume") == {"rewrapped": 0}
    assert province.value(environment, "keys", "retire", "kek-1") == {"retired": "kek-1"}
    assert province.value(environment, "keys", "list") == {"resident": [], "key_encryption_keys": ["kek-2"]}
    refused = province.run(environment | {"ANSO_PKCS11_TOKEN": "nobody"}, "keys", "list")
    assert refused.returncode == 8
    assert "KEY_UNAVAILABLE" in refused.stderr
