"""Prompts: each in Korean and in English, naming tools that there are in an order, asking for what is not known."""

from __future__ import annotations

import re
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS

from sugeup.archive import Archive
from sugeup.faces.index import index
from tests.faces.test_mcp_offers import ERAS, ask

PROMPTS: dict[str, dict[str, str]] = {
    "daily_brief": {"market": "kospi"},
    "sector_rotation_review": {"sector": "전기·전자", "period": "20d"},
    "short_pressure_check": {"stock_code": "삼성전자"},
    "smart_money_hunt": {"investor": "pension_fund"},
    "stock_flow_checkup": {"stock_code": "5930"},
}


def text(archive: Archive, name: str, arguments: dict[str, str], era: str = "auto") -> str:
    got = ask(archive, era, lambda client: client.get_prompt(name, arguments))
    (message,) = got.messages
    assert "user" == message.role
    said: str = message.content.text
    return said


@pytest.mark.parametrize("language", ["ko", "en", ""])
@pytest.mark.parametrize("name", PROMPTS)
def test_a_prompt_names_tools_that_there_are_with_arguments_that_they_take(
    archive: Archive, name: str, language: str
) -> None:
    said = text(archive, name, PROMPTS[name] | {"language": language})
    questions = {one.tool: one for one in index().questions.values() if one.tool}
    calls = re.findall(r"\b((?:get|rank|explain|search)_\w+)\(([^)]*)\)", said)
    assert 3 <= len(calls)
    for tool, given in calls:
        allowed = {one.name: one for one in questions[tool].arguments}
        for argument, value in re.findall(r"(\w+)='([^']*)'", given):
            assert argument in allowed, (tool, argument)
            assert not allowed[argument].choices or value in allowed[argument].choices, (tool, argument, value)
    assert [str(number) for number in range(1, len(calls) + 2)][: len(steps(said))] == steps(said)


def steps(said: str) -> list[str]:
    return re.findall(r"^(\d)\. ", said, flags=re.MULTILINE)


@pytest.mark.parametrize("name", PROMPTS)
def test_a_prompt_asks_for_evidence_and_unknowns_and_for_no_advice(archive: Archive, name: str) -> None:
    korean = text(archive, name, PROMPTS[name])
    english = text(archive, name, PROMPTS[name] | {"language": "en"})
    for word in ("근거", "모르는 것", "as_of", "null", "coverage", "의견"):
        assert word in korean
    for word in ("evidence", "not known", "as_of", "null", "coverage", "no advice"):
        assert word in english
    assert re.search("[가-힣]{2,} [가-힣]{2,}", korean.splitlines()[0])
    assert english.splitlines()[0].replace("삼성전자", "").isascii()


def test_the_arguments_stand_in_the_calls(archive: Archive) -> None:
    assert "get_market_brief(market='KOSPI')" in text(archive, "daily_brief", {"market": "kospi"})
    assert "stock_code='005930', period='60D'" in text(
        archive, "stock_flow_checkup", {"stock_code": "삼성전자", "period": "60D"}
    )
    assert "rank_flows(investor='PENSION_FUND'" in text(archive, "smart_money_hunt", {"investor": "pension_fund"})
    assert "sector='반도체'" in text(archive, "sector_rotation_review", {"sector": "반도체"})
    assert "get_short_selling(market='KOSDAQ'" in text(archive, "short_pressure_check", {"market": "KOSDAQ"})
    assert "005930 삼성전자" in text(archive, "short_pressure_check", {"stock_code": "005930"})


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("daily_brief", {"language": "fr"}, "none of ko, en"),
        ("daily_brief", {"market": "NASDAQ"}, "none of ALL, KOSPI, KOSDAQ"),
        ("smart_money_hunt", {"investor": "martians"}, "none of FOREIGN, INSTITUTION"),
        ("sector_rotation_review", {"period": "60D"}, "none of 1D, 5D, 20D"),
        ("short_pressure_check", {"stock_code": "삼성전지"}, "Did you mean 005930 삼성전자"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_is_allowed(
    archive: Archive, era: str, name: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(MCPError) as caught:
        text(archive, name, arguments, era)
    assert INVALID_PARAMS == caught.value.error.code
    assert said in caught.value.error.message
