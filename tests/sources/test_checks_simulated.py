"""The size of the Korean market is known; that of a simulated one is as large as it was made."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl

from sugeup import records
from sugeup.sources.checks import Context, check

NOW = datetime(2025, 6, 2, 3, 0, tzinfo=UTC)
PROVENANCE = {"source": "kis_funds", "venue": "KRX", "products": "STOCK", "hours": "REGULAR"}


def funds(deposits: int, *, whole_market: bool) -> pl.DataFrame:
    """What passes of one row of market funds."""
    frame = pl.DataFrame([{"row": 1, "session": date(2025, 5, 29), "deposits": deposits} | PROVENANCE])
    return check(records.dataset("market_funds"), frame, Context(now=NOW, whole_market=whole_market)).frame


def test_deposits_of_a_small_simulated_market_are_taken() -> None:
    assert 1 == funds(5_000_000_000, whole_market=False).height


def test_deposits_of_that_size_are_refused_for_the_real_market() -> None:
    assert 0 == funds(5_000_000_000, whole_market=True).height
    assert 1 == funds(60_000_000_000_000, whole_market=True).height
