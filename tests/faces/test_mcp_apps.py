"""MCP Apps: pages beside the answers, that load nothing, work without a page, and show the answer in a real browser."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client import Client, advertise
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID

from sugeup.archive import Archive
from sugeup.faces import mcp, mcp_apps, mcp_series
from sugeup.faces.mcp_offers import DAY_MS
from sugeup.market import investors
from sugeup.sandbox.plan import Plan
from tests.faces.test_mcp_offers import ERAS, ask
from tests.support import chromium
from tests.support.archives import answering, days, rows
from tests.support.simulated import simulated_archive

SHOWS = [advertise(EXTENSION_ID, {"mimeTypes": [APP_MIME_TYPE]})]
SECTORS = ("daily_bars", "investor_day_stock", "investor_day_market", "instruments", "index_day", "sector_membership")


def call(archive: Archive, tool: str, arguments: dict[str, Any], era: str = "auto", *, shows: bool = True) -> Any:
    async def within() -> Any:
        async with Client(mcp.server(answering(archive)), mode=era, extensions=SHOWS if shows else None) as client:
            return await client.call_tool(tool, arguments)

    return anyio.run(within)


@pytest.mark.parametrize("era", ERAS)
def test_two_tools_name_a_page_that_can_be_read(archive: Archive, era: str) -> None:
    async def everything(client: Client) -> Any:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        listed = {str(one.uri): one for one in (await client.list_resources()).resources}
        bound = {name: tool.meta["ui"]["resourceUri"] for name, tool in tools.items() if (tool.meta or {}).get("ui")}
        return bound, listed, {name: await client.read_resource(uri) for name, uri in bound.items()}

    bound, listed, pages = ask(archive, era, everything)
    assert {"get_investor_trading", "get_sector_investor_flow"} == set(bound)
    for tool, uri in bound.items():
        (content,) = pages[tool].contents
        assert (APP_MIME_TYPE, APP_MIME_TYPE) == (listed[uri].mime_type, content.mime_type)
        assert (
            {"connectDomains": [], "resourceDomains": []} == listed[uri].meta["ui"]["csp"] == content.meta["ui"]["csp"]
        )
        assert content.text.startswith("<!doctype html>") and 40_000 > len(content.text)
        if era == "auto":
            assert (DAY_MS, "public") == (pages[tool].ttl_ms, pages[tool].cache_scope)


@pytest.mark.parametrize("page", sorted(set(mcp_apps.PAGES.values())))
def test_a_page_has_everything_inside_and_reaches_nothing(page: str) -> None:
    text = mcp_apps.html(page)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy and policy[1].startswith("default-src 'none'") and "http" not in policy[1]
    assert ["http://www.w3.org/2000/svg"] == re.findall(r"https?://[^\s\"'`)]+", text), "a name, not an address"
    for word in (
        "innerHTML",
        "insertAdjacentHTML",
        "eval(",
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "import(",
        "@import",
    ):
        assert word not in text
    assert not re.search(r"<(link|img|iframe|script src)", text)
    assert not re.search(r"/\*(style|host|page)\*/", text), "a part was not put in"


@pytest.mark.parametrize("era", ERAS)
def test_only_a_client_that_shows_pages_is_sent_their_figures(sample: Archive, era: str) -> None:
    """The same text and structure for everybody; the series is in `_meta`, which is not for the model."""
    arguments = {"stock_code": "005930", "period": "20D"}
    shown, plain = (call(sample, "get_investor_trading", arguments, era, shows=shows) for shows in (True, False))
    assert shown.content[0].text == plain.content[0].text
    assert shown.structured_content == plain.structured_content
    assert mcp_apps.SERIES not in (plain.meta or {})
    series = shown.meta[mcp_apps.SERIES]
    assert 15_000 > len(json.dumps(series))
    assert "2026-02-13" == series["sessions"][-1]
    assert -4_715_928 == series["groups"]["foreign"][-1] and "shares" == series["unit"]
    assert 181_200 == series["close"][-1]


def test_a_series_has_every_session_and_null_where_there_is_no_row(sample: Archive) -> None:
    series, _ = mcp_series.stock(answering(sample), "005930")
    sessions = series["sessions"]
    assert sorted(sessions) == sessions and len(set(sessions)) == len(sessions)
    for column in (series["close"], *series["groups"].values()):
        assert len(sessions) == len(column)
    gap = sessions.index("2025-12-16")
    assert {None} == {column[gap] for column in series["groups"].values()}, "never 0"


def test_a_series_of_a_market_is_in_won_and_says_why_it_has_no_price(archive: Archive) -> None:
    found = call(archive, "get_investor_trading", {"market": "KOSPI"}).meta[mcp_apps.SERIES]
    assert "won" == found["unit"] and mcp_series.SESSIONS == len(found["sessions"])
    assert {None} == set(found["close"]) and found["no_price"]
    both = call(archive, "get_investor_trading", {"market": "ALL"})
    assert not both.is_error and mcp_apps.SERIES not in (both.meta or {})


def test_shares_before_a_split_are_not_added_to_those_after_it(archive: Archive) -> None:
    """A split of two on the tenth session from the end halves the price and doubles every count of shares."""
    cut = days(10)[0]
    bar = {"code": "005930", "raw_open": 35_000, "raw_high": 35_500, "raw_low": 34_500, "raw_close": 35_000}
    bar |= {"base_price": 35_000, "volume": 20_000, "status": "TRADED"}
    archive.fill("daily_bars", rows("daily_bars", [bar | {"session": day} for day in days(10)]))
    event = {"code": "005930", "effective_session": cut, "kind": "SPLIT", "share_factor": 2.0, "price_factor": 0.5}
    archive.fill("corporate_actions", rows("corporate_actions", [event]))
    series, _ = mcp_series.stock(answering(archive), "005930")
    at = series["sessions"].index(cut.isoformat())
    foreign = series["groups"]["foreign"]
    assert {None} == set(foreign[:at]) and None not in foreign[at:]
    assert cut.isoformat() in series["note"]


def test_the_server_has_a_mark_that_is_told_once_and_not_in_every_answer(archive: Archive) -> None:
    async def told(client: Client) -> Any:
        return client.server_info, await client.list_tools(), await client.call_tool("search_stock", {"query": "삼성"})

    for era in ERAS:
        info, listed, found = ask(archive, era, told)
        (icon,) = info.icons
        assert icon.src.startswith("data:image/svg+xml,") and 400 > len(icon.src)
        assert re.fullmatch(r"[!-~]+", icon.src), "an address has no blanks; the older schema refuses them"
        for answer in (listed, found):
            assert "image/svg" not in json.dumps(answer.meta or {})
            if era == "auto":
                assert "sugeup" == answer.meta["io.modelcontextprotocol/serverInfo"]["name"]


# In a browser


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    plan = Plan(stocks=60, sessions=300, first=date(2024, 12, 2))
    return simulated_archive(tmp_path_factory.mktemp("map"), plan, datasets=SECTORS)


def sent(found: Any) -> dict[str, Any]:
    """A result as a host passes it on."""
    plain: dict[str, Any] = found.model_dump(mode="json", by_alias=True, exclude_none=True)
    plain["structuredContent"] = found.structured_content
    return plain


@pytest.mark.slow
@pytest.mark.parametrize(("theme", "locale", "said"), [("light", "ko-KR", "외국인"), ("dark", "en-US", "Foreign")])
def test_the_chart_draws_price_and_sums_and_its_table_says_the_same(
    sample: Archive, theme: str, locale: str, said: str
) -> None:
    found = call(sample, "get_investor_trading", {"stock_code": "005930", "period": "60D"})
    seen = chromium.opened(mcp_apps.html("flow-chart"), sent(found), theme=theme, locale=locale)
    assert [] == seen.faults
    assert ["ui/initialize", "ui/notifications/initialized"] == seen.asked[:2]
    assert "ui/notifications/size-changed" in seen.asked
    assert "삼성전자 005930" in seen.text and said in seen.text
    assert f'data-theme="{theme}"' in seen.document and f'lang="{locale[:2]}"' in seen.document
    for group in investors.GROUPS:
        assert re.search(rf'<path [^>]*stroke="var\(--{group}\)"', seen.document), group
    assert 'fill="var(--up)"' in seen.document and 'fill="var(--down)"' in seen.document
    assert re.search(r'<svg[^>]*role="img"[^>]*aria-label="[^"]+"', seen.document)
    assert "2025-12-16" in seen.text, "where the sum stops is said"
    assert "181,200" in seen.text


@pytest.mark.slow
def test_keys_move_through_the_sessions_and_buttons_change_the_view(sample: Archive) -> None:
    found = call(sample, "get_investor_trading", {"stock_code": "005930", "period": "20D"})
    act = """
    document.querySelectorAll('.choice button')[2].click();
    const svg = document.getElementById('chart'); svg.focus();
    for (const key of ['Home', 'ArrowRight', 'ArrowRight'])
      document.getElementById('chart').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    """
    seen = chromium.opened(mcp_apps.html("flow-chart"), sent(found), act=act)
    assert [] == seen.faults
    series = found.meta[mcp_apps.SERIES]
    pressed = re.findall(r'<button type="button" aria-pressed="true">([^<]+)</button>', seen.document)
    assert ["120일", "외국인"] == pressed
    output = re.search(r"<output[^>]*>(\d{4}-\d\d-\d\d)", seen.document)
    assert output and output[1] == series["sessions"][-120:][2]


@pytest.mark.slow
def test_a_chart_without_figures_in_the_answer_reads_them_or_shows_the_table(sample: Archive) -> None:
    """A host that drops `_meta` lets the page read the series; one that lets it read nothing shows the figures."""
    found = sent(call(sample, "get_investor_trading", {"stock_code": "005930", "period": "20D"}, shows=False))
    series, _ = mcp_series.stock(answering(sample), "005930")
    content = {"contents": [{"uri": "sugeup://stock/005930/series", "text": json.dumps(series)}]}
    read = chromium.opened(mcp_apps.html("flow-chart"), found, resource=content)
    assert [] == read.faults and "resources/read" in read.asked and 'id="chart"' in read.document
    bare = chromium.opened(mcp_apps.html("flow-chart"), found)
    assert [] == bare.faults and "resources/read" not in bare.asked
    assert 'id="chart"' not in bare.document and "외국인" in bare.text


@pytest.mark.slow
@pytest.mark.parametrize(("theme", "locale"), [("light", "ko-KR"), ("dark", "en-US")])
def test_the_map_has_a_tile_per_sector_with_its_figures(market: Archive, theme: str, locale: str) -> None:
    found = call(market, "get_sector_investor_flow", {"top_n": 60})
    sectors = found.structured_content["sector_flows"]
    first = sectors[0]["sector_code"]
    act = f"document.querySelector('[data-code=\"{first}\"]').click();"
    seen = chromium.opened(mcp_apps.html("sector-map"), sent(found), act=act, theme=theme, locale=locale, width=400)
    assert [] == seen.faults
    assert {one["sector_code"] for one in sectors} == set(re.findall(r'data-code="([^"]+)"', seen.main))
    assert len(sectors) == len(re.findall(r'class="tile[ "]', seen.main))
    assert sectors[0]["foreign"]["top_stocks"][0]["name"] in seen.text
    assert 0 == seen.beyond, "nothing is wider than the frame"
    assert ("Simulated market" if locale == "en-US" else "모의 시장") in seen.text
    for one in sectors:
        if one["rotation"]["z"] is None:
            assert re.search(rf'class="tile null"[^>]*data-code="{one["sector_code"]}"', seen.main)


@pytest.mark.slow
def test_a_map_without_sectors_and_an_error_say_so(sample: Archive) -> None:
    empty = call(sample, "get_sector_investor_flow", {})
    seen = chromium.opened(mcp_apps.html("sector-map"), sent(empty))
    assert [] == seen.faults and "OUT_OF_HISTORY" in seen.text
    refused = call(sample, "get_sector_investor_flow", {"sector": "없는 업종"})
    assert refused.is_error
    for page in ("sector-map", "flow-chart"):
        seen = chromium.opened(mcp_apps.html(page), sent(refused))
        assert [] == seen.faults and "UNKNOWN_SECTOR" in seen.text


@pytest.mark.slow
def test_names_are_text_and_never_markup(market: Archive) -> None:
    found = sent(call(market, "get_sector_investor_flow", {}))
    found["structuredContent"] = json.loads(json.dumps(found["structuredContent"]))
    found["structuredContent"]["sector_flows"][0]["sector_name"] = "<img src=x onerror=alert(1)>"
    seen = chromium.opened(mcp_apps.html("sector-map"), found)
    assert [] == seen.faults
    assert "&lt;img src=x" in seen.main and "<img" not in seen.main and "<img src=x" in seen.text


def test_the_scripts_of_the_pages_are_in_the_package() -> None:
    folder = Path(mcp_apps.__file__).parent / "apps"
    assert {"flow-chart.js", "host.js", "page.css", "page.html", "sector-map.js"} == {
        one.name for one in folder.iterdir()
    }


@pytest.mark.parametrize(("page", "title"), [("flow-chart", "누적 순매수"), ("sector-map", "업종 히트맵")])
def test_a_page_has_the_title_of_its_listing_and_no_place_left_to_fill(page: str, title: str) -> None:
    text = mcp_apps.html(page)
    assert f"<title>{title}</title>" in text
    assert not re.search(r"/\*(title|style|host|page)\*/", text)
