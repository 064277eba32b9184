"""Every clean file is valid under its own anchors, whoever wrote it, with a truthful account of what came after."""

from collections import Counter
from typing import Any

import pytest

from signing.validation import Verdict
from tests.attacks.cases import Clean
from tests.attacks.catalogue import CLEAN

MAX_CPU_S = 3.0


@pytest.mark.parametrize("file", CLEAN, ids=lambda file: file.name)
def test_a_clean_file_is_valid(answers: Any, file: Clean) -> None:
    answer = answers.about(file)
    report = answer.report
    assert report.verdict is Verdict.VALID, (report.reasons, [s.errors for s in report.signatures])
    assert tuple(s.changes_after.value for s in report.signatures) == file.changes
    assert tuple(s.level for s in report.signatures) == file.levels
    assert all(s.intact for s in report.signatures)
    assert file.warnings <= set(report.reasons)
    assert answer.cpu_s < MAX_CPU_S


def test_names_of_clean_files_are_unique() -> None:
    assert not [name for name, times in Counter(file.name for file in CLEAN).items() if times > 1]
