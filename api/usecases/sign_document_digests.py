"""Signs documents for a CSC client that keeps them: it sends their digests, and gets signature containers.

CSC API 2.0 §11.11, `documentDigests`. A container stands beside a file (CAdES, detached) or belongs into /Contents of a
PDF that the client prepared (PAdES). Nobody here saw the documents, so a seal signs none (I11). Knows digests; must not
know PDFs.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from api.callers import Caller
from api.errors import CscRequestRefused
from api.services import Services
from api.usecases.activated_signing import (
    ConformanceLevel,
    ToSign,
    activated,
    tell_signed,
    used_up,
    values_over,
)
from api.usecases.csc_credential import require_hashes
from api.usecases.signing_parts import evidence_source, time_stamper
from signing.keys import Credential, SignatureAlgorithm
from signing.pades import EvidenceSource, Stamp, container_over, signed_attributes
from signing.trust import Evidence


class ContainerForm(StrEnum):
    """Where a container will be."""

    BESIDE = "C"
    """CAdES beside the file: carries its signing time and its evidence."""
    IN_PDF = "P"
    """/Contents of a PDF: the time stands in the PDF's own dictionary, the evidence goes into its security store."""


class _Proofs(TypedDict):
    """What of time and evidence a container gets."""

    stamp: Stamp | None
    evidence: EvidenceSource | None
    holds_evidence: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestToSign:
    """One document's digest and what shall be made of it."""

    digest: bytes
    form: ContainerForm
    level: ConformanceLevel
    algorithm: SignatureAlgorithm
    claims: tuple[bytes, ...] = ()
    """Attributes (DER) that the client wants signed besides; see `signing.pades.claims`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignDocumentDigests:
    """Which digests shall be signed with which credential under which SAD."""

    credential_id: str
    sad: str = field(repr=False)
    digests: tuple[DigestToSign, ...]
    wants_evidence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedDigests:
    """The containers (DER), in the order of the digests."""

    containers: tuple[bytes, ...] = field(repr=False)
    evidence: Evidence | None
    """What a PDF at B-LT has to take into its security store, or what was asked for."""


def sign_document_digests(
    command: SignDocumentDigests, services: Services, caller: Caller, at: datetime
) -> SignedDigests:
    """All digests are signed, or none.

    Raises:
        CscRequestRefused: SAD, digests or algorithm are not those that were authorised; or nothing is signed so here.
        What `csc_certificate` raises, SealNeedsDocument among it. TimestampUnavailable, EvidenceUnavailable: the
        wanted level cannot be reached now. KeyUnavailable.
    """
    agreed = activated(command.credential_id, command.sad, services, caller, at)
    credential, digests = agreed.credential, tuple(one.digest for one in command.digests)
    if any(one.algorithm is not credential.algorithm for one in command.digests):
        raise CscRequestRefused("Invalid parameter signAlgo")
    require_hashes(digests, credential.algorithm)
    with used_up(agreed, digests, services):
        wanted = [_to_sign(one, credential, at) for one in command.digests]
        values = values_over(agreed, wanted, services, caller, at, documents_checked=False)
        made = [
            container_over(credential, to_sign.attributes, value, **_proofs(one, command, services, at))
            for one, to_sign, value in zip(command.digests, wanted, values, strict=True)
        ]
    listed = [one.hex() for one in digests]
    tell_signed(agreed, services, caller, at, action="sign_document_digests", signed=listed)
    whole = Evidence()
    for one in made:
        whole = whole.merged(one.evidence)
    tells = command.wants_evidence or any(_is_for_store(one) for one in command.digests)
    return SignedDigests(containers=tuple(one.der for one in made), evidence=whole if tells else None)


def _to_sign(one: DigestToSign, credential: Credential, at: datetime) -> ToSign:
    # ETSI EN 319 122-1 §6.3: signing-time is signed; EN 319 142-1 §6.3: in a PDF it is not there
    signing_time = at if one.form is ContainerForm.BESIDE else None
    return ToSign(digest=one.digest, attributes=signed_attributes(credential, one.digest, signing_time, one.claims))


def _proofs(one: DigestToSign, command: SignDocumentDigests, services: Services, at: datetime) -> _Proofs:
    is_lasting = one.level is ConformanceLevel.LT
    return {
        "stamp": None if one.level is ConformanceLevel.B else time_stamper(services, at),
        "evidence": evidence_source(services, at) if is_lasting or command.wants_evidence else None,
        "holds_evidence": is_lasting and one.form is ContainerForm.BESIDE,
    }


def _is_for_store(one: DigestToSign) -> bool:
    return one.level is ConformanceLevel.LT and one.form is ContainerForm.IN_PDF
