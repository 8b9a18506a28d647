"""Bookkeeping: closure, session windows, differences of running totals, share bases, estimate slots."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import accounting

CALENDAR = ["2024-02-01", "2024-02-02", "2024-02-05", "2024-02-06", "2024-02-07", "2024-02-08", "2024-02-13"]


def test_groups_close_within_the_rounding_of_their_source() -> None:
    assert {"value": 4.0, "tolerance": 4.0, "ok": True} == accounting.closure_check(dict.fromkeys("abcd", 1), 1).at()
    assert accounting.closure_check({"a": 3, "b": 0}, 1).at()["ok"] is False


def test_closure_is_checked_for_a_whole_market_at_once() -> None:
    outcome = accounting.closure_check({"a": [1, 5, np.nan], "b": [-1, 5, 2]}, 1)
    assert [True, False, None] == [outcome.at(place)["ok"] for place in range(3)]
    assert "MISSING_INPUT" == outcome.at(2)["reason"]


def test_no_groups_do_not_close() -> None:
    """An empty sum is 0, which would look like a perfect market."""
    assert {"value": None, "reason": "MISSING_INPUT", "tolerance": None, "ok": None} == accounting.closure_check(
        {}, 1
    ).at()


@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_a_group_that_takes_the_other_side_always_closes(net: list[int]) -> None:
    groups = {str(place): amount for place, amount in enumerate([*net, -sum(net)])}
    outcome = accounting.closure_check(groups, 0).at()
    assert (0, True) == (outcome["value"], outcome["ok"])


def test_a_negative_rounding_unit_is_refused() -> None:
    with pytest.raises(Refused, match="unit=-1"):
        accounting.closure_check({"a": 1}, -1)


def test_days_are_sessions_and_holidays_do_not_count() -> None:
    assert ("2024-02-08", "2024-02-13") == accounting.trading_day_window(CALENDAR, "2024-02-15", 2).value
    assert ("2024-02-07", "2024-02-08") == accounting.trading_day_window(CALENDAR[::-1], "2024-02-12", 2).value


@given(start=st.dates(date(2020, 1, 1), date(2024, 1, 1)), shut=st.sets(st.integers(0, 39)), n=st.integers(1, 10))
@settings(max_examples=50, deadline=None)
def test_a_holiday_moves_the_window_and_never_shortens_it(start: date, shut: set[int], n: int) -> None:
    days = [start + timedelta(place) for place in range(40) if place not in shut]
    window = accounting.trading_day_window(days, start + timedelta(40), n)
    if len(days) < n:
        assert {"value": None, "reason": "INSUFFICIENT_HISTORY"} == window.at()
    else:
        assert days[-n:] == list(window.value or ())


def test_mixed_kinds_of_dates_are_refused() -> None:
    with pytest.raises(Refused, match="as_of"):
        accounting.trading_day_window(CALENDAR, date(2024, 2, 5), 2)  # type: ignore[type-var]
    with pytest.raises(Refused, match="n=0"):
        accounting.trading_day_window(CALENDAR, "2024-02-05", 0)


def increments(times: list[str], cumulative: list[float | None], step: int = 10, end: str = "09:30") -> list[Any]:
    rows = accounting.snapshot_increment(times, cumulative, step, "09:00", end).value or ()
    return [row["inc"] for row in rows]


def test_a_missed_poll_leaves_both_its_bins_empty() -> None:
    """Carried into the next bin, it would show a burst of buying that never happened."""
    assert [None, None, 60] == increments(["09:20", "09:30"], [90, 150])
    assert [120, None, None] == increments(["09:10", "09:20", "09:30"], [120, None, 150])
    assert [None, None, None] == increments([], [])


def test_a_snapshot_at_the_open_is_the_first_base() -> None:
    assert [115, -30, None] == increments(["09:00", "09:10", "09:20"], [5, 120, 90])
    assert [None, -30, None] == increments(["09:00", "09:10", "09:20"], [None, 120, 90])


def test_the_last_bin_ends_at_the_close() -> None:
    assert [70, 30] == increments(["09:20", "09:30"], [70, 100], step=20)


@given(st.lists(st.integers(-(10**12), 10**12), min_size=3, max_size=3))
@settings(max_examples=30, deadline=None)
def test_increments_add_to_the_last_snapshot(cumulative: list[int]) -> None:
    assert cumulative[-1] == sum(increments(["09:10", "09:20", "09:30"], cumulative))


@pytest.mark.parametrize(
    ("times", "cumulative", "step", "end"),
    [
        (["09:10"], [1, 2], 10, "09:30"),
        (["09:10", "09:10"], [1, 2], 10, "09:30"),
        (["9:10"], [1], 10, "09:30"),
        (["09:10"], [1], 0, "09:30"),
        (["09:10"], [1], 10, "09:00"),
        (["09:10"], [1], 10, "24:00"),
    ],
)
def test_snapshots_that_cannot_be_read_are_refused(times: Any, cumulative: Any, step: int, end: str) -> None:
    with pytest.raises(Refused):
        increments(times, cumulative, step, end)


@given(
    shares=st.lists(st.integers(0, 10**9), min_size=2, max_size=20),
    split=st.tuples(st.integers(1, 50), st.integers(0, 19)),
)
@settings(max_examples=50, deadline=None)
def test_a_split_changes_no_ownership(shares: list[int], split: tuple[int, int]) -> None:
    """Ten new shares for one old are not a purchase of nine."""
    times, place = split[0], split[1] % len(shares)
    factor = [times if row == place else 1 for row in range(len(shares))]
    stored = [held * times if row >= place else held for row, held in enumerate(shares)]
    assert [held * times for held in shares] == accounting.split_adjust(stored, factor).value.tolist()


def test_a_missing_factor_hides_only_the_rows_before_it() -> None:
    outcome = accounting.split_adjust([100, None, 300, 400], [1, 1, None, 1])
    assert [None, None, 300, 400] == [outcome.at(row)["value"] for row in range(4)]
    assert ["CORPORATE_ACTION_GAP", "MISSING_INPUT"] == [outcome.at(row)["reason"] for row in range(2)]
    with pytest.raises(Refused, match="factor=0"):
        accounting.split_adjust([1], [0])


def test_an_estimate_that_the_feed_cannot_know_is_null() -> None:
    """The feed prints 0 for institutions at 09:30: shown as it is, it reads "institutions did nothing"."""
    rows = [{"slot": slot, "foreign": slot, "institution": -slot} for slot in range(1, 6)]
    answer = accounting.estimate_slots(rows).value or ()
    assert ["09:30", "10:00", "11:20", "13:20", "14:30"] == [row["time"] for row in answer]
    assert [1, None, 3, 4, 5] == [row["foreign"] for row in answer]
    assert [None, -2, -3, -4, -5] == [row["institution"] for row in answer]


def test_estimates_not_received_are_null_and_odd_slots_are_refused() -> None:
    assert ({"time": "11:20", "foreign": None, "institution": 7},) == accounting.estimate_slots(
        [{"slot": 3, "institution": 7}]
    ).value
    assert {"value": None, "reason": "MISSING_INPUT"} == accounting.estimate_slots([]).at()
    for slots in ([6], [1, 1], [None]):
        with pytest.raises(Refused, match="1 to 5"):
            accounting.estimate_slots([{"slot": slot} for slot in slots])
