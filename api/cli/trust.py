"""The roots that `anso verify` and `anso ca check` accept: from `--trust`, or those of the installation here."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from api.cli.exits import Exit, fail
from api.settings import Settings
from signing.errors import CertificateMalformed, SigningError
from signing.trust import TrustAnchor, TrustAnchors, TrustProfile, anchors_from_bytes


def anchors_of_path(path: Path, settings: Settings, at: datetime) -> TrustAnchors:
    """Roots of a PEM or DER file, or of a folder: plain ones (profile: specialised, or the subfolder's) and policies.

    Policy files in the folder need two officers' signatures as in the service (``ANSO_TRUST_OFFICERS``).

    Raises:
        SystemExit: 9 when the path is missing or a file in it is no certificate.
        ConfigurationInvalid: a policy file that cannot be accepted.
    """
    from api.trust_folder import load_book

    anchors = TrustAnchors()
    if path.is_file():
        return anchors.plus(_read(path, TrustProfile.SPECIALISED))
    if not path.is_dir():
        fail(Exit.CONFIGURATION, f"--trust: {path.name}: không có / missing")
    for file in sorted(p for p in path.iterdir() if p.is_file() and p.suffix not in {".json", ".jws"}):
        anchors = anchors.plus(_read(file, TrustProfile.SPECIALISED))
    return load_book(path, settings.trust_officers, production=False).at(at).plus(anchors)


def anchors_of_installation(settings: Settings, at: datetime) -> TrustAnchors:
    """The configured roots, and the development root when there is an embedded installation here."""
    from api.bootstrap import build_database
    from api.trust_folder import load_book
    from signing.ca import authority_of
    from signing.profiles import AuthorityName
    from signing.registry_sql import RegistrySql

    anchors = load_book(settings.trust, settings.trust_officers, production=settings.is_production).at(at)
    if settings.is_production or not (settings.data / "anso.sqlite3").is_file():
        return anchors
    database = build_database(settings)
    with suppress(SigningError), database.reading() as tx:
        root = authority_of(AuthorityName.ROOT, RegistrySql(tx))
        name = root.certificate.subject.rfc4514_string()
        anchor = TrustAnchor(profile=TrustProfile.DEV, certificate=root.credential.certificate, name=name)
        anchors = anchors.plus([anchor])
    database.close()
    return anchors


def _read(file: Path, profile: TrustProfile) -> tuple[TrustAnchor, ...]:
    try:
        return anchors_from_bytes(file.read_bytes(), profile=profile)
    except CertificateMalformed:
        fail(Exit.CONFIGURATION, f"--trust: {file.name}: không phải chứng thư / no certificate")
