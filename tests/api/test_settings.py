from pathlib import Path

import pytest
from pydantic import ValidationError

from api.bootstrap import build_services, development_identity, master_secret
from api.errors import ConfigurationInvalid
from api.records.accounts import DEVELOPMENT_ISSUER
from api.settings import Profile, Settings, worker_environment

GOOD = {
    "profile": Profile.PRODUCTION,
    "database_url": "postgresql+psycopg://anso:pw@db/anso",
    "master_key_file": "/run/secrets/anso-master",
    "store": "s3",
    "s3_endpoint": "s3.example.vn:443",
    "s3_access_key": "a",
    "s3_secret_key": "s3-secret",
    "oidc_issuer": "https://id.example.vn",
    "oidc_jwks_url": "https://id.example.vn/jwks",
    "public_url": "https://anso.example.vn",
    "pki_url": "http://pki.quangninh.example.vn",
    "signer_socket": "/run/anso/signer.sock",
    "time_references": "ntp1.example.vn,ntp2.example.vn,ntp3.example.vn",
}


def test_the_embedded_profile_needs_nothing() -> None:
    settings = Settings().require_complete()
    assert settings.profile is Profile.EMBEDDED
    assert settings.database.startswith("sqlite:///")
    assert settings.max_upload_bytes == 512 * 1024 * 1024


def test_the_environment_is_read_with_our_prefix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANSO_DATA", str(tmp_path))
    monkeypatch.setenv("ANSO_MAX_UPLOAD_MB", "3")
    monkeypatch.setenv("ANSO_SECONDARY_READING", "person")
    settings = Settings()
    assert (settings.data, settings.max_upload_mb, settings.secondary_reading) == (tmp_path, 3, "person")


def test_production_with_everything_starts() -> None:
    assert Settings(**GOOD).require_complete().is_production  # type: ignore[arg-type] # checked by pydantic


@pytest.mark.parametrize(
    ("without", "named"),
    [
        ("database_url", "ANSO_DATABASE_URL"),
        ("master_key_file", "ANSO_MASTER_KEY_FILE"),
        ("store", "ANSO_STORE"),
        ("s3_endpoint", "ANSO_S3_ENDPOINT"),
        ("s3_secret_key", "ANSO_S3_"),
        ("oidc_issuer", "ANSO_OIDC_ISSUER"),
        ("oidc_jwks_url", "ANSO_OIDC_JWKS_URL"),
        ("public_url", "ANSO_PUBLIC_URL"),
        ("pki_url", "ANSO_PKI_URL"),
        ("signer_socket", "ANSO_SIGNER_SOCKET"),
        ("time_references", "ANSO_TIME_REFERENCES"),
    ],
)
def test_production_refuses_each_stand_in_by_name(without: str, named: str) -> None:
    values = {name: value for name, value in GOOD.items() if name != without}
    with pytest.raises(ConfigurationInvalid) as caught:
        Settings(**values).require_complete()  # type: ignore[arg-type] # checked by pydantic
    assert caught.value.code == "CONFIGURATION_INVALID"
    assert len(caught.value.missing) == 1
    assert named in caught.value.missing[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("oidc_issuer", DEVELOPMENT_ISSUER),
        ("oidc_issuer", "http://id.example.vn"),
        ("oidc_issuer", ""),
        ("oidc_jwks_url", "http://id.example.vn/jwks"),
        ("oidc_jwks_url", "HTTP://id.example.vn/jwks"),
        ("oidc_jwks_url", "ftp://id.example.vn/jwks"),
        ("oidc_jwks_url", ""),
    ],
)
def test_production_refuses_the_development_issuer_and_keys_that_travel_openly(name: str, value: str) -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        Settings(**{**GOOD, name: value}).require_complete()  # type: ignore[arg-type] # checked by pydantic
    assert [one.partition(":")[0] for one in caught.value.missing] == [f"ANSO_{name.upper()}"]


def test_production_takes_the_providers_keys_from_a_file() -> None:
    assert Settings(**{**GOOD, "oidc_jwks_url": "/etc/anso/jwks.json"}).require_complete()  # type: ignore[arg-type] # as above


def test_production_lists_everything_that_is_missing_at_once() -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        Settings(profile=Profile.PRODUCTION, demo_data=True, s3_secure=False).require_complete()
    assert len(caught.value.missing) >= 9


def test_production_refuses_the_development_identity_even_when_asked_directly(tmp_path: Path) -> None:
    settings = Settings(**{**GOOD, "data": tmp_path})  # type: ignore[arg-type] # checked by pydantic
    with pytest.raises(ConfigurationInvalid):
        development_identity(settings)
    assert not (tmp_path / "secrets").exists()


def test_nothing_is_built_when_production_is_incomplete(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid):
        build_services(Settings(profile=Profile.PRODUCTION, data=tmp_path / "x"))
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(("port", "usual"), [(8080, "http://127.0.0.1:8080"), (9090, "http://127.0.0.1:9090")])
def test_a_service_that_is_told_no_public_address_is_reached_where_it_listens(port: int, usual: str) -> None:
    settings = Settings(port=port)
    assert settings.public_url == usual
    assert worker_environment(settings)["ANSO_PUBLIC_URL"] == usual
    assert Settings(port=port, public_url="https://anso.example.vn").public_url == "https://anso.example.vn"


def test_a_port_that_is_none_is_refused_and_nothing_else() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(port=70_000)
    assert [one["loc"] for one in refused.value.errors() if one["type"] != "default_factory_not_called"] == [("port",)]


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings(**GOOD))  # type: ignore[arg-type] # checked by pydantic
    assert "s3-secret" not in shown
    assert "pw@db" not in shown


def test_the_master_secret_is_made_once_and_readable_by_us_only(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert master_secret(settings) == master_secret(settings)
    assert (tmp_path / "secrets" / "master.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["zz" * 32, "ab" * 31, "", "\xff"])
def test_a_malformed_master_secret_is_refused_without_being_repeated(tmp_path: Path, content: str) -> None:
    path = tmp_path / "master"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(ConfigurationInvalid) as caught:
        master_secret(Settings(data=tmp_path, master_key_file=path))
    assert not content or content not in str(caught.value)


def test_a_master_secret_that_cannot_be_read_is_a_configuration_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid):
        master_secret(Settings(data=tmp_path, master_key_file=tmp_path / "missing"))


def test_the_worker_gets_our_environment_with_the_services_folder(tmp_path: Path) -> None:
    environment = worker_environment(Settings(data=tmp_path, demo_data=True))
    assert environment["ANSO_DATA"] == str(tmp_path)
    assert environment["ANSO_DEMO_DATA"] == "false"
    assert "PATH" in environment
