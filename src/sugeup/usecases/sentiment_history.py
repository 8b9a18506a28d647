"""투자 심리의 이력: scores of the market and of the investor classes, session by session."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
from pydantic import Field

from sugeup.archive import Archive
from sugeup.market import sessions
from sugeup.registry import usecase
from sugeup.usecases import panels, securities, sentiment_scene, sentiment_scores
from sugeup.usecases.answers import Answer, Meta, Shown
from sugeup.usecases.arguments import Cursor, Limit, MarketOrAll, Session
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.investor_sentiment_text import SHORT_MOODS
from sugeup.usecases.paging import more, ordered, page
from sugeup.usecases.sentiment_models import Mood
from sugeup.usecases.sentiment_scene import GROUPS
from sugeup.usecases.sentiment_scores import FULL, TYPED, MarketMood, TypeMoods
from sugeup.usecases.windows import closing_moment
from sugeup.usecases.wording import Grid, moment, plain

COMPONENTS = ("breadth", "momentum", "basis", "short_inverse", "credit")
_BASIS = (
    "Market scores here leave smt.market_index out, whose weights of today were not known then, and scores of the "
    "classes the share of stocks; so they differ from get_investor_sentiment."
)


class SentimentDay(Shown):
    """One session: scores and the components of the market's, 0-100, 50 = ordinary."""

    session: dt.date
    score: float | None
    interpretation: Mood | None
    breadth: float | None
    momentum: float | None
    basis: float | None
    short_inverse: float | None
    credit: float | None
    foreign: float | None
    institution: float | None
    individual: float | None
    meta: Meta


class SentimentHistory(Answer):
    """Newest first. Each score is of what was known on the evening of its session."""

    market: str
    rows: list[SentimentDay]
    total: int = Field(description="Sessions stored of every market.")
    next_cursor: str | None


def text(answer: Any) -> list[object]:
    """A line per session."""
    lines = [
        [
            str(row.session),
            plain(row.score, 1),
            SHORT_MOODS[row.interpretation] if row.interpretation else "–",
            *(plain(getattr(row, name), 0) for name in (*COMPONENTS, *GROUPS)),
        ]
        for row in answer.rows
    ]
    header = [
        "거래일",
        "점수",
        "심리",
        "상승비율",
        "지수20일",
        "베이시스",
        "공매도역",
        "신용",
        "외국인",
        "기관",
        "개인",
    ]
    found: list[object] = [f"투자 심리 이력 · {answer.market} · 50 = 평소 ordinary", Grid(header, lines)]
    return [*found, *more(answer, len(lines)), *(f"! {warning}" for warning in answer.warnings)]


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per session."""
    return [{"market": answer.market} | row.model_dump(mode="json", exclude={"meta"}) for row in answer.rows]


@usecase(path="/sentiment/history", verb="sentiment-history", title="투자 심리 이력", text=text, rows=rows)
def get_sentiment_history(
    archive: Archive,
    *,
    market: MarketOrAll = "ALL",
    start: Session | None = None,
    end: Session | None = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> SentimentHistory:
    """Mood of the market and of 외국인, 기관, 개인 session by session (투자 심리 이력), newest first."""
    ordered(start, end)
    scopes = panels.MARKETS if market == "ALL" else (market,)
    stored = archive.read("investor_day_market", columns=("products",), scopes=scopes, start=start, end=end)
    stored = stored.filter((pl.col("venue") == "KRX") & (pl.col("products") == "STOCK"))
    complete = stored.group_by("session").agg(pl.col("market").n_unique().alias("found"))
    days = complete.filter(pl.col("found") == len(scopes)).select("session").sort("session", descending=True)
    if days.is_empty():
        raise securities.nothing_stored(archive, "investor_day_market")
    shown, following = page(days, limit, cursor)
    wanted = shown["session"].to_list()
    newest = wanted[0] if wanted else days["session"][0]
    scene = sentiment_scene.load(archive, market, newest, _span(wanted))
    mood = MarketMood(scene, scene.last)
    moods = sentiment_scores.of_markets(scene, None, 1, scene.last)
    place = {day: at for at, day in enumerate(scene.days[-scene.last :])}
    told = [_day(mood, moods, day, place[day]) for day in wanted]
    sources = [archive.origin(source) for source in sorted(scene.sources)]
    return SentimentHistory(
        as_of=moment(closing_moment(newest)),
        generated_at=moment(archive.clock.now()),
        scope="MARKET",
        venue="KRX",
        sources=list(dict.fromkeys(origin.name for origin in sources)),
        provisional=scene.provisional,
        simulated=archive.name == "simulated" or any(origin.simulated for origin in sources),
        coverage=[],
        warnings=[*scene.warnings, _BASIS],
        market=market,
        rows=told,
        total=days.height,
        next_cursor=following,
    )


def _span(wanted: list[dt.date]) -> int:
    """Exchange sessions from the oldest to the newest of a page; the least that is read for a page behind the end."""
    if not wanted:
        return sentiment_scene.WEEK + 1
    return max(sentiment_scene.WEEK + 1, len(sessions.sessions(wanted[-1], wanted[0])))


def _day(mood: MarketMood, moods: dict[str, TypeMoods], day: dt.date, at: int) -> SentimentDay:
    draft = Draft({}, {})
    for name in COMPONENTS:
        value = float(mood.components[name][at])
        absent = np.isnan(value)
        draft.put(
            name,
            None if absent else round(value, 1),
            reason="MISSING_INPUT" if absent else None,
            note="its figure of the session or 60 past ones are not stored" if absent else None,
        )
    cell = mood.score.at(at)
    few = f"{cell['n']} of 5 components are known, {FULL} are needed" if cell["value"] is None else None
    about: dict[str, Any] = {"reason": cell.get("reason"), "note": few}
    draft.put("score", None if cell["value"] is None else round(cell["value"], 2), **about)
    draft.put("interpretation", cell["label"], **about)
    for group, one in moods.items():
        found = one.score.at(0, at)
        none = f"{found['n']} of 2 components are known, {TYPED} are needed" if found["value"] is None else None
        score = None if found["value"] is None else round(found["value"], 2)
        draft.put(group, score, reason=found.get("reason"), note=none)
    return SentimentDay(session=day, **draft.values, meta=draft.meta)
