"""신호 이후: what a stock gained ahead of its index after a signal, where that is known by now, and why where not."""

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
    """Returns of a stock and of its index on some sessions, oldest first; NaN where one is not stored."""

    archive: Archive
    days: tuple[date, ...]
    returns: Floats
    index: Floats
    sources: tuple[str, ...]

    def after(self, session: date, h: int) -> Outcome:
        """`forward_returns.excess` from the close of a session to that of the h-th one after it."""
        try:
            end = sessions.next(session, h)
        except NoData as beyond:
            return None, "OUT_OF_HISTORY", beyond.message
        public = publication.known_at("daily_bars", end)
        if self.archive.clock.now() < public:
            return None, "NOT_PUBLISHED_YET", f"the close of {end} is public from {moment(public)}"
        if session not in self.days or end not in self.days:
            return None, "MISSING_INPUT", f"the bar of {end} is not stored"
        at = self.days.index(session)
        cut = slice(at, at + h + 1)
        value = forward_returns.excess(self.returns[cut], self.index[cut], h)[0]
        if np.isnan(value):
            return None, "MISSING_INPUT", "a return of the stock or of its index is not stored"
        return float(value), None, None


def load(archive: Archive, security: Security, signals: Sequence[date], h: int) -> Outcomes:
    """Read what followed the sessions of some signals, up to h sessions after the newest of them."""
    nothing = np.empty(0)
    if not signals:
        return Outcomes(archive, (), nothing, nothing, ())
    today = archive.clock.now().astimezone(sessions.SEOUL).date()
    last = max(signals)
    known = sessions.sessions(min(signals), max(today, last))
    days = known[: known.index(last) + h + 1]
    bars = stock_bars.load(archive, security.code, days)
    calendar = pl.DataFrame({"session": days}, schema={"session": pl.Date})
    # Halted sessions move no price.
    moved = bars.select("session", pl.when("halted").then(0.0).otherwise("ret").alias("ret"))
    returns = calendar.join(moved, on="session", how="left", maintain_order="left")["ret"]
    index = np.full(len(days), np.nan)
    sources = bars["source"].unique().sort().to_list()
    if security.market is not None:
        rows = archive.read("index_day", columns=("close",), scopes=(security.market,), start=days[0], end=days[-1])
        rows = rows.filter((pl.col("venue") == "KRX") & (pl.col("close") > 0))
        levels = calendar.join(rows.select("session", "close"), on="session", how="left", maintain_order="left")
        close = levels["close"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        index[1:] = close[1:] / close[:-1] - 1
        sources += [source for source in rows["source"].unique().sort().to_list() if source not in sources]
    return Outcomes(archive, days, returns.cast(pl.Float64).fill_null(float("nan")).to_numpy(), index, tuple(sources))
