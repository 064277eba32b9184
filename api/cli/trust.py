"""The roots that `anso verify` and `anso ca check` accept: from `--trust`, or those of the installation here."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.exits import Exit, fail
from signing.errors import CertificateMalformed, SigningError
from signing.trust import TrustAnchor, TrustAnchors, TrustProfile, anchors_from_bytes

if TYPE_CHECKING:  # settings cost more than reading one root: see anchors_of_path
    from api.settings import Settings


def anchors_of_path(path: Path, settings: "Callable[[], Settings]", at: datetime) -> TrustAnchors:
    """Roots of a PEM or DER file, or of a folder: plain ones (profile: specialised, or the subfolder's) and policies.

    Args:
        path: the file or the folder.
        settings: read only for policy files: they need two officers' signatures as in the service
            (``ANSO_TRUST_OFFICERS``).
        at: the moment of judging.

    Raises:
        SystemExit: 9 when the path is missing or a file in it is no certificate.
        ConfigurationInvalid: a policy file that cannot be accepted.
    """
    anchors = TrustAnchors()
    if path.is_file():
        return anchors.plus(_read(path, TrustProfile.SPECIALISED))
    if not path.is_dir():
        fail(Exit.CONFIGURATION, f"--trust: {path.name}: không có / missing")
    from api.trust_folder import load_book

    for file in sorted(p for p in path.iterdir() if p.is_file() and p.suffix not in {".json", ".jws"}):
        anchors = anchors.plus(_read(file, TrustProfile.SPECIALISED))
    officers = settings().trust_officers if any(path.glob("*.json")) else None
    return load_book(path, officers, production=False).at(at).plus(anchors)


def anchors_of_installation(settings: "Settings", at: datetime) -> TrustAnchors:
    """The configured roots, and the development root when there is an embedded installation here."""
    anchors = TrustAnchors()
    if settings.trust is not None:
        from api.trust_folder import load_book

        anchors = load_book(settings.trust, settings.trust_officers, production=settings.is_production).at(at)
    if settings.is_production or not (settings.data / "anso.sqlite3").is_file():
        return anchors
    return _with_development(anchors, settings)


def _with_development(anchors: TrustAnchors, settings: "Settings") -> TrustAnchors:
    from api.bootstrap import build_database
    from signing.ca import authority_of
    from signing.profiles import AuthorityName
    from signing.registry_sql import RegistrySql

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
