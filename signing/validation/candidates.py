"""From a heap of certificates that a stranger sent to a short list of paths worth checking.

Path building in the library underneath is factorial in the number of certificates that share a subject (measured: 8 of
them cost 23 s). Here every step is paid for: the heap is sorted by outlines, only what the leaf leads to is decoded, an
edge exists only if key identifiers agree and the signature verifies, what leads to no anchor is cut away before paths
are put together, no (subject, key) occurs twice in a path, and the shortest come first.
Knows no revocation and no policy; a path that is listed here is still unchecked.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.errors import AlgorithmNotSupported, DSAParametersUnavailable

from signing.validation.name_constraints import Naming, read_naming
from signing.validation.outline import MAX_ELEMENTS, NameKey, Outline, count_elements, read_outline
from signing.validation.quick_names import with_quick_names
from signing.validation.structure import Role, structure_fault
from signing.validation.work import COMPARISON, DECODED_ELEMENT, SEARCH_STEP, PaidVerifier, Work

MAX_OFFERED: Final = 4_096  # certificates that are sorted at all, whatever was sent
MAX_OFFERED_BYTES: Final = 16 * 1024 * 1024
MAX_DEPTH: Final = 16  # certificates below the anchor; PKITS needs 7, real hierarchies 3
MALFORMED: Final = (ValueError, TypeError, KeyError, RecursionError, OverflowError, AttributeError, IndexError)
"""What decoders raise on crafted bytes (measured); `DerError` is a ValueError."""


class _SignedPart(asn1_x509.TbsCertificate):  # type: ignore[misc]  # asn1crypto ships no types
    """The signed part, which stays what was signed.

    asn1crypto writes it anew when a length ends in the octet 80, and not always with the same octets.
    """

    _fields = with_quick_names(asn1_x509.TbsCertificate._fields)

    def _set_contents(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - as in the class above
        """Nothing: what was read stays."""


class BoundedCertificate(asn1_x509.Certificate):  # type: ignore[misc]  # asn1crypto ships no types
    """A certificate whose name constraints the library does not see: `name_constraints` applies them, at a bound cost.

    Side paths (status responders, list issuers) are issued directly by an authority of the path that they speak for;
    that authority's constraints do not limit whom it lets answer for itself.
    """

    _fields = [("tbs_certificate", _SignedPart), *asn1_x509.Certificate._fields[1:]]  # noqa: RUF012 - as the class above declares its own

    def _set_contents(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - as in the class above
        """Nothing: what was read stays."""

    @property
    def name_constraints_value(self) -> None:
        """Nothing, always."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A certificate that decodes and is well formed for its place."""

    outline: Outline
    certificate: asn1_x509.Certificate
    naming: Naming


@dataclass(frozen=True, slots=True)
class Pool:
    """What came along, once each, sorted by subject; nothing of it decoded yet."""

    by_subject: dict[NameKey, list[Outline]]
    dropped: tuple[str, ...] = ()
    """Why something was left out; for the reason text when no path is found."""


@dataclass(slots=True)
class Search:
    """What has been found out on the way."""

    work: Work
    verifier: PaidVerifier
    at: datetime
    pool: Pool
    anchors: dict[NameKey, list[Candidate]]
    dropped: set[str] = field(default_factory=set)
    bad_signature: bool = False
    decoded: dict[bytes, Candidate | None] = field(default_factory=dict)


@dataclass(slots=True)
class _Graph:
    """Who issued whom, as far as the leaf leads."""

    issuers: dict[Candidate, list[Candidate]] = field(default_factory=dict)
    anchored: dict[Candidate, list[Candidate]] = field(default_factory=dict)

    def distances(self) -> dict[Candidate, int]:
        """How many certificates lie between each one and the nearest anchor, itself included; not there: no way."""
        children: dict[Candidate, list[Candidate]] = defaultdict(list)
        for child, above in self.issuers.items():
            for issuer in above:
                children[issuer].append(child)
        distance = {child: 1 for child, found in self.anchored.items() if found}
        queue = deque(distance)
        while queue:
            issuer = queue.popleft()
            for child in children[issuer]:
                if child not in distance:
                    distance[child] = distance[issuer] + 1
                    queue.append(child)
        return distance


def load_certificate(der: bytes) -> asn1_x509.Certificate:
    """One DER certificate with nothing behind it.

    Raises:
        ValueError: too large, or not DER of a certificate.
    """
    read_outline(der)
    return BoundedCertificate.load(der, strict=True)


def load_candidate(der: bytes, role: Role, work: Work) -> Candidate:
    """A certificate for a place in a path.

    Raises:
        ValueError and others of ``MALFORMED``: what is wrong with it. WorkSpent: it costs more than is left.
    """
    return _decoded(read_outline(der), role, work)


def make_pool(
    others: Iterable[bytes],
    *,
    known: frozenset[bytes] = frozenset(),
    read: Callable[[bytes], Outline] = read_outline,
) -> Pool:
    """Sorts what came with a document; what is malformed is left out, not fatal."""
    seen, size = set(known), 0
    by_subject: dict[NameKey, list[Outline]] = defaultdict(list)
    dropped: list[str] = []
    for der in others:
        if der in seen:
            continue
        seen.add(der)
        size += len(der)
        if len(seen) > MAX_OFFERED + len(known) or size > MAX_OFFERED_BYTES:
            dropped.append(f"more than {MAX_OFFERED} certificates")
            break
        try:
            outline = read(der)
            fault = outline.fault
        except MALFORMED as err:
            fault = f"malformed ({type(err).__name__})"
        if fault:
            dropped.append(fault)
        else:
            by_subject[outline.subject].append(outline)
    return Pool(by_subject, tuple(dropped))


def find_paths(leaf: Candidate, search: Search) -> Iterator[tuple[CertTrustAnchor, tuple[Candidate, ...]]]:
    """Paths from an anchor to the leaf (the anchor's certificate first, the leaf last), each once.

    While the heap is explored level by level, the first way to each certificate below an anchor comes at once; what
    is left is put together afterwards, shortest first.

    Raises:
        WorkSpent: while it is asked for the next one.
    """
    graph = _Graph()
    seen: set[tuple[Candidate, ...]] = set()
    for path in _explored(leaf, search, graph):
        seen.add(path)
        yield CertTrustAnchor(path[0].certificate), path
    for path in _combined(leaf, search, graph):
        if path not in seen:
            yield CertTrustAnchor(path[0].certificate), path


def _explored(leaf: Candidate, search: Search, graph: "_Graph") -> Iterator[tuple[Candidate, ...]]:
    """Fills the graph, each certificate looked at once, and tells the first way to each anchor on the way."""
    level: dict[Candidate, tuple[Candidate, ...]] = {leaf: (leaf,)}  # leaf first, growing towards the anchor
    while level:
        for child, below in level.items():
            found = [a for a in search.anchors.get(child.outline.issuer, ()) if _issued(child, a, search)]
            graph.anchored[child] = found
            yield from ((anchor, *reversed(below)) for anchor in found)
        above: dict[Candidate, tuple[Candidate, ...]] = {}
        for child, below in level.items():
            graph.issuers[child] = _issuers(child, search) if len(below) < MAX_DEPTH else []
            used = {candidate.outline.identity for candidate in below}
            for issuer in graph.issuers[child]:
                if issuer not in graph.anchored and issuer not in above and issuer.outline.identity not in used:
                    above[issuer] = (*below, issuer)
        level = above


def _combined(leaf: Candidate, search: Search, graph: "_Graph") -> Iterator[tuple[Candidate, ...]]:
    """Every simple path of the graph, shortest first; what leads to no anchor is never begun."""
    distance = graph.distances()
    queue: deque[tuple[Candidate, ...]] = deque([(leaf,)] if leaf in distance else ())
    while queue:
        partial = queue.popleft()
        search.work.spend(SEARCH_STEP)
        yield from ((anchor, *reversed(partial)) for anchor in graph.anchored.get(partial[-1], ()))
        used = {candidate.outline.identity for candidate in partial}
        for issuer in graph.issuers.get(partial[-1], ()):
            fits = issuer in distance and len(partial) + distance[issuer] <= MAX_DEPTH
            if fits and issuer.outline.identity not in used:
                queue.append((*partial, issuer))


def add_helpers(outlines: Iterable[Outline], search: Search) -> None:
    """Decodes certificates of the heap that no path needs, but that may have signed status evidence."""
    for outline in outlines:
        _candidate(outline, search)


def status_signers(search: Search) -> list[asn1_x509.Certificate]:
    """Decoded certificates that may sign lists or answers: authorities, and whoever is named for it.

    RFC 5280 §6.3.3 (f) forbids a key usage without cRLSign; here somebody who is no authority must have one that says
    cRLSign, or the purpose of OCSP, so that no subscriber without a key usage can vouch for others.
    """
    found = [candidate.certificate for candidate in search.decoded.values() if candidate is not None]
    return [c for c in found if c.ca or _has(c.key_usage_value, "crl_sign") or _has(c.extended_key_usage_value)]


def _has(value: Any, wanted: str = "ocsp_signing") -> bool:  # noqa: ANN401 - asn1crypto ships no types
    return value is not None and wanted in value.native


def _issuers(child: Candidate, search: Search) -> list[Candidate]:
    wanted = child.certificate.authority_key_identifier or b""
    offered = search.pool.by_subject.get(child.outline.issuer, ())
    # The one that the child names first: its key identifier stands somewhere in it.
    ordered = sorted(offered, key=lambda outline: wanted not in outline.tbs)
    found = []
    for outline in ordered:
        search.work.spend(COMPARISON)
        issuer = _candidate(outline, search)
        if issuer is not None and issuer is not child and _issued(child, issuer, search):
            found.append(issuer)
    # Those that can succeed first: valid at the moment, then the one that the child names.
    return sorted(found, key=lambda c: (not in_period(c.certificate, search.at), c.certificate.key_identifier is None))


def _candidate(outline: Outline, search: Search) -> Candidate | None:
    if outline.der not in search.decoded:
        try:
            search.decoded[outline.der] = _decoded(outline, Role.AUTHORITY, search.work)
        except MALFORMED as err:
            search.decoded[outline.der] = None
            search.dropped.add(str(err)[:100])
    return search.decoded[outline.der]


def _decoded(outline: Outline, role: Role, work: Work) -> Candidate:
    if outline.fault:
        raise ValueError(outline.fault)
    elements = count_elements(outline.der)
    if elements > MAX_ELEMENTS:
        raise ValueError(f"more than {MAX_ELEMENTS} elements")
    work.spend(elements * DECODED_ELEMENT)
    certificate = BoundedCertificate.load(outline.der, strict=True)
    fault = structure_fault(certificate, role)
    if fault:
        raise ValueError(fault)
    # These raise now; later the search or the library would stop at them, at the cost of every other certificate.
    _ = certificate.subject.hashable, certificate.issuer.hashable
    _ = certificate.not_valid_before, certificate.not_valid_after
    return Candidate(outline, certificate, read_naming(outline))


def _issued(child: Candidate, issuer: Candidate, search: Search) -> bool:
    return _identifiers_agree(child.certificate, issuer.certificate) and _signed_by(child, issuer, search)


def _identifiers_agree(child: asn1_x509.Certificate, issuer: asn1_x509.Certificate) -> bool:
    wanted, own = child.authority_key_identifier, issuer.key_identifier
    if wanted and own and wanted != own:
        return False
    serial = child.authority_issuer_serial
    return not serial or serial == issuer.issuer_serial


def in_period(certificate: asn1_x509.Certificate, at: datetime) -> bool:
    """Whether a moment lies inside a certificate's period, ends included."""
    return bool(certificate.not_valid_before <= at <= certificate.not_valid_after)


def _signed_by(child: Candidate, issuer: Candidate, search: Search) -> bool:
    """False only if the signature is certainly not the issuer's; what cannot be tried is left to the full check."""
    certificate = child.certificate
    try:
        search.verifier.verify(
            certificate["signature_value"].native, certificate["tbs_certificate"].dump(),
            issuer.certificate.public_key, certificate["signature_algorithm"],
        )  # fmt: skip
    except (AlgorithmNotSupported, DSAParametersUnavailable, UnsupportedAlgorithm):
        return True
    except (InvalidSignature, AssertionError, *MALFORMED):
        search.bad_signature = True
        return False
    return True
