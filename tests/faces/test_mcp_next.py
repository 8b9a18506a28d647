"""The next useful call: what lacks something names a tool that helps on, with arguments that the tool takes."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from mcp.client import Client

from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import mcp, mcp_next
from sugeup.faces.answering import Answering
from sugeup.faces.index import index
from tests.support.archives import answering


def call(found: Answering, tool: str, arguments: dict[str, Any]) -> Any:
    async def within() -> Any:
        async with Client(mcp.server(found)) as client:
            return await client.call_tool(tool, arguments)

    return anyio.run(within)


QUESTIONS: list[tuple[str, dict[str, Any], str | None]] = [
    ("get_sector_investor_flow", {"period": "20D"}, "rank_flows(period='20D')"),
    ("get_smart_money_tracker", {}, "get_smart_money_tracker(detection_method='FOREIGN_SURGE')"),
    ("get_ownership_changes", {"stock_code": "005930"}, "get_investor_trading(stock_code='005930', period='60D')"),
    ("get_time_based_flow", {"market": "KOSPI"}, "get_investor_trading(market='KOSPI', period='1D')"),
    ("get_investor_trading", {"stock_code": "005930"}, "get_data_status()"),
    ("search_stock", {"query": "삼성"}, None),
    ("get_data_status", {}, None),
    ("explain_metric", {"metric_id": "inv.trend"}, None),
]


@pytest.mark.parametrize(("tool", "arguments", "expected"), QUESTIONS)
def test_an_answer_that_lacks_something_names_the_next_call(
    sample: Archive, tool: str, arguments: dict[str, Any], expected: str | None
) -> None:
    found = call(answering(sample), tool, arguments)
    assert not found.is_error, found.content[0].text
    last = found.content[0].text.splitlines()[-1]
    if expected is None:
        assert "다음 next:" not in found.content[0].text
        assert not (found.meta or {}).get("sugeup/next")
        return
    assert last.startswith(f"다음 next: {expected}"), last
    calls = found.meta["sugeup/next"]
    assert 1 <= len(calls) <= mcp_next.MOST
    questions = {one.tool: one for one in index().questions.values()}
    for one in calls:
        allowed = {argument.name: argument for argument in questions[one["tool"]].arguments}
        assert set(one["arguments"]) <= set(allowed)
        for name, value in one["arguments"].items():
            assert not allowed[name].choices or value in allowed[name].choices
    again = call(answering(sample), calls[0]["tool"], calls[0]["arguments"])
    assert not again.is_error, "what is named can be asked"


def test_a_complete_answer_names_nothing_and_history_asks_for_less() -> None:
    whole: dict[str, Any] = {"coverage": []}
    assert [] == mcp_next.after("get_investor_trading", {"period": "20D"}, whole)
    short = {"coverage": [{"what": "x", "reason": "INSUFFICIENT_HISTORY", "how": "y"}]}
    (less,) = mcp_next.after("get_investor_trading", {"market": "KOSPI", "period": "60D"}, short)
    assert {"market": "KOSPI", "period": "20D"} == less.arguments
    assert [] == mcp_next.after("get_investor_trading", {"period": "1D"}, short), "there is nothing shorter"


def test_an_error_names_the_call_in_meta_and_keeps_its_words() -> None:
    unknown = Refused("'x' is no stock.", code="UNKNOWN_STOCK")
    (search,) = mcp_next.after_error("get_investor_trading", {"stock_code": "x"}, unknown)
    assert ("search_stock", {"query": "x"}) == (search.tool, search.arguments)
    absent = NoData("nothing.", code="NOT_COLLECTED")
    (status,) = mcp_next.after_error("get_program_trading", {}, absent)
    assert "get_data_status" == status.tool
    assert [] == mcp_next.after_error("get_data_status", {}, absent)
    assert [] == mcp_next.after_error("get_short_selling", {}, Refused("wrong."))
