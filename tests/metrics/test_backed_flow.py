"""뒷받침된 순매수: what backs buying, by hand, whatever the unit, without the future, and what cannot be judged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics.backed_flow import FARTHEST, WEIGHTS, backed_flow
from sugeup.metrics.evened_flow import evened_flow

STOCKS, SESSIONS = 40, 140
Series = dict[str, np.ndarray]


def market(seed: int) -> Series:
    """Figures of sessions in which nothing happens; returns follow flows a little."""
    draw = np.random.default_rng(seed)
    turnover = draw.uniform(1e9, 1e10, (STOCKS, SESSIONS))
    share = draw.normal(0, 0.15, turnover.shape)
    returns = 0.03 * (0.3 * share / 0.15 + draw.normal(0, 1, turnover.shape))
    volume = 1e5 * np.exp(draw.normal(0, 0.8, turnover.shape))
    return {"net": share * turnover, "turnover": turnover, "excess_ret": returns, "volume": volume}


def test_price_and_volume_back_buying_and_either_alone_weighs_less() -> None:
    plain = market(1)
    share = np.zeros((STOCKS, SESSIONS))
    share[0, -3:] = 0.4
    bought = plain | {"net": plain["net"] + share * plain["turnover"]}
    moved = bought | {"excess_ret": bought["excess_ret"] + share * 0.1, "volume": bought["volume"] * np.exp(3 * share)}
    only = plain | {name: moved[name] for name in ("excess_ret", "volume")}
    nothing, flow, backed, news = (backed_flow(**one).at(0, -1)["value"] for one in (plain, bought, moved, only))
    assert nothing < news < flow < backed
    assert backed - flow > 0.7


def test_it_is_fishers_direction_on_the_three_parts() -> None:
    series = market(2)
    found = backed_flow(**series, n=5)
    flow = evened_flow(series["net"], series["turnover"], n=5).value
    np.testing.assert_array_equal(found.extra["flow"], np.where(np.isnan(found.value), np.nan, flow))
    e = np.array([found.extra[name] for name in ("flow", "ret", "volume")])
    known = e[:, :, :-1][:, np.isfinite(e[:, :, :-1]).all(axis=0)]
    spread = known.std(axis=1, ddof=1)
    direction = np.linalg.inv(np.corrcoef(known)) @ WEIGHTS
    expected = direction @ (e[:, 7, -1] / spread) / np.sqrt(WEIGHTS @ direction)
    assert pytest.approx(expected) == found.at(7, -1)["value"]
    assert pytest.approx(1.0, abs=0.1) == np.nanstd(found.value[:, :-1])


def test_selling_is_the_mirror_of_buying_but_for_volume() -> None:
    series = market(3)
    mirrored = series | {"net": -series["net"], "excess_ret": -series["excess_ret"]}
    buys, sells = backed_flow(**series), backed_flow(**mirrored, side="SELL")
    np.testing.assert_allclose(buys.value, -sells.value, atol=1e-9)
    assert not np.allclose(buys.value[:, -1], backed_flow(**series, side="SELL").value[:, -1])


def test_a_piece_of_news_is_cut_off() -> None:
    series = market(4)
    series["excess_ret"][3, -1] += 2.0
    told = backed_flow(**series).at(3, -1)
    assert FARTHEST == told["ret"]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.001, 1e6))
def test_the_unit_and_the_order_of_stocks_do_not_matter(seed: int, factor: float) -> None:
    series = market(seed % 1000)
    expected = backed_flow(**series).value
    scaled = series | {name: series[name] * factor for name in ("net", "turnover", "volume")}
    np.testing.assert_allclose(backed_flow(**scaled).value, expected, rtol=1e-6, atol=1e-7)
    order = np.random.default_rng(seed).permutation(STOCKS)
    shuffled = {name: one[order] for name, one in series.items()}
    np.testing.assert_allclose(backed_flow(**shuffled).value, expected[order], rtol=1e-9, atol=1e-9)


def test_the_newest_session_is_judged_by_those_before_it() -> None:
    series = market(5)
    series["net"][0, -1] *= 50
    spread = [backed_flow(**{name: one[:, :end] for name, one in series.items()}) for end in (SESSIONS - 1, SESSIONS)]
    before, after = (one.value[:, : SESSIONS - 1] for one in spread)
    assert not np.array_equal(before, after, equal_nan=True), "scales are those of all sessions but the newest"
    changed = {name: one.copy() for name, one in series.items()}
    changed["net"][1:, -1] *= 7
    assert backed_flow(**series).at(0, -1) == backed_flow(**changed).at(0, -1)


def test_what_cannot_be_judged_says_why() -> None:
    series = market(6)
    series["excess_ret"][2, -1] = np.nan
    series["volume"][3, -1] = 0
    series["net"][4, :100] = np.nan
    told = backed_flow(**series)
    reasons = [told.at(row, -1).get("reason") for row in (1, 2, 3, 4)]
    assert [None, "MISSING_INPUT", "MISSING_INPUT", "INSUFFICIENT_HISTORY"] == reasons
    few = {name: one[:9] for name, one in market(6).items()}
    assert "INSUFFICIENT_HISTORY" == backed_flow(**few).at(0, -1)["reason"]
    flat = market(6) | {"volume": np.ones((STOCKS, SESSIONS))}
    assert "ZERO_VARIANCE" == backed_flow(**flat).at(0, -1)["reason"]
    with pytest.raises(Refused, match="side='HOLD'"):
        backed_flow(**series, side="HOLD")
    with pytest.raises(Refused, match="of one shape"):
        backed_flow([1.0], [1.0], [1.0], [1.0])


def test_asking_for_fewer_sessions_gives_the_same_figures_for_them() -> None:
    series = market(7)
    whole = backed_flow(**series)
    for last in (1, 20):
        np.testing.assert_array_equal(whole.value[:, -last:], backed_flow(**series, last=last).value)
