"""Which roots this installation accepts, and what a good signature under each is worth.

Knows the own hierarchy's root. Must not know documents. DESIGN §4: a development root never looks official, so the own
root is DEV in the embedded profile and SPECIALISED in production.
"""

from api.db import Tx
from api.services import Services
from signing.ca import authority_of
from signing.profiles import AuthorityName
from signing.registry_sql import RegistrySql
from signing.trust import TrustAnchor, TrustAnchors, TrustProfile


def accepted_anchors(tx: Tx, services: Services) -> TrustAnchors:
    """The anchors for checking signatures here.

    Raises:
        CertificateNotUsable: the hierarchy has no root yet.
    """
    root = authority_of(AuthorityName.ROOT, RegistrySql(tx)).credential.certificate
    profile = TrustProfile.SPECIALISED if services.settings.is_production else TrustProfile.DEV
    return TrustAnchors((TrustAnchor(profile=profile, certificate=root, name="Anso Root CA"),))
