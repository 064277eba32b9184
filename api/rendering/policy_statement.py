"""What the certification practice statement states, taken from the very tables that certificates are made from.

Knows profiles, authorities as they stand and the installation's readings. Must not know requests or holders. Whatever
is said here about identifiers, keys and periods is data: a certificate that says otherwise would fail its lint.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.settings import SecondaryReading
from signing.profiles import EXTENSION_OIDS, PROFILES, AuthorityName, Profile, Site, granted_policies


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAuthority:
    """One authority as it stands."""

    name: AuthorityName
    subject: str
    sha256: str
    key: str
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyStatement:
    """Everything that the pages and the JSON document say."""

    site: Site
    reading: SecondaryReading
    authorities: tuple[StatedAuthority, ...]
    timestamp_accuracy: timedelta
    since: datetime
    """When the hierarchy was made: what is stated follows from the profiles and from it."""


def stated_profiles() -> tuple[Profile, ...]:
    """All profiles, in the order in which they are stated."""
    return tuple(PROFILES.values())


def policies_of(profile: Profile, site: Site) -> tuple[str, ...]:
    """The policies of a profile's certificates; of an issuing authority: all that its kind may give out."""
    own = profile.policies(site.arc, development=site.development)
    if own or not profile.is_authority or not profile.issuers:
        return own
    granted = [
        policy
        for name in (AuthorityName.PERSONAL, AuthorityName.SECONDARY)
        for policy in granted_policies(name, site.arc, development=site.development)
    ]
    return tuple(dict.fromkeys(granted))


def document_of(statement: PolicyStatement) -> dict[str, object]:
    """The statement for machines: plain values."""
    site = statement.site
    return {
        "development": site.development,
        "arc": site.arc.root,
        "secondary_reading": statement.reading.value,
        "published_at": site.base_url + "/pki",
        "extensions": {"secondary_link": site.arc.secondary_extension, "scope": site.arc.scope_extension},
        "timestamp": {
            "policy": site.arc.timestamp_policy,
            "accuracy_ms": int(statement.timestamp_accuracy / timedelta(milliseconds=1)),
            "address": f"{site.base_url}/pki/tsa",
        },
        "authorities": [
            {
                "name": one.name.value,
                "subject": one.subject,
                "sha256": one.sha256,
                "key": one.key,
                "not_after": one.not_after.isoformat().replace("+00:00", "Z"),
                "certificate": site.certificate_url(one.name.value),
                "crl": site.crl_url(one.name.value),
                "issues": [p.name.value for p in stated_profiles() if one.name in p.issuers],
            }
            for one in statement.authorities
        ],
        "profiles": [_profile(profile, site) for profile in stated_profiles()],
    }


def _profile(profile: Profile, site: Site) -> dict[str, object]:
    own = {"scope": site.arc.scope_extension, "secondary": site.arc.secondary_extension}
    oids = EXTENSION_OIDS | own
    return {
        "name": profile.name.value,
        "class": profile.certificate_class.value if profile.certificate_class else None,
        "secondary": profile.secondary,
        "issuers": [name.value for name in profile.issuers],
        "policies": list(policies_of(profile, site)),
        "key_kinds": [kind.value for kind in profile.key_kinds],
        "key_usage": list(profile.key_usage),
        "extended_key_usage": profile.extended_key_usage,
        "max_days": profile.max_validity.days,
        "max_days_clause": profile.validity_clause,
        "attributes": [
            {"name": rule.name, "oid": rule.oid, "required": rule.required, "clause": rule.clause}
            for rule in profile.attributes
        ],
        "extensions": [
            {
                "name": rule.name,
                "oid": oids[rule.name],
                "critical": rule.critical,
                "required": rule.required,
                "clause": rule.clause,
            }
            for rule in profile.extensions
        ],
    }
