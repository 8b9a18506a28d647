"""Panels behind the nightly patterns: what an answer about one stock reads, of all stocks of a session at once.

Prices and shares are per share of the session (수정주가); halted sessions are no observation; NaN is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.market import investors
from sugeup.metrics import accounting
from sugeup.usecases import panels
from sugeup.usecases.panels import Flags, Floats, Panel
from sugeup.usecases.share_basis import JUMP, LIMIT
from sugeup.usecases.smart_money_scene import Scene

SPAN = 10
"""Sessions of an accumulation."""
REACH = 300
"""Sessions read: ten of a pattern, the 250 windows that end ten sessions before, and a margin."""
MEASURES = ("amount", "volume")
_PRICES = ("raw_open", "raw_high", "raw_low", "raw_close")
_SHARELESS = ("DIVIDEND",)


@dataclass(frozen=True, eq=False)
class Panels:
    """Arrays (stocks, sessions) of `codes` on the `reach` sessions up to that of the scene."""

    archive: Archive
    scene: Scene
    codes: tuple[str, ...]
    reach: int = REACH

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Sessions, oldest first."""
        return panels.span(self.scene.session, self.reach)

    @cached_property
    def markets(self) -> list[str | None]:
        """Market of each stock."""
        place = self.scene.stocks.place
        return [self.scene.stocks.markets[place[code]] for code in self.codes]

    @cached_property
    def flows(self) -> Panel:
        """Net purchases of the four groups, in won and in shares."""
        columns = [investors.column(group, "net", measure) for group in investors.GROUPS for measure in MEASURES]
        return panels.panel(self.archive, "investor_day_stock", columns, self.codes, self.days)

    @cached_property
    def bars(self) -> Panel:
        """Raw prices, turnover and volume."""
        return panels.panel(self.archive, "daily_bars", (*_PRICES, *MEASURES), self.codes, self.days)

    @cached_property
    def priced(self) -> Panel:
        """`raw_close` and `base_price` of one row each."""
        return panels.prices(self.archive, self.codes, self.days)

    @cached_property
    def halted(self) -> Flags:
        """거래정지 on a session."""
        kind = pl.Enum(list(self.codes))
        found = np.zeros((len(self.codes), len(self.days)), bool)
        place = {day: at for at, day in enumerate(self.days)}
        for _, month in groupby(self.days, key=lambda day: (day.year, day.month)):
            piece = list(month)
            rows = self.archive.read("daily_bars", columns=["status"], start=piece[0], end=piece[-1])
            rows = rows.filter((pl.col("venue") == "KRX") & (pl.col("status") == "HALTED"))
            at = rows["code"].cast(kind, strict=False).to_physical().to_list()
            for row, day in zip(at, rows["session"].to_list(), strict=True):
                if row is not None and day in place:
                    found[row, place[day]] = True
        return found

    @cached_property
    def on_shares(self) -> Flags:
        """Stocks whose newest session has no won of any group but shares: judged on shares (VOLUME_BASIS)."""
        won, shares = (
            np.any([np.isfinite(self.flows.newest(f"{group}_net_{one}")) for group in investors.GROUPS], axis=0)
            for one in MEASURES
        )
        found: Flags = ~won & shares
        return found

    @cached_property
    def factor(self) -> Floats:
        """Share multiplier in force from each session, 1 for none, NaN where shares changed by no known factor."""
        found = np.ones((len(self.codes), len(self.days)))
        place, column = {code: at for at, code in enumerate(self.codes)}, {day: at for at, day in enumerate(self.days)}
        explained = np.zeros(found.shape, bool)
        actions = self.archive.read("corporate_actions", columns=["share_factor"])
        inside = actions.filter(pl.col("effective_session").is_between(self.days[0], self.days[-1]))
        for code, day, kind, share in inside.select("code", "effective_session", "kind", "share_factor").iter_rows():
            row = place.get(code)
            at = column.get(day, next((at for at, one in enumerate(self.days) if one >= day), None))
            if row is None or at is None:
                continue
            explained[row, at] = True
            known = share if share is not None and share > 0 else None
            if known is not None or kind not in _SHARELESS:
                found[row, at] *= np.nan if known is None else known
        found[self._jumps(explained)] = np.nan
        return found

    def _jumps(self, explained: Flags) -> Flags:
        """Sessions from which on shares are counted anew though no stored action says so; as `share_basis.jumps`."""
        close, base = self.bars["raw_close"], self.priced["base_price"]
        at = np.where(self.bars.stored, np.arange(close.shape[1]), -1)
        before = np.full(at.shape, -1)
        np.maximum.accumulate(at[:, :-1], axis=1, out=before[:, 1:])
        counted = np.zeros((len(close), close.shape[1] + 1))
        np.cumsum(explained, axis=1, out=counted[:, 1:])
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = base / np.where(before >= 0, np.take_along_axis(close, np.maximum(before, 0), axis=1), np.nan)
        missing = np.arange(close.shape[1]) - before - 1
        allowed = (missing > 0) & (ratio >= (1 - LIMIT) ** missing) & (ratio <= (1 + LIMIT) ** missing)
        told = counted[:, 1:] - np.take_along_axis(counted, np.maximum(before, 0) + 1, axis=1) > 0
        jumped: Flags = self.bars.stored & (before >= 0) & (np.abs(ratio - 1) > JUMP) & ~allowed & ~told
        jumped[:, 0] = False
        return jumped

    @cached_property
    def shares(self) -> Floats:
        """Shares of the session for one share of each session before; NaN before a change by no known factor."""
        return accounting.split_adjust(np.ones(self.factor.shape), self.factor).value

    @cached_property
    def traded(self) -> Flags:
        """There was a trade."""
        found: Flags = np.isfinite(self.bars["raw_close"]) & ~self.halted & (self.bars["volume"] != 0)
        return found

    def price(self, name: str) -> Floats:
        """open, high, low or close per share of the session; NaN without a trade."""
        return np.where(self.traded, self.bars[f"raw_{name}"] / self.shares, np.nan)

    @cached_property
    def volume(self) -> Floats:
        """Volume in shares of the session; NaN without a trade."""
        return np.where(self.traded, self.bars["volume"] * self.shares, np.nan)

    @cached_property
    def returns(self) -> Floats:
        """Close over base price of one row less 1; NaN on a halted session."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = np.where(self.halted, np.nan, self.priced["raw_close"] / self.priced["base_price"] - 1)
        return found

    @cached_property
    def turnover(self) -> Floats:
        """One-sided, in the unit of `net`."""
        return np.where(self.on_shares[:, None], self._scaled(self.bars["volume"]), self.bars["amount"])

    def net(self, group: str) -> Floats:
        """Net purchases of a group in won, or in shares of the session where there are no won; halted: NaN."""
        won, shares = (self.flows[investors.column(group, "net", measure)] for measure in MEASURES)
        found = np.where(self.on_shares[:, None], self._scaled(shares), won)
        return np.where(self.halted, np.nan, found)

    def _scaled(self, shares: Floats) -> Floats:
        known = accounting.split_adjust(np.ones(self.factor.shape), np.nan_to_num(self.factor, nan=1.0)).value
        scaled: Floats = np.round(shares * known)
        return scaled

    @cached_property
    def torn(self) -> Flags:
        """Stocks judged on shares whose newest sessions lie on both sides of a change by no known factor."""
        crossed = np.isnan(self.factor[:, -SPAN + 1 :]).any(axis=1)
        found: Flags = crossed & self.on_shares
        return found

    @cached_property
    def unbalanced(self) -> Flags:
        """Stocks whose four groups do not add to zero on a session of the last ten, where all four are known."""
        origins = [self.archive.origin(source) for source in self.flows.sources]
        found = np.zeros(len(self.codes), bool)
        for measure, of in (("amount", ~self.on_shares), ("volume", self.on_shares)):
            nets = np.array([self.flows[f"{group}_net_{measure}"][:, -SPAN:] for group in investors.GROUPS])
            units = [one.unit_won if measure == "amount" else one.unit_shares for one in origins]
            held = self.flows.stored[:, -SPAN:]
            off = np.abs(nets.sum(axis=0)) > max(units, default=1) * len(investors.GROUPS)
            unknown = (np.isnan(nets).any(axis=0) & held).any(axis=1)
            found |= of & ~unknown & (off & held).any(axis=1)
        return found

    @cached_property
    def index(self) -> Floats:
        """Close of the index of each stock's market, NaN where none is stored."""
        names = tuple(dict.fromkeys(market for market in self.markets if market is not None))
        none = np.full(len(self.days), np.nan)
        if not names:
            return np.tile(none, (len(self.codes), 1))
        held = panels.panel(self.archive, "index_day", ("close",), names, self.days, key="index_code")["close"]
        levels = {name: np.where(held[at] > 0, held[at], np.nan) for at, name in enumerate(names)}
        return np.array([none if market is None else levels[market] for market in self.markets])

    @cached_property
    def excess(self) -> Floats:
        """Return of each session less that of the index."""
        moves = np.full(self.index.shape, np.nan)
        moves[:, 1:] = self.index[:, 1:] / self.index[:, :-1] - 1
        found: Floats = self.returns - moves
        return found
