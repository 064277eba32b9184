"""Status evidence from outside, for a file or for certificates that somebody asks about.

Addresses are read in a limited worker; only hosts that an administrator listed are asked (ANSO_FETCH_HOSTS; none by
default), never inside a transaction. What comes is evidence as values, judged by the check. Must not know how.
"""

from collections.abc import Sequence
from datetime import datetime

from api.services import Services
from signing.isolation import WorkCrashed, WorkTimedOut
from signing.trust import Evidence, Want

_OF_FILE = "signing.validation.isolated:wants_of_pdf_in_worker"
_OF_CERTIFICATES = "signing.validation.isolated:wants_of_certificates_in_worker"


def fetched_for_file(pdf: bytes, services: Services, at: datetime) -> Evidence:
    """What listed hosts say about the certificates of a file.

    Raises:
        WorkersBusy: too many checks at once.
    """
    return _fetched(_OF_FILE, pdf, services, at)


def fetched_for_certificates(
    certificates: Sequence[bytes], services: Services, at: datetime, *, within_s: float | None = None
) -> Evidence:
    """What listed hosts say about certificates (DER); ``within_s``: somebody waits no longer than that.

    Raises:
        WorkersBusy: too many checks at once.
    """
    return _fetched(_OF_CERTIFICATES, tuple(certificates), services, at, within_s)


def _fetched(
    work: str, subject: bytes | tuple[bytes, ...], services: Services, at: datetime, within_s: float | None = None
) -> Evidence:
    if services.fetcher is None:
        return Evidence()
    try:
        wants: tuple[Want, ...] = services.workers.call(work, subject, timeout_s=services.verifier.timeout_s)
    except (WorkTimedOut, WorkCrashed):
        return Evidence()  # the check itself will say what is wrong with it
    return services.fetcher.gather(wants, at, within_s=within_s)
