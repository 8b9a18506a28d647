"""OpenBB Workspace as a client: its two documents name what there is, and each view shows what REST answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from sugeup import registry
from sugeup.app import App
from sugeup.archive import Archive
from sugeup.errors import ConfigError
from sugeup.faces import mcp, rest
from sugeup.faces.answering import Answering
from sugeup.faces.openbb_views import CHARTS, Chart, charted, markdown
from sugeup.settings import LakeName, Settings, load
from sugeup.usecases.wording import Grid
from tests.support.archives import answering, open_archive
from tests.support.openbb import APPS, WIDGETS

WORKSPACE = "https://pro.openbb.co"
VIEWS = "/api/v1/openbb"
PREFLIGHT = {"Origin": WORKSPACE, "Access-Control-Request-Method": "GET"}


@pytest.fixture(scope="module")
def workspace(sample_home: Path) -> Iterator[TestClient]:
    """The bundled sample, read by a page of the Workspace that the settings name."""
    app = App.open(Settings(data_dir=sample_home, openbb_origins=(WORKSPACE,)), LakeName.DEMO)
    with TestClient(rest.application(Answering(app)), base_url="http://127.0.0.1") as opened:
        yield opened


@pytest.fixture
def closed(archive: Archive) -> Iterator[TestClient]:
    """A server whose settings name no origin."""
    with TestClient(rest.application(answering(archive)), base_url="http://127.0.0.1") as opened:
        yield opened


def first_values(widget: dict[str, Any]) -> dict[str, Any]:
    return {one["paramName"]: one["value"] for one in widget["params"] if one["value"] is not None}


def test_widgets_are_as_the_workspace_specifies_them(workspace: TestClient) -> None:
    widgets = workspace.get("/widgets.json").json()
    jsonschema.validate(widgets, WIDGETS)
    cases = registry.usecases().values()
    assert 2 * len(cases) + len(CHARTS) == len(widgets)
    assert {"markdown", "table"} == {one["type"] for one in widgets.values()}


@pytest.mark.slow
def test_every_view_of_a_widget_is_answered_with_what_the_widget_shows_first(workspace: TestClient) -> None:
    answered = set()
    for name, widget in workspace.get("/widgets.json").json().items():
        reply = workspace.get(f"/{widget['endpoint']}", params=first_values(widget))
        if reply.status_code == 404:
            assert reply.json()["code"] in {"NOT_COLLECTED", "OUT_OF_HISTORY", "UNKNOWN_SECTOR"}, name
            continue
        assert 200 == reply.status_code, (name, reply.text)
        answered.add(name)
        body = reply.json()
        if widget["type"] == "markdown":
            assert isinstance(body, str) and body
            continue
        for row in body:
            assert all(value is None or isinstance(value, str | int | float | bool) for value in row.values()), name
        for column in widget["data"]["table"].get("columnsDefs", []):
            assert column["field"] in body[0], (name, column)
    assert {"sugeup_flows_chart", "sugeup_market_flows_chart", "sugeup_brief_page"} <= answered


def test_widgets_name_the_tools_that_the_server_of_tools_has(workspace: TestClient) -> None:
    widgets = workspace.get("/widgets.json").json()
    named = {one["mcp_tool"]["tool_id"]: one for one in widgets.values() if "mcp_tool" in one}
    tools = {case.tool: case for case in registry.usecases().values() if case.tool}
    assert set(tools) == set(named)
    for tool, widget in named.items():
        assert {one["paramName"] for one in widget["params"]} <= set(tools[tool].arguments.model_fields)
        assert mcp.server(None).name == widget["mcp_tool"]["mcp_server"]  # type: ignore[arg-type]


def test_the_dashboard_is_laid_out_from_widgets_that_there_are_without_overlap(workspace: TestClient) -> None:
    widgets, (dashboard,) = workspace.get("/widgets.json").json(), workspace.get("/apps.json").json()
    jsonschema.validate([dashboard], APPS)
    for name, tab in dashboard["tabs"].items():
        assert name == tab["id"]
        taken: set[tuple[int, int]] = set()
        for place in tab["layout"]:
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert place["i"] in widgets and not cells & taken and place["x"] + place["w"] <= 40
            taken |= cells
    groups = {group["name"]: group for group in dashboard["groups"]}
    for group in groups.values():
        for name in group["widgetIds"]:
            assert group["paramName"] in {one["paramName"] for one in widgets[name]["params"]}
    assert "sugeup_flows_chart" in groups["Stock"]["widgetIds"]
    assert ["sugeup_market_flows_chart", "sugeup_minutes_chart"] == groups["Market"]["widgetIds"]


def test_a_view_has_the_figures_of_rest_and_no_other(workspace: TestClient) -> None:
    rows = workspace.get(f"{VIEWS}/prices?stock_code=005930&limit=5").json()
    told = workspace.get("/api/v1/stocks/005930/prices?limit=5").json()["rows"]
    assert [(one["session"], one["close"]) for one in told] == [(one["session"], one["close"]) for one in rows]


def test_a_chart_has_one_row_per_session_oldest_first_with_an_investor_a_column(workspace: TestClient) -> None:
    asked = {"market": "KOSPI", "limit": 30}
    rows = workspace.get(f"{VIEWS}/market-flows", params=asked).json()
    chart = workspace.get(f"{VIEWS}/market-flows/chart", params=asked).json()
    assert 30 == len(chart) and sorted(one["session"] for one in chart) == [one["session"] for one in chart]
    told = {(one["session"], one["investor"]): one.get("net_amount") for one in rows}
    for line in chart:
        assert "net_amount" == line["measure"]
        for investor in ("individual", "foreign", "institution"):
            assert told.get((line["session"], investor)) == line[investor]


def test_choices_are_the_stocks_and_sectors_that_are_stored(workspace: TestClient) -> None:
    stocks = workspace.get(f"{VIEWS}/options/stocks").json()
    assert workspace.get("/api/v1/stocks").json()["total"] == len({one["value"] for one in stocks}) == len(stocks)
    assert {"삼성전자 005930"} == {one["label"] for one in stocks if one["value"] == "005930"}
    assert workspace.get(f"{VIEWS}/options/sectors").json()


def test_an_argument_left_empty_is_one_that_is_not_given(workspace: TestClient) -> None:
    asked = {"stock_code": "", "session": "", "market": "KOSPI"}
    assert 200 == workspace.get(f"{VIEWS}/investor-trading", params=asked).status_code


def test_a_refused_argument_is_a_problem_here_too(workspace: TestClient) -> None:
    refused = workspace.get(f"{VIEWS}/prices?stock_code=999999")
    assert (404, "UNKNOWN_STOCK") == (refused.status_code, refused.json()["code"])


def test_widgets_are_told_where_nothing_is_stored(tmp_path: Path) -> None:
    with TestClient(rest.application(answering(open_archive(tmp_path))), base_url="http://127.0.0.1") as empty:
        jsonschema.validate(empty.get("/widgets.json").json(), WIDGETS)


def test_a_page_of_the_workspace_reads_its_backend_and_asks_tools(workspace: TestClient) -> None:
    for path in ("/widgets.json", "/apps.json", f"{VIEWS}/status", f"{VIEWS}/prices"):
        reply = workspace.get(path, headers={"Origin": WORKSPACE})
        assert WORKSPACE == reply.headers["access-control-allow-origin"], path
        assert "Origin" in reply.headers["vary"]
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "page", "version": "1"}},
    }
    accepted = {"Origin": WORKSPACE, "Host": "127.0.0.1:8410", "Accept": "application/json, text/event-stream"}
    reply = workspace.post("/mcp", json=hello, headers=accepted)
    assert (200, WORKSPACE) == (reply.status_code, reply.headers["access-control-allow-origin"])


def test_the_browser_is_told_beforehand_what_a_page_may_do(workspace: TestClient) -> None:
    own_machine = {"Access-Control-Request-Private-Network": "true", "Access-Control-Request-Headers": "x-api-key"}
    reply = workspace.options("/widgets.json", headers=PREFLIGHT | own_machine)
    assert (204, WORKSPACE, "true", "x-api-key") == (
        reply.status_code,
        *(reply.headers[f"access-control-allow-{name}"] for name in ("origin", "private-network", "headers")),
    )
    assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "https://pro.openbb.co.evil.example", "null", "*"])
def test_other_pages_read_nothing_and_are_refused(workspace: TestClient, origin: str) -> None:
    for reply in (
        workspace.get("/widgets.json", headers={"Origin": origin}),
        workspace.options("/widgets.json", headers=PREFLIGHT | {"Origin": origin}),
    ):
        assert 421 == reply.status_code and "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize("path", ["/api/v1/status", "/health/ready", "/widgets.jsonx", f"{VIEWS}x"])
def test_a_page_of_the_workspace_reads_nothing_but_its_backend(workspace: TestClient, path: str) -> None:
    assert 421 == workspace.get(path, headers={"Origin": WORKSPACE}).status_code


def test_a_page_that_is_allowed_is_still_bound_to_this_machine(workspace: TestClient) -> None:
    """A name of the page's own that points to this machine opens nothing."""
    assert 421 == workspace.get("/widgets.json", headers={"Origin": WORKSPACE, "Host": "evil.example"}).status_code


def test_nobody_is_allowed_until_a_setting_names_them(closed: TestClient) -> None:
    assert 200 == closed.get("/widgets.json").status_code
    assert 421 == closed.get("/widgets.json", headers={"Origin": WORKSPACE}).status_code
    assert 421 == closed.options("/widgets.json", headers=PREFLIGHT).status_code


def test_origins_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUGEUP_OPENBB_ORIGINS", "https://pro.openbb.co, http://localhost:1420")
    assert ("https://pro.openbb.co", "http://localhost:1420") == Settings().openbb_origins


@pytest.mark.parametrize("wrong", ["*", "https://*.openbb.co", "https://pro.openbb.co/", "pro.openbb.co", "null"])
def test_what_is_no_origin_is_refused_and_named(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("SUGEUP_OPENBB_ORIGINS", f"https://pro.openbb.co,{wrong}")
    with pytest.raises(ConfigError, match=f"SUGEUP_OPENBB_ORIGINS.*{re.escape(repr(wrong))}"):
        load()


def test_signs_of_a_page_stay_what_they_are() -> None:
    page = markdown(["5일 ~ 20일 *", Grid(["이름", "net|won"], [["a<b", "+1"]])])
    assert "5일 \\~ 20일 \\*\n\n| 이름 | net\\|won |\n| :-- | --: |\n| a\\<b | +1 |" == page


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.sampled_from(["individual", "foreign", "bank"]), st.none() | st.integers()),
        unique_by=lambda one: one[:2],
    )
)
def test_a_chart_loses_no_figure_and_invents_none(figures: list[tuple[int, str, int | None]]) -> None:
    rows = [{"session": f"2026-01-0{day}", "investor": who, "net_volume": net} for day, who, net in figures]
    lines = charted(Chart("line", "session", ("individual",), long=True), rows)
    shown = {
        (line["session"], who): line[who]
        for line in lines
        for who in line.keys() - {"session", "measure"}
        if line[who] is not None
    }
    assert {(r["session"], r["investor"]): r["net_volume"] for r in rows if r["net_volume"] is not None} == shown
    assert sorted({row["session"] for row in rows}) == [line["session"] for line in lines]
