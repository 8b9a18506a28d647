"""get_time_based_flow on the bundled sample: three real sessions of minutes answer bins, not patterns."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sugeup.sample
from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.faces import payload
from tests.support.clock_days import GROUPS, unexplained

CASE = registry.usecases()["get_time_based_flow"]
DAY = date(2026, 6, 19)


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


@pytest.fixture(scope="module")
def published() -> pl.DataFrame:
    rows = pl.read_parquet(Path(sugeup.sample.__file__).parent / "investor_minute_market.parquet")
    time = pl.col("at").dt.convert_time_zone("Asia/Seoul").dt.strftime("%H:%M").alias("time")
    return rows.filter(pl.col("session") == DAY).with_columns(time)


def test_bins_are_differences_of_the_published_snapshots(sample: Archive, published: pl.DataFrame) -> None:
    kosdaq = {row["time"]: row for row in published.filter(pl.col("market") == "KOSDAQ").iter_rows(named=True)}
    answer = ask(sample, market="KOSDAQ", interval="30M")
    assert (str(DAY), "2026-06-19T15:40:00+09:00") == (answer["date"], answer["as_of"])
    ends = {"09:30": "10:00", "13:00": "13:30", "15:20": "15:40"}
    found = {one["time"]: one for one in answer["time_flow_data"]}
    for start, end in ends.items():
        for group in GROUPS:
            name = f"{group}_net_amount"
            assert kosdaq[end][name] - kosdaq[start][name] == found[start][group]["net"]
    assert sum(kosdaq["15:40"][f"{group}_buy_amount"] for group in GROUPS) == sum(
        one["turnover"] for one in answer["time_flow_data"]
    )


def test_a_screen_that_is_not_refreshed_every_minute_is_told(sample: Archive) -> None:
    assert any("every minute" in said for said in ask(sample, market="KOSDAQ", interval="1M")["warnings"])


def test_investors_refreshed_at_different_moments_leave_gaps_and_no_repair(
    sample: Archive, published: pl.DataFrame
) -> None:
    unit = 100_000_000
    nets = pl.sum_horizontal(f"{group}_net_amount" for group in GROUPS)
    wrong = set(published.filter((pl.col("market") == "KOSPI") & (nets.abs() > 4 * unit))["time"])
    answer = ask(sample, market="KOSPI", interval="30M")
    assert answer["data_quality"]["closure_ok"] is False
    for one in answer["time_flow_data"]:
        withheld = bool({one["time"], one["until"]} & wrong)
        assert withheld == (one["foreign"]["net"] is None)
        if withheld:
            assert "RECONCILIATION_FAILED" == one["meta"]["foreign.net"]["reason"]


def test_what_three_sessions_cannot_tell_is_null_with_the_reason(sample: Archive) -> None:
    answer = ask(sample)
    assert answer["anomalies"] is None
    assert 2 == answer["data_quality"]["past_sessions"]
    for group in GROUPS:
        block = answer["patterns"][group]
        assert all(value is None for name, value in block.items() if name != "meta")
    assert not unexplained(answer)
    assert any("2 of 20 past sessions" in gap["what"] for gap in answer["coverage"])


def test_no_stock_of_the_sample_has_tallies(sample: Archive) -> None:
    with pytest.raises(NoData) as caught:
        ask(sample, stock_code="005930")
    assert "NOT_COLLECTED" == caught.value.code
