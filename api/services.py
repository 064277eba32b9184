"""What the use-cases work with: one frozen bundle, built once by `api.bootstrap`.

Knows the parts' types. Must not build, configure or choose any of them. Each package's part is one field.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from api.db import Database
from api.jobs import Jobs, Turns
from api.records.sealing import MasterSecret, Sealer
from api.remembered import RememberedReports
from api.remote_signers import RemoteSigners
from api.settings import Settings
from api.timekeeping import ClockGuard
from api.timestamping import TsaClient
from api.trust_folder import TrustFolder
from digitize.pipeline import Digitiser
from signing.ca import Recipe, Room
from signing.isolation import Isolation
from signing.keys import KeyStore
from signing.signer import Desk
from signing.trust import EvidenceFetcher
from signing.tsa import Rota
from signing.validation import ValidationPolicy
from vault.citizen_vault import CitizenVault
from vault.ledger_sql import AuditLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class Pki:
    """The certificate authority's part: where and with what certificates are issued."""

    room: Room
    """Key store, published addresses, ids and randomness; all that issuing needs beside the registry."""
    recipe: Recipe | None
    """The development hierarchy; None in production, where a hierarchy comes from a ceremony."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """The part that checks documents."""

    trust: TrustFolder
    """The configured policies and roots; the development root is added by the use-case, in the embedded profile."""
    policy: ValidationPolicy
    """The policy in force."""
    timeout_s: float
    """Longest time one check may take in a worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a use-case may use."""

    settings: Settings
    db: Database
    clock: Callable[[], datetime]
    """The moment now, UTC; routes, CLI and worker read it once and pass `at` on."""
    master: MasterSecret = field(repr=False)
    """Derive keys with a label of your own: `master.derive("vault/kek")`."""
    sealer: Sealer = field(repr=False)
    """For sealed columns of the application's own records."""
    audit: AuditLedger
    vault: CitizenVault
    """Citizens' documents and everybody's intermediate results: encrypted, checked on every read."""
    jobs: Jobs
    turns: Turns = field(repr=False)
    """Which of this process's jobs computes; what waits for others steps aside."""
    keys: KeyStore = field(repr=False)
    """Signs, and writes each use down in the same database: never sign inside a transaction."""
    desk: Desk
    """What holders agree to, and with which passkeys; signs what they authorised."""
    pki: Pki
    clock_guard: ClockGuard = field(repr=False)
    """Whether time may be stamped with this process's clock."""
    timestamps: Rota = field(repr=False)
    """Time-stamp authorities in their order; ask through `ask_timestamp`, outside any transaction."""
    tsa_client: TsaClient = field(repr=False)
    """The way to those elsewhere; theirs to use, ours to close."""
    verifier: Verifier
    """Roots, policy and limits for checking documents."""
    digitiser: Digitiser
    """Reads scans, in child processes with limits."""
    workers: Isolation = field(repr=False)
    """Killable processes with limits, for parsing, rendering and checking; started on first use."""
    remembered: RememberedReports = field(repr=False)
    """Reports of the last minutes, in memory only; of the files themselves nothing is kept."""
    remote_signers: RemoteSigners = field(repr=False)
    """External providers of remote signatures, as configured."""
    fetcher: EvidenceFetcher | None = field(default=None, repr=False)
    """Asks listed hosts for status evidence; None: nothing is fetched."""

    def close(self) -> None:
        """End the workers and give the connections to database and signer back."""
        self.workers.close()
        self.tsa_client.close()
        self.desk.close()
        self.db.close()
