"""From a heap of certificates that a stranger sent to a short list of paths worth checking.

Path building in the library underneath is factorial in the number of certificates that share a subject (measured: 8 of
them cost 23 s). Here every step is counted: duplicates go, an edge exists only if key identifiers agree and the
signature verifies, no (subject, key) occurs twice in a path, shortest paths come first, and everything has a bound.
Knows no revocation and no policy; a path that is listed here is still unchecked.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.errors import AlgorithmNotSupported, DSAParametersUnavailable
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.sig_validate import SignatureValidator

from signing.validation.structure import MAX_CERTIFICATE_BYTES, structure_fault

MAX_POOL = 256  # certificates looked at, whatever was sent
MAX_EDGES = 400  # issuer candidates whose signature is tried
MAX_PATHS = 8  # complete paths handed on
MAX_DEPTH = 8  # certificates below the anchor; PKITS needs 7, real hierarchies 3


@dataclass(frozen=True, slots=True)
class Pool:
    """The usable certificates, once each, by subject."""

    certificates: tuple[asn1_x509.Certificate, ...]
    originals: tuple[bytes, ...]
    """The DER of each, in the same order, as it was sent."""

    dropped: tuple[str, ...] = ()
    """Why a certificate was left out; for the reason text when no path is found."""


def make_pool(others: Iterable[bytes]) -> Pool:
    """Parses, bounds and de-duplicates what came with a document; what is malformed is left out, not fatal."""
    kept: dict[bytes, asn1_x509.Certificate] = {}
    dropped: list[str] = []
    for der in others:
        if der in kept:
            continue
        if len(kept) >= MAX_POOL:
            dropped.append(f"more than {MAX_POOL} certificates")
            break
        try:
            certificate = load_certificate(der)
            fault = structure_fault(certificate, is_leaf=False)
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as err:
            fault = f"malformed ({type(err).__name__})"
        if fault:
            dropped.append(fault)
        else:
            kept[der] = certificate
    return Pool(tuple(kept.values()), tuple(kept), tuple(dropped))


def load_certificate(der: bytes) -> asn1_x509.Certificate:
    """One DER certificate with nothing behind it.

    Raises:
        ValueError: too large, or not DER of a certificate.
    """
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise ValueError(f"certificate larger than {MAX_CERTIFICATE_BYTES} bytes")
    return asn1_x509.Certificate.load(der, strict=True)


@dataclass(slots=True)
class _Search:
    """The state of one search: what was tried, and what it found out on the way."""

    anchors: dict[str, list[CertTrustAnchor]]
    by_subject: dict[str, list[asn1_x509.Certificate]]
    verifier: SignatureValidator
    at: datetime
    edges_left: int = MAX_EDGES
    verified: dict[tuple[bytes, bytes], bool] = field(default_factory=dict)
    bad_signature: bool = False


@dataclass(frozen=True, slots=True)
class Candidates:
    """The paths found, and why there may be none."""

    paths: tuple[ValidationPath, ...]
    exhausted: bool
    """The bound on tried edges was reached: more paths may exist."""

    bad_signature: bool
    """Some issuer had the right name, but its key did not make the signature."""


def find_paths(
    leaf: asn1_x509.Certificate,
    pool: Pool,
    roots: Iterable[asn1_x509.Certificate],
    *,
    verifier: SignatureValidator,
    at: datetime,
) -> Candidates:
    """Paths from an anchor down to the leaf, shortest first; at most ``MAX_PATHS``."""
    search = _Search(anchors={}, by_subject={}, verifier=verifier, at=at)
    for root in roots:
        search.anchors.setdefault(root.subject.hashable, []).append(CertTrustAnchor(root))
    for certificate in pool.certificates:
        search.by_subject.setdefault(certificate.subject.hashable, []).append(certificate)
    paths: list[ValidationPath] = []
    queue: deque[tuple[asn1_x509.Certificate, ...]] = deque([(leaf,)])  # leaf first, growing towards the anchor
    while queue and len(paths) < MAX_PATHS and search.edges_left > 0:
        partial = queue.popleft()
        above = list(reversed(partial[1:]))
        paths.extend(ValidationPath(anchor, above, leaf) for anchor in _issuing_anchors(partial[-1], search))
        if len(partial) < MAX_DEPTH:
            queue.extend((*partial, issuer) for issuer in _issuers(partial, search))
    return Candidates(tuple(paths[:MAX_PATHS]), search.edges_left <= 0, search.bad_signature)


def _issuing_anchors(child: asn1_x509.Certificate, search: _Search) -> Iterator[CertTrustAnchor]:
    for anchor in search.anchors.get(child.issuer.hashable, ()):
        root = anchor.certificate
        if anchor.authority.is_potential_issuer_of(child) and _signed_by(child, root, search):
            yield anchor


def _issuers(partial: tuple[asn1_x509.Certificate, ...], search: _Search) -> list[asn1_x509.Certificate]:
    child = partial[-1]
    seen = {(c.subject.hashable, c.public_key.dump()) for c in partial}
    found = []
    for issuer in search.by_subject.get(child.issuer.hashable, ()):
        if search.edges_left <= 0:
            break
        # RFC 4158 §2.4.2: the same subject and key twice is a loop, whatever else differs.
        if (issuer.subject.hashable, issuer.public_key.dump()) in seen or not _identifiers_agree(child, issuer):
            continue
        if _signed_by(child, issuer, search):
            found.append(issuer)
    # Those that can succeed first: valid at the moment, then the one that the child names.
    return sorted(found, key=lambda c: (not _in_period(c, search.at), c.key_identifier is None))


def _identifiers_agree(child: asn1_x509.Certificate, issuer: asn1_x509.Certificate) -> bool:
    wanted, own = child.authority_key_identifier, issuer.key_identifier
    if wanted and own and wanted != own:
        return False
    serial = child.authority_issuer_serial
    return not serial or serial == issuer.issuer_serial


def _in_period(certificate: asn1_x509.Certificate, at: datetime) -> bool:
    return bool(certificate.not_valid_before <= at <= certificate.not_valid_after)


def _signed_by(child: asn1_x509.Certificate, issuer: asn1_x509.Certificate, search: _Search) -> bool:
    """False only if the signature is certainly not the issuer's; what cannot be tried is left to the full check."""
    # Never dump() or .sha256 of the whole certificate: asn1crypto re-encodes unique identifiers wrongly (PKITS 4.3.6).
    key = (child["tbs_certificate"].dump(), issuer.public_key.dump())
    if key not in search.verified:
        search.edges_left -= 1
        try:
            search.verifier.validate_signature(
                signature=child["signature_value"].native,
                signed_data=child["tbs_certificate"].dump(),
                public_key_info=issuer.public_key,
                signature_algorithm=child["signature_algorithm"],
            )
            search.verified[key] = True
        except (AlgorithmNotSupported, DSAParametersUnavailable):
            search.verified[key] = True
        except InvalidSignature:
            search.verified[key] = False
        except (ValueError, TypeError, KeyError, AssertionError):
            search.verified[key] = False  # a key or signature that does not even decode
    if not search.verified[key]:
        search.bad_signature = True
    return search.verified[key]
