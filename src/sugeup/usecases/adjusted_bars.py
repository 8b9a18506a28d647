"""수정주가 일봉 of one stock: bars per share of the session asked for, one place per session, nothing from later on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import sessions
from sugeup.usecases import doors, share_basis, stock_bars, windows
from sugeup.usecases.securities import Security
from sugeup.usecases.share_basis import ShareBasis
from sugeup.usecases.wording import moment

Floats = NDArray[np.float64]

WINDOW = 20
"""Sessions that a windowed measure looks back: what lies across a change of shares inside them is not comparable."""
_PRICES = {"open": "raw_open", "high": "raw_high", "low": "raw_low", "close": "raw_close"}


@dataclass(frozen=True, eq=False)
class AdjustedBars:
    """Bars (sessions,), oldest first, NaN on a session without trade or before a change of shares by no known factor.

    `window.frame` holds the stored figures of the same sessions: `raw_close`, `ret`, `halted`, `status`, `source`.
    """

    security: Security
    window: windows.Window
    basis: ShareBasis
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    sources: tuple[str, ...]

    @property
    def session(self) -> date:
        """The session of the answer."""
        return self.window.session

    @cached_property
    def halted(self) -> NDArray[np.bool_]:
        """거래정지 on a session."""
        return np.asarray(self.window.frame["halted"].fill_null(value=False).to_numpy(), dtype=np.bool_)

    @cached_property
    def traded(self) -> NDArray[np.bool_]:
        """There was a trade on a session."""
        priced = np.isfinite(self.window.series("raw_close")[0])
        return np.asarray(priced & ~self.halted & (self.window.series("volume")[0] != 0), dtype=np.bool_)

    @cached_property
    def recent(self) -> bool:
        """Whether the history is short because the stock was listed inside the sessions read."""
        listed, begun = self.security.listed_on, self.window.begun
        if listed is None or begun == len(self.window.days):
            return False
        return self.window.days[0] < listed and self.window.days[begun] <= sessions.next(listed)

    def told(self, cell: Mapping[str, Any], place: int = -1) -> dict[str, Any]:
        """A metric's cell at a place, its reason said more exactly: HALTED, NEW_LISTING or CORPORATE_ACTION_GAP."""
        if cell["value"] is not None:
            return dict(cell) | {"reason": None}
        return dict(cell) | {"reason": self._reason(str(cell["reason"]), place % len(self.window.days))}

    def _reason(self, reason: str, place: int) -> str:
        if reason == "MISSING_INPUT" and self.halted[place]:
            return "HALTED"
        if reason not in {"MISSING_INPUT", "INSUFFICIENT_HISTORY"}:
            return reason
        if self.basis.gaps and self.traded[place]:
            day, last = self.window.days[place], self.basis.gaps[-1]
            near = day < last or self.window.days[max(0, place - WINDOW)] < last
            if near or reason == "INSUFFICIENT_HISTORY":
                return "CORPORATE_ACTION_GAP"
        return "NEW_LISTING" if reason == "INSUFFICIENT_HISTORY" and self.recent else reason

    def envelope(self, archive: Archive, **about: Any) -> dict[str, Any]:
        """The envelope of an answer that starts from these bars."""
        used = [archive.origin(source) for source in self.sources]
        running = self.window.tail(1)["final"].fill_null(value=True)
        return {
            "as_of": moment(windows.closing_moment(self.session)),
            "generated_at": moment(archive.clock.now()),
            "scope": "STOCK",
            "venue": "KRX",
            "sources": [origin.name for origin in used],
            "provisional": not running.all(),
            "simulated": archive.name == "simulated" or any(origin.simulated for origin in used),
        } | about


def chosen(archive: Archive, security: Security, session: date | None, also: str | None = None) -> date:
    """The session to answer for: the one asked for, else the newest with a bar (and, if there is one, a row of `also`).

    Raises NoData: NOT_COLLECTED where no bar of the stock is stored, and what `windows.choose` raises.
    """
    bars = archive.read("daily_bars", columns=("raw_close",), scopes=[security.code])
    bars = bars.filter((pl.col("venue") == "KRX") & pl.col("raw_close").is_not_null())
    if bars.is_empty():
        raise NoData(
            f"No daily bars (일봉) are stored for {security.title} in the {archive.name} lake.",
            code="NOT_COLLECTED",
            hint=doors.hint(archive, "daily_bars"),
        )
    if session is None and also is not None:
        second = archive.read(also, columns=[], scopes=[security.code]).filter(pl.col("venue") == "KRX")
        common = bars.join(second.select("session"), on="session", how="semi")
        bars = bars if common.is_empty() else common
    return windows.choose(archive, "daily_bars", bars, "code", [security.code], session)


def load(archive: Archive, security: Security, session: date) -> AdjustedBars:
    """The bars of a stock on the last `windows.LOOKBACK` sessions up to one, per share of that session."""
    days = windows.align(pl.DataFrame({"session": [session]}), session).days
    bars = stock_bars.load(archive, security.code, days)
    ranges = archive.read(
        "daily_bars", columns=list(_PRICES.values()), scopes=[security.code], start=days[0], end=session
    ).filter(pl.col("venue") == "KRX")
    frame = bars.join(ranges.select("session", "raw_open", "raw_high", "raw_low"), on="session", how="left")
    window = windows.align(frame.with_columns(pl.lit(value=True).alias("stored")), session)
    basis = share_basis.load(archive, security.code, window.days, bars)
    named = [bars[name] for name in ("source", "base_source")]
    sources = tuple(pl.concat(named).drop_nulls().unique().sort().to_list())
    raw = {name: window.series(column)[0] for name, column in _PRICES.items()}
    empty = np.zeros(len(days))
    blank = AdjustedBars(security, window, basis, empty, empty, empty, empty, empty, sources)
    absent = ~blank.traded
    prices = {name: np.where(absent, np.nan, basis.prices(part)) for name, part in raw.items()}
    volume = np.where(absent, np.nan, basis.latest(window.series("volume")[0]).value)
    return AdjustedBars(security, window, basis, **prices, volume=volume, sources=sources)


def index_closes(archive: Archive, market: str | None, window: windows.Window) -> tuple[Floats, tuple[str, ...]]:
    """Closes of the index of a market on the same sessions, NaN where none is stored, and its sources."""
    if market is None:
        return np.full(len(window.days), np.nan), ()
    rows = archive.read("index_day", columns=("close",), scopes=[market], start=window.days[0], end=window.session)
    rows = rows.filter(pl.col("venue") == "KRX")
    found = windows.align(rows.select("session", "close"), window.session).series("close")[0]
    return np.where(found > 0, found, np.nan), tuple(rows["source"].unique().sort().to_list())


def moves(closes: Floats) -> Floats:
    """Return of each session against the one before, decimal; NaN where one of them is missing."""
    found = np.full(closes.shape, np.nan)
    found[1:] = closes[1:] / closes[:-1] - 1
    return found


def about(bars: AdjustedBars) -> list[str]:
    """Warnings: shares that changed inside the sessions read, a halt."""
    said = [
        f"The number of shares changed on {day} by a factor that is not stored; prices before are not comparable."
        for day in bars.basis.gaps
    ]
    known = [day for day in bars.basis.changed if day not in bars.basis.gaps]
    if known:
        said.append(f"Prices and volumes before {known[-1]} are per share of {bars.session} (수정주가).")
    if bars.halted[-1]:
        said.append(f"거래정지: the stock was halted on {bars.session}.")
    return said
