"""공매도 과열 beside the exchange: the quarter's share, official lists, and how far a stock is from each type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.market import overheating, publication, sessions
from sugeup.market.overheating import Condition
from sugeup.records.reference import INDEX_SCHEME
from sugeup.usecases import securities, short_panel

INDEX = {
    "KOSPI": ("KOSPI", "KOSPI200", 200),
    "KOSDAQ": ("KOSDAQ", "KOSDAQ150", 150),
    "KONEX": ("KOSDAQ", "KOSDAQ150", 150),
}
"""Market -> the market whose index gives the quarter's share, the index, how many members it has."""
_QUARTERS_BACK = 12


@dataclass(frozen=True)
class Quarter:
    """Short share of the previous quarter in % of turnover, estimated; `note` says from what, or what is missing."""

    value: float | None
    n: int
    reason: str | None
    note: str


@dataclass(frozen=True)
class Official:
    """The exchange's list (공매도 과열종목) of some sessions; a session that is not `known` has no stored list.

    `now`: when it was asked.
    """

    now: datetime
    known: frozenset[date]
    marked: Mapping[date, frozenset[str]]

    def barred(self, day: date, codes: Sequence[str]) -> short_panel.Array:
        """1 where short selling of the stock was barred on the day, 0 where not, NaN where no list is stored."""
        if day not in self.known:
            return np.full(len(codes), np.nan)
        marked = self.marked.get(day, frozenset())
        return np.array([float(code in marked) for code in codes])

    def lacking(self, day: date) -> tuple[str, str]:
        """Why there is no list of a session: reason and words."""
        public = publication.known_at("designations", day)
        if self.now < public:
            return "NOT_PUBLISHED_YET", f"the official list of {day} is public that morning"
        return "NOT_COLLECTED", f"no official list of {day} is stored; `sugeup job run universe` keeps it each morning"


def quarter_days(day: date) -> tuple[date, ...]:
    """Sessions of the quarter before a day's, bans left out; of an earlier quarter where all of it was banned."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    for _ in range(_QUARTERS_BACK):
        last = date.fromordinal(first.toordinal() - 1)
        first = date(last.year, 3 * ((last.month - 1) // 3) + 1, 1)
        if found := tuple(one for one in sessions.sessions(first, last) if not overheating.banned(one)):
            return found
    return ()


def quarters(archive: Archive, instruments: pl.DataFrame, markets: Sequence[str], day: date) -> dict[str, Quarter]:
    """The share of the quarter for each market; `instruments` has market, kind and is_preferred of every code.

    The exchange takes the members of an index. Where they are not stored as of the quarter's end, the largest stocks
    of the market stand in.
    """
    days = quarter_days(day)
    wanted = {INDEX[market][0]: INDEX[market] for market in markets if market in INDEX}
    if not days or not wanted:
        return {}
    listed = securities.newest(instruments, ("code",), days[-1])
    listed = listed.filter(pl.col("kind").fill_null("STOCK") == "STOCK", ~pl.col("is_preferred").fill_null(value=False))
    sizes = archive.read(
        "daily_bars", columns=("market_cap", "listed_shares", "raw_close"), start=days[-1], end=days[-1]
    )
    size = pl.coalesce("market_cap", pl.col("listed_shares") * pl.col("raw_close"))
    ranked = listed.join(sizes.filter(pl.col("venue") == "KRX"), on="code", how="left").with_columns(size.alias("size"))
    held = _members(archive, days[-1])
    members = {
        name: held[index]
        if index in held
        else ranked.filter(pl.col("market") == name)
        .sort("size", "code", descending=[True, False], nulls_last=True)
        .head(count)["code"]
        for name, index, count in wanted.values()
    }
    codes = pl.concat(members.values()).to_list() if members else []
    asked: dict[str, Any] = {"scopes": codes, "start": days[0], "end": days[-1]}
    sold = archive.read("short_day", columns=("short_amount",), **asked)
    bars = archive.read("daily_bars", columns=("amount",), **asked)
    krx = pl.col("venue") == "KRX"
    both = (
        sold.filter(krx, pl.col("session").is_in(days))
        .select("code", "session", "short_amount")
        .join(bars.filter(krx).select("code", "session", "amount"), on=["code", "session"])
        .drop_nulls()
    )
    found = {
        name: _quarter(
            both.filter(pl.col("code").is_in(members[name].implode())),
            days,
            wanted[name],
            known=wanted[name][1] in held,
        )
        for name in members
    }
    return {market: found[INDEX[market][0]] for market in markets if market in INDEX}


def _members(archive: Archive, day: date) -> dict[str, pl.Series]:
    """Codes of the members of each index on a day, of those that are stored."""
    rows = archive.read("sector_membership", columns=("sector", "scheme", "valid_to"))
    then = (pl.col("valid_from") <= day) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= day))
    rows = rows.filter(then, pl.col("scheme") == INDEX_SCHEME).sort("sector", "code")
    return {str(index): part["code"] for (index,), part in rows.group_by("sector", maintain_order=True)}


def _quarter(both: pl.DataFrame, days: Sequence[date], about: tuple[str, str, int], *, known: bool) -> Quarter:
    market, index, _ = about
    span = f"{days[0]}~{days[-1]}"
    stored, stocks = both["session"].n_unique(), both["code"].n_unique()
    if stored < len(days):
        note = f"{stored} of the quarter's {len(days)} sessions ({span}) have short value and turnover in won"
        return Quarter(None, stored, "INSUFFICIENT_HISTORY" if stored else "MISSING_INPUT", note)
    turnover = int(both["amount"].sum())
    if turnover == 0:
        return Quarter(None, stored, "ZERO_DENOMINATOR", f"no turnover in the quarter {span}")
    note = f"members of {index} are not stored: the {stocks} largest stocks of {market} stand in, {span}"
    if known:
        note = f"the {stocks} members of {index} at the end of {span}"
    return Quarter(100 * int(both["short_amount"].sum()) / turnover, stocks, None, note)


def official(archive: Archive, days: Sequence[date]) -> Official:
    """The stored lists of some sessions. A stock without a mark has no row: any mark of a day shows that it has one."""
    rows = archive.read("designations", columns=(), start=min(days), end=max(days))
    marked = rows.filter(pl.col("kind") == "SHORT_OVERHEAT")
    return Official(
        archive.clock.now(),
        frozenset(rows["session"].unique().to_list()),
        {day: frozenset(marked.filter(pl.col("session") == day)["code"].to_list()) for day in days},
    )


@dataclass(frozen=True)
class Room:
    """One requirement of a type: the figure, what it has to reach, and how far away it is (0: met), in its unit."""

    measure: str
    value: float | None
    needed: float | None
    distance: float | None
    met: bool | None


def rooms(condition: Condition, figures: Mapping[str, float | None], threshold: float | None) -> list[Room]:
    """Every requirement of one way to be designated; `figures`: return, ratio, multiple, mean_ratio."""
    needs: list[tuple[str, str, float | None, int]] = [("multiple", "multiple", condition.multiple, 1)]
    if condition.fall is not None:
        needs.append(("return", "return", -condition.fall, -1))
    if condition.fall_below is not None:
        needs.append(("return_above", "return", -condition.fall_below, 1))
    if condition.share is not None:
        needs.append(("short_ratio", "ratio", condition.share, 1))
    if condition.mean_share is not None:
        needs.append(("average_ratio_40", "mean_ratio", condition.mean_share, 1))
    if condition.quarter:
        needs.append(("short_ratio_quarter", "ratio", threshold, 1))
    return [_room(name, figures[key], needed, sign) for name, key, needed, sign in needs]


def _room(name: str, value: float | None, needed: float | None, sign: int) -> Room:
    if value is None or needed is None:
        return Room(name, None if value is None else round(value, 2), needed, None, None)
    short = sign * (needed - value)
    met = short < 0 if name == "return_above" else short <= 0
    return Room(name, round(value, 2), needed, round(max(short, 0.0), 2), met)
