"""Backend of OpenBB Workspace: its two documents, the choices of its parameters, answers as flat rows or a page.

The views below /api/v1/openbb show the same answers as REST and hold no figure of their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sugeup import registry
from sugeup.errors import SugeupError
from sugeup.faces.answering import Answering
from sugeup.faces.http_content import Content
from sugeup.faces.http_parameters import arguments
from sugeup.faces.openbb_apps import apps
from sugeup.faces.openbb_views import CHARTS, charted, markdown
from sugeup.faces.openbb_widgets import CHART, PAGE, PATH, widgets
from sugeup.registry import UseCase

WIDGETS, APPS = "/widgets.json", "/apps.json"
_WELL_KNOWN = "005930"
_AT_ONCE = 500
Endpoint = Callable[[Request], Awaitable[Response]]


def routes(answering: Answering) -> list[BaseRoute]:
    """Every route of the backend."""
    found = [
        _route(WIDGETS, lambda _: widgets(_stock(answering), _sector(answering))),
        _route(APPS, lambda _: apps(widgets(_stock(answering)), _stock(answering))),
        _route(f"{PATH}/options/stocks", lambda _: _stocks(answering)),
        _route(f"{PATH}/options/sectors", lambda _: _sectors(answering)),
    ]
    for case in registry.usecases().values():
        found += _views(case, answering)
    return found


def _views(case: UseCase, answering: Answering) -> list[BaseRoute]:
    def told(given: dict[str, Any]) -> Any:
        return answering.ask(case, {name: value for name, value in given.items() if value != ""}).answer

    path = f"{PATH}/{case.verb}"
    found = [
        _route(path, lambda given: case.rows(told(given))),
        _route(f"{path}/{PAGE}", lambda given: markdown(case.text(told(given)))),
    ]
    if case.name in CHARTS:
        chart = CHARTS[case.name]
        found.append(_route(f"{path}/{CHART}", lambda given: charted(chart, case.rows(told(given)))))
    return found


def _route(path: str, view: Callable[[dict[str, Any]], Any]) -> BaseRoute:
    """A route that gives what `view` makes of the arguments, as JSON; an empty argument is one that is not given."""

    async def show(request: Request) -> Response:
        given = arguments(request)
        body = await anyio.to_thread.run_sync(lambda: orjson.dumps(view(given)), abandon_on_cancel=True)
        return Content(body).response(request.headers)

    return Route(path, show, methods=["GET"])


def _stock(answering: Answering) -> str:
    """A stock that the lake has: the best known one, else the first; the best known one also where there is none."""
    for name, given in (("get_stock", {"stock_code": _WELL_KNOWN}), ("list_stocks", {"limit": 1})):
        rows = _rows(answering, name, given)
        if rows:
            return str(rows[0]["code"])
    return _WELL_KNOWN


def _sector(answering: Answering) -> str | None:
    rows = _rows(answering, "list_sectors", {"limit": 1})
    return str(rows[0]["sector_code"]) if rows else None


def _rows(answering: Answering, name: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of a use-case; none where it has nothing to tell."""
    case = registry.usecases()[name]
    try:
        return case.rows(answering.ask(case, given).answer)
    except SugeupError:
        return []


def _stocks(answering: Answering) -> list[dict[str, Any]]:
    """Every stock as a choice, by code."""
    case = registry.usecases()["list_stocks"]
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = answering.ask(case, {"limit": _AT_ONCE} | ({"cursor": cursor} if cursor else {}))
        for row in case.rows(page.answer):
            about = {"description": row["name_en"] or row["code"], "rightOfDescription": row["market"] or ""}
            found.append({"label": f"{row['name']} {row['code']}", "value": row["code"], "extraInfo": about})
        cursor = page.plain.get("next_cursor")
        if cursor is None:
            return found


def _sectors(answering: Answering) -> list[dict[str, Any]]:
    """Every sector as a choice, by code."""
    case = registry.usecases()["list_sectors"]
    rows = case.rows(answering.ask(case, {"limit": _AT_ONCE}).answer)
    return [{"label": row["sector_name"] or row["sector_code"], "value": row["sector_code"]} for row in rows]
