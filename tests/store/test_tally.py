"""What is stored in numbers: the same as counting every row that a read gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sugeup import records
from sugeup.records.tally import SourceTally, Tally, tally
from sugeup.store.lake import Lake
from tests.support.archives import NOW, ORIGINS, open_archive, open_lake, rows

STOCK = records.dataset("investor_day_stock")
DAYS = (date(2026, 1, 29), date(2026, 1, 30), date(2026, 2, 2))
ROWS = st.dictionaries(
    st.tuples(st.sampled_from(["000100", "005930", "069500"]), st.sampled_from(DAYS)),
    st.tuples(st.sampled_from(["exchange", "hts", "portal"]), st.booleans()),
    max_size=9,
)


def frame(cells: dict[tuple[str, date], tuple[str, bool]]) -> pl.DataFrame:
    """One row per code and session, of a source, final or not."""
    return rows(
        "investor_day_stock",
        [
            {"code": code, "session": day, "source": source, "final": final, "foreign_net_amount": 1}
            for (code, day), (source, final) in cells.items()
        ],
    )


@given(ROWS, st.randoms(use_true_random=False))
def test_a_tally_counts_what_is_there_in_any_order_of_rows(cells: dict, chance) -> None:  # type: ignore[no-untyped-def, type-arg]
    order = list(cells)
    chance.shuffle(order)
    found = tally(
        STOCK, frame({key: cells[key] for key in order}) if cells else frame({("1", DAYS[0]): ("x", True)})[:0]
    )
    named = {source for source, _ in cells.values()}
    assert len(cells) == found.rows
    assert sum(not final for _, final in cells.values()) == found.provisional
    assert sorted({day for _, day in cells}) == list(found.dates)
    assert named == {one.source for one in found.sources}
    for one in found.sources:
        ours = [key for key, (source, _) in cells.items() if source == one.source]
        assert (len(ours), len({code for code, _ in ours})) == (one.rows, one.scopes)
        assert (min(day for _, day in ours), max(day for _, day in ours)) == (one.first, one.last)
    assert sorted(found.sources, key=lambda one: (-one.rows, one.source)) == list(found.sources)


def test_a_lake_is_counted_as_it_is_read_after_rows_were_replaced(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    assert Tally() == lake.tally(STOCK)
    lake.upsert(STOCK, frame({("005930", DAYS[0]): ("portal", False), ("000100", DAYS[2]): ("portal", True)}))
    lake.upsert(STOCK, frame({("005930", DAYS[0]): ("exchange", True), ("005930", DAYS[1]): ("hts", False)}))
    expected = (
        SourceTally("exchange", 1, 1, DAYS[0], DAYS[0]),
        SourceTally("hts", 1, 1, DAYS[1], DAYS[1]),
        SourceTally("portal", 1, 1, DAYS[2], DAYS[2]),
    )
    assert Tally(expected, 1, DAYS) == lake.tally(STOCK) == tally(STOCK, lake.read(STOCK))


def test_a_lake_as_stored_earlier_is_counted_as_it_was(tmp_path: Path) -> None:
    open_lake(tmp_path).upsert(STOCK, frame({("005930", DAYS[0]): ("portal", False)}))
    later = frame({("005930", DAYS[0]): ("exchange", True), ("005930", DAYS[1]): ("exchange", True)})
    open_lake(tmp_path).upsert(STOCK, later.with_columns(ingested_at=pl.lit(NOW + timedelta(days=1))))
    standings = {name: origin.standing for name, origin in ORIGINS.items()}
    assert (2, 0) == (open_lake(tmp_path).tally(STOCK).rows, open_lake(tmp_path).tally(STOCK).provisional)
    before = Lake(tmp_path, standings, stored_on=NOW).tally(STOCK)
    assert (Tally((SourceTally("portal", 1, 1, DAYS[0], DAYS[0]),), 1, DAYS[:1])) == before


def test_coverage_tells_when_each_source_was_last_asked_and_what_is_stored(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    assert {} == archive.coverage().asked and 0 == archive.coverage().stored(STOCK.name).rows
    archive.fill(STOCK.name, frame({("005930", DAYS[0]): ("portal", True), ("000100", DAYS[2]): ("hts", True)}))
    open_archive(tmp_path, NOW + timedelta(hours=5)).fill(STOCK.name, frame({("005930", DAYS[2]): ("portal", True)}))
    coverage = open_archive(tmp_path).coverage()
    expected = {
        source: max(span.asked_at for span in coverage if span.source == source) for source in ("hts", "portal")
    }
    assert expected == {source: at for (_, source), at in coverage.asked.items()}
    assert datetime(2026, 3, 2, 8, 0, tzinfo=UTC) == coverage.asked[STOCK.name, "portal"]
    assert {} == open_archive(tmp_path).coverage("daily_bars").asked
    assert (3, DAYS[2]) == (coverage.stored(STOCK.name).rows, coverage.stored(STOCK.name).newest)
