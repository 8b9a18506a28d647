"""Every question about a stock, asked about every kind of security: nulls that say why, or the right error."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from sugeup.errors import NoData, Refused, SugeupError
from sugeup.faces import payload
from tests.support.asking import CASES, OF_STOCKS, asked, moment_of, of_stocks, varied
from tests.support.edges import HALTS, LISTINGS, Edges
from tests.support.truths import texts, wrong

pytestmark = pytest.mark.slow
KINDS = ("ordinary", "fund", *HALTS, *LISTINGS, "delisted", "split", "preferred")
TRADING = ("get_investor_trading", "get_stock_behavior", "get_short_selling")
"""Questions about what was bought and sold on a session, which a halt leaves without an answer."""


def held(edges: Edges, name: str, arguments: dict[str, Any]) -> BaseModel | SugeupError:
    answer = asked(edges.archive, CASES[name], arguments)
    if isinstance(answer, BaseModel):
        assert [] == wrong(CASES[name], answer), arguments
    return answer


@pytest.mark.parametrize("kind", KINDS)
@of_stocks
def test_an_answer_about_a_security_explains_its_nulls_or_there_is_a_reason_for_none(
    edges: Edges, name: str, kind: str
) -> None:
    for about in varied(OF_STOCKS[name]):
        answer = held(edges, name, about | {"stock_code": edges.kinds[kind]})
        if isinstance(answer, Refused):
            assert "market" in about and "is listed on" in answer.message


@of_stocks
def test_a_code_that_nobody_lists_is_refused_with_what_to_do(edges: Edges, name: str) -> None:
    error = asked(edges.archive, OF_STOCKS[name], {"stock_code": "899999"})
    assert isinstance(error, Refused) and "UNKNOWN_STOCK" == error.code
    assert "'899999'" in error.message and "search" in str(error.hint)


@of_stocks
def test_a_name_is_as_good_as_a_code(edges: Edges, name: str) -> None:
    code = edges.kinds["ordinary"]
    listed = edges.market.stocks
    korean = listed.names[listed.codes.index(code)]
    by_name, by_code = (asked(edges.archive, OF_STOCKS[name], {"stock_code": text}) for text in (korean, code))
    if isinstance(by_code, SugeupError):
        assert str(by_code) == str(by_name)
        return
    assert isinstance(by_name, BaseModel)
    assert payload.plain(by_code) == payload.plain(by_name)


@pytest.mark.parametrize("name", TRADING)
@pytest.mark.parametrize("kind", HALTS)
def test_a_halted_stock_is_answered_as_of_before_the_halt_and_told_to_be_halted(
    edges: Edges, name: str, kind: str
) -> None:
    begin = edges.market.halts[edges.kinds[kind]]
    before = edges.market.sessions[edges.market.sessions.index(begin) - 1]
    answer = held(edges, name, {"stock_code": edges.kinds[kind]})
    assert isinstance(answer, BaseModel)
    told = payload.plain(answer)
    assert str(before) == told["as_of"][:10]
    assert any("거래정지" in said and str(begin) in said for said in told["warnings"]), told["warnings"]
    assert "거래정지" in texts(CASES[name], answer, False)


@pytest.mark.parametrize("name", TRADING)
def test_a_session_of_a_halt_is_told_to_be_one(edges: Edges, name: str) -> None:
    error = held(edges, name, {"stock_code": edges.kinds["halted_long"], "session": str(edges.newest)})
    assert isinstance(error, NoData) and "OUT_OF_HISTORY" == error.code
    assert "거래정지" in error.message and "sugeup" not in str(error.hint)


@pytest.mark.parametrize("name", [name for name in OF_STOCKS if moment_of(OF_STOCKS[name])])
def test_a_session_after_a_delisting_is_told_to_be_one(edges: Edges, name: str) -> None:
    code, case = edges.kinds["delisted"], OF_STOCKS[name]
    error = asked(edges.archive, case, {"stock_code": code, str(moment_of(case)): str(edges.newest)})
    assert isinstance(error, NoData)
    if name != "get_time_based_flow":  # no minute of it is stored at all
        assert "OUT_OF_HISTORY" == error.code and "상장폐지" in error.message


@pytest.mark.parametrize("name", [*TRADING, "get_stock_indicators", "get_stock_patterns", "get_ownership_changes"])
def test_a_delisted_stock_is_answered_as_of_its_end_and_told_to_be_gone(edges: Edges, name: str) -> None:
    answer = held(edges, name, {"stock_code": edges.kinds["delisted"]})
    assert isinstance(answer, BaseModel)
    assert any("상장폐지" in said for said in payload.plain(answer)["warnings"])


@pytest.mark.parametrize("kind", LISTINGS)
def test_a_new_listing_has_no_history_and_says_that_it_is_new(edges: Edges, kind: str) -> None:
    answer = held(edges, "get_investor_trading", {"stock_code": edges.kinds[kind]})
    assert isinstance(answer, BaseModel)
    block = payload.plain(answer)["investor_data"]["foreign"]
    assert (None, "NEW_LISTING") == (block["trend"], block["meta"]["trend"]["reason"])
    assert isinstance(block["net_amount"], int) and 1 <= abs(block["streak"]) <= LISTINGS[kind]


def test_shares_across_a_split_are_on_one_scale(edges: Edges) -> None:
    code = edges.kinds["split"]
    answer = held(edges, "get_investor_trading", {"stock_code": code, "period": "60D"})
    assert isinstance(answer, BaseModel)
    told = payload.plain(answer)["investor_data"]["foreign"]["net_volume"]
    days = edges.market.sessions[-60:]
    truth = edges.market.rows("investor_day_stock", days[0], days[-1], [code])
    event = edges.market.rows("corporate_actions", edges.market.sessions[0], days[-1])
    split, factor = event.filter(event["code"] == code).select("effective_session", "share_factor").row(0)
    expected = sum(
        net * (factor if day < split else 1) for day, net in truth.select("session", "foreign_net_volume").iter_rows()
    )
    assert abs(expected - told) <= 60 * factor


def test_a_share_without_votes_and_a_fund_are_out_of_the_rule_that_is_not_for_them(edges: Edges) -> None:
    answer = held(edges, "get_short_selling", {"stock_code": edges.kinds["fund"]})
    assert isinstance(answer, BaseModel)
    rule = payload.plain(answer)["stock"]["overheating"]
    assert (None, "OUT_OF_SCOPE") == (rule["type"], rule["meta"]["type"]["reason"])
    ranked = asked(edges.archive, CASES["rank_flows"], {"limit": 100})
    assert isinstance(ranked, BaseModel)
    codes = {one["code"] for one in payload.plain(ranked)["stocks"]}
    assert edges.kinds["fund"] not in codes and edges.kinds["delisted"] not in codes


def test_the_halts_of_the_market_are_those_that_were_made(edges: Edges) -> None:
    bars = edges.archive.read("daily_bars", columns=["status"], scopes=list(edges.market.halts))
    halted = dict(bars.filter(bars["status"] == "HALTED").group_by("code").len().iter_rows())
    assert {edges.kinds[kind]: count for kind, count in HALTS.items()} == halted
    assert date(2025, 3, 30) > edges.market.sessions[0]
