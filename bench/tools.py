"""Tools on the bundled sample, uncached: how long a question takes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Figure, milliseconds
from sugeup import get_investor_trading, open_archive
from sugeup.jobs.sample import load_sample


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        archive = open_archive("demo", Path(folder))
        load_sample(archive)
        yield milliseconds("tools.one_stock", lambda: get_investor_trading(archive, stock_code="005930"), 80)
        yield milliseconds("tools.one_market", lambda: get_investor_trading(archive, market="KOSPI"), 500)
