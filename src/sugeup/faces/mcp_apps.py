"""MCP Apps: pages that a client may show beside an answer. Each is one document with its script and style inside.

A page gets the answer through its host and nothing else: it loads nothing, connects to nothing, and its content policy
says so. A client that shows no pages has the text, which stands on its own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import resources

from mcp.server.apps import APP_MIME_TYPE, Apps, client_supports_apps
from mcp.server.caching import CacheHint
from mcp.server.mcpserver import Context

from sugeup.faces.mcp_offers import DAY_MS, Document

PAGES = {"get_investor_trading": "flow-chart", "get_sector_investor_flow": "sector-map"}
"""Page of a tool's answer, by tool."""
_ABOUT = {
    "flow-chart": ("누적 순매수", "Cumulative net buying of the four groups under the adjusted price, as a chart."),
    "sector-map": ("업종 히트맵", "Sectors by flow beyond their share of the market, as tiles with a table."),
}
SERIES = "sugeup/series"
"""Key in `_meta` of an answer under which the chart finds its figures; `_meta` is not for the model."""
_NOTHING_ELSE = {"csp": {"connectDomains": [], "resourceDomains": []}, "prefersBorder": True}


def uri(page: str) -> str:
    """Address of a page."""
    return f"ui://sugeup/{page}.html"


def bound(tool: str) -> dict[str, object] | None:
    """What a tool's listing says about its page; None for a tool without one."""
    page = PAGES.get(tool)
    return None if page is None else {"ui": {"resourceUri": uri(page)}}


def documents() -> tuple[Document, ...]:
    """The pages as resources."""
    return tuple(
        Document(
            uri(page),
            page,
            title,
            description,
            _reader(page),
            mime_type=APP_MIME_TYPE,
            cache=CacheHint(DAY_MS, "public"),
            meta={"ui": _NOTHING_ELSE},
        )
        for page, (title, description) in _ABOUT.items()
    )


def extension() -> Apps:
    """The capability, without tools or resources of its own: the pages are documents, bound to tools that there are."""
    return Apps()


def wanted(context: Context) -> bool:
    """Whether the client of this call shows pages."""
    return context.protocol_version is not None and client_supports_apps(context)


def _reader(page: str) -> Callable[[], str]:
    return lambda: html(page)


@functools.cache
def html(page: str) -> str:
    """The whole document of a page: the style and the scripts that pages share are put where it names them."""
    folder = resources.files(__package__).joinpath("apps")

    def part(name: str) -> str:
        return folder.joinpath(name).read_text(encoding="utf-8")

    found = part("page.html").replace("/*title*/", _ABOUT[page][0]).replace("/*style*/", part("page.css"))
    return found.replace("/*host*/", part("host.js")).replace("/*page*/", part(f"{page}.js"))
