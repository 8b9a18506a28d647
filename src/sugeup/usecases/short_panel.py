"""공매도 figures of some stocks on the sessions that the exchange counts, and what its overheating rule is judged on.

Full bans (전면 금지) are no sessions here: the forty sessions and the quarter are counted as if they did not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sugeup.archive import Archive
from sugeup.market import calendar_tables, overheating, sessions
from sugeup.metrics import short
from sugeup.metrics.outcome import Outcome
from sugeup.usecases import panels

Array = NDArray[np.float64]
BEFORE = 40
"""Sessions before the judged one that its mean is taken over."""
_SHORT = ("short_volume", "short_amount")
_BARS = ("raw_close", "base_price", "volume", "amount", "status")
_FIGURES = (*_SHORT, "raw_close", "ret", "volume", "amount")
_APART = 60
"""Calendar days: sessions further apart are read as two runs."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Figures by stock and session (a row per code of `codes`, a column per day of `days`, oldest first), NaN null.

    `ret` is the return against the base price in %, null on a halted session, of the last two days only.
    """

    codes: tuple[str, ...]
    days: tuple[date, ...]
    figures: dict[str, Array]
    halted: NDArray[np.bool_]
    sources: tuple[str, ...]
    final: bool

    def ratio(self, at: int | slice) -> tuple[Array, NDArray[np.bool_]]:
        """공매도 비중, 100 x short / turnover of the same session, %; and where it stands on shares, won missing."""
        figures = {name: array[:, at] for name, array in self.figures.items()}
        won = _share(figures["short_amount"], figures["amount"])
        shares = _share(figures["short_volume"], figures["volume"])
        on_shares = np.isnan(won) & np.isfinite(shares)
        return np.where(on_shares, shares, won), on_shares


@dataclass(frozen=True, eq=False)
class Inputs:
    """What one session is judged on, by stock: see `metrics.short.overheat`; `known`: sessions of the mean."""

    ret: Array
    ratio: Array
    on_shares: NDArray[np.bool_]
    multiple: Array
    mean_amount: Array
    mean_ratio: Array
    traded: Array
    known: Array


def counted(day: date, n: int) -> tuple[date, ...]:
    """The last n sessions before a day, bans left out, and the day itself; fewer where the calendar begins."""
    found: list[date] = [day]
    for earlier in reversed(sessions.sessions(calendar_tables.FIRST, day)):
        if len(found) > n:
            break
        if earlier < day and not overheating.banned(earlier):
            found.append(earlier)
    return tuple(reversed(found))


def load(archive: Archive, days: Sequence[date], codes: Iterable[str] | None = None) -> Panel:
    """The figures of the given codes, of all for which short selling is stored without codes."""
    scopes = None if codes is None else sorted(codes)
    sold = _read(archive, "short_day", _SHORT, days, scopes)
    bars = _read(archive, "daily_bars", _BARS, days, scopes)
    names = scopes if scopes is not None else sold["code"].unique().sort().to_list()
    return arranged(names, days, sold, bars)


def arranged(names: Sequence[str], days: Sequence[date], sold: pl.DataFrame, bars: pl.DataFrame) -> Panel:
    """Rows of short sales and of bars (with `ret` in %) in their places."""
    kind = pl.Enum(names)
    figures = {name: np.full((len(names), len(days)), np.nan) for name in _FIGURES}
    halted = np.zeros((len(names), len(days)), dtype=bool)
    for frame in (sold, bars):
        placed, at, column = panels.placed(frame, "code", kind, days)
        cells = at * len(days) + column
        for name in set(placed.columns) & set(_FIGURES):
            figures[name].reshape(-1)[cells] = placed[name].cast(pl.Float64).to_numpy()
        if "status" in placed.columns:
            halted.reshape(-1)[cells] = (placed["status"] == "HALTED").fill_null(value=False).to_numpy()
    sources = pl.concat([sold["source"], bars["source"]]).unique().sort().to_list()
    return Panel(tuple(names), tuple(days), figures, halted, tuple(sources), bool(sold["final"].all()))


def inputs(panel: Panel, at: int, listed: Sequence[date | None]) -> Inputs:
    """The inputs of the session in column `at`, from the sessions before it that the panel holds, 40 at most.

    `listed`: when each stock was listed. Fewer than 20 sessions with trade are `traded` only where the bars of all
    sessions since then are stored, else NaN.
    """
    end = at % len(panel.days)
    before = slice(max(end - BEFORE, 0), end)
    amount, turnover = panel.figures["short_amount"], panel.figures["amount"]
    open_ = (panel.figures["volume"][:, before] > 0) & ~panel.halted[:, before]
    past = np.where(open_, amount[:, before], np.nan)
    known = np.isfinite(past).sum(axis=1).astype(np.float64)
    shares = _share(past, turnover[:, before])
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(past, axis=1) / known
        multiple = amount[:, end] / np.where(mean > 0, mean, np.nan)
        mean_ratio = np.nansum(shares, axis=1) / np.isfinite(shares).sum(axis=1)
    ratio, on_shares = panel.ratio(end)
    traded = open_.sum(axis=1).astype(np.float64)
    began = np.array([0 if one is None else one.toordinal() for one in listed], np.int64)
    since = began[:, None] <= np.array([day.toordinal() for day in panel.days[before]], np.int64)
    gaps = (np.isnan(panel.figures["volume"][:, before]) & since).any(axis=1)
    traded = np.where((traded < overheating.LEAST_DAYS) & gaps, np.nan, traded)
    return Inputs(panel.figures["ret"][:, end], ratio, on_shares, multiple, mean, mean_ratio, traded, known)


def judged(
    day: date, markets: Sequence[str | None], given: Inputs, quarters: dict[str, float | None], barred: Array
) -> Outcome | None:
    """The rule of the day for each stock: its market, inputs, the quarter's share of its market, barred that day.

    `barred` is NaN where the official list is not known; that matters only to a fall that would prolong a ban. None
    before 2017-09-25, for which no rule is kept.
    """
    rule = overheating.on(day)
    if rule is None:
        return None
    quarter = [quarters.get(market or "") for market in markets]
    free = np.isnan(barred) & ~(given.ret <= -(np.inf if rule.extension is None else rule.extension))
    return short.overheat(
        np.array([market if market in overheating.MARKETS else None for market in markets], dtype=object),
        given.ret,
        given.ratio,
        np.array([np.nan if value is None else value for value in quarter], dtype=np.float64),
        given.multiple,
        given.mean_ratio,
        given.traded,
        np.where(free, 0.0, barred),
        rule=rule,
    )


def runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """First and last day of each stretch of sessions without a long hole."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and (day - found[-1][1]).days <= _APART:
            found[-1] = found[-1][0], day
        else:
            found.append((day, day))
    return found


def newest(archive: Archive, scopes: Sequence[str] | None = None) -> pl.DataFrame:
    """Keys (code, session) of the newest stored short sales, read backwards until some are found; empty without any."""
    today = archive.clock.now().astimezone(sessions.SEOUL).date()
    for back in (10, 60, 400):
        found = keys(archive, scopes, start=date.fromordinal(today.toordinal() - back))
        if not found.is_empty():
            return found
    return keys(archive, scopes)


def keys(
    archive: Archive, scopes: Sequence[str] | None, *, start: date | None = None, end: date | None = None
) -> pl.DataFrame:
    """Code and session of the stored short sales on the KRX."""
    rows = archive.read("short_day", columns=(), scopes=scopes, start=start, end=end)
    return rows.filter(pl.col("venue") == "KRX").select("code", "session")


def _read(
    archive: Archive, dataset: str, columns: Sequence[str], days: Sequence[date], scopes: Sequence[str] | None
) -> pl.DataFrame:
    if scopes is not None and len(scopes) <= panels.FEW:
        parts = [
            archive.read(dataset, columns=columns, scopes=scopes, start=first, end=last) for first, last in runs(days)
        ]
    else:  # month by month, as the store keeps the rows of a market in order
        months = [list(month) for _, month in groupby(days, key=lambda day: (day.year, day.month))]
        parts = [archive.read(dataset, columns=columns, start=month[0], end=month[-1]) for month in months]
        if scopes is not None:
            kind = pl.Enum(scopes)
            parts = [part.filter(panels.among(part["code"], kind)) for part in parts]
    frame = panels.on_krx(pl.concat(parts))
    return (
        frame.join(_returns(archive, frame, days[-2:], scopes), on=["code", "session"], how="left")
        if (dataset == "daily_bars")
        else frame
    )


def _returns(archive: Archive, bars: pl.DataFrame, days: Sequence[date], scopes: Sequence[str] | None) -> pl.DataFrame:
    """Return of the newest days in %: close over base price of one row, the best row that has a base price."""
    last = bars.filter(pl.col("session").is_in(list(days)))
    if last["base_price"].null_count():
        asked: dict[str, Any] = {"columns": ("raw_close", "status"), "scopes": scopes, "having": ["base_price"]}
        last = pl.concat(archive.read("daily_bars", **asked, start=day, end=day) for day in days)
        last = last.filter(pl.col("venue") == "KRX")
    halted = pl.col("status").fill_null("") == "HALTED"
    return last.select(
        "code",
        "session",
        pl.when(~halted & (pl.col("base_price") > 0))
        .then(100 * (pl.col("raw_close") / pl.col("base_price") - 1))
        .alias("ret"),
    )


def _share(part: Array, whole: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, 100 * part / whole, np.nan)
