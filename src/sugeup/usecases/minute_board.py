"""The minutes of a market: running totals of its investors, turnover and index on the clock of each session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sugeup.archive import Archive
from sugeup.market import investors, sessions
from sugeup.metrics import accounting, slots
from sugeup.metrics.dense import Floats
from sugeup.usecases import session_choice
from sugeup.usecases.day_clock import HALF, SETTLES, Bin, DayClock, day_clock
from sugeup.usecases.windows import SEOUL

DATASET, INDEX = "investor_minute_market", "index_minute"
SIDES = ("buy", "sell", "net")
AMOUNTS = tuple(investors.column(group, side, "amount") for group in investors.GROUPS for side in SIDES)
_FRESH = 0.1
"""Part of the minutes that may repeat the snapshot before, until a source counts as not refreshed every minute."""


@dataclass(frozen=True)
class Board:
    """Sessions oldest first, the one of the answer last; `longest`: minutes of continuous trading on the longest.

    `reach` holds running totals in won, (sessions, longest + 3): by minute since the open, then at the start and the
    end of the closing auction. `opens` and `closes` are levels of the index by minute, the auction last; None where no
    single index stands for the scope. `unclosed`: snapshots in which the groups do not add to zero, which are left out.
    """

    clocks: tuple[DayClock, ...]
    longest: int
    reach: Mapping[str, Floats]
    turnover: Floats | None
    turnover_from: str | None
    opens: Floats | None
    closes: Floats | None
    unclosed: NDArray[np.bool_]
    closure_ok: bool | None
    newest: datetime
    snapshots: int
    refreshed: bool
    sources: tuple[str, ...]
    provisional: bool
    simulated: bool
    warnings: tuple[str, ...]

    @property
    def clock(self) -> DayClock:
        """The clock of the answer's session."""
        return self.clocks[-1]

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which totals of the answer's session have any figure."""
        found: NDArray[np.bool_] = np.isfinite(np.stack([totals[-1] for totals in self.reach.values()])).any(axis=0)
        return found

    def traded(self, series: str, bins: Sequence[Bin]) -> Floats:
        """(sessions, bins): won traded in each bin by `foreign_buy_amount` and the like, or as `turnover`."""
        totals = self.turnover if series == "turnover" else self.reach[series]
        if totals is None:
            return np.full((len(self.clocks), len(bins)), np.nan)
        pairs = np.stack([totals[:, self.starts(bins)], totals[:, self.ends(bins)]], axis=-1)
        return slots.increments(pairs)[..., 0]

    def levels(self, bins: Sequence[Bin]) -> tuple[Floats, Floats] | None:
        """(sessions, bins) twice: first and last level of the index in each bin."""
        if self.opens is None or self.closes is None:
            return None
        first = [self.longest if one.auction else one.start for one in bins]
        last = [self.longest if one.auction else one.end - 1 for one in bins]
        return self.opens[:, first], self.closes[:, last]

    def halves(self, series: str) -> Floats:
        """(sessions, 2): won traded in the morning and in the rest of the day, the auction included."""
        return slots.increments(self.reach[series][:, [0, HALF, self.longest + 2]])

    def starts(self, bins: Sequence[Bin]) -> list[int]:
        """Columns of the totals at the start of each bin."""
        return [self.longest + 1 if one.auction else one.start for one in bins]

    def ends(self, bins: Sequence[Bin]) -> list[int]:
        """Columns of the totals at the end of each bin."""
        return [self.longest + 2 if one.auction else one.end for one in bins]


def load(archive: Archive, markets: Sequence[str], day: date | None, past: int) -> Board:
    """The board of a session (default: the newest that all markets have) and of up to `past` sessions before it."""
    chosen = session_choice.choose(archive, DATASET, "market", markets, day, past, AMOUNTS)
    day_clock(chosen.session)
    rows, mixed = _one_source(chosen.rows)
    days = [found for found in rows["session"].unique().sort().to_list() if _known(found)]
    clocks = tuple(day_clock(found) for found in days)
    longest = max(clock.continuous for clock in clocks)
    rows = _on_clock(rows, clocks, "market", markets)
    units = [archive.origin(source).unit_won for source in rows["source"].unique().sort()]
    parts = [_totals(rows.filter(pl.col("scope") == place), clocks, longest) for place in range(len(markets))]
    checks = [_closed(part, max(units)) for part in parts]
    wrong = np.logical_or.reduce([check == 0 for check in checks])
    reach = {name: np.where(wrong, np.nan, np.sum([part[name] for part in parts], axis=0)) for name in AMOUNTS}
    today = rows.filter(pl.col("day") == len(clocks) - 1)
    levels, from_index, index_sources = _index(archive, markets, clocks, longest)
    bought = np.sum([reach[investors.column(group, "buy", "amount")] for group in investors.GROUPS], axis=0)
    whole, origin = _turnover(from_index, bought)
    with_index = origin == "INDEX_MINUTE"
    origins = [archive.origin(source) for source in today["source"].unique().sort()]
    inside = today.filter((pl.col("minute") >= 0) & (pl.col("minute") <= pl.col("length") + SETTLES))
    newest = (today if inside.is_empty() else inside)["at"].max()
    assert isinstance(newest, datetime)
    known = [check[-1] for check in checks]
    return Board(
        clocks=clocks,
        longest=longest,
        reach=reach,
        turnover=whole,
        turnover_from=origin,
        opens=levels[0] if levels else None,
        closes=levels[1] if levels else None,
        unclosed=wrong,
        closure_ok=None if all((one < 0).all() for one in known) else not wrong[-1].any(),
        newest=newest.astimezone(SEOUL),
        snapshots=int(today.group_by("at").len().height),
        refreshed=_refreshed(reach, len(clocks) - 1),
        sources=tuple(dict.fromkeys([origin.name for origin in origins] + (index_sources if with_index else []))),
        provisional=not today["final"].all(),
        simulated=archive.name == "simulated" or any(origin.simulated for origin in origins),
        warnings=(*chosen.warnings, *mixed),
    )


def _turnover(from_index: Floats | None, bought: Floats) -> tuple[Floats | None, str | None]:
    """Turnover since the open and where from: the one that reaches further back, that of the index among equals."""
    named = {"INDEX_MINUTE": from_index, "SUM_OF_BUYS": bought}
    best, found, most = None, None, 0
    for name, totals in named.items():
        if totals is not None and np.isfinite(totals[-1, 1:]).any():
            days = int(np.isfinite(totals[:, 1:]).any(axis=1).sum())
            if days > most:
                best, found, most = name, totals, days
    return found, best


def _known(session: date) -> bool:
    return sessions.open_at(session) is not None and sessions.close_at(session) is not None


def _one_source(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The rows of the source that has most of a session and market: totals of two sources are not compared."""
    counted = rows.group_by("market", "session", "source").len().sort("len", "source", descending=[True, False])
    best = counted.unique(["market", "session"], keep="first", maintain_order=True)
    kept = rows.join(best.select("market", "session", "source"), on=["market", "session", "source"], how="semi")
    left = rows.height - kept.height
    said = [f"{left} snapshots of a second source in the same session are left out: sources are never mixed."]
    return kept, said if left else []


def _on_clock(rows: pl.DataFrame, clocks: Sequence[DayClock], key: str, scopes: Sequence[str]) -> pl.DataFrame:
    """Rows with the places of their session and scope, the minute since the open, and that day's continuous minutes."""
    table = pl.DataFrame(
        {
            "session": [clock.session for clock in clocks],
            "day": range(len(clocks)),
            "opens": [clock.opens for clock in clocks],
            "continuous": [clock.continuous for clock in clocks],
            "length": [clock.length for clock in clocks],
        }
    ).with_columns(pl.col("opens").dt.convert_time_zone("UTC").dt.cast_time_unit("us"))
    places = pl.DataFrame({key: list(scopes), "scope": range(len(scopes))})
    joined = rows.join(table, on="session", how="inner").join(places, on=key, how="inner")
    minute = (pl.col("at").dt.truncate("1m") - pl.col("opens")).dt.total_minutes().alias("minute")
    return joined.with_columns(minute).sort("day", "scope", "at")


def _totals(rows: pl.DataFrame, clocks: Sequence[DayClock], longest: int) -> dict[str, Floats]:
    """Running totals of one market. At the open they are 0; the last row after the close holds the closing auction."""
    inside = rows.filter((pl.col("minute") >= 1) & (pl.col("minute") <= pl.col("continuous")))
    after = rows.filter((pl.col("minute") > pl.col("length")) & (pl.col("minute") <= pl.col("length") + SETTLES))
    after = after.unique("day", keep="last", maintain_order=True)
    ends = np.array([clock.continuous for clock in clocks])
    totals = {}
    for name in AMOUNTS:
        board = np.full((len(clocks), longest + 3), np.nan)
        board[inside["day"].to_numpy(), inside["minute"].to_numpy()] = _floats(inside[name])
        board[after["day"].to_numpy(), longest + 2] = _floats(after[name])
        board[np.isfinite(board).any(axis=1), 0] = 0.0
        board[:, longest + 1] = board[np.arange(len(clocks)), ends]
        totals[name] = board
    return totals


def _closed(totals: Mapping[str, Floats], unit: int) -> NDArray[np.int64]:
    """By snapshot: 1 the groups add to zero, 0 they do not, -1 a group is missing and it cannot be said."""
    nets = {group: totals[investors.column(group, "net", "amount")] for group in investors.GROUPS}
    outcome = accounting.closure_check(nets, unit)
    return np.where(np.isnan(outcome.value), -1, outcome.extra["ok"].astype(np.int64))


def _index(
    archive: Archive, markets: Sequence[str], clocks: Sequence[DayClock], longest: int
) -> tuple[tuple[Floats, Floats] | None, Floats | None, list[str]]:
    """Levels of the index (of one market alone), turnover since the open, and the sources of both."""
    first, last = clocks[0].session, clocks[-1].session
    columns = ("open", "close", "amount", "products")
    stored = archive.read(INDEX, columns=columns, scopes=markets, start=first, end=last)
    stored = stored.filter((pl.col("venue") == "KRX") & (pl.col("products") == "STOCK"))
    if stored.is_empty():
        return None, None, []
    rows = _on_clock(stored, clocks, "index_code", markets)
    boards = [_bars(rows.filter(pl.col("scope") == place), clocks, longest) for place in range(len(markets))]
    sources = [archive.origin(source).name for source in stored["source"].unique().sort()]
    turnover = np.sum([board[2] for board in boards], axis=0)
    return (boards[0][0], boards[0][1]) if len(markets) == 1 else None, turnover, sources


def _bars(rows: pl.DataFrame, clocks: Sequence[DayClock], longest: int) -> tuple[Floats, Floats, Floats]:
    """Open and close by minute with the auction last, and the turnover at the end of each minute as running totals."""
    inside = rows.filter((pl.col("minute") >= 0) & (pl.col("minute") < pl.col("continuous")))
    auction = rows.filter((pl.col("minute") >= pl.col("continuous")) & (pl.col("minute") <= pl.col("length") + SETTLES))
    closing = auction.filter(pl.col("minute") >= pl.col("length"))
    opens, closes = (np.full((len(clocks), longest + 1), np.nan) for _ in range(2))
    amounts = np.full((len(clocks), longest + 3), np.nan)
    days, minutes = inside["day"].to_numpy(), inside["minute"].to_numpy()
    opens[days, minutes], closes[days, minutes] = _floats(inside["open"]), _floats(inside["close"])
    amounts[days, minutes + 1] = _floats(inside["amount"])
    first = auction.unique("day", keep="first", maintain_order=True)
    last = closing.unique("day", keep="last", maintain_order=True)
    opens[first["day"].to_numpy(), longest] = _floats(first["open"])
    closes[last["day"].to_numpy(), longest] = _floats(last["close"])
    amounts[last["day"].to_numpy(), longest + 2] = _floats(last["amount"])
    amounts[np.isfinite(amounts).any(axis=1), 0] = 0.0
    amounts[:, longest + 1] = amounts[np.arange(len(clocks)), [clock.continuous for clock in clocks]]
    return opens, closes, amounts


def _refreshed(reach: Mapping[str, Floats], day: int) -> bool:
    """Whether the snapshots of a session change from minute to minute."""
    totals = np.stack([board[day, 1:-2] for board in reach.values()])
    totals = totals[np.isfinite(totals).any(axis=1)]
    steps = np.diff(totals, axis=1)
    known = np.isfinite(steps).all(axis=0)
    return not known.any() or float((steps[:, known] == 0).all(axis=0).mean()) <= _FRESH


def _floats(column: pl.Series) -> Floats:
    return column.cast(pl.Float64).to_numpy().astype(np.float64)
