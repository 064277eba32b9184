"""One workshop for every attack and every clean file, and each file's answer once."""

import time
from dataclasses import dataclass, field

import pytest

from signing.validation import Report
from tests.attacks.cases import Attack, Clean, pdf_of
from tests.attacks.workshop import Workshop
from tests.fakes.small_pki import SmallPki


@dataclass(frozen=True)
class Answer:
    """What the service said, and what it cost."""

    report: Report
    cpu_s: float


@dataclass
class Answers:
    """The answers of this session."""

    workshop: Workshop
    known: dict[str, Answer] = field(default_factory=dict)

    def about(self, case: Attack | Clean) -> Answer:
        if case.name not in self.known:
            pdf = pdf_of(case.build(self.workshop))
            more = {"password": case.password} if isinstance(case, Clean) and case.password else {}
            start = time.process_time()
            report = self.workshop.check(pdf, **more)
            self.known[case.name] = Answer(report, time.process_time() - start)
        return self.known[case.name]


@pytest.fixture(scope="session")
def workshop() -> Workshop:
    return Workshop(SmallPki())


@pytest.fixture(scope="session")
def answers(workshop: Workshop) -> Answers:
    return Answers(workshop)
