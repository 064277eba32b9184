"""One flipped bit in what is signed, in the signature or in the evidence never gives more than was true."""

import random
from typing import Any

import pytest

from signing.validation import Verdict
from tests.attacks.raw_pdf import Draft
from tests.attacks.workshop import Field, Workshop, base, draft

SAMPLE = 150
_SPARE_DIGITS = 40
"""Padding of the contents string that is flipped too; the rest of it is the same digit over and over."""


@pytest.fixture(scope="module")
def signed(workshop: Workshop) -> Draft:
    """As small as a signed file gets."""
    objects = {n: b for n, b in base("27").items() if n != 6}
    # the root is not shown: nobody signs or uses a shown root, and damage there changes nothing
    cms = workshop.cms(certificates=(workshop.signer().certificate, workshop.pki.ca.der))
    contents = len(cms(b""))
    return workshop.sign(draft(objects), Field(name="S", page=0), cms=cms, octets=contents + _SPARE_DIGITS)


@pytest.fixture(scope="module")
def archived(workshop: Workshop) -> Draft:
    """With evidence and a time-stamp over everything."""
    return workshop.stamped(workshop.store(workshop.sign(cms=workshop.cms(stamp=workshop.token))))


def flipped(pdf: bytes, bit: int) -> bytes:
    broken = bytearray(pdf)
    broken[bit // 8] ^= 1 << bit % 8
    return bytes(broken)


def sampled(pdf: bytes, count: int = SAMPLE) -> list[int]:
    return sorted(random.Random(20261123).sample(range(8 * len(pdf)), count))  # noqa: S311 - the same bits every time


def is_inside_a_container(pdf: bytes, place: int) -> bool:
    """Containers have parts that nobody signs: padding, certificates that no path needs."""
    start = pdf.rindex(b"<", 0, place + 1)
    return pdf[start - 10 : start] == b"/Contents " and b">" not in pdf[start:place]


def accepted(workshop: Workshop, pdf: bytes, bits: Any) -> list[int]:
    return [bit for bit in bits if workshop.check(flipped(pdf, bit)).verdict is Verdict.VALID]


def test_a_sample_of_flipped_bits_is_never_valid(workshop: Workshop, signed: Draft) -> None:
    assert workshop.check(signed.pdf).verdict is Verdict.VALID
    assert accepted(workshop, signed.pdf, sampled(signed.pdf)) == []


def test_lowest_bits_of_the_signature_dictionary_are_bound(workshop: Workshop, signed: Draft) -> None:
    """Every third octet, without the digits of the contents, of which the sample takes enough."""
    start = signed.pdf.index(b"/Type /Sig")
    places = [
        *range(start - 30, signed.pdf.index(b"/Contents") + 30),
        *range(signed.pdf.index(b">", start + 200), len(signed.pdf)),
    ]
    assert accepted(workshop, signed.pdf, [8 * place for place in places[::3]]) == []


def test_flipped_bits_of_an_archived_file_never_change_what_the_signature_says(
    workshop: Workshop, archived: Draft
) -> None:
    """The time-stamp covers the evidence: whatever breaks is told, and the signed octets stay judged by themselves."""
    whole = workshop.check(archived.pdf)
    assert whole.verdict is Verdict.VALID
    (signature, stamp) = whole.signatures
    for bit in sampled(archived.pdf, 60):
        report = workshop.check(flipped(archived.pdf, bit))
        if report.verdict is Verdict.VALID:
            kept = [s for s in report.signatures if s.kind == "signature"]
            assert [(s.intact, s.certificate_sha256, s.best_time) for s in kept] == [
                (True, signature.certificate_sha256, signature.best_time)
            ], bit
            stamps = [s.intact for s in report.signatures if s.kind == "timestamp"]
            assert stamps != [True] or is_inside_a_container(archived.pdf, bit // 8), bit
    assert stamp.intact


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_no_flipped_bit_at_all_is_valid(workshop: Workshop, signed: Draft) -> None:
    assert accepted(workshop, signed.pdf, range(8 * len(signed.pdf))) == []


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_no_flipped_octet_of_an_archived_file_is_better_than_the_truth(workshop: Workshop, archived: Draft) -> None:
    whole = workshop.check(archived.pdf)
    for place in range(len(archived.pdf)):
        report = workshop.check(flipped(archived.pdf, 8 * place))
        if report.verdict is Verdict.VALID:
            assert all(
                s.best_time in {None, whole.signatures[0].best_time} for s in report.signatures if s.kind == "signature"
            )
