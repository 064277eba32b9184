"""Writes down every trust policy file that comes into force here, once, and says so in the audit ledger.

What was written down is compared with what lies in the folder: a version that changed its content, or the newest files
taken away, would change old answers or bring back roots that were ended. Production refuses both.
"""

from datetime import datetime
from typing import Final

from api.callers import SYSTEM_ACCOUNT
from api.errors import ConfigurationInvalid
from api.log import logger
from api.records.trust_policies import RecordedPolicy, TrustPolicies
from api.services import Services
from signing.trust import SignedPolicy, TrustBook
from vault.ledger import AuditEvent, Outcome

_LOG: Final = logger("trust")


def record_trust_policies(services: Services, at: datetime) -> tuple[str, ...]:
    """Record what is new in the folder; the ids of the policies that were not known here before.

    Raises:
        ConfigurationInvalid: production, and a recorded version has another content now or is missing in the folder.
    """
    book = services.verifier.trust.book()
    with services.db.reading() as tx:
        recorded = TrustPolicies(tx).digests()
    _require_kept(book, recorded, production=services.settings.is_production)
    new = [one for one in book.policies if (one.policy.profile.value, one.policy.version) not in recorded]
    if not new:
        services.verifier.trust.mark_recorded(book)
        return ()
    with services.db.transaction() as tx:
        made = [one for one in new if TrustPolicies(tx).add(_record(one, at))]
        for one in made:
            services.audit.append(tx, _event(one, at))
    services.verifier.trust.mark_recorded(book)
    return tuple(one.policy.policy_id for one in made)


def _require_kept(book: TrustBook, recorded: dict[tuple[str, int], str], *, production: bool) -> None:
    present = {(one.policy.profile.value, one.policy.version): one.policy.sha256 for one in book.policies}
    wrong = [f"trust.{profile}.{version}" for (profile, version), sha256 in sorted(recorded.items())
             if present.get((profile, version)) != sha256]  # fmt: skip
    if not wrong:
        return
    if production:
        raise ConfigurationInvalid(
            tuple(f"ANSO_TRUST: {one} was in force here and is changed or missing" for one in wrong)
        )
    _LOG.warning("trust_policies_changed_or_missing", policies=wrong)


def _record(one: SignedPolicy, at: datetime) -> RecordedPolicy:
    policy = one.policy
    return RecordedPolicy(
        sha256=policy.sha256,
        profile=policy.profile.value,
        version=policy.version,
        valid_from=policy.valid_from,
        valid_to=policy.valid_to,
        loaded_at=at,
        signed_by=tuple(officer.officer_id for officer in one.signed_by),
        content=policy.content,
    )


def _event(one: SignedPolicy, at: datetime) -> AuditEvent:
    policy = one.policy
    return AuditEvent(
        at=at,
        action="put_trust_policy_into_force",
        outcome=Outcome.ALLOWED,
        account_id=SYSTEM_ACCOUNT,
        role=SYSTEM_ACCOUNT,
        purpose="operate_service",
        request_id="trust",
        object_type="trust_policy",
        object_id=policy.policy_id,
        details=(
            ("sha256", policy.sha256),
            ("valid_from", policy.valid_from.isoformat()),
            *((f"signed_by_{number}", officer.officer_id) for number, officer in enumerate(one.signed_by, start=1)),
        ),
    )
