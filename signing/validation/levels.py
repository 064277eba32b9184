"""Which level a signature has reached: what is there and holds together, whoever is trusted.

ETSI EN 319 142-1 §6.3 (PAdES baseline), EN 319 142-2 (BES, EPES, LTV), EN 319 122-1 §6.3 (CAdES baseline). Whether a
time-stamp is trusted, a chain found or a certificate revoked is said elsewhere and changes no level; a time-stamp that
is about something else raises none. For the long-term level the document has to hold status evidence about the signer's
certificate; which authorities above it need some depends on who is trusted, and is the path check's question.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from signing.keys.der import SEQUENCE
from signing.trust import Evidence
from signing.validation import attributes as names
from signing.validation.ber import read_element
from signing.validation.certificate_parts import read_parts
from signing.validation.container import Container
from signing.validation.document import OpenedDocument, SignatureField
from signing.validation.evidence_store import document_evidence
from signing.validation.geometry import Coverage
from signing.validation.proofs import Proofs
from signing.validation.reading import READ_ERRORS, get
from signing.validation.revisions import signed_revision
from signing.validation.schemes import read_digest
from signing.validation.signature_reading import CADES
from signing.validation.signature_report import TimestampReport
from signing.validation.spoken_for import SpokenFor
from signing.validation.stamps import StampAnswer

BARE: Final = "X509-RSA-SHA1"
_BARE: Final = "/adbe.x509.rsa_sha1"
_VALUES_OF_OTHERS: Final = (
    names.CERTIFICATE_VALUES, names.REVOCATION_VALUES, names.COMPLETE_TIMESTAMP, *names.ARCHIVE_TIMESTAMPS_OLD,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStanding:
    """What is the same for every signature of a document."""

    proofs: Proofs
    has_store: bool
    """There is a document security store with something in it."""

    stored: SpokenFor
    """What the store speaks of."""

    stamps: tuple[int, ...]
    """Where the intact document time-stamps end."""

    archived: SpokenFor
    """What the store spoke of in the revision that the last of them covers."""


def document_standing(document: OpenedDocument, proofs: Proofs) -> DocumentStanding:
    """Works out once what all signatures of a document share."""
    store = document.evidence
    stamps = tuple(sorted(one.end for one in proofs.documents.values() if holds(one.stamp, proofs.at)))
    archived = _store_at(document, stamps[-1]) if stamps else Evidence()
    return DocumentStanding(
        proofs=proofs, has_store=bool(store.ocsps or store.crls or store.certificates), stored=SpokenFor(store),
        stamps=stamps, archived=SpokenFor(archived),
    )  # fmt: skip


def holds(stamp: StampAnswer | TimestampReport, at: datetime) -> bool:
    """It is about these bytes, and not from the future: that proves nothing, whoever made it."""
    told = stamp.stamped_time if isinstance(stamp, StampAnswer) else stamp.at
    return stamp.intact and told is not None and told <= at


def _store_at(document: OpenedDocument, end: int) -> Evidence:
    """The store as it stood when a revision ended; a later one may have been written anew."""
    try:
        revision = signed_revision(document.pdf, document.reader, end)
        if revision is None:
            return Evidence()
        return document_evidence(document.reader.get_historical_root(revision))
    except READ_ERRORS:
        return Evidence()


def reached_level(field: SignatureField, container: Container, coverage: Coverage, document: DocumentStanding) -> str:
    """'B-B' … 'B-LTA', 'BES', 'EPES', 'LTV' for PAdES; 'PKCS7-B' … 'PKCS7-LTA', 'X509-RSA-SHA1' for older kinds."""
    if field.sub_filter == _BARE:
        return BARE
    covering = [end for end in document.stamps if end > coverage.end]
    own = document.proofs.best(field.name).stamps
    is_stamped = bool(covering) or any(
        one.kind == "signature_timestamp" and holds(one, document.proofs.at) for one in own
    )
    leaf = read_parts(container.leaf)
    inside = bool(SpokenFor(container.evidence).about(leaf))
    status = inside or bool(document.stored.about(leaf))
    archived = bool(covering) and (inside or bool(document.archived.about(leaf)))
    if field.sub_filter != CADES:
        return f"PKCS7-{_step(is_stamped, status, archived)}"
    if _is_baseline(field, container):  # §6.3 (SPO: DSS): the values stand in the store, not only in the container
        return f"B-{_step(is_stamped, status and document.has_store, archived)}"
    if document.has_store and covering:
        return "LTV"
    return "EPES" if container.policy_oid is not None else "BES"


def _step(is_stamped: bool, status: bool, archived: bool) -> str:  # noqa: FBT001 - three findings
    if not is_stamped:
        return "B"
    if not status:
        return "T"
    return "LTA" if archived else "LT"


def _is_baseline(field: SignatureField, container: Container) -> bool:
    """§6.3, table 1 for B-B, as far as it is about the form."""
    signed = container.signed_attributes
    has_policy = bool(signed.count(names.SIGNATURE_POLICY, names.COMMITMENT))
    return (
        is_cms_baseline(container)
        and not signed.count(names.SIGNING_TIME)  # the dictionary's /M is the claimed time
        and get(field.value, "/M") is not None
        and get(field.value, "/Filter") is not None
        and not (has_policy and get(field.value, "/Reason"))  # requirements (d) and (m)
    )


def is_cms_baseline(container: Container) -> bool:
    """EN 319 122-1 §6.3, table 1: what every baseline signature has."""
    signed = container.signed_attributes
    old, new = signed.values(names.SIGNING_CERTIFICATE), signed.values(names.SIGNING_CERTIFICATE_V2)
    return (
        container.parts is not None
        and container.leaf in container.parts.certificates  # requirement (a)
        and container.content_type == "data"  # requirement (f)
        and signed.count(names.CONTENT_TYPE) == 1
        and signed.count(names.MESSAGE_DIGEST) == 1
        and len(old) + len(new) == 1
        and not any(_names_sha1(value.raw) for value in new)  # requirements (h) and (i)
        and signed.count(names.SIGNER_ATTRIBUTES, names.SIGNER_ATTRIBUTES_V2) <= 1
        and signed.count(names.SIGNATURE_POLICY) <= 1
    )


def _names_sha1(reference: bytes) -> bool:
    try:
        first = read_element(reference).children()[0].children()[0].children()[0]
        return first.tag == SEQUENCE and read_digest(first.raw) == "sha1"
    except (ValueError, IndexError):
        return False


def cades_level(container: Container, *, is_stamped: bool, is_archived: bool, evidence: Iterable[bytes]) -> str:
    """'B-B' … 'B-LTA' for CAdES, 'BES' or 'EPES' without the baseline's form.

    Args:
        container: the signature.
        is_stamped: an intact signature-time-stamp is there.
        is_archived: an intact archive-time-stamp-v3 is there.
        evidence: what speaks of the signer's certificate inside the container.
    """
    signed = container.signed_attributes
    if not is_cms_baseline(container) or signed.count(names.SIGNING_TIME) != 1:
        return "EPES" if container.policy_oid is not None else "BES"
    if not is_stamped:
        return "B-B"
    if not any(evidence) or container.unsigned_attributes.count(*_VALUES_OF_OTHERS):
        return "B-T"  # §6.3: values of the older profiles stand in no baseline signature
    return "B-LTA" if is_archived else "B-LT"
