"""get_program_trading: the sums, shares and bins of a market, against arithmetic on the rows themselves."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from sugeup.archive import Archive
from sugeup.sandbox.market import SimulatedMarket
from tests.support.truths import texts
from tests.usecases.programs import CASE, KINDS, ask, block, collected, moment, running, small_market

MARKETS = {"KOSPI": ("KOSPI",), "KOSDAQ": ("KOSDAQ",), "ALL": ("KOSPI", "KOSDAQ")}


@pytest.fixture(scope="module")
def truth() -> SimulatedMarket:
    return small_market()


@pytest.fixture(scope="module")
def evening(truth: SimulatedMarket, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return collected(tmp_path_factory.mktemp("evening"), truth)


@pytest.fixture(scope="module")
def morning(truth: SimulatedMarket, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """11:07 of the last session."""
    return running(tmp_path_factory.mktemp("morning"), truth, time(11, 7))


def day(truth: SimulatedMarket, name: str, **where: Any) -> pl.DataFrame:
    last = truth.sessions[-1]
    rows = truth.rows(name, last, last)
    for column, wanted in where.items():
        rows = rows.filter(pl.col(column).is_in(list(wanted)))
    return rows


@pytest.mark.parametrize("market", MARKETS)
def test_after_the_close_the_sums_are_those_of_the_day(truth: SimulatedMarket, evening: Archive, market: str) -> None:
    answer = ask(evening, market=market)
    summed = day(truth, "program_day_market", market=MARKETS[market]).sum()
    found = answer["program_trading"]
    for side, name in (("buy", "total_buy"), ("sell", "total_sell"), ("net", "net_value")):
        assert summed[f"program_{side}_amount"][0] == found["summary"][name]
        assert summed[f"arbitrage_{side}_amount"][0] == found["arbitrage"][side]
        assert summed[f"non_arbitrage_{side}_amount"][0] == found["non_arbitrage"][side]
    assert ("MINUTE", f"{truth.sessions[-1]}T15:40:00+09:00") == (answer["resolution"], answer["as_of"])
    assert (True, 0, False, True) == (
        answer["data_quality"]["closure_ok"],
        answer["data_quality"]["missing_rows"],
        answer["provisional"],
        answer["simulated"],
    )


@pytest.mark.parametrize("market", MARKETS)
def test_shares_are_of_both_sides_and_of_one_sided_turnover(
    truth: SimulatedMarket, evening: Archive, market: str
) -> None:
    program = day(truth, "program_day_market", market=MARKETS[market]).sum()
    turnover = day(truth, "index_day", index_code=MARKETS[market])["amount"].sum()
    buy, sell = program["program_buy_amount"][0], program["program_sell_amount"][0]
    found = block(evening, market=market)
    assert round(100 * buy / (buy + sell), 2) == found["summary"]["buy_ratio"]
    assert round(100 * (buy - sell) / turnover, 2) == found["summary"]["market_impact"]
    assert round(100 * (buy + sell) / (2 * turnover), 2) == found["market_indicators"]["program_participation_rate"]


def test_while_the_session_runs_turnover_is_that_of_the_bars_that_have_ended(
    truth: SimulatedMarket, morning: Archive
) -> None:
    session = truth.sessions[-1]
    now = moment(session, time(11, 7))
    row = day(truth, "program_minute_market", market=["KOSPI"]).filter(pl.col("at") == now).row(0, named=True)
    bar = day(truth, "index_minute", index_code=["KOSPI"]).filter(pl.col("at") == now - timedelta(minutes=1))
    answer = ask(morning, market="KOSPI")
    net = row["program_buy_amount"] - row["program_sell_amount"]
    assert net == answer["program_trading"]["summary"]["net_value"]
    assert round(100 * net / bar["amount"][0], 2) == answer["program_trading"]["summary"]["market_impact"]
    assert (f"{session}T11:07:00+09:00", True) == (answer["as_of"], answer["provisional"])


def test_the_last_hour_is_the_difference_of_two_moments(truth: SimulatedMarket, morning: Archive) -> None:
    session = truth.sessions[-1]
    rows = day(truth, "program_minute_market", market=["KOSPI"])
    now, then = (rows.filter(pl.col("at") == moment(session, at)) for at in (time(11, 7), time(10, 7)))
    bars = day(truth, "index_minute", index_code=["KOSPI"])
    traded = [bars.filter(pl.col("at") == moment(session, at))["amount"][0] for at in (time(11, 6), time(10, 6))]
    found = block(morning, market="KOSPI", time_window="1H")
    net = now["program_net_amount"][0] - then["program_net_amount"][0]
    assert net == found["summary"]["net_value"]
    assert now["arbitrage_buy_amount"][0] - then["arbitrage_buy_amount"][0] == found["arbitrage"]["buy"]
    assert round(100 * net / (traded[0] - traded[1]), 2) == found["summary"]["market_impact"]
    assert ["10:07", "11:02"] == [found["time_series"][0]["time"], found["time_series"][-1]["time"]]
    assert net == sum(one["net"] for one in found["time_series"])


@pytest.mark.parametrize(("window", "bins"), [("CURRENT", 14), ("TODAY", 40)])
@pytest.mark.parametrize("kind", ["ALL", "ARBITRAGE", "NON_ARBITRAGE"])
def test_bins_add_to_the_sums_and_carry_the_published_total(
    truth: SimulatedMarket, evening: Archive, window: str, bins: int, kind: str
) -> None:
    found = block(evening, time_window=window, program_type=kind)
    series, summary = found["time_series"], found["summary"]
    assert bins == len(series)
    for side, name in (("buy", "total_buy"), ("sell", "total_sell"), ("net", "net_value")):
        assert summary[name] == sum(one[side] for one in series)
    column = dict(zip(("ALL", "ARBITRAGE", "NON_ARBITRAGE"), KINDS, strict=True))[kind]
    published = day(truth, "program_minute_market").filter(pl.col("at") == moment(truth.sessions[-1], time(10, 0)))
    at_ten = next(one for one in series if one["time"] == {"CURRENT": "09:30", "TODAY": "09:50"}[window])
    assert published[f"{column}_net_amount"].sum() == at_ten["cumulative_net"]
    assert ("15:30", summary["net_value"]) == (series[-1]["time"], series[-1]["cumulative_net"])


def test_one_kind_leaves_the_other_out_and_no_stock_is_split(evening: Archive) -> None:
    found = block(evening, program_type="ARBITRAGE")
    assert "non_arbitrage" not in found
    assert found["arbitrage"]["net"] == found["summary"]["net_value"]
    assert (None, "NOT_AVAILABLE_FROM_SOURCE") == (found["top_stocks"], found["meta"]["top_stocks"]["reason"])
    assert "arbitrage" not in block(evening, program_type="NON_ARBITRAGE")


def test_the_basis_is_the_future_less_its_index_in_the_same_minute(truth: SimulatedMarket, evening: Archive) -> None:
    at = moment(truth.sessions[-1], time(15, 30))
    future = day(truth, "futures_minute").filter(pl.col("at") == at)
    index = day(truth, "index_minute", index_code=["KOSPI200"]).filter(pl.col("at") == at)
    found = block(evening)["arbitrage"]
    assert round(future["close"][0] - index["close"][0], 2) == found["basis"]
    assert future["theoretical"][0] == found["vendor_theoretical"]
    for name in ("theoretical", "deviation", "deviation_pct"):
        assert found[name] is None and "CD91" in found["meta"][name]["note"]
    opportunity = block(evening)["market_indicators"]
    assert (None, "MISSING_INPUT") == (
        opportunity["arbitrage_opportunity"],
        opportunity["meta"]["arbitrage_opportunity"]["reason"],
    )


def test_kosdaq_has_no_basis_because_its_futures_are_not_collected(evening: Archive) -> None:
    found = block(evening, market="KOSDAQ")["arbitrage"]
    assert (None, "NOT_AVAILABLE_FROM_SOURCE") == (found["basis"], found["meta"]["basis"]["reason"])


def rank(x: float, ref: np.ndarray) -> float:
    return float(100 * ((ref < x).sum() + 0.5 * (ref == x).sum()) / len(ref))


def test_arbitrage_is_compared_with_whole_days_after_the_close(truth: SimulatedMarket, evening: Archive) -> None:
    first, last = truth.sessions[-61], truth.sessions[-1]
    arbitrage = truth.rows("program_day_market", first, last).group_by("session").agg(pl.all().exclude("market").sum())
    turnover = truth.rows("index_day", first, last).filter(pl.col("index_code").is_in(MARKETS["ALL"]))
    joined = arbitrage.join(turnover.group_by("session").agg(pl.col("amount").sum()), on="session").sort("session")
    share = (joined["arbitrage_buy_amount"] + joined["arbitrage_sell_amount"]) / joined["amount"]
    about = block(evening)["arbitrage"]["meta"]["intensity"]
    assert (60, "WHOLE_DAYS") == (about["n"], about["method"])
    assert round(rank(share[-1], share[:-1].to_numpy()), 1) == about["percentile"]


def test_arbitrage_is_compared_with_the_same_minute_of_past_sessions(truth: SimulatedMarket, morning: Archive) -> None:
    shares = []
    for session in truth.sessions[-22:]:
        rows = truth.rows("program_minute_market", session, session)
        now = rows.filter((pl.col("at") == moment(session, time(11, 7))) & (pl.col("market") == "KOSPI"))
        bars = truth.rows("index_minute", session, session)
        bar = bars.filter((pl.col("at") == moment(session, time(11, 6))) & (pl.col("index_code") == "KOSPI"))
        shares.append((now["arbitrage_buy_amount"][0] + now["arbitrage_sell_amount"][0]) / bar["amount"][0])
    about = block(morning, market="KOSPI")["arbitrage"]["meta"]["intensity"]
    assert (21, "SAME_MINUTE") == (about["n"], about["method"])
    assert round(rank(shares[-1], np.array(shares[:-1])), 1) == about["percentile"]


def test_efficiency_is_the_variance_ratio_of_minutes_without_the_auctions(
    truth: SimulatedMarket, evening: Archive
) -> None:
    bars = day(truth, "index_minute", index_code=["KOSDAQ"]).sort("at")
    ret = np.diff(np.log(bars["close"].to_numpy()[:-1]))
    n, q, mean = len(ret), 5, ret.mean()
    sums = np.convolve(ret, np.ones(q), "valid")
    unbiased = q * (n - q + 1) * (1 - q / n)
    ratio = ((sums - q * mean) ** 2).sum() / unbiased / ret.var(ddof=1)
    found = block(evening, market="KOSDAQ")["market_indicators"]
    assert (379, round(1 - min(1, abs(ratio - 1)), 3)) == (
        found["meta"]["market_efficiency"]["n"],
        found["market_efficiency"],
    )


@pytest.mark.parametrize("market", MARKETS)
def test_top_stocks_are_the_largest_of_the_market_and_shares_of_all(
    truth: SimulatedMarket, evening: Archive, market: str
) -> None:
    listed = truth.rows("instruments", truth.sessions[0], truth.sessions[-1])
    inside = listed.filter(pl.col("market").is_in(MARKETS[market])).select("code", "name").unique()
    rows = day(truth, "program_day_stock").join(inside, on="code")
    rows = rows.with_columns((pl.col("program_buy_amount") + pl.col("program_sell_amount")).alias("size"))
    rows = rows.sort(["size", "code"], descending=[True, False])
    expected = [
        (code, name, net, round(100 * size / rows["size"].sum(), 2))
        for code, name, net, size in rows.select("code", "name", "program_net_amount", "size").head(10).iter_rows()
    ]
    found = block(evening, market=market)["top_stocks"]
    assert expected == [(one["code"], one["name"], one["net"], one["ratio"]) for one in found]


def test_while_the_session_runs_top_stocks_are_the_day_before_s_and_say_so(
    truth: SimulatedMarket, morning: Archive
) -> None:
    answer = ask(morning)
    assert str(truth.sessions[-2]) == answer["program_trading"]["meta"]["top_stocks"]["as_of"]
    assert any(str(truth.sessions[-2]) in warning for warning in answer["warnings"])


def test_a_session_without_minutes_is_answered_by_the_day(truth: SimulatedMarket, evening: Archive) -> None:
    session = truth.sessions[10]
    answer = ask(evening, session=session, market="KOSPI")
    row = truth.rows("program_day_market", session, session).filter(pl.col("market") == "KOSPI")
    assert ("DAY", str(session)) == (answer["resolution"], answer["session"])
    assert row["program_net_amount"][0] == answer["program_trading"]["summary"]["net_value"]
    assert answer["program_trading"]["summary"]["market_impact"] is not None
    assert answer["program_trading"]["time_series"] is None
    assert any("program_minute_market" in gap["what"] for gap in answer["coverage"])
    hour = block(evening, session=session, time_window="1H")["summary"]
    assert (None, "MISSING_INPUT") == (hour["net_value"], hour["meta"]["net_value"]["reason"])
    assert any("whole day" in warning for warning in answer["warnings"])


def test_every_null_has_its_reason_in_words(truth: SimulatedMarket, evening: Archive, morning: Archive) -> None:
    asked: list[tuple[Archive, dict[str, Any]]] = [
        (evening, {}),
        (evening, {"market": "KOSDAQ", "program_type": "ARBITRAGE"}),
        (evening, {"session": truth.sessions[5], "time_window": "1H"}),
        (morning, {"time_window": "1H"}),
        (morning, {"market": "KOSDAQ"}),
    ]
    for archive, arguments in asked:
        for path, part in _parts(ask(archive, **arguments)):
            for name, value in part.items():
                if value is None:
                    about = part["meta"][name]
                    assert about["reason"] and about.get("note"), f"{arguments} {path}.{name}"


def test_the_text_is_short_and_says_how_fresh_how_unusual_and_what_is_unknown(evening: Archive) -> None:
    answer = CASE.run(evening)
    short, full = (texts(CASE, answer, detailed) for detailed in (False, True))
    assert len(short.splitlines()) <= 25
    for word in ("15:40", "SIMULATED", "확정", "비차익", "강도", "백분위", "베이시스", "CD91"):
        assert word in short
    assert "null " not in short and "program_trading.arbitrage: theoretical" in full
    assert all(set(one) == set(CASE.rows(answer)[0]) for one in CASE.rows(answer))
    early = texts(CASE, CASE.run(evening, market="KOSDAQ"), detailed=True)
    assert "베이시스 –" in early


def _parts(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(node, dict):
        return []
    found = [(path, node)] if "meta" in node else []
    for name, value in node.items():
        if name != "meta":
            found += _parts(value, f"{path}.{name}")
    return found
