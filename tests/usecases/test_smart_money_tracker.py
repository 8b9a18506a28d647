"""get_smart_money_tracker: tested over the whole market, planted buying found, nothing made up where data lack."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from sugeup.market import sessions
from tests.support import archives
from tests.support.truths import texts
from tests.usecases.explained import explained
from tests.usecases.smart_money_lake import ALONE, END, KINDS, SURGE, TOGETHER, WON, Market, add_ticks, weekly

CASE = registry.load("sugeup.usecases.smart_money_tracker", "get_smart_money_tracker")
FOREIGN: dict[str, Any] = {"detection_method": "FOREIGN_SURGE"}
CLUSTER: dict[str, Any] = {"detection_method": "INSTITUTION_CLUSTER"}


@pytest.fixture(scope="module")
def truth() -> Market:
    """The figures behind the lake."""
    return Market()


@pytest.fixture(scope="module")
def market(truth: Market, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """40 stocks over 150 sessions, three of them with planted buying."""
    return truth.store(tmp_path_factory.mktemp("smart"))


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


def page(archive: Archive, *, detailed: bool = False, **arguments: Any) -> str:
    return texts(CASE, registry.bind(CASE, archive)(**arguments), detailed)


def total(rows: pl.DataFrame, column: str) -> int:
    return sum(rows[column].to_list())


def by_hand(net: np.ndarray, turnover: np.ndarray, stocks: range) -> tuple[list[float], list[float], list[float]]:
    """z of today, empirical p over the 60 sessions before, and Benjamini-Hochberg, in plain Python."""

    def z(stock: int, end: int) -> float:
        x = weekly(net[stock], turnover[stock], end)
        past = [weekly(net[stock], turnover[stock], end - 5 - back) for back in range(60) if end - 5 - back >= 4]
        middle = median(past)
        return (x - middle) / (1.4826 * median(abs(one - middle) for one in past))

    last = net.shape[1] - 1
    now = [z(stock, last) for stock in stocks]
    pool = [abs(z(stock, last - back)) for stock in stocks for back in range(1, 61)]
    p = [(1 + sum(one >= abs(value) for one in pool)) / (len(pool) + 1) for value in now]
    order, adjusted, least = sorted(range(len(p)), key=lambda at: p[at]), [0.0] * len(p), 1.0
    for place in range(len(p), 0, -1):
        least = min(least, p[order[place - 1]] * len(p) / place)
        adjusted[order[place - 1]] = least
    return now, p, adjusted


def test_a_surge_of_foreigners_is_found_with_the_evidence_worked_out_by_hand(market: Archive, truth: Market) -> None:
    answer = ask(market, **FOREIGN)
    z, p, adjusted = by_hand(truth.nets["foreign"], truth.amount, range(truth.stocks))
    found = answer["smart_money_signals"]
    assert ([SURGE], 1, 40, 40) == (
        [one["stock_code"] for one in found],
        answer["total_signals_found"],
        answer["stocks_tested"],
        answer["universe"],
    )
    evidence = found[0]["evidence"]
    assert (round(z[0], 2), 20.0, 5) == (evidence["z"], evidence["net_to_turnover"], evidence["net_buy_days"])
    assert (pytest.approx(p[0], rel=1e-3), pytest.approx(adjusted[0], rel=1e-3)) == (evidence["p"], evidence["p_adj"])
    assert round(100 * (1 - p[0]), 2) == found[0]["strength"]


@pytest.mark.slow
def test_every_stock_that_passes_by_hand_and_no_other_is_listed(market: Archive, truth: Market) -> None:
    """Other sessions than the newest: chance passes or fails, and the answer agrees with the arithmetic."""
    for back in (1, 8):
        cut = slice(0, truth.length - back)
        net, turnover = truth.nets["foreign"][:, cut], truth.amount[:, cut]
        z, _, adjusted = by_hand(net, turnover, range(truth.stocks))
        days = (net[:, -5:] > 0).sum(axis=1)
        expected = {
            truth.codes[at] for at in range(truth.stocks) if z[at] >= 2 and adjusted[at] <= 0.1 and days[at] >= 4
        }
        answer = ask(market, session=truth.days[-1 - back], **FOREIGN)
        assert expected == {one["stock_code"] for one in answer["smart_money_signals"]}


def test_institutions_count_only_when_five_kinds_of_them_bought(market: Archive, truth: Market) -> None:
    """One pension fund buying more than six kinds together is as rare and no signal of this method."""
    answer = ask(market, **CLUSTER)
    assert [TOGETHER] == [one["stock_code"] for one in answer["smart_money_signals"]]
    seen = answer["smart_money_signals"][0]["detection_details"]
    net = truth.nets["pension_fund"][1, -5:].sum()
    buying = 7 if net > 0 else 6
    assert (sorted(KINDS[:6]), 2) == (
        sorted(set(seen["participating_institutions"]) - {"pension_fund"}),
        seen["cluster_size"],
    )
    assert round(buying / 7, 3) == seen["coordination_score"]
    z, _, adjusted = by_hand(truth.institution(), truth.amount, range(truth.stocks))
    alone = truth.codes.index(ALONE)
    assert z[alone] >= 2 and adjusted[alone] <= 0.1
    assert answer["herding"]["n_stocks"] == 40


def test_the_default_method_needs_trades_and_says_what_can_be_asked_instead(market: Archive) -> None:
    answer = ask(market)
    assert ("LARGE_ORDERS", [], 0, 0) == (
        answer["detection_method"],
        answer["smart_money_signals"],
        answer["total_signals_found"],
        answer["stocks_tested"],
    )
    gap = answer["coverage"][0]
    assert "MISSING_INPUT" == gap["reason"] and "FOREIGN_SURGE and INSTITUTION_CLUSTER can be answered" in gap["how"]
    assert answer["market_smart_money_index"]["current_value"] is not None


@pytest.mark.slow
def test_large_trades_are_counted_from_the_threshold_of_the_stock(truth: Market, tmp_path: Path) -> None:
    archive = truth.store(tmp_path)
    add_ticks(archive, truth, range(24), large=5)
    answer = ask(archive)
    assert (24, [truth.codes[5]]) == (
        answer["stocks_tested"],
        [one["stock_code"] for one in answer["smart_money_signals"]],
    )
    found = answer["smart_money_signals"][0]
    trades = archive.read("ticks", scopes=[truth.codes[5]]).with_columns(value=pl.col("price") * pl.col("volume"))
    before = trades.filter(pl.col("session").is_in(list(truth.days[-25:-5])))["value"].to_numpy()
    threshold = max(float(np.quantile(before, 0.995)), 0.0005 * WON, 1e8)
    large = trades.filter(pl.col("session") >= truth.days[-5], pl.col("value") >= threshold)
    seen = found["detection_details"]
    assert (large.height, round(total(large, "value") / large.height)) == (
        seen["large_block_trades"],
        seen["average_block_size"],
    )
    signed = int((large["value"] * large["side"]).sum())
    assert (signed, round(100 * signed / (5 * WON), 2)) == (
        found["metrics"]["net_buy_amount"],
        found["evidence"]["net_to_turnover"],
    )
    assert "NOT_AVAILABLE_FROM_SOURCE" == found["metrics"]["meta"]["avg_buy_price"]["reason"]
    surge = ask(archive, **FOREIGN)
    beside = surge["smart_money_signals"][0]["detection_details"]
    assert beside["large_block_trades"] is not None and beside["meta"]["price_impact"]["reason"] == "OUT_OF_SCOPE"
    explained(surge)
    assert seen["price_impact"] in {"MINIMAL", "MODERATE", "LARGE"} and seen["price_impact_bps"] is not None
    moved = 1e4 / truth.close[5, -3]  # one won a trade, six minutes apart: five minutes later nothing has changed
    assert abs(seen["price_impact_bps"]) <= moved + 0.1
    explained(answer)


def test_figures_of_the_signal_are_those_of_its_stock(market: Archive, truth: Market) -> None:
    found = ask(market, **FOREIGN)["smart_money_signals"][0]
    rows = market.read("investor_day_stock", scopes=[SURGE])[-5:]
    bars = market.read("daily_bars", scopes=[SURGE])
    metrics, levels = found["metrics"], found["technical_context"]
    paid = total(rows, "foreign_buy_amount") / total(rows, "foreign_buy_volume")
    price = bars["raw_close"][-1]
    assert (rows["foreign_net_amount"].sum(), price) == (metrics["net_buy_amount"], metrics["current_price"])
    assert (round(paid, 2), round(100 * (price / paid - 1), 2)) == (
        metrics["avg_buy_price"],
        metrics["unrealized_gain"],
    )
    assert total(bars[-5:], "amount") / total(bars[-5:], "volume") == metrics["volume_weighted_price"]
    assert (bars["raw_low"][-21:-1].min(), bars["raw_high"][-21:-1].max()) == (
        levels["support_level"],
        levels["resistance_level"],
    )
    assert levels["accumulation_zone"][0] <= levels["accumulation_zone"][1]
    run = 0
    for net in reversed(truth.nets["foreign"][0].tolist()):
        if net <= 0:
            break
        run += 1
    assert run == found["detection_details"]["accumulation_period"]
    whole = truth.institution()[0, -5:].sum()
    buyers = [kind for kind in KINDS if truth.nets[kind][0, -5:].sum() >= max(1, 0.1 * abs(whole))]
    assert buyers == found["detection_details"]["institutional_buyers"]


def test_similar_stretches_are_told_beside_all_of_them_and_end_before_the_stretch_compared(market: Archive) -> None:
    similar = ask(market, **FOREIGN)["smart_money_signals"][0]["similar_patterns"]
    first = sessions.last(20, END)[0]
    assert 5 == len(similar["nearest"]) < similar["n"]
    assert round(mean(one["outcome"] for one in similar["nearest"]), 1) == round(similar["mean"], 1)
    assert similar["base_mean"] is not None and 0 < similar["p"] <= 1
    for one in similar["nearest"]:
        assert sessions.next(date.fromisoformat(one["end"]), 5) < first


@pytest.mark.slow
def test_weights_come_from_outcomes_that_ended_five_sessions_before(truth: Market, tmp_path: Path) -> None:
    """What happens to prices in the last five sessions changes no weight; what happened before them does."""
    weights = []
    for name, place in (("as-is", None), ("late", -4), ("early", -40)):
        changed = Market()
        if place is not None:
            changed.close[:, place] = changed.close[::-1, place]
        archive = changed.store(tmp_path / name, skip=("sector_membership",))
        weights.append([one["weight"] for one in ask(archive, **FOREIGN)["market_smart_money_index"]["quality"]])
    assert weights[0] == weights[1] != weights[2]
    assert 1 == pytest.approx(sum(weights[0]), abs=0.005)


def test_the_index_is_the_percentile_of_the_weighted_flow(market: Archive, truth: Market) -> None:
    index = ask(market, **FOREIGN)["market_smart_money_index"]
    exact = {one["investor"]: one["ic"] * one["n"] / (one["n"] + 50) for one in index["quality"] if one["ic"] > 0}
    flow = sum(share / sum(exact.values()) * truth.nets[name].sum(axis=0) for name, share in exact.items())
    x = flow / truth.amount.sum(axis=0)
    assert pytest.approx(float(flow[-1]), rel=0.01) == index["quality_weighted_net"]
    expected = 100 * ((x[:-1] < x[-1]).sum() + 0.5 * (x[:-1] == x[-1]).sum()) / (truth.length - 1)
    assert pytest.approx(expected, abs=1) == index["current_value"]
    assert "STRONG_INFLOW" == index["interpretation"]
    about = index["meta"]["current_value"]
    assert about["ci"][0] <= index["current_value"] <= about["ci"][1] and about["n"] == truth.length - 1


def test_no_positive_record_means_no_index_and_never_even_weights(truth: Market, tmp_path: Path) -> None:
    changed = Market()
    for net in changed.nets.values():
        net[:] = -np.diff(np.log(changed.close), axis=1, append=np.log(changed.close[:, -1:])) * WON
    index = ask(changed.store(tmp_path), **FOREIGN)["market_smart_money_index"]
    assert (None, "NO_SKILL") == (index["current_value"], index["meta"]["current_value"]["reason"])
    assert [None] * 8 == [one["weight"] for one in index["quality"]]


def test_confidence_is_null_and_a_least_confidence_hides_what_is_not_calibrated(market: Archive) -> None:
    shown = ask(market, **FOREIGN)["smart_money_signals"][0]
    assert (None, "UNCALIBRATED") == (shown["confidence"], shown["meta"]["confidence"]["reason"])
    legacy = ask(market, min_confidence=7, **FOREIGN)
    assert (0.7, False, [], 1) == (
        legacy["min_confidence"],
        legacy["include_uncalibrated"],
        legacy["smart_money_signals"],
        legacy["total_signals_found"],
    )
    assert any("0.7 was used" in said for said in legacy["warnings"])
    asked = ask(market, min_confidence=0.5, include_uncalibrated=True, **FOREIGN)
    assert (0.5, 1) == (asked["min_confidence"], len(asked["smart_money_signals"]))
    assert [] == ask(market, include_uncalibrated=False, **FOREIGN)["smart_money_signals"]


def test_the_family_is_the_market_asked_for(market: Archive) -> None:
    """Ten stocks of KOSDAQ give 600 past z, too few for a p-value; thirty of KOSPI are enough."""
    kosdaq = ask(market, market="KOSDAQ", **FOREIGN)
    assert (10, 0) == (kosdaq["universe"], kosdaq["stocks_tested"])
    assert "INSUFFICIENT_HISTORY" in {gap["reason"] for gap in kosdaq["coverage"]}
    kospi = ask(market, market="KOSPI", **FOREIGN)
    assert (30, [SURGE]) == (kospi["stocks_tested"], [one["stock_code"] for one in kospi["smart_money_signals"]])


def test_every_null_has_its_reason(market: Archive) -> None:
    for arguments in ({}, FOREIGN, CLUSTER, FOREIGN | {"market": "KOSDAQ"}):
        explained(ask(market, **arguments))


def test_the_page_says_who_was_bought_how_unusual_and_what_is_unknown(market: Archive) -> None:
    concise, detailed = page(market, **FOREIGN), page(market, detailed=True, **FOREIGN)
    for words in (SURGE, "40 stocks tested", "UNCALIBRATED", "not published", "+1,000"):
        assert words in concise
    assert concise in detailed and "null " in detailed and "null " not in concise
    assert len(concise.splitlines()) <= 25


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"detection_method": "MAGIC"}, "INVALID_ARGUMENT"),
        ({"min_confidence": 11}, "INVALID_ARGUMENT"),
        ({"count": 0}, "INVALID_ARGUMENT"),
    ],
)
def test_a_bad_argument_is_refused(market: Archive, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(market, **arguments)
    assert code == caught.value.code


def test_an_empty_lake_a_holiday_and_a_future_date_are_errors_with_a_way_out(market: Archive, tmp_path: Path) -> None:
    for archive, arguments, code in (
        (archives.open_archive(tmp_path), {}, "NOT_COLLECTED"),
        (market, {"session": "2026-02-17"}, "MARKET_CLOSED"),
        (market, {"session": "2026-03-04"}, "NOT_PUBLISHED_YET"),
    ):
        with pytest.raises(NoData) as caught:
            ask(archive, **FOREIGN, **arguments)
        assert code == caught.value.code and caught.value.hint
