"""Every reason code that an answer can hold stands in docs/reason-codes.md, with the words that the answer uses."""

from pathlib import Path

from signing.validation import TEXTS, Reason

_DOC = Path(__file__).parents[2] / "docs" / "reason-codes.md"


def row(reason: Reason) -> str:
    return f"| `{reason.value}` | {TEXTS[reason].vi} | {TEXTS[reason].en} |"


def test_the_list_holds_every_code_with_its_words_and_no_other() -> None:
    listed = [line for line in _DOC.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert listed == [row(reason) for reason in sorted(Reason)], "write the rows of this test into docs/reason-codes.md"


def test_whoever_reads_about_the_api_finds_the_list() -> None:
    assert "(reason-codes.md)" in (_DOC.parent / "api.md").read_text(encoding="utf-8")
