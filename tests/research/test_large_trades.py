"""Large trades: the threshold is that of the metric, a block on the book is found, and nobody sees ahead."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.metrics.smart_money import block_threshold
from sugeup.research import large_trades, report_ticks
from sugeup.research.large_trades import HISTORY, QUIET, WAYS, WEEK, Case, Scored, Session

LARGE = 1e8
"""Won below which no trade is a large one."""


def day(seed: int, *, trades: int = 400, large: int = 4) -> Session:
    """A session of small trades and some of one to five hundred million won, on either side."""
    draw = np.random.default_rng(seed)
    amount = np.append(draw.lognormal(16, 0.5, trades - large), draw.uniform(1, 3, large) * LARGE)
    side = draw.choice([-1.0, 1.0], trades)
    return large_trades.session_of(amount, side, float(amount.sum()))


def case(seed: int, won: float, **about: int) -> Case:
    sessions = tuple(day(1000 * seed + at, **about) for at in range(HISTORY + WEEK))
    return Case(sessions, HISTORY, {1.0: sessions[HISTORY]}, {1.0: won})


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), days=st.integers(3, 20), trades=st.integers(350, 2000))
def test_the_threshold_is_that_of_all_trades_although_few_are_kept(seed: int, days: int, trades: int) -> None:
    draw = np.random.default_rng(seed)
    amounts = [draw.lognormal(19, 2, trades) for _ in range(days)]
    kept = [large_trades.session_of(one, np.ones(trades), float(one.sum())) for one in amounts]
    assert kept[0].amount.size < trades == kept[0].count
    expected = block_threshold(np.concatenate(amounts), np.mean([one.turnover for one in kept])).value
    assert pytest.approx(float(expected), rel=1e-12) == large_trades.threshold(kept)


def test_there_is_no_threshold_below_a_thousand_trades_and_no_answer_without_one() -> None:
    assert math.isnan(large_trades.threshold([day(1, trades=40)] * 20))
    few = case(1, 0.0, trades=45)
    assert np.isnan(large_trades.quiet(few)).all()


def test_a_stock_without_any_large_trade_has_no_answer_even_when_a_block_comes() -> None:
    """Its past windows are all zero, so that nothing says how unusual the block is (ZERO_VARIANCE)."""
    none = case(2, 3e8, large=0)
    assert np.isnan(large_trades.quiet(none)).all()
    assert np.isnan(large_trades.happened(none, 1.0, WAYS[1])).all()


def test_a_print_keeps_the_turnover_of_the_day_and_the_other_trades_shrink() -> None:
    before = day(3)
    after = large_trades.printed(before, 0.25 * before.turnover)
    assert (before.count + 1, before.turnover) == (after.count, after.turnover)
    assert pytest.approx(0.25 * before.turnover) == after.amount[0]
    assert pytest.approx(0.75 * before.amount) == after.amount[1:]
    assert 1.0 == after.side[0]


def test_a_large_print_stands_out_in_each_window_that_holds_it() -> None:
    one = case(4, 2e9)
    assert WEEK == large_trades.happened(one, 1.0, WAYS[1]).size
    assert large_trades.happened(one, 1.0, WAYS[1]).min() > 2.0
    assert np.array_equal(
        large_trades.happened(one, 1.0, WAYS[0]),
        [large_trades.score(one.sessions, at) for at in range(HISTORY, HISTORY + WEEK)],
    )


def test_what_comes_later_changes_no_answer_of_before() -> None:
    days = list(case(5, 0.0).sessions)
    changed = [*days[:90], *[day(9_000 + at, large=30) for at in range(len(days) - 90)]]
    assert [large_trades.score(days, at) for at in range(60, 90)] == [
        large_trades.score(changed, at) for at in range(60, 90)
    ]


@pytest.fixture(scope="module")
def cases() -> list[Scored]:
    return [large_trades.scored(case(seed, 2e9)) for seed in range(20)]


def test_figures_count_events_alarms_and_answers(cases: list[Scored]) -> None:
    told = large_trades.told(cases, 1e-4)
    assert told is not None
    assert (20, 20 * QUIET, 20 * QUIET) == (told["events"], told["quiet"]["sessions"], told["quiet"]["answered"])
    rows = {(row["way"], row["family"]): row for row in told["rows"]}
    assert 1.0 == rows["one print", 1]["recall"]["value"] > rows["as simulated", 1]["recall"]["value"]
    alone, many = (rows["one print", family] for family in large_trades.FAMILIES)
    assert 0 < many["false"]["value"] <= alone["false"]["value"] < 0.1
    hit, wrong = alone["recall"]["value"], alone["false"]["value"]
    assert pytest.approx(hit * 1e-4 / (hit * 1e-4 + wrong)) == alone["precision"]["value"]
    for row in told["rows"]:
        assert row["false"]["lo"] <= row["false"]["value"] <= row["false"]["hi"]
        right = row["precision"]
        assert (right["value"] is None) == (not row["recall"]["hits"])
        assert right["value"] is None or right["lo"] <= right["value"] <= right["hi"]


def test_precision_weighs_alarms_and_events_of_the_same_stock_sessions(cases: list[Scored]) -> None:
    """Events are counted of all stock-sessions, so that those without an answer, which make no alarm, count too."""
    silent = [Scored(np.full(QUIET, np.nan), one.found, one.share) for one in cases]
    few, many = (large_trades.told(one, base=1e-4) for one in (cases, [*cases, *silent]))
    assert few is not None and many is not None
    for one, other in zip(few["rows"], many["rows"], strict=True):
        hit, wrong = 1e-4 * one["recall"]["value"], one["false"]["value"]
        assert (wrong, one["recall"]["value"]) == (other["false"]["value"], other["recall"]["value"])
        assert (pytest.approx(hit / (hit + wrong)) if hit else None) == one["precision"]["value"]
        assert (pytest.approx(hit / (hit + wrong / 2)) if hit else None) == other["precision"]["value"]


def test_too_few_answers_to_hold_one_against_are_no_figures(cases: list[Scored]) -> None:
    assert large_trades.told(cases[:5], 1e-4) is None
    assert large_trades.told([], 1e-4) is None


def test_the_section_of_the_page_is_the_same_for_the_same_figures(cases: list[Scored]) -> None:
    told = {"seeds": [1, 2]} | (large_trades.told(cases, 1e-4) or {})
    page = report_ticks.found(told)
    assert page == report_ticks.found(told)
    assert len(told["rows"]) == sum(line.startswith(("| as simulated", "| one print")) for line in page.splitlines())
    assert "seeds 1 to 2" in page and "no side" in page
