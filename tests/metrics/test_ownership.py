"""Foreign holdings: buying apart from price moves, runs that gaps break, crossings that are told once."""

from __future__ import annotations

import itertools
import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import accounting, ownership

SHARES = st.integers(0, 6 * 10**9)
PRICES = st.integers(0, 2 * 10**6)
HELD = st.lists(st.none() | st.integers(0, 5), max_size=30)
PERCENT = st.lists(st.none() | st.floats(0, 100), max_size=40)


def changed(held0: Any, held1: Any, listed0: Any = 1000, listed1: Any = 1000, **other: Any) -> dict[str, Any]:
    return ownership.change(held0, held1, listed0, listed1, **{"price0": 10, "price1": 10} | other).at()


def test_a_price_move_is_not_a_purchase() -> None:
    cell = ownership.change(100, 100, 1000, 1000, 50, 80).at()
    assert (0.0, 0.0, 0.0, 3000.0, 3000.0, "FLAT") == tuple(
        cell[name] for name in ("value", "shares_change", "quantity_effect", "price_effect", "value_change", "trend")
    )


@given(held=st.tuples(SHARES, SHARES), listed=st.tuples(SHARES, SHARES), price=st.tuples(PRICES, PRICES))
@settings(max_examples=80, deadline=None)
def test_the_two_effects_add_to_the_change_of_value(
    held: tuple[int, int], listed: tuple[int, int], price: tuple[int, int]
) -> None:
    cell = ownership.change(*held, *listed, *price).at()
    if 0 in listed:
        assert "ZERO_DENOMINATOR" == cell["reason"]
        return
    assert cell["quantity_effect"] + cell["price_effect"] == cell["value_change"]
    assert math.isclose(held[1] * price[1] - held[0] * price[0], cell["value_change"], rel_tol=1e-12, abs_tol=16)
    assert math.isclose(100 * (held[1] / listed[1] - held[0] / listed[0]), cell["value"], rel_tol=1e-12)


def test_a_missing_end_is_not_a_sale_of_everything() -> None:
    cell = changed(523, None)
    assert "MISSING_INPUT" == cell.pop("reason")
    assert {None} == set(cell.values())
    assert "MISSING_INPUT" == changed(1, 1, price0=-1)["reason"]


def test_a_trend_starts_at_a_hundredth_of_a_point() -> None:
    """One share in ten thousand is 0.01 points; half of it is noise of rounding."""
    trends = [changed(held, 5 + held, listed, listed)["trend"] for held, listed in ((0, 10_000), (0, 50_000))]
    assert ["INCREASING", "INCREASING"] == trends
    assert ["FLAT", "FLAT", "DECREASING"] == [
        changed(held0, held1, 100_000, 100_000)["trend"] for held0, held1 in ((0, 9), (9, 0), (10, 0))
    ]
    with pytest.raises(Refused, match="flat=-1"):
        changed(1, 1, flat=-1)


def test_new_shares_that_foreigners_do_not_take_dilute_them() -> None:
    cell = changed(500, 500, 1000, 2000)
    assert (-25.0, 0.0, "DECREASING") == (cell["value"], cell["shares_change"], cell["trend"])


def run_by_hand(shares: list[int | None]) -> int | None:
    """Walk back from the newest change."""
    steps = [
        None if before is None or now is None else (now > before) - (now < before)
        for before, now in itertools.pairwise(shares)
    ]
    if not steps or steps[-1] is None:
        return None
    length = 0
    while length < len(steps) and steps[-1 - length] == steps[-1]:
        length += 1
    return length * steps[-1]


@given(HELD)
@settings(max_examples=150, deadline=None)
def test_a_run_is_counted_back_to_the_first_other_day(shares: list[int | None]) -> None:
    outcome = ownership.streak(shares)
    for session in range(len(shares)):
        cell = outcome.at(session)
        assert run_by_hand(shares[: session + 1]) == cell["value"]
        if cell["value"] is None:
            missing = shares[session] is None or (session > 0 and shares[session - 1] is None)
            assert ("MISSING_INPUT" if missing else "INSUFFICIENT_HISTORY") == cell["reason"]


@given(HELD)
@settings(max_examples=60, deadline=None)
def test_runs_of_sales_mirror_runs_of_purchases_in_any_unit(shares: list[int | None]) -> None:
    rising = ownership.streak(shares).value
    falling = ownership.streak([None if held is None else 7000 - 1000 * held for held in shares]).value
    assert np.array_equal(rising, -falling, equal_nan=True)


def test_the_newest_runs_are_the_same_when_only_they_are_asked_for() -> None:
    shares = [[1, 2, 3, 3, 2], [5, 4, 3, 2, 1]]
    assert np.array_equal(ownership.streak(shares).value[:, -2:], ownership.streak(shares, last=2).value)
    assert (2, 5) == ownership.streak(shares, last=9).value.shape


def test_a_gap_or_a_flat_day_ends_a_run() -> None:
    runs = ownership.streak([10, 11, 12, None, 13, 14, 14, 15]).value
    assert np.array_equal([np.nan, 1, 2, np.nan, np.nan, 1, 0, 1], runs, equal_nan=True)


def test_a_split_is_no_purchase() -> None:
    """Bonus shares of 3 for 100 multiply by 1.03, whose rounding must not look like a trade."""
    held = [2_987_654_321, 2_987_654_321, round(2_987_654_321 * 1.03)]
    adjusted = accounting.split_adjust([held[0], held[1] + 1, held[2]], [1, 1, 1.03]).value
    assert [1.0, -1.0] == ownership.streak(adjusted).value[1:].tolist()
    still = accounting.split_adjust([100, 100, 103], [1, 1, 1.03]).value
    assert [0.0, 0.0] == ownership.streak(still).value[1:].tolist()


def crossings_by_hand(dates: list[Any], pct: list[float | None], step: float, hysteresis: float) -> list[Any]:
    above: dict[int, bool] = {}
    events = []
    for day, now in zip(dates, pct, strict=True):
        if now is None:
            continue
        for rank in (rank for rank in range(1, 1 + math.ceil(100 / step)) if step * rank < 100):
            level = step * rank
            if rank not in above:
                above[rank] = now >= level
            elif not above[rank] and now >= level:
                above[rank] = True
                events.append((day, level, "UP", now))
            elif above[rank] and now <= level - hysteresis:
                above[rank] = False
                events.append((day, level, "DOWN", now))
    return events


@given(pct=PERCENT, step=st.sampled_from([5, 10, 2.5, 30]), hysteresis=st.sampled_from([0.25, 1.0, 2.5]))
@settings(max_examples=120, deadline=None)
def test_crossings_follow_the_state_of_each_level(pct: list[float | None], step: float, hysteresis: float) -> None:
    dates = [date(2024, 1, 1) + timedelta(place) for place in range(len(pct))]
    rows = ownership.milestones(dates, pct, step=step, hysteresis=hysteresis)
    if all(now is None for now in pct):
        assert {"value": None, "reason": "MISSING_INPUT"} == rows.at()
    else:
        assert crossings_by_hand(dates, pct, step, hysteresis) == [tuple(row.values()) for row in rows.value or ()]


def test_the_first_date_is_a_state_and_no_event() -> None:
    assert {"value": []} == ownership.milestones(["d1"], [73.0]).at()
    assert {"value": []} == ownership.milestones(["d1", "d2"], [49.8, 49.9]).at()


def test_a_holding_that_stays_on_a_level_is_told_once() -> None:
    told = ownership.milestones(list("abcdef"), [49.9, 50.0, 49.8, 50.1, 49.76, 50.2]).value or ()
    assert [("b", "UP")] == [(row["date"], row["direction"]) for row in told]
    assert [("f", "DOWN")] == [
        (row["date"], row["direction"]) for row in ownership.milestones(["e", "f"], [50.0, 49.75]).value or ()
    ]


def test_a_jump_tells_every_level_in_ascending_order() -> None:
    up = ownership.milestones(["a", "b", "c"], [4, None, 17]).value or ()
    assert [("c", 5.0), ("c", 10.0), ("c", 15.0)] == [(row["date"], row["level"]) for row in up]
    down = ownership.milestones(["a", "b"], [99.9, 89.0]).value or ()
    assert [90.0, 95.0] == [row["level"] for row in down]


def test_milestones_that_cannot_be_read_are_refused() -> None:
    for bad in ({"step": 0}, {"step": 100}, {"hysteresis": -1}, {"hysteresis": 6}):
        with pytest.raises(Refused, match="is not allowed"):
            ownership.milestones(["a"], [1.0], **bad)
    with pytest.raises(Refused, match=r"dates \(2\) and pct \(1\)"):
        ownership.milestones(["a", "b"], [1.0])
    assert "MISSING_INPUT" == ownership.milestones([], []).reason


def test_room_ends_at_the_limit_and_says_when_it_is_exceeded() -> None:
    assert {"value": 100.0, "room_shares": 0.0} == ownership.limit(1, 1).at()
    outcome = ownership.limit([0, 490, 500, 1, None], [490, 490, 490, 0, 490])
    assert [0.0, 100.0] == outcome.value[:2].tolist() and outcome.value[2] > 100
    assert [490.0, 0.0, -10.0, None, None] == [outcome.at(place)["room_shares"] for place in range(5)]
    assert ["ZERO_DENOMINATOR", "MISSING_INPUT"] == [outcome.at(place)["reason"] for place in (3, 4)]


@given(foreign=st.floats(0, 100), rest=st.floats(0, 1))
@settings(max_examples=80, deadline=None)
def test_every_split_of_the_rest_lies_between_the_bounds(foreign: float, rest: float) -> None:
    treasury = (100 - foreign) * rest
    cell = ownership.concentration_bounds(foreign, treasury).at()
    assert (None, "NOT_AVAILABLE_FROM_SOURCE") == (cell["value"], cell["reason"])
    left = 100 - foreign - treasury
    for part in (0.0, 0.3, 0.5, 1.0):
        parts = (foreign, treasury, part * left, (1 - part) * left)
        index = sum((held / 100) ** 2 for held in parts)
        assert cell["lo"] - 1e-9 <= index <= cell["hi"] + 1e-9
    assert 0.25 - 1e-9 <= cell["lo"] <= cell["hi"] <= 1 + 1e-9 or treasury > 0


def test_parts_above_the_whole_do_not_reconcile() -> None:
    outcome = ownership.concentration_bounds([60, 60, None, -1], [40, 41, 1, 1])
    reasons = [outcome.at(place)["reason"] for place in range(4)]
    assert ["NOT_AVAILABLE_FROM_SOURCE", "RECONCILIATION_FAILED", "MISSING_INPUT", "MISSING_INPUT"] == reasons
    assert [None] * 3 == [outcome.at(place)["lo"] for place in (1, 2, 3)]
    assert math.isclose(0.52, outcome.at(0)["lo"]) and math.isclose(0.52, outcome.at(0)["hi"])
