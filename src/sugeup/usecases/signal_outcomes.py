"""신호 이후: what a stock or sector gained ahead of its index after a signal, where known by now, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import publication, sessions
from sugeup.metrics import forward_returns
from sugeup.usecases import stock_bars
from sugeup.usecases.panels import Floats
from sugeup.usecases.securities import Security
from sugeup.usecases.wording import moment

Outcome = tuple[float | None, str | None, str | None]
"""Excess return (decimal) or None, the reason, and the reason in words."""


@dataclass(frozen=True)
class Outcomes:
    """Returns of a stock or sector and of its index on some sessions, oldest first; NaN where one is not stored."""

    archive: Archive
    days: tuple[date, ...]
    returns: Floats
    index: Floats
    sources: tuple[str, ...]
    dataset: str = "daily_bars"
    lacking: str = "a return of the stock or of its index is not stored"

    def after(self, session: date, h: int) -> Outcome:
        """`forward_returns.excess` from the close of a session to that of the h-th one after it."""
        try:
            end = sessions.next(session, h)
        except NoData as beyond:
            return None, "OUT_OF_HISTORY", beyond.message
        public = publication.known_at(self.dataset, end)
        if self.archive.clock.now() < public:
            return None, "NOT_PUBLISHED_YET", f"the close of {end} is public from {moment(public)}"
        if session not in self.days or end not in self.days:
            return None, "MISSING_INPUT", f"the bar of {end} is not stored"
        at = self.days.index(session)
        cut = slice(at, at + h + 1)
        value = forward_returns.excess(self.returns[cut], self.index[cut], h)[0]
        if np.isnan(value):
            return None, "MISSING_INPUT", self.lacking
        return float(value), None, None


def load(archive: Archive, security: Security, signals: Sequence[date], h: int) -> Outcomes:
    """Read what followed the sessions of some signals, up to h sessions after the newest of them."""
    nothing = np.empty(0)
    if not signals:
        return Outcomes(archive, (), nothing, nothing, ())
    days = _days(archive, signals, h)
    bars = stock_bars.load(archive, security.code, days)
    # Halted sessions move no price.
    moved = bars.select("session", pl.when("halted").then(0.0).otherwise("ret").alias("ret"))
    returns = _calendar(days).join(moved, on="session", how="left", maintain_order="left")["ret"]
    index = np.full(len(days), np.nan)
    sources = bars["source"].unique().sort().to_list()
    if security.market is not None:
        levels, also = _levels(archive, (security.market,), days)
        index = _moves(levels[0])
        sources += [source for source in also if source not in sources]
    return Outcomes(archive, days, returns.cast(pl.Float64).fill_null(float("nan")).to_numpy(), index, tuple(sources))


def of_sector(archive: Archive, code: str, market: str | None, signals: Sequence[date], h: int) -> Outcomes:
    """The same of an industry of the exchange, by its index; `market`: whose index it is held against."""
    nothing = np.empty(0)
    about = {"dataset": "index_day", "lacking": "no index of the sector, or none of its market, is stored"}
    if not signals:
        return Outcomes(archive, (), nothing, nothing, (), **about)
    days = _days(archive, signals, h)
    levels, sources = _levels(archive, (code,) if market is None else (code, market), days)
    index = np.full(len(days), np.nan) if market is None else _moves(levels[1])
    return Outcomes(archive, days, _moves(levels[0]), index, tuple(sources), **about)


def _days(archive: Archive, signals: Sequence[date], h: int) -> tuple[date, ...]:
    """Sessions from the oldest signal to the h-th one after the newest, as far as they are known."""
    today = archive.clock.now().astimezone(sessions.SEOUL).date()
    last = max(signals)
    known = sessions.sessions(min(signals), max(today, last))
    return known[: known.index(last) + h + 1]


def _calendar(days: tuple[date, ...]) -> pl.DataFrame:
    return pl.DataFrame({"session": days}, schema={"session": pl.Date})


def _levels(archive: Archive, codes: tuple[str, ...], days: tuple[date, ...]) -> tuple[list[Floats], list[str]]:
    """Closes of some indices on some sessions, and the sources of the rows."""
    rows = archive.read("index_day", columns=("close",), scopes=codes, start=days[0], end=days[-1])
    rows = rows.filter((pl.col("venue") == "KRX") & (pl.col("close") > 0))
    found = []
    for code in codes:
        mine = rows.filter(pl.col("index_code") == code).select("session", "close")
        levels = _calendar(days).join(mine, on="session", how="left", maintain_order="left")["close"]
        found.append(levels.cast(pl.Float64).fill_null(float("nan")).to_numpy())
    return found, rows["source"].unique().sort().to_list()


def _moves(close: Floats) -> Floats:
    moved = np.full(len(close), np.nan)
    moved[1:] = close[1:] / close[:-1] - 1
    return moved
