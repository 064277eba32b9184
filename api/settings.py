"""The settings: every `ANSO_*` variable, its type and its default. The only reader of the environment.

Knows names and what a profile demands. Must not build anything: that is `api.bootstrap`.
"""

import os
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.errors import ConfigurationInvalid

MIB = 1024 * 1024
_POSTGRESQL = 5432  # its usual port
_USUAL_PORT = 8080


class Profile(StrEnum):
    """How the service runs."""

    EMBEDDED = "embedded"
    PRODUCTION = "production"


class SecondaryReading(StrEnum):
    """The two readings of "chứng thư số thứ hai", which no law defines."""

    ORG_SEAL = "org_seal"
    """The agency's second seal, kept at the service centre."""
    PERSON = "person"
    """The official's own second certificate, for signing at the service centre."""


class StatusPolicy(StrEnum):
    """What happens when the status of a certificate cannot be had while signing (S26)."""

    STRICT = "strict"
    """The signature is refused."""
    WARN = "warn"
    """It is made, the answer warns, and the evidence is added when it can be had."""


class Settings(BaseSettings):
    """All settings of one process."""

    model_config = SettingsConfigDict(env_prefix="ANSO_", frozen=True, extra="ignore")

    profile: Profile = Profile.EMBEDDED
    """`embedded` brings development stand-ins; `production` refuses to start with any of them."""
    data: Path = Path("anso-data")
    """The folder of the embedded profile: database, objects, secrets."""
    database_url: SecretStr | None = None
    """`postgresql+psycopg://…` or `sqlite:///…`; default: `DATA/anso.sqlite3`."""
    master_key_file: Path | None = None
    """File with the hex of 32 bytes, from which the keys of sealed columns and of wrapped keys are derived. A file and
    not a value: an environment is inherited and listed. Embedded: made at first start in `DATA/secrets`."""
    host: str = "127.0.0.1"
    port: int = Field(default=_USUAL_PORT, ge=0, le=65535)
    public_url: str = Field(default_factory=lambda given: f"http://127.0.0.1:{given['port'] or _USUAL_PORT}")
    """Where people and systems reach us; part of QR codes and problem types. Default: this machine, at `port`."""
    pki_url: str = "http://pki.example.vn"
    """The address in CRL, OCSP and AIA extensions."""
    crl_shards: int = Field(default=8, ge=1, le=4096)
    """Over how many revocation lists new certificates of an authority are spread: a power of two. Existing ones keep
    theirs."""
    crl_delta: bool = False
    """Publish delta lists too, for offices that are often offline."""
    time_references: str = ""
    """Time servers that the time-stamp authority's clock is held against: `host[:port], …`; three or more, so that one
    that lies is outvoted. Beyond one second, or without a majority, no time-stamp is issued."""
    time_kernel_sync: bool = False
    """Stamp only while the kernel says that its clock is synchronised (chrony, ntpd)."""
    timestamp_authorities: str = "own"
    """Time-stamp authorities in order: `own` (in process) and `name=URL[;policy=OID][;timeout=SECONDS]`, with commas
    between. The next one is asked when one gives no usable answer; their roots stand in the trust policies."""
    timestamp_budget_s: float = Field(default=1.5, gt=0, le=10)
    """How long a signature waits for all of them together; then it is stored as B-B and completed later."""
    timestamp_patience_s: float = Field(default=150.0, gt=0, le=600)
    """How long the later completion waits for an authority."""
    timestamps_at_once: int = Field(default=4, ge=1, le=64)
    """Most calls to authorities elsewhere at a time: of all processes on one data folder or one PostgreSQL."""
    timestamp_tls_roots: Path | None = None
    """PEM file with the roots that their servers' TLS certificates are checked against; None: the machine's."""
    archive_results: bool = False
    """Bring every stored signed document to B-LTA at once; otherwise it gets its first archive time-stamp before the
    time-stamps of its signatures end."""
    archive_lead_days: int = Field(default=180, ge=1, le=1830)
    """How long before the end of what protects a stored document it gets another archive time-stamp."""
    max_upload_mb: int = Field(default=512, ge=1)
    """The largest request body of all."""
    max_verify_mb: int = Field(default=100, ge=1)
    """The largest file that anybody may have checked without login; a batch is as large altogether. Larger ones:
    `anso verify`."""
    uploads_mb: int = Field(default=1024, ge=1)
    """How much of uploads may lie in memory at a time; they are never written to disk. Beyond: 503."""
    remember_mb: int = Field(default=32, ge=0)
    """Memory for reports of the last minutes, by the file's digest; 0: each request is a new check."""
    preparation_minutes: int = Field(default=15, ge=1, le=120)
    """How long a prepared signature waits for the value of a token."""
    signed_file_hours: int = Field(default=24, ge=1, le=720)
    """How long a file that somebody sent to be signed with a token is kept for them, signed and encrypted."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    demo_data: bool = False
    """Seed the demonstration's places, people and accounts at start."""

    store: Literal["directory", "s3"] = "directory"
    s3_endpoint: str | None = None
    """host:port of the object store."""
    s3_bucket: str = "anso"
    """Prefix of the buckets PREFIX-worm and PREFIX-log (with object lock) and PREFIX-work; made when missing."""
    s3_region: str = "us-east-1"
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None
    s3_secure: bool = True

    oidc_issuer: str | None = None
    """The identity provider; None: the development identity that is built in."""
    oidc_audience: str = "anso"
    oidc_jwks_url: str | None = None
    """`https://…` or a file path with the provider's public keys."""

    keys: Literal["software", "pkcs11"] = "software"
    """Where private keys are: `software` (embedded only), or in and under a device."""
    pkcs11_module: Path | None = None
    """The device's PKCS#11 library."""
    pkcs11_token: str | None = Field(default=None, min_length=1, max_length=32)
    """Label of the token."""
    pkcs11_pin_file: Path | None = None
    """File with the token's user PIN, for the process that uses keys: in production `anso signer` alone."""
    pkcs11_kek: str = Field(default="anso", pattern=r"^[a-z0-9-]{1,16}$")
    """Begins the labels of the key-encryption keys in the token."""
    pkcs11_sessions: int = Field(default=4, ge=1, le=256)
    """Most sessions with the token at a time."""
    pkcs11_open_s: float = Field(default=2.0, ge=0, le=60)
    """How long an unwrapped key may stay in its session for the next signature of a batch; 0: not at all."""
    pki_recipe: Path | None = None
    """The recipe of the production hierarchy: its OCSP signers and seal are renewed by it. Its authorities come from
    `anso ca ceremony` only."""

    signer_socket: Path | None = None
    """Where `anso signer` listens. Given: this process asks it and holds no key; production demands it."""
    signer_database_url: SecretStr | None = None
    """The signer's own database, known to `anso signer` alone; default: `DATA/signer/signer.sqlite3`."""
    signer_clients: str = Field(default="", pattern=r"^([0-9]+(,[0-9]+)*)?$")
    """Numbers of the accounts (uid) that may ask the signer beside its own, with commas between."""
    csc_hashes: bool | None = None
    """Whether CSC clients have hashes signed with officials' and citizens' keys, without the document being seen; also
    read by `anso signer`, which decides. None: embedded yes, production no. Seals never (ADR 0039)."""
    csc_providers: str = ""
    """External providers of remote signatures (CSC API): `name=https://host/csc/v1, …`; only these are asked."""
    csc_provider_tokens: Path | None = None
    """Folder with the access token of each provider, in a file of its name."""
    csc_provider_roots: Path | None = None
    """PEM file with the roots that their servers' TLS certificates are checked against; None: the machine's."""
    csc_provider_answer_s: float = Field(default=20.0, gt=0, le=120)
    """Longest answer of a provider to one question."""
    csc_provider_patience_s: float = Field(default=90.0, ge=0, le=300)
    """How long a signer may take to agree on the provider's app."""
    csc_provider_at_once: int = Field(default=8, ge=1, le=64)
    """Requests that may wait for providers at a time."""
    passkey_synced: bool = False
    """Whether passkeys that a cloud copies between devices are accepted for signing."""

    secondary_reading: SecondaryReading = SecondaryReading.ORG_SEAL
    """What "second certificate" means in the five steps at the centre (ADR 0014)."""
    renewal_window_days: int = Field(default=92, ge=1, le=366)
    """How long before its end a certificate is renewed without a reason given: begins before the first notices do."""
    cps_pointer: bool = False
    """Whether holders' certificates carry the address of the practice statement; never in development."""
    trust: Path | None = None
    """Folder with signed trust policies (`*.json` with two `*.jws` each); embedded also plain roots (PEM or DER) in
    `official/`, `public/`, `specialised/`, `dev/`. Read at start and again when it changes."""
    trust_officers: Path | None = None
    """File that pins the keys of the officers who sign trust policies; kept apart from the folder."""
    status_policy: StatusPolicy = StatusPolicy.WARN
    """Whether a signature by an imported certificate whose authority cannot be asked is refused (`strict`) or made with
    a warning (`warn`). Whoever verifies never calls it valid before its status is known."""
    status_budget_s: float = Field(default=2.0, gt=0, le=15)
    """How long a signature waits for other authorities' lists and answers, all together."""
    fetch_hosts: str = ""
    """Hosts that may be asked for CRLs, OCSP answers and issuer certificates: `host[:port], …`; a private address
    counts only if the address itself is listed too. Empty: nothing is fetched."""
    verify_timeout_s: float = Field(default=30.0, gt=0)
    """Longest time one check may take."""
    public_rate: str = "120/minute"
    """Requests per client address on routes without login."""
    public_at_once: int = Field(default=16, ge=1)
    """Uploads of one client address that are served at a time on routes without login."""
    worker_concurrency: int = Field(default=2, ge=1, le=64)
    """Jobs that one worker runs at a time; reading scans takes about one core each.
    As many again may wait for authorities elsewhere."""
    batch_lanes: int = Field(default=2, ge=1, le=64)
    """Jobs that share the documents of one batch of signatures: with more workers it is finished sooner (ADR 0045)."""
    check_workers: int = Field(default=2, ge=1, le=64)
    """Killable processes for parsing, rendering and checking files; a waiting request gets 503 after some seconds."""
    embedded_worker: bool = True
    """`anso serve` supervises one worker (embedded profile only)."""

    @field_validator("crl_shards")
    @classmethod
    def _is_power_of_two(cls, value: int) -> int:
        if value & (value - 1):
            raise ValueError("a power of two")
        return value

    @property
    def max_upload_bytes(self) -> int:
        """The largest request body in bytes."""
        return self.max_upload_mb * MIB

    @property
    def max_verify_bytes(self) -> int:
        """The largest file that is checked without login, in bytes."""
        return min(self.max_verify_mb, self.max_upload_mb) * MIB

    @property
    def is_production(self) -> bool:
        """Whether development stand-ins are refused."""
        return self.profile is Profile.PRODUCTION

    @property
    def signs_hashes(self) -> bool:
        """Whether hashes are signed for CSC clients."""
        return not self.is_production if self.csc_hashes is None else self.csc_hashes

    @property
    def public_host(self) -> str:
        """The host of our public address: the name that passkeys answer to."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def public_origin(self) -> str:
        """Where our pages come from, as browsers say it."""
        address = urlsplit(self.public_url)
        return f"{address.scheme}://{address.netloc}"

    @property
    def signer_client_ids(self) -> tuple[int, ...]:
        """The accounts that may ask the signer, beside its own."""
        return tuple(int(number) for number in self.signer_clients.split(",") if number)

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database; holds a password: never log it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data.resolve() / 'anso.sqlite3'}"

    def require_complete(self) -> Self:
        """These settings, when the profile's demands are met.

        Raises:
            ConfigurationInvalid: with every finding, so that one start shows the whole list.
        """
        missing = _missing_in_production(self) if self.is_production else ()
        if missing:
            raise ConfigurationInvalid(missing)
        return self

    def missing_for_device(self) -> tuple[str, ...]:
        """What `ANSO_KEYS=pkcs11` needs and does not have."""
        checks = (
            (self.pkcs11_module is None, "ANSO_PKCS11_MODULE: the device's PKCS#11 library"),
            (self.pkcs11_token is None, "ANSO_PKCS11_TOKEN: the token's label"),
            (self.pkcs11_pin_file is None, "ANSO_PKCS11_PIN_FILE: a file with the token's PIN"),
        )
        return tuple(text for failed, text in checks if failed)

    def require_signer(self) -> Self:
        """These settings, when they are enough for `anso signer`.

        Raises:
            ConfigurationInvalid: with every finding.
        """
        missing = _missing_for_signer(self) if self.is_production else ()
        if missing:
            raise ConfigurationInvalid(missing)
        return self


class HolderSecrets(BaseSettings):
    """What a holder's own command may find in the environment instead of asking: never an argument, never kept."""

    model_config = SettingsConfigDict(env_prefix="ANSO_", frozen=True, extra="ignore")

    pin: SecretStr | None = None
    """`ANSO_PIN`: the PIN of a token."""
    key_password: SecretStr | None = None
    """`ANSO_KEY_PASSWORD`: opens an encrypted key file."""
    token: SecretStr | None = None
    """`ANSO_TOKEN`: the bearer token for a service."""
    otp: SecretStr | None = None
    """`ANSO_OTP`: the code of the second factor, for one authorisation of a key that a service keeps."""


def _missing_for_signer(settings: Settings) -> tuple[str, ...]:
    """What the signer of a production lacks."""
    checks = (
        (not settings.database.startswith("postgresql"), "ANSO_DATABASE_URL: PostgreSQL, not SQLite"),
        (settings.signer_socket is None, "ANSO_SIGNER_SOCKET: where the signer listens"),
        (not settings.public_url.startswith("https://"), "ANSO_PUBLIC_URL: https"),
        (settings.keys != "pkcs11", "ANSO_KEYS=pkcs11: keys belong into a device"),
        (
            _is_shared(settings),
            "ANSO_SIGNER_DATABASE_URL: another database than ANSO_DATABASE_URL, which services change",
        ),
    )
    return tuple(text for failed, text in checks if failed) + settings.missing_for_device()


def _is_shared(settings: Settings) -> bool:
    """Whether the signer's own database would be the one that everybody writes into (ADR 0021)."""
    own, shared = settings.signer_database_url, settings.database_url
    if own is None or shared is None:
        return False
    places = [urlsplit(one.get_secret_value()) for one in (own, shared)]
    return len({(place.hostname, place.port or _POSTGRESQL, place.path) for place in places}) == 1


def _missing_in_production(settings: Settings) -> tuple[str, ...]:
    """What production lacks, one line each. DESIGN §2: it refuses every development stand-in."""
    checks = (
        (not settings.database.startswith("postgresql"), "ANSO_DATABASE_URL: PostgreSQL, not SQLite"),
        (settings.master_key_file is None, "ANSO_MASTER_KEY_FILE: a file with 32 bytes in hex from your secret store"),
        (settings.store != "s3", "ANSO_STORE=s3: object storage with object lock, not a directory"),
        (
            settings.s3_endpoint is None or settings.s3_access_key is None or settings.s3_secret_key is None,
            "ANSO_S3_ENDPOINT, ANSO_S3_ACCESS_KEY, ANSO_S3_SECRET_KEY",
        ),
        (not settings.s3_secure, "ANSO_S3_SECURE: objects travel over TLS only"),
        # https alone shuts out the development identity too: its name is no address
        (not (settings.oidc_issuer or "").startswith("https://"), "ANSO_OIDC_ISSUER: a real provider's https address"),
        (not _is_safe_source(settings.oidc_jwks_url), "ANSO_OIDC_JWKS_URL: the provider's keys over https, or a file"),
        (not settings.public_url.startswith("https://"), "ANSO_PUBLIC_URL: https"),
        (settings.pki_url == "http://pki.example.vn", "ANSO_PKI_URL: the address of your own PKI"),
        (settings.signer_socket is None, "ANSO_SIGNER_SOCKET: only `anso signer` uses keys"),
        # DESIGN §4: the PIN is nothing for the API process, which would inherit it to every child
        (settings.pkcs11_pin_file is not None, "ANSO_PKCS11_PIN_FILE: for `anso signer` alone; take it away from here"),
        (
            settings.signer_database_url is not None,
            "ANSO_SIGNER_DATABASE_URL: for `anso signer` alone; take it away from here",
        ),
        (not settings.time_references.strip(), "ANSO_TIME_REFERENCES: time servers for the time-stamp authority"),
        (settings.demo_data, "ANSO_DEMO_DATA: demonstration data has no place in production"),
    )
    return tuple(text for failed, text in checks if failed)


def _is_safe_source(place: str | None) -> bool:
    """Whether keys from there cannot be changed on the way: TLS, or a file of this machine."""
    return place is not None and place != "" and (place.startswith("https://") or "://" not in place)


def worker_environment(settings: Settings) -> dict[str, str]:
    """The environment of the worker beside a service: ours, with what the service's options changed."""
    changed = {"ANSO_DATA": str(settings.data.resolve()), "ANSO_PUBLIC_URL": settings.public_url}
    return {**os.environ, **changed, "ANSO_DEMO_DATA": "false"}  # noqa: TID251 - here
