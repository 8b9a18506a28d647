"""One stock with hand-made bars, flows and an index, for tests of indicators, patterns and behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.sandbox.plan import Plan
from tests.support.archives import days, four_groups, open_archive, rows
from tests.support.simulated import simulated_archive
from tests.support.truths import texts

DATASETS = ("instruments", "daily_bars", "investor_day_stock", "index_day", "corporate_actions")
LAST = days(1)[-1]


def market_of(path: Path, stocks: int = 40, sessions: int = 330) -> Archive:
    """A simulated market with what these questions read."""
    return simulated_archive(path, Plan(seed=7, stocks=stocks, sessions=sessions), datasets=DATASETS)


def ask(name: str, archive: Archive, **arguments: Any) -> dict[str, Any]:
    """The answer as the faces send it."""
    return payload.plain(registry.bind(registry.usecases()[name], archive)(**arguments))


def printed(name: str, archive: Archive, *, detailed: bool, **arguments: Any) -> str:
    """The page of an answer."""
    case = registry.usecases()[name]
    return texts(case, registry.bind(case, archive)(**arguments), detailed)


def whole(archive: Archive) -> str:
    """A stock of KOSPI that traded on every session, never split, not the first by code by accident."""
    bars = archive.read("daily_bars", columns=["status"])
    split = archive.read("corporate_actions")["code"]
    listed = archive.read("instruments").filter(market="KOSPI", kind="STOCK")["code"]
    full = bars.group_by("code").agg(pl.len(), (pl.col("status") == "TRADED").all().alias("open")).sort("code")
    kept = full.filter(
        pl.col("len") == pl.col("len").max(),
        "open",
        ~pl.col("code").is_in(split.implode()),
        pl.col("code").is_in(listed.implode()),
    )
    return str(kept["code"][0])


def bars_of(
    path: Path,
    closes: Sequence[int | None],
    *,
    bases: Sequence[int] | None = None,
    halted: Sequence[int] = (),
    volume: int = 10,
    listed_on: date | None = None,
    **about: Any,
) -> Archive:
    """005930 with one bar per session up to the newest: a won above and below each close; None: no bar stored."""
    archive, history = open_archive(path), days(len(closes))
    archive.fill("instruments", rows("instruments", [_listing(history[0], listed_on)]))
    given = []
    for place, (day, close) in enumerate(zip(history, closes, strict=True)):
        if close is None:
            continue
        before = closes[max(0, place - 1)] or close
        bar = {"code": "005930", "session": day, "raw_close": close, "base_price": bases[place] if bases else before}
        if place in halted or place - len(closes) in halted:
            bar |= {"volume": 0, "status": "HALTED"}
        else:
            sides = {"raw_open": close, "raw_high": close + 1, "raw_low": close - 1}
            bar |= sides | {"volume": volume, "amount": volume * close, "status": "TRADED"}
        given.append(bar | about)
    archive.fill("daily_bars", rows("daily_bars", given))
    return archive


def _listing(begin: date, listed_on: date | None) -> dict[str, Any]:
    return {"code": "005930", "valid_from": begin, "name": "삼성전자", "market": "KOSPI", "listed_on": listed_on}


def add_flows(archive: Archive, nets: Sequence[int], measure: str = "amount") -> None:
    """Foreigners buy `nets`, individuals sell the same, one figure per session up to the newest."""
    history = days(len(nets))
    flows = [
        {"code": "005930", "session": day} | four_groups(-net, net, 0, measure)
        for day, net in zip(history, nets, strict=True)
    ]
    archive.fill("investor_day_stock", rows("investor_day_stock", flows))


def add_index(archive: Archive, closes: Sequence[float]) -> None:
    """KOSPI, one close per session up to the newest."""
    given = [
        {"index_code": "KOSPI", "session": day, "close": close}
        for day, close in zip(days(len(closes)), closes, strict=True)
    ]
    archive.fill("index_day", rows("index_day", given))
