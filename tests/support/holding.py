"""A collected lake held against the truth: no row lost, doubled, changed or invented; the ledger says what is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

import polars as pl
from polars.testing import assert_frame_equal

from sugeup import records
from sugeup.archive import Archive
from sugeup.market import publication
from sugeup.records import Dataset
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sources import origins
from tests.support.published import JOINED, belonging, industries, listed, published

MARKETS = ("KOSPI", "KOSDAQ")
INDICES = (*MARKETS, "KOSPI200")
MOMENTS = ("index_minute", "futures_minute", "investor_minute_market", "program_minute_market", "stock_estimate")
LISTS = ("instruments", "sector_membership", "designations", "corporate_actions")
SHOWN = defaultdict[str, tuple[str, ...]](tuple, {"daily_bars": ("kis_won",), "foreign_holding": ("kis_won",)})
"""Sources that show a figure as it stands: it is known from the moment at which it was seen."""


@dataclass(frozen=True)
class Held:
    """The lake at `path`, read as `archive`, of a market whose lists were asked for on the days `asked`."""

    archive: Archive
    path: Path
    market: SimulatedMarket
    asked: Sequence[date]
    shown: ClassVar[Mapping[str, tuple[str, ...]]] = SHOWN
    """Sources that show a figure as it stands, by dataset."""
    funds: ClassVar[str] = "mktfunds"
    """Under which name the ledger keeps what is about nobody."""

    def holds(self, dataset: str, days: Sequence[date], codes: Sequence[str] | None = None) -> None:
        """The published figures of these days, all of them, final, and nothing else of these days.

        `codes`: of these stocks only; default: those that were listed when the lists were asked for.
        """
        declared = records.dataset(dataset)
        wanted = self._wanted(dataset, days)
        if declared.scope in declared.key:
            wanted = wanted.filter(pl.col(declared.scope).is_in(self._scopes(declared, codes)))
        stored = self.archive.read(dataset).filter(pl.col("session").is_in(list(days)))
        if codes is not None:
            stored = stored.filter(pl.col("code").is_in(list(codes)))
        assert_frame_equal(wanted, stored.select(wanted.columns).sort(declared.key), check_exact=True)
        others = {*declared.measures} - {*wanted.columns} - self._beside(dataset)
        filled = [name for name in others if stored[name].is_not_null().any()]
        assert not filled, f"{dataset} has figures that nobody published: {filled}"
        assert stored["final"].all(), f"{dataset} has provisional rows"
        rule = {day: publication.known_at(dataset, day) for day in days}
        public = pl.col("session").replace_strict(rule, default=None)
        shown = pl.col("source").is_in(self.shown[dataset]) & pl.col("known_at").is_between(public, "ingested_at")
        known = stored.filter((pl.col("known_at") != public) & ~shown)
        assert known.is_empty(), f"{dataset}: known at another time than it was published: {known.head(3)}"
        if dataset == "daily_bars":
            self._shares(stored)
        self._covers(declared, stored)

    def lists(self) -> None:
        """On each day on which they were asked for, the lists say of every stock of that day what the files said."""
        for day in self.asked:
            gone = pl.col("delisted_on").is_null() | (pl.col("delisted_on") > day)
            held = self.archive.read("instruments").filter(gone & (pl.col("valid_from") <= day))
            assert {*listed(self.market, day)["code"]} == {*held["code"]}
        for day in self.asked:
            for name, wanted in (
                ("instruments", listed(self.market, day)),
                ("sector_membership", belonging(self.market, day)),
            ):
                held = (pl.col("valid_from") <= day) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= day))
                stored = self.archive.read(name).filter(held & pl.col("code").is_in(wanted["code"].to_list()))
                if "scheme" in wanted.columns:
                    stored = stored.filter(pl.col("scheme").is_in(wanted["scheme"].unique().to_list()))
                stored = stored.select(wanted.columns).sort("code")
                assert_frame_equal(wanted, stored, check_exact=True)

    def counts(self, day: date) -> None:
        """Risen, fallen and unchanged stocks of the markets, which stand beside the chart's row of the index."""
        names = ("advancers", "decliners", "unchanged")
        wanted = self.market.rows("index_day", day, day, INDICES).select("index_code", *names)
        found = self.archive.read("index_day", columns=names, scopes=INDICES, start=day, end=day, having=names)
        assert_frame_equal(wanted.sort("index_code"), found.select(wanted.columns).sort("index_code"))

    def marks(self, day: date) -> None:
        """Marks of a session, as the files of its morning had them."""
        wanted = self.market.rows("designations", day, day).select("code", "session", "kind", "level")
        stored = self.archive.read("designations", start=day, end=day).select(wanted.columns)
        assert_frame_equal(wanted.sort("code", "kind"), stored.sort("code", "kind"))

    def events(self, first: date, last: date) -> None:
        """Changes of base prices between two days, with the factor of the truth."""
        codes = self._scopes(records.dataset("daily_bars"), None)
        wanted = self.market.rows("corporate_actions", self.market.sessions[0], last)
        wanted = wanted.filter(pl.col("code").is_in(codes) & (pl.col("effective_session") >= first))
        stored = self.archive.read("corporate_actions").filter(pl.col("effective_session").is_between(first, last))
        key = ["code", "effective_session"]
        assert wanted.select(key).sort(key).rows() == stored.select(key).sort(key).rows()
        assert_frame_equal(
            wanted.select(*key, "price_factor").sort(key),
            stored.select(*key, "price_factor").sort(key),
            rel_tol=0.01,
        )

    def moments(self, dataset: str, day: date) -> int:
        """Every stored row of a running session is the truth of its moment; how many there are."""
        declared = records.dataset(dataset)
        stored = self.archive.read(dataset).filter(pl.col("session") == day)
        truth = self.market.rows(dataset, day, day)
        key = [name for name in declared.key if name in truth.columns and name != "products"]
        both = stored.join(truth, on=key, how="left", suffix="_true", nulls_equal=True)
        assert both.height == stored.height
        assert stored.select(declared.full_key).is_unique().all()
        origin = origins()[stored["source"][0]] if stored.height else None
        for column in declared.columns:
            if f"{column.name}_true" not in both.columns or origin is None:
                continue
            unit = {"won": origin.unit_won, "shares": origin.unit_shares}.get(column.unit, 1) or 1
            apart = (pl.col(column.name) - pl.col(f"{column.name}_true")).abs()
            if stored[column.name].dtype.is_numeric():
                wrong = both.filter(apart > (unit if unit > 1 else 0.0051 * stored[column.name].dtype.is_float()))
                assert wrong.is_empty(), f"{dataset}.{column.name}: {wrong.head(2)}"
        return stored.height

    def log(self) -> None:
        """A superseded row says something else than the current one, was known earlier or is of a lesser source."""
        standing = {name: int(origin.standing) for name, origin in origins().items()}
        for name, declared in records.datasets().items():
            old = self._old(declared)
            if old.is_empty():
                continue
            said = ["source", "known_at", "final", *declared.measures]
            twice = old.select(list(declared.full_key), *said).is_duplicated()
            assert not twice.any(), f"{name}: a superseded row stands there twice"
            now = self.archive.read(name)
            both = old.join(now, on=declared.full_key, how="left", suffix="_now", nulls_equal=True)
            assert both["source_now"].is_not_null().all(), f"{name}: superseded by nothing"
            lesser = pl.col("source").replace_strict(standing) > pl.col("source_now").replace_strict(standing)
            strange = both.filter(~lesser & (pl.col("ingested_at") > pl.col("ingested_at_now")))
            assert strange.is_empty(), f"{name}: {strange.head(2)}"
            same = pl.all_horizontal(pl.col(one).eq_missing(pl.col(f"{one}_now")) for one in said)
            assert both.filter(same).is_empty(), f"{name}: superseded by itself"

    def _wanted(self, dataset: str, days: Sequence[date]) -> pl.DataFrame:
        """What the vendor publishes of these days."""
        return published(self.market, dataset, days)

    def _beside(self, dataset: str) -> set[str]:
        """Columns that the vendor's row may have beside those that are compared."""
        return JOINED.get(dataset, set())

    def _of_asked(self, day: date) -> set[str]:
        """Stocks on the list of a day."""
        return {*listed(self.market, day)["code"]}

    def _scopes(self, declared: Dataset, codes: Sequence[str] | None) -> list[str]:
        if declared.scope == "code":
            known = {code for day in self.asked for code in self._of_asked(day)}
            return sorted(known) if codes is None else list(codes)
        sectors = set.union(*(industries(self.market, day) for day in self.asked))
        return {
            "index_day": [*INDICES, *sectors],
            "investor_day_market": [*MARKETS, *sectors],
            "program_day_market": [*MARKETS],
        }[declared.name]

    def _shares(self, stored: pl.DataFrame) -> None:
        """Listed shares are those of the list that was asked for last before the session, unknown before the first."""
        asked = sorted(self.asked)
        for (day,), rows in stored.group_by("session"):
            before = [one for one in asked if one <= day]
            if not before:
                assert rows["listed_shares"].is_null().all()
                continue
            wanted = rows.select("code").join(listed(self.market, before[-1]), on="code", how="inner")
            held = rows.join(wanted.select("code", pl.col("listed_shares").alias("wanted")), on="code")
            wrong = held.filter(~pl.col("listed_shares").eq_missing(pl.col("wanted")))
            assert wrong.is_empty(), wrong.select("code", "session", "listed_shares", "wanted")
            caps = held.filter(pl.col("market_cap") != pl.col("raw_close") * pl.col("wanted"))
            assert caps.is_empty()

    def _covers(self, declared: Dataset, stored: pl.DataFrame) -> None:
        """The ledger covers every row that is there, by its source and as final, and counts no row that is not."""
        about = declared.scope in declared.key
        scope = pl.col(declared.scope) if about else pl.lit(self.funds)
        named = ("source", scope.alias("scope"), "session")
        spans = self.archive.coverage(declared.name)
        covered = {
            (span.source, span.scope, day)
            for span in spans
            for day in self.market.sessions
            if span.final and span.first <= day <= span.last
        }
        lost = [row for row in stored.select(named).rows() if row not in covered]
        assert not lost, f"{declared.name}: stored and not in the ledger: {lost[:3]}"
        ever = pl.concat([self.archive.read(declared.name).select(named), self._old(declared).select(named)])
        counted = {key: rows["session"].to_list() for key, rows in ever.unique().group_by("source", "scope")}
        for span in spans:
            mine = [day for day in counted.get((span.source, span.scope), ()) if span.first <= day <= span.last]
            assert len(mine) == span.rows, f"{declared.name}: {span} stands for {len(mine)} rows"

    def _old(self, declared: Dataset) -> pl.DataFrame:
        """Superseded rows."""
        where = self.path / "revisions" / declared.name
        return pl.read_delta(str(where)).select(list(declared.frame_schema)) if where.exists() else declared.empty()
