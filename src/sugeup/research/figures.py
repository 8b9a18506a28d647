"""연구용 판: daily figures of a market as arrays (stocks, sessions), from which all detectors are run at once.

Whatever brings the rows - a simulated market, a lake - the frames have the columns of the datasets of `records`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sugeup.market import investors

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LEAVES = tuple(leaf for leaf in investors.members("institution") if leaf != "government")
"""The seven kinds of institutions."""
INVESTORS = (*investors.GROUPS, *LEAVES)
JUMP = 0.02
"""A base price (기준가) further than this from the close before was adjusted for a change of shares."""
_PRICES = ("raw_open", "raw_high", "raw_low", "raw_close")
_BARS = (*_PRICES, "base_price", "volume", "amount", "market_cap")


@dataclass(frozen=True, eq=False)
class Figures:
    """One market. Arrays are (stocks, sessions), oldest first, NaN where nothing is known.

    `net`: net purchases in won by investor of `INVESTORS`, NaN on halted sessions. `bars`: raw prices in won, volume
    in shares, turnover and capitalisation in won. `index`: closes of the index of each market, (sessions,).
    `short_amount` in won, `short_balance` in shares. `sectors`: code of the industry of each stock, None without one.
    """

    codes: tuple[str, ...]
    days: tuple[date, ...]
    markets: tuple[str | None, ...]
    sectors: tuple[str | None, ...]
    net: Mapping[str, Floats]
    bars: Mapping[str, Floats]
    index: Mapping[str, Floats]
    halted: Flags
    short_amount: Floats
    short_balance: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Stocks, sessions."""
        return len(self.codes), len(self.days)

    @property
    def turnover(self) -> Floats:
        """One-sided turnover in won."""
        return self.bars["amount"]

    @cached_property
    def returns(self) -> Floats:
        """Close over base price less 1; NaN on halted sessions and where one of them is missing."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = np.where(self.halted, np.nan, self.bars["raw_close"] / self.bars["base_price"] - 1)
        return found

    @cached_property
    def bench(self) -> Floats:
        """Daily return of the index of each stock's market."""
        found = np.full(self.shape, np.nan)
        for name, level in self.index.items():
            with np.errstate(invalid="ignore", divide="ignore"):
                move = np.concatenate([[np.nan], level[1:] / level[:-1] - 1])
            found[[market == name for market in self.markets]] = move
        return found

    @cached_property
    def levels(self) -> Floats:
        """Index of each stock's market."""
        none = np.full(len(self.days), np.nan)
        return np.array([self.index.get(market or "", none) for market in self.markets]).reshape(self.shape)

    @cached_property
    def excess(self) -> Floats:
        """Return of each session less that of the index."""
        found: Floats = self.returns - self.bench
        return found

    @cached_property
    def scale(self) -> Floats:
        """What one share of a session is in shares of the first one: products of changes told by the base price."""
        close, base = self.bars["raw_close"], self.bars["base_price"]
        before = np.full(self.shape, np.nan)
        before[:, 1:] = carried(close)[:, :-1]
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = base / before
        changed = np.isfinite(ratio) & (np.abs(ratio - 1) > JUMP)
        return np.cumprod(np.where(changed, ratio, 1.0), axis=1, dtype=np.float64)

    @cached_property
    def traded(self) -> Flags:
        """There was a trade."""
        found: Flags = np.isfinite(self.bars["raw_close"]) & ~self.halted & (self.bars["volume"] > 0)
        return found

    def price(self, name: str) -> Floats:
        """open, high, low or close on the share basis of the first session; NaN without a trade."""
        return np.where(self.traded, self.bars[f"raw_{name}"] / self.scale, np.nan)

    @cached_property
    def volume(self) -> Floats:
        """Shares traded, on the same basis; NaN without a trade."""
        return np.where(self.traded, self.bars["volume"] * self.scale, np.nan)

    def ratio(self, investor: str) -> Floats:
        """Net purchases ÷ turnover of each session; NaN without a trade."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = self.net[investor] / np.where(self.turnover > 0, self.turnover, np.nan)
        return found

    def over(self, change: Callable[[Floats], Floats]) -> Figures:
        """The same market with every array of figures changed by one function of the array."""
        return replace(
            self,
            net={name: change(part) for name, part in self.net.items()},
            bars={name: change(part) for name, part in self.bars.items()},
            index={name: change(part) for name, part in self.index.items()},
            short_amount=change(self.short_amount),
            short_balance=change(self.short_balance),
        )

    def until(self, end: int) -> Figures:
        """The first `end` sessions alone."""
        cut = self.over(lambda part: part[..., :end].copy())
        return replace(cut, days=self.days[:end], halted=self.halted[:, :end].copy())


def figures(
    bars: pl.DataFrame,
    flows: pl.DataFrame,
    index: pl.DataFrame,
    *,
    markets: Mapping[str, str | None],
    sectors: Mapping[str, str | None] | None = None,
    shorts: pl.DataFrame | None = None,
    balances: pl.DataFrame | None = None,
    days: Sequence[date] | None = None,
) -> Figures:
    """The figures of the stocks of `markets` (code → market) from rows of the datasets, one row per key.

    bars: `daily_bars`; flows: `investor_day_stock`; index: `index_day`; shorts, balances: `short_day` and
    `short_balance`. `days`: the sessions; all that have bars when left out.
    """
    codes = tuple(sorted(markets))
    listed = tuple(days or bars["session"].unique().sort().to_list())
    place = _Place(codes, listed)
    held = place.panels(bars, _BARS)
    bought = place.panels(flows, [investors.column(one, "net", "amount") for one in INVESTORS])
    stopped = bars.filter(pl.col("status") == "HALTED") if "status" in bars.columns else bars.clear()
    halted = np.isfinite(place.panel(stopped, "raw_close"))
    net = {one: np.where(halted, np.nan, bought[investors.column(one, "net", "amount")]) for one in INVESTORS}
    names = tuple(sorted({market for market in markets.values() if market is not None}))
    levels = _Place(names, listed).panel(index.rename({"index_code": "code"}), "close")
    return Figures(
        codes,
        listed,
        tuple(markets[code] for code in codes),
        tuple((sectors or {}).get(code) for code in codes),
        net,
        held,
        {name: np.where(level > 0, level, np.nan) for name, level in zip(names, levels, strict=True)},
        halted,
        place.panel(shorts, "short_amount"),
        place.panel(balances, "balance_shares"),
    )


@dataclass(frozen=True)
class _Place:
    """Where the rows of a frame belong."""

    codes: tuple[str, ...]
    days: tuple[date, ...]

    def panels(self, frame: pl.DataFrame | None, columns: Sequence[str]) -> dict[str, Floats]:
        """Columns as (codes, sessions)."""
        found = {name: np.full((len(self.codes), len(self.days)), np.nan) for name in columns}
        if frame is None or frame.is_empty() or not self.codes:
            return found
        at = frame.select(
            pl.col("code")
            .cast(pl.String)
            .replace_strict(self.codes, range(len(self.codes)), default=None)
            .alias("row"),
            pl.col("session").replace_strict(self.days, range(len(self.days)), default=None).alias("at"),
        )
        known = (at["row"].is_not_null() & at["at"].is_not_null()).to_numpy()
        row, place = (at[name].filter(known).to_numpy() for name in ("row", "at"))
        for name in columns:
            if name in frame.columns:
                values = frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
                found[name][row, place] = values[known]
        return found

    def panel(self, frame: pl.DataFrame | None, column: str) -> Floats:
        """One column as (codes, sessions)."""
        return self.panels(frame, (column,))[column]


def carried(values: Floats) -> Floats:
    """The last known value at every session."""
    at = np.where(np.isfinite(values), np.arange(values.shape[1]), 0)
    np.maximum.accumulate(at, axis=1, out=at)
    found: Floats = np.take_along_axis(values, at, axis=1)
    return found
