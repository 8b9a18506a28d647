"""The simulated market as the sandbox reads it: histories and days by scope, kept in memory while they are asked for.

Stocks are loaded in blocks of neighbouring codes, because callers go through them in order.
"""

from __future__ import annotations

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from sugeup import records

Found = dict[str, Any]
_BLOCK_ROWS = 20_000
_BLOCKS = 48
"""Blocks kept of all datasets together: at most about 700 MB, when all are investors'."""
_TOGETHER = 64
"""Stocks whose minutes are made at once: a block costs little more than one stock."""
_PARTS = 64
_LONG_AGO = date(1900, 1, 1)


class Plan(Protocol):
    """What the sandbox says of a plan."""

    @property
    def seed(self) -> int:
        """Seed of the market."""
        ...

    @property
    def events(self) -> float:
        """Strength of planted events."""
        ...

    @property
    def turbulence(self) -> float:
        """Scale of the market's own moves."""
        ...


class Stocks(Protocol):
    """What the sandbox asks of the stocks beside their rows."""

    @property
    def kospi200(self) -> npt.NDArray[np.bool_]:
        """Which stocks are in the KOSPI 200, in the order of the market's codes."""
        ...


class Market(Protocol):
    """A simulated market: exact rows of every dataset, sorted by key, without provenance."""

    @property
    def stocks(self) -> Stocks:
        """The stocks."""
        ...

    @property
    def plan(self) -> Plan:
        """What was simulated."""
        ...

    @property
    def sessions(self) -> tuple[date, ...]:
        """Exchange days, oldest first."""
        ...

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code ever listed, ordered."""
        ...

    def rows(self, dataset: str, first: date, last: date, scopes: Sequence[str] | None = None) -> pl.DataFrame:
        """Rows of a dataset between two dates, of all scopes or some."""
        ...


@dataclass(frozen=True, eq=False)
class History:
    """Rows of one scope, oldest first, with their dates."""

    frame: pl.DataFrame
    dated: str = "session"

    @cached_property
    def days(self) -> list[date]:
        """Dates of the rows."""
        return list(self.frame[self.dated].to_list())

    def slice(self, first: date | None, last: date | None, most: int | None = None) -> pl.DataFrame:
        """Rows between two dates, at most `most` of the newest; oldest first. No `last`: none."""
        if last is None:
            return self.frame.clear()
        end = bisect_right(self.days, last)
        start = 0 if first is None else bisect_left(self.days, first)
        if most is not None:
            start = max(start, end - most)
        return self.frame.slice(start, max(end - start, 0))

    def newest_first(self, first: date | None, last: date | None, most: int | None = None) -> list[Found]:
        """The same as plain rows, newest first."""
        return self.slice(first, last, most).to_dicts()[::-1]

    def at(self, day: date | None) -> Found | None:
        """The row of one date."""
        if day is None:
            return None
        place = bisect_left(self.days, day)
        return self.frame.row(place, named=True) if place < len(self.days) and self.days[place] == day else None

    def before(self, day: date) -> Found | None:
        """The newest row before a date."""
        place = bisect_left(self.days, day) - 1
        return self.frame.row(place, named=True) if place >= 0 else None


@dataclass(frozen=True, eq=False)
class Intraday:
    """Rows of one scope within one session, oldest first; `minute` is their label since midnight in Seoul."""

    frame: pl.DataFrame

    @cached_property
    def minutes(self) -> list[int]:
        """Labels."""
        return list(self.frame["minute"].to_list())

    @cached_property
    def columns(self) -> dict[str, list[Any]]:
        """Values by column."""
        return self.frame.to_dict(as_series=False)

    def upto(self, minute: int) -> int:
        """Number of rows labelled by that minute or earlier."""
        return bisect_right(self.minutes, minute)

    @cached_property
    def plain(self) -> list[Found]:
        """All rows."""
        return self.frame.to_dicts()

    def row(self, place: int) -> Found:
        """One row."""
        return self.frame.row(place, named=True)

    def until(self, minute: int, most: int | None = None) -> list[Found]:
        """Rows labelled by that minute or earlier, at most `most` of the newest; newest first."""
        end = self.upto(minute)
        start = 0 if most is None else max(end - most, 0)
        return self.frame.slice(start, end - start).to_dicts()[::-1]


def _derived(frame: pl.DataFrame) -> pl.DataFrame:
    """Sums as the vendor draws them: its 기관 has no 국가·지자체, which stands in its 기타."""
    both = [(side, measure) for side in ("buy", "sell", "net") for measure in ("amount", "volume")]
    return frame.with_columns(
        *[
            (pl.col(f"institution_{side}_{measure}") - pl.col(f"government_{side}_{measure}")).alias(
                f"orgn_{side}_{measure}"
            )
            for side, measure in both
        ],
        *[
            (pl.col(f"other_corporation_{side}_{measure}") + pl.col(f"government_{side}_{measure}")).alias(
                f"etc_{side}_{measure}"
            )
            for side, measure in both
        ],
    )


class Figures:
    """Reads a market and remembers what was read."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.sessions = market.sessions
        self.codes = market.codes
        self._place = {code: at for at, code in enumerate(market.codes)}
        self._width = max(8, _BLOCK_ROWS // len(market.sessions))
        self._block = functools.lru_cache(maxsize=_BLOCKS)(self._load_block)
        self._whole = functools.cache(self._load_whole)
        self._parts = functools.lru_cache(maxsize=_PARTS)(self._load_parts)
        self.day = functools.lru_cache(maxsize=24)(self._load_day)
        self.held = functools.lru_cache(maxsize=512)(self._hold)

    def stock(self, dataset: str, code: str) -> History:
        """History of one stock in a daily dataset; empty for an unknown code."""
        place = self._place.get(code, 0)
        return self._block(dataset, place // self._width).get(code) or self._empty(dataset)

    def scope(self, dataset: str, scope: str) -> History:
        """History of one market or index in a daily dataset; empty for an unknown one."""
        return self._whole(dataset).get(scope) or self._empty(dataset)

    def scopes(self, dataset: str) -> tuple[str, ...]:
        """Markets or indices of a dataset."""
        return tuple(self._whole(dataset))

    def intraday(self, dataset: str, day: date, scope: str) -> Intraday:
        """Rows of one scope within one session."""
        stocks = records.dataset(dataset).scope == "code"
        number = self._place.get(scope, 0) // _TOGETHER if stocks else -1
        return self._parts(dataset, day, number).get(scope) or _no_minutes(dataset)

    def place(self, code: str) -> int:
        """Number of a stock in the market's order."""
        return self._place[code]

    def listed(self, code: str, on: date) -> Found | None:
        """The stock as it is on a date; None when it is not listed then, or unknown."""
        valid = [row for row in self.instruments.get(code, ()) if row["valid_from"] <= on]
        row = valid[-1] if valid else None
        if row is None or (row["listed_on"] is not None and row["listed_on"] > on):
            return None
        return None if row["delisted_on"] is not None and row["delisted_on"] < on else row

    def known(self, code: str, on: date) -> Found | None:
        """The stock as it was last known on a date, delisted ones included; None when it was not listed yet."""
        valid = [row for row in self.instruments.get(code, ()) if row["valid_from"] <= on]
        return valid[-1] if valid else None

    @cached_property
    def large(self) -> frozenset[str]:
        """Codes in the KOSPI 200."""
        return frozenset(np.array(self.codes)[self.market.stocks.kospi200].tolist())

    @cached_property
    def instruments(self) -> dict[str, list[Found]]:
        """Every stock's rows by code, oldest first."""
        return self._reference("instruments")

    @cached_property
    def sectors(self) -> dict[str, list[Found]]:
        """Every stock's industries of the exchange by code, oldest first."""
        return self._reference("sector_membership")

    @cached_property
    def actions(self) -> dict[str, list[Found]]:
        """Corporate actions by code, oldest first."""
        return self._reference("corporate_actions")

    def sector(self, code: str, on: date) -> tuple[str, str]:
        """Index code and name of a stock's industry on a date; empty when it has none."""
        valid = [row for row in self.sectors.get(code, ()) if row["valid_from"] <= on]
        return (valid[-1]["sector"], valid[-1]["sector_name"] or "") if valid else ("", "")

    def marks(self, code: str, on: date) -> dict[str, str]:
        """Designations of a stock on a session: kind and level."""
        return self._marks(on).get(code, {})

    def _marks(self, on: date) -> dict[str, dict[str, str]]:
        def read() -> dict[str, dict[str, str]]:
            found: dict[str, dict[str, str]] = {}
            for row in self.market.rows("designations", on, on).iter_rows(named=True):
                found.setdefault(row["code"], {})[row["kind"]] = row["level"] or ""
            return found

        found: dict[str, dict[str, str]] = self.once(f"marks {on}", read)
        return found

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once while the name is among the last asked for."""
        return self.held(_Named(name, make))

    def _hold(self, named: _Named) -> Any:
        return named.make()

    def _reference(self, dataset: str) -> dict[str, list[Found]]:
        found: dict[str, list[Found]] = {}
        frame = self.market.rows(dataset, _LONG_AGO, self.sessions[-1])
        for row in frame.sort("code", records.dataset(dataset).dated).iter_rows(named=True):
            found.setdefault(row["code"], []).append(row)
        return found

    def _load_block(self, dataset: str, number: int) -> dict[str, History]:
        codes = self.codes[number * self._width : (number + 1) * self._width]
        return self._split(dataset, self.market.rows(dataset, self.sessions[0], self.sessions[-1], codes))

    def _load_whole(self, dataset: str) -> dict[str, History]:
        return self._split(dataset, self.market.rows(dataset, self.sessions[0], self.sessions[-1]))

    def _split(self, dataset: str, frame: pl.DataFrame) -> dict[str, History]:
        if dataset.startswith("investor_"):
            frame = _derived(frame)
        scope = records.dataset(dataset).scope
        if scope not in frame.columns:
            return {"": History(frame.sort("session"))}
        return {
            str(key[0]): History(part.sort("session"))
            for key, part in frame.partition_by(scope, as_dict=True, maintain_order=True).items()
        }

    def _load_day(self, dataset: str, session: date) -> dict[str, Found]:
        """Rows of all scopes on one session."""
        scope = records.dataset(dataset).scope
        return {row[scope]: row for row in self.market.rows(dataset, session, session).iter_rows(named=True)}

    def _load_parts(self, dataset: str, day: date, number: int) -> dict[str, Intraday]:
        """Rows within a session: of a block of stocks, or of all scopes where `number` is -1."""
        scope = records.dataset(dataset).scope
        block = None if number < 0 else self.codes[number * _TOGETHER : (number + 1) * _TOGETHER]
        frame = self.market.rows(dataset, day, day, block)
        if dataset.startswith("investor_"):
            frame = _derived(frame)
        if "at" in frame.columns:
            local = pl.col("at").dt.convert_time_zone("Asia/Seoul")
            frame = frame.with_columns(minute=local.dt.hour().cast(pl.Int32) * 60 + local.dt.minute())
        parts = frame.partition_by(scope, as_dict=True, maintain_order=True)
        return {str(key[0]): Intraday(part) for key, part in parts.items()}

    def _empty(self, dataset: str) -> History:
        return _nothing(dataset)


@functools.cache
def _no_minutes(dataset: str) -> Intraday:
    return Intraday(_nothing(dataset).frame.with_columns(minute=pl.lit(0, pl.Int32)).clear())


@functools.cache
def _nothing(dataset: str) -> History:
    described = records.dataset(dataset)
    frame = described.empty().select([*described.key, *described.measures])
    return History(_derived(frame) if dataset.startswith("investor_") else frame)


class _Named:
    """A maker known by its name alone."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self.name, self.make = name, make

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Named) and self.name == other.name
