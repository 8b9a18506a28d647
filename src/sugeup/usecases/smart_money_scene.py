"""Figures behind an answer about smart money, read once: flows, turnover and prices of a whole market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import investors
from sugeup.usecases import panels, sector_map, unusual
from sugeup.usecases.investor_blocks import Basis
from sugeup.usecases.panels import Flags, Floats, Panel, Universe

WEEK = 5
PAST = unusual.POOL
REACH = unusual.reach(WEEK, PAST + 1)
"""Sessions read: the z of five sessions on today and on the 60 sessions before it, each against its own past."""
KINDS = tuple(leaf for leaf in investors.members("institution") if leaf != "government")
"""The seven kinds of institutions."""
GROUPS = ("foreign", "institution")
JUMP = 0.02
"""A base price (기준가) further than this from the close before was adjusted for a change of shares."""
_BARS = ("amount", "raw_close", "base_price", "market_cap")


@dataclass(frozen=True, eq=False)
class Scene:
    """Panels (stocks, sessions) of every listed stock; `tested` says which of them the question is about.

    `basis`: won, or shares where no won of foreigners are stored on the session; None when neither are.
    """

    archive: Archive
    session: date
    market: str
    stocks: Universe
    codes: tuple[str, ...]
    tested: Flags
    basis: Basis | None
    flows: Panel
    bars: Panel
    memberships: pl.DataFrame | None
    warnings: list[str]

    @property
    def days(self) -> tuple[date, ...]:
        """Sessions of the panels."""
        return self.flows.days

    @property
    def window(self) -> tuple[date, ...]:
        """The five sessions of the detectors."""
        return self.days[-WEEK:]

    @property
    def measure(self) -> str:
        """What figures are in: amount (won) or volume (shares)."""
        return "volume" if self.basis == "VOLUME" else "amount"

    @cached_property
    def place(self) -> dict[str, int]:
        """Code -> row of the panels."""
        return {code: at for at, code in enumerate(self.codes)}

    def net(self, investor: str) -> Floats:
        """Daily net purchases of foreigners or institutions."""
        return self.flows[investors.column(investor, "net", self.measure)]

    @cached_property
    def turnover(self) -> Floats:
        """Daily one-sided turnover in the unit of `net`."""
        return self.bars[self.measure]

    @cached_property
    def returns(self) -> Floats:
        """Close over base price (기준가) less 1; 0 on a halted session, NaN where one of them is missing."""
        with np.errstate(invalid="ignore", divide="ignore"):
            move = self.bars["raw_close"] / self.bars["base_price"] - 1
        return np.where(self.turnover == 0, 0.0, move)

    @cached_property
    def torn(self) -> Flags:
        """Sessions from which on shares may be counted on another scale: the base price is not the close before."""
        found = np.zeros(self.bars["raw_close"].shape, bool)
        with np.errstate(invalid="ignore", divide="ignore"):
            moved = np.abs(self.bars["base_price"][:, 1:] / self.bars["raw_close"][:, :-1] - 1)
        found[:, 1:] = moved > JUMP
        return found

    def weekly(self, net: Floats) -> Floats:
        """Σnet ÷ Σturnover of five sessions at every session, stocks under test alone; NaN where one is missing.

        On shares a window that holds a change of the share count is left out: its sessions are on two scales.
        """
        ratio = unusual.ratios(net[self.tested], self.turnover[self.tested], WEEK)
        if self.basis == "VOLUME":
            inside = np.zeros(ratio.shape, bool)
            torn = self.torn[self.tested]
            for back in range(WEEK - 1):
                inside[:, back:] |= torn[:, : torn.shape[1] - back]
            ratio[inside] = np.nan
        return ratio

    def buying_days(self, net: Floats) -> Floats:
        """Net-buy days of the last five sessions of the stocks under test; NaN where one is missing."""
        week = net[self.tested][:, -WEEK:]
        counted: Floats = np.where(np.isnan(week).any(axis=1), np.nan, (week > 0).sum(axis=1).astype(np.float64))
        return counted


def load(archive: Archive, market: str, session: date | None) -> Scene:
    """Read what the detectors and the market's index need. Raises NoData as `panels.latest` does."""
    last, warnings = panels.latest(archive, "investor_day_stock", market, session)
    seen: Sequence[str] = ()
    if archive.read("instruments", columns=[]).is_empty():
        seen = archive.read("investor_day_stock", columns=[], start=last, end=last)["code"].to_list()
    stocks = panels.universe(archive, last, market, seen=seen)
    memberships = _memberships(archive)
    codes = set(stocks.codes)
    if memberships is not None:  # sums of sectors need every stock, also those no longer listed
        codes |= set(memberships["code"].to_list())
        if market != "ALL":
            codes |= set(panels.universe(archive, last, "ALL", seen=seen).codes)
    ordered = tuple(sorted(codes))
    days = panels.span(last, REACH)
    flows = panels.panel(archive, "investor_day_stock", _columns("amount"), ordered, days)
    basis: Basis | None = "AMOUNT" if np.isfinite(flows.newest("foreign_net_amount")).any() else None
    if basis is None:
        shares = panels.panel(archive, "investor_day_stock", _columns("volume"), ordered, days)
        if np.isfinite(shares.newest("foreign_net_volume")).any():
            basis, flows = "VOLUME", replace(shares, figures={**flows.figures, **shares.figures})
    columns = (*_BARS, "volume") if basis == "VOLUME" else _BARS
    bars = panels.panel(archive, "daily_bars", columns, ordered, days)
    if np.isnan(bars["base_price"][bars.stored]).any():
        priced = panels.prices(archive, ordered, days)
        sources = tuple(sorted({*bars.sources, *priced.sources}))
        bars = replace(bars, figures={**bars.figures, **priced.figures}, sources=sources)
    tested = np.isin(np.array(ordered), np.array(stocks.codes))
    return Scene(archive, last, market, stocks, ordered, tested, basis, flows, bars, memberships, warnings)


def _columns(measure: str) -> tuple[str, ...]:
    return tuple(investors.column(group, "net", measure) for group in GROUPS)


def _memberships(archive: Archive) -> pl.DataFrame | None:
    try:
        return sector_map.stored(archive)
    except NoData:
        return None
