"""A name that fits several stocks: the user is asked where the client can ask; everybody else gets suggestions."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import ElicitRequestParams, ElicitResult

from sugeup.archive import Archive
from sugeup.faces import mcp
from tests.faces.test_mcp_offers import ERAS
from tests.support.archives import answering
from tests.support.servers import serving

Answer = Callable[[dict[str, Any]], ElicitResult]


def call(target: Any, arguments: dict[str, Any], answer: Answer | None, era: str = "auto") -> tuple[Any, list[Any]]:
    """The result of a call, and the questions that the user saw. `answer` None: the client cannot ask."""
    seen: list[Any] = []

    async def asked(_: Any, params: ElicitRequestParams) -> ElicitResult:
        seen.append(params)
        assert answer is not None
        return answer(params.requested_schema["properties"]["stock_code"])  # type: ignore[union-attr]

    async def within() -> Any:
        async with Client(target, mode=era, elicitation_callback=asked if answer else None) as client:
            return await client.call_tool("get_investor_trading", arguments)

    return anyio.run(within), seen


def choose(name: str) -> Answer:
    def answer(field: dict[str, Any]) -> ElicitResult:
        code = next(one["const"] for one in field["oneOf"] if name in one["title"])
        return ElicitResult(action="accept", content={"stock_code": code})

    return answer


def say(action: Any, content: Any = None) -> Answer:
    return lambda _: ElicitResult(action=action, content=content)


@pytest.mark.parametrize("era", ERAS)
def test_the_user_chooses_among_the_stocks_that_fit(sample: Archive, era: str) -> None:
    server = mcp.server(answering(sample))
    found, seen = call(server, {"stock_code": "삼성", "session": "2026-02-13"}, choose("삼성전자 "), era)
    assert "005930" == found.structured_content["stock_info"]["code"], found.content[0].text
    (question,) = seen
    assert "'삼성'" in question.message
    titles = [one["title"] for one in question.requested_schema["properties"]["stock_code"]["oneOf"]]
    assert len(titles) > 1 and "삼성전자 (005930)" in titles


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_a_user_who_does_not_choose_leaves_the_suggestions(sample: Archive, era: str, action: str) -> None:
    found, seen = call(mcp.server(answering(sample)), {"stock_code": "삼성"}, say(action), era)
    assert found.is_error and found.content[0].text.startswith("UNKNOWN_STOCK")
    assert "005930 삼성전자" in found.content[0].text and 1 == len(seen)


@pytest.mark.parametrize("era", ERAS)
def test_a_client_that_cannot_ask_gets_the_suggestions_and_the_tool_that_searches(sample: Archive, era: str) -> None:
    found, _ = call(mcp.server(answering(sample)), {"stock_code": "삼성"}, None, era)
    assert found.is_error and "005930 삼성전자" in found.content[0].text
    assert [{"tool": "search_stock", "arguments": {"query": "삼성"}, "gives": "finds the code"}] == (
        found.meta["sugeup/next"]
    )


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    "written", ["005930", 5930, "5930", "삼성전자", "samsung electronics", "999999", "없는회사이름", "", None]
)
def test_nobody_is_asked_where_the_name_is_clear_or_fits_nothing(sample: Archive, era: str, written: Any) -> None:
    _, seen = call(mcp.server(answering(sample)), {"stock_code": written}, say("cancel"), era)
    assert [] == seen


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("content", [{"stock_code": "000001"}, {}, None])
def test_an_answer_that_was_not_offered_is_an_error_and_not_a_guess(sample: Archive, era: str, content: Any) -> None:
    found, _ = call(mcp.server(answering(sample)), {"stock_code": "삼성"}, say("accept", content), era)
    assert found.is_error and found.structured_content is None


@pytest.mark.slow
@pytest.mark.parametrize("era", ERAS)
def test_the_question_reaches_the_user_over_both_transports(sample_home: Path, era: str) -> None:
    arguments = {"stock_code": "삼성", "session": "2026-02-13"}
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "sugeup", "--lake", "demo", "mcp"],
        env={**os.environ, "SUGEUP_DATA_DIR": str(sample_home)},
    )
    answers = [call(stdio_client(command), arguments, choose("삼성전자 "), era)]
    with serving(sample_home) as address:
        answers.append(call(f"{address}/mcp", arguments, choose("삼성전자 "), era))
    for found, seen in answers:
        assert "005930" == found.structured_content["stock_info"]["code"] and 1 == len(seen)
