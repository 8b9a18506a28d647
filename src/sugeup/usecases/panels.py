"""전 종목 패널: stored rows of many stocks as arrays (stocks, sessions), aligned on the exchange's sessions.

Market-wide questions start here: `latest` says which session to answer for, `universe` which stocks there were on it,
`panel` reads the columns that are needed over the sessions that are needed, once, and makes them dense. A cell without
a stored figure is NaN, so that a gap stays a gap.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sugeup.archive import Archive
from sugeup.market import calendar_tables, sessions
from sugeup.usecases import securities, windows

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MARKETS = ("KOSPI", "KOSDAQ")
ENOUGH = 0.8
"""A session counts as collected when it has this share of the rows of the fullest session of the last weeks."""
FEW = 200
"""Up to so many stocks are looked for by code; more are read whole and picked from."""
_REACH = (45, 400)
_Placed = tuple[pl.Enum, pl.Series, NDArray[np.int64]]


class _Last(threading.local):
    """The codes that this thread looked up last: most months have the same."""

    placed: _Placed | None = None


_LAST = _Last()
_EPOCH = date(1970, 1, 1).toordinal()
_LISTING = ("name", "market", "kind", "listed_on", "delisted_on", "valid_to")


@dataclass(frozen=True)
class Universe:
    """Stocks by code with name, market and first day of listing (null where no instruments are stored)."""

    codes: tuple[str, ...]
    names: tuple[str | None, ...]
    markets: tuple[str | None, ...]
    listed_on: tuple[date | None, ...]

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def place(self) -> dict[str, int]:
        """Code -> row of the panels."""
        return {code: at for at, code in enumerate(self.codes)}


@dataclass(frozen=True, eq=False)
class Panel:
    """Columns of one dataset as arrays (stocks, sessions), NaN where nothing is stored.

    `stored`: there is a row; `provisional`: the row is 잠정. `figures` hold whole won and shares exactly up to 2^53.
    """

    codes: tuple[str, ...]
    days: tuple[date, ...]
    figures: Mapping[str, Floats]
    stored: Flags
    provisional: Flags
    sources: tuple[str, ...]

    def __getitem__(self, column: str) -> Floats:
        return self.figures[column]

    def last(self, n: int) -> Panel:
        """The last n sessions."""
        cut = slice(max(0, len(self.days) - n), None)
        figures = {name: array[:, cut] for name, array in self.figures.items()}
        return Panel(self.codes, self.days[cut], figures, self.stored[:, cut], self.provisional[:, cut], self.sources)

    def newest(self, column: str) -> Floats:
        """A column on the last session."""
        newest: Floats = self.figures[column][:, -1]
        return newest

    @property
    def until(self) -> date | None:
        """Newest session with a row of any stock."""
        found = np.flatnonzero(self.stored.any(axis=0))
        return self.days[int(found[-1])] if len(found) else None


def latest(archive: Archive, dataset: str, market: str = "ALL", session: date | None = None) -> tuple[date, list[str]]:
    """The session to answer for, and warnings: the one asked for, else the newest that is collected market-wide.

    ALL means every market that rows are stored of. A newer session of which only a part is stored is passed over, with
    a warning. Raises NoData as `windows.choose` does.
    """
    if session is not None:
        asked = _keys(archive, dataset, market, session, session) if sessions.is_session(session) else pl.DataFrame()
        keys = asked if not asked.is_empty() else _keys(archive, dataset, market, None, None)
        wanted = keys["market"].unique().to_list() if asked.is_empty() else asked["market"].unique().to_list()
        return windows.choose(archive, dataset, keys, "market", wanted, session), []
    today = archive.clock.now().astimezone(windows.SEOUL).date()
    keys = pl.DataFrame()
    for days in (*_REACH, None):
        keys = _keys(archive, dataset, market, None if days is None else today - timedelta(days=days), None)
        if not keys.is_empty():
            break
    counted = keys.group_by("market", "session").len()
    last = counted["session"].max()
    if isinstance(last, date):
        counted = counted.filter(pl.col("session") > last - timedelta(days=_REACH[0]))
    full = counted.filter(pl.col("len") >= ENOUGH * pl.col("len").max().over("market"))
    chosen = windows.choose(archive, dataset, full, "market", full["market"].unique().to_list(), None)
    return chosen, _about(archive, counted, chosen)


def universe(
    archive: Archive,
    session: date,
    market: str = "ALL",
    kinds: Sequence[str] = ("STOCK",),
    seen: Sequence[str] = (),
) -> Universe:
    """Stocks that were listed on a session, by code, from `instruments` as of that day; an unknown kind counts.

    Without instruments the codes `seen` in other rows are taken, nameless. Raises NoData(NOT_COLLECTED) when one market
    is asked for and nothing says where a stock is listed.
    """
    stored = archive.read("instruments", columns=_LISTING)
    if stored.is_empty():
        if market != "ALL":
            raise securities.no_names(archive)
        codes = tuple(sorted(set(seen)))
        return Universe(codes, *((None,) * len(codes),) * 3)
    rows = securities.newest(stored, ("code",), session).filter(
        pl.col("kind").is_null() | pl.col("kind").is_in(list(kinds)),
        pl.col("delisted_on").is_null() | (pl.col("delisted_on") >= session),
        pl.col("listed_on").is_null() | (pl.col("listed_on") <= session),
        pl.lit(value=True) if market == "ALL" else pl.col("market") == market,
        pl.lit(value=True) if market != "ALL" else pl.col("market").is_null() | pl.col("market").is_in(MARKETS),
    )
    return Universe(*(tuple(rows[name].to_list()) for name in ("code", "name", "market", "listed_on")))


def span(session: date, n: int) -> tuple[date, ...]:
    """The last n sessions up to one; fewer where the session table begins."""
    return sessions.sessions(calendar_tables.FIRST, session)[-n:]


def panel(
    archive: Archive,
    dataset: str,
    columns: Sequence[str],
    codes: Sequence[str],
    days: Sequence[date],
    *,
    having: Sequence[str] = (),
    key: str = "code",
) -> Panel:
    """Columns of a dataset keyed by code and session, dense: one read of these columns over these sessions, venue KRX.

    `having` as in `Archive.read`: the best row with a value in one of these columns. `key` names the column of the
    codes where it is another, as `index_code`.
    """
    kept = getattr(archive, "panel", None)  # a shelf has months that are placed already
    if kept is not None and key == "code" and not having and len(codes) > FEW:
        cut: Panel | None = kept(dataset, columns, codes, days)
        if cut is not None:
            return cut
    shape = (len(codes), len(days))
    figures = {name: np.full(shape, np.nan) for name in columns}
    stored, provisional = np.zeros(shape, bool), np.zeros(shape, bool)
    asked: dict[str, Any] = {"columns": columns, "having": having}
    pieces: list[Sequence[date]] = [days]
    if len(codes) <= FEW:
        asked["scopes"] = list(codes)
    else:
        # The store keeps the rows of a month in order: reading month by month spares sorting a market's whole history.
        pieces = [list(month) for _, month in groupby(days, key=lambda day: (day.year, day.month))]
    kind, sources = pl.Enum(list(codes)), set[str]()
    for piece in pieces:
        rows = on_krx(archive.read(dataset, start=piece[0], end=piece[-1], **asked))
        rows, at, day = placed(rows, key, kind, days)
        cells = at * len(days) + day
        for name, array in figures.items():
            array.reshape(-1)[cells] = rows[name].cast(pl.Float64).to_numpy()
        stored.reshape(-1)[cells] = True
        if not rows["final"].all():
            provisional[at, day] = ~rows["final"].to_numpy()
        sources.update(named(rows["source"]))
    return Panel(tuple(codes), tuple(days), figures, stored, provisional, tuple(sorted(sources)))


def prices(archive: Archive, codes: Sequence[str], days: Sequence[date]) -> Panel:
    """`raw_close` and `base_price` of one row each: of the best row that has a base price where the preferred lacks it.

    The return of a session is that of one row, its close over its own base price (기준가).
    """
    columns = ("raw_close", "base_price")
    found = panel(archive, "daily_bars", columns, codes, days)
    if not np.isnan(found["base_price"][found.stored]).any():
        return found
    based = panel(archive, "daily_bars", columns, codes, days, having=["base_price"])
    figures = {name: np.where(based.stored, based[name], found[name]) for name in columns}
    sources = tuple(sorted({*found.sources, *based.sources}))
    return Panel(found.codes, found.days, figures, found.stored, found.provisional, sources)


def placed(
    rows: pl.DataFrame, key: str, kind: pl.Enum, days: Sequence[date]
) -> tuple[pl.DataFrame, NDArray[np.int64], NDArray[np.int64]]:
    """The rows of these codes and sessions, with the row and the column of each; rows of one code stand together."""
    at, day = _places(rows[key], kind), columns_of(rows["session"], days)
    inside = (at >= 0) & (day >= 0)
    return (rows, at, day) if inside.all() else (rows.filter(inside), at[inside], day[inside])


def by_scope(
    rows: pl.DataFrame, key: str, columns: Sequence[str], scopes: Sequence[str], days: Sequence[date]
) -> dict[str, Floats]:
    """Columns of the rows of some scopes (markets, indices) as (scopes, sessions), NaN where missing."""
    rows, at, day = placed(rows, key, pl.Enum(list(scopes)), days)
    held = {name: np.full((len(scopes), len(days)), np.nan) for name in columns}
    for name, array in held.items():
        array[at, day] = rows[name].cast(pl.Float64).to_numpy()
    return held


def among(codes: pl.Series, kind: pl.Enum) -> Flags:
    """Which rows are of these codes; rows of one code stand together."""
    found: Flags = _places(codes, kind) >= 0
    return found


def days_of(found: pl.Series) -> tuple[date, ...]:
    """The distinct sessions of some rows, which lie close together, in order."""
    numbers = found.to_physical().to_numpy()
    first = int(numbers.min())
    there = np.flatnonzero(np.bincount(numbers - first))
    return tuple(date.fromordinal(int(at) + first + _EPOCH) for at in there)


def on_krx(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the venue KRX: nothing is copied where all of them are."""
    inside = rows["venue"] == "KRX"
    return rows if inside.all() else rows.filter(inside)


def named(sources: pl.Series) -> list[str]:
    """The sources of some rows, most often one."""
    if len(sources) and (sources == sources[0]).all():
        return [sources[0]]
    return sources.unique().to_list()


def _keys(archive: Archive, dataset: str, market: str, start: date | None, end: date | None) -> pl.DataFrame:
    """Session and market of every row of stocks; the market of all is ALL where nothing is known about listings."""
    rows = archive.read(dataset, columns=[], start=start, end=end).filter(pl.col("venue") == "KRX")
    listed = archive.read("instruments", columns=["market"])
    if listed.is_empty():
        if market != "ALL":
            raise securities.no_names(archive)
        return rows.select("session", "code", pl.lit("ALL").alias("market"))
    listed = securities.newest(listed, ("code",)).select("code", "market")
    found = rows.select("session", "code").join(listed, on="code", how="inner")
    return found.filter(pl.col("market").is_in(MARKETS) if market == "ALL" else pl.col("market") == market)


def _about(archive: Archive, counted: pl.DataFrame, chosen: date) -> list[str]:
    said = []
    newer = counted.filter(pl.col("session") > chosen).group_by("session").agg(pl.col("len").sum()).sort("session")
    if not newer.is_empty():
        days, most = newer["session"].to_list(), max(newer["len"].to_list())
        usual = counted.filter(pl.col("session") == chosen)["len"].sum()
        when = f"{days[0]} has" if len(days) == 1 else f"{len(days)} sessions from {days[0]} to {days[-1]} have"
        said.append(f"{when} figures of at most {most:,} stocks ({usual:,} on {chosen}): not answered for.")
    age = archive.clock.now().astimezone(windows.SEOUL).date() - chosen
    if age.days > 7:
        said.append(f"The newest figures are of {chosen}, {age.days} days ago.")
    return said


def _places(found: pl.Series, kind: pl.Enum) -> NDArray[np.int64]:
    """Row of each code, -1 for one that is not among them; rows of one code stand together, so runs are looked up."""
    runs = found.rle().struct.unnest()
    names = runs["value"]
    last = _LAST.placed
    if last is None or last[0] is not kind or not last[1].equals(names):
        place = names.cast(kind, strict=False).to_physical().cast(pl.Int64)
        last = _LAST.placed = kind, names, (place.fill_null(-1) if place.null_count() else place).to_numpy()
    numbers = last[2]
    placed: NDArray[np.int64] = np.repeat(numbers, runs["len"].to_numpy())
    return placed


@lru_cache(maxsize=32)
def _table(days: tuple[date, ...]) -> tuple[int, NDArray[np.int64]]:
    """Number of the first day since 1970, and the column of each day from it on; -1 for one that is not among them."""
    numbers = np.array([day.toordinal() for day in days]) - _EPOCH
    table = np.full(int(numbers[-1] - numbers[0]) + 1, -1, np.int64)
    table[numbers - numbers[0]] = np.arange(len(days))
    return int(numbers[0]), table


def columns_of(found: pl.Series, days: Sequence[date]) -> NDArray[np.int64]:
    """Column of each session, -1 for a day that is not among them."""
    first, table = _table(tuple(days))
    since = found.to_physical().to_numpy() - first
    placed: NDArray[np.int64] = table.take(since, mode="clip")
    outside = (since < 0) | (since >= len(table))
    if outside.any():
        placed[outside] = -1
    return placed
