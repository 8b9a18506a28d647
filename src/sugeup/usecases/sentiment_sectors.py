"""What sentiment needs of single stocks: share of stocks bought by each class, and the same readings inside sectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import investors
from sugeup.metrics import sentiment_labels, statistics
from sugeup.usecases import panels, sector_map, sector_sums, securities, sentiment_scores, unusual
from sugeup.usecases.panels import Floats, Panel
from sugeup.usecases.sector_map import SectorMap
from sugeup.usecases.sector_sums import COVERED, WEEK, Places, Rotations, SectorSums
from sugeup.usecases.sentiment_scene import GROUPS, MONTH
from sugeup.usecases.sentiment_scores import TypeMoods, ranks

Q = 0.10
FAVORITES = 3
CYCLICAL = frozenset(
    [
        "전기·전자", "전기전자", "반도체", "화학", "금속", "철강·금속", "철강금속", "기계·장비", "기계",
        "운송장비·부품", "운수장비", "자동차", "조선", "건설", "건설업", "증권", "운송·창고", "운수창고업",
        "에너지", "소재", "산업재", "경기관련소비재",
    ]
)  # fmt: skip
"""경기민감: sectors whose profits swing with the economy, by the names that the schemes give them."""
DEFENSIVE = frozenset(
    [
        "음식료·담배", "음식료품", "필수소비재", "제약", "의약품", "건강관리", "통신", "통신업", "통신서비스",
        "커뮤니케이션서비스", "전기·가스", "전기가스업", "유틸리티", "보험",
    ]
)  # fmt: skip
"""경기방어: sectors whose profits swing little."""


@dataclass(frozen=True, eq=False)
class Stocks:
    """Panels of net won of every stock of both markets; `listed` marks those of the market asked for.

    `map` and the sums by sector are None where no sector is stored for the session; `why` says so.
    """

    flows: Panel
    bars: Panel
    listed: np.ndarray
    map: SectorMap | None
    why: str | None

    @cached_property
    def breadth(self) -> tuple[dict[str, Floats] | None, str | None]:
        """Share of stocks that each class bought on balance, by session, or why it cannot be told of the last one.

        NaN on a session of which fewer stocks than `panels.ENOUGH` of the fullest are stored.
        """
        found = {}
        for group in GROUPS:
            net = self.flows[investors.column(group, "net", "amount")]
            count = (np.isfinite(net) & self.listed[:, None]).sum(axis=0)
            bought = ((net > 0) & self.listed[:, None]).sum(axis=0)
            enough = count >= max(1.0, panels.ENOUGH * count.max(initial=0), panels.ENOUGH * self.listed_now)
            with np.errstate(invalid="ignore", divide="ignore"):
                found[group] = np.where(enough, bought / count, np.nan)
        if not any(np.isfinite(share[-1]) for share in found.values()):
            return None, "won of most stocks by investor are not stored for the session"
        return found, None

    @property
    def listed_now(self) -> int:
        """Stocks that had a row of any kind on the last session."""
        return int(self.bars.stored[self.listed][:, -1].sum())

    @cached_property
    def sums(self) -> SectorSums | None:
        """Foreigners' and institutions' sums by sector."""
        return None if self.map is None else sector_sums.sum_up(self.map, self.flows, self.bars, self._rows)

    @cached_property
    def individuals(self) -> Floats:
        """Individuals' net by sector and session; NaN where not covered."""
        return self._of_classes["individual"][0]

    @cached_property
    def _of_classes(self) -> dict[str, tuple[Floats, Floats]]:
        """Net of each class by sector and session, and the share of members that it bought."""
        assert self.sums is not None
        nets = {group: self.flows[investors.column(group, "net", "amount")] for group in GROUPS}
        return {group: sector_sums.of_class(self.sums, net, self.bars, self._rows) for group, net in nets.items()}

    @cached_property
    def _rows(self) -> Places:
        assert self.map is not None
        return sector_sums.places(self.map, self.flows.codes)

    def net(self, group: str) -> Floats:
        """Net of a class by sector and session."""
        assert self.sums is not None
        return self.individuals if group == "individual" else self.sums.flow(group.upper())

    def shares(self, group: str) -> Floats:
        """Share of the members of each sector that a class bought on balance, (sectors, sessions)."""
        return np.where(np.isfinite(self.net(group)), self._of_classes[group][1], np.nan)

    def moods(self, window: int) -> dict[str, TypeMoods]:
        """Type scores inside every sector."""
        assert self.sums is not None
        return {
            group: sentiment_scores.daily(self.net(group), self.sums.turnover, self.shares(group), window, 1)
            for group in GROUPS
        }

    def positioning(self) -> tuple[dict[str, Any], float | None, str | None]:
        """Institutions' flow into cyclical less defensive sectors over 20 sessions: label, z, why null."""
        if self.sums is None:
            return {"value": None, "reason": "MISSING_INPUT"}, None, self.why
        names, sizes = self.sums.map.names, self.sums.map.sizes
        sides = [
            [at for at, name in enumerate(names) if name in chosen and sizes[at]] for chosen in (CYCLICAL, DEFENSIVE)
        ]
        if not all(sides):
            return (
                {"value": None, "reason": "MISSING_INPUT"},
                None,
                "no sector of the scheme is on the configured lists",
            )
        ratios = [
            unusual.ratios(
                self.sums.institution[rows].sum(axis=0)[None], self.sums.turnover[rows].sum(axis=0)[None], MONTH
            )
            for rows in sides
        ]
        z = unusual.zs(ratios[0] - ratios[1], MONTH).at(0, -1)
        cell = sentiment_labels.positioning(np.nan if z["value"] is None else z["value"]).at()
        note = "too few sessions with figures of 90% of the capitalisation of these sectors"
        return (cell, z["value"], None) if z["value"] is not None else (cell | {"reason": z["reason"]}, None, note)

    def favorites(self, window: int) -> list[str] | None:
        """Sectors with positive net of individuals and the highest percentile of net to turnover; None: unknown."""
        assert self.sums is not None
        net = unusual.sums(self.individuals, window)[:, -1]
        percent = ranks(unusual.ratios(self.individuals, self.sums.turnover, window), window, 1)[:, -1]
        if not np.isfinite(percent).any():
            return None
        there = [int(at) for at in np.flatnonzero((net > 0) & np.isfinite(percent))]
        codes = self.sums.map.codes
        best = sorted(there, key=lambda at: (-percent[at], codes[at]))
        return list(dict.fromkeys(self.sums.map.names[at] for at in best))[:FAVORITES]

    def signals(self) -> tuple[list[dict[str, Any]], int, str | None]:
        """Sectors whose abnormal flow of a week passes the family's test, how many were tested, why none could be."""
        if self.sums is None:
            return [], 0, self.why
        groups = ("foreign", "institution")
        rotations = [Rotations(self.sums, group.upper()) for group in groups]
        z = np.vstack([one.z(WEEK, unusual.POOL + 1).value for one in rotations])
        p = statistics.bh_adjust(unusual.pooled_p(z)[:, -1]).value
        tested = int(np.isfinite(p).sum())
        if not tested:
            return [], 0, "fewer than 1,000 z of sectors are known in the 60 sessions before"
        abnormal = np.concatenate([one.abnormal(WEEK)[:, -1] for one in rotations])
        sectors = len(self.sums.map.codes)
        order = sorted(np.flatnonzero(p <= Q), key=lambda at: (p[at], -abs(z[at, -1])))
        found = [
            {
                "investor": groups[int(at) // sectors],
                "sector": self.sums.map.names[int(at) % sectors],
                "z": float(z[at, -1]),
                "p_adj": float(p[at]),
                "won": round(float(abnormal[at])),
            }
            for at in order
        ]
        return found, tested, None


def load(archive: Archive, market: str, days: tuple[date, ...]) -> Stocks:
    """Read the panels of all stocks over the sessions of the scene."""
    session = days[-1]
    stored = archive.read("instruments", columns=("market", "kind"))
    newest = securities.newest(stored, ("code",))
    stocks = newest.filter(newest["kind"].fill_null("STOCK") == "STOCK")
    places = dict(stocks.select("code", "market").iter_rows())
    if not places:
        seen = archive.read("investor_day_stock", columns=[], start=session, end=session)["code"].to_list()
        places = dict.fromkeys(seen, market)
    map, why = None, None
    try:
        rows = sector_map.stored(archive)
        listed = sector_map.listed(archive, rows)
        map = sector_map.load(rows, sector_map.choose(rows, session, None), days, listed)
    except NoData as absent:
        why = absent.message
    codes = tuple(sorted({*places, *(map.stocks if map is not None else ())}))
    columns = [investors.column(group, "net", "amount") for group in GROUPS]
    flows = panels.panel(archive, "investor_day_stock", columns, codes, days)
    bars = panels.panel(archive, "daily_bars", ("amount", "market_cap"), codes, days)
    wanted = panels.MARKETS if market == "ALL" else (market,)
    mark = np.array([places.get(code) in wanted or (not stocks.height) for code in codes], dtype=bool)
    return Stocks(flows, bars, mark, map, why)


def affected(stocks: Stocks | None, levels: Mapping[str, Floats]) -> list[str]:
    """Two sectors with the largest size of z of their 20-session index return; none without sectors or indices."""
    if stocks is None or stocks.map is None or not levels:
        return []
    codes = [code for code in stocks.map.codes if code in levels]
    if not codes:
        return []
    close = np.array([levels[code] for code in codes])
    move = np.full(close.shape, np.nan)
    move[:, MONTH:] = close[:, MONTH:] / close[:, :-MONTH] - 1
    z = np.abs(unusual.zs(move, MONTH).value[:, -1])
    names = dict(zip(stocks.map.codes, stocks.map.names, strict=True))
    order = sorted(np.flatnonzero(np.isfinite(z)), key=lambda at: -z[at])
    return [names[codes[int(at)]] for at in order[:2]]


def covered(stocks: Stocks, at: int) -> str | None:
    """Why a sector has no scores on the last session, None when its sums are there."""
    assert stocks.sums is not None
    coverage = stocks.sums.coverage[at, -1]
    if coverage >= COVERED:
        return None
    share = 0.0 if np.isnan(coverage) else coverage
    return f"figures of {share:.0%} of its capitalisation are stored, {COVERED:.0%} are needed"
