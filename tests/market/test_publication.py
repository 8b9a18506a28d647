"""When a row becomes known: the rule of its dataset and time, never earlier."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from sugeup.market import publication


@pytest.mark.parametrize(
    ("dataset", "session", "seoul"),
    [
        ("investor_day_market", date(2024, 5, 3), "2024-05-03 18:30"),
        ("investor_day_market", date(2025, 3, 4), "2025-03-05 08:10"),
        ("investor_day_stock", date(2026, 2, 13), "2026-02-19 08:10"),  # 설날 lies between
        ("short_balance", date(2026, 2, 11), "2026-02-19 18:30"),
        ("foreign_holding", date(2026, 2, 27), "2026-03-03 08:00"),  # 삼일절 and its substitute
        ("index_day", date(2026, 2, 27), "2026-02-27 18:30"),
        ("instruments", date(2026, 2, 28), "2026-02-28 00:00"),
    ],
)
def test_a_row_is_known_when_its_rule_says(dataset: str, session: date, seoul: str) -> None:
    known = publication.known_at(dataset, session)
    assert UTC.utcoffset(None) == known.utcoffset()
    assert seoul == f"{known.astimezone(publication.SEOUL):%Y-%m-%d %H:%M}"


def test_a_first_seen_stamp_is_kept_and_a_missing_one_is_filled() -> None:
    seen = datetime(2026, 2, 13, 10, 0, tzinfo=UTC)
    frame = pl.DataFrame(
        {"session": [date(2026, 2, 13)] * 2, "known_at": [seen, None]},
        schema={"session": pl.Date, "known_at": pl.Datetime("us", "UTC")},
    )
    stamped = publication.stamp("index_day", frame, "session")["known_at"].to_list()
    assert [seen, datetime(2026, 2, 13, 9, 30, tzinfo=UTC)] == stamped


def test_a_minute_row_is_known_when_its_minute_has_ended() -> None:
    at = datetime(2026, 6, 19, 1, 4, tzinfo=UTC)
    frame = pl.DataFrame({"session": [date(2026, 6, 19)], "at": [at]})
    stamped = publication.stamp("investor_minute_market", frame, "session")["known_at"].item()
    assert datetime(2026, 6, 19, 1, 5, tzinfo=UTC) == stamped
