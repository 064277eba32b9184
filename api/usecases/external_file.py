"""Files with certificates of others as they are sent in, taken apart in a limited worker process."""

from typing import Final, cast

from api.errors import ExternalFileWrong
from api.services import Services
from signing.errors import CertificateMalformed
from signing.trust import Evidence

_CERTIFICATES: Final = "signing.validation.foreign_files:certificates_in"
_LISTS: Final = "signing.validation.foreign_files:revocation_lists"
_MAX_CHAIN: Final = 8


def certificates_of_file(data: bytes, services: Services) -> tuple[bytes, ...]:
    """Every certificate of a file, in its order, each once (DER).

    Raises:
        ExternalFileWrong: no PEM, PKCS#7 or DER, or more than one file may have. WorkersBusy: come back later.
    """
    try:
        found = services.workers.call(_CERTIFICATES, data, timeout_s=services.verifier.timeout_s)
    except CertificateMalformed as err:
        raise ExternalFileWrong from err
    return cast("tuple[bytes, ...]", found)


def one_with_evidence(data: bytes, crls: tuple[str, ...], services: Services) -> tuple[bytes, Evidence]:
    """The first certificate of a short file, with its chain and the status lists that came along.

    Raises:
        ExternalFileWrong: no certificate, more than a chain has, or a list that cannot be read. WorkersBusy.
    """
    found = certificates_of_file(data, services)
    if len(found) > _MAX_CHAIN:
        raise ExternalFileWrong("Chỉ gửi một chứng thư và chuỗi của nó.", "Send one certificate with its chain.")
    if not crls:
        return found[0], Evidence(certificates=found[1:])
    try:
        lists = services.workers.call(_LISTS, crls, timeout_s=services.verifier.timeout_s)
    except CertificateMalformed as err:
        raise ExternalFileWrong("Danh sách thu hồi không đọc được.", "A revocation list cannot be read.") from err
    return found[0], Evidence(certificates=found[1:], crls=cast("tuple[bytes, ...]", lists))
