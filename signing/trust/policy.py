"""A trust policy file: which roots of one profile are accepted, for what and when, from which moment on.

Data, no code: canonical JSON, so that one content has one digest and reports can name it. Knows one file's bytes; who
signed it and what came before it is ``officers``' and ``book``'s business.
"""

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from signing.errors import CertificateMalformed, TrustPolicyMalformed
from signing.identity import load_certificate
from signing.trust.anchors import ALLOWED_PURPOSES, PolicyReference, TrustAnchor, TrustProfile, TrustPurpose
from signing.trust.loading import is_development

FORMAT: Final = "anso-trust-policy/1"
MAX_POLICY_BYTES: Final = 4 * 1024 * 1024  # 500 roots of 4 KB in base64
_MAX_ANCHORS: Final = 500
_MAX_HOSTS: Final = 100
_MAX_NAME: Final = 200
_FIELDS: Final = {"format", "profile", "version", "valid_from", "previous_sha256", "anchors", "fetch_hosts"}
_ANCHOR_FIELDS: Final = {"name", "certificate", "from", "purposes"}
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_HOST: Final = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPolicy:
    """What one file says; nothing about who signed it."""

    profile: TrustProfile
    version: int
    """1, 2, 3 … within the profile."""
    valid_from: datetime
    valid_to: datetime | None
    """First moment at which it is no longer in force, also if no later file follows; None: open."""
    previous_sha256: str | None
    """Digest of the file before it; None for version 1."""
    anchors: tuple[TrustAnchor, ...]
    fetch_hosts: tuple[str, ...]
    content: bytes
    """The file itself."""

    @property
    def sha256(self) -> str:
        """Digest (hex) of the file."""
        return sha256(self.content).hexdigest()

    @property
    def policy_id(self) -> str:
        """The name in reports."""
        return _policy_id(self.profile, self.version)

    @property
    def reference(self) -> PolicyReference:
        """How reports name it."""
        return PolicyReference(
            policy_id=self.policy_id, profile=self.profile, valid_from=self.valid_from, sha256=self.sha256
        )


def read_policy(content: bytes) -> TrustPolicy:
    """Read a trust policy file.

    Raises:
        TrustPolicyMalformed: not canonical JSON of the format, a root that cannot be read or comes twice, a purpose
            that the profile does not have, or a development root in another profile than DEV (S29).
    """
    if len(content) > MAX_POLICY_BYTES:
        raise TrustPolicyMalformed(f"larger than {MAX_POLICY_BYTES} bytes")
    try:
        said = json.loads(content)
        again = canonical(said)  # refuses NaN and Infinity, which our reader takes and JSON does not have
    except (ValueError, RecursionError) as err:
        raise TrustPolicyMalformed("not JSON") from err
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise TrustPolicyMalformed(f"not of the format {FORMAT}")
    if again != content:
        # also a name that comes twice: two readers would take two meanings
        raise TrustPolicyMalformed("not in canonical form (anso trust draft writes it)")
    _require_fields(said, _FIELDS, optional={"valid_to"})
    return _policy(said, content)


def canonical(said: Mapping[str, Any]) -> bytes:
    """The one way in which a content is written: names sorted, no spaces, UTF-8, one line."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass") + b"\n"


def write_policy(
    anchors: tuple[TrustAnchor, ...],
    *,
    profile: TrustProfile,
    valid_from: datetime,
    valid_to: datetime | None = None,
    previous: TrustPolicy | None = None,
    fetch_hosts: tuple[str, ...] = (),
) -> TrustPolicy:
    """Make the file that follows on another one (version 1 without one), still to be signed.

    Raises:
        TrustPolicyMalformed: the content is one that ``read_policy`` refuses.
    """
    said = {
        "format": FORMAT,
        "profile": profile.value,
        "version": 1 if previous is None else previous.version + 1,
        "valid_from": _written(valid_from),
        "previous_sha256": None if previous is None else previous.sha256,
        "anchors": [_written_anchor(anchor, valid_from) for anchor in anchors],
        "fetch_hosts": sorted(set(fetch_hosts)),
    }
    return read_policy(canonical(said if valid_to is None else {**said, "valid_to": _written(valid_to)}))


def _policy(said: Mapping[str, Any], content: bytes) -> TrustPolicy:
    try:
        profile = TrustProfile(said["profile"])
    except ValueError as err:
        raise TrustPolicyMalformed("unknown profile") from err
    version, previous = said["version"], said["previous_sha256"]
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise TrustPolicyMalformed("version is a number from 1 on")
    first = previous is None
    if first != (version == 1) or not (first or (isinstance(previous, str) and _DIGEST.fullmatch(previous))):
        raise TrustPolicyMalformed("previous_sha256 is null in version 1 and a digest in every other")
    valid_from, valid_to = _time(said["valid_from"]), _optional_time(said.get("valid_to"))
    if valid_to is not None and valid_to <= valid_from:
        raise TrustPolicyMalformed("valid_to lies behind valid_from")
    reference = PolicyReference(
        policy_id=_policy_id(profile, version), profile=profile, valid_from=valid_from,
        sha256=sha256(content).hexdigest(),
    )  # fmt: skip
    return TrustPolicy(
        profile=profile, version=version, valid_from=valid_from, valid_to=valid_to, previous_sha256=previous,
        anchors=_anchors(said["anchors"], reference), fetch_hosts=_hosts(said["fetch_hosts"]), content=content,
    )  # fmt: skip


def _anchors(items: object, reference: PolicyReference) -> tuple[TrustAnchor, ...]:
    if not isinstance(items, list) or len(items) > _MAX_ANCHORS:
        raise TrustPolicyMalformed(f"anchors is a list of at most {_MAX_ANCHORS}")
    found = tuple(_anchor(item, reference) for item in items)
    if len({anchor.certificate for anchor in found}) != len(found):
        raise TrustPolicyMalformed("a root comes twice")
    return found


def _anchor(item: object, reference: PolicyReference) -> TrustAnchor:
    if not isinstance(item, dict):
        raise TrustPolicyMalformed("an anchor is an object")
    _require_fields(item, _ANCHOR_FIELDS, optional={"to"})
    begun, ended = _time(item["from"]), _optional_time(item.get("to"))
    if ended is not None and ended < begun:  # equal: withdrawn altogether
        raise TrustPolicyMalformed("an anchor's `to` does not lie before its `from`")
    certificate = _certificate(item["certificate"])
    if is_development(certificate) and reference.profile is not TrustProfile.DEV:
        raise TrustPolicyMalformed(f"a development root in the profile {reference.profile.value}")
    return TrustAnchor(
        profile=reference.profile, certificate=certificate, name=_name(item["name"]),
        purposes=_purposes(item["purposes"], reference.profile), accepted_from=begun, accepted_to=ended,
        policy=reference,
    )  # fmt: skip


def _certificate(text: object) -> bytes:
    try:
        der = base64.b64decode(text if isinstance(text, str) else "-", validate=True)
        load_certificate(der)
    except (binascii.Error, ValueError, CertificateMalformed) as err:
        raise TrustPolicyMalformed("an anchor's certificate is base64 of DER") from err
    return der


def _purposes(items: object, profile: TrustProfile) -> frozenset[TrustPurpose]:
    try:
        found = frozenset(TrustPurpose(item) for item in items) if isinstance(items, list) else frozenset()
    except (ValueError, TypeError) as err:
        raise TrustPolicyMalformed("unknown purpose") from err
    if not found or not found <= ALLOWED_PURPOSES[profile]:
        raise TrustPolicyMalformed(f"an anchor has purposes, and only those of the profile {profile.value}")
    return found


def _name(text: object) -> str:
    if not isinstance(text, str) or not 0 < len(text) <= _MAX_NAME or unicodedata.normalize("NFC", text) != text:
        raise TrustPolicyMalformed(f"a name is NFC text of at most {_MAX_NAME} characters")
    if any(unicodedata.category(letter).startswith("C") for letter in text):
        raise TrustPolicyMalformed("a name has no hidden characters")
    return text


def _hosts(items: object) -> tuple[str, ...]:
    if not isinstance(items, list) or len(items) > _MAX_HOSTS:
        raise TrustPolicyMalformed(f"fetch_hosts is a list of at most {_MAX_HOSTS}")
    if not all(isinstance(item, str) and _HOST.fullmatch(item) for item in items):
        raise TrustPolicyMalformed("fetch_hosts are host names in lower case, no addresses")
    return tuple(items)


def _require_fields(said: Mapping[str, Any], required: set[str], *, optional: set[str]) -> None:
    if not required <= said.keys() or said.keys() - required - optional:
        raise TrustPolicyMalformed(f"fields: {', '.join(sorted(required))}; optional: {', '.join(sorted(optional))}")


def _optional_time(text: object) -> datetime | None:
    return None if text is None else _time(text)


def _time(text: object) -> datetime:
    try:
        if isinstance(text, str) and _TIME.fullmatch(text):
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as err:
        raise TrustPolicyMalformed("a time that does not exist") from err
    raise TrustPolicyMalformed("times are written 2026-01-01T00:00:00Z")


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _written_anchor(anchor: TrustAnchor, valid_from: datetime) -> dict[str, Any]:
    purposes = ALLOWED_PURPOSES[anchor.profile] if anchor.purposes is None else anchor.purposes
    said = {
        "name": anchor.name,
        "certificate": base64.b64encode(anchor.certificate).decode(),
        "from": _written(anchor.accepted_from or valid_from),
        "purposes": sorted(purpose.value for purpose in purposes),
    }
    return said if anchor.accepted_to is None else {**said, "to": _written(anchor.accepted_to)}


def _policy_id(profile: TrustProfile, version: int) -> str:
    return f"trust.{profile.value}.{version}"
