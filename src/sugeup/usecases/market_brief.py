"""시장 요약: one page about the market after the close or before the open, from what is stored."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sugeup.archive import Archive
from sugeup.registry import usecase
from sugeup.usecases import market_brief_parts, sentiment_scene, shelf
from sugeup.usecases.arguments import MarketOrAll, Session
from sugeup.usecases.market_brief_models import MarketBrief
from sugeup.usecases.market_brief_parts import Page
from sugeup.usecases.market_brief_text import rows, text
from sugeup.usecases.windows import closing_moment
from sugeup.usecases.wording import moment


@usecase(tool="get_market_brief", path="/market-brief", verb="brief", title="시장 요약", text=text, rows=rows)
def get_market_brief(
    archive: Archive,
    *,
    market: MarketOrAll = "ALL",
    top: Annotated[int, Field(ge=1, le=10, description="Stocks and sectors per list.")] = 5,
    session: Session | None = None,
) -> MarketBrief:
    """One page on Korean market flows (시장 요약), newest session: indices, who bought, top stocks, 쌍끌이, sectors.

    With programme trading, short-selling marks, mood and regime, and what is provisional or missing. Start here.
    """
    archive = shelf.for_brief(archive)
    scene = sentiment_scene.load(archive, market, session)
    page = Page(archive, scene, top, session)
    parts = {
        "indices": market_brief_parts.indices(page),
        "flows": market_brief_parts.flows(page),
        "stocks": market_brief_parts.stocks(page),
        "sectors": market_brief_parts.sectors(page),
        "program": market_brief_parts.program(page),
        "shorts": market_brief_parts.shorts(page),
        "sentiment": market_brief_parts.mood(page),
    }
    if scene.provisional:
        page.provisional.insert(0, "flows")
    if page.provisional:
        page.warnings.insert(0, f"Provisional 잠정: {', '.join(page.provisional)}.")
    sources = sorted(page.sources)
    return MarketBrief(
        as_of=moment(closing_moment(scene.session)),
        generated_at=moment(archive.clock.now()),
        scope="MARKET",
        venue="KRX",
        sources=list(dict.fromkeys(archive.origin(source).name for source in sources)),
        provisional=bool(page.provisional),
        simulated=archive.name == "simulated" or any(archive.origin(source).simulated for source in sources),
        coverage=page.gaps,
        warnings=[*scene.warnings, *page.warnings],
        market=market,
        session=scene.session,
        **parts,
    )
