"""Figures behind a ranking by investor flow: of every listed stock, sums of the period, z, streak and 쌍끌이 label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.market import investors
from sugeup.metrics import alerts, ownership
from sugeup.metrics.outcome import Outcome
from sugeup.usecases import panels, unusual
from sugeup.usecases.investor_blocks import Basis
from sugeup.usecases.panels import Flags, Floats, Panel, Universe

WEEK = 5
LOOKBACK = unusual.reach(WEEK) + 1
"""Sessions read: the z of five sessions against its past, which holds the longest period and its streaks too."""
JUMP = 0.02
"""A base price (기준가) further than this from the close before was adjusted for a change of shares."""
_TODAY = ("raw_close", "market_cap", "amount", "volume")


@dataclass(frozen=True, eq=False)
class Scene:
    """Panels of one market on the sessions up to the one answered for; rows are stocks.

    `basis`: won, or shares where no won of the investor are stored on the session; None when neither are.
    `factor` brings shares to the scale of the last session; stocks with an `unknown_change` of shares have none.
    `ret` is the return of the last session.
    """

    session: date
    period: int
    stocks: Universe
    investor: str
    basis: Basis | None
    flows: Panel
    bars: Panel
    today: Panel
    factor: Floats
    unknown_change: Flags
    ret: Floats
    warnings: Sequence[str]

    @property
    def days(self) -> tuple[date, ...]:
        """Sessions of the period."""
        return self.flows.days[-self.period :]

    @property
    def measure(self) -> str:
        """What figures are in: amount (won) or volume (shares)."""
        return "volume" if self.basis == "VOLUME" else "amount"

    def net(self, investor: str) -> Floats:
        """Daily net purchases (stocks, sessions) in won, or in shares of the newest scale."""
        daily = self.flows[investors.column(investor, "net", self.measure)]
        return daily * self.factor if self.basis == "VOLUME" else daily

    @cached_property
    def turnover(self) -> Floats:
        """Daily one-sided turnover in the unit of `net`."""
        return self.bars["volume"] * self.factor if self.basis == "VOLUME" else self.bars["amount"]

    @cached_property
    def halted(self) -> Flags:
        """Sessions without any trade."""
        idle: Flags = (self.bars["amount"] == 0) | (self.bars["volume"] == 0)
        return idle

    @cached_property
    def total(self) -> Floats:
        """Net of the period, one per stock; NaN for a reason of `why_net`."""
        return np.where([why is not None for why in self.why_net], np.nan, self._summed(self.net(self.investor)))

    @cached_property
    def turned_over(self) -> Floats:
        """Turnover of the period, one per stock; NaN where a session has none stored."""
        return self._summed(self.turnover)

    @cached_property
    def why_net(self) -> list[str | None]:
        """Why the net of the period is null: there are no partial sums, and a halted session counts as no trade."""
        cut, idle = self.net(self.investor)[:, -self.period :], self.halted[:, -self.period :]
        missing = (np.isnan(cut) & ~idle).any(axis=1)
        rules = (
            (self.recent, "NEW_LISTING"),
            (idle.all(axis=1), "HALTED"),
            (missing, "MISSING_INPUT"),
            (self.unknown_change, "CORPORATE_ACTION_GAP"),
        )
        why: list[str | None] = [None] * len(self.stocks)
        for rule, word in reversed(rules):
            for at in np.flatnonzero(rule):
                why[int(at)] = word
        return why

    @cached_property
    def recent(self) -> Flags:
        """Stocks that were listed after the period began: they have no figure for all of it."""
        first = self.days[0]
        return np.array([day is not None and day > first for day in self.stocks.listed_on], dtype=bool)

    @cache  # noqa: B019 - a scene lives as long as its answer
    def z(self, investor: str) -> Outcome:
        """Robust z of Σnet ÷ Σturnover of the last five sessions, one per stock."""
        return unusual.zs(unusual.ratios(self.net(investor), self.turnover, WEEK), WEEK)

    @cached_property
    def focus(self) -> tuple[Outcome, Outcome, Outcome]:
        """외국인·기관 집중 매매: the label of `alr.focus`, and the z of foreigners and of institutions."""
        foreign, institution = self.z("foreign"), self.z("institution")
        days = (self._buying_days("foreign"), self._buying_days("institution"))
        return alerts.focus(foreign.value[:, -1], institution.value[:, -1], *days), foreign, institution

    @cached_property
    def streaks(self) -> Outcome:
        """Sessions in a row with net buying (+) or selling (-), one per stock; a halt or a gap ends a run.

        `own.streak` of what the group has gathered: net purchases are its daily changes. Before each session without a
        figure the level is left open, so that the change of that session is missing and no later one.
        """
        daily = self.net(self.investor)
        gathered = np.zeros((daily.shape[0], daily.shape[1] + 1))
        np.cumsum(np.nan_to_num(daily), axis=1, out=gathered[:, 1:])
        gathered[:, :-1][np.isnan(daily)] = np.nan
        return ownership.streak(gathered, last=1)

    def _summed(self, daily: Floats) -> Floats:
        total: Floats = np.where(self.halted, 0.0, daily)[:, -self.period :].sum(axis=1)
        return total

    def _buying_days(self, investor: str) -> Floats:
        week = self.net(investor)[:, -WEEK:]
        counted: Floats = np.where(np.isnan(week).any(axis=1), np.nan, (week > 0).sum(axis=1).astype(np.float64))
        return counted


def load(archive: Archive, investor: str, period: int, market: str, session: date | None) -> Scene:
    """Read what a ranking needs: flows and turnover over `LOOKBACK` sessions, prices and sizes of the last one."""
    last, warnings = panels.latest(archive, "investor_day_stock", market, session)
    days = panels.span(last, LOOKBACK)
    seen: Sequence[str] = ()
    if archive.read("instruments", columns=[]).is_empty():
        seen = archive.read("investor_day_stock", columns=[], start=days[0], end=last)["code"].unique().to_list()
    stocks = panels.universe(archive, last, market, seen=seen)
    wanted = dict.fromkeys((investor, "foreign", "institution"))
    columns = [investors.column(one, "net", measure) for one in wanted for measure in investors.MEASURES]
    leaf = investor not in investors.GROUPS
    having = [investors.column(investor, "net", measure) for measure in investors.MEASURES] if leaf else []
    flows = panels.panel(archive, "investor_day_stock", columns, stocks.codes, days, having=having)
    bars = panels.panel(archive, "daily_bars", ("amount", "volume"), stocks.codes, days)
    today = panels.panel(archive, "daily_bars", _TODAY, stocks.codes, days[-1:])
    basis = _basis(flows, investor)
    factor, unknown = _share_factors(archive, stocks, days, basis)
    priced = panels.prices(archive, stocks.codes, days[-1:])
    with np.errstate(invalid="ignore", divide="ignore"):
        ret = priced.newest("raw_close") / priced.newest("base_price") - 1
    return Scene(last, period, stocks, investor, basis, flows, bars, today, factor, unknown, ret, warnings)


def _basis(flows: Panel, investor: str) -> Basis | None:
    if np.isfinite(flows.newest(investors.column(investor, "net", "amount"))).any():
        return "AMOUNT"
    return "VOLUME" if np.isfinite(flows.newest(investors.column(investor, "net", "volume"))).any() else None


def _share_factors(
    archive: Archive, stocks: Universe, days: Sequence[date], basis: Basis | None
) -> tuple[Floats, Flags]:
    """What brings shares before a split to the newest scale (stocks, sessions); stocks with a change of unknown size.

    Only figures in shares need it. A base price away from the close before it, without a stored action, is a change.
    """
    factor = np.ones((len(stocks), len(days)))
    if basis != "VOLUME":
        return factor, np.zeros(len(stocks), bool)
    prices = panels.prices(archive, stocks.codes, days)
    with np.errstate(invalid="ignore", divide="ignore"):
        moved: Flags = np.abs(prices["base_price"][:, 1:] / prices["raw_close"][:, :-1] - 1) > JUMP
    actions = archive.read("corporate_actions", columns=["share_factor"]).filter(
        pl.col("effective_session").is_between(days[0], days[-1], closed="right")
    )
    for code, day, share in actions.select("code", "effective_session", "share_factor").iter_rows():
        if code in stocks.place and day in days and share is not None:
            row, column = stocks.place[code], days.index(day)
            factor[row, :column] *= share
            moved[row, column - 1] = False
    unknown: Flags = np.any(moved, axis=1)
    return factor, unknown
