"""Of two receipt slips of one dossier signed at once one takes the place, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from api.db import Database
from api.errors import NotFound, VersionConflict
from api.records.receipt_slips import RECEIPT_SLIPS, ReceiptSlip, ReceiptSlips, SlipState

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    server = None if request.param == "sqlite" else request.getfixturevalue("postgres_server")
    url = server.new_database() if server else f"sqlite:///{tmp_path / 'slips.sqlite3'}"
    made = Database(url)
    RECEIPT_SLIPS.create(made.engine)
    yield made
    made.close()
    if server:
        server.drop_database(url)


def draft(number: int) -> ReceiptSlip:
    return ReceiptSlip(
        slip_id=f"slip_{number}",
        dossier_id="dos_1",
        state=SlipState.DRAFT,
        owner_subject="sub_1",
        org_code="H49",
        drafted_by="sub_2",
        verification_code=f"code_{number}",
        content_sha256="0" * 64,
        page_sha256="0" * 64,
        created_at=AT,
    )


def test_of_many_at_once_exactly_one_takes_the_place(db: Database) -> None:
    drafts = [draft(number) for number in range(4)]
    with db.transaction() as tx:
        for one in drafts:
            ReceiptSlips(tx).add(one)
    barrier = Barrier(len(drafts))

    def sign(one: ReceiptSlip) -> bool:
        barrier.wait()
        try:
            with db.transaction() as tx:
                slips = ReceiptSlips(tx)
                assert len(slips.of_dossier("dos_1")) <= 1
                slips.change(one, state=SlipState.SIGNED, ordinal=1, file_sha256=one.slip_id, signed_at=AT)
        except VersionConflict:
            return False
        return True

    with ThreadPoolExecutor(len(drafts)) as pool:
        outcomes = list(pool.map(sign, drafts))
    assert sorted(outcomes) == [False, False, False, True]
    winner = drafts[outcomes.index(True)]
    with db.reading() as tx:
        slips = ReceiptSlips(tx)
        (given,) = slips.of_dossier("dos_1")
        assert (given.slip_id, given.signed_at, given.version) == (winner.slip_id, AT, 2)
        assert slips.given_under(winner.verification_code) == given == slips.find_by_file(winner.slip_id)
        others = [one for one in drafts if one is not winner]
        assert [slips.given_under(one.verification_code) for one in others] == [None] * 3
        assert [slips.get(one.slip_id) for one in others] == others


def test_a_slip_that_was_signed_is_never_dropped_as_a_draft(db: Database) -> None:
    with db.transaction() as tx:
        slips = ReceiptSlips(tx)
        signed, kept = draft(1), draft(2)
        slips.add(signed)
        slips.add(kept)
        slips.change(signed, state=SlipState.SIGNED, ordinal=1)
        slips.drop(signed)
        assert slips.drafts_before("H49", AT, limit=9) == ()
        later = AT.replace(hour=3)
        assert slips.drafts_before("H49", later, limit=9) == (kept,)
        assert slips.drafts_before("H50", later, limit=9) == ()
        slips.drop(kept)
        assert slips.get(signed.slip_id).state is SlipState.SIGNED
        with pytest.raises(NotFound):
            slips.get(kept.slip_id)
