"""What an evening told of a bar and its confirmation does not tell stays with it; nothing else is taken over."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from sugeup.archive.stamping import with_told

DAY, NEXT = date(2026, 9, 21), date(2026, 9, 22)


def bars(**given: Any) -> pl.DataFrame:
    row = {
        "code": "005930",
        "session": DAY,
        "venue": "KRX",
        "source": "ls",
        "raw_close": 70_000,
        "base_price": None,
        "listed_shares": None,
        "market_cap": None,
    }
    kinds = dict.fromkeys(("raw_close", "base_price", "listed_shares", "market_cap"), pl.Int64)
    return pl.DataFrame([{**row, **given}], schema_overrides=kinds)


def told(frame: pl.DataFrame, stored: pl.DataFrame) -> tuple[Any, ...]:
    asked = []

    def read(dataset: str, **given: Any) -> pl.DataFrame:
        asked.append((dataset, given["start"], given["end"]))
        return stored.drop("raw_close", "market_cap")

    found = with_told(frame, read)
    assert asked in ([], [("daily_bars", DAY, DAY)]) and frame.height == found.height
    return (*found.select("base_price", "listed_shares", "market_cap").row(0), len(asked))


STORED = bars(base_price=69_000, listed_shares=1_000_000)


def test_a_bar_without_a_base_price_has_the_one_that_its_source_told_before() -> None:
    assert (69_000, 1_000_000, 70_000_000_000, 1) == told(bars(), STORED)
    assert (69_000, 1_000_000, 70_000_000_000, 1) == told(bars().drop("base_price"), STORED)
    assert (69_000, 900_000, 63_000_000_000, 1) == told(bars(listed_shares=900_000), STORED)


def test_what_a_bar_tells_itself_stands_and_nothing_is_read() -> None:
    assert (68_000, None, None, 0) == told(bars(base_price=68_000), STORED)


def test_nothing_is_taken_from_another_source_venue_or_session() -> None:
    for other in ({"source": "kis"}, {"venue": "NXT"}, {"session": NEXT}, {"code": "000660"}):
        assert (None, None, None, 1) == told(bars(), bars(base_price=69_000, listed_shares=1_000_000, **other))
