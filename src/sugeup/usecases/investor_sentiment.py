"""투자 심리: the mood of the market from six readings, how eagerly each class of investors buys, the regime."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from sugeup.archive import Archive
from sugeup.registry import usecase
from sugeup.usecases import (
    doors,
    panels,
    sentiment_blocks,
    sentiment_minutes,
    sentiment_regime,
    sentiment_scene,
    sentiment_scores,
    sentiment_sectors,
    sentiment_smart,
    shelf,
)
from sugeup.usecases.answers import FieldMeta, Gap
from sugeup.usecases.arguments import MarketOrAll, Session
from sugeup.usecases.investor_sentiment_text import rows, text
from sugeup.usecases.sentiment_blocks import Told
from sugeup.usecases.sentiment_minutes import Running
from sugeup.usecases.sentiment_models import InvestorSentiment, Scores
from sugeup.usecases.sentiment_scene import RANKED, WEEK, Scene
from sugeup.usecases.sentiment_scores import Apart, MarketMood, TypeMoods
from sugeup.usecases.sentiment_sectors import Stocks
from sugeup.usecases.windows import closing_moment
from sugeup.usecases.wording import moment

SESSIONS = {"REAL_TIME": 1, "1D": 1, "1W": 5, "1M": 20}


def _upper(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


@usecase(tool="get_investor_sentiment", path="/sentiment", verb="sentiment", title="투자 심리", text=text, rows=rows)
def get_investor_sentiment(
    archive: Archive,
    *,
    period: Annotated[
        Literal["REAL_TIME", "1D", "1W", "1M"],
        BeforeValidator(_upper),
        Field(
            description="REAL_TIME: since the open, against the same clock time of past sessions; 1W=5, 1M=20 sessions."
        ),
    ] = "1D",
    granularity: Annotated[Literal["OVERALL", "BY_TYPE", "BY_SECTOR"], BeforeValidator(_upper)] = "OVERALL",
    market: MarketOrAll = "ALL",
    session: Session | None = None,
) -> InvestorSentiment:
    """Mood of the Korean market (투자 심리), 0-100, 50 = ordinary: score with its drivers, and regime (시장 국면).

    BY_TYPE adds 외국인, 기관, 개인 scores and their divergence, BY_SECTOR the same inside sectors. Percentiles of their
    own past; observations, no forecast or advice.
    """
    archive = shelf.for_sentiment(archive)
    running = sentiment_minutes.load(archive, market, session) if period == "REAL_TIME" else None
    scene = running.before if running else sentiment_scene.load(archive, market, session)
    smart = sentiment_smart.load(archive, market, scene.session)
    mood = MarketMood(scene, sentiment_smart.LAST, smart.values)
    whole = sentiment_blocks.overall(mood, smart)
    stocks = None
    if granularity != "OVERALL":
        span = len(scene.days) if granularity == "BY_SECTOR" else RANKED + 2 * SESSIONS[period] + WEEK
        stocks = sentiment_sectors.load(archive, market, scene.days[-span:])
    affected = sentiment_sectors.affected(stocks, _levels(archive, stocks)) if stocks else []
    parts: dict[str, Any] = {}
    meta: dict[str, FieldMeta] = {}
    if stocks is not None:
        failed = running is None and scene.closed is False  # minutes in which groups do not add up are left out
        moods, told = _moods(scene, stocks, running, SESSIONS[period], failed)
        parts["by_investor_type"] = sentiment_blocks.by_type(scene, moods, told, stocks, SESSIONS[period])
        apart = Apart(scene, moods, SESSIONS[period], None if running is None else running.shares)
        parts["divergence_indicators"] = sentiment_blocks.divergence(apart, told.window, failed)
    if granularity == "BY_SECTOR":
        listed, why = sentiment_blocks.sectors(stocks, SESSIONS[period])
        parts["by_sector"] = listed
        if why:
            meta["by_sector"] = FieldMeta(reason="MISSING_INPUT", note=why)
    observed, untested = (
        sentiment_blocks.insights(stocks) if stocks else ([], "sectors are tested with BY_TYPE, BY_SECTOR")
    )
    about = untested or (None if observed else "no sector passes p_adj 0.10")
    meta["actionable_insights"] = FieldMeta(n=len(observed), note=about, method="observations, BH over sectors")
    sources = {*scene.sources, *smart.sources, *(stocks.flows.sources + stocks.bars.sources if stocks else ())}
    named = [archive.origin(source).name for source in sorted(sources)]
    return InvestorSentiment(
        as_of=moment(running.board.newest if running else closing_moment(scene.session)),
        generated_at=moment(archive.clock.now()),
        scope="MARKET",
        venue="KRX",
        sources=list(dict.fromkeys([*named, *(running.board.sources if running else ())])),
        provisional=scene.provisional
        or (running is not None and running.board.provisional)
        or (stocks is not None and bool(stocks.flows.provisional[:, -1].any())),
        simulated=archive.name == "simulated" or any(archive.origin(source).simulated for source in sources),
        coverage=_gaps(archive, whole.components.meta),
        warnings=_warnings(scene, stocks, running),
        market=market,
        period=period,
        granularity=granularity,
        session=running.board.clock.session if running else scene.session,
        sentiment_scores=Scores(overall=whole, sentiment_drivers=sentiment_blocks.drivers(mood, affected), **parts),
        market_regime=sentiment_regime.block(archive, scene.bench, scene.session),
        actionable_insights=observed,
        meta=meta,
    )


def _moods(
    scene: Scene, stocks: Stocks, running: Running | None, window: int, failed: bool
) -> tuple[dict[str, TypeMoods], Told]:
    """Scores of the classes, at the running minute or of whole sessions, and how they were found."""
    if running is not None:
        note = "minutes of single stocks by investor do not exist"
        method = f"since the open to {running.clock}, against {running.n} sessions at that time"
        short = f"{running.n} past sessions with this minute are stored, {sentiment_minutes.LEAST} are needed"
        told = Told("since the open", ("NOT_AVAILABLE_FROM_SOURCE", note), method, failed, short)
        return running.moods, told
    share, why = stocks.breadth
    moods = sentiment_scores.of_markets(scene, share, window, RANKED + window)
    return moods, Told(f"{window}D", None if why is None else ("MISSING_INPUT", why), None, failed)


def _levels(archive: Archive, stocks: Stocks) -> dict[str, np.ndarray]:
    """Closes of the sectors' own indices."""
    if stocks.map is None:
        return {}
    days = stocks.flows.days
    levels = panels.panel(archive, "index_day", ("close",), stocks.map.codes, days, key="index_code")
    return dict(zip(levels.codes, levels["close"], strict=True))


_READS = {
    "breadth": "index_day",
    "momentum": "index_day",
    "basis": "futures_minute",
    "short_inverse": "short_day",
    "credit": "market_funds",
    "smart_flow": "investor_day_stock",
}
"""The dataset that a component stands on."""


def _gaps(archive: Archive, meta: dict[str, FieldMeta]) -> list[Gap]:
    """Components that are null, and how to get them."""
    return [
        Gap(
            what=f"{sentiment_blocks.LABELS[name]} ({name})",
            reason=about.reason,
            how=f"{_READS[name]}: {doors.how(archive, _READS[name])}",
        )
        for name, about in meta.items()
        if about.reason is not None and about.reason not in ("OUT_OF_SCOPE", "NO_SKILL")
    ]


def _warnings(scene: Scene, stocks: Stocks | None, running: Running | None) -> list[str]:
    said = list(scene.warnings)
    if running is not None:
        said += running.board.warnings
        said.append(f"The market's score and the regime are those of the close of {scene.session}.")
    if stocks is not None:
        newest = stocks.flows.until
        if newest is None or newest < scene.session:
            end = "are not stored" if newest is None else f"end on {newest}"
            said.append(f"Flows of single stocks {end}; breadth and sectors are null.")
    return said
