"""Name constraints along a chain, the anchor's own included, at a cost that grows with the names only.

The library underneath compares every name with every constraint (2,048 of each: 15 s), knows no addresses and ignores
an anchor's constraints; so its step is switched off and this one stands in (RFC 5280 §6.1.3 (b), (c), §6.1.4 (g)).
A constraint touches names of its own kind only. Knows names, no signatures, no time.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from signing.keys.der import OCTET_STRING, OID, SEQUENCE, DerReader
from signing.validation.general_names import (
    EMAIL_ATTRIBUTE,
    Address,
    GeneralName,
    NameKind,
    read_base,
    read_mailbox,
    read_name,
)
from signing.validation.outline import Outline

MAX_NAMES: Final = 256
_COMPARED: Final = {NameKind.DNS, NameKind.EMAIL, NameKind.DIRECTORY, NameKind.URI, NameKind.IP}
_ALTERNATIVE_NAMES, _CONSTRAINTS = bytes.fromhex("551d11"), bytes.fromhex("551d1e")


@dataclass(frozen=True, slots=True)
class _Trees:
    """The subtrees of one kind in one certificate, laid out so that a name finds its tree without a walk."""

    texts: frozenset[object]
    networks: tuple[tuple[int, int, int], ...] = ()
    unread: bool = False
    """A kind that we do not compare: every name of it counts as not permitted and as excluded."""

    longest: int = 0


@dataclass(frozen=True, slots=True)
class Naming:
    """What one certificate says about names: its own, and what it allows below it."""

    names: tuple[GeneralName, ...]
    permitted: dict[NameKind, _Trees] = field(default_factory=dict)
    excluded: dict[NameKind, _Trees] = field(default_factory=dict)


def read_naming(outline: Outline) -> Naming:
    """The names and the constraints of a certificate.

    Raises:
        ValueError: malformed, or more than is compared.
    """
    extensions = _extensions(outline)
    names = [GeneralName(NameKind.DIRECTORY, outline.subject)] if outline.subject else []
    if _ALTERNATIVE_NAMES in extensions:
        names += _alternatives(extensions[_ALTERNATIVE_NAMES])
    else:
        # RFC 5280 §4.2.1.10: an address in the subject counts when there are no alternative names.
        names += [
            GeneralName(NameKind.EMAIL, read_mailbox(value) if isinstance(value, str) else None)
            for relative in outline.subject for kind, value in relative if kind == EMAIL_ATTRIBUTE
        ]  # fmt: skip
    if _CONSTRAINTS not in extensions:
        return Naming(tuple(names))
    permitted, excluded = _subtrees(extensions[_CONSTRAINTS])
    return Naming(tuple(names), _laid_out(permitted), _laid_out(excluded))


def naming_fault(chain: Sequence[tuple[Outline, Naming]]) -> str | None:
    """Why a chain (anchor first) breaks a constraint, or None."""
    permitted: list[dict[NameKind, _Trees]] = []
    excluded: list[dict[NameKind, _Trees]] = []
    for position, (outline, naming) in enumerate(chain):
        last = position == len(chain) - 1
        # RFC 5280 §6.1.3 (b): the names of a self-issued certificate count only in the last place.
        if position and (last or not outline.self_issued):
            for name in naming.names:
                fault = _fault_of(name, permitted, excluded)
                if fault:
                    return fault
        permitted.append(naming.permitted)
        excluded.append(naming.excluded)
    return None


def _fault_of(
    name: GeneralName, permitted: Sequence[dict[NameKind, _Trees]], excluded: Sequence[dict[NameKind, _Trees]]
) -> str | None:
    for trees in permitted:
        if name.kind in trees and not _inside(name, trees[name.kind]):
            return f"a name of the kind {name.kind.name.lower()} is not among those permitted"
    for trees in excluded:
        if name.kind in trees and (_inside(name, trees[name.kind]) or _doubtful(name, trees[name.kind])):
            return f"a name of the kind {name.kind.name.lower()} is excluded"
    return None


def _inside(name: GeneralName, trees: _Trees) -> bool:
    value = name.value
    if value is None or trees.unread:
        return False
    if name.kind is NameKind.DIRECTORY and isinstance(value, tuple):
        return any(value[:length] in trees.texts for length in range(min(len(value), trees.longest) + 1))
    if name.kind is NameKind.IP and isinstance(value, Address):
        number, bits = int(value), value.max_prefixlen
        return any(size == bits and number & mask == network for size, mask, network in trees.networks)
    if not isinstance(value, str) or "" in trees.texts:
        return isinstance(value, str)
    if name.kind is NameKind.DNS:
        return any(suffix in trees.texts for suffix in _suffixes(value))
    mailbox, _, host = value.rpartition("@")
    if host in trees.texts or (mailbox and value in trees.texts):
        return True
    return any(f".{suffix}" in trees.texts for suffix in _suffixes(host)[1:])


def _doubtful(name: GeneralName, trees: _Trees) -> bool:
    """Whether a name may lie in an excluded tree without saying so: unreadable, or a wildcard that covers it."""
    if name.value is None or trees.unread:
        return True
    if name.kind is NameKind.DNS and isinstance(name.value, str) and name.value.startswith("*."):
        # CVE-2025-61727: *.example.vn stands for the excluded a.example.vn too.
        tail = name.value[2:]
        return any(isinstance(text, str) and text.partition(".")[2] == tail for text in trees.texts)
    if name.kind is NameKind.EMAIL and isinstance(name.value, str):
        return name.value.lower() in {text.lower() for text in trees.texts if isinstance(text, str)}
    return False


def _suffixes(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[n:]) for n in range(len(labels))]


def _laid_out(bases: Sequence[GeneralName]) -> dict[NameKind, _Trees]:
    by_kind: dict[NameKind, list[GeneralName]] = defaultdict(list)
    for base in bases:
        by_kind[base.kind].append(base)
    return {kind: _trees(kind, found) for kind, found in by_kind.items()}


def _trees(kind: NameKind, bases: Sequence[GeneralName]) -> _Trees:
    if kind not in _COMPARED:
        return _Trees(frozenset(), unread=True)
    values = [base.value for base in bases]
    if kind is NameKind.IP:
        networks = tuple(v for v in values if isinstance(v, tuple))
        return _Trees(frozenset(), networks=networks)  # type: ignore[arg-type]  # bases of addresses are triples
    longest = max((len(v) for v in values if isinstance(v, tuple)), default=0)
    return _Trees(frozenset(values), longest=longest)


def _alternatives(value: bytes) -> list[GeneralName]:
    outer = DerReader(value)
    names, found = outer.inside(SEQUENCE), []
    outer.end()
    while not names.at_end:
        found.append(read_name(names))
        if len(found) > MAX_NAMES:
            raise ValueError(f"more than {MAX_NAMES} alternative names")
    if not found:
        raise ValueError("alternative names without a name")  # RFC 5280 §4.2.1.6
    return found


def _subtrees(value: bytes) -> tuple[list[GeneralName], list[GeneralName]]:
    outer = DerReader(value)
    constraints = outer.inside(SEQUENCE)
    outer.end()
    result = []
    for tag in (0xA0, 0xA1):
        bases: list[GeneralName] = []
        if constraints.peek() == tag:
            trees = constraints.inside(tag)
            while not trees.at_end:
                bases.append(_base(trees.inside(SEQUENCE)))
                if len(bases) > MAX_NAMES:
                    raise ValueError(f"more than {MAX_NAMES} name constraints")
            if not bases:
                raise ValueError("an empty list of subtrees")
        result.append(bases)
    constraints.end()
    if not any(result):
        raise ValueError("name constraints that constrain nothing")  # RFC 5280 §4.2.1.10
    return result[0], result[1]


def _base(subtree: DerReader) -> GeneralName:
    base = read_base(subtree)
    # RFC 5280 §4.2.1.10: minimum MUST be zero (which DER leaves out), maximum MUST be absent.
    subtree.end()
    return base


def _extensions(outline: Outline) -> dict[bytes, bytes]:
    """The extension values by the content of their OID."""
    parts = DerReader(outline.tbs).inside(SEQUENCE)
    found: dict[bytes, bytes] = {}
    while not parts.at_end and parts.peek() != 0xA3:  # noqa: PLR2004 - [3] extensions
        parts.content(parts.peek())
    if parts.at_end:
        return found
    extensions = parts.inside(0xA3).inside(SEQUENCE)
    while not extensions.at_end:
        one = extensions.inside(SEQUENCE)
        oid = one.content(OID)
        if one.peek() == 0x01:
            one.boolean()
        found[oid] = one.content(OCTET_STRING)
        one.end()
    return found
