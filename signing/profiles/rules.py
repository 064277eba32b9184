"""What a profile can say: which attributes, extensions, keys, uses, policies and periods, each with its clause.

Knows the forms of the rules. The profiles themselves are in ``catalogue``.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from signing.identity import CertificateClass, OidArc, ProfileName
from signing.keys import KeyKind

YEAR: Final = timedelta(days=365)

NCP_POLICY: Final = "0.4.0.2042.1.1"
"""EN 319 411-1 §5.3: normalised certificate policy. Never claimed by a development hierarchy."""
QUALIFIED_POLICIES: Final = frozenset(f"0.4.0.194112.1.{number}" for number in range(8))
"""EN 319 411-2 §5.3: policies of qualified certificates. Ours never claim one."""
QC_COMPLIANCE: Final = "0.4.0.1862.1.1"
"""EN 319 412-5 §4.2.1: the statement that a certificate is qualified."""
SEMANTICS_NATURAL: Final = "0.4.0.194121.1.1"
SEMANTICS_LEGAL: Final = "0.4.0.194121.1.2"
EXTENSION_OIDS: Final = {
    "subject_key_identifier": "2.5.29.14",
    "key_usage": "2.5.29.15",
    "private_key_usage_period": "2.5.29.16",
    "basic_constraints": "2.5.29.19",
    "crl_distribution_points": "2.5.29.31",
    "certificate_policies": "2.5.29.32",
    "authority_key_identifier": "2.5.29.35",
    "extended_key_usage": "2.5.29.37",
    "authority_information_access": "1.3.6.1.5.5.7.1.1",
    "qc_statements": "1.3.6.1.5.5.7.1.3",
    "ocsp_no_check": "1.3.6.1.5.5.7.48.1.5",
}
"""Extensions by the names that the rules use."""


class AuthorityName(StrEnum):
    """The authorities of the hierarchy. Primaries and secondaries come from different keys."""

    ROOT = "root"
    PERSONAL = "personal"
    """Issues every primary certificate, whoever holds it."""
    SECONDARY = "secondary"
    """Issues every certificate with ordinal 2 and more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeRule:
    """One attribute of the subject, exactly once when present."""

    name: str
    oid: str
    clause: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRule:
    """One extension. Extensions that no rule names are refused."""

    name: str
    critical: bool
    clause: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of certificate."""

    name: ProfileName
    issuers: tuple[AuthorityName, ...]
    """Which authorities may issue it; empty: it signs itself."""
    attributes: tuple[AttributeRule, ...]
    extensions: tuple[ExtensionRule, ...]
    key_kinds: tuple[KeyKind, ...]
    """Allowed kinds, the default first."""
    experimental_kinds: tuple[KeyKind, ...] = ()
    """Allowed in a development hierarchy only, where a recipe asks for them."""
    key_usage: tuple[str, ...]
    """Names of the bits that are set, and no others."""
    max_validity: timedelta
    validity_clause: str
    certificate_class: CertificateClass | None = None
    secondary: bool = False
    extended_key_usage: str | None = None
    path_length: int | None = None
    is_authority: bool = False
    semantics: str | None = None
    """Semantics of the identifiers in the subject (EN 319 412-1 §5)."""
    key_use: timedelta | None = None
    """How long the private key signs, when shorter than the certificate."""

    def __hash__(self) -> int:
        return hash(self.name)  # equal profiles have equal names; the tables would cost more than a signature

    def allowed_kinds(self, *, development: bool) -> tuple[KeyKind, ...]:
        """Return the kinds of keys that may stand in a certificate of this profile."""
        return (*self.key_kinds, *self.experimental_kinds) if development else self.key_kinds

    def policies(self, arc: OidArc, *, development: bool) -> tuple[str, ...]:
        """Return the policies a certificate of this profile carries (an authority: those it may give out)."""
        own = self._own_policies(arc)
        if not own or development:
            return (*own, arc.development_policy) if own else ()
        return (*own, NCP_POLICY)

    def _own_policies(self, arc: OidArc) -> tuple[str, ...]:
        if self.certificate_class is not None:
            return (arc.policy(self.certificate_class, secondary=self.secondary),)
        return (arc.authority_policy,) if self.name is ProfileName.TSA else ()
