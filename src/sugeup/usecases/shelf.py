"""한 답의 자료: an archive that reads each month of a market once for one answer, whoever asks for it.

The parts of an answer about a market look at the same months of the same datasets, each at a few columns of its own. A
shelf is told all of these columns at the start, reads a month when it is first asked for, and gives every part its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, cast

import polars as pl

from sugeup import records
from sugeup.archive import Archive
from sugeup.market import investors
from sugeup.usecases.panels import Panel
from sugeup.usecases.sheets import Cut, Sheet, Stocks

LISTS = ("instruments", "sector_membership")
"""Datasets of few rows that every part of an answer about a market looks at."""
_KINDS = tuple(leaf for leaf in investors.members("institution") if leaf != "government")
_PRICES = ("amount", "raw_close", "base_price", "market_cap")
_SMART: Mapping[str, Sequence[str]] = {
    "investor_day_stock": tuple(investors.column(one, "net", "amount") for one in ("foreign", "institution", *_KINDS)),
    "daily_bars": _PRICES,
}


def for_smart_money(archive: Archive) -> Archive:
    """A shelf for what is asked about smart money: nets by kind of institution, prices and sizes."""
    return shelf(archive, _SMART, LISTS)


def for_sentiment(archive: Archive) -> Archive:
    """A shelf for the mood of a market: as for smart money, with individuals and short sales."""
    flows = (*_SMART["investor_day_stock"], investors.column("individual", "net", "amount"))
    late = {
        "investor_day_stock": [investors.column(one, "net", "amount") for one in _KINDS],
        "daily_bars": ["raw_close", "base_price"],
    }
    return shelf(archive, {**_SMART, "investor_day_stock": flows, "short_day": ("short_amount",)}, LISTS, late)


def for_brief(archive: Archive) -> Archive:
    """A shelf for the page about a market: smart money, rankings in won and shares, short selling."""
    shares = (investors.column(one, "net", "volume") for one in ("foreign", "institution"))
    return shelf(
        archive,
        {
            "investor_day_stock": (*_SMART["investor_day_stock"], *shares),
            "daily_bars": (*_PRICES, "volume", "status", "listed_shares"),
            "short_day": ("short_amount", "short_volume"),
        },
        LISTS,
    )


def shelf(
    archive: Archive,
    columns: Mapping[str, Sequence[str]],
    whole: Sequence[str] = (),
    late: Mapping[str, Sequence[str]] | None = None,
) -> Archive:
    """The archive, to be read for one answer and then let go.

    columns: dataset -> every column that parts of the answer will ask for, month by month and for all codes; whole:
    datasets of few rows, kept as they are; late: those of the columns that are not read of months before the first
    panel that is asked for. Any other question goes to the archive as it is, so that an answer is the
    same with a shelf and without one.
    """
    return cast(Archive, _Shelf(archive, columns, whole, late or {}))


class _Shelf:
    def __init__(
        self,
        archive: Archive,
        columns: Mapping[str, Sequence[str]],
        whole: Sequence[str],
        late: Mapping[str, Sequence[str]],
    ) -> None:
        self._archive = archive
        self._columns = columns
        self._late = late
        self._since: date | None = None
        self._whole = frozenset(whole)
        self._months: dict[tuple[str, int, int], pl.DataFrame] = {}
        self._edges: dict[tuple[str, int, int], tuple[Any, Any]] = {}
        self._kept: dict[str, pl.DataFrame] = {}
        self._sheets: dict[tuple[str, int, int], Sheet] = {}
        self._stocks: Stocks | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)

    def read(self, dataset: str, *, columns: Sequence[str] | None = None, **asked: Any) -> pl.DataFrame:
        """Rows as `Archive.read` gives them."""
        start: Any = asked.get("start")
        end: Any = asked.get("end")
        others = any(asked.get(name) for name in ("scopes", "having", "as_of")) or asked.get("scopes") is not None
        if dataset in self._whole and not others and start is None and end is None:
            rows = self._all(dataset)
            return rows if columns is None else self._picked(dataset, rows, columns)
        dated = start is not None and end is not None and not others
        if columns is not None and dated and self._holds(dataset, columns, start, end):
            rows, (first, last) = self._month(dataset, start), self._edges[dataset, start.year, start.month]
            rows = rows if start <= first and last <= end else _between(rows, start, end)
            return self._picked(dataset, rows, columns)
        return self._archive.read(dataset, columns=columns, **asked)

    def panel(self, dataset: str, columns: Sequence[str], codes: Sequence[str], days: Sequence[date]) -> Panel | None:
        """The panel that `panels.panel` makes, from months that are placed once; None where the shelf has no such."""
        self._since = self._since or days[0].replace(day=1)
        if not set(columns) <= set(self._told(dataset, days[0])):
            return None
        if self._stocks is None:
            held = (self._all(name)["code"] for name in ("instruments", "sector_membership") if name in self._whole)
            self._stocks = Stocks.of([code for column in held for code in column.unique().to_list()])
        rows = self._stocks.rows(codes)
        if rows is None:
            return None
        cut = Cut(codes, days, columns, rows)
        for _, month in groupby(range(len(days)), key=lambda at: (days[at].year, days[at].month)):
            places = list(month)
            cut.take(self._sheet(dataset, days[places[0]]), places[0], places[-1] + 1)
        return cut.panel()

    def _sheet(self, dataset: str, day: date) -> Sheet:
        place = dataset, day.year, day.month
        if place not in self._sheets:
            assert self._stocks is not None
            rows = self._months[place] if place in self._months else self._read(dataset, day)
            self._sheets[place] = Sheet.of(rows, self._stocks)
        return self._sheets[place]

    def _holds(self, dataset: str, columns: Sequence[str], start: date, end: date) -> bool:
        one_month = (start.year, start.month) == (end.year, end.month)
        return one_month and dataset in self._columns and set(columns) <= set(self._told(dataset, start))

    def _all(self, dataset: str) -> pl.DataFrame:
        if dataset not in self._kept:
            self._kept[dataset] = self._archive.read(dataset)
        return self._kept[dataset]

    def _month(self, dataset: str, day: date) -> pl.DataFrame:
        place = dataset, day.year, day.month
        if place not in self._months:
            rows = self._months[place] = self._read(dataset, day)
            session = rows["session"]
            self._edges[place] = (date.max, date.min) if rows.is_empty() else (session.min(), session.max())
        return self._months[place]

    def _read(self, dataset: str, day: date) -> pl.DataFrame:
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return self._archive.read(dataset, columns=self._told(dataset, first), start=first, end=last)

    def _told(self, dataset: str, day: date) -> Sequence[str]:
        """Columns that are read of the month of a day."""
        held = self._columns.get(dataset, ())
        if self._since is None or day >= self._since or (dataset, day.year, day.month) in self._months:
            return held
        return [name for name in held if name not in self._late.get(dataset, ())]

    def _picked(self, dataset: str, rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
        declared = records.dataset(dataset)
        named = {*declared.full_key, *columns, "source", "known_at", "ingested_at", "final"}
        return rows.select(name for name in rows.columns if name in named)


def _between(rows: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    """Rows of these sessions."""
    session = rows["session"]
    return rows.filter((session >= start) & (session <= end))
