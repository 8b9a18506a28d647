"""One question, one answer: MCP, REST and the command line give the same JSON, and refuse the same way.

A few questions are written down; 200 more, right and wrong, over all of the registry are in test_parity_generated.
"""

from __future__ import annotations

import json
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient
from mcp.client import Client

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import SugeupError
from sugeup.faces import mcp, payload, rest
from tests.support.archives import answering

QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("get_investor_trading", {"market": "KOSPI", "period": "20D"}),
    ("get_investor_trading", {"stock_code": "005930", "include_details": False}),
    ("search_stock", {"query": "삼성"}),
    ("get_data_status", {}),
    ("explain_metric", {"metric_id": "inv.trend"}),
    ("rank_flows", {"by": "NET_TO_TURNOVER"}),
    ("get_smart_money_tracker", {"detection_method": "FOREIGN_SURGE"}),
]
MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    ("get_investor_trading", {"stock_code": "123456"}, "UNKNOWN_STOCK"),
    ("get_investor_trading", {"period": "7D"}, "INVALID_ARGUMENT"),
    ("get_investor_trading", {"session": "2026-02-17"}, "MARKET_CLOSED"),
    ("get_investor_trading", {"nonsense": "1"}, "INVALID_ARGUMENT"),
    ("search_stock", {"query": ""}, "INVALID_ARGUMENT"),
    ("search_stock", {}, "INVALID_ARGUMENT"),
    ("explain_metric", {"metric_id": "inv.nothing"}, "INVALID_ARGUMENT"),
    ("get_ownership_changes", {"stock_code": "123456"}, "UNKNOWN_STOCK"),
    ("get_program_trading", {"market": "NASDAQ"}, "INVALID_ARGUMENT"),
    ("get_time_based_flow", {"interval": "2M"}, "INVALID_ARGUMENT"),
    ("get_investor_sentiment", {"period": "1Y"}, "INVALID_ARGUMENT"),
    ("rank_flows", {"investor": "martians"}, "INVALID_ARGUMENT"),
]


def by_tool(archive: Archive, name: str, arguments: dict[str, Any]) -> Any:
    async def call() -> Any:
        async with Client(mcp.server(answering(archive))) as client:
            return await client.call_tool(name, arguments)

    return anyio.run(call)


def by_rest(archive: Archive, name: str, arguments: dict[str, Any]) -> Any:
    path = rest.PREFIX + registry.usecases()[name].path
    with TestClient(rest.application(answering(archive)), base_url="http://127.0.0.1") as client:
        return client.get(path, params={key: str(value) for key, value in arguments.items()})


@pytest.mark.parametrize(("name", "arguments"), QUESTIONS)
def test_tool_and_rest_answer_with_the_same_json(archive: Archive, name: str, arguments: dict[str, Any]) -> None:
    direct = payload.plain(registry.bind(registry.usecases()[name], archive)(**arguments))
    answered = by_rest(archive, name, arguments)
    assert 200 == answered.status_code
    assert direct == answered.json() == by_tool(archive, name, arguments).structured_content


@pytest.mark.parametrize(("name", "arguments", "code"), MISTAKES)
def test_tool_and_rest_refuse_with_the_same_code_and_words(
    archive: Archive, name: str, arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(SugeupError) as caught:
        registry.bind(registry.usecases()[name], archive)(**arguments)
    assert code == caught.value.code
    problem = by_rest(archive, name, arguments)
    assert "application/problem+json" == problem.headers["content-type"]
    assert (caught.value.status, code, caught.value.message) == (
        problem.status_code,
        problem.json()["code"],
        problem.json()["detail"],
    )
    failed = by_tool(archive, name, arguments)
    assert failed.is_error
    assert str(caught.value) == failed.content[0].text


def test_every_use_case_has_a_path_a_verb_and_a_first_sentence() -> None:
    cases = registry.usecases().values()
    for names in (
        [case.path for case in cases],
        [case.verb for case in cases],
        [case.tool for case in cases if case.tool],
    ):
        assert len(names) == len(set(names))
    for case in cases:
        assert case.path.startswith("/") and case.summary.endswith(".")
        json.dumps(case.arguments.model_json_schema())
