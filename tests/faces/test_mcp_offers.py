"""MCP beside the tools: resources, prompts, completions and how long each stays fresh, in both protocol revisions."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import jsonschema
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, PromptReference, ResourceTemplateReference

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import mcp, mcp_completions
from sugeup.faces.mcp_offers import HOUR_MS
from sugeup.market import investors
from tests.faces.test_parity import QUESTIONS
from tests.support.archives import answering, open_archive

ERAS = {"legacy": "2025-11-25", "auto": "2026-07-28"}
"""How the client connects, and the revision that it then speaks."""
STOCK = "sugeup://stock/{stock_code}/investor-trading{?investor_type,period}"
SECTOR = "sugeup://sector/{sector}/investor-flow{?period}"
RESOURCES = [
    *(f"sugeup://reference/{name}" for name in ("investor-types", "glossary", "metrics", "overheating-rules")),
    "sugeup://data-status",
    "sugeup://reference/sectors",
    "ui://sugeup/flow-chart.html",
    "ui://sugeup/sector-map.html",
]
TEMPLATES = ["sugeup://calendar/{year}", "sugeup://metric/{metric_id}", SECTOR]
PROMPTS = ["daily_brief", "sector_rotation_review", "short_pressure_check", "smart_money_hunt", "stock_flow_checkup"]


def ask(archive: Archive, era: str, question: Callable[[Client], Awaitable[Any]]) -> Any:
    async def call() -> Any:
        async with Client(mcp.server(answering(archive)), mode=era) as client:
            try:
                return await question(client)
            except MCPError as error:
                return error

    found = anyio.run(call)
    if isinstance(found, MCPError):  # raised inside, it would come out in a group
        raise found
    return found


def read(archive: Archive, uri: str, era: str = "auto") -> Any:
    found = ask(archive, era, lambda client: client.read_resource(uri)).contents[0]
    assert (uri, "application/json") == (str(found.uri), found.mime_type)
    return json.loads(found.text)


def complete(archive: Archive, ref: Any, name: str, typed: str, era: str = "auto") -> Any:
    return ask(archive, era, lambda client: client.complete(ref, {"name": name, "value": typed})).completion


@pytest.mark.parametrize("era", ERAS)
def test_both_revisions_tell_the_same(archive: Archive, era: str) -> None:
    """A client of last year and one of this year see the same server."""

    async def everything(client: Client) -> Any:
        return {
            "version": client.protocol_version,
            "instructions": client.instructions,
            "tools": [tool.name for tool in (await client.list_tools()).tools],
            "resources": [str(one.uri) for one in (await client.list_resources()).resources],
            "templates": [one.uri_template for one in (await client.list_resource_templates()).resource_templates],
            "prompts": [one.name for one in (await client.list_prompts()).prompts],
        }

    told = ask(archive, era, everything)
    assert ERAS[era] == told.pop("version")
    assert told == {
        "instructions": mcp.INSTRUCTIONS,
        "tools": sorted(case.tool for case in registry.usecases().values() if case.tool),
        "resources": RESOURCES,
        "templates": [*TEMPLATES, STOCK, "sugeup://stock/{stock_code}/snapshot", "sugeup://stock/{stock_code}/series"],
        "prompts": PROMPTS,
    }


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(("name", "arguments"), QUESTIONS)
def test_structured_content_holds_against_the_schema_that_was_listed(
    archive: Archive, era: str, name: str, arguments: dict[str, Any]
) -> None:
    """Clients refuse an answer that breaks the schema; the schema is open, so a new field never does."""

    async def both(client: Client) -> Any:
        tools = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}
        answer = await client.call_tool(name, arguments)
        return tools[name], answer.structured_content

    schema, content = ask(archive, era, both)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(content, schema)
    jsonschema.validate({**content, "a_field_of_a_later_version": 1}, schema)
    broken = {key: value for key, value in content.items() if key != "generated_at"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


@pytest.mark.parametrize("era", ERAS)
def test_resources_are_json(archive: Archive, era: str) -> None:
    classes = read(archive, "sugeup://reference/investor-types", era)
    assert [one.id for one in investors.LEAVES] == [one["id"] for one in classes["leaves"]]
    assert "pension_fund" in next(one["of"] for one in classes["sums"] if one["id"] == "institution")
    status = read(archive, "sugeup://data-status", era)
    assert "investor_day_stock" in {one["dataset"] for one in status["datasets"] if one["rows"]}
    year = read(archive, "sugeup://calendar/2026", era)
    assert year["count"] == len(year["sessions"])
    assert "2026-02-17" in {day["date"] for day in year["closed"]}
    assert 12_000 > len(json.dumps(year)), "a year is read by a model, it must stay small"
    assert set(registry.metrics()) == {one["id"] for one in read(archive, "sugeup://reference/metrics", era)["metrics"]}
    assert ["inv.trend"] == [one["id"] for one in read(archive, "sugeup://metric/inv.trend", era)["metrics"]]


@pytest.mark.parametrize("era", ERAS)
def test_words_and_the_overheating_rule_are_told_as_they_are_used(archive: Archive, era: str) -> None:
    words = {one["word"]: one for one in read(archive, "sugeup://reference/glossary", era)["terms"]}
    assert "순매수" == words["net"]["korean"] and "매도" in words["net"]["korean_meaning"]
    rules = read(archive, "sugeup://reference/overheating-rules", era)
    assert {"TYPE1", "TYPE2", "TYPE3", "TYPE4"} == {one["type"] for one in rules["in_force"]["conditions"]}
    assert rules["in_force"] == rules["history"][-1] and rules["in_force"]["to"] is None
    assert ["2020-03-16", "2023-11-06"] == [one["from"] for one in rules["full_bans"]]
    for uri, most in (("glossary", 9_000), ("overheating-rules", 12_000)):
        size = len(json.dumps(read(archive, f"sugeup://reference/{uri}", era), ensure_ascii=False))
        assert most > size, "a model reads it whole"


def test_sectors_are_listed_and_read(sample: Archive) -> None:
    found = read(sample, "sugeup://reference/sectors")
    assert 8 == found["total"] == len(found["sectors"])
    tool = registry.usecases()["get_sector_investor_flow"].run(sample, sector="정보기술", period="20D")
    one = read(sample, "sugeup://sector/%EC%A0%95%EB%B3%B4%EA%B8%B0%EC%88%A0/investor-flow?period=20D")
    assert tool.model_dump(mode="json")["period"] == one["period"]


def test_a_snapshot_has_what_is_read_first_and_says_what_is_missing(archive: Archive, sample: Archive) -> None:
    page = read(sample, "sugeup://stock/%EC%82%BC%EC%84%B1%EC%A0%84%EC%9E%90/snapshot")
    assert "005930" == page["stock"]["code"]
    assert ["1D", "20D"] == [one["period"]["name"] for one in page["flows"].values()]
    assert -4_715_928 == page["flows"]["1D"]["investor_data"]["foreign"]["net_volume"]
    assert "current" in page["foreign_holding"]["ownership_data"]
    assert "short_volume" in page["short_selling"]["stock"]["trading"]
    assert all(part["as_of"] for part in (page["foreign_holding"], page["short_selling"], page["flows"]["1D"]))
    assert 26_000 > len(json.dumps(page, ensure_ascii=False))
    bare = read(archive, "sugeup://stock/005930/snapshot")
    assert "NOT_COLLECTED" == bare["short_selling"]["error"]["code"]
    assert bare["flows"]["20D"]["investor_data"]["foreign"]["net_volume"] is not None


def test_a_snapshot_does_not_change_the_answers_it_is_cut_from(sample: Archive) -> None:
    async def both(client: Client) -> Any:
        await client.read_resource("sugeup://stock/005930/snapshot")
        return await client.call_tool("get_ownership_changes", {"stock_code": "005930"})

    assert "historical" in ask(sample, "auto", both).structured_content["ownership_data"]


def test_the_resource_of_a_stock_is_the_answer_of_the_tool(archive: Archive) -> None:
    tool = registry.usecases()["get_investor_trading"].run(archive, stock_code="005930", period="5D")
    for uri in ("sugeup://stock/005930/investor-trading?period=5D", "sugeup://stock/5930/investor-trading?period=5D"):
        found = read(archive, uri)
        assert tool.model_dump(mode="json")["period"] == found["period"]
        assert "삼성전자" == found["stock_info"]["name"]
    named = read(archive, "sugeup://stock/%EC%82%BC%EC%84%B1%EC%A0%84%EC%9E%90/investor-trading?investor_type=FOREIGN")
    assert {"foreign"} == set(named["investor_data"]) - {"program"}


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("sugeup://nothing", "Unknown resource: sugeup://nothing"),
        ("sugeup://calendar/1999", "OUT_OF_HISTORY"),
        ("sugeup://calendar/next", "INVALID_ARGUMENT: year='next'"),
        ("sugeup://metric/inv.tren", "inv.trend"),
        ("sugeup://stock/999999/investor-trading", "UNKNOWN_STOCK"),
        ("sugeup://stock/005930/investor-trading?period=7D", "INVALID_ARGUMENT"),
        ("sugeup://stock/..%2F..%2Fetc/investor-trading", "Unknown resource"),
    ],
)
def test_what_is_not_there_is_refused_in_words(archive: Archive, era: str, uri: str, said: str) -> None:
    """An error code alone would make a model try the same address again."""
    with pytest.raises(MCPError) as caught:
        ask(archive, era, lambda client: client.read_resource(uri))
    assert INVALID_PARAMS == caught.value.error.code
    assert said in caught.value.error.message
    assert uri == caught.value.error.data["uri"]


@pytest.mark.parametrize("era", ERAS)
def test_prompts_name_the_tools_and_resolve_the_stock(archive: Archive, era: str) -> None:
    got = ask(archive, era, lambda client: client.get_prompt("stock_flow_checkup", {"stock_code": "삼성전자"}))
    text = got.messages[0].content.text
    assert "005930 삼성전자" in text and "get_investor_trading(stock_code='005930', period='20D')" in text
    market = ask(archive, era, lambda client: client.get_prompt("daily_brief", {"market": "kospi"}))
    assert "market='KOSPI'" in market.messages[0].content.text


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("no_such_prompt", {}, f"There are: {', '.join(PROMPTS)}"),
        ("stock_flow_checkup", {}, "needs stock_code"),
        ("stock_flow_checkup", {"stock_code": "005930", "day": "x"}, "has no day; allowed: stock_code, period, lang"),
        ("stock_flow_checkup", {"stock_code": "삼성전지"}, "Did you mean 005930 삼성전자"),
        ("stock_flow_checkup", {"stock_code": "005930", "period": "7D"}, "none of 1D, 5D, 20D, 60D"),
    ],
)
def test_prompts_are_refused_in_words(archive: Archive, name: str, arguments: dict[str, str], said: str) -> None:
    with pytest.raises(MCPError) as caught:
        ask(archive, "auto", lambda client: client.get_prompt(name, arguments))
    assert INVALID_PARAMS == caught.value.error.code
    assert said in caught.value.error.message


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("name", "typed", "first"),
    [
        ("stock_code", "삼성", "삼성전자"),
        ("stock_code", "ㅅㅅㅈㅈ", "삼성전자"),
        ("stock_code", "0059", "005930"),
        ("stock_code", "0009k", "0009K0"),
        ("stock_code", "sk h", "SK hynix"),
        ("stock_code", "", "000660"),
        ("investor_type", "외국", "FOREIGN"),
        ("investor_type", "ㄱㄱ", "INSTITUTION"),
        ("investor_type", "ind", "INDIVIDUAL"),
        ("period", "2", "20D"),
    ],
)
def test_arguments_of_a_resource_complete(archive: Archive, era: str, name: str, typed: str, first: str) -> None:
    """Stocks by name, 초성 and code; what is suggested is something that the argument takes."""
    found = complete(archive, ResourceTemplateReference(type="ref/resource", uri=STOCK), name, typed, era)
    assert first == found.values[0]
    if name == "stock_code":
        answer = read(archive, f"sugeup://stock/{found.values[0]}/investor-trading") if first == "005930" else None
        assert answer is None or "005930" == answer["stock_info"]["code"]


def test_years_and_metrics_and_prompts_complete(archive: Archive) -> None:
    calendar = ResourceTemplateReference(type="ref/resource", uri="sugeup://calendar/{year}")
    assert ["2027", "2026"] == complete(archive, calendar, "year", "").values[:2]
    assert ["2009", "2008", "2007", "2006", "2005"] == complete(archive, calendar, "year", "200").values
    metric = ResourceTemplateReference(type="ref/resource", uri="sugeup://metric/{metric_id}")
    assert "inv.trend" in complete(archive, metric, "metric_id", "추세").values
    prompt = PromptReference(type="ref/prompt", name="stock_flow_checkup")
    assert ["카카오"] == complete(archive, prompt, "stock_code", "ㅋㅋㅇ").values
    brief = PromptReference(type="ref/prompt", name="daily_brief")
    assert ["KOSDAQ"] == complete(archive, brief, "market", "코스닥").values
    assert [] == complete(archive, brief, "stock_code", "삼").values, "this prompt has no such argument"
    assert ["en"] == complete(archive, brief, "language", "영").values
    hunt = PromptReference(type="ref/prompt", name="smart_money_hunt")
    assert ["PENSION_FUND"] == complete(archive, hunt, "investor", "연기금").values
    assert ["INVESTMENT_TRUST"] == complete(archive, hunt, "investor", "ㅌㅅ").values
    assert "FOREIGN" == complete(archive, hunt, "investor", "").values[0]


def test_sectors_complete_by_name_initials_and_code(sample: Archive, archive: Archive) -> None:
    sector = ResourceTemplateReference(type="ref/resource", uri=SECTOR)
    review = PromptReference(type="ref/prompt", name="sector_rotation_review")
    for ref in (sector, review):
        assert ["정보기술"] == complete(sample, ref, "sector", "정보").values
        assert ["정보기술"] == complete(sample, ref, "sector", "ㅈㅂㄱ").values
        assert 8 == complete(sample, ref, "sector", "").total
    assert [] == complete(archive, sector, "sector", "정").values, "no sectors are stored here"
    assert [] == complete(sample, sector, "stock_code", "삼").values, "this address has no such part"


def test_completions_are_at_most_a_hundred_and_say_how_many_there_are(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [str(number) for number in range(250)]
    monkeypatch.setattr(mcp_completions, "stocks", lambda answering, typed: many)
    found = complete(archive, ResourceTemplateReference(type="ref/resource", uri=STOCK), "stock_code", "")
    assert (many[:100], 250, True) == (found.values, found.total, found.has_more)


def test_an_unknown_reference_is_refused_and_an_empty_lake_suggests_nothing(archive: Archive, tmp_path: Any) -> None:
    for ref in (
        PromptReference(type="ref/prompt", name="nothing"),
        ResourceTemplateReference(type="ref/resource", uri="sugeup://nothing/{year}"),
    ):
        with pytest.raises(MCPError) as caught:
            complete(archive, ref, "year", "")
        assert INVALID_PARAMS == caught.value.error.code
    stock = ResourceTemplateReference(type="ref/resource", uri=STOCK)
    assert [] == complete(open_archive(tmp_path / "empty"), stock, "stock_code", "삼").values


def test_lists_stay_fresh_for_an_hour_and_reads_as_long_as_they_are_true(archive: Archive) -> None:
    """A client that asks for every list with every question doubles the traffic; a stale status misleads."""

    async def hints(client: Client) -> Any:
        lists = [
            await client.list_tools(),
            await client.list_prompts(),
            await client.list_resources(),
            await client.list_resource_templates(),
        ]
        uris = ("sugeup://calendar/2026", "sugeup://reference/investor-types", "sugeup://data-status")
        stock = "sugeup://stock/005930/investor-trading"
        return lists, [await client.read_resource(uri) for uri in (*uris, stock)]

    lists, reads = ask(archive, "auto", hints)
    for one in lists:
        assert (HOUR_MS, "public") == (one.ttl_ms, one.cache_scope)
    calendar, classes, status, stock = [(one.ttl_ms, one.cache_scope) for one in reads]
    assert calendar == classes == (24 * HOUR_MS, "public")
    assert (10_000, "private") == status
    assert ((20 * 60 + 5) * 60_000, "private") == stock, "until 08:05 next morning: test_mcp_freshness tells why"


def test_the_fixtures_of_the_conformance_suite_are_offered_beside_the_product_only_when_asked(archive: Archive) -> None:
    from tests.support.conformance_fixtures import FIXTURES

    async def names(server: Any) -> list[str]:
        return [tool.name for tool in await server.list_tools()]

    product = anyio.run(names, mcp.server(answering(archive)))
    both = anyio.run(names, mcp.server(answering(archive), FIXTURES))
    assert product == both[: len(product)]
    assert "test_simple_text" in both and "test_simple_text" not in product
