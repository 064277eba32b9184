"""The registry in a database: certificates, their history, CRLs, counters, and requests."""

from signing.registry_sql.answers import AnswersSql, KeptAnswer
from signing.registry_sql.certificates import CertificateFilter, RegistrySql
from signing.registry_sql.lists import ListedEntry, ListHead, ListName, ListsSql, PublishedCrl
from signing.registry_sql.requests import CertificateRequest, RequestFilter, RequestsSql, RequestState, RequestType
from signing.registry_sql.tables import METADATA

__all__ = [
    "METADATA",
    "AnswersSql",
    "CertificateFilter",
    "CertificateRequest",
    "KeptAnswer",
    "ListHead",
    "ListName",
    "ListedEntry",
    "ListsSql",
    "PublishedCrl",
    "RegistrySql",
    "RequestFilter",
    "RequestState",
    "RequestType",
    "RequestsSql",
]
