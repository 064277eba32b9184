"""Status evidence about certificates of other authorities, fetched from hosts on the administrator's list.

What is handed on has been judged: with it, the chain holds at that moment. Evidence that is missing, out of date or
about something else is none; one that says revoked is no proof that a file should carry. Not inside a transaction.
"""

from datetime import datetime

from api.errors import CertificateOnHold, CertificateRevoked, ConfigurationInvalid
from api.services import Services
from api.usecases.fetch_evidence import fetched_for_certificates
from api.usecases.trusted_roots import trusted_roots
from signing.errors import EvidenceUnavailable
from signing.isolation import WorkersBusy
from signing.trust import Evidence
from signing.validation import PathFailure, PathOutcome, check_path


def external_evidence(chain: tuple[bytes, ...], services: Services, at: datetime) -> Evidence:
    """What proves that a chain was good at that moment, with its certificates.

    Args:
        chain: DER, leaf first; the rest may be in any order.
        services: of this process.
        at: now.

    Raises:
        EvidenceUnavailable: nothing that proves it could be had, or it proves the contrary.
    """
    found, outcome = _judged(chain, services, at)
    if not outcome.ok:
        raise EvidenceUnavailable(f"the status of a certificate cannot be proved: {outcome.reason}")
    certificates = dict.fromkeys((*outcome.chain, *chain, *found.certificates))
    return Evidence(certificates=tuple(certificates), ocsps=found.ocsps, crls=found.crls)


def require_known_status(chain: tuple[bytes, ...], services: Services, at: datetime) -> bool:
    """Whether other authorities' word proves the chain good now; asked before a key is touched (I10).

    Raises:
        CertificateRevoked, CertificateOnHold: they say that it is not.
    """
    _, outcome = _judged(chain, services, at)
    if outcome.failure is PathFailure.REVOKED:
        raise CertificateRevoked
    if outcome.failure is PathFailure.ON_HOLD:
        raise CertificateOnHold
    return outcome.ok


def _judged(chain: tuple[bytes, ...], services: Services, at: datetime) -> tuple[Evidence, PathOutcome]:
    try:
        roots = trusted_roots(services, at).certificates
        found = fetched_for_certificates(chain, services, at, within_s=services.settings.status_budget_s)
    except (ConfigurationInvalid, WorkersBusy) as err:
        raise EvidenceUnavailable(type(err).__name__) from err
    leaf, *others = chain
    return found, check_path(leaf, (*others, *found.certificates), roots, found.crls, at, ocsps=found.ocsps)
