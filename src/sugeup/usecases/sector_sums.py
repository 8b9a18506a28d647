"""업종 합계: figures of member stocks summed to sectors, session by session; null where too much is missing.

A halted stock has no trade: it adds nothing and is not missing. Coverage is the share of a sector's capitalisation
whose flow is stored; below `COVERED` the sums of that session are null (metrics.md 3.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sugeup.metrics import rotation, statistics
from sugeup.metrics.outcome import Outcome
from sugeup.usecases import unusual
from sugeup.usecases.panels import Flags, Floats, Panel
from sugeup.usecases.sector_map import SectorMap

COVERED = 0.9
"""Least share of a sector's capitalisation behind a sum."""
WEEK, MONTH = 5, 20
PATH = 60
"""Sessions over which the rotation signal runs with its hysteresis before it is told."""
STRENGTHS = 250
"""Past windows that the strength of rotation is ranked among."""
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SectorSums:
    """Sectors by sessions: `foreign` and `institution` net won, `turnover`, `cap`; NaN where not covered."""

    map: SectorMap
    foreign: Floats
    institution: Floats
    turnover: Floats
    cap: Floats
    coverage: Floats

    def flow(self, investor: str) -> Floats:
        """Net won of foreigners, of institutions, or of both (ALL)."""
        if investor == "ALL":
            return self.foreign + self.institution
        return self.foreign if investor == "FOREIGN" else self.institution


@dataclass(frozen=True, eq=False)
class Rotations:
    """Abnormal flow of the sectors: what each got beyond its share of capitalisation, per window and session."""

    sums: SectorSums
    investor: str

    @cached_property
    def net(self) -> Floats:
        """Net won of the investor by sector and session."""
        return self.sums.flow(self.investor)

    def windows(self, window: int) -> tuple[Floats, Floats, Floats]:
        """Net, turnover and weight of each sector over windows that end on each session; NaN where not covered.

        The weights of the covered sectors of a session add to 1.
        """
        net, turnover = unusual.sums(self.net, window), unusual.sums(self.sums.turnover, window)
        cap = self.sums.cap
        absent = np.isnan(net) | np.isnan(turnover) | ~(cap > 0)
        net, turnover, cap = (np.where(absent, np.nan, part) for part in (net, turnover, cap))
        with np.errstate(invalid="ignore", divide="ignore"):
            return net, turnover, cap / np.nansum(cap, axis=0)

    def abnormal(self, window: int) -> Floats:
        """d = net - weight x net of all covered sectors, as `flow.rotation_matrix` has it, on every session."""
        net, _, weight = self.windows(window)
        found: Floats = net - weight * np.nansum(net, axis=0)
        return found

    def z(self, window: int, last: int) -> Outcome:
        """Robust z of d ÷ turnover of windows, on each of the last sessions."""
        _, turnover, _ = self.windows(window)
        needed = unusual.reach(window, last)
        x = self.abnormal(window) / np.where(turnover > 0, turnover, np.nan)
        return unusual.zs(x[:, -needed:], window, last)

    @cached_property
    def tested(self) -> tuple[Floats, Floats]:
        """z of five sessions on the last `PATH` sessions or fewer, and its p among the z of all sectors before."""
        z = self.z(WEEK, PATH + unusual.POOL).value
        p = unusual.pooled_p(z, PATH)
        return z[:, -p.shape[1] :], p

    @cached_property
    def signals(self) -> tuple[Outcome, Floats, Floats]:
        """`sec.rotation_signal` on the last session, with z of five sessions and p adjusted over the sectors."""
        path, p = self.tested
        adjusted = statistics.bh_adjust(p.T).value.T
        return rotation.rotation_signal(path, adjusted), path[:, -1], adjusted[:, -1]

    def strength(self, window: int) -> tuple[Floats, Outcome]:
        """`flow.rotation_strength` of windows on every session (%), and its percentile among earlier ones."""
        net, turnover, weight = self.windows(window)
        usable = np.isfinite(net).sum(axis=0) >= 2
        found: Floats = np.full(net.shape[1], np.nan)
        if usable.any():
            parts = [np.nan_to_num(part[:, usable]) for part in (net, weight, turnover)]
            named = [dict(zip(self.sums.map.codes, part, strict=True)) for part in parts]
            found[usable] = rotation.rotation_strength(*named).value
        past = found[: max(0, len(found) - window)][-STRENGTHS:]
        return found, statistics.percentile_rank(found[-1], past, min_n=60)


def sum_up(map: SectorMap, flows: Panel, bars: Panel, rows: Places | None = None) -> SectorSums:
    """Sums of the members of each sector on each session; `rows`: row of each stock of the map, None: in its order."""
    from sugeup.metrics.kernels import members as kernels

    figures = (flows["foreign_net_amount"], flows["institution_net_amount"], bars["amount"], bars["market_cap"])
    found = kernels.both(map.member, _rows(map, rows), *figures, len(map.codes))
    whole = found[kernels.WHOLE]
    with np.errstate(invalid="ignore", divide="ignore"):
        coverage = found[kernels.COVERED] / whole * found[kernels.SIZED] / found[kernels.MEMBERS]
    dark = ~(coverage >= COVERED)
    foreign, institution, turnover = np.where(dark, np.nan, found[kernels.FOREIGN : kernels.TURNOVER + 1])
    return SectorSums(map, foreign, institution, turnover, np.where(whole > 0, whole, np.nan), coverage)


def of_class(sums: SectorSums, net: Floats, bars: Panel, rows: Places | None = None) -> tuple[Floats, Floats]:
    """Net of one class of investors by sector and session, NaN where not covered; and the share of members it bought.

    net, bars: panels of stocks, as for `sum_up`. The share is NaN where no member has a net.
    """
    from sugeup.metrics.kernels import members as kernels

    map = sums.map
    given = (net, bars["amount"], bars["market_cap"])
    found = kernels.one(map.member, _rows(map, rows), *given, len(map.codes))
    dark = ~(sums.coverage >= COVERED) | ~(found[kernels.LOST] <= (1 - COVERED) * np.nan_to_num(sums.cap))
    known = found[kernels.KNOWN]
    with np.errstate(invalid="ignore", divide="ignore"):
        bought = np.where(known > 0, found[kernels.BOUGHT] / known, np.nan)
    return np.where(dark, np.nan, found[kernels.TOTAL]), bought


def places(map: SectorMap, codes: Sequence[str]) -> Places:
    """Row of each stock of the map in panels of these codes."""
    place = {code: at for at, code in enumerate(codes)}
    return np.array([place[code] for code in map.stocks], np.int64)


def _rows(map: SectorMap, rows: Places | None) -> Places:
    return np.arange(len(map.stocks)) if rows is None else rows


def carried(figures: Floats) -> Floats:
    """Each missing figure as the newest one stored before it; a size (시가총액) outlives a missing row."""
    place = np.where(np.isfinite(figures), np.arange(figures.shape[1]), 0)
    np.maximum.accumulate(place, axis=1, out=place)
    return np.take_along_axis(figures, place, axis=1)


def returns(map: SectorMap, bars: Panel, cap: Floats, halted: Flags) -> Floats:
    """Returns of the sectors by session: of the members' close over base price, weighted by yesterday's sizes.

    cap, halted: (stocks, sessions), on the same sessions as the bars. A member without return (halted, first session)
    or without a size yesterday does not count; NaN on the first session and where no member counts.
    """
    sessions = len(bars.days)
    member = map.member[:, -sessions:]
    with np.errstate(invalid="ignore", divide="ignore"):
        move = bars["raw_close"] / bars["base_price"] - 1
    move = np.where(halted, np.nan, move)
    weight = np.full(cap.shape, np.nan)
    weight[:, 1:] = cap[:, :-1]
    counted = (member >= 0) & np.isfinite(move) & (weight > 0)
    at = (member * sessions + np.arange(sessions))[counted]
    size = len(map.codes) * sessions
    moved = np.bincount(at, weights=(weight * move)[counted], minlength=size)
    whole = np.bincount(at, weights=weight[counted], minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(whole > 0, moved / whole, np.nan).reshape(len(map.codes), sessions)
    return found
