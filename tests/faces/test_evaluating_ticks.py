"""Trades of simulated block trades reach the evaluation as arrays, without and with the event."""

from __future__ import annotations

import numpy as np
import pytest

from sugeup.faces import evaluating_ticks
from sugeup.faces.evaluating_market import simulated
from sugeup.faces.evaluating_runs import Size
from sugeup.research.large_trades import HISTORY, TOP, WEEK

SIZE = Size((5,), 24, 130, strengths=(0.0, 2.0), processes=1)


@pytest.mark.slow
def test_a_block_trade_has_its_sessions_without_it_and_its_own_day_with_it() -> None:
    found, planted = evaluating_ticks.cases(SIZE, 5)
    assert 0 < len(found) <= planted
    for one in found:
        assert (HISTORY + WEEK, HISTORY) == (len(one.sessions), one.place)
        assert one.planted[2.0].turnover > one.sessions[HISTORY].turnover
        assert 0.02 < one.blocks[2.0] / one.planted[2.0].turnover < 0.9


def test_the_trades_kept_are_the_largest_of_the_session() -> None:
    market = simulated(3, 0.0, 40, 30)
    day = market.sessions[20]
    code = market.rows("daily_bars", day, day).sort("volume")["code"][-1]
    rows = market.rows("ticks", day, day, [code])
    amounts = np.sort((rows["price"] * rows["volume"]).to_numpy())[::-1].astype(float)
    kept = evaluating_ticks.traded(market, code, day)
    assert rows.height == kept.count
    assert int(np.ceil(TOP * rows.height)) == kept.amount.size
    assert np.array_equal(amounts[: kept.amount.size], np.sort(kept.amount)[::-1])
    bar = market.rows("daily_bars", day, day, [code]).row(0, named=True)
    assert bar["amount"] == kept.turnover


def test_markets_too_short_for_an_answer_have_no_section() -> None:
    assert evaluating_ticks.measured(Size((3, 4), 30, HISTORY, strengths=(0.0, 2.0), processes=1)) is None
