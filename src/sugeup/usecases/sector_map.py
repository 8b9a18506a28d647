"""업종 분류: which stock belonged to which sector on which session, in one scheme; and which sector a client meant.

The map is read as of each observed session, from `valid_from` to `valid_to`: never today's map on history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.market import instruments, sector_names
from sugeup.market.instruments import Listed
from sugeup.records.reference import OVERLAPPING
from sugeup.usecases import doors, securities

PREFERRED = ("KRX_INDUSTRY", "WICS", "NAVER", "KSIC")
"""Schemes in the order in which they are taken when they cover about as many stocks."""
NEARLY = 0.9
"""A preferred scheme is taken when it has this share of the stocks of the one that has most."""

Scheme = Annotated[
    str,
    BeforeValidator(lambda value: value.strip().upper() if isinstance(value, str) else value),
    Field(
        min_length=1, max_length=20, description="업종 분류: KRX_INDUSTRY, WICS, NAVER …; default: covers most stocks."
    ),
]
SectorName = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if isinstance(value, int) and not isinstance(value, bool) else value),
    Field(min_length=1, max_length=60, description="업종 code or name: 0013, 전기·전자."),
]


@dataclass(frozen=True, eq=False)
class SectorMap:
    """One scheme on some sessions. `member` (stocks, sessions) is the place of the sector in `codes`, -1: none."""

    scheme: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    stocks: tuple[str, ...]
    days: tuple[date, ...]
    member: NDArray[np.int64]
    since: date

    @cached_property
    def place(self) -> dict[str, int]:
        """Code of a sector -> its place."""
        return {code: at for at, code in enumerate(self.codes)}

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Members of each sector on the last session."""
        newest = self.member[:, -1]
        return np.bincount(newest[newest >= 0], minlength=len(self.codes))

    def _english(self, code: str) -> str:
        """English name of an industry of the exchange; empty for another sector."""
        known = sector_names.industry(code) if self.scheme == sector_names.SCHEME else None
        return known.english if known else ""

    def find(self, text: str) -> list[int]:
        """Sectors with that code, Korean or English name (both markets have industries of one name), else Refused."""
        wanted = text.strip()
        if wanted in self.place:
            return [self.place[wanted]]
        english = [self._english(code) for code in self.codes]
        pairs = zip(self.names, english, strict=True)
        found = [at for at, names in enumerate(pairs) if _folded(wanted) in {_folded(name) for name in names if name}]
        if found:
            return found
        listed = [Listed(*one, None) for one in zip(self.codes, self.names, english, strict=True)]
        largest = sorted(range(len(self.codes)), key=lambda at: (-int(self.sizes[at]), self.codes[at]))
        near = instruments.search(wanted, listed)[:5] or [listed[at] for at in largest[:5]]
        shown = ", ".join(f"{one.code} {one.name}" if one.code != one.name else one.name for one in near)
        raise Refused(
            f"{wanted[:40]!r} is no sector of {self.scheme}." + (f" Did you mean {shown}?" if shown else ""),
            code="UNKNOWN_SECTOR",
            hint="`sugeup sectors` (GET /api/v1/sectors) lists the sectors and the other schemes.",
            details={"suggestions": [{"code": one.code, "name": one.name} for one in near], "scheme": self.scheme},
        )


def stored(archive: Archive) -> pl.DataFrame:
    """Rows of every scheme with disjoint sectors. Raises NoData(NOT_COLLECTED) when there are none."""
    rows = named(archive.read("sector_membership").filter(~pl.col("scheme").is_in(list(OVERLAPPING))))
    if rows.is_empty():
        raise NoData(
            f"No sector of any stock (sector_membership) is stored in the {archive.name} lake.",
            code="NOT_COLLECTED",
            hint=doors.hint(archive, "sector_membership"),
        )
    return rows


def named(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of sector_membership with the exchange's names of its industries where their source told codes alone."""
    known = pl.col("sector").replace_strict(sector_names.korean(), default=None, return_dtype=pl.String)
    told = pl.when(pl.col("scheme") == sector_names.SCHEME).then(pl.coalesce("sector_name", known))
    return rows.with_columns(told.otherwise("sector_name").alias("sector_name"))


def members(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """Rows that are valid on a day: of each stock and scheme the newest one begun, unless it has ended."""
    begun = rows.filter(pl.col("valid_from") <= day)
    newest = begun.sort("valid_from").unique(subset=["code", "scheme"], keep="last", maintain_order=True)
    return newest.filter(pl.col("valid_to").is_null() | (pl.col("valid_to") >= day)).sort("code")


def choose(rows: pl.DataFrame, day: date, scheme: str | None, sector: str | None = None) -> str:
    """The scheme asked for, else the one that covers most stocks on the day, a preferred one if it has nearly as many.

    A `sector` that only other schemes know by code or name decides for the first of them. Raises Refused when the
    scheme asked for is not stored, NoData(OUT_OF_HISTORY) when none is known yet on the day.
    """
    known = rows["scheme"].unique().sort().to_list()
    if scheme is not None and scheme not in known:
        raise Refused(f"scheme={scheme!r} is not stored; stored: {', '.join(known)}.", hint="Leave scheme out.")
    kept = rows if scheme is None else rows.filter(pl.col("scheme") == scheme)
    counted: dict[str, int] = dict(members(kept, day).group_by("scheme").len().iter_rows())
    if not counted:
        first = kept["valid_from"].sort()[0]
        raise NoData(
            f"No sector of a stock is known for {day}: the stored map begins on {first}.",
            code="OUT_OF_HISTORY",
            hint=f"Ask from {first} on; a map of today is never applied to the past.",
        )
    if scheme is not None:
        return scheme
    order: list[str] = [one for one in (*PREFERRED, *known) if one in counted]
    if sector is not None:
        wanted = _folded(sector)
        pairs = rows.select("scheme", "sector", "sector_name").unique().iter_rows()
        knowing = {one for one, *names in pairs if wanted in {_folded(name) for name in names if name}}
        order = [one for one in order if one in knowing] or order
    most = max(counted[one] for one in order)
    return next(one for one in order if counted[one] >= NEARLY * most)


def load(rows: pl.DataFrame, scheme: str, days: Sequence[date], stocks: pl.DataFrame) -> SectorMap:
    """The map of one scheme on some sessions, for the `stocks` of `listed`; a delisted one leaves its sector."""
    kept = rows.filter(pl.col("scheme") == scheme).join(stocks, on="code", how="inner").sort("code", "valid_from")
    named = kept.sort("valid_from").unique(subset="sector", keep="last").sort("sector")
    codes = tuple(named["sector"].to_list())
    names = tuple(name or code for code, name in named.select("sector", "sector_name").iter_rows())
    members_of = tuple(kept["code"].unique().sort().to_list())
    row = {code: at for at, code in enumerate(members_of)}
    place = {code: at for at, code in enumerate(codes)}
    epoch = pl.Series([day.toordinal() - date(1970, 1, 1).toordinal() for day in days]).to_numpy()
    begins = np.searchsorted(epoch, kept["valid_from"].to_physical().to_numpy())
    ends = kept.select(pl.min_horizontal("valid_to", "delisted_on").to_physical()).to_series()
    after = np.where(ends.is_null(), len(days), np.searchsorted(epoch, ends.fill_null(0).to_numpy(), side="right"))
    member = np.full((len(members_of), len(days)), -1, np.int64)
    told = zip(kept["code"].to_list(), kept["sector"].to_list(), begins.tolist(), after.tolist(), strict=True)
    for code, sector, first, end in told:
        member[row[code], first:] = -1  # a later row replaces the one before it
        member[row[code], first:end] = place[sector]
    return SectorMap(scheme, codes, names, members_of, tuple(days), member, since(rows, scheme))


def since(rows: pl.DataFrame, scheme: str) -> date:
    """The first day on which anything is known of a scheme."""
    found = rows.filter(pl.col("scheme") == scheme)["valid_from"].min()
    assert isinstance(found, date)
    return found


def begun(rows: pl.DataFrame, scheme: str | None) -> date:
    """The first day on which the scheme asked for is known, or each of them."""
    firsts = dict(rows.group_by("scheme").agg(pl.col("valid_from").min()).iter_rows())
    found = firsts[scheme] if scheme in firsts else max(firsts.values())
    assert isinstance(found, date)
    return found


def listed(archive: Archive, rows: pl.DataFrame, on: date | None = None) -> pl.DataFrame:
    """Code, name, market and last day of listing of each member in `rows`; ETFs and the like are left out.

    A member that no instrument is stored of stays, nameless: it is part of its sector all the same. `on`: as listed on
    a day, by default as last known.
    """
    stored = archive.read("instruments", columns=("name", "market", "kind", "delisted_on"))
    newest = securities.newest(stored, ("code",), on)
    known = rows.select("code").unique().join(newest, on="code", how="left").sort("code")
    stocks = known.filter(pl.col("kind").is_null() | (pl.col("kind") == "STOCK"))
    return stocks.select("code", "name", "market", "delisted_on")


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
