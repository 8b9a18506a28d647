"""get_sentiment_history: each day as it was known then, newest first, page by page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from sugeup.sandbox.plan import Plan
from tests.support.archives import open_archive
from tests.support.simulated import simulated_archive
from tests.usecases.explained import explained

CASE = registry.usecases()["get_sentiment_history"]
DATASETS = ("investor_day_market", "index_day", "instruments", "short_day", "market_funds")
FIGURES = ("score", "breadth", "momentum", "short_inverse", "credit", "foreign", "institution", "individual")


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return simulated_archive(tmp_path_factory.mktemp("moods"), Plan(stocks=40, sessions=150), datasets=DATASETS)


def test_days_come_newest_first_and_pages_join(market: Archive) -> None:
    whole = ask(market, limit=30)
    first = ask(market, limit=20)
    second = ask(market, limit=10, cursor=first["next_cursor"])
    assert 150 == whole["total"]
    assert [row["session"] for row in whole["rows"]] == sorted({row["session"] for row in whole["rows"]}, reverse=True)
    assert whole["rows"] == first["rows"] + second["rows"]


def test_a_day_does_not_change_with_the_page_it_stands_on(market: Archive) -> None:
    listed = ask(market, limit=40)["rows"]
    chosen = listed[25]
    alone = ask(market, end=chosen["session"], limit=1)["rows"][0]
    assert any(chosen[name] is not None for name in FIGURES)
    assert {name: chosen[name] for name in FIGURES} == {name: alone[name] for name in FIGURES}


def test_the_components_are_those_of_the_sentiment_answer(market: Archive) -> None:
    newest = ask(market, limit=1)["rows"][0]
    told = payload.plain(registry.bind(registry.usecases()["get_investor_sentiment"], market)())
    parts = told["sentiment_scores"]["overall"]["components"]
    for name in ("breadth", "momentum", "short_inverse", "credit"):
        assert parts[name] == newest[name] is not None


def test_early_days_are_null_with_a_reason(market: Archive) -> None:
    answer = ask(market, limit=150)
    explained(answer)
    oldest = answer["rows"][-1]
    assert all(oldest[name] is None for name in FIGURES)


def test_a_span_is_kept_and_a_reversed_one_refused(market: Archive) -> None:
    days = market.read("investor_day_market", columns=[]).filter(pl.col("market") == "KOSPI")["session"].sort()
    answer = ask(market, start=str(days[-9]), end=str(days[-5]))
    assert [str(day) for day in days.to_list()[-9:-4]][::-1] == [row["session"] for row in answer["rows"]]
    with pytest.raises(Refused):
        ask(market, start=str(days[-1]), end=str(days[-2]))


def test_an_empty_lake_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(NoData) as empty:
        ask(open_archive(tmp_path))
    assert "NOT_COLLECTED" == empty.value.code and "sugeup" in (empty.value.hint or "")


def test_the_text_is_a_line_per_day(market: Archive) -> None:
    answer = registry.bind(CASE, market)(limit=5)
    lines = "\n".join(str(part) for part in CASE.text(answer)).splitlines()
    assert 5 == sum(line.startswith("2025") for line in lines)
    assert 5 == len(CASE.rows(answer))


def test_a_page_behind_the_end_is_empty(market: Archive) -> None:
    behind = ask(market, cursor="cm93OjEwMDAwMDA")
    assert ([], None, 150) == (behind["rows"], behind["next_cursor"], behind["total"])
