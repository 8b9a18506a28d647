"""MCP: what a client is told, within the budget, over both transports with a real client."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import mcp
from tests.support.archives import answering
from tests.support.servers import serving

TOKENS = 6000
TOOLS = [
    "explain_metric",
    "get_data_status",
    "get_investor_sentiment",
    "get_investor_trading",
    "get_market_brief",
    "get_ownership_changes",
    "get_program_trading",
    "get_sector_investor_flow",
    "get_short_selling",
    "get_smart_money_tracker",
    "get_time_based_flow",
    "rank_flows",
    "search_stock",
]
"""The seven flagship tools and six beside them; one place is left for the screener."""
SCHEMA_CHARACTERS = 8000


def tokens(text: str) -> float:
    """A Hangul syllable counts one token, four other characters one."""
    hangul = sum(1 for letter in text if "가" <= letter <= "힣")
    return hangul + (len(text) - hangul) / 4


def listed(archive: Archive) -> list[Any]:
    async def call() -> Any:
        async with Client(mcp.server(answering(archive))) as client:
            return (await client.list_tools()).tools

    tools: list[Any] = anyio.run(call)
    return tools


def test_the_tools_fit_the_budget(archive: Archive) -> None:
    tools = listed(archive)
    assert len(tools) <= 14
    spent = sum(tokens(t.name + t.description + json.dumps(t.input_schema, ensure_ascii=False)) for t in tools)
    assert spent <= TOKENS
    for tool in tools:
        assert len(json.dumps(tool.output_schema, ensure_ascii=False)) <= SCHEMA_CHARACTERS, tool.name


def test_tools_come_in_the_same_order_and_are_marked_read_only(archive: Archive) -> None:
    tools = listed(archive)
    assert sorted(tool.name for tool in tools) == [tool.name for tool in tools]
    assert TOOLS == [tool.name for tool in tools]
    for tool in tools:
        assert tool.annotations.read_only_hint and tool.annotations.idempotent_hint
        assert not tool.annotations.destructive_hint and not tool.annotations.open_world_hint


def test_the_text_is_compact_and_detailed_text_explains_nulls(archive: Archive) -> None:
    async def call() -> tuple[str, str]:
        async with Client(mcp.server(answering(archive))) as client:
            answers = [
                await client.call_tool("get_investor_trading", {"market": "KOSPI", "response_format": form})
                for form in ("concise", "detailed")
            ]
            return answers[0].content[0].text, answers[1].content[0].text  # type: ignore[union-attr]

    concise, detailed = anyio.run(call)
    assert concise in detailed and "null " in detailed and "null " not in concise
    assert not concise.lstrip().startswith("{")
    assert len(concise.splitlines()) <= 25


def test_an_unknown_response_format_is_refused_with_the_choices(archive: Archive) -> None:
    async def call() -> Any:
        async with Client(mcp.server(answering(archive))) as client:
            return await client.call_tool("get_data_status", {"response_format": "long"})

    failed = anyio.run(call)
    assert failed.is_error and "concise, detailed" in failed.content[0].text


def test_instructions_are_short_and_say_how_to_read_figures() -> None:
    assert len(mcp.INSTRUCTIONS.splitlines()) <= 20
    for word in ("순매수", "억원", "reason", "provisional", "search_stock"):
        assert word in mcp.INSTRUCTIONS


@pytest.mark.slow
def test_a_client_calls_the_tools_over_stdio(sample_home: Path) -> None:
    """What Claude Desktop does: start the command, list the tools, call one; nothing else is on standard output."""
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "sugeup", "--lake", "demo", "mcp"],
        env={**os.environ, "SUGEUP_DATA_DIR": str(sample_home)},
    )

    async def call() -> Any:
        async with Client(stdio_client(command)) as client:
            assert {case.tool for case in registry.usecases().values() if case.tool} == {
                tool.name for tool in (await client.list_tools()).tools
            }
            return await client.call_tool("get_investor_trading", {"stock_code": 5930, "session": "2026-02-13"})

    answer = anyio.run(call)
    assert -4_715_928 == answer.structured_content["investor_data"]["foreign"]["net_volume"]


@pytest.mark.slow
def test_a_client_calls_the_tools_over_http(sample_home: Path) -> None:
    async def call(address: str) -> Any:
        async with Client(f"{address}/mcp") as client:
            found = await client.call_tool("search_stock", {"query": "하이닉스"})
            code = found.structured_content["matches"][0]["code"]  # type: ignore[index]
            return await client.call_tool("get_investor_trading", {"stock_code": code, "period": "5D"})

    with serving(sample_home) as address:
        answer = anyio.run(call, address)
    assert not answer.is_error
    assert "SK하이닉스" == answer.structured_content["stock_info"]["name"]
