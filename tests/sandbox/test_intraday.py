"""Every intraday dataset ends at its day, adds up, and is the same however it is asked for."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from sugeup import records
from sugeup.errors import NoData, Refused
from sugeup.market import investors, publication
from sugeup.sandbox import intraday, intraday_members
from sugeup.sandbox.intraday_book import MARKETS, book
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan

PLAN = Plan(seed=11, stocks=160, sessions=14)


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return SimulatedMarket(PLAN)


@pytest.fixture(scope="module")
def on(market: SimulatedMarket) -> date:
    return market.sessions[9]


def ends(rows: pl.DataFrame, scope: str) -> pl.DataFrame:
    return rows.group_by(scope, maintain_order=True).last().sort(scope)


def measures(rows: pl.DataFrame) -> list[str]:
    return [name for name in rows.columns if name.endswith(("_amount", "_volume"))]


@pytest.mark.parametrize("name", sorted(set(intraday.DATASETS) - {"ticks"}))
def test_rows_have_the_columns_of_their_record_once_per_key_in_its_order(
    market: SimulatedMarket, on: date, name: str
) -> None:
    rows = market.rows(name, on, on)
    record = records.dataset(name)
    assert {column.name: record.frame_schema[column.name] for column in record.columns} == dict(rows.schema)
    assert 0 < len(rows)
    assert rows.equals(rows.unique(subset=record.key).sort(record.key))
    assert [on] == rows["session"].unique().to_list()
    required = [column.name for column in record.columns if column.required]
    assert 0 == sum(rows.select(required).null_count().row(0))


@pytest.mark.parametrize("name", ["minute_bars", "ticks", "stock_estimate", "program_minute_stock", "broker_members"])
def test_one_stock_asked_alone_in_a_new_market_has_the_rows_it_has_among_all(
    market: SimulatedMarket, on: date, name: str
) -> None:
    code = market.rows("daily_bars", on, on).filter(pl.col("volume") > 0).sort("volume")["code"][80]
    alone = SimulatedMarket(PLAN).rows(name, on, on, [code])
    several = market.rows(name, on, on, None if name != "ticks" else [code, market.codes[0]])
    assert 0 < len(alone)
    assert alone.equals(several.filter(pl.col("code") == code))


@pytest.mark.parametrize("day", [0, 9, 13])
def test_minute_bars_give_back_the_daily_bars(market: SimulatedMarket, day: int) -> None:
    session = market.sessions[day]
    bars = market.rows("minute_bars", session, session)
    days = market.rows("daily_bars", session, session).filter(pl.col("volume") > 0)
    made = bars.group_by("code").agg(
        pl.col("raw_open").first(),
        pl.col("raw_high").max(),
        pl.col("raw_low").min(),
        pl.col("raw_close").last(),
        pl.col("volume").sum(),
        pl.col("amount").sum(),
    )
    assert days.select(made.columns).sort("code").equals(made.sort("code"))


@pytest.mark.parametrize("day", [0, 9])
def test_investors_are_closed_at_every_snapshot_and_end_at_the_day(market: SimulatedMarket, day: int) -> None:
    session = market.sessions[day]
    rows = market.rows("investor_minute_market", session, session)
    days = market.rows("investor_day_market", session, session).sort("market")
    assert days.select("market", *measures(days)).equals(ends(rows, "market").select("market", *measures(days)))
    for measure in investors.MEASURES:
        sides = {
            side: rows.select(pl.sum_horizontal(f"{leaf.id}_{side}_{measure}" for leaf in investors.LEAVES))
            for side in ("buy", "sell")
        }
        assert sides["buy"].to_series().to_list() == sides["sell"].to_series().to_list()
    gross = [name for name in measures(rows) if "_net_" not in name]
    assert 0 <= min(rows.select(pl.col(gross).diff().over("market").min()).row(0))
    assert 0 == max(rows.group_by("market").first().select(gross).max().row(0))


def test_sectors_add_to_their_market_at_every_snapshot(market: SimulatedMarket, on: date) -> None:
    rows = market.rows("investor_minute_market", on, on)
    for name, first in (("KOSPI", "0"), ("KOSDAQ", "1")):
        whole = rows.filter(pl.col("market") == name).sort("at")
        added = rows.filter(pl.col("market").str.starts_with(first)).group_by("at").agg(pl.col(measures(rows)).sum())
        assert whole.select(measures(rows)).equals(added.sort("at").select(measures(rows)))
    alone = SimulatedMarket(PLAN).rows("investor_minute_market", on, on, ["KOSDAQ"])
    assert rows.filter(pl.col("market") == "KOSDAQ").equals(alone)


def test_turnover_of_investors_runs_with_that_of_the_index_half_a_minute_behind(
    market: SimulatedMarket, on: date
) -> None:
    for scope in MARKETS:
        flows = market.rows("investor_minute_market", on, on, [scope])
        index = market.rows("index_minute", on, on, [scope])
        bought = flows.select(pl.sum_horizontal(f"{leaf.id}_buy_amount" for leaf in investors.LEAVES)).to_series()
        reached = index["amount"]
        assert reached[-1] == bought[-1]
        for minute in (1, 30, 200, 380):
            assert (reached[minute - 2] if minute > 1 else 0) <= bought[minute] <= reached[minute - 1]


def test_classes_trade_at_their_own_time_of_day(market: SimulatedMarket) -> None:
    late = {"individual": [], "foreign_registered": [], "investment_trust": []}
    for session in market.sessions[3:9]:
        rows = market.rows("investor_minute_market", session, session, ["KOSPI"])
        for leaf, found in late.items():
            gross = (rows[f"{leaf}_buy_amount"] + rows[f"{leaf}_sell_amount"]).to_numpy()
            found.append(1 - gross[-21] / gross[-1])
    means = {leaf: float(np.mean(found)) for leaf, found in late.items()}
    assert 0.25 < means["investment_trust"] < 0.60
    assert means["individual"] < means["foreign_registered"] < means["investment_trust"]


def test_indices_go_through_their_day_and_carry_the_turnover_of_their_market(market: SimulatedMarket, on: date) -> None:
    rows = market.rows("index_minute", on, on)
    days = market.rows("index_day", on, on)
    made = rows.group_by("index_code").agg(
        pl.col("open").first(),
        pl.col("high").max(),
        pl.col("low").min(),
        pl.col("close").last(),
        pl.col("volume").last(),
        pl.col("amount").last(),
    )
    names = made.columns
    assert (
        days.filter(pl.col("index_code").is_in(made["index_code"].implode()))
        .select(names)
        .sort("index_code")
        .equals(made.sort("index_code"))
    )
    assert {"KOSPI", "KOSDAQ", "KOSPI200"} < set(made["index_code"])
    bars = market.rows("minute_bars", on, on).join(market.rows("instruments", market.sessions[0], on), on="code")
    total = bars.filter(pl.col("market") == "KOSPI").group_by("at").agg(pl.col("amount").sum()).sort("at")
    kospi = rows.filter(pl.col("index_code") == "KOSPI").sort("at")
    assert (
        total["amount"].cum_sum().to_list()
        == kospi.filter(pl.col("at").is_in(total["at"].implode()))["amount"].to_list()
    )


def test_programme_of_a_market_is_the_sum_of_its_stocks_and_of_its_two_kinds(market: SimulatedMarket, on: date) -> None:
    rows = market.rows("program_minute_market", on, on)
    days = market.rows("program_day_market", on, on).sort("market")
    assert days.select("market", *measures(days)).equals(ends(rows, "market").select("market", *measures(days)))
    for name in [name for name in measures(rows) if name.startswith("program_")]:
        kinds = rows[name.replace("program", "arbitrage")] + rows[name.replace("program", "non_arbitrage")]
        assert rows[name].to_list() == kinds.to_list()
    stocks = market.rows("program_minute_stock", on, on)
    added = stocks.group_by("at").agg(pl.col("program_buy_amount").sum()).sort("at")
    whole = rows.group_by("at").agg(pl.col("program_buy_amount").sum()).sort("at")
    assert whole.equals(added)


def test_programme_of_a_stock_grows_to_its_day_and_never_exceeds_what_was_traded(
    market: SimulatedMarket, on: date
) -> None:
    rows = market.rows("program_minute_stock", on, on)
    days = market.rows("program_day_stock", on, on).sort("code")
    last = ends(rows, "code")
    days = days.filter(pl.col("code").is_in(last["code"].implode()))
    assert days.select("code", *measures(days)).equals(last.select("code", *measures(days)))
    gross = [name for name in measures(rows) if "_net_" not in name]
    assert 0 <= min(rows.select(pl.col(gross).diff().over("code").min()).row(0))
    bars = market.rows("minute_bars", on, on).with_columns(pl.col("volume").cum_sum().over("code").alias("traded"))
    joined = rows.sort("at").join_asof(bars.sort("at"), on="at", by="code", check_sortedness=False)
    assert 0 == len(joined.filter(pl.col("program_buy_volume") > pl.col("traded")))


def test_estimates_are_thousands_at_five_slots_with_the_two_gaps(market: SimulatedMarket, on: date) -> None:
    rows = market.rows("stock_estimate", on, on)
    assert list(range(1, len(publication.SLOTS) + 1)) == rows["slot"].unique().sort().to_list()
    assert {1} == set(rows.filter(pl.col("institution_net_volume").is_null())["slot"])
    assert {2} == set(rows.filter(pl.col("foreign_net_volume").is_null())["slot"])
    assert 0 == rows.select((pl.col("foreign_net_volume") % 1_000 != 0).sum()).item()
    days = market.rows("investor_day_stock", on, on).join(rows.filter(pl.col("slot") == 5), on="code")
    large = days.filter(pl.col("institution_net_volume").abs() > 20_000)
    agree = large["institution_net_volume"].sign() == large["institution_net_volume_right"].sign()
    assert 0.6 < agree.mean()  # type: ignore[operator]


def test_slots_before_a_late_open_have_no_estimate(market: SimulatedMarket) -> None:
    first = market.sessions[0]
    assert date(2025, 1, 2) == first
    assert [3, 4, 5] == market.rows("stock_estimate", first, first)["slot"].unique().sort().to_list()


def test_the_future_goes_through_its_day_around_the_index(market: SimulatedMarket, on: date) -> None:
    rows, day = market.rows("futures_minute", on, on), market.future(on)
    assert (day.open, day.close) == (rows["open"][0], rows["close"][-1])
    assert (day.high, day.low) == (rows["high"].max(), rows["low"].min())
    assert (day.volume, day.amount) == (rows["volume"].sum(), rows["amount"][-1])
    assert day.open_interest == rows["open_interest"][-1]
    hundredths = (pl.concat([rows[name] for name in ("open", "high", "low", "close")]) * 100).round().cast(pl.Int64)
    assert 0 == (hundredths % 5).sum()
    index = market.rows("index_minute", on, on, ["KOSPI200"])
    assert index["close"].to_list() == rows["spot"].to_list()
    assert (rows["close"] - rows["spot"]).round(2).to_list() == rows["market_basis"].to_list()
    assert 0.02 > (rows["market_basis"].abs() / rows["spot"]).max()  # type: ignore[operator]
    assert (3, 6, 9, 12).count(day.expiry.month) == 1
    assert 0 == len(market.rows("futures_minute", on, on, ["NONE"]))


def test_members_are_five_a_side_invented_and_trade_no_more_than_the_stock(market: SimulatedMarket, on: date) -> None:
    rows = market.rows("broker_members", on, on)
    assert 5 == rows["rank"].max()
    assert set(rows["member_name"]) <= set(intraday_members.NAMES)
    assert all(name.startswith("모의") for name in intraday_members.NAMES)
    day = market.rows("daily_bars", on, on).select("code", pl.col("volume").alias("traded"))
    sums = rows.group_by("code", "side").agg(pl.col("volume").sum()).join(day, on="code")
    assert 0 == len(sums.filter(pl.col("volume") > pl.col("traded")))
    falling = rows.with_columns(pl.col("volume").diff().over("code", "side").alias("step"))
    assert 0 >= falling["step"].max()  # type: ignore[operator]


def test_halted_and_unlisted_stocks_have_no_rows(market: SimulatedMarket, on: date) -> None:
    days = market.rows("daily_bars", on, on)
    halted = days.filter(pl.col("status") == "HALTED")["code"].to_list()
    unlisted = [code for code in market.codes if code not in set(days["code"])]
    quiet = [*halted, *unlisted]
    assert quiet
    for name in ("minute_bars", "ticks", "stock_estimate", "program_minute_stock", "broker_members"):
        assert 0 == len(market.rows(name, on, on, quiet))


def test_what_cannot_be_answered_is_refused_by_name(market: SimulatedMarket, on: date) -> None:
    with pytest.raises(Refused, match="no intraday dataset"):
        intraday.rows(market, "daily_bars", on)
    with pytest.raises(Refused, match="unknown market 'NASDAQ'"):
        market.rows("index_minute", on, on, ["NASDAQ"])
    with pytest.raises(Refused, match="no programme trading of"):
        market.rows("program_minute_market", on, on, [next(iter(book(market, on).industries))])
    with pytest.raises(NoData, match="no simulated session 2030-01-02"):
        intraday.rows(market, "minute_bars", date(2030, 1, 2))
    with pytest.raises(Refused, match="minute_bars from"):
        market.rows("minute_bars", market.sessions[0], on)


def test_only_the_last_two_sessions_stay_in_memory(market: SimulatedMarket) -> None:
    first = book(market, market.sessions[1])
    assert first is book(market, market.sessions[1])
    book(market, market.sessions[2])
    book(market, market.sessions[3])
    assert first is not book(market, market.sessions[1])
