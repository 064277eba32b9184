"""The catalogue in SQL: keys, documents and files, intermediate results, consents, reuse events.

Knows the tables of migration 0004_vault; each class sees them through one transaction. Must not know keys'
contents, the object store, or who may do what. Times are whole microseconds since 1970 UTC.
"""

from sqlalchemy import Connection

from vault.catalogue_sql.consents import Consents
from vault.catalogue_sql.documents import Documents, NewState
from vault.catalogue_sql.keys import VaultKeys
from vault.catalogue_sql.reuses import Reuses
from vault.catalogue_sql.tables import METADATA
from vault.catalogue_sql.work import WorkObjects

Tx = Connection
"""An open transaction."""

__all__ = ["METADATA", "Consents", "Documents", "NewState", "Reuses", "Tx", "VaultKeys", "WorkObjects"]
