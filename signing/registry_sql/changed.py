"""What a change of status takes with it, in the same transaction: kept answers go, lists that must show it are marked.

Called by the registry itself, so that nobody who changes a status can forget it. Knows the tables; decides nothing.
"""

import sqlalchemy as sa

from signing.registry import CertificateRecord, StatusChange, changes_list
from signing.registry_sql.answers import AnswersSql
from signing.registry_sql.lists import ListName, ListsSql


def status_changed(tx: sa.Connection, record: CertificateRecord, change: StatusChange) -> None:
    """Purge and mark.

    Args:
        tx: has changed the certificate's row already; its lock keeps others from adding an answer now.
        record: the certificate before or after the step.
        change: the step.
    """
    answers = AnswersSql(tx)
    answers.purge(record.issuer, record.serial)
    if record.service == f"ocsp:{record.issuer}":
        answers.purge(record.issuer)  # a responder that was withdrawn: nothing it signed may be given out
    if not changes_list(change):
        return
    lists = ListsSql(tx)
    lists.mark(ListName(issuer=record.issuer))
    if record.crl_shard is not None:
        lists.mark(ListName(issuer=record.issuer, shard=record.crl_shard))
