"""get_smart_money_tracker on a simulated market, against the truth rows and arithmetic of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.sandbox.plan import Plan
from tests.support.simulated import simulated_archive
from tests.usecases.explained import explained
from tests.usecases.smart_money_lake import KINDS

CASE = registry.load("sugeup.usecases.smart_money_tracker", "get_smart_money_tracker")
DATASETS = ("instruments", "daily_bars", "investor_day_stock", "investor_day_market", "index_day", "sector_membership")


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """60 stocks over 140 sessions with planted events, and splits, halts and new listings of the simulator's own."""
    plan = Plan(seed=5, stocks=60, sessions=140, turbulence=1.5, events=4, event_count=12)
    return simulated_archive(tmp_path_factory.mktemp("smart"), plan, datasets=DATASETS)


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


def table(market: Archive, dataset: str, column: str, days: list[date]) -> dict[str, np.ndarray]:
    """A column by stock, one number per session, NaN where there is no row."""
    rows = market.read(dataset, columns=[column]).select("code", "session", column)
    wide = rows.pivot(on="code", index="session", values=column).sort("session")
    wide = pl.DataFrame({"session": days}, schema={"session": pl.Date}).join(wide, on="session", how="left")
    return {code: wide[code].cast(pl.Float64).to_numpy() for code in wide.columns if code != "session"}


def windows(net: np.ndarray, turnover: np.ndarray) -> np.ndarray:
    """Σnet ÷ Σturnover of each five sessions; NaN where one was not traded."""
    found = np.full(len(net), np.nan)
    for at in range(4, len(net)):
        part = turnover[at - 4 : at + 1]
        if (part > 0).all():
            found[at] = net[at - 4 : at + 1].sum() / part.sum()
    return found


def z_of(x: np.ndarray, at: int) -> float:
    past = x[max(0, at - 64) : at - 4]
    past = past[np.isfinite(past)]
    if len(past) < 20 or np.isnan(x[at]):
        return float("nan")
    away = np.abs(past - np.median(past))
    return float((x[at] - np.median(past)) / (1.4826 * np.median(away)))


@pytest.mark.parametrize(("method", "investor"), [("FOREIGN_SURGE", "foreign"), ("INSTITUTION_CLUSTER", "institution")])
def test_who_was_tested_and_who_was_found_is_what_the_truth_rows_say(
    market: Archive, method: str, investor: str
) -> None:
    days = market.read("daily_bars")["session"].unique().sort().to_list()[-129:]
    amount = table(market, "daily_bars", "amount", days)
    net = table(market, "investor_day_stock", f"{investor}_net_amount", days)
    answer = ask(market, detection_method=method)
    listed = set(market.read("instruments").filter(pl.col("kind") == "STOCK")["code"])
    xs = {code: windows(net[code], amount[code]) for code in sorted(net) if code in listed}
    zs = {code: [z_of(x, len(days) - 1 - back) for back in range(61)] for code, x in xs.items()}
    pool = np.sort([abs(z) for row in zs.values() for z in row[1:] if np.isfinite(z)])
    now = {code: row[0] for code, row in zs.items() if np.isfinite(row[0])}
    assert (len(now), answer["universe"] >= len(now)) == (answer["stocks_tested"], True)
    p = {code: (1 + (pool >= abs(z)).sum()) / (len(pool) + 1) for code, z in now.items()}
    ranked = sorted(p, key=lambda code: p[code])
    adjusted = {
        code: min(p[later] * len(p) / (place + 1) for place, later in enumerate(ranked) if place >= at)
        for at, code in enumerate(ranked)
    }
    rare = {code for code in now if now[code] >= 2 and adjusted[code] <= 0.1}
    found = {one["stock_code"]: one for one in answer["smart_money_signals"]}
    if method == "FOREIGN_SURGE":
        expected = {code for code in rare if (net[code][-5:] > 0).sum() >= 4}
        assert expected
    else:
        kinds = [table(market, "investor_day_stock", f"{kind}_net_amount", days[-5:]) for kind in KINDS]
        expected = {code for code in rare if sum(kind[code].sum() > 0 for kind in kinds) >= 5}
    assert expected == set(found)
    for code, one in found.items():
        assert pytest.approx(now[code], abs=0.006) == one["evidence"]["z"]
        assert pytest.approx(adjusted[code], rel=1e-3) == one["evidence"]["p_adj"]


def test_weights_are_those_of_rank_correlations_with_what_followed(market: Archive) -> None:
    days = market.read("daily_bars")["session"].unique().sort().to_list()[-129:]
    bars = {name: table(market, "daily_bars", name, days) for name in ("amount", "raw_close", "base_price")}
    listed = market.read("instruments").filter(
        pl.col("kind") == "STOCK", pl.col("delisted_on").is_null() | (pl.col("delisted_on") >= days[-1])
    )
    codes = sorted(set(listed["code"]) & set(bars["amount"]))
    quality = {
        one["investor"]: one
        for one in ask(market, detection_method="FOREIGN_SURGE")["market_smart_money_index"]["quality"]
    }
    for name in ("foreign", "pension_fund", "bank"):
        net = table(market, "investor_day_stock", f"{name}_net_amount", days)
        found = []
        for at in range(len(days) - 11, -1, -5):
            pairs = []
            for code in codes:
                traded = bars["amount"][code]
                move = np.where(traded == 0, 0.0, bars["raw_close"][code] / bars["base_price"][code] - 1)
                later = np.prod(1 + move[at + 1 : at + 6]) - 1
                if traded[at] > 0 and np.isfinite(later) and np.isfinite(net[code][at]):
                    pairs.append((net[code][at] / traded[at], later))
            ranks = pl.DataFrame(pairs, schema=["x", "y"], orient="row").select(pl.all().rank("average"))
            found.append(float(np.corrcoef(ranks["x"].to_numpy(), ranks["y"].to_numpy())[0, 1]))
        assert (len(found), pytest.approx(np.mean(found), abs=6e-5)) == (quality[name]["n"], quality[name]["ic"])


def test_the_answer_says_that_it_is_simulated_and_why_each_null_is_null(market: Archive) -> None:
    for method in ("LARGE_ORDERS", "FOREIGN_SURGE", "INSTITUTION_CLUSTER"):
        answer = ask(market, detection_method=method)
        assert answer["simulated"]
        explained(answer)
