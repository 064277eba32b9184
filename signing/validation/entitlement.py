"""The two questions behind the signatures: were the signers entitled, and may a machine accept the file.

Knows the certificates of one file and what a caller says about the document. Must not know registers: who still held a
post, had the right to sign, or was issued the certificate is known to the caller, who replaces the judgement made here.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from signing.identity import CertificateClass
from signing.validation.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """Was the signer entitled: 'entitled', 'not_entitled' or 'unknown'."""

    status: str
    reasons: tuple[str, ...] = ()


NOT_JUDGED: Final = Entitlement(status="unknown")


class Signer(Protocol):
    """What is read of one signature."""

    @property
    def kind(self) -> str:
        """'signature' or 'timestamp'."""
        ...

    @property
    def is_valid(self) -> bool:
        """Whether the signature itself is good."""
        ...

    @property
    def certificate_class(self) -> CertificateClass | None:
        """Class of the signer's certificate."""
        ...

    @property
    def organisation(self) -> str:
        """Agency that the certificate names."""
        ...

    @property
    def organisation_id(self) -> str:
        """Registered identifier of the agency, if the certificate has one."""
        ...

    @property
    def key_sha256(self) -> str:
        """Digest of the public key."""
        ...

    @property
    def holder_sha256(self) -> str:
        """Digest of the number of the natural person that the certificate names, if it does."""
        ...


REFUSED_STATES: Final = frozenset({"revoked", "voided", "recalled", "superseded", "expired"})
HARMLESS_STATES: Final = frozenset({"active", "unknown"})


def acceptance_of(verdict: str, entitlement: str, document_state: str) -> str:
    """The three answers in one word for machines: 'accept', 'refuse' or 'ask'. The worst decides.

    ============  ==========================  =========================  ==============================================
    answer        verdict                     entitlement                document state
    ============  ==========================  =========================  ==============================================
    refuse        invalid, no_signature       not_entitled               revoked, voided, recalled, superseded, expired
    ask           indeterminate               unknown                    not_issued, restricted, disputed, disposed,
                                                                         and every state not named here
    accept        valid                       entitled                   active; unknown (no document is known that
                                                                         could have been withdrawn)
    ============  ==========================  =========================  ==============================================
    """
    if verdict in {"invalid", "no_signature"} or entitlement == "not_entitled" or document_state in REFUSED_STATES:
        return "refuse"
    if verdict == "valid" and entitlement == "entitled" and document_state in HARMLESS_STATES:
        return "accept"
    return "ask"


def judged_entitlement(signatures: Sequence[Signer]) -> Entitlement:
    """Order, classes and agencies of the signers, from their certificates alone.

    Entitled is only who can be seen to be: a person's signature under the later seal of the same agency, which vouches
    for the person (I11). A person alone, a seal alone and a citizen stay 'unknown': what the paper is, and whose
    signature it needs, is not in the certificates.
    """
    signers = [s for s in signatures if s.kind == "signature"]
    classes = [s.certificate_class for s in signers]
    if not signers:
        return _unknown(Reason.NO_SIGNATURE)
    if None in classes:
        return _unknown(Reason.CLASS_UNKNOWN)
    seals = [n for n, kind in enumerate(classes) if kind is CertificateClass.ORG_SEAL]
    people = [n for n, kind in enumerate(classes) if kind is CertificateClass.PERSONAL]
    refused = _ruled_out(signers, people, seals) if seals and people else None
    if refused is not None:
        return _refused(refused)
    if any(not s.is_valid for s in signers):
        return _unknown(Reason.CHECK_FAILED)
    if seals and people:
        return Entitlement(status="entitled")
    if seals:
        # I11: right for a certified copy (sao y), wrong for a decision; the file alone does not tell which it is
        return _unknown(Reason.SEAL_WITHOUT_SIGNATURE)
    return _unknown(Reason.CITIZEN_SIGNATURE if CertificateClass.CITIZEN in classes else Reason.SEAL_MISSING)


def _ruled_out(signers: Sequence[Signer], people: Sequence[int], seals: Sequence[int]) -> Reason | None:
    """What the certificates of people and seals together forbid."""
    if people[0] > seals[0]:
        return Reason.SEAL_BEFORE_SIGNATURE
    if any(not _signed_before(signers, people, seal) for seal in seals):
        return Reason.SEAL_OF_OTHER_AGENCY
    if any(_same_person(signers[person], signers[seal]) for person in people for seal in seals):
        return Reason.SAME_PERSON_TWICE
    return None


def _signed_before(signers: Sequence[Signer], people: Sequence[int], seal: int) -> bool:
    """Whether a person of the agency signed before this seal of the agency."""
    return any(person < seal and _same_agency(signers[person], signers[seal]) for person in people)


def _same_person(one: Signer, other: Signer) -> bool:
    """Who signs does not seal (model.md: the two-person rules compare natural persons, not accounts)."""
    same_number = bool(one.holder_sha256) and one.holder_sha256 == other.holder_sha256
    return same_number or (bool(one.key_sha256) and one.key_sha256 == other.key_sha256)


def _same_agency(one: Signer, other: Signer) -> bool:
    if one.organisation_id and other.organisation_id:
        return one.organisation_id == other.organisation_id
    return bool(one.organisation) and _folded(one.organisation) == _folded(other.organisation)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _unknown(reason: Reason) -> Entitlement:
    return Entitlement(status="unknown", reasons=(reason.value,))


def _refused(reason: Reason) -> Entitlement:
    return Entitlement(status="not_entitled", reasons=(reason.value,))
