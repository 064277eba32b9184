"""A second factor: enrol it, ask for its code, reset it with two persons.

Knows codes, counters and notices. Must not know what the code is asked for.
"""

import base64
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from api.callers import Caller
from api.db import Tx
from api.errors import (
    AlreadyExists,
    RateLimited,
    SecondFactorInvalid,
    SecondFactorReplayed,
    SecondFactorRequired,
    StateConflict,
)
from api.ids import new_id
from api.records.outbox import Outbox
from api.records.second_factors import (
    SECRET_BYTES,
    FactorReset,
    FactorState,
    ResetState,
    SecondFactor,
    SecondFactors,
    matching_counter,
)
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.two_persons import require_account, require_other_person
from vault.ledger import Outcome

MAX_FAILURES: Final = 5
PAUSE: Final = timedelta(minutes=5)
"""RFC 4226 §7.3: after so many wrong codes in a row no code is taken for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What the holder's app needs, shown once."""

    factor_id: str
    secret: str = field(repr=False)
    """Base32 without padding."""
    uri: str = field(repr=False)
    """`otpauth://…` for a QR code."""


def enrol_second_factor(services: Services, caller: Caller, at: datetime) -> Enrolment:
    """A new factor for the caller's account; it protects from its confirmation on.

    Raises:
        AlreadyExists: the account has one; a lost one is reset by two persons.
    """
    factor = SecondFactor(
        factor_id=new_id("fac", at),
        account_id=caller.account_id,
        secret=secrets.token_bytes(SECRET_BYTES),
        state=FactorState.PENDING,
        last_counter=0,
        failures=0,
        failed_at=None,
        created_at=at,
    )
    with services.db.transaction() as tx:
        factors = SecondFactors(tx, services.sealer)
        if factors.active(caller.account_id) is not None:
            raise AlreadyExists("Tài khoản đã có yếu tố thứ hai.", "The account has a second factor.")
        factors.add(factor)
        _record(tx, services, caller, action="enrol_second_factor", object_id=factor.factor_id, at=at)
    text = base64.b32encode(factor.secret).decode().rstrip("=")
    label = quote(f"Anso:{caller.account_id}")
    return Enrolment(factor_id=factor.factor_id, secret=text, uri=f"otpauth://totp/{label}?secret={text}&issuer=Anso")


def confirm_second_factor(factor_id: str, code: str, *, services: Services, caller: Caller, at: datetime) -> None:
    """Put a pending factor into force with its first code.

    Raises:
        NotFound; StateConflict: confirmed already. SecondFactorInvalid, RateLimited: as for any code.
    """
    with services.db.transaction() as tx:
        factor = SecondFactors(tx, services.sealer).get(factor_id, caller.account_id)
        if factor.state is not FactorState.PENDING:
            raise StateConflict("Yếu tố đã được xác nhận.", "The factor was confirmed before.")
        refusal = _check(tx, services, caller, factor=factor, code=code, at=at)
        if refusal is None:
            Outbox(tx).add(
                "second_factor_enrolled", recipient=caller.account_id, payload={"factor_id": factor_id}, at=at
            )
    if refusal is not None:  # raised after the commit: the failure stays counted
        raise refusal


def require_second_factor(services: Services, caller: Caller, code: str | None, at: datetime) -> None:
    """Stop unless the caller's code is good; an account without a factor passes.

    In a transaction of its own, before the use-case's: a wrong code stays counted and a good one stays used,
    whatever happens afterwards.

    Raises:
        SecondFactorRequired: enrolled and no code. SecondFactorInvalid, SecondFactorReplayed. RateLimited:
            too many wrong codes in a row.
    """
    with services.db.transaction() as tx:
        factor = SecondFactors(tx, services.sealer).active(caller.account_id)
        if factor is None:
            return
        if code is None:
            raise SecondFactorRequired(
                "Gửi mã 6 chữ số của ứng dụng xác thực.", "Send the authenticator's 6-digit code."
            )
        refusal = _check(tx, services, caller, factor=factor, code=code, at=at)
    if refusal is not None:
        raise refusal


def request_factor_reset(account_id: str, services: Services, caller: Caller, at: datetime) -> FactorReset:
    """Ask to take away the factor of another person's account, who lost it.

    Raises:
        NotFound: no such account. SamePerson: an own account. StateConflict: it has no factor.
    """
    reset = FactorReset(
        reset_id=new_id("rst", at),
        account_id=account_id,
        state=ResetState.REQUESTED,
        requested_by=caller.account_id,
        requested_at=at,
    )
    with services.db.transaction() as tx:
        require_account(tx, account_id)
        require_other_person(tx, caller, (account_id,))
        factors = SecondFactors(tx, services.sealer)
        if factors.active(account_id) is None:
            raise StateConflict("Tài khoản không có yếu tố thứ hai.", "The account has no second factor.")
        factors.add_reset(reset)
        # told at once: a holder who did not lose anything can still object
        _tell(tx, "second_factor_reset_requested", reset, at)
        _record(tx, services, caller, action="request_factor_reset", object_id=reset.reset_id, at=at, holder=account_id)
    return reset


def approve_factor_reset(reset_id: str, services: Services, caller: Caller, at: datetime) -> FactorReset:
    """Take the factor away; who asks, who approves and who holds are three natural persons.

    Raises:
        NotFound; SamePerson; StateConflict: decided already.
    """
    with services.db.transaction() as tx:
        factors = SecondFactors(tx, services.sealer)
        reset = factors.get_reset(reset_id)
        if reset.state is not ResetState.REQUESTED:
            raise StateConflict("Yêu cầu này đã được quyết định.", "This reset has been decided.")
        require_other_person(tx, caller, (reset.requested_by, reset.account_id))
        factors.decide_reset(reset_id, ResetState.APPROVED, decided_by=caller.account_id, at=at)
        factors.remove_all(reset.account_id)
        _tell(tx, "second_factor_reset", reset, at)
        _record(tx, services, caller, action="approve_factor_reset", object_id=reset_id, at=at, holder=reset.account_id)
    return replace(reset, state=ResetState.APPROVED, decided_by=caller.account_id, decided_at=at)


def _check(
    tx: Tx, services: Services, caller: Caller, *, factor: SecondFactor, code: str, at: datetime
) -> SecondFactorInvalid | SecondFactorReplayed | RateLimited | None:
    """Why the code is refused, or None when it was accepted and is used up now."""
    blocked_until = None if factor.failed_at is None else factor.failed_at + PAUSE
    if factor.failures >= MAX_FAILURES and blocked_until is not None and at < blocked_until:
        seconds = int((blocked_until - at).total_seconds()) + 1
        return RateLimited(
            f"Nhập sai nhiều lần, thử lại sau {seconds} giây.",
            f"Too many wrong codes, try again in {seconds} seconds.",
            retry_after_s=seconds,
        )
    factors = SecondFactors(tx, services.sealer)
    counter = matching_counter(factor.secret, code, at)
    if counter is None:
        fresh = blocked_until is not None and at >= blocked_until
        factors.count_failure(factor, 1 if fresh else factor.failures + 1, at)
        _record(
            tx,
            services,
            caller,
            action="check_second_factor",
            object_id=factor.factor_id,
            at=at,
            outcome=Outcome.REFUSED,
        )
        return SecondFactorInvalid()
    if counter <= factor.last_counter:
        return SecondFactorReplayed()
    factors.accept(factor, counter, FactorState.ACTIVE)
    return None


def _tell(tx: Tx, what: str, reset: FactorReset, at: datetime) -> None:
    Outbox(tx).add(what, recipient=reset.account_id, payload={"reset_id": reset.reset_id}, at=at)


def _record(
    tx: Tx,
    services: Services,
    caller: Caller,
    *,
    action: str,
    object_id: str,
    at: datetime,
    holder: str | None = None,
    outcome: Outcome = Outcome.ALLOWED,
) -> None:
    details = () if holder is None else (("holder", holder),)
    event = event_of(
        caller,
        action,
        at,
        object_type="second_factor",
        object_id=object_id,
        outcome=outcome,
        details=details,
    )
    services.audit.append(tx, event)
