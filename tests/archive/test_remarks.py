"""What an answer has to say to a person reaches the ledger, the step of the job and the status; the usual does not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sugeup.archive import Archive, Want
from sugeup.jobs.job import Done
from sugeup.market import sessions
from sugeup.sources.vendor import Reach, Remark, Scope
from sugeup.usecases import data_status
from tests.support.vendors import SetClock, Truth, archive_of, endpoint, truth_rows

DAYS = sessions.sessions(date(2026, 1, 5), date(2026, 1, 7))
ODD = Remark("industry that sugeup does not know, whose stocks are in no sector: 우주항공")
KEPT = f"{ODD}; update sugeup, or report this line"


@pytest.fixture
def clock() -> SetClock:
    found = SetClock(None)  # type: ignore[arg-type]
    found.at(DAYS[0], 19)
    return found


@pytest.fixture
def truth(clock: SetClock) -> Truth:
    told = [{"code": "005930", "scheme": "KRX_INDUSTRY", "sector": "0013", "valid_from": day} for day in DAYS[:1]]
    truth = Truth({"sector_membership": truth_rows("sector_membership", told)}, clock)
    truth.floating.add("sector_membership")
    truth.notes = {ODD: 2, "row without a day": 7}
    return truth


@pytest.fixture
def archive(tmp_path: Path, clock: SetClock, truth: Truth) -> Archive:
    lists = endpoint("lists", "sector_membership", scope=Scope.NONE, reach=Reach.NOW)
    return archive_of(tmp_path, clock, truth, lists)


def evening(archive: Archive, clock: SetClock, day: date) -> Done:
    clock.at(day, 19)
    return Done.of(archive.fill("sector_membership", Want((), day, day)))


def test_a_remark_is_in_the_words_of_the_step_and_the_usual_notes_are_not(archive: Archive, clock: SetClock) -> None:
    done = evening(archive, clock, DAYS[0])
    assert (True, (f"{ODD} (2)",)) == (done.complete, done.notes)


def test_a_remark_is_no_faulty_row_and_leaves_no_hole(archive: Archive, truth: Truth, clock: SetClock) -> None:
    evening(archive, clock, DAYS[0])
    asked = truth.asked
    assert (1, 1) == (archive.read("sector_membership").height, len(archive.coverage("sector_membership")))
    evening(archive, clock, DAYS[0])
    assert asked == truth.asked


def test_the_ledger_keeps_a_remark_once_with_the_evening_of_its_newest_telling(
    archive: Archive, truth: Truth, clock: SetClock
) -> None:
    for day, count in zip(DAYS, (2, 3, 2), strict=True):
        truth.notes = {ODD: count}
        evening(archive, clock, day)
    (kept,) = archive.coverage().faults
    assert ("sector_membership", "broker", None, KEPT, None) == (
        kept.dataset,
        kept.source,
        kept.session,
        kept.reason,
        kept.value,
    )
    assert clock.now() == kept.at


def test_the_status_says_what_the_source_said_and_what_to_do(archive: Archive, clock: SetClock) -> None:
    evening(archive, clock, DAYS[0])
    told = [str(part) for part in data_status.text(data_status.get_data_status(archive))]
    assert f"! broker sector_membership: {KEPT} (1 known)" in told
