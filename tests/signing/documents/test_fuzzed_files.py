"""Files that the fuzzer once got past a check, or into an unforeseen error (tests/vectors/fuzzed)."""

import functools
import io
import zipfile
from pathlib import Path

import pytest

from tests.fakes.producers import producer_files, verified_pdf

ARCHIVE = Path(__file__).parents[2] / "vectors" / "fuzzed" / "files.zip"
REASONS = {
    "object_stream_of_two_types": {"HIDDEN_UPDATE", "READERS_DISAGREE"},
    "page_of_two_types": {"PAGE_LOOKS_DIFFERENT", "READERS_DISAGREE", "DOCUMENT_ALTERED"},
    "number_with_two_points": {"UNTRUSTED_ROOT", "CHANGES_UNKNOWN", "DOCUMENT_ALTERED"},
    "certificate_without_a_period": {"SIGNATURE_MALFORMED"},
    "digest_list_of_something_else": {"SIGNATURE_MALFORMED", "DOCUMENT_ALTERED"},
}
_ONLY_BROKEN = {"digest_list_of_something_else"}
"""Nothing was added to them: what follows the first signature is what its producer wrote."""


@functools.cache
def fuzzed() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(ARCHIVE.read_bytes())) as archive:
        return {name.removesuffix(".pdf"): archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", REASONS)
def test_what_the_fuzzer_found_is_refused_for_a_reason_that_is_known(name: str) -> None:
    report = verified_pdf(producer_files(), fuzzed()[name])
    assert report.verdict.value in {"invalid", "indeterminate"}
    for entry in report.signatures:
        assert entry.reason is not None
        assert entry.reason.value in REASONS[name], (entry.field, entry.reason, entry.errors)
        hidden = entry.changes_after.value == "permitted" and name not in _ONLY_BROKEN
        assert not hidden or entry.reason.value in {"PAGE_LOOKS_DIFFERENT", "READERS_DISAGREE"}


def test_every_file_of_the_fuzzer_is_judged() -> None:
    assert set(fuzzed()) == set(REASONS)
