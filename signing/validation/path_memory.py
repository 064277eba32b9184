"""What questions about the certificates of one document share, so that each thing is decoded and computed once.

A document has several signatures and time-stamps, and each is asked about at two or three moments: the certificates,
lists and answers are the same every time. Nothing in here depends on a moment. Work that was paid for once is not paid
for again; nothing is kept longer than one check.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from signing.validation.candidates import Candidate, Pool, load_candidate, make_pool
from signing.validation.fitting_evidence import SortedEvidence, sorted_claims
from signing.validation.outline import Outline, read_outline
from signing.validation.status_evidence import sort_evidence
from signing.validation.structure import Role
from signing.validation.work import KnownSignatures, Work

MAX_KEPT_HEAPS = 32  # sets of evidence and certificates; a document asks with two or three

_Heap = tuple[tuple[bytes, ...], tuple[bytes, ...], frozenset[bytes]]


@dataclass(slots=True)
class PathMemory:
    """The memory of one document's check; start with an empty one."""

    signatures: KnownSignatures = field(default_factory=dict)
    """By signature, data, key and algorithm: whether it verified."""

    authorities: dict[bytes, Candidate | None] = field(default_factory=dict)
    """By DER: the decoded certificate, None if it cannot stand in a path."""

    _placed: dict[tuple[bytes, Role], Candidate] = field(default_factory=dict)
    _outlines: dict[bytes, Outline] = field(default_factory=dict)
    _evidence: dict[_Heap, SortedEvidence] = field(default_factory=dict)

    def candidate(self, der: bytes, role: Role, work: Work) -> Candidate:
        """A certificate for a place in a path, decoded once.

        Raises:
            ValueError and others of ``MALFORMED``: what is wrong with it. WorkSpent: it costs more than is left.
        """
        key = (der, role)
        if key not in self._placed:
            self._placed[key] = load_candidate(der, role, work)
        return self._placed[key]

    def pool(self, others: Iterable[bytes], known: frozenset[bytes]) -> Pool:
        """What came along, sorted; no outline is read twice."""
        return make_pool(others, known=known, read=self._outline)

    def evidence(
        self, crls: Iterable[bytes], ocsps: Iterable[bytes], leaf: Candidate, pool: Pool, work: Work
    ) -> SortedEvidence:
        """The evidence as it concerns a leaf and a pool; the same heap is sorted once, whichever of it is the leaf.

        Raises:
            WorkSpent: looking through it costs more than is left.
        """
        members = frozenset(outline.der for group in pool.by_subject.values() for outline in group)
        key = (tuple(crls), tuple(ocsps), members | {leaf.outline.der})
        found = self._evidence.get(key)
        if found is None:
            found = sorted_claims(sort_evidence(key[0], key[1], leaf, pool, work))
            if len(self._evidence) < MAX_KEPT_HEAPS:
                self._evidence[key] = found
        return found

    def _outline(self, der: bytes) -> Outline:
        if der not in self._outlines:
            self._outlines[der] = read_outline(der)
        return self._outlines[der]
