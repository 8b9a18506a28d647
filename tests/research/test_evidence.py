"""Forecasts, moods, lookalikes, stability and revisions on planted truths: what knows is found, what guesses is not."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from sugeup.metrics import flow
from sugeup.research import (
    curves,
    evidence_pictures,
    forecasts,
    lookalikes,
    moods,
    resampling,
    revisions,
    shuffles,
    stability,
)
from sugeup.research.detectors import Found
from sugeup.research.figures import INVESTORS, Figures, Floats

STOCKS, SESSIONS = 6, 300
DAYS = tuple(date(2024, 1, 2) + timedelta(days=at) for at in range(SESSIONS))


def walk(seed: int, shape: tuple[int, ...]) -> Floats:
    """Independent normal draws."""
    return np.random.default_rng(seed).standard_normal(shape)


def market(net: Floats | None = None, returns: Floats | None = None) -> Figures:
    """Stocks of KOSPI and KOSDAQ in turn with an index that never moves; noise where nothing is given."""
    shape = (STOCKS, SESSIONS)
    moved = 0.01 * walk(1, shape) if returns is None else returns
    close = 10_000 * np.cumprod(1 + moved, axis=1)
    before = np.concatenate([close[:, :1], close[:, :-1]], axis=1)
    bars = {f"raw_{name}": close for name in ("high", "low", "close")}
    bars |= {"raw_open": before, "base_price": before, "volume": np.full(shape, 1e6), "amount": np.full(shape, 1e9)}
    bars["market_cap"] = np.broadcast_to(np.arange(1.0, STOCKS + 1)[:, None] * 1e12, shape)
    bought = 1e8 * walk(2, shape) if net is None else net
    return Figures(
        codes=tuple(f"{at:06d}" for at in range(STOCKS)),
        days=DAYS,
        markets=tuple("KOSPI" if at % 2 == 0 else "KOSDAQ" for at in range(STOCKS)),
        sectors=(None,) * STOCKS,
        net=dict.fromkeys(INVESTORS, bought),
        bars=bars,
        index={"KOSPI": np.ones(SESSIONS), "KOSDAQ": np.ones(SESSIONS)},
        halted=np.zeros(shape, bool),
        short_amount=np.full(shape, np.nan),
        short_balance=np.full(shape, np.nan),
    )


def found(fired: np.ndarray, direction: str = "BUY", strength: Floats | None = None) -> Found:
    size = np.full(fired.shape, np.nan) if strength is None else strength
    return Found("PLANTED", direction, fired, np.ones(fired.shape, bool), size)


def test_a_forecast_that_knows_the_future_is_always_right_and_beats_the_last_sign() -> None:
    last = walk(3, (STOCKS, SESSIONS))
    later = forecasts.after(last)
    told = forecasts.judged(np.sign(later), last, later, 1)
    assert told is not None
    assert 1.0 == told["value"] and 0.5 == pytest.approx(told["base"], abs=0.05) and 0 < told["lift_lo"]
    assert forecasts.corrected([told])[0]["beats"]


def test_a_forecast_by_coin_has_an_interval_around_the_benchmark_and_beats_nothing() -> None:
    last = walk(4, (STOCKS, SESSIONS))
    told = forecasts.judged(np.sign(walk(5, last.shape)), last, forecasts.after(last), 5)
    assert told is not None
    assert told["lo"] < told["base"] < told["hi"] and told["lift_lo"] < 0 < told["lift_hi"]
    assert not forecasts.corrected([told])[0]["beats"]


def test_the_last_sign_itself_has_no_lift_at_all() -> None:
    last = walk(6, (STOCKS, SESSIONS))
    told = forecasts.judged(np.sign(last), last, forecasts.after(last), 5)
    assert told is not None and [0.0, 0.0, 0.0] == [told[name] for name in ("lift", "lift_lo", "lift_hi")]


def test_nothing_said_is_no_row() -> None:
    last = walk(7, (STOCKS, SESSIONS))
    assert forecasts.judged(np.full(last.shape, np.nan), last, forecasts.after(last), 5) is None


def test_the_forecast_of_a_session_is_the_metric_on_what_was_known_then() -> None:
    x = np.sin(np.arange(SESSIONS) / 9)[None] + 0.1 * walk(8, (2, SESSIONS))
    told = forecasts.forecast(x)
    for at in (99, 204):
        np.testing.assert_array_equal(np.sign(flow.forecast(x[:, : at + 1]).value), told[:, at])
    wrong = x.copy()
    wrong[:, 205:] *= -1000
    np.testing.assert_array_equal(told[:, :205], forecasts.forecast(wrong)[:, :205])
    assert np.isnan(told[:, 205]).all()


def test_flows_that_persist_give_every_investor_rows_of_forecast_and_trend() -> None:
    lasting = np.repeat(walk(9, (STOCKS, SESSIONS // 10)), 10, axis=1) * 1e8
    rows = forecasts.rows("STOCK", market(net=lasting))
    signals = {(row["investor"], row["signal"]) for row in rows}
    assert {(one, "inv.trend") for one in forecasts.INVESTORS} < signals
    assert all(row["base"] == row["value"] for row in rows if row["signal"] == "inv.trend")


def test_an_index_that_rises_after_low_scores_is_told_and_one_that_does_not_care_is_not() -> None:
    score = 50 + np.convolve(walk(10, (5019,)), np.ones(20), "valid")
    ahead = np.convolve(0.01 * walk(11, (5019,)), np.ones(20), "valid")
    planted = ahead + np.where(score < 45, 0.05, 0.0)
    rows = moods.corrected(moods.rows({"planted": score}, planted) + moods.rows({"noise": score}, ahead))
    told = {(row["score"], row["end"]): row for row in rows}
    low = told["planted", "LOWEST"]
    assert low["differs"] and 0.02 < low["lift_lo"] < low["lift"] < low["lift_hi"] and 1 < low["runs"] < low["n"]
    assert not told["noise", "LOWEST"]["differs"] and not told["noise", "HIGHEST"]["differs"]
    assert all(half is not None and half > 0 for half in low["halves"])


def test_deciles_of_scores_are_taken_among_the_past_alone() -> None:
    score = walk(12, (600,))
    rank = moods.ranked(score)
    assert np.isnan(rank[: moods.LEAST]).all() and np.isfinite(rank[moods.LEAST :]).all()
    np.testing.assert_array_equal(rank[:400], moods.ranked(np.where(np.arange(600) < 400, score, 1e9))[:400])


def test_lookalikes_of_a_flow_that_foretells_the_price_are_right_and_those_of_noise_are_not() -> None:
    period = np.sin(2 * np.pi * np.arange(SESSIONS) / 23) + 0.05 * walk(13, (STOCKS, SESSIONS))
    known = market(net=1e8 * period, returns=0.01 * np.roll(period, 3, axis=1))
    told = lookalikes.judged(lookalikes.tried(known, "foreign"))
    assert 0.9 < told["value"] and told["base"] < 0.7 and 0 < told["lift_lo"] and told["chance"] < 0.01
    noise = lookalikes.judged(lookalikes.tried(market(), "foreign"))
    assert noise["lo"] < noise["base"] < noise["hi"] and 0.05 < noise["chance"]


def test_lookalikes_see_nothing_of_the_sessions_to_come() -> None:
    whole, cut = (lookalikes.tried(one, "foreign") for one in (market(), market().until(200)))
    np.testing.assert_array_equal(whole["mean"][:, :195], cut["mean"][:, :195])
    np.testing.assert_array_equal(whole["p_value"][:, :195], cut["p_value"][:, :195])


def test_stability_tells_years_markets_sizes_and_days_without_a_ban_apart() -> None:
    seen = market()
    ahead = np.full(seen.shape, np.nan)
    close, opened = seen.price("close"), seen.price("open")
    ahead[:, :-5] = close[:, 5:] / opened[:, 1:-4] - 1
    kospi = np.array([name == "KOSPI" for name in seen.markets])
    fired = (ahead > 0) == kospi[:, None]
    row = stability.rows("STOCK", seen, [found(fired & np.isfinite(ahead))])[0]
    assert row["KOSPI"]["gap"] > 0.3 and row["KOSDAQ"]["gap"] < -0.3
    assert row["n"] == row["KOSPI"]["n"] + row["KOSDAQ"]["n"] == sum(row[name]["n"] for name in stability.SIZES)
    assert 1 == row["years"]["of"] and 2024 == row["years"]["lowest"][0] == row["years"]["highest"][0]
    assert 0 == row["free"]["n"] and row["free"]["gap"] is None  # every session lies within a ban


def test_years_without_any_difference_are_counted_as_not_above() -> None:
    told = stability.spread({2020: 0.0, 2021: 0.1, 2022: -0.2})
    assert {"of": 3, "above": 1, "lowest": [2022, -0.2], "highest": [2021, 0.1]} == told
    assert stability.spread({})["lowest"] is None


def test_thirds_of_sizes_are_even_and_a_stock_of_unknown_size_is_in_none() -> None:
    size = np.array([[3.0], [1.0], [np.nan], [2.0], [6.0], [5.0], [4.0]])
    np.testing.assert_array_equal([1, 0, np.nan, 0, 2, 2, 1], stability.thirds(size)[:, 0])


def test_an_estimate_with_the_sign_of_a_coin_is_withdrawn_and_a_final_figure_is_not() -> None:
    final, traded = walk(14, (1000,)) * 100, np.full(1000, 1000.0)
    same = revisions.row(final, final, traded)
    assert (0.0, 0.0, 1.0, False) == (same["revision"], same["changed"], same["agreement"]["value"], same["withdrawn"])
    assert revisions.row(-final, final, traded)["withdrawn"]
    zero = revisions.row(np.zeros(1000), final, traded)
    assert zero["net"] == zero["revision"] and zero["withdrawn"] is None and 0 == zero["agreement"]["n"]
    assert revisions.row(-final[:9], final[:9], traded[:9])["withdrawn"] is None


def test_shuffled_flows_are_the_same_figures_of_each_stock_in_another_order() -> None:
    seen = market()
    moved = shuffles.shuffled(seen, 20, 1)
    net, dealt = seen.net["foreign"], moved.net["foreign"]
    np.testing.assert_array_equal(np.sort(net, axis=1), np.sort(dealt, axis=1))
    assert (net != dealt).mean() > 0.8
    np.testing.assert_array_equal(seen.returns, moved.returns)
    np.testing.assert_array_equal(np.sort(dealt[:, :20], axis=1)[0], np.sort(dealt[0, :20]))
    again = shuffles.shuffled(seen, 20, 1).net["foreign"]
    np.testing.assert_array_equal(dealt, again)


def test_a_signal_begins_once_until_it_ends() -> None:
    fired = np.array([[True, True, False, True], [False, False, True, True]])
    wanted = np.array([[True, False, False, True], [False, False, True, False]])
    np.testing.assert_array_equal(wanted, shuffles.begun(fired))


def test_a_family_is_an_evening_or_a_cell_and_counts_once_whatever_the_kinds_say() -> None:
    fired = np.zeros((4, 10), bool)
    fired[:2, 3] = True
    pair = [found(fired), found(fired, "SELL")]
    assert (1, 10) == tuple(shuffles.counted(pair, shuffles.EVENING)["rate"][name] for name in ("hits", "n"))
    assert (2, 40) == tuple(shuffles.counted(pair, shuffles.STOCK)["rate"][name] for name in ("hits", "n"))


def test_paths_rise_after_a_planted_signal_and_reliability_of_a_true_strength_lies_on_the_diagonal() -> None:
    chance = np.random.default_rng(15)
    fired = chance.random((STOCKS, SESSIONS)) < 0.1
    drift = 0.002 * walk(16, fired.shape)
    drift[:, 1:] += np.where(fired[:, :-1], 0.03, 0.0)
    seen = market(returns=drift)
    told = curves.paths(seen, [found(fired)])
    by_offset = {point[0]: point for point in told[0]["points"]}
    assert by_offset[1][1] > by_offset[0][1] + 0.02 and by_offset[20][2] < by_offset[20][1] < by_offset[20][3]
    picture = evidence_pictures.paths(told)
    assert picture.startswith("<svg") and "polygon" in picture and "nan" not in picture
    every = found(np.ones(fired.shape, bool), strength=100 * chance.random(fired.shape))
    bins = curves.most_tried(curves.reliabilities("STOCK", seen, [every]))
    assert 1 == len(bins) and sum(one["n"] for one in bins[0]["bins"]) == bins[0]["tried"]
    assert "circle" in evidence_pictures.reliability(bins)


def test_a_difference_of_the_same_things_is_nought_and_too_few_sessions_have_no_interval() -> None:
    hits = walk(17, (STOCKS, 100)) > 0
    every = np.ones(hits.shape, bool)
    same = resampling.difference(resampling.sums(hits, every), resampling.sums(hits, every), 5)
    assert {"lift": 0.0, "lift_lo": 0.0, "lift_hi": 0.0, "chance": 1.0} == same
    few = every & (np.arange(100) < 10)
    assert resampling.difference(resampling.sums(hits, few), resampling.sums(hits, every), 5)["lift_lo"] is None
    none = resampling.sums(hits, ~every)
    assert resampling.difference(none, resampling.sums(hits, every), 5)["lift"] is None
