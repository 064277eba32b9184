"""Which status evidence is enough to look at for one moment, when a document brings much that says the same.

A document with 25 signatures brings 25 answers about the same certificate and 25 lists of the same authority. What says
"revoked" or "on hold" of anybody is always looked at. Of what says nothing against anybody, one item for each
certificate or list is enough to be good by; if it turns out not to be, the caller asks again with everything. So what
is left out here can delay an answer, never change it.
Knows what items claim, decoded; whether they are signed rightly is decided by the path check.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from signing.validation.status_evidence import StatusEvidence


@dataclass(frozen=True, slots=True)
class _Item:
    """One list or answer and what it claims."""

    value: Any
    about: Hashable
    """Items with the same say the same about the same certificates."""

    made: datetime
    until: datetime | None
    is_clean: bool
    """It says nothing against anybody."""


@dataclass(frozen=True, slots=True)
class SortedEvidence:
    """Evidence with the claims of each item, worked out once for all moments."""

    evidence: StatusEvidence
    lists: tuple[_Item, ...]
    answers: tuple[_Item, ...]

    @property
    def names_withdrawn(self) -> bool:
        """Whether anything says "revoked" or "on hold" of anybody here, or cannot be read; whenever that was."""
        return bool(self.evidence.refused) or not all(item.is_clean for item in (*self.lists, *self.answers))

    def fitting(self, at: datetime) -> StatusEvidence | None:
        """What is enough for a moment; None: nothing can be left out."""
        lists, answers = _fitting(self.lists, at), _fitting(self.answers, at)
        if len(lists) == len(self.lists) and len(answers) == len(self.answers):
            return None
        return replace(self.evidence, lists=lists, answers=answers)


def sorted_claims(evidence: StatusEvidence) -> SortedEvidence:
    """The evidence with what each item claims.

    Raises:
        ValueError and others of ``MALFORMED``: an item does not decode after all.
    """
    return SortedEvidence(
        evidence,
        tuple(_of_list(one) for one in evidence.lists),
        tuple(_of_answer(one) for one in evidence.answers),
    )


def _of_list(value: Any) -> _Item:  # noqa: ANN401 - asn1crypto ships no types
    tbs = value["tbs_cert_list"]
    point = value.issuing_distribution_point_value
    delta = value.delta_crl_indicator_value
    about = ("list", tbs["issuer"].dump(), b"" if point is None else point.dump(), delta is not None)
    return _Item(
        value, about, tbs["this_update"].native, tbs["next_update"].native,
        is_clean=not tbs["revoked_certificates"] and delta is None,
    )  # fmt: skip


def _of_answer(value: Any) -> _Item:  # noqa: ANN401 - asn1crypto ships no types
    statements = value.basic_ocsp_response["tbs_response_data"]["responses"]
    about = tuple(sorted(one["cert_id"].dump() for one in statements))
    until = [one["next_update"].native for one in statements]
    return _Item(
        value, ("answer", *about), max(one["this_update"].native for one in statements),
        None if None in until else min(until),
        is_clean=all(one["cert_status"].name == "good" for one in statements),
    )  # fmt: skip


def _fitting(items: Iterable[_Item], at: datetime) -> list[Any]:
    kept: list[_Item] = []
    groups: dict[Hashable, list[_Item]] = defaultdict(list)
    for item in items:
        if item.is_clean:
            groups[item.about].append(item)
        else:
            kept.append(item)
    kept.extend(min(group, key=lambda item: _distance(item, at)) for group in groups.values())
    return [item.value for item in kept]


def _distance(item: _Item, at: datetime) -> tuple[bool, bool, float]:
    """Current at the moment first, then made after it, then what was over before; the nearest of each."""
    over = item.until is not None and item.until < at
    return over, item.made > at, abs((item.made - at).total_seconds())
