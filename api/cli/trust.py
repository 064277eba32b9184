"""The roots that `anso verify` accepts: from `--trust`, or those of the installation on this machine."""

from contextlib import suppress
from pathlib import Path

from api.cli.exits import Exit, fail
from api.settings import Settings
from signing.errors import CertificateMalformed, SigningError
from signing.trust import TrustAnchor, TrustAnchors, TrustProfile, anchors_from_bytes


def anchors_of_path(path: Path) -> TrustAnchors:
    """Roots of a PEM or DER file (profile: specialised), or of a folder whose subfolders name the profiles.

    Raises:
        SystemExit: 9 when the path is missing or a file in it is no certificate.
    """
    anchors = TrustAnchors()
    if path.is_file():
        return anchors.plus(_read(path, TrustProfile.SPECIALISED))
    if not path.is_dir():
        fail(Exit.CONFIGURATION, f"--trust: {path.name}: không có / missing")
    for file in sorted(p for p in path.iterdir() if p.is_file()):
        anchors = anchors.plus(_read(file, TrustProfile.SPECIALISED))
    for profile in TrustProfile:
        folder = path / profile.value
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            anchors = anchors.plus(_read(file, profile))
    return anchors


def anchors_of_installation(settings: Settings) -> TrustAnchors:
    """The configured roots, and the development root when there is an embedded installation here."""
    from api.bootstrap import build_database, load_anchors
    from signing.ca import authority_of
    from signing.profiles import AuthorityName
    from signing.registry_sql import RegistrySql

    anchors = load_anchors(settings.trust, production=settings.is_production)
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
