"""get_investor_trading beside programme trading, and on a broker's rows: net confirmed, both sides as of the close."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.market import investors
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from tests.support.archives import days, four_groups, rows
from tests.support.simulated import fill, open_simulated
from tests.usecases.programs import MILLION, store

CASE = registry.load("sugeup.usecases.investor_trading", "get_investor_trading")
DATASETS = (
    "instruments",
    "daily_bars",
    "index_day",
    "investor_day_stock",
    "investor_day_market",
    "program_day_stock",
    "program_day_market",
)
FIELDS = {"total": "program", "arbitrage": "arbitrage", "non_arbitrage": "non_arbitrage"}
LAST = days(1)[-1]


@pytest.fixture(scope="module")
def truth() -> SimulatedMarket:
    return SimulatedMarket(Plan(stocks=30, sessions=130))


@pytest.fixture(scope="module")
def simulated(truth: SimulatedMarket, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    path = tmp_path_factory.mktemp("simulated")
    archive = open_simulated(path, truth.sessions[-1])
    fill(archive, truth, DATASETS)
    return archive


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    answer: dict[str, Any] = payload.plain(registry.bind(CASE, archive)(**arguments))
    return answer


def nulls(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every null with the reason beside it."""
    for name, value in node.items() if isinstance(node, dict) else ():
        if name != "meta" and isinstance(value, dict):
            yield from nulls(value, f"{path}{name}.")
        elif value is None and "meta" in node:
            yield f"{path}{name}", node["meta"][name]["reason"]


@pytest.mark.parametrize("period", ["1D", "20D"])
@pytest.mark.parametrize("market", ["KOSPI", "KOSDAQ", "ALL"])
def test_programme_trading_of_a_market_is_summed_over_the_same_sessions(
    truth: SimulatedMarket, simulated: Archive, market: str, period: str
) -> None:
    first, last = truth.sessions[-int(period[:-1])], truth.sessions[-1]
    rows = truth.rows("program_day_market", first, last)
    rows = rows.filter(pl.col("market").is_in(["KOSPI", "KOSDAQ"] if market == "ALL" else [market]))
    found = ask(simulated, market=market, period=period)["investor_data"]["program"]
    for field, kind in FIELDS.items():
        for side in ("buy", "sell"):
            assert rows[f"{kind}_{side}_amount"].sum() == found[f"{field}_{side}"]


def test_programme_trading_of_a_stock_has_no_split(truth: SimulatedMarket, simulated: Archive) -> None:
    first, last = truth.sessions[-5], truth.sessions[-1]
    bars = truth.rows("daily_bars", first, last)
    code = bars.filter(pl.col("volume") > 0).group_by("code").len().filter(pl.col("len") == 5)["code"].sort()[0]
    rows = truth.rows("program_day_stock", first, last).filter(pl.col("code") == code)
    found = ask(simulated, stock_code=code, period="5D")["investor_data"]["program"]
    assert rows["program_buy_amount"].sum() == found["total_buy"]
    assert rows["program_sell_amount"].sum() == found["total_sell"]
    assert (None, "NOT_AVAILABLE_FROM_SOURCE") == (found["arbitrage_buy"], found["meta"]["arbitrage_buy"]["reason"])


def test_with_everything_stored_only_what_no_source_has_is_null(truth: SimulatedMarket, simulated: Archive) -> None:
    """Amounts, leaves, average prices, share of the market and impact are all there."""
    code = truth.rows("daily_bars", truth.sessions[-1], truth.sessions[-1]).filter(pl.col("volume") > 0)["code"][0]
    split = {
        f"investor_data.program.{kind}_{side}" for kind in ("arbitrage", "non_arbitrage") for side in ("buy", "sell")
    }
    averages = {f"investor_data.{group}.average_{side}_price" for group in investors.GROUPS for side in ("buy", "sell")}
    single = {"market_impact.price_correlation", "market_impact.price_impact.kyle_lambda"}
    for arguments, absent in (
        ({"stock_code": code}, split),
        ({"market": "KOSPI"}, averages),
        ({"market": "KOSDAQ", "period": "20D"}, averages),
        ({"market": "ALL"}, averages | single | {"market_impact.price_impact.amihud"}),
    ):
        answer = ask(simulated, **arguments)
        assert absent == {name for name, _ in nulls(answer)}
        assert [] == answer["coverage"]


def test_what_is_not_stored_is_a_gap_with_the_job_that_collects_it(archive: Archive) -> None:
    answer = ask(archive, market="KOSPI")
    gap = next(gap for gap in answer["coverage"] if "프로그램매매" in gap["what"])
    assert "NOT_COLLECTED" == gap["reason"] and "sugeup job run daily" in gap["how"]
    program = answer["investor_data"]["program"]
    assert {"NOT_COLLECTED"} == {program["meta"][f"{field}_buy"]["reason"] for field in FIELDS}


def test_a_session_of_the_period_without_a_row_leaves_no_partial_sum(archive: Archive) -> None:
    given = [
        {"market": "KOSPI", "session": day, "program_buy_amount": 10**9, "program_sell_amount": 10**9}
        for day in days(5)[:-1]
    ]
    archive.fill("program_day_market", rows("program_day_market", given))
    answer = ask(archive, market="KOSPI", period="5D")
    program = answer["investor_data"]["program"]
    assert (None, "MISSING_INPUT") == (program["total_buy"], program["meta"]["total_buy"]["reason"])
    assert any("1 of 5 sessions" in gap["what"] for gap in answer["coverage"])


def test_a_halted_session_lacks_no_row(archive: Archive) -> None:
    halted = {"code": "000660", "session": LAST, "raw_close": 52, "base_price": 52, "volume": 0, "amount": 0}
    archive.fill("daily_bars", rows("daily_bars", [halted | {"status": "HALTED"}]))
    sides = {"program_buy_amount": 7, "program_sell_amount": 5}
    given = [{"code": "000660", "session": day} | sides for day in days(5)[:-1]]
    archive.fill("program_day_stock", rows("program_day_stock", given))
    answer = ask(archive, stock_code="000660", period="5D")
    assert 4 * 7 == answer["investor_data"]["program"]["total_buy"]
    assert not any("프로그램매매" in gap["what"] for gap in answer["coverage"])


def test_the_text_shows_programme_trading_beside_the_investors(simulated: Archive) -> None:
    answer = registry.bind(CASE, simulated)(market="KOSPI")
    text = "\n".join(map(str, CASE.text(answer)))
    assert "프로그램(억원, 위 수급에 포함): 매수" in text and "비차익" in text
    assert len(text.splitlines()) <= 25


def broker(
    path: Path, nets: dict[str, int], sides: dict[str, tuple[int, int]], day: date = LAST, *, final: bool = False
) -> Archive:
    """A confirmed row with net alone, and the row of the close with both sides; million won."""
    archive = open_simulated(path, day)
    confirmed = {f"{group}_net_amount": net * MILLION for group, net in nets.items()}
    closing: dict[str, int] = {}
    for group, (bought, sold) in sides.items():
        closing |= {f"{group}_buy_amount": bought * MILLION, f"{group}_sell_amount": sold * MILLION}
        closing |= {f"{group}_net_amount": (bought - sold) * MILLION}
    key = {"market": "KOSPI", "session": day}
    store(archive, "investor_day_market", pl.DataFrame([key | confirmed]))
    store(archive, "investor_day_market", pl.DataFrame([key | closing]), "kis_minute_close", final=final)
    store(archive, "index_day", pl.DataFrame([{"index_code": "KOSPI", "session": day, "amount": 1_000 * MILLION}]))
    return archive


SIDES = {"foreign": (600, 400), "individual": (300, 500), "institution": (100, 90), "other_corporation": (0, 10)}
NETS = {group: bought - sold for group, (bought, sold) in SIDES.items()}


def test_both_sides_come_from_the_row_of_the_close_and_are_marked(tmp_path: Path) -> None:
    answer = ask(broker(tmp_path, NETS, SIDES), market="KOSPI")
    foreign = answer["investor_data"]["foreign"]
    assert (600 * MILLION, 400 * MILLION, 200 * MILLION) == (
        foreign["buy_amount"],
        foreign["sell_amount"],
        foreign["net_amount"],
    )
    assert ("kis_minute_close", True) == (
        foreign["meta"]["buy_amount"]["source"],
        foreign["meta"]["buy_amount"]["provisional"],
    )
    assert "net_amount" not in foreign["meta"] and answer["provisional"] is False
    assert (20.0, 50.0) == (foreign["net_ratio"], answer["market_impact"]["volume_contribution"])
    assert {"kis_market", "kis_minute_close"} <= set(answer["sources"])


def test_both_sides_that_tell_another_net_are_withheld(tmp_path: Path) -> None:
    confirmed = NETS | {"foreign": 210, "individual": -210}
    foreign = ask(broker(tmp_path, confirmed, SIDES, final=True), market="KOSPI")["investor_data"]["foreign"]
    assert 210 * MILLION == foreign["net_amount"]
    for side in ("buy", "sell"):
        about = foreign["meta"][f"{side}_amount"]
        assert (None, "RECONCILIATION_FAILED") == (foreign[f"{side}_amount"], about["reason"])


def test_a_net_that_was_confirmed_otherwise_than_at_the_close_is_no_failure(tmp_path: Path) -> None:
    confirmed = NETS | {"foreign": 210, "individual": -210}
    answer = ask(broker(tmp_path, confirmed, SIDES), market="KOSPI")
    foreign = answer["investor_data"]["foreign"]
    assert 210 * MILLION == foreign["net_amount"]
    for side in ("buy", "sell"):
        about = foreign["meta"][f"{side}_amount"]
        assert (None, "MISSING_INPUT") == (foreign[f"{side}_amount"], about["reason"])
        assert "before it was confirmed" in about["note"]
    assert answer["provisional"] is False and "kis_minute_close" not in answer["sources"]


def test_rounding_to_the_source_s_unit_is_no_difference(tmp_path: Path) -> None:
    confirmed = NETS | {"foreign": 201, "individual": -201}
    foreign = ask(broker(tmp_path, confirmed, SIDES), market="KOSPI")["investor_data"]["foreign"]
    assert (600 * MILLION, 201 * MILLION) == (foreign["buy_amount"], foreign["net_amount"])


def test_without_a_row_of_both_sides_buy_and_sell_stay_null(archive: Archive) -> None:
    archive.fill(
        "investor_day_market",
        rows("investor_day_market", [{"market": "KOSPI", "session": LAST} | four_groups(1, 2, 3)]),
    )
    foreign = ask(archive, market="KOSPI")["investor_data"]["foreign"]
    assert (None, "MISSING_INPUT") == (foreign["buy_amount"], foreign["meta"]["buy_amount"]["reason"])
