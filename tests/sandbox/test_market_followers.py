"""What follows the trades stays inside them, and balances are what was there plus what came less what went."""

from __future__ import annotations

import polars as pl
import pytest

from sugeup.sandbox.indices import contract, expiry
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return SimulatedMarket(Plan(seed=9, stocks=200, sessions=120))


def everything(market: SimulatedMarket, dataset: str) -> pl.DataFrame:
    return market.rows(dataset, market.sessions[0], market.sessions[-1])


def unsplit(market: SimulatedMarket, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.join(everything(market, "corporate_actions"), on="code", how="anti")


def test_programme_trading_is_part_of_what_foreigners_and_institutions_trade(market: SimulatedMarket) -> None:
    both = everything(market, "program_day_stock").join(
        everything(market, "investor_day_stock"), on=["code", "session"]
    )
    for side in ("buy", "sell"):
        away = pl.col(f"individual_{side}_volume") + pl.col(f"other_corporation_{side}_volume")
        whole = pl.col("foreign_buy_volume") + pl.col("institution_buy_volume") + pl.col("individual_buy_volume")
        whole += pl.col("other_corporation_buy_volume")
        assert both.select((pl.col(f"program_{side}_volume").is_between(0, whole - away)).all()).item()
    net = pl.col("program_buy_volume") - pl.col("program_sell_volume")
    assert both.select((net == pl.col("program_net_volume")).all()).item()
    assert 0.5 < both.select(pl.corr("program_net_amount", "foreign_net_amount")).item()


def test_programme_trading_of_a_market_is_the_sum_of_its_stocks_and_of_its_two_kinds(market: SimulatedMarket) -> None:
    listed = everything(market, "instruments").select("code", "market").unique()
    columns = [f"program_{side}_{measure}" for side in ("buy", "sell", "net") for measure in ("volume", "amount")]
    sums = (
        everything(market, "program_day_stock")
        .join(listed, on="code")
        .group_by("market", "session")
        .agg(pl.col(columns).sum())
        .sort("market", "session")
    )
    stated = everything(market, "program_day_market")
    assert sums.equals(stated.select(sums.columns))
    for name in columns:
        kinds = pl.col(name.replace("program", "arbitrage")) + pl.col(name.replace("program", "non_arbitrage"))
        assert stated.select((pl.col(name) == kinds).all()).item()


def test_short_sales_are_part_of_what_is_sold(market: SimulatedMarket) -> None:
    both = everything(market, "short_day").join(everything(market, "daily_bars"), on=["code", "session"])
    assert both.select(pl.col("short_volume").is_between(0, pl.col("volume")).all()).item()
    assert both.select(pl.col("short_amount").is_between(0, pl.col("amount")).all()).item()
    priced = both.filter(pl.col("short_volume") > 0).select(
        price=pl.col("short_amount") / pl.col("short_volume"), low="raw_low", high="raw_high"
    )
    assert priced.select(pl.col("price").is_between(pl.col("low") - 1, pl.col("high") + 1).all()).item()


def test_what_is_lent_is_never_less_than_what_is_sold_short(market: SimulatedMarket) -> None:
    both = everything(market, "lending").join(
        everything(market, "short_balance"), on=["code", "session"], suffix="_short"
    )
    assert both.select((pl.col("balance_shares") >= pl.col("balance_shares_short")).mean()).item() > 0.995
    assert both.select((pl.col("balance_shares_short") <= pl.col("listed_shares")).all()).item()


@pytest.mark.parametrize(
    ("dataset", "prefix", "measures"),
    [
        ("lending", "", ["shares"]),
        ("credit", "loan_", ["shares", "amount"]),
        ("credit", "stock_loan_", ["shares", "amount"]),
    ],
)
def test_a_balance_is_yesterdays_plus_new_less_repaid(
    market: SimulatedMarket, dataset: str, prefix: str, measures: list[str]
) -> None:
    rows = unsplit(market, everything(market, dataset))
    for measure in measures:
        new, repaid, balance = (pl.col(f"{prefix}{step}_{measure}") for step in ("new", "repaid", "balance"))
        before = balance.shift().over("code", order_by="session")
        steps = rows.select(gap=balance - before - new + repaid).drop_nulls()
        assert 0 == steps["gap"].abs().max()
    assert rows.select(pl.min_horizontal(pl.col(pl.Int64)).min()).item() >= 0


def test_loans_of_the_market_are_those_of_its_stocks(market: SimulatedMarket) -> None:
    loans = everything(market, "credit").group_by("session").agg(pl.col("loan_balance_amount").sum()).sort("session")
    funds = everything(market, "market_funds")
    assert loans["loan_balance_amount"].equals(funds["loan_balance_amount"])
    assert funds.select(
        (
            pl.col("loan_balance_kospi_amount") + pl.col("loan_balance_kosdaq_amount") == pl.col("loan_balance_amount")
        ).all()
    ).item()
    assert funds.select(pl.min_horizontal(pl.exclude("session")).min()).item() > 0


def test_foreigners_hold_no_more_than_they_may(market: SimulatedMarket) -> None:
    rows = everything(market, "foreign_holding")
    inside = pl.col("held_shares").is_between(0, pl.col("limit_shares")) & (
        pl.col("limit_shares") <= pl.col("listed_shares")
    )
    assert rows.select(inside.all()).item()
    used = (100 * pl.col("held_shares") / pl.col("limit_shares") - pl.col("limit_use_pct")).abs()
    assert 0.006 > rows.select(used.max()).item()


def test_the_future_expires_on_the_second_thursday_and_its_code_tells_when() -> None:
    market = SimulatedMarket(Plan(stocks=20, sessions=60))
    ends = {expiry(day).isoformat() for day in market.sessions}
    assert {"2025-03-13", "2025-06-12"} == ends
    assert "101W06" == contract(expiry(market.sessions[-1]))
    assert {day.weekday() for day in map(expiry, market.sessions)} == {3}


def test_a_marked_stock_met_the_overheating_rule_the_session_before(market: SimulatedMarket) -> None:
    marked = everything(market, "designations").filter(pl.col("kind") == "SHORT_OVERHEAT")
    place = {day: row for row, day in enumerate(market.sessions)}
    assert 0 < len(marked)
    for row in marked.iter_rows(named=True):
        before = market.sessions[place[row["session"]] - 1]
        past = market.rows("short_day", market.sessions[0], before, [row["code"]])["short_amount"].to_list()
        times = past[-1] / max(sum(past[-41:-1]) / 40, 1)
        assert times >= 1.9, row
