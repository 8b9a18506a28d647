"""The lake keeps one current row per key, every other row in its log, and tells both apart for ever."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sugeup import records
from sugeup.records.ledger import Upserted
from tests.support.archives import NOW, open_lake, rows

MARKET = records.dataset("investor_day_market")
STOCK = records.dataset("investor_day_stock")
DAY = date(2026, 2, 26)


def one(net: int | None, source: str = "exchange", **about: object) -> pl.DataFrame:
    return rows("investor_day_market", [{"market": "KOSPI", "session": DAY, "foreign_net_amount": net} | about], source)


def net(lake_path: Path, **how: object) -> list[int | None]:
    return open_lake(lake_path).read(MARKET, columns=["foreign_net_amount"], **how)["foreign_net_amount"].to_list()


def test_repeating_an_upsert_changes_nothing(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    assert Upserted(added=1) == lake.upsert(MARKET, one(5))
    before = lake.version(MARKET)
    assert Upserted(same=1) == lake.upsert(MARKET, one(5, ingested_at=NOW + timedelta(days=1)))
    assert before == lake.version(MARKET)
    assert lake.read(MARKET)["ingested_at"].to_list() == [NOW]


def test_a_preferred_source_displaces_a_lesser_one_and_not_the_other_way(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    lake.upsert(MARKET, one(1, "portal"))
    assert Upserted(replaced=1) == lake.upsert(MARKET, one(2, "exchange"))
    assert Upserted(kept=1) == lake.upsert(MARKET, one(3, "hts"))
    assert [2] == net(tmp_path)
    assert Upserted(same=1) == lake.upsert(MARKET, one(3, "hts"))


def test_a_final_row_wins_over_a_provisional_one_of_a_better_source(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    lake.upsert(MARKET, one(1, "portal", final=True))
    lake.upsert(MARKET, one(2, "exchange", final=False))
    assert [1] == net(tmp_path)
    lake.upsert(MARKET, one(3, "exchange", final=True))
    assert [3] == net(tmp_path)


def test_a_correction_by_the_same_source_becomes_current_and_the_old_row_is_logged(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    lake.upsert(MARKET, one(1))
    later = NOW + timedelta(hours=1)
    lake.upsert(MARKET, one(2, ingested_at=later, known_at=later))
    assert [2] == net(tmp_path)
    assert [1] == net(tmp_path, as_of=NOW)
    assert [2] == net(tmp_path, as_of=later)


def test_a_read_as_of_a_time_sees_exactly_what_was_known_then(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    afternoon = datetime(2026, 2, 26, 6, 45, tzinfo=UTC)
    morning = datetime(2026, 2, 26, 23, 10, tzinfo=UTC)
    lake.upsert(MARKET, one(10, final=False, known_at=afternoon))
    lake.upsert(MARKET, one(11, final=True, known_at=morning, ingested_at=NOW + timedelta(days=1)))
    assert [] == net(tmp_path, as_of=afternoon - timedelta(seconds=1))
    assert [10] == net(tmp_path, as_of=afternoon)
    assert [10] == net(tmp_path, as_of=morning - timedelta(seconds=1))
    assert [11] == net(tmp_path, as_of=morning)


def test_having_reaches_past_a_preferred_row_that_lacks_the_column(tmp_path: Path) -> None:
    """Sub-types come from a source that has them, while the group stays with the exchange."""
    lake = open_lake(tmp_path)
    lake.upsert(MARKET, one(7, "exchange"))
    lake.upsert(MARKET, one(6, "hts", pension_fund_net_amount=4))
    found = lake.read(MARKET, columns=["foreign_net_amount"], having=["pension_fund_net_amount"])
    assert [("hts", 6, 4)] == found.select("source", "foreign_net_amount", "pension_fund_net_amount").rows()
    assert [7] == net(tmp_path)


def test_a_row_is_never_mixed_from_two_sources(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    lake.upsert(MARKET, one(7, "exchange"))
    lake.upsert(MARKET, one(6, "hts", pension_fund_net_amount=4))
    assert [None] == lake.read(MARKET, columns=["pension_fund_net_amount"])["pension_fund_net_amount"].to_list()


def test_columns_codes_and_sessions_are_selected(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    given = [
        {"code": code, "session": day, "foreign_net_volume": index * 10 + number, "bank_net_volume": 1}
        for index, code in enumerate(["000660", "005930"])
        for number, day in enumerate([date(2026, 1, 30), date(2026, 2, 2), date(2026, 2, 3)])
    ]
    lake.upsert(STOCK, rows("investor_day_stock", given))
    found = lake.read(STOCK, columns=["foreign_net_volume"], scopes=["005930"], start=date(2026, 2, 2))
    assert [11, 12] == found["foreign_net_volume"].to_list()
    assert "bank_net_volume" not in found.columns
    assert {"code", "session", "venue", "source", "final"} <= set(found.columns)
    assert lake.read(STOCK, scopes=["999999"]).is_empty()


def test_venues_are_kept_apart(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    lake.upsert(MARKET, one(1))
    lake.upsert(MARKET, one(2, venue="NXT"))
    assert [1, 2] == sorted(v for v in net(tmp_path) if v is not None)


def test_a_batch_that_repeats_a_key_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    with pytest.raises(ValueError, match="repeats a key"):
        lake.upsert(MARKET, pl.concat([one(1), one(2)]))
    assert lake.read(MARKET).is_empty()


def test_an_empty_lake_reads_as_an_empty_frame_with_every_column(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    assert_frame_equal(MARKET.empty(), lake.read(MARKET))
    assert "-.-" == lake.version(MARKET)


def test_a_log_written_by_a_killed_upsert_is_not_doubled(tmp_path: Path) -> None:
    """A writer that died between log and current leaves a row in both; the next run and reads take it once."""
    lake = open_lake(tmp_path)
    lake.upsert(MARKET, one(1))
    from deltalake import write_deltalake

    stray = one(1).with_columns(pl.col("session").dt.year().alias("year"))
    write_deltalake(tmp_path / "revisions" / MARKET.name, stray, partition_by=["year"])
    assert [1] == net(tmp_path, as_of=NOW)
    lake.upsert(MARKET, one(2, ingested_at=NOW + timedelta(hours=1)))
    assert [2] == net(tmp_path)
    assert 1 == pl.read_delta(str(tmp_path / "revisions" / MARKET.name)).height


FACTS = st.lists(
    st.tuples(
        st.sampled_from(["KOSPI", "KOSDAQ"]),
        st.integers(0, 3),
        st.sampled_from(["exchange", "hts", "portal"]),
        st.integers(-5, 5),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=12, deadline=None)
@given(facts=FACTS)
def test_however_rows_arrive_the_best_one_is_current(
    facts: list[tuple[str, int, str, int, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    lake = open_lake(tmp_path_factory.mktemp("lake"))
    best: dict[tuple[str, int], tuple[tuple[bool, int, int], int]] = {}
    ranks = {"exchange": 0, "hts": -1, "portal": -2}
    said: dict[tuple[str, int, str], tuple[int, bool]] = {}
    for number, (market, offset, source, value, final) in enumerate(facts):
        at = NOW + timedelta(seconds=number)
        row = {"market": market, "session": DAY - timedelta(days=offset), "foreign_net_amount": value}
        frame = rows("investor_day_market", [row], source, final=final, ingested_at=at, known_at=NOW)
        lake.upsert(MARKET, frame)
        if said.get((market, offset, source)) == (value, final):
            continue
        said[market, offset, source] = (value, final)
        order = (final, ranks[source], number)
        if (market, offset) not in best or order > best[market, offset][0]:
            best[market, offset] = (order, value)
    found = lake.read(MARKET, columns=["foreign_net_amount"])
    stored = {(m, (DAY - s).days): v for m, s, v in found.select("market", "session", "foreign_net_amount").rows()}
    assert {key: value for key, (_, value) in best.items()} == stored
    assert found.height == len(stored)
