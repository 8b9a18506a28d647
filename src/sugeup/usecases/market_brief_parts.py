"""The parts of the page about the market: indices, investors, stocks, sectors, programme trading, shorts, mood.

Each part takes its newest session up to that of the page, says which, and is empty with a reason where nothing is
stored: a page is told as far as it can be.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import investors, overheating, sessions
from sugeup.usecases import (
    doors,
    panels,
    program_figures,
    ranking_scene,
    ranking_table,
    sector_map,
    sector_scene,
    sentiment_blocks,
    sentiment_regime,
    sentiment_scores,
    sentiment_smart,
    short_market,
    short_panel,
    unusual,
)
from sugeup.usecases.answers import FieldMeta, Gap
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.market_brief_models import (
    BriefMood,
    BriefProgram,
    BriefSector,
    BriefSectors,
    BriefShorts,
    BriefStock,
    GroupFlow,
    IndexMove,
    MarkedStock,
    TopStocks,
)
from sugeup.usecases.sector_sums import Rotations
from sugeup.usecases.sentiment_scene import LEAST, Scene
from sugeup.usecases.sentiment_scores import MarketMood

LISTS = ("foreign_buy", "foreign_sell", "institution_buy", "institution_sell", "double_buy", "double_sell")
_STALE = 10
"""Calendar days after which short sales are too old for the page."""


@dataclass
class Page:
    """What the parts have in common: the market's figures, and what they find missing on the way."""

    archive: Archive
    scene: Scene
    top: int
    asked: date | None = None
    gaps: list[Gap] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)
    provisional: list[str] = field(default_factory=list)

    @property
    def session(self) -> date:
        """The session of the page."""
        return self.scene.session

    @cached_property
    def traded(self) -> date:
        """The session of the stocks: that of the page or an older one. Raises NoData as `panels.latest` does."""
        return min(panels.latest(self.archive, "investor_day_stock", self.scene.market, self.asked)[0], self.session)

    def lacks(self, what: str, absent: NoData) -> None:
        """Enter a part that is not stored."""
        self.gaps.append(
            Gap(
                what=what,
                reason=absent.code,
                how=f"{absent.message} {absent.hint or doors.how(self.archive, 'investor_day_stock')}",
            )
        )

    def aged(self, what: str, day: date) -> None:
        """Say that a part is of an older session."""
        if day < self.session:
            self.warnings.append(f"{what} of {day}: those of {self.session} are not stored.")


def indices(page: Page) -> list[IndexMove]:
    """The index of each market."""
    found = []
    for at, market in enumerate(page.scene.scopes):
        draft, figures = Draft({}, {}), {name: part[at] for name, part in page.scene.by_market.items()}
        close = page.scene.by_market["close"][at]
        absent = None if np.isfinite(close[-1]) else "the index of the session is not stored"
        draft.put("close", _number(close[-1], 2), unit="points", reason=absent and "MISSING_INPUT", note=absent)
        with np.errstate(invalid="ignore", divide="ignore"):
            move = 100 * (close[-1] / close[-2] - 1) if len(close) > 1 else np.nan
        none = None if np.isfinite(move) else "closes of the session and of the one before are needed"
        draft.put("change_rate", _number(move, 2), unit="%", reason=none and "MISSING_INPUT", note=none)
        for name in ("amount", "advancers", "decliners", "unchanged"):
            value = figures[name][-1]
            said = None if np.isfinite(value) else "the stored source of the index does not publish it"
            draft.put(name, _whole(value), reason=said and "MISSING_INPUT", note=said)
        found.append(IndexMove(index=market, **draft.values, meta=draft.meta))
    return found


def flows(page: Page) -> list[GroupFlow]:
    """Net of the four groups by market, how unusual, and since when."""
    found = []
    for at, market in enumerate(page.scene.scopes):
        turnover = page.scene.by_market["amount"][at][None]
        for group in investors.GROUPS:
            net = page.scene.by_market[f"{group}_net_amount"][at][None]
            x = unusual.ratios(net, turnover, 1)
            rank = sentiment_scores.ranks(x, 1, 1)[0, 0]
            draft = Draft({}, {})
            failed = page.scene.closed is False
            value = np.nan if failed else net[0, -1]
            reason = "RECONCILIATION_FAILED" if failed else "MISSING_INPUT"
            note = "the four groups do not add to zero" if failed else "the source does not publish it"
            known = np.isfinite(value)
            draft.put(
                "net_amount", _whole(value), unit="won", reason=None if known else reason, note=None if known else note
            )
            share = 100 * x[0, -1] if known else np.nan
            bare = note if not known else "turnover of the market is not stored for the session"
            why: str | None = None if np.isfinite(share) else reason
            draft.put("net_to_turnover", _number(share, 2), unit="%", window="1D", reason=why, note=why and bare)
            rank = rank if known else np.nan
            why = None if np.isfinite(rank) else why or "INSUFFICIENT_HISTORY"
            short = bare if not np.isfinite(share) else f"fewer than {LEAST} past sessions are stored"
            draft.put(
                "percentile",
                _number(rank, 1),
                unit="0-100",
                window="250 sessions",
                metric="tk.percentile_rank",
                reason=why,
                note=why and short,
            )
            run = unusual.streak(net) if known else None
            draft.put(
                "streak",
                run,
                unit="sessions",
                metric="own.streak",
                reason=reason if run is None else None,
                note=note if run is None else None,
            )
            found.append(GroupFlow(market=market, investor=group, **draft.values, meta=draft.meta))
    return found


def stocks(page: Page) -> TopStocks:
    """The largest by foreigners and institutions, and 쌍끌이."""
    nothing: dict[str, list[BriefStock]] = {name: [] for name in LISTS}
    market = page.scene.market
    try:
        foreign = ranking_scene.load(page.archive, "foreign", 1, market, page.traded)
    except NoData as absent:
        page.lacks("trading by investor of stocks", absent)
        about = FieldMeta(reason=absent.code, note=absent.message)
        meta = dict.fromkeys(("session", "by", *LISTS), about)
        return TopStocks(session=None, by=None, **nothing, meta=meta)
    page.aged("Stocks are", foreign.session)
    page.sources.update(foreign.flows.sources + foreign.bars.sources)
    if foreign.flows.last(1).provisional.any():
        page.provisional.append("stocks")
    by = "NET_TO_TURNOVER" if foreign.basis == "VOLUME" else "NET_AMOUNT"
    method = "VOLUME_BASIS" if foreign.basis == "VOLUME" else None
    covered = sum(why is None for why in foreign.why_net)
    meta = {
        name: FieldMeta(window="5D" if name.startswith("double") else "1D", n=covered, method=method) for name in LISTS
    }
    meta["double_buy"] = meta["double_sell"] = FieldMeta(
        window="5D", n=covered, metric="alr.focus", method=method, note="a screen of all stocks, not a tested signal"
    )
    lists: dict[str, list[BriefStock]] = {}
    for group in ("foreign", "institution"):
        scene = foreign if group == "foreign" else replace(foreign, investor=group)
        vars(scene)["focus"] = foreign.focus  # the same for every investor: z of both groups are computed once
        table = ranking_table.table(scene)
        for side, sign in (("buy", 1), ("sell", -1)):
            lists[f"{group}_{side}"] = _listed(page, ranking_table.order(table, by, sign), scene)
            if group == "foreign":
                lists[f"double_{side}"] = _listed(page, ranking_table.order(table, "DOUBLE", sign), scene)
    if covered < panels.ENOUGH * len(foreign.stocks):
        page.gaps.append(
            Gap(
                what=f"net of {len(foreign.stocks) - covered:,} of {len(foreign.stocks):,} stocks",
                reason="MISSING_INPUT",
                how=doors.how(page.archive, "investor_day_stock"),
            )
        )
    return TopStocks(session=foreign.session, by=by, **lists, meta=meta)


def _listed(page: Page, ordered: pl.DataFrame, scene: ranking_scene.Scene) -> list[BriefStock]:
    found = []
    for row in ordered.head(page.top).iter_rows(named=True):
        one = ranking_table.shown(row, scene)
        meta = {name: about for name, about in one.meta.items() if name in BriefStock.model_fields}
        figures = {name: getattr(one, name) for name in BriefStock.model_fields if name != "meta"}
        if figures["net_volume"] is None:
            meta["net_volume"] = FieldMeta(reason="OUT_OF_SCOPE", note="the list is in won")
        found.append(BriefStock(**figures, meta=meta))
    return found


def sectors(page: Page) -> BriefSectors:
    """Sectors by what they got beyond their share of capitalisation on the session."""
    try:
        day = page.traded
        rows = sector_map.stored(page.archive)
        scheme = sector_map.choose(rows, day, None)
    except NoData as absent:
        page.lacks("sectors", absent)
        about = FieldMeta(reason=absent.code, note=absent.message)
        return BriefSectors(
            session=None, inflow=[], outflow=[], meta=dict.fromkeys(("session", "inflow", "outflow"), about)
        )
    map = sector_map.load(rows, scheme, panels.span(day, 1), sector_map.listed(page.archive, rows))
    found = sector_scene.history(page.archive, map, range(len(map.codes)))
    page.sources.update(found.sources)
    rotations = Rotations(found.sums, "ALL")
    abnormal, net = rotations.abnormal(1)[:, -1], rotations.net[:, -1]
    known = [int(at) for at in np.flatnonzero(np.isfinite(abnormal))]
    note = f"{scheme}; 외국인+기관 beyond its share of capitalisation, both markets: an attribution"
    about = FieldMeta(unit="won", window="1D", n=len(known), metric="flow.rotation_matrix", estimated=True, note=note)
    if not known:
        absent_of = "won of 90% of the capitalisation of a sector are not stored for the session"
        about = FieldMeta(reason="MISSING_INPUT", note=absent_of)
        how = f"{absent_of}; {doors.how(page.archive, 'investor_day_stock', 'daily_bars')}"
        page.gaps.append(Gap(what="sums of sectors", reason="MISSING_INPUT", how=how))
    lists: dict[str, list[BriefSector]] = {}
    for name, sign in (("inflow", 1), ("outflow", -1)):
        order = sorted((at for at in known if round(sign * abnormal[at]) > 0), key=lambda at: -sign * abnormal[at])
        lists[name] = [
            BriefSector(
                sector_code=map.codes[at],
                sector_name=map.names[at],
                net_amount=round(float(net[at])),
                abnormal_net=round(float(abnormal[at])),
            )
            for at in order[: page.top]
        ]
    return BriefSectors(session=day, **lists, meta=dict.fromkeys(lists, about))


def program(page: Page) -> BriefProgram:
    """Programme trading of the whole day."""
    draft = Draft({}, {})
    names = {"net_amount": "program", "arbitrage_net": "arbitrage", "non_arbitrage_net": "non_arbitrage"}
    try:
        found = program_figures.load(page.archive, page.scene.market, page.asked)
        if found.session > page.session:
            found = program_figures.load(page.archive, page.scene.market, page.session)
    except NoData as absent:
        page.lacks("programme trading 프로그램매매", absent)
        for name in ("session", *names):
            draft.put(name, None, reason=absent.code, note=absent.message)
        return BriefProgram(**draft.values, meta=draft.meta)
    page.aged("Programme trading is", found.session)
    page.sources.update(found.sources)
    if found.provisional:
        page.provisional.append("program")
    for name, kind in names.items():
        value = found.now[f"{kind}_net_amount"]
        note = None if value is not None else "the stored source does not publish it"
        until = None if found.complete else f"up to {found.moment:%H:%M}"
        draft.put(name, value, unit="won", window="1D", reason=note and "MISSING_INPUT", note=note or until)
    return BriefProgram(session=found.session, **draft.values, meta=draft.meta)


def shorts(page: Page) -> BriefShorts:
    """Short selling of the session, what the overheating rule catches, and the exchange's list of the next one."""
    markets, draft = page.scene.scopes, Draft({}, {})
    nothing: dict[str, float | None] = dict.fromkeys(markets)
    if overheating.banned(page.session):
        about = FieldMeta(reason="OUT_OF_SCOPE", note="all short selling was forbidden on the session (전면 금지)")
        meta = dict.fromkeys(("short_ratio", "overheated", "official"), about)
        return BriefShorts(session=page.session, ban=True, short_ratio=nothing, overheated=[], official=None, meta=meta)
    keys = short_panel.keys(page.archive, None, start=page.session, end=page.session)
    day = page.session
    if keys.is_empty():
        older = short_panel.newest(page.archive) if page.asked is None else keys
        older = older.filter(pl.col("session") <= page.session)
        last = older["session"].max()
        if not isinstance(last, date) or (page.session - last).days > _STALE:
            how = doors.hint(page.archive, "short_day")
            absent = NoData(f"No short sales (공매도) of {page.session} are stored.", code="NOT_COLLECTED", hint=how)
            page.lacks("short selling 공매도", absent)
            about = FieldMeta(reason="NOT_COLLECTED", note=absent.message)
            meta = dict.fromkeys(("session", "short_ratio", "overheated", "official"), about)
            return BriefShorts(session=None, ban=False, short_ratio=nothing, overheated=[], official=None, meta=meta)
        day = last
        page.aged("Short selling is", day)
    scene = short_market.load(page.archive, markets, day)
    block = short_market.block(scene, "RATIO", page.top)
    page.sources.update(scene.panel.sources)
    ratios = {total.market: total.short_ratio for total in block.totals}
    why = next((total.meta["short_ratio"] for total in block.totals if total.short_ratio is None), None)
    draft.meta["short_ratio"] = FieldMeta(
        unit="%", n=sum(total.stocks for total in block.totals), reason=why and why.reason, note=why and why.note
    )
    marked = [
        MarkedStock(
            code=one.code,
            name=one.name,
            type=one.type,
            short_ratio=one.short_ratio,
            meta={}
            if one.short_ratio is not None
            else {"short_ratio": FieldMeta(reason="MISSING_INPUT", note="no turnover of the session")},
        )
        for one in block.overheated[: page.top]
    ]
    unjudged = sum(block.unjudged.values())
    note = f"{short_market.BASIS}; {len(block.overheated)} of {block.judged:,} judged stocks, {unjudged:,} not judged"
    draft.meta["overheated"] = FieldMeta(metric="sht.overheat", estimated=True, n=block.judged, note=note)
    after = sessions.next(day)
    barred = scene.lists.barred(after, scene.panel.codes)
    known = len(barred) > 0 and not np.isnan(barred).all()
    official = [scene.panel.codes[int(at)] for at in np.flatnonzero(barred == 1)] if known else None
    lacking, said = (None, f"in force on {after}") if known else scene.lists.lacking(after)
    draft.put("official", official, reason=lacking, note=said)
    return BriefShorts(session=day, ban=False, short_ratio=ratios, overheated=marked, **draft.values, meta=draft.meta)


def mood(page: Page) -> BriefMood:
    """The market's score and regime, as `get_investor_sentiment` has them."""
    scene, draft = page.scene, Draft({}, {})
    smart = sentiment_smart.load(page.archive, scene.market, scene.session)
    whole = sentiment_blocks.overall(MarketMood(scene, sentiment_smart.LAST, smart.values), smart)
    regime = sentiment_regime.block(page.archive, scene.bench, scene.session)
    page.sources.update({*scene.sources, *smart.sources})
    draft.meta = dict(whole.meta) | {
        "regime": regime.meta["current"],
        "regime_confidence": regime.meta["confidence"],
    }
    return BriefMood(
        session=scene.session,
        score=whole.score,
        interpretation=whole.interpretation,
        change_from_yesterday=whole.change_from_yesterday,
        regime=regime.current,
        regime_confidence=regime.confidence,
        meta=draft.meta,
    )


def _whole(value: Any) -> int | None:
    return int(value) if np.isfinite(value) else None


def _number(value: Any, digits: int) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None
