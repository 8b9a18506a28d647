"""한 달의 판: one month of a dataset as arrays (stocks, sessions), placed once for every panel that is cut from it.

Several parts of an answer ask for panels of the same months, over nearly the same stocks: the rows of a month are
looked up and spread out once, over all stocks that any part can name, and each panel is a copy of its own share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sugeup.usecases import panels
from sugeup.usecases.panels import Flags, Floats, Panel


@dataclass(frozen=True, eq=False)
class Stocks:
    """Codes in order, and where each stands."""

    codes: tuple[str, ...]
    kind: pl.Enum
    place: dict[str, int]

    @classmethod
    def of(cls, codes: Sequence[str]) -> Stocks:
        """Distinct codes in order."""
        ordered = tuple(sorted(set(codes)))
        return cls(ordered, pl.Enum(list(ordered)), {code: at for at, code in enumerate(ordered)})

    def rows(self, codes: Sequence[str]) -> NDArray[np.int64] | slice | None:
        """Rows of some codes, all of them as a slice; None where one is not among them."""
        if tuple(codes) == self.codes:
            return slice(None)
        found = [self.place.get(code, -1) for code in codes]
        return None if -1 in found else np.array(found, np.int64)


@dataclass(frozen=True, eq=False)
class Sheet:
    """Rows of the venue KRX of one month; `cells` is the place of each among the stocks and sessions."""

    days: tuple[date, ...]
    shape: tuple[int, int]
    rows: pl.DataFrame
    cells: NDArray[np.int64]
    figures: dict[str, Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: pl.DataFrame, stocks: Stocks) -> Sheet:
        """The rows of one month, of these stocks."""
        rows = panels.on_krx(rows)
        if rows.is_empty():
            return cls((), (len(stocks.codes), 0), rows, np.empty(0, np.int64))
        days = panels.days_of(rows["session"])
        rows, at, day = panels.placed(rows, "code", stocks.kind, days)
        return cls(days, (len(stocks.codes), len(days)), rows, at * len(days) + day)

    def figure(self, name: str) -> Floats:
        """A column of numbers, NaN where nothing is stored."""
        if name not in self.figures:
            array = self.figures[name] = np.full(self.shape, np.nan)
            array.reshape(-1)[self.cells] = self.rows[name].cast(pl.Float64).to_numpy()
        return self.figures[name]

    @cached_property
    def stored(self) -> Flags:
        """Where there is a row."""
        return self._spread(np.ones(len(self.cells), bool))

    @cached_property
    def provisional(self) -> Flags | None:
        """Where the row is provisional; None where no row is."""
        return None if self.rows["final"].all() else self._spread(~self.rows["final"].to_numpy())

    @cached_property
    def sources(self) -> list[str]:
        """The sources of the rows."""
        return sorted(panels.named(self.rows["source"]))

    @cached_property
    def source(self) -> NDArray[np.int64]:
        """Number of the source of each cell that is stored."""
        numbers = self.rows["source"].cast(pl.Enum(self.sources)).to_physical().to_numpy()
        found = np.zeros(self.shape, np.int64)
        found.reshape(-1)[self.cells] = numbers
        return found

    def _spread(self, flags: Flags) -> Flags:
        found = np.zeros(self.shape, bool)
        found.reshape(-1)[self.cells] = flags
        return found


@dataclass(eq=False)
class Cut:
    """A panel of some codes and sessions that is filled from one month after the other."""

    codes: Sequence[str]
    days: Sequence[date]
    columns: Sequence[str]
    rows: NDArray[np.int64] | slice
    figures: dict[str, Floats] = field(init=False)
    stored: Flags = field(init=False)
    provisional: Flags = field(init=False)
    sources: set[str] = field(init=False)

    def __post_init__(self) -> None:
        shape = (len(self.codes), len(self.days))
        self.figures = {name: np.empty(shape) for name in self.columns}
        self.stored, self.provisional, self.sources = np.zeros(shape, bool), np.zeros(shape, bool), set()

    def take(self, sheet: Sheet, first: int, end: int) -> None:
        """Copy the sessions `first` to `end` of the panel, all of one month; NaN where the month lacks one."""
        place = {day: at for at, day in enumerate(sheet.days)}
        there = [(at, place[self.days[at]]) for at in range(first, end) if self.days[at] in place]
        if len(there) < end - first:
            for array in self.figures.values():
                array[:, first:end] = np.nan
        if not there:
            return
        here, inside = _slice([at for at, _ in there]), _slice([at for _, at in there])
        for name, array in self.figures.items():
            array[:, here] = sheet.figure(name)[:, inside][self.rows]
        stored = sheet.stored[:, inside][self.rows]
        self.stored[:, here] = stored
        if sheet.provisional is not None:
            self.provisional[:, here] = sheet.provisional[:, inside][self.rows]
        if len(sheet.sources) > 1:
            self.sources.update(sheet.sources[at] for at in np.unique(sheet.source[:, inside][self.rows][stored]))
        elif stored.any():
            self.sources.update(sheet.sources)

    def panel(self) -> Panel:
        """What was copied."""
        sources = tuple(sorted(self.sources))
        return Panel(tuple(self.codes), tuple(self.days), self.figures, self.stored, self.provisional, sources)


def _slice(places: list[int]) -> slice | list[int]:
    """The places, as a slice where they follow one another."""
    return slice(places[0], places[-1] + 1) if places[-1] - places[0] == len(places) - 1 else places
