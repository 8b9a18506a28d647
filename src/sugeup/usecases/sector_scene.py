"""Figures behind an answer about sectors, read once: panels of member stocks, sums, indices, official totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.metrics import sector
from sugeup.metrics.outcome import Outcome
from sugeup.usecases import panels, sector_map, sector_sums
from sugeup.usecases.panels import Flags, Floats, Panel
from sugeup.usecases.sector_map import SectorMap
from sugeup.usecases.sector_sums import STRENGTHS, Rotations, SectorSums

GROUPS = ("foreign", "institution")
SIDES = ("buy", "sell", "net")
SERIES = 100
"""Sessions behind momentum, consistency and correlation of a sector."""
_PRICED = 61
_TOTALS = tuple(f"{group}_net_amount" for group in GROUPS)
_PERIOD = tuple(f"{group}_{side}_amount" for group in GROUPS for side in SIDES)


@dataclass(frozen=True, eq=False)
class Scene:
    """One scheme up to a session; `figures`: the members' buys, sells and nets over the period; `flows`: all nets."""

    session: date
    period: int
    map: SectorMap
    names: Mapping[str, str | None]
    markets: Mapping[str, str | None]
    sums: SectorSums
    rotations: Rotations
    figures: Panel
    flows: Panel
    bars: Panel
    returns: Floats
    levels: Panel
    warnings: list[str]

    @property
    def days(self) -> tuple[date, ...]:
        """Sessions of the period."""
        return self.map.days[-self.period :]

    @property
    def investor(self) -> str:
        """FOREIGN, INSTITUTION or ALL."""
        return self.rotations.investor

    @cached_property
    def member(self) -> Flags:
        """(sectors, stocks): members on a session of the period."""
        cut = self.map.member[:, -self.period :]
        return np.array([(cut == at).any(axis=1) for at in range(len(self.map.codes))])

    @cached_property
    def absent(self) -> Flags:
        """Stocks with a traded session of the period that has no net of one of the two groups."""
        idle = self.bars["amount"][:, -self.period :] == 0
        nets = [self.figures[f"{group}_net_amount"] for group in GROUPS]
        missing: Flags = np.any([np.isnan(net) & ~idle for net in nets], axis=0).any(axis=1)
        return missing

    @cached_property
    def coverage(self) -> Floats:
        """Share of each sector's capitalisation whose figures of the period are complete; NaN without any size."""
        cap = sector_sums.carried(self.bars["market_cap"])[:, -1]
        sized, known = np.nan_to_num(cap), np.isfinite(cap)
        member = self.member.astype(np.float64)
        whole, count = member @ sized, member.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = member @ np.where(self.absent, 0.0, sized) / whole * (member @ known / count)
        return found

    def rows(self, at: int, group: str) -> list[dict[str, int | str | None]]:
        """{"code", "buy", "sell", "net"} in won of the members of a sector, each summed while it was a member."""
        chosen = np.flatnonzero(self.member[at] & ~self.absent)
        inside = self.map.member[chosen, -self.period :] == at
        idle = self.bars["amount"][chosen, -self.period :] == 0
        columns: dict[str, list[int | None]] = {}
        for side in SIDES:
            daily = self.figures[f"{group}_{side}_amount"][chosen]
            total = np.where(~inside | (idle & np.isnan(daily)), 0.0, daily).sum(axis=1)
            columns[side] = [None if np.isnan(won) else int(won) for won in total]
        return [
            {"code": self.map.stocks[int(stock)]} | {side: columns[side][place] for side in SIDES}
            for place, stock in enumerate(chosen)
        ]

    @cached_property
    def benches(self) -> tuple[str | None, ...]:
        """The market index that each sector is held against: of the market where most of its capitalisation lies."""
        cap = np.nan_to_num(sector_sums.carried(self.bars["market_cap"])[:, -1])
        listed = np.array([self.markets.get(code) or "" for code in self.map.stocks])
        found: list[str | None] = []
        for at in range(len(self.map.codes)):
            sizes = {one: float(cap[self.member[at] & (listed == one)].sum()) for one in panels.MARKETS}
            counts = {one: int((self.member[at] & (listed == one)).sum()) for one in panels.MARKETS}
            best = max(panels.MARKETS, key=lambda one: (sizes[one], counts[one]))
            found.append(best if counts[best] else None)
        return tuple(found)

    def market(self, at: int) -> str | None:
        """The one market that all members of a sector are listed on, else null."""
        listed = {self.markets.get(self.map.stocks[int(stock)]) for stock in np.flatnonzero(self.member[at])}
        return listed.pop() if len(listed) == 1 else None

    def index(self, code: str) -> Floats:
        """Closing levels of an index, (sessions,)."""
        found: Floats = self.levels["close"][self.levels.codes.index(code)]
        return found

    @cached_property
    def market_returns(self) -> Floats:
        """Daily return of each sector's market index, (sectors, sessions)."""
        found = np.full((len(self.map.codes), len(self.map.days)), np.nan)
        for at, bench in enumerate(self.benches):
            if bench is not None:
                level = self.index(bench)
                with np.errstate(invalid="ignore", divide="ignore"):
                    found[at, 1:] = level[1:] / level[:-1] - 1
        return found

    @cached_property
    def strengths(self) -> Outcome:
        """`sec.relative_strength` of every sector whose index is stored, on the last session."""
        level = np.array([self.index(code) for code in self.map.codes])
        nothing = np.full(len(self.map.days), np.nan)
        bench = np.array([nothing if one is None else self.index(one) for one in self.benches])
        return sector.relative_strength(level, bench, last=1)


def load(
    archive: Archive, investor: str, period: int, scheme: str | None, asked: str | None, session: date | None
) -> Scene:
    """Read what an answer about sectors needs, once each; `asked` is the sector in question, if there is one."""
    last, warnings = panels.latest(archive, "investor_day_stock", "ALL", session)
    memberships = sector_map.stored(archive)
    # Before the map begins no stock has a sector; what does not need one is answered all the same.
    chosen = sector_map.choose(memberships, max(last, sector_map.begun(memberships, scheme)), scheme, asked)
    return read(archive, investor, period, last, chosen, memberships, sector_map.listed(archive, memberships), warnings)


def known(archive: Archive, session: date) -> Scene:
    """What the evening of a session knew: the map, names and markets of that day and no later ones; both investors.

    Raises NoData as `panels.latest` and `sector_map.choose` do, where no map was known yet too.
    """
    period = sector_sums.WEEK
    last, warnings = panels.latest(archive, "investor_day_stock", "ALL", session)
    chosen, begun = map_on(archive, last)
    return read(archive, "ALL", period, last, chosen, begun, sector_map.listed(archive, begun, last), warnings)


def map_on(archive: Archive, session: date) -> tuple[str, pl.DataFrame]:
    """The scheme that was to be taken on a session, and the rows of every scheme that had begun by then."""
    memberships = sector_map.stored(archive)
    begun = memberships.filter(pl.col("valid_from") <= session)
    return sector_map.choose(memberships if begun.is_empty() else begun, session, None), begun


def read(
    archive: Archive,
    investor: str,
    period: int,
    last: date,
    chosen: str,
    memberships: pl.DataFrame,
    stocks: pl.DataFrame,
    warnings: list[str],
) -> Scene:
    """Read what one scheme needs up to a session. memberships, stocks: rows of `sector_map.stored` and `listed`."""
    # Nothing is known of sectors before the map begins, so nothing of it is read.
    first = sector_map.since(memberships, chosen)
    dates = panels.span(last, STRENGTHS + 2 * period)
    dates = panels.span(last, max(period, sum(day >= first for day in dates)))
    sectors = sector_map.load(memberships, chosen, dates, stocks)
    flows = panels.panel(archive, "investor_day_stock", _TOTALS, sectors.stocks, dates)
    bars = panels.panel(archive, "daily_bars", ("amount", "market_cap"), sectors.stocks, dates)
    figures = panels.panel(archive, "investor_day_stock", _PERIOD, sectors.stocks, dates[-period:])
    priced = panels.prices(archive, sectors.stocks, dates[-max(_PRICED, period + 1) :])
    indices = [*dict.fromkeys((*sectors.codes, *panels.MARKETS))]
    levels = panels.panel(archive, "index_day", ("close",), indices, dates, key="index_code")
    sums = sector_sums.sum_up(sectors, flows, bars)
    sized = sector_sums.carried(bars["market_cap"])[:, -len(priced.days) :]
    halted = bars["amount"][:, -len(priced.days) :] == 0
    moves = np.full((len(sectors.codes), len(dates)), np.nan)
    moves[:, -len(priced.days) :] = sector_sums.returns(sectors, priced, sized, halted)
    return Scene(
        last,
        period,
        sectors,
        dict(stocks.select("code", "name").iter_rows()),
        dict(stocks.select("code", "market").iter_rows()),
        sums,
        Rotations(sums, investor),
        figures,
        flows,
        bars,
        moves,
        levels,
        warnings,
    )


@dataclass(frozen=True, eq=False)
class History:
    """Daily sums of some sectors, with the sources of the rows and whether some are 잠정."""

    sums: SectorSums
    sources: tuple[str, ...]
    provisional: bool


def history(archive: Archive, sectors: SectorMap, places: Sequence[int]) -> History:
    """Daily sums of some sectors on the sessions of the map, from the rows of their members alone."""
    chosen = np.flatnonzero(np.isin(sectors.member, list(places)).any(axis=1))
    members = replace(sectors, stocks=tuple(sectors.stocks[int(at)] for at in chosen), member=sectors.member[chosen])
    flows = panels.panel(archive, "investor_day_stock", _TOTALS, members.stocks, members.days)
    bars = panels.panel(archive, "daily_bars", ("amount", "market_cap"), members.stocks, members.days)
    sums = sector_sums.sum_up(members, flows, bars)
    return History(sums, tuple(sorted({*flows.sources, *bars.sources})), bool(flows.provisional.any()))


def totals(archive: Archive, days: tuple[date, ...]) -> dict[str, int | None]:
    """Official net won of KOSPI + KOSDAQ over the sessions by group; null where a session or a market is missing."""
    rows = archive.read(
        "investor_day_market", columns=(*_TOTALS, "products"), scopes=panels.MARKETS, start=days[0], end=days[-1]
    ).filter((pl.col("venue") == "KRX") & (pl.col("products") == "STOCK"))
    complete = rows.height == len(days) * len(panels.MARKETS)
    return {
        group: int(rows[f"{group}_net_amount"].sum())
        if complete and not rows[f"{group}_net_amount"].null_count()
        else None
        for group in GROUPS
    }
