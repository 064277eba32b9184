"""Signature containers for documents that stay where they are: CAdES beside a file, or /Contents of a foreign PDF.

ETSI EN 319 122-1 §6.3 (B-B, B-T, B-LT) and EN 319 142-1 §6.3. The document is known by its digest only. Time and
evidence are callables. A level is reached or nothing is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from asn1crypto import cms

from signing.errors import EvidenceUnavailable, SignatureValueWrong
from signing.identity import load_certificate
from signing.keys import Credential
from signing.keys.signatures import is_signed_by
from signing.pades.cms import signed_container
from signing.pades.longterm import EvidenceSource, ordered_chain
from signing.pades.stamping import Stamp, timestamp_token, token_certificates
from signing.trust import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedContainer:
    """A container, and what proves the status of its certificates."""

    der: bytes = field(repr=False)
    evidence: Evidence
    """Empty where none was asked for."""


def container_over(
    credential: Credential,
    attributes: bytes,
    value: bytes,
    *,
    stamp: Stamp | None,
    evidence: EvidenceSource | None,
    holds_evidence: bool = False,
) -> SignedContainer:
    """The container around a value.

    Args:
        credential: whose signature it is.
        attributes: DER of the SET OF signed attributes.
        value: ECDSA as Ecdsa-Sig-Value, RSASSA-PSS bare.
        stamp: asks a time-stamp authority; None: B-B.
        evidence: gives status evidence for a chain (leaf first); None: none is asked for.
        holds_evidence: the container takes it in (CAdES-B-LT); False: it is for the caller's PDF.

    Raises:
        SignatureValueWrong: the credential's key did not make the value. DocumentNotSignable.
        TimestampUnavailable, EvidenceUnavailable: nothing was produced.
    """
    key = load_certificate(credential.certificate).public_key()
    if not is_signed_by(key, attributes, value, credential.algorithm):
        raise SignatureValueWrong("the value was not made by the certificate's key over the attributes")
    token = None if stamp is None else timestamp_token(stamp, value)
    proof = Evidence() if evidence is None else _proof(credential, token, evidence)
    filled = signed_container(
        credential,
        attributes,
        value,
        None if token is None else token.dump(),
        evidence=proof if holds_evidence else None,
    )
    return SignedContainer(der=filled, evidence=proof)


def _proof(credential: Credential, token: cms.ContentInfo | None, evidence: EvidenceSource) -> Evidence:
    """About the signer's chain and the time-stamp's."""
    own = (credential.certificate, *credential.chain)
    bag = () if token is None else token_certificates(token)
    return evidence_about((own, ordered_chain(bag[0], (*bag, *own))) if bag else (own,), evidence)


def evidence_about(chains: Sequence[tuple[bytes, ...]], evidence: EvidenceSource) -> Evidence:
    """Status evidence of every chain (DER, leaf first), with its certificates.

    Raises:
        EvidenceUnavailable: about one of them there is none.
    """
    whole = Evidence()
    for chain in chains:
        piece = evidence(chain)
        if piece.is_empty():
            raise EvidenceUnavailable("no status evidence for a chain")
        whole = whole.merged(Evidence(certificates=chain)).merged(piece)
    return whole
