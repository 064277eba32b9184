"""What each kind of certificate must contain, as data; each rule names the clause it comes from.

``signing.ca`` builds certificates from these tables and ``signing.lint`` checks against the same tables, so a rule
stands once. Knows no key, no clock and no issued certificate.
"""

from signing.profiles.catalogue import PROFILES, granted_policies, key_prefix, leaf_profile
from signing.profiles.rules import (
    EXTENSION_OIDS,
    NCP_POLICY,
    QC_COMPLIANCE,
    QUALIFIED_POLICIES,
    SEMANTICS_LEGAL,
    SEMANTICS_NATURAL,
    YEAR,
    AttributeRule,
    AuthorityName,
    ExtensionRule,
    Profile,
)
from signing.profiles.site import Site
from signing.profiles.statements import statements_of

__all__ = [
    "EXTENSION_OIDS",
    "NCP_POLICY",
    "PROFILES",
    "QC_COMPLIANCE",
    "QUALIFIED_POLICIES",
    "SEMANTICS_LEGAL",
    "SEMANTICS_NATURAL",
    "YEAR",
    "AttributeRule",
    "AuthorityName",
    "ExtensionRule",
    "Profile",
    "Site",
    "granted_policies",
    "key_prefix",
    "leaf_profile",
    "statements_of",
]
