"""A file of many megabytes is checked without holding its streams twice."""

import io
import tracemalloc
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from signing.validation import VN_TT15_2025, Verdict, primary_reader, verify_pdf
from signing.validation.primary_reader import _Views

MIB = 1024 * 1024


@given(
    data=st.binary(max_size=60),
    steps=st.lists(st.tuples(st.sampled_from(["read", "seek", "back"]), st.integers(-3, 70)), max_size=12),
)
@settings(max_examples=200, deadline=None)
def test_views_read_as_a_stream_in_memory_does(data: bytes, steps: list[tuple[str, int]]) -> None:
    ours, plain = _Views(data), io.BytesIO(data)
    for what, number in steps:
        if what == "read":
            assert bytes(ours.read(number)) == plain.read(number)
        elif what == "seek":
            assert ours.seek(max(0, number)) == plain.seek(max(0, number))
        else:
            step = min(number, 0)
            if plain.tell() + step >= 0:
                assert ours.seek(step, io.SEEK_CUR) == plain.seek(plain.tell() + step)
        assert ours.tell() == plain.tell()


def test_a_long_stream_is_not_held_a_second_time(pki: Any, sign: Any, sample_pdf: Any) -> None:
    size = 40 * MIB

    def add(document: Any) -> None:
        document.Root.Noise = document.make_stream(bytes(size))

    pdf = sign(sample_pdf.changed(sample_pdf.small(), add, compress_streams=False)).pdf
    assert len(pdf) > size > primary_reader._LONG
    tracemalloc.start()
    try:
        report = verify_pdf(pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at, compare_pages=False)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report.verdict is Verdict.VALID, report.reasons
    assert peak < size
