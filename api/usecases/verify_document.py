"""Anybody asks whether a file is good: its signatures, its signers, and what is known of it here.

Parsing happens in a limited worker process; nothing of the file is kept, and of what it names only hosts on the
administrator's list are asked. Must not know how the file came in or how the report is shown.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import FileEmpty, FileNotPdf, InputInvalid
from api.records.results import Results, ResultState
from api.services import Services
from api.usecases.confirm_entitlement import KnownFile, confirmed_entitlement
from api.usecases.fetch_evidence import fetched_for_file
from api.usecases.read_crl import truthful_lists
from api.usecases.trusted_roots import trusted_roots
from signing.isolation import WorkCrashed, WorkTimedOut
from signing.registry_sql import RegistrySql
from signing.trust import Evidence, TrustProfile
from signing.validation import POLICIES, Reason, Register, Report, ValidationPolicy, unchecked_report, with_register
from vault.model import DocumentState

_HEADER_WINDOW: Final = 1024  # readers accept the header within the first 1,024 bytes
_ARCHIVES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b")
_VERIFY: Final = "signing.validation.isolated:verify_in_worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyDocument:
    """A file and the policy to judge it by."""

    pdf: bytes
    policy_id: str | None = None
    """None: the policy in force."""
    profile: TrustProfile | None = None
    """Accept roots of this profile only (S29); None: of every profile."""


def verify_document(command: VerifyDocument, services: Services, caller: Caller, at: datetime) -> Report:
    """The report about a file, with what the vault and the register of results know of it.

    Raises:
        FileEmpty, FileNotPdf: there is nothing to check. InputInvalid: no such policy.
        WorkersBusy: too many checks at once; come back later.
    """
    del caller  # the same answer for everybody
    require_pdf(command.pdf)
    report = verify_file(command.pdf, services, at, policy_id=command.policy_id, profile=command.profile)
    with services.db.reading() as tx:
        known = _known(command.pdf, services, tx)
        report = report.with_entitlement(confirmed_entitlement(report, known, tx))
    state = _state_of(known, at)
    if state is None:
        return report.with_document_status(state="unknown", vault_match="none")
    return report.with_document_status(state=state, vault_match="identical")


def verify_file(
    pdf: bytes,
    services: Services,
    at: datetime,
    *,
    policy_id: str | None = None,
    profile: TrustProfile | None = None,
) -> Report:
    """The report about a file's signatures alone; a check that broke off is a report too, never a pass.

    Signs nothing, whoever asks: our own certificates are judged by the lists that are published, then by the register.

    Raises:
        InputInvalid: no such policy. WorkersBusy: too many checks at once.
    """
    policy = _policy(policy_id, services)
    anchors = trusted_roots(services, at, profile=profile)
    own = Evidence(crls=tuple(found.der for found in truthful_lists(services, at)))
    evidence = own.merged(fetched_for_file(pdf, services, at))
    try:
        report: Report = services.workers.call(
            _VERIFY, pdf, anchors, policy, at, evidence, timeout_s=services.verifier.timeout_s
        )
    except WorkTimedOut:
        return unchecked_report(pdf, policy=policy, at=at, fault=Reason.CHECK_TOO_COSTLY)
    except WorkCrashed:
        return unchecked_report(pdf, policy=policy, at=at, fault=Reason.CHECK_FAILED)
    return with_register(report, _register(report, services), at)


def require_pdf(content: bytes) -> None:
    """Says no to what is certainly no PDF, before a worker looks at it.

    Raises:
        FileEmpty, FileNotPdf: see there.
    """
    if not content:
        raise FileEmpty("Tệp rỗng.", "The file is empty.")
    if content.startswith(_ARCHIVES):
        raise FileNotPdf("Tệp là tệp nén, không phải PDF; hãy giải nén trước.", "The file is an archive, not a PDF.")
    if b"%PDF-" not in content[:_HEADER_WINDOW]:
        raise FileNotPdf("Tệp không phải PDF.", "The file is not a PDF.")


def _policy(policy_id: str | None, services: Services) -> ValidationPolicy:
    if policy_id is None:
        return services.verifier.policy
    if policy_id not in POLICIES:
        raise InputInvalid("Không có chính sách kiểm tra này.", "There is no such validation policy.")
    return POLICIES[policy_id]


def _register(report: Report, services: Services) -> Register:
    """What became of certificates of ours: the register knows it before a list does, and forgets no hold (I6)."""
    with services.db.reading() as tx:
        registry = RegistrySql(tx)
        found = {s.certificate_sha256: registry.by_sha256(s.certificate_sha256) for s in report.signatures}
        histories = {d: registry.history(r.certificate_id) for d, r in found.items() if r is not None}
    return Register(histories=histories)


def _known(pdf: bytes, services: Services, tx: Tx) -> KnownFile:
    """The document and the result that this very file belongs to."""
    digest = sha256(pdf)
    return KnownFile(
        document=services.vault.find_content(tx, digest.digest()), result=Results(tx).find_by_file(digest.hexdigest())
    )


def _state_of(known: KnownFile, at: datetime) -> str | None:
    """The state of what the file belongs to; None: it is not known here."""
    document, result = known.document, known.result
    if document is not None:
        over = document.valid_to is not None and document.valid_to <= at
        return DocumentState.EXPIRED.value if over and document.state is DocumentState.ACTIVE else document.state.value
    if result is None:
        return None
    if result.state is ResultState.ISSUED:
        return DocumentState.ACTIVE.value
    return "voided" if result.state is ResultState.VOIDED else "not_issued"
