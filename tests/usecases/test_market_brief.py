"""get_market_brief: one page whose every figure is that of the answer it sums up, and which says what it lacks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.faces import payload
from sugeup.jobs.sample import load_sample
from sugeup.market import investors, sessions
from sugeup.sandbox.plan import Plan
from tests.support.archives import days, four_groups, open_archive, rows
from tests.support.lakes import archive_in
from tests.support.simulated import simulated_archive
from tests.support.truths import texts
from tests.usecases.explained import explained

CASES = registry.usecases()
CASE = CASES["get_market_brief"]
DATASETS = (
    "daily_bars",
    "investor_day_stock",
    "investor_day_market",
    "index_day",
    "instruments",
    "sector_membership",
    "short_day",
    "market_funds",
    "program_day_market",
    "designations",
)
MARKETS = ("KOSPI", "KOSDAQ")


def ask(archive: Archive, name: str = "get_market_brief", **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASES[name], archive)(**arguments))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return simulated_archive(tmp_path_factory.mktemp("brief"), Plan(stocks=40, sessions=130), datasets=DATASETS)


@pytest.fixture(scope="module")
def page(market: Archive) -> dict[str, Any]:
    return ask(market, top=3)


@pytest.fixture(scope="module")
def last(market: Archive) -> date:
    newest = market.read("investor_day_market", columns=[])["session"].max()
    assert isinstance(newest, date)
    return newest


def test_indices_are_those_of_the_exchange(market: Archive, page: dict[str, Any]) -> None:
    for one in page["indices"]:
        told = market.read("index_day", scopes=[one["index"]]).sort("session").tail(2)
        before, now = told["close"].to_list()
        assert round(100 * (now / before - 1), 2) == one["change_rate"]
        for name in ("advancers", "decliners", "unchanged", "amount"):
            assert told[name][-1] == one[name]
    assert list(MARKETS) == [one["index"] for one in page["indices"]]


def test_each_group_of_each_market_has_its_net_rank_and_streak(market: Archive, page: dict[str, Any]) -> None:
    assert [(place, group) for place in MARKETS for group in investors.GROUPS] == [
        (one["market"], one["investor"]) for one in page["flows"]
    ]
    for one in page["flows"]:
        told = market.read("investor_day_market", scopes=[one["market"]]).sort("session")
        net = told[f"{one['investor']}_net_amount"].to_numpy()
        traded = market.read("index_day", scopes=[one["market"]]).sort("session")["amount"].to_numpy()
        assert int(net[-1]) == one["net_amount"]
        x = net / traded
        assert round(100 * x[-1], 2) == one["net_to_turnover"]
        past = x[:-1]
        assert round(100 * ((past < x[-1]).sum() + (past == x[-1]).sum() / 2) / len(past), 1) == one["percentile"]
        run = int(np.argmax(np.append(np.sign(net[::-1]) != np.sign(net[-1]), True)))
        assert int(np.sign(net[-1])) * run == one["streak"]


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ("foreign_buy", {"investor": "FOREIGN", "direction": "BUY"}),
        ("foreign_sell", {"investor": "FOREIGN", "direction": "SELL"}),
        ("institution_buy", {"investor": "INSTITUTION", "direction": "BUY"}),
        ("institution_sell", {"investor": "INSTITUTION", "direction": "SELL"}),
        ("double_buy", {"by": "DOUBLE", "direction": "BUY"}),
        ("double_sell", {"by": "DOUBLE", "direction": "SELL"}),
    ],
)
def test_the_lists_are_the_head_of_the_rankings(
    market: Archive, page: dict[str, Any], listed: str, asked: dict[str, Any]
) -> None:
    ranked = ask(market, "rank_flows", limit=3, **asked)["stocks"]
    assert [one["code"] for one in ranked] == [one["code"] for one in page["stocks"][listed]]
    for one, other in zip(ranked, page["stocks"][listed], strict=True):
        assert one["net_amount"] == other["net_amount"] and one["z"] == other["z"]


def test_sectors_are_those_of_the_sector_answer(market: Archive, page: dict[str, Any]) -> None:
    moved = ask(market, "get_sector_investor_flow", period="1D")["rotation_analysis"]
    gained = [(one["sector_code"], one["inflow"]) for one in moved["to_sectors"]][:3]
    assert gained == [(one["sector_code"], one["abnormal_net"]) for one in page["sectors"]["inflow"]]
    lost = [(one["sector_code"], one["outflow"]) for one in moved["from_sectors"]][:3]
    assert lost == [(one["sector_code"], one["abnormal_net"]) for one in page["sectors"]["outflow"]]


def test_programme_trading_and_shorts_are_those_of_their_answers(market: Archive, page: dict[str, Any]) -> None:
    told = ask(market, "get_program_trading")["program_trading"]["summary"]
    assert told["net_value"] == page["program"]["net_amount"]
    block = ask(market, "get_short_selling")["market"]
    assert {one["market"]: one["short_ratio"] for one in block["totals"]} == page["shorts"]["short_ratio"]
    assert [one["code"] for one in block["overheated"]][:3] == [one["code"] for one in page["shorts"]["overheated"]]


def test_the_mood_is_that_of_the_sentiment_answer(market: Archive, page: dict[str, Any]) -> None:
    told = ask(market, "get_investor_sentiment")["sentiment_scores"]["overall"]
    for name in ("score", "interpretation", "change_from_yesterday"):
        assert told[name] == page["sentiment"][name]


def test_every_null_says_why(market: Archive, page: dict[str, Any]) -> None:
    explained(page)
    explained(ask(market, market="KOSDAQ"))


def test_a_page_of_one_market_tells_that_market(market: Archive) -> None:
    answer = ask(market, market="KOSPI")
    assert ["KOSPI"] == [one["index"] for one in answer["indices"]]
    assert {"KOSPI"} == {one["market"] for one in answer["flows"]}
    assert all(one["market"] == "KOSPI" for one in answer["stocks"]["foreign_buy"])


def test_the_page_of_an_earlier_session_is_of_that_session(market: Archive, last: date) -> None:
    before = sessions.previous(last)
    answer = ask(market, session=str(before))
    assert str(before) == answer["session"] == answer["stocks"]["session"] == answer["shorts"]["session"]
    explained(answer)


def test_the_page_fits_twenty_five_lines(market: Archive) -> None:
    answer = registry.bind(CASE, market)()
    concise = "\n".join(str(part) for part in CASE.text(answer))
    assert len(concise.splitlines()) <= 25
    for word in ("KOSPI", "외국인 순매수", "업종", "프로그램", "공매도", "심리"):
        assert word in concise
    detailed = texts(CASE, answer, detailed=True)
    assert detailed.startswith(concise)
    assert {"index", "flow", "program", "sentiment"} <= {row["section"] for row in CASE.rows(answer)}


def test_flows_alone_make_a_page_that_says_what_is_missing(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    with pytest.raises(NoData) as empty:
        ask(archive)
    assert "NOT_COLLECTED" == empty.value.code
    flows = [{"market": one, "session": days(1)[0]} | four_groups(-3, 1, 1) for one in MARKETS]
    archive.fill("investor_day_market", rows("investor_day_market", flows, final=False))
    answer = ask(archive)
    explained(answer)
    assert answer["provisional"] and any("잠정" in warning for warning in answer["warnings"])
    assert {"NOT_COLLECTED"} == {gap["reason"] for gap in answer["coverage"]}
    assert all("sugeup" in gap["how"] for gap in answer["coverage"])
    assert [] == answer["stocks"]["foreign_buy"] and answer["program"]["net_amount"] is None
    assert 1 == answer["flows"][1]["net_amount"] and 1 == answer["flows"][1]["streak"]


def test_a_page_in_a_ban_has_no_short_selling(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    flows = [{"market": one, "session": date(2024, 3, 29)} | four_groups(-3, 1, 1) for one in MARKETS]
    archive.fill("investor_day_market", rows("investor_day_market", flows))
    shorts = ask(archive)["shorts"]
    assert shorts["ban"] and {None} == set(shorts["short_ratio"].values())
    assert "OUT_OF_SCOPE" == shorts["meta"]["short_ratio"]["reason"]


def test_groups_that_do_not_add_up_are_withheld(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    wrong = four_groups(-3_000_000_000, 1, 1) | {"other_corporation_net_amount": 0}
    flows = [{"market": one, "session": days(1)[0]} | wrong for one in MARKETS]
    archive.fill("investor_day_market", rows("investor_day_market", flows))
    for one in ask(archive)["flows"]:
        assert one["net_amount"] is None and "RECONCILIATION_FAILED" == one["meta"]["net_amount"]["reason"]


@pytest.mark.slow
def test_the_sample_gives_a_page_with_its_gaps(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    load_sample(archive)
    answer = ask(archive)
    explained(answer)
    newest = archive.read("investor_day_market", columns=["products"]).filter(pl.col("market") == "KOSDAQ")["session"]
    assert str(newest.max()) == answer["session"]
    assert "VOLUME_BASIS" == answer["stocks"]["meta"]["foreign_buy"]["method"]
    assert "NET_TO_TURNOVER" == answer["stocks"]["by"]
    assert answer["program"]["net_amount"] is None and answer["sentiment"]["regime"] in ("RISK_ON", "RISK_OFF")
    assert any("Stocks are of" in warning for warning in answer["warnings"])
