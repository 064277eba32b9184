"""Who calls and what for: roles, purposes and the caller of one request.

Knows names only. Must not know tokens, HTTP or who was granted what.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account may act as (glossary, in lower case)."""

    CITIZEN = "citizen"
    RECEPTION_OFFICER = "reception_officer"
    APPRAISER = "appraiser"
    AUTHORISED_SIGNER = "authorised_signer"
    CLERK = "clerk"
    RA_OFFICER = "ra_officer"
    APPROVER = "approver"
    RELYING_SYSTEM = "relying_system"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SECURITY_OFFICER = "security_officer"
    PUBLIC = "public"
    """Nobody logged in: only on routes declared with `public(…)`, never granted."""
    SYSTEM = "system"
    """What the service does by itself (jobs, timers): never granted, opens no route."""

    @property
    def is_grantable(self) -> bool:
        """Whether an account can hold it."""
        return self not in (Role.PUBLIC, Role.SYSTEM)


class Purpose(StrEnum):
    """What an access is for; every route declares one and the audit ledger records it."""

    # public and operation
    OPERATE_SERVICE = "operate_service"
    READ_API_DESCRIPTION = "read_api_description"
    VERIFY_DOCUMENT = "verify_document"
    VALIDATE_CERTIFICATE = "validate_certificate"
    READ_PKI = "read_pki"
    STAMP_TIME = "stamp_time"
    SHOW_PAGE = "show_page"
    FOLLOW_JOB = "follow_job"
    # identity and access
    MANAGE_ROLES = "manage_roles"
    MANAGE_SECOND_FACTOR = "manage_second_factor"
    MANAGE_PASSKEYS = "manage_passkeys"
    READ_NOTICES = "read_notices"
    # certificates
    REQUEST_CERTIFICATE = "request_certificate"
    APPROVE_CERTIFICATE = "approve_certificate"
    READ_CERTIFICATE = "read_certificate"
    REVOKE_CERTIFICATE = "revoke_certificate"
    SUSPEND_CERTIFICATE = "suspend_certificate"
    EXPORT_CAMPAIGN = "export_campaign"
    # agencies
    MERGE_ORGANISATIONS = "merge_organisations"
    DELEGATE_SIGNING = "delegate_signing"
    KEEP_DEVICES = "keep_devices"
    KEEP_CALENDAR = "keep_calendar"
    KEEP_MARK_PICTURES = "keep_mark_pictures"
    READ_MARK_PICTURES = "read_mark_pictures"
    AUTHORISE_SIGNATURE = "authorise_signature"
    SIGN_WITH_TOKEN = "sign_with_token"  # noqa: S105 - the name of a purpose
    # dossiers and results
    RECEIVE_DOSSIER = "receive_dossier"
    READ_DOSSIER = "read_dossier"
    GIVE_RECEIPT = "give_receipt"
    DRAFT_RESULT = "draft_result"
    APPRAISE_RESULT = "appraise_result"
    NUMBER_RESULT = "number_result"
    END_RESULT = "end_result"
    READ_NUMBER_REGISTER = "read_number_register"
    KEEP_SIGNING_PLANS = "keep_signing_plans"
    SIGN_RESULT = "sign_result"
    SEAL_RESULT = "seal_result"
    ISSUE_RESULT = "issue_result"
    READ_RESULT = "read_result"
    PREVIEW_MARK = "preview_mark"
    # digitisation
    DIGITISE_PAPER = "digitise_paper"
    READ_DIGITISATION = "read_digitisation"
    CORRECT_FIELDS = "correct_fields"
    ACCEPT_DIGITISATION = "accept_digitisation"
    # vault
    READ_OWN_DOCUMENTS = "read_own_documents"
    READ_DOCUMENT = "read_document"
    GIVE_CONSENT = "give_consent"
    WITHDRAW_CONSENT = "withdraw_consent"
    REUSE_DOCUMENT = "reuse_document"
    CERTIFY_COPY = "certify_copy"
    CONVERT_TO_PAPER = "convert_to_paper"
    READ_KPI = "read_kpi"
    KEEP_ARCHIVE = "keep_archive"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The account behind one request, acting in one role for one purpose."""

    account_id: str
    """`acc_…`; the principal for idempotency, limits and the ledger."""
    subject_id: str | None
    """`sub_…`, the natural person behind the account; None for a system. Two-person rules compare this."""
    role: Role
    """The role used here: the first of the route's roles that the account holds."""
    org_code: str | None
    """The organisation unit for which the role was granted; None for citizens and province-wide roles."""
    purpose: Purpose = Purpose.OPERATE_SERVICE
    """What the route declared; goes into the ledger."""
    request_id: str = "none"
    """The request or job that this belongs to; goes into the ledger."""


ANONYMOUS = Caller(account_id="anonymous", subject_id=None, role=Role.PUBLIC, org_code=None)
"""The caller of routes without login."""

SYSTEM_ACCOUNT = "system"
"""Account named in the ledger for what the service does by itself (seed, jobs, timers)."""

SYSTEM_CALLER = Caller(account_id=SYSTEM_ACCOUNT, subject_id=None, role=Role.SYSTEM, org_code=None)
"""Who acts in jobs and timers."""
