"""The two-person rule: natural persons are compared, never accounts.

Knows who is behind an account. Must not know what the two persons decide about.
"""

from api.callers import Caller
from api.db import Tx
from api.errors import Forbidden, NotFound, SamePerson
from api.records.accounts import Account, Accounts


def require_other_person(tx: Tx, caller: Caller, account_ids: tuple[str, ...]) -> None:
    """Stop when the caller is the natural person behind one of these accounts, with whatever account.

    Raises:
        SamePerson: one person for two hands. Forbidden: the caller is a system: nobody answers for it.
    """
    if caller.subject_id is None:
        raise Forbidden("Cần một người thực hiện.", "A natural person has to do this.")
    accounts = Accounts(tx)
    for account_id in account_ids:
        account = accounts.by_id(account_id)
        same_account = account_id == caller.account_id
        if same_account or (account is not None and account.subject_id == caller.subject_id):
            raise SamePerson(
                "Người thứ hai phải là người khác, không phải tài khoản khác.",
                "The second person must be another person, not another account.",
            )


def require_account(tx: Tx, account_id: str) -> Account:
    """The account.

    Raises:
        NotFound: there is none.
    """
    account = Accounts(tx).by_id(account_id)
    if account is None:
        raise NotFound("Không có tài khoản này.", "There is no such account.")
    return account
