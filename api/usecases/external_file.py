"""Files with certificates of others as they are sent in, taken apart in a limited worker process."""

from typing import Final, cast

from api.errors import ExternalFileWrong
from api.services import Services
from signing.errors import CertificateMalformed
from signing.trust import Evidence
from signing.validation.foreign_files import BundledCertificate

_CERTIFICATES: Final = "signing.validation.foreign_files:certificates_in"
_BUNDLE: Final = "signing.validation.foreign_files:bundled_certificates"
_LISTS: Final = "signing.validation.foreign_files:revocation_lists"
_MAX_CHAIN: Final = 8


def bundle_of_file(data: bytes, services: Services) -> tuple[BundledCertificate, ...]:
    """The holders' certificates of a file, each with the authorities' that came with it.

    Raises:
        ExternalFileWrong: no PEM, PKCS#7 or DER, or more than one file may have. WorkersBusy: come back later.
    """
    return cast("tuple[BundledCertificate, ...]", _taken_apart(_BUNDLE, data, services))


def one_with_evidence(data: bytes, crls: tuple[str, ...], services: Services) -> tuple[bytes, Evidence]:
    """The first certificate of a short file, with its chain and the status lists that came along.

    Raises:
        ExternalFileWrong: no certificate, more than a chain has, or a list that cannot be read. WorkersBusy.
    """
    found = cast("tuple[bytes, ...]", _taken_apart(_CERTIFICATES, data, services))
    if len(found) > _MAX_CHAIN:
        raise ExternalFileWrong("Chỉ gửi một chứng thư và chuỗi của nó.", "Send one certificate with its chain.")
    if not crls:
        return found[0], Evidence(certificates=found[1:])
    lists = cast("tuple[bytes, ...]", _taken_apart(_LISTS, crls, services))
    return found[0], Evidence(certificates=found[1:], crls=lists)


def _taken_apart(function: str, data: object, services: Services) -> object:
    try:
        return services.workers.call(function, data, timeout_s=services.verifier.timeout_s)
    except CertificateMalformed as err:
        raise ExternalFileWrong from err
