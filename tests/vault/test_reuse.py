from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.test_access import CONSENT, DOCUMENT, OWNER, document
from vault.errors import ReuseRefused
from vault.model import (
    CitizenId,
    Consent,
    ConsentedDocument,
    DocumentState,
    FileRole,
    Grade,
    StoredDocument,
    StoredFile,
)
from vault.reuse import NO_FIGURES, Content, Receiver, ReuseFigures, SignatureFinding, judge_reuse

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FILE = StoredFile(
    document_id=DOCUMENT,
    role=FileRole.SIGNED,
    media_type="application/pdf",
    size=1,
    object_name="worm/x",
    stored_size=57,
    stored_sha256="00",
    content_tag="tag",
    protected_until=None,
    quarantined_at=None,
)
GOOD = replace(document(), files=(FILE,), source_dossier_id="dos_source")
RECEIVER = Receiver(
    dossier_id="dos_1",
    applicants=frozenset({OWNER, CitizenId("sub_mother")}),
    accepted_types=frozenset({"khai_sinh", "trich_luc_khai_sinh"}),
    accepted_grade=Grade.B_CERTIFIED_COPY,
)
SOUND = Content(is_intact=True, signatures=SignatureFinding.VALID)


def refusal(
    stored: StoredDocument = GOOD,
    consent: Consent = CONSENT,
    receiver: Receiver = RECEIVER,
    content: Content = SOUND,
    at: datetime = AT,
) -> str | None:
    judgement = judge_reuse(stored, consent, receiver, content, at)
    assert judgement.refusal is None or issubclass(judgement.refusal, ReuseRefused)
    assert not (judgement.refusal is not None and judgement.counts)
    return None if judgement.refusal is None else judgement.refusal.code


def test_an_active_signed_consented_document_is_accepted_and_counts() -> None:
    judgement = judge_reuse(GOOD, CONSENT, RECEIVER, SOUND, AT)
    assert (judgement.refusal, judgement.counts) == (None, True)


def test_in_the_dossier_it_came_from_a_document_is_accepted_but_never_counts() -> None:
    own = replace(GOOD, source_dossier_id=RECEIVER.dossier_id)
    judgement = judge_reuse(own, CONSENT, RECEIVER, SOUND, AT)
    assert (judgement.refusal, judgement.counts) == (None, False)


SPENT = (ConsentedDocument(document_id=DOCUMENT, content_tag="tag", spent_at=AT - timedelta(hours=1)),)


@pytest.mark.parametrize(
    "consent",
    [
        replace(CONSENT, withdrawn_at=AT),
        replace(CONSENT, expires_at=AT),
        replace(CONSENT, granted_at=AT + timedelta(seconds=1)),
        replace(CONSENT, receiver_dossier_id="dos_2"),
        replace(CONSENT, documents=()),
        replace(CONSENT, documents=SPENT),
    ],
)
def test_without_a_live_consent_for_this_dossier_and_document_reuse_is_refused(consent: Consent) -> None:
    assert refusal(consent=consent) == "REUSE_REFUSED_CONSENT"


def test_a_standing_consent_may_be_used_again() -> None:
    assert refusal(consent=replace(CONSENT, single_use=False, documents=SPENT)) is None


def test_another_persons_document_is_refused() -> None:
    assert refusal(receiver=replace(RECEIVER, applicants=frozenset({CitizenId("sub_x")}))) == "REUSE_REFUSED_OWNER"
    assert refusal(consent=replace(CONSENT, owner=CitizenId("sub_x"))) == "REUSE_REFUSED_OWNER"


@pytest.mark.parametrize("state", [each for each in DocumentState if each is not DocumentState.ACTIVE])
def test_a_document_that_is_not_active_is_refused(state: DocumentState) -> None:
    assert refusal(replace(GOOD, state=state)) == "REUSE_REFUSED_REVOKED"


def test_validity_ends_to_the_microsecond() -> None:
    ends = replace(GOOD, valid_to=AT)
    assert refusal(ends, at=AT - timedelta(microseconds=1)) is None
    assert refusal(ends) == "REUSE_REFUSED_EXPIRED"
    assert refusal(replace(GOOD, valid_from=AT + timedelta(microseconds=1))) == "REUSE_REFUSED_EXPIRED"


def test_a_dossier_that_does_not_ask_for_the_type_refuses_it() -> None:
    assert refusal(replace(GOOD, type_code="ket_hon")) == "REUSE_REFUSED_SCOPE"
    assert refusal(receiver=replace(RECEIVER, accepted_types=frozenset())) == "REUSE_REFUSED_SCOPE"


@pytest.mark.parametrize("wanted", list(Grade))
@pytest.mark.parametrize("held", list(Grade))
def test_a_grade_serves_itself_and_everything_below(held: Grade, wanted: Grade) -> None:
    answer = refusal(replace(GOOD, grade=held), receiver=replace(RECEIVER, accepted_grade=wanted))
    assert answer == (None if "ABCD".index(held) <= "ABCD".index(wanted) else "REUSE_REFUSED_GRADE")


@pytest.mark.parametrize(
    ("stored", "content"),
    [
        (GOOD, replace(SOUND, is_intact=False)),
        (replace(GOOD, files=()), SOUND),
        (replace(GOOD, files=(replace(FILE, content_tag="other"),)), SOUND),
        (replace(GOOD, files=(replace(FILE, quarantined_at=AT),)), SOUND),
    ],
)
def test_content_that_is_damaged_or_not_the_consented_one_is_refused(stored: StoredDocument, content: Content) -> None:
    assert refusal(stored, content=content) == "REUSE_REFUSED_HASH"


@pytest.mark.parametrize("found", list(SignatureFinding))
@pytest.mark.parametrize("grade", [Grade.A_ORIGINAL, Grade.B_CERTIFIED_COPY, Grade.C_OFFICER_COPY])
def test_only_signatures_that_were_shown_to_be_valid_suffice(found: SignatureFinding, grade: Grade) -> None:
    any_grade = replace(RECEIVER, accepted_grade=Grade.D_UNVERIFIED)
    answer = refusal(replace(GOOD, grade=grade), receiver=any_grade, content=replace(SOUND, signatures=found))
    assert answer == (None if found is SignatureFinding.VALID else "REUSE_REFUSED_SIGNATURE")


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (SignatureFinding.NO_SIGNATURE, None),
        (SignatureFinding.INVALID, "REUSE_REFUSED_SIGNATURE"),
        (SignatureFinding.INDETERMINATE, "REUSE_REFUSED_SIGNATURE"),
    ],
)
def test_an_unsigned_upload_serves_only_where_grade_d_is_taken(found: SignatureFinding, answer: str | None) -> None:
    upload = replace(GOOD, grade=Grade.D_UNVERIFIED, files=(replace(FILE, role=FileRole.MASTER),))
    takes_d = replace(RECEIVER, accepted_grade=Grade.D_UNVERIFIED)
    assert refusal(upload, receiver=takes_d, content=replace(SOUND, signatures=found)) == answer


COUNTS = st.integers(min_value=0, max_value=10**7)
FIGURES = st.builds(
    ReuseFigures,
    dossiers_received=COUNTS,
    dossiers_reusing=COUNTS,
    dossiers_eligible=COUNTS,
    components_reused=COUNTS,
    components_eligible=COUNTS,
)


@given(FIGURES, FIGURES)
def test_figures_of_slices_add_up_to_those_of_the_whole(one: ReuseFigures, two: ReuseFigures) -> None:
    whole = one + two
    assert whole == two + one
    assert whole + NO_FIGURES == whole
    assert whole.dossiers_received == one.dossiers_received + two.dossiers_received


def test_rates_are_percent_with_two_decimals_and_absent_without_a_base() -> None:
    figures = ReuseFigures(
        dossiers_received=3, dossiers_reusing=1, dossiers_eligible=2, components_reused=1, components_eligible=8
    )
    assert figures.official_rate == Decimal("33.33")
    assert figures.strict_rate == Decimal("50.00")
    assert figures.component_rate == Decimal("12.50")
    assert NO_FIGURES.official_rate is None
    assert NO_FIGURES.strict_rate is None
    assert NO_FIGURES.component_rate is None
