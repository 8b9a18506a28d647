"""A broker tells the net of a market in million won, the exchange both sides in won: a row is the one or the other."""

from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive, Want
from sugeup.faces import payload
from sugeup.market import investors
from sugeup.sandbox import faults
from sugeup.sandbox.plan import Plan
from tests.support.required import unavailable
from tests.support.sandboxes import market
from tests.support.several import Several, filling, serving

pytestmark = pytest.mark.slow

PLAN = Plan(seed=2026, stocks=10, first=date(2025, 3, 4), sessions=44)
DAYS = market(PLAN).sessions[36:41]
TWO = ("KOSPI", "KOSDAQ")
EXCHANGE, BROKER = "krx_login_market", "kis_market"
FIGURES = [
    investors.column(one.id, side, measure)
    for one in investors.ALL
    for side in investors.SIDES
    for measure in investors.MEASURES
]


@pytest.fixture(autouse=True)
def _pykrx() -> None:
    if importlib.util.find_spec("pykrx") is None:
        unavailable("pykrx is not installed")


def filled(lake: Several, *scopes: str) -> pl.DataFrame:
    """The markets' flows of five sessions, filled on the evening of the last."""
    lake.at(DAYS[-1], 19)
    assert lake.archive.fill("investor_day_market", Want(scopes, DAYS[0], DAYS[-1])).complete
    return lake.archive.read("investor_day_market")


def shown(archive: Archive, name: str) -> list[dict[str, Any]]:
    found: dict[str, Any] = payload.plain(registry.bind(registry.usecases()["get_market_flows"], archive)(market=name))
    return list(found["rows"])


def test_bought_sold_and_net_of_a_market_are_those_of_one_row_of_the_exchange(tmp_path: Path) -> None:
    with serving(market(PLAN)) as (address, sandbox), filling(tmp_path, address, sandbox, "kis", "krx_login") as lake:
        held = filled(lake, *TWO, "0013")
        assert {(name, EXCHANGE) for name in TWO} | {("0013", BROKER)} == set(held.select("market", "source").rows())
        answers = {name: shown(lake.archive, name) for name in TWO}
    truth = market(PLAN).rows("investor_day_market", DAYS[0], DAYS[-1]).filter(pl.col("products") == "STOCK")
    exact = {(row["market"], row["session"]): row for row in truth.iter_rows(named=True)}
    for row in held.filter(pl.col("source") == EXCHANGE).iter_rows(named=True):
        told = exact[row["market"], row["session"]]
        for one in investors.ALL:
            for measure in investors.MEASURES:
                bought, sold, net = (row[investors.column(one.id, side, measure)] for side in ("buy", "sell", "net"))
                if one.id == "government":
                    assert (None, None, None) == (bought, sold, net)
                    continue
                assert bought - sold == net
                if one.id != "pension_fund":  # 국가·지자체 is counted there
                    assert told[investors.column(one.id, "net", measure)] == net
    for name in TWO:
        assert 5 == len(answers[name]) and {EXCHANGE} == {row["source"] for row in answers[name]}
        figures = {key for row in answers[name] for flow in row["flows"].values() for key in flow}
        assert 6 == len(figures)


def test_a_row_of_the_exchange_takes_the_place_of_a_broker_s_as_a_whole(tmp_path: Path) -> None:
    """No figure of the broker's is left in it, not even where the exchange has none: 국가·지자체."""
    with serving(market(PLAN)) as (address, sandbox), filling(tmp_path, address, sandbox, "kis", "krx_login") as lake:
        lake.at(DAYS[-1], 19)
        lake.archive.fill("investor_day_market", Want(TWO, DAYS[0], DAYS[-1], vendor="kis"))
        before = lake.archive.read("investor_day_market")
        assert {BROKER} == {*before["source"]} and before["government_net_amount"].null_count() == 0
        lake.archive.fill("investor_day_market", Want(TWO, DAYS[0], DAYS[-1], vendor="krx_login"))
        after = lake.archive.read("investor_day_market")
    assert {EXCHANGE} == {*after["source"]} and before.height == after.height
    assert after["government_net_amount"].null_count() == after.height
    bought = [name for name in FIGURES if "_buy_" in name and not name.startswith("government")]
    assert before.select(bought).null_count().row(0) == (before.height,) * len(bought)
    assert after.select(bought).null_count().row(0) == (0,) * len(bought)


def test_where_the_exchange_keeps_the_address_out_the_broker_stands_in(tmp_path: Path) -> None:
    with serving(market(PLAN)) as (address, sandbox), filling(tmp_path, address, sandbox, "kis", "krx_login") as lake:
        sandbox.world.faults.switch(*faults.parse("blocked"))
        lake.at(DAYS[-1], 19)
        done = lake.archive.fill("investor_day_market", Want(TWO, DAYS[0], DAYS[-1]))
        assert ["RATE_LIMITED"] == [error.code for error in done.stopped]
        held = lake.archive.read("investor_day_market")
        assert {BROKER} == {*held["source"]} and 2 * len(DAYS) == held.height
