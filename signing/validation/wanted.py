"""Which evidence the signatures of a document point to; nothing of it is checked or fetched here.

Knows documents and their containers. Must not know networks: `signing.trust.fetch` decides what may be asked.
"""

from signing.trust.wants import Want, wants_of
from signing.validation.container import ContainerFaultError, read_container
from signing.validation.document import DocumentFaultError, open_document
from signing.validation.geometry import GeometryFaultError, checked_coverage

MAX_FIELDS = 8  # fields whose certificates are looked at, the latest first: the evidence in force is theirs
_HEADROOM = 8  # certificates of one container


def wanted_by_pdf(pdf: bytes) -> tuple[Want, ...]:
    """What the certificates in a document say can be had; an unreadable document wants nothing."""
    try:
        document = open_document(pdf)
    except DocumentFaultError:
        return ()
    certificates: list[bytes] = []
    for field in document.fields[-MAX_FIELDS:][::-1]:
        try:
            container = read_container(checked_coverage(pdf, field.byte_range).contents)
        except (GeometryFaultError, ContainerFaultError):
            continue
        certificates += [container.leaf, *container.certificates[:_HEADROOM]]
    return wants_of(certificates + list(document.evidence.certificates))
