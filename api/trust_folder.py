"""The trust folder on this machine: signed policy files, and (embedded only) plain certificate files.

::

    official-1.json              a policy file
    official-1.json.an.jws       one officer's signature on it, two are needed
    official/ public/ specialised/ dev/    plain PEM or DER roots, refused in production

Reads again when something in the folder changed, without a restart; what cannot be accepted changes nothing and is
told in the log. Must not know what is checked with the roots.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from api.errors import ConfigurationInvalid
from api.log import logger
from signing.errors import CertificateMalformed, TrustError
from signing.trust import (
    MAX_ANCHOR_BYTES,
    MAX_POLICY_BYTES,
    PolicyFile,
    TrustAnchors,
    TrustBook,
    TrustOfficer,
    TrustProfile,
    anchors_from_bytes,
    open_book,
    read_officers,
)

_LOG: Final = logger("trust")
_MAX_FILES: Final = 2000
_MOST_READ: Final = max(MAX_POLICY_BYTES, MAX_ANCHOR_BYTES) + 1
_MAX_SIGNATURES: Final = 100  # as many as there may be officers
_State = tuple[tuple[str, int, int], ...]


class TrustFolder:
    """The roots of a folder; safe to use from many threads."""

    def __init__(self, folder: Path | None, officers: Path | None = None, *, production: bool) -> None:
        """Read the folder once.

        Raises:
            ConfigurationInvalid: something in it cannot be accepted.
        """
        self._folder, self._officers, self._production = folder, officers, production
        self._lock = threading.Lock()
        self._seen = self._state()
        self._book = load_book(folder, officers, production=production)
        _warn_of_plain_roots(self._book)
        self._recorded: frozenset[str] = frozenset()

    def book(self) -> TrustBook:
        """The policies and roots as they lie in the folder now; the last good ones while something is wrong there."""
        with self._lock:
            state = self._state()
            if state != self._seen:
                self._seen = state
                try:
                    book = load_book(self._folder, self._officers, production=self._production)
                    _require_kept(self._book, book)
                    self._book = book
                except ConfigurationInvalid as err:
                    _LOG.error("trust_folder_refused", missing=list(err.missing))
                else:
                    _LOG.info("trust_folder_read", policies=len(self._book.policies))
                    _warn_of_plain_roots(self._book)
            return self._book

    def is_recorded(self, book: TrustBook) -> bool:
        """Whether every policy of the book was written down (`record_trust_policies`)."""
        return _digests(book) <= self._recorded

    def mark_recorded(self, book: TrustBook) -> None:
        """Remember that the policies of the book were written down."""
        self._recorded |= _digests(book)

    def _state(self) -> _State:
        """Names, sizes and times of everything that counts; cheap enough for every request."""
        files = [] if self._folder is None else list(_files(self._folder))
        if self._officers is not None:
            files.append(self._officers)
        found = []
        for file in files:
            try:
                status = file.stat()
            except OSError:  # gone between listing and looking: the next look sees it
                continue
            found.append((str(file), status.st_size, status.st_mtime_ns))
        return tuple(found)


def load_book(folder: Path | None, officers: Path | None = None, *, production: bool) -> TrustBook:
    """Every policy of a folder, checked, and its plain roots.

    Raises:
        ConfigurationInvalid: a file cannot be accepted; in production also any plain or development root.
    """
    if folder is None:
        return TrustBook()
    try:
        plain = _plain_roots(folder, production=production)
        files = [_policy_file(path) for path in sorted(folder.glob("*.json"))]
    except OSError as err:  # not readable, or taken away while we looked
        raise ConfigurationInvalid((f"ANSO_TRUST: {Path(err.filename or folder).name}: {err.strerror}",)) from err
    if not files:
        return TrustBook(plain=plain)
    try:
        book = open_book(files, _known_officers(officers), plain)
    except TrustError as err:
        raise ConfigurationInvalid((f"ANSO_TRUST: {err.code}: {err}",)) from err
    development = [one.policy.policy_id for one in book.policies if one.policy.profile is TrustProfile.DEV]
    if production and development:
        raise ConfigurationInvalid((f"ANSO_TRUST: {development[0]} is for development; production refuses it",))
    return book


def _warn_of_plain_roots(book: TrustBook) -> None:
    if len(book.plain):
        _LOG.warning("plain_roots_accepted", roots=len(book.plain), note="nobody signed for them; never in production")


def _digests(book: TrustBook) -> frozenset[str]:
    return frozenset(one.policy.sha256 for one in book.policies)


def _require_kept(before: TrustBook, after: TrustBook) -> None:
    """A file that was in force stays: without it, roots that were ended would count again."""
    lost = [one.policy.policy_id for one in before.policies if one.policy.sha256 not in _digests(after)]
    if lost:
        raise ConfigurationInvalid((f"ANSO_TRUST: {lost[0]} was in force and is changed or missing",))


def _known_officers(path: Path | None) -> tuple[TrustOfficer, ...]:
    if path is None:
        raise ConfigurationInvalid(("ANSO_TRUST_OFFICERS: the file with the trust officers' keys",))
    try:
        return read_officers(_read(path))
    except OSError as err:
        raise ConfigurationInvalid((f"ANSO_TRUST_OFFICERS: {path.name}: {err.strerror}",)) from err
    except TrustError as err:
        raise ConfigurationInvalid((f"ANSO_TRUST_OFFICERS: {path.name}: {err}",)) from err


def _policy_file(path: Path) -> PolicyFile:
    signatures = sorted(path.parent.glob(f"{path.name}.*.jws"))
    if len(signatures) > _MAX_SIGNATURES:
        raise ConfigurationInvalid((f"ANSO_TRUST: {path.name} has more than {_MAX_SIGNATURES} signatures",))
    return PolicyFile(name=path.name, content=_read(path), signatures=tuple(_read(one) for one in signatures))


def _read(path: Path) -> bytes:
    """The file, or more of it than any may have: whoever looks into it refuses that."""
    with path.open("rb") as file:
        return file.read(_MOST_READ)


def _plain_roots(folder: Path, *, production: bool) -> TrustAnchors:
    """Roots of plain certificate files; the subfolder says the profile, except that a development root stays one."""
    anchors = TrustAnchors()
    for profile in TrustProfile:
        for file in sorted((folder / profile.value).glob("*.*")):
            place = f"ANSO_TRUST: {profile.value}/{file.name}"
            try:
                found = anchors_from_bytes(_read(file), profile=profile)
            except CertificateMalformed as err:
                raise ConfigurationInvalid((f"{place} is no certificate",)) from err
            if production:
                development = any(anchor.profile is TrustProfile.DEV for anchor in found)
                kind = "a development root" if development else "a plain root, not in a policy that two officers signed"
                raise ConfigurationInvalid((f"{place} is {kind}; production refuses it",))
            anchors = anchors.plus(found)
    return anchors


def _files(folder: Path) -> Iterator[Path]:
    count = 0
    for place in (folder, *(folder / profile.value for profile in TrustProfile)):
        for file in sorted(place.iterdir()) if place.is_dir() else ():
            count += 1
            if count > _MAX_FILES:
                return
            if file.is_file():
                yield file
