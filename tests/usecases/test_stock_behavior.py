"""Behaviour of groups in a stock: measured against what came after, with intervals, counts, and honest nulls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.market import investors, sessions
from tests.support.archives import days, open_archive, rows
from tests.usecases.explained import explained
from tests.usecases.stock_lake import LAST, add_flows, add_index, ask, bars_of, market_of, printed, whole

NAME = "get_stock_behavior"
PRICES = [1000 + 9 * ((n * 37) % 11) for n in range(140)]
NETS = [(n * 53) % 101 - 50 or 1 for n in range(140)]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return market_of(tmp_path_factory.mktemp("behavior"))


def lake(path: Path, nets: list[int] | None = None, measure: str = "amount", **about: Any) -> Archive:
    archive = bars_of(path, PRICES, **about)
    add_index(archive, [2500.0 + 3 * ((n * 29) % 17) for n in range(140)])
    add_flows(archive, nets or NETS, measure)
    return archive


def one(archive: Archive, investor_type: str = "FOREIGN", **arguments: Any) -> dict[str, Any]:
    answer = ask(NAME, archive, stock_code="005930", investor_type=investor_type, **arguments)
    block: dict[str, Any] = answer["investors"][investor_type.lower()]
    return block


def test_consistency_and_feedback_follow_the_stored_rows(market: Archive) -> None:
    code = whole(market)
    net = market.read("investor_day_stock", scopes=[code]).sort("session")["foreign_net_amount"].to_numpy()
    bars = market.read("daily_bars", scopes=[code]).sort("session")
    block = ask(NAME, market, stock_code=code)["investors"]["foreign"]
    assert round(abs(net[-20:].sum()) / np.abs(net[-20:]).sum(), 3) == block["consistency"]
    assert ("NET_BUY" if net[-20:].sum() > 0 else "NET_SELL") == block["direction"]
    assert "0.22" in block["meta"]["consistency"]["note"]
    logs = np.log((bars["raw_close"] / bars["base_price"]).to_numpy())
    past = np.array([logs[at - 5 : at].sum() for at in range(len(logs) - 120, len(logs))])
    x = (net / bars["amount"].to_numpy())[-120:]
    ranks = [np.argsort(np.argsort(side)) for side in (x, past)]
    assert abs(np.corrcoef(ranks[0], ranks[1])[0, 1] - block["feedback"]) < 0.01
    low, high = block["meta"]["feedback"]["ci"]
    assert low < block["feedback"] < high and 120 == block["meta"]["feedback"]["n"]


def test_timing_is_judged_by_the_sessions_after_the_trade(market: Archive) -> None:
    code = whole(market)
    net = market.read("investor_day_stock", scopes=[code]).sort("session")["institution_net_amount"].to_numpy()
    bars = market.read("daily_bars", scopes=[code]).sort("session")
    index = market.read("index_day", scopes=["KOSPI"]).sort("session")["close"].to_numpy()
    growth = (bars["raw_close"] / bars["base_price"]).to_numpy()
    span = range(len(net) - 5)
    after = np.array([growth[t + 1 : t + 6].prod() - index[t + 5] / index[t] for t in span])
    side = net[: len(after)]
    block = ask(NAME, market, stock_code=code)["investors"]["institution"]
    assert abs(after[side > 0].mean() - after.mean() - block["buy_timing"]) < 1e-5
    assert abs(after.mean() - after[side < 0].mean() - block["sell_timing"]) < 1e-5
    hits = ((side > 0) & (after > 0)).sum() + ((side < 0) & (after < 0)).sum()
    assert round(100 * hits / (side != 0).sum(), 2) == block["hit_rate"]
    meta = block["meta"]
    assert ((side > 0).sum(), (side < 0).sum()) == (meta["buy_timing"]["n"], meta["sell_timing"]["n"])
    for name in ("buy_timing", "sell_timing", "overall_timing", "hit_rate"):
        assert meta[name]["ci"][0] <= block[name] <= meta[name]["ci"][1]


def test_timing_skill_counts_periods_that_do_not_overlap(market: Archive) -> None:
    found = ask(NAME, market, stock_code=whole(market))["investors"]
    for name in investors.GROUPS:
        about = found[name]["meta"]["timing_skill"]
        assert about["n"] <= 330 // 5 and 0 <= about["p_adj"] <= 1
        assert about["ci"][0] <= found[name]["timing_skill"] <= about["ci"][1]


def test_a_group_that_buys_before_rises_is_seen_and_one_that_buys_on_them_is_not(tmp_path: Path) -> None:
    """The price moves with the flow of the day itself: that is pressure, and must not read as skill."""
    draw = np.random.default_rng(2)
    steps = draw.integers(-20, 21, 140)
    prices = [int(price) for price in 10_000 + np.cumsum(steps)]
    ahead = [int(steps[n + 1 : n + 6].sum()) * 100 for n in range(135)] + [1, -1, 1, -1, 1]
    found = []
    for name, nets in (("wise", ahead), ("pressure", [int(step) * 100 or 1 for step in steps])):
        archive = bars_of(tmp_path / name, prices, volume=1000)
        add_index(archive, [2500.0] * 140)
        add_flows(archive, nets)
        found.append(one(archive))
    wise, pressure = (block["meta"]["overall_timing"]["ci"] for block in found)
    assert wise[0] > 0 and pressure[0] <= 0
    assert 100.0 == found[0]["hit_rate"] and found[1]["price_correlation"] > 0.9


def test_flow_measures_are_those_of_the_flow_answer(market: Archive) -> None:
    code = whole(market)
    mine = ask(NAME, market, stock_code=code)["investors"]["foreign"]
    theirs = ask("get_investor_trading", market, stock_code=code, period="20D", investor_type="FOREIGN")
    block, impact = theirs["investor_data"]["foreign"], theirs["market_impact"]
    for name in ("net_ratio", "trend", "intensity", "consistency"):
        assert block[name] == mine[name]
    for name in ("volume_contribution", "momentum_score", "price_correlation"):
        assert impact[name] == mine[name]
    slope = impact["price_impact"]["kyle_lambda"]
    low, high = mine["meta"]["kyle_lambda"]["ci"]
    assert slope == mine["kyle_lambda"] == pytest.approx((low + high) / 2, abs=1e-5)


def test_every_measure_has_its_count_and_metric_and_is_explained(market: Archive) -> None:
    answer = ask(NAME, market, stock_code=whole(market))
    known = registry.metrics()
    for block in answer["investors"].values():
        for name in ("consistency", "feedback", "overall_timing", "timing_skill", "price_correlation", "kyle_lambda"):
            assert block["meta"][name]["metric"] in known and block["meta"][name]["n"] > 0
            assert answer["explanations"][name]


def test_one_group_alone_gives_the_same_figures_as_among_all(market: Archive) -> None:
    code = whole(market)
    every = ask(NAME, market, stock_code=code)["investors"]
    alone = ask(NAME, market, stock_code=code, investor_type="FOREIGN")["investors"]
    assert set(investors.GROUPS) == set(every) and {"foreign": every["foreign"]} == alone


def test_a_short_history_says_what_is_needed(tmp_path: Path) -> None:
    block = one(lake(tmp_path, NETS[-30:]))
    for name in ("overall_timing", "timing_skill", "feedback"):
        assert (None, "INSUFFICIENT_HISTORY") == (block[name], block["meta"][name]["reason"])
    assert "20 of each" in block["meta"]["overall_timing"]["note"]
    assert "40 are needed" in block["meta"]["timing_skill"]["note"]


def test_a_new_listing_says_so(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, PRICES[-10:], listed_on=days(10)[0])
    add_index(archive, [2500.0] * 10)
    add_flows(archive, NETS[-10:])
    block = one(archive)
    assert (None, "NEW_LISTING") == (block["feedback"], block["meta"]["feedback"]["reason"])
    assert "NEW_LISTING" == block["meta"]["consistency"]["reason"]


def test_without_an_index_nothing_is_said_about_timing(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, PRICES)
    add_flows(archive, NETS)
    answer = ask(NAME, archive, stock_code="005930")
    block = answer["investors"]["foreign"]
    assert (None, "MISSING_INPUT") == (block["overall_timing"], block["meta"]["overall_timing"]["reason"])
    assert "index" in block["meta"]["overall_timing"]["note"]
    assert block["feedback"] is not None
    assert any("index_day" in gap["what"] for gap in answer["coverage"])
    explained(answer)


def test_without_prices_only_what_needs_none_is_told(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    add_flows(archive, NETS)
    answer = ask(NAME, archive, stock_code="005930")
    block = answer["investors"]["foreign"]
    assert block["consistency"] is not None
    assert (None, None, None) == (block["feedback"], block["overall_timing"], block["price_correlation"])
    explained(answer)


def test_flows_in_shares_are_judged_on_shares_and_say_so(tmp_path: Path) -> None:
    archive = lake(tmp_path, measure="volume")
    block = one(archive)
    assert {"VOLUME_BASIS"} == {block["meta"][name]["method"] for name in ("consistency", "feedback", "trend")}
    assert block["overall_timing"] is not None


def test_nets_that_do_not_add_to_zero_are_not_judged(tmp_path: Path) -> None:
    archive = lake(tmp_path)
    nets = {"foreign_net_amount": 10**9, "individual_net_amount": 0, "institution_net_amount": 0}
    wrong = {"code": "005930", "session": LAST, "other_corporation_net_amount": 0} | nets
    archive.fill("investor_day_stock", rows("investor_day_stock", [wrong]))
    block = one(archive)
    for name in ("consistency", "feedback", "overall_timing", "timing_skill"):
        assert (None, "RECONCILIATION_FAILED") == (block[name], block["meta"][name]["reason"])


def test_a_halted_session_is_no_observation(tmp_path: Path) -> None:
    block = one(lake(tmp_path, halted=[-3]))
    assert (None, 19) == (block["consistency"], block["meta"]["consistency"]["n"])


def test_a_past_session_is_answered_without_what_came_after(tmp_path: Path) -> None:
    past = days(10)[0]
    known = []
    for name, factor in (("a", 1), ("b", -7)):
        archive = lake(tmp_path / name, [*NETS[:-9], *(factor * net for net in NETS[-9:])])
        known.append(one(archive, session=past))
    assert known[0] == known[1]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"stock_code": "삼전"}, "UNKNOWN_STOCK"),
        ({"stock_code": "005930", "investor_type": "PENSION"}, "INVALID_ARGUMENT"),
        ({}, "INVALID_ARGUMENT"),
    ],
)
def test_a_bad_argument_is_refused(tmp_path: Path, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(NAME, bars_of(tmp_path, [1]), **arguments)
    assert code == caught.value.code


def test_closed_future_and_uncollected_are_explained(archive: Archive, tmp_path: Path) -> None:
    stored = lake(tmp_path)
    for day, code in (("2026-02-17", "MARKET_CLOSED"), (str(sessions.next(LAST, 9)), "NOT_PUBLISHED_YET")):
        with pytest.raises(NoData) as caught:
            one(stored, session=day)
        assert code == caught.value.code
    for empty, code in ((archive, "035720"), (open_archive(tmp_path / "empty"), "005930")):
        with pytest.raises(NoData, match="NOT_COLLECTED"):
            ask(NAME, empty, stock_code=code)


def test_the_text_says_who_how_sure_and_that_it_is_no_forecast(market: Archive) -> None:
    short, long = (printed(NAME, market, detailed=one, stock_code=whole(market)) for one in (False, True))
    for word in ("투자자 행동", "외국인", "timing", "95%", "n=", "p_adj", "SIMULATED", "not a forecast"):
        assert word in short
    assert len(short.splitlines()) <= 25
    assert "How one-sided" in long and "How one-sided" not in short


def test_rows_for_csv_hold_one_measure_of_one_group(market: Archive) -> None:
    case = registry.usecases()[NAME]
    listed = case.rows(registry.bind(case, market)(stock_code=whole(market)))
    assert 4 * 18 == len(listed)
    assert {"investor", "measure", "value", "ci_low", "ci_high", "n", "reason"} <= set(listed[0])


def test_the_sample_answers_on_shares_and_explains_the_rest(sample: Archive) -> None:
    answer = ask(NAME, sample, stock_code="005930")
    flows = sample.read("investor_day_stock", scopes=["005930"]).filter(pl.col("venue") == "KRX")
    assert str(flows["session"].max()) == answer["session"]
    assert answer["investors"]["foreign"]["overall_timing"] is not None
    assert {"pykrx_copy", "marcap", "krx_index_copy"} <= set(answer["sources"])
    explained(answer)


def test_every_null_has_its_reason(market: Archive, tmp_path: Path) -> None:
    explained(ask(NAME, market, stock_code=whole(market)))
    explained(ask(NAME, lake(tmp_path, NETS[-1:]), stock_code="005930"))
