"""What the installation's reading of "second certificate" lets be requested (ADR 0014).

Knows organisations and the reading. Must not know keys or certificates: a certificate that exists keeps its meaning
under either reading.
"""

from api.db import Tx
from api.errors import CertSecondaryNotOffered, CertSecondaryPlaceWrong, NotFound
from api.records.organisations import Organisations, OrgLevel
from api.settings import SecondaryReading
from signing.identity import CertificateClass
from signing.registry_sql import CertificateRequest


def require_offered(tx: Tx, request: CertificateRequest, reading: SecondaryReading) -> None:
    """Do nothing when such a certificate is offered under the reading.

    Agency's second seal: every class may have further certificates (I2). Person's second certificate: an agency has
    one seal, and an official's second certificate names the service centres where it signs.

    Raises:
        CertSecondaryNotOffered: a second seal where the second certificate is the person's.
        CertSecondaryPlaceWrong: an official's second certificate that names no place, or one that is no centre.
    """
    if request.ordinal == 1 or reading is SecondaryReading.ORG_SEAL:
        return
    if request.certificate_class is CertificateClass.ORG_SEAL:
        raise CertSecondaryNotOffered
    if request.certificate_class is CertificateClass.PERSONAL:
        places = request.scope.places
        if not places or not all(_is_centre(tx, place) for place in places):
            raise CertSecondaryPlaceWrong


def _is_centre(tx: Tx, org_code: str) -> bool:
    try:
        return Organisations(tx).get(org_code).level is OrgLevel.CENTRE
    except NotFound:
        return False
