"""Patterns of a stock: found where the figures show them, null with the reason where they do not or cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.market import investors, sessions
from tests.support.archives import days, open_archive, rows
from tests.usecases.explained import explained
from tests.usecases.stock_lake import LAST, add_flows, add_index, ask, bars_of, market_of, printed, whole

NAME = "get_stock_patterns"
QUIET = [100, 101] * 50


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return market_of(tmp_path_factory.mktemp("patterns"))


def steady(path: Path, last: int) -> Archive:
    """100 sessions of small flows to and fro, then ten on one side."""
    archive = bars_of(path, QUIET + [100] * 10, volume=1000)
    add_index(archive, [2500.0] * 110)
    add_flows(archive, [50, -50] * 50 + [last] * 10)
    return archive


def one(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return ask(NAME, archive, stock_code="005930", **arguments)


def test_ten_sessions_on_one_side_are_accumulation_and_their_mirror_distribution(tmp_path: Path) -> None:
    bought = one(steady(tmp_path / "a", 900))["accumulation"]
    assert ("ACCUMULATION", 100.0, 10, 9_000, True) == tuple(
        bought["foreign"][name] for name in ("pattern", "percentile", "same_sign_days", "cum_net", "significant")
    )
    assert round(0.5**10, 4) == bought["foreign"]["sign_p"]
    assert "won" == bought["foreign"]["meta"]["cum_net"]["unit"]
    assert "DISTRIBUTION" == bought["individual"]["pattern"]
    sold = one(steady(tmp_path / "b", -900))["accumulation"]
    assert ("DISTRIBUTION", 0.0, -9_000) == tuple(
        sold["foreign"][name] for name in ("pattern", "percentile", "cum_net")
    )


def test_chances_are_adjusted_over_the_groups_of_the_call(tmp_path: Path) -> None:
    found = one(steady(tmp_path, 900))["accumulation"]
    raw = sorted(found[name]["sign_p"] for name in investors.GROUPS)
    adjusted = {name: found[name]["meta"]["sign_p"]["p_adj"] for name in investors.GROUPS}
    assert adjusted["foreign"] == round(0.5**10 * len(raw) / 2, 4)
    assert all(adjusted[name] >= found[name]["sign_p"] for name in investors.GROUPS)


def test_the_figures_are_those_of_independent_arithmetic(market: Archive) -> None:
    code = whole(market)
    flows = market.read("investor_day_stock", scopes=[code]).sort("session")
    bars = market.read("daily_bars", scopes=[code]).sort("session")
    index = market.read("index_day", scopes=["KOSPI"]).sort("session")["close"].to_numpy()
    ret = (bars["raw_close"] / bars["base_price"] - 1).to_numpy()[-10:]
    ahead = ret.sum() - (index[-10:] / index[-11:-1] - 1).sum()
    for name, block in ask(NAME, market, stock_code=code)["accumulation"].items():
        net = flows[f"{name}_net_amount"].to_numpy()[-10:]
        assert net.sum() == block["cum_net"]
        assert (np.sign(net) == np.sign(net.sum())).sum() == block["same_sign_days"]
        assert abs(100 * ahead - block["cum_excess_pct"]) < 0.02


def test_a_rise_that_individuals_bought_is_named_and_accuses_nobody(tmp_path: Path) -> None:
    path = [*[100] * 60, 101, 102, 104, 106, 110, 118, 128, 139, 132, 120]
    archive = bars_of(tmp_path, path)
    loud = [{"code": "005930", "session": day, "raw_close": close, "base_price": before, "volume": 90}
            for day, close, before in zip(days(5), path[-5:], path[-6:-1], strict=True)]  # fmt: skip
    archive.fill("daily_bars", rows("daily_bars", loud, raw_open=100, raw_high=140, raw_low=99, status="TRADED"))
    add_index(archive, [2500.0] * 70)
    add_flows(archive, [-1] * 70)
    found = one(archive)["surge_dump"]
    assert ("DUMP", round(100 * (139 / 104 - 1), 2), 9.0, round(100 * (120 / 139 - 1), 2)) == tuple(
        found[name] for name in ("pattern", "surge_pct", "volume_ratio", "drawdown_pct")
    )
    text = printed(NAME, archive, detailed=False, stock_code="005930")
    assert "개인 순매수 집중" in text and "조작" not in text and "AVOID" not in text
    add_flows(archive, [1] * 70)
    assert (None, "NO_PATTERN") == _why(one(archive)["surge_dump"])


def test_a_low_that_was_broken_on_volume_and_won_back_is_a_sweep(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, [100 + n % 3 for n in range(40)], volume=1000)
    last = {"raw_open": 100, "raw_high": 101, "raw_low": 90, "raw_close": 100, "base_price": 100, "volume": 9_000}
    uneven = [
        {"code": "005930", "session": day, "raw_close": 101, "base_price": 101, "volume": 900 + 10 * place}
        for place, day in enumerate(days(6)[:-1])
    ]
    archive.fill("daily_bars", rows("daily_bars", uneven, raw_open=101, raw_high=102, raw_low=100, status="TRADED"))
    archive.fill("daily_bars", rows("daily_bars", [{"code": "005930", "session": LAST, "status": "TRADED"} | last]))
    found = one(archive)["liquidity_sweep"]
    assert "DOWN_SWEEP" == found["pattern"]
    assert found["depth_atr"] > 0.5 and found["volume_z"] > 2


def test_a_candle_of_the_session_is_listed(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, [100] * 19 + [90])
    swallowed = {"raw_open": 89, "raw_high": 101, "raw_low": 88, "raw_close": 101, "base_price": 90, "volume": 10}
    fallen = {"raw_open": 100, "raw_high": 101, "raw_low": 89, "raw_close": 90, "base_price": 100, "volume": 10}
    for day, bar in zip(days(2), (fallen, swallowed), strict=True):
        archive.fill("daily_bars", rows("daily_bars", [{"code": "005930", "session": day, "status": "TRADED"} | bar]))
    marks = one(archive)["candles"]["found"]
    assert {"pattern": "ENGULFING", "korean": "장악형", "direction": "BULLISH"} in marks


def test_what_no_daily_figure_can_show_is_null_with_the_reason(market: Archive) -> None:
    unseen = ask(NAME, market, stock_code=whole(market))["not_observable"]
    assert {"front_running", "iceberg_orders", "window_dressing"} == set(unseen["meta"])
    for name, why in (
        ("front_running", "NOT_AVAILABLE_FROM_SOURCE"),
        ("iceberg_orders", "NOT_AVAILABLE_FROM_SOURCE"),
        ("window_dressing", "OUT_OF_SCOPE"),
    ):
        assert (None, why) == (unseen[name], unseen["meta"][name]["reason"])


def test_a_confidence_is_never_made_up(market: Archive) -> None:
    answer = ask(NAME, market, stock_code=whole(market))
    for name in ("surge_dump", "liquidity_sweep"):
        assert "UNCALIBRATED" == answer[name]["meta"]["confidence"]["reason"]


def test_without_flows_the_price_patterns_are_still_answered(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, QUIET)
    answer = one(archive)
    assert answer["candles"]["found"] is not None
    assert (None, "MISSING_INPUT") == _why(answer["accumulation"]["foreign"])
    assert "NOT_COLLECTED" in {gap["reason"] for gap in answer["coverage"]}
    explained(answer)


def test_without_an_index_no_return_ahead_of_it_is_claimed(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, QUIET, volume=1000)
    add_flows(archive, [50, -50] * 50)
    answer = one(archive)
    block = answer["accumulation"]["foreign"]
    assert (None, None) == (block["cum_excess_pct"], block["pattern"])
    assert 0 == block["cum_net"]
    assert any("index of KOSPI" in gap["what"] for gap in answer["coverage"])
    explained(answer)


def test_net_figures_that_do_not_add_to_zero_are_withheld(tmp_path: Path) -> None:
    archive = steady(tmp_path, 900)
    wrong = {"foreign_net_amount": 10**7, "individual_net_amount": 0, "institution_net_amount": 0}
    broken = [{"code": "005930", "session": LAST, "other_corporation_net_amount": 0} | wrong]
    archive.fill("investor_day_stock", rows("investor_day_stock", broken))
    assert (None, "RECONCILIATION_FAILED") == _why(one(archive)["accumulation"]["foreign"])


def test_flows_in_shares_are_judged_on_shares_and_say_so(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, QUIET + [100] * 10, volume=1000)
    add_index(archive, [2500.0] * 110)
    add_flows(archive, [50, -50] * 50 + [900] * 10, "volume")
    block = one(archive)["accumulation"]["foreign"]
    assert ("ACCUMULATION", 9_000) == (block["pattern"], block["cum_net"])
    assert ("shares", "VOLUME_BASIS") == (block["meta"]["cum_net"]["unit"], block["meta"]["cum_net"]["method"])


def test_a_halted_session_has_no_pattern(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, [100] * 40, halted=[-1])
    answer = one(archive)
    assert (None, "HALTED") == _why(answer["liquidity_sweep"])
    assert (None, "HALTED") == (answer["candles"]["found"], answer["candles"]["meta"]["found"]["reason"])
    explained(answer)


def test_the_newest_session_with_prices_and_flows_is_the_one_answered(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, QUIET)
    flows = {"foreign_net_amount": 1, "individual_net_amount": -1, "institution_net_amount": 0}
    past = {"code": "005930", "session": days(3)[0], "other_corporation_net_amount": 0}
    archive.fill("investor_day_stock", rows("investor_day_stock", [past | flows]))
    assert str(days(3)[0]) == one(archive)["session"]
    asked = one(archive, session=LAST)
    assert str(LAST) == asked["session"]
    assert "MISSING_INPUT" == asked["accumulation"]["foreign"]["meta"]["pattern"]["reason"]


def test_a_past_session_is_answered_without_what_came_after(tmp_path: Path) -> None:
    known = []
    for name, ending in (("a", 900), ("b", -(10**5))):
        archive = steady(tmp_path / name, 900)
        changed = {"foreign_net_amount": ending, "individual_net_amount": -ending, "institution_net_amount": 0}
        row = {"code": "005930", "session": LAST, "other_corporation_net_amount": 0} | changed
        archive.fill("investor_day_stock", rows("investor_day_stock", [row]))
        known.append(one(archive, session=days(2)[0]))
    assert known[0] == known[1]


@pytest.mark.parametrize(("arguments", "code"), [({"stock_code": "삼전"}, "UNKNOWN_STOCK"), ({}, "INVALID_ARGUMENT")])
def test_a_bad_argument_is_refused(tmp_path: Path, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(NAME, bars_of(tmp_path, [1]), **arguments)
    assert code == caught.value.code


def test_closed_future_and_empty_are_explained(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, [1, 2])
    for day, code in (("2026-02-17", "MARKET_CLOSED"), (str(sessions.next(LAST, 9)), "NOT_PUBLISHED_YET")):
        with pytest.raises(NoData) as caught:
            one(archive, session=day)
        assert code == caught.value.code
    with pytest.raises(NoData, match="NOT_COLLECTED"):
        one(open_archive(tmp_path / "empty"))


def test_the_text_says_who_how_unusual_and_what_cannot_be_known(market: Archive) -> None:
    short, long = (printed(NAME, market, detailed=one, stock_code=whole(market)) for one in (False, True))
    for word in ("외국인", "백분위", "p_adj", "surge/dump", "front_running", "SIMULATED", "no intent"):
        assert word in short
    assert len(short.splitlines()) <= 25 and "null " not in short and "null " in long


def test_rows_for_csv_name_every_pattern_looked_for(market: Archive) -> None:
    case = registry.usecases()[NAME]
    listed = case.rows(registry.bind(case, market)(stock_code=whole(market)))
    kinds = [row["kind"] for row in listed]
    assert 4 == kinds.count("accumulation")
    assert {"surge_dump", "liquidity_sweep", "front_running", "iceberg_orders", "window_dressing"} <= set(kinds)


def test_the_sample_answers_on_shares_and_explains_the_rest(sample: Archive) -> None:
    answer = ask(NAME, sample, stock_code="005930")
    flows = sample.read("investor_day_stock", scopes=["005930"]).sort("session")
    assert str(flows["session"][-1]) == answer["session"]
    assert "VOLUME_BASIS" == answer["accumulation"]["foreign"]["meta"]["percentile"]["method"]
    explained(answer)


def test_every_null_has_its_reason(market: Archive, tmp_path: Path) -> None:
    explained(ask(NAME, market, stock_code=whole(market)))
    explained(one(bars_of(tmp_path, [100], listed_on=LAST)))


def _why(block: dict[str, Any]) -> tuple[Any, Any]:
    return block["pattern"], block["meta"]["pattern"]["reason"]
