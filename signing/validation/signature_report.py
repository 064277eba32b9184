"""What was found out about one signature, as frozen values.

Knows the shape, not how the values were found, nor how they are shown. A report cannot be changed; the ``with_…``
functions give a new one that knows more.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Self

from signing.identity import CertificateClass, CertificateFacts
from signing.trust import PolicyReference, TrustAnchor, TrustProfile
from signing.validation.changes import Change, ChangeLevel
from signing.validation.indications import Indication, Verdict
from signing.validation.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceUsed:
    """One piece of status evidence that was available."""

    kind: str
    """'ocsp' or 'crl'."""

    source: str
    """'document' or 'given'."""

    sha256: str
    at: datetime | None = None
    """When its author made it (producedAt, thisUpdate); None: that cannot be read."""

    about: tuple[str, ...] = ()
    """SHA-256 (hex) of the certificates of this signature's chains that it speaks of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampReport:
    """One time-stamp that a signature carries, and what it is worth."""

    kind: str
    """'content_timestamp', 'signature_timestamp', 'archive_timestamp' (CAdES) or 'document_timestamp'."""

    at: datetime | None
    """The time it tells; None if it cannot be read."""

    intact: bool
    """Imprint and signature of the token are right."""

    trusted: bool
    """An accepted authority made it, with allowed algorithms."""

    authority: str = ""
    """Common name of who made it."""

    token_sha256: str = ""
    token: bytes = b""
    """DER of the token, as found."""

    chain: tuple[bytes, ...] = ()
    """DER, the authority's certificate first, as far as found."""

    error: str = ""
    """English, for the detailed report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedForm:
    """What a signature says about itself: form, algorithms, and what its author wrote beside it. Nothing is checked."""

    sub_filter: str = ""
    """As in the file, with its stroke: '/ETSI.CAdES.detached'; empty outside PDF."""

    byte_range: tuple[int, ...] = ()
    digest_algorithm: str = ""
    """Upper case, as EU DSS writes it: 'SHA256'."""

    signature_algorithm: str = ""
    """'RSA_SHA256', 'RSASSA_PSS_SHA256', 'ECDSA_SHA256', 'EDDSA_ED25519'…"""

    signed_digest: bytes | None = None
    """The digest of the content that the container vouches for (message-digest); None without signed attributes."""

    signature_value: bytes = b""
    representation_digest: bytes | None = None
    """Digest of what the value is over (the signed attributes), by which ETSI names a signature; None without them."""

    certificates: tuple[bytes, ...] = ()
    """DER of every certificate in the container."""

    role: str = ""
    """What the signer claims to be, from the signed attributes."""

    policy_oid: str | None = None
    """The signature policy that the signer names."""

    reason_text: str = ""
    location: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """Everything about one signature or document time-stamp."""

    field: str
    kind: str
    """'signature' or 'timestamp'."""

    verdict: Verdict
    reason: Reason | None
    indication: Indication
    sub_indication: str | None
    intact: bool | None
    """Digest and value: right, wrong, or not computable."""

    covers_whole_file: bool = False
    changes_after: ChangeLevel = ChangeLevel.UNKNOWN
    changes: tuple[Change, ...] = ()
    level: str | None = None
    best_time: datetime | None = None
    best_time_source: str = "none"
    """'signature_timestamp', 'document_timestamp' or 'none'."""

    claimed_time: datetime | None = None
    common_name: str = ""
    organisation: str = ""
    organisation_id: str = ""
    title: str = ""
    serial: str = ""
    certificate_class: CertificateClass | None = None
    ordinal: int | None = None
    certificate_sha256: str = ""
    key_sha256: str = ""
    """Of the signer's public key: two certificates with one key are one holder."""

    holder_sha256: str = ""
    """Of the natural person's number in the certificate, if it names one; the number itself is not kept."""

    issuer: str = ""
    managing_unit: str = ""
    """Which agency asked for the certificate and answers for it, if a register knows it; no certificate says it."""

    not_before: datetime | None = None
    not_after: datetime | None = None
    trust_profile: TrustProfile | None = None
    trust_anchor: str = ""
    trust_policy: PolicyReference | None = None
    evidence: tuple[EvidenceUsed, ...] = ()
    policy_id: str = ""
    """The rule of its own time, by which its algorithms were judged; empty: nothing came so far."""

    warnings: tuple[Reason, ...] = ()
    errors: tuple[str, ...] = ()
    """English details for the log and the detailed report."""

    sub_filter: str = ""
    """This and what follows up to ``contact``: see ``SignedForm``."""

    byte_range: tuple[int, ...] = ()
    digest_algorithm: str = ""
    signature_algorithm: str = ""
    signed_digest: bytes | None = None
    signature_value: bytes = b""
    representation_digest: bytes | None = None
    certificates: tuple[bytes, ...] = ()
    role: str = ""
    policy_oid: str | None = None
    reason_text: str = ""
    location: str = ""
    contact: str = ""
    chain: tuple[bytes, ...] = ()
    """DER of the certification path, leaf first, as far as one was found."""

    timestamps: tuple[TimestampReport, ...] = ()
    """Those in the container itself; document time-stamps are signatures of their own kind."""

    revision_end: int | None = None
    """First byte behind the revision that was signed; None if the byte range is no good."""

    scope: str = "partial"
    """'full': everything that the file shows now was signed; 'partial': something came afterwards."""

    @property
    def is_valid(self) -> bool:
        """Whether this signature is good."""
        return self.verdict is Verdict.VALID

    def doubted(self, reason: Reason) -> Self:
        """The same signature, but at best INDETERMINATE."""
        return replace(
            self, verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="GENERIC",
            reason=reason,
        )  # fmt: skip

    def with_changes(self, level: ChangeLevel, changes: tuple[Change, ...], *, covers_whole_file: bool) -> Self:
        """The same signature with what happened after it."""
        return replace(
            self, changes_after=level, changes=changes, covers_whole_file=covers_whole_file,
            scope="full" if covers_whole_file else "partial",
        )  # fmt: skip

    def with_form(self, form: SignedForm) -> Self:
        """The same signature with what it says about itself."""
        return replace(self, **{one.name: getattr(form, one.name) for one in fields(form)})

    def named(self, common_name: str) -> Self:
        """The same signature with a name from a certificate of which nothing else can be read."""
        return replace(self, common_name=common_name)

    def with_facts(self, facts: CertificateFacts, *, issuer: str) -> Self:
        """The same signature with what its certificate says (not checked by itself)."""
        return replace(
            self, common_name=facts.common_name, organisation=facts.organisation,
            organisation_id=facts.organisation_id, title=facts.title, serial=facts.serial_hex,
            certificate_class=facts.certificate_class, ordinal=facts.ordinal, certificate_sha256=facts.sha256,
            issuer=issuer, not_before=facts.not_before, not_after=facts.not_after,
        )  # fmt: skip

    def with_trust(self, anchor: TrustAnchor | None, evidence: tuple[EvidenceUsed, ...]) -> Self:
        """The same signature with its anchor and the evidence at hand."""
        if anchor is None:
            return replace(self, evidence=evidence)
        return replace(
            self, trust_profile=anchor.profile, trust_anchor=anchor.name, trust_policy=anchor.policy, evidence=evidence
        )
