"""Program orders of a market: no more than its turnover where that is known, no more than ever occurred where not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup import records
from sugeup.archive.comparing import context_of
from sugeup.sources.checks import Checked, Context, check
from tests.support.archives import open_archive, rows

NOW = datetime(2025, 6, 3, 3, 0, tzinfo=UTC)
DAY, OTHER = date(2025, 6, 2), date(2025, 5, 30)
TRILLION = 10**12
TURNOVER = pl.DataFrame({"market": ["KOSPI"], "session": [DAY], "turnover": [10 * TRILLION]})
PROVENANCE = {"source": "ls", "venue": "KRX", "products": "STOCK", "hours": "REGULAR"}


def checked(buy: int, sell: int, *, day: date = DAY, at: datetime | None = None, whole_market: bool = True) -> Checked:
    """One row whose arbitrage is a tenth of all, held against a turnover of ten trillion won on `DAY`."""
    found: dict[str, object] = {"row": 1, "market": "KOSPI", "session": day} | PROVENANCE
    for name, share in (("program", 10), ("arbitrage", 1), ("non_arbitrage", 9)):
        sides = buy // 10 * share, sell // 10 * share
        found |= {f"{name}_buy_amount": sides[0], f"{name}_sell_amount": sides[1]}
        found[f"{name}_net_amount"] = sides[0] - sides[1]
    dataset = records.dataset("program_day_market" if at is None else "program_minute_market")
    frame = pl.DataFrame([found if at is None else found | {"at": at}])
    return check(dataset, frame, Context(now=NOW, turnover=TURNOVER, whole_market=whole_market))


def reasons(found: Checked) -> str:
    return "; ".join(found.faults["reason"])


@settings(deadline=None, max_examples=40)
@given(st.integers(10**9, 10 * TRILLION), st.integers(10**9, 10 * TRILLION), st.booleans(), st.booleans())
def test_figures_up_to_the_turnover_pass_with_and_without_it(buy: int, sell: int, known: bool, whole: bool) -> None:
    """Bought and sold together may exceed it: programs trade with programs."""
    assert 1 == checked(buy, sell, day=DAY if known else OTHER, whole_market=whole).frame.height


@settings(deadline=None, max_examples=40)
@given(st.integers(TRILLION // 10, 5 * TRILLION), st.integers(TRILLION // 10, 5 * TRILLION), st.booleans())
def test_figures_a_thousand_times_too_large_are_refused(buy: int, sell: int, whole: bool) -> None:
    found = checked(1000 * buy, 1000 * sell, whole_market=whole)
    assert found.frame.is_empty() and "exceed the turnover of that session: a wrong unit" in reasons(found)


def test_the_reason_says_how_far_it_is_off() -> None:
    assert "about 1,000 times too large" in reasons(checked(1500 * TRILLION, 1400 * TRILLION))


def test_minutes_since_the_open_are_held_against_the_whole_day() -> None:
    at = datetime(2025, 6, 2, 5, 0, tzinfo=UTC)
    assert 1 == checked(TRILLION, TRILLION, at=at).frame.height
    assert checked(1000 * TRILLION, 1000 * TRILLION, at=at).frame.is_empty()


def test_without_a_turnover_a_market_that_never_was_is_refused_and_of_a_simulated_one_nothing_is_known() -> None:
    found = checked(1000 * TRILLION, 1000 * TRILLION, day=OTHER)
    assert found.frame.is_empty() and "200 trillion won, which never occurs" in reasons(found)
    assert 1 == checked(1000 * TRILLION, 1000 * TRILLION, day=OTHER, whole_market=False).frame.height


def test_a_net_alone_is_held_against_it_too() -> None:
    frame = pl.DataFrame([{"row": 1, "market": "KOSPI", "session": DAY, "program_net_amount": -(10**15)} | PROVENANCE])
    context = Context(now=NOW, turnover=TURNOVER)
    assert check(records.dataset("program_day_market"), frame, context).frame.is_empty()


def test_parts_that_do_not_add_to_the_whole_are_refused() -> None:
    named = {"program_net_amount": 10**12, "arbitrage_net_amount": 10**11, "non_arbitrage_net_amount": 8 * 10**11}
    frame = pl.DataFrame([{"row": 1, "market": "KOSPI", "session": DAY} | named | PROVENANCE])
    found = check(records.dataset("program_day_market"), frame, Context(now=NOW))
    assert "do not add to program_net_amount" in reasons(found)


@pytest.mark.parametrize(("times", "kept"), [(1, 1), (1000, 0)])
def test_the_turnover_that_is_stored_is_what_an_answer_is_held_against(tmp_path: Path, times: int, kept: int) -> None:
    archive, day = open_archive(tmp_path), date(2026, 2, 27)
    about = [{"index_code": "KOSPI", "session": day, "close": 4000.0, "amount": 3 * TRILLION}]
    archive.fill("index_day", rows("index_day", about))
    row = {"row": 1, "market": "KOSPI", "session": day, "program_buy_amount": times * TRILLION // 10}
    frame, dataset = pl.DataFrame([row | PROVENANCE]), records.dataset("program_day_market")
    assert kept == check(dataset, frame, context_of(archive, dataset, "ls", frame)).frame.height
