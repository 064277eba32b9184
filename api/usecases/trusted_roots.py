"""The roots that count now: the configured ones, and in the embedded profile the installation's own development root.

Must not know what is checked with them.
"""

from contextlib import suppress
from datetime import datetime
from functools import lru_cache

from api.services import Services
from api.usecases.record_trust_policies import record_trust_policies
from signing.ca import authority_of
from signing.errors import SigningError
from signing.identity import load_certificate
from signing.profiles import AuthorityName
from signing.registry_sql import RegistrySql
from signing.trust import TrustAnchor, TrustAnchors, TrustProfile


def trusted_roots(services: Services, at: datetime, *, profile: TrustProfile | None = None) -> TrustAnchors:
    """The roots in force at the moment of judging, of one profile or of all; never DEV in production (S29).

    Writes down a policy file that is new here: not to be called inside a transaction.

    Raises:
        ConfigurationInvalid: production, and a file that was in force is changed or missing.
    """
    trust = services.verifier.trust
    book = trust.book()
    if not trust.is_recorded(book):
        record_trust_policies(services, at)
    return _with_development(book.at(at), services).only(profile)


def _with_development(configured: TrustAnchors, services: Services) -> TrustAnchors:
    if not services.pki.room.site.development:
        return configured.without(TrustProfile.DEV)
    with suppress(SigningError), services.db.reading() as tx:
        root = authority_of(AuthorityName.ROOT, RegistrySql(tx)).credential.certificate
        return configured.plus([_development_anchor(root)])
    return configured


@lru_cache(maxsize=8)
def _development_anchor(root: bytes) -> TrustAnchor:
    name = load_certificate(root).subject.rfc4514_string()
    return TrustAnchor(profile=TrustProfile.DEV, certificate=root, name=name)
