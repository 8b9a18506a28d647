"""get_program_trading at its edges: missed polls, half a day, coarse sources, nothing stored, bad arguments."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.market import sessions
from sugeup.usecases import program_bins
from sugeup.usecases.program_figures import Figures
from tests.support.archives import days, four_groups, open_archive, rows
from tests.usecases.programs import MILLION, ask, at_moment, bars, before, block, minute_rows, moment

SESSION = days(1)[-1]
BOUGHT = {"09:00": (0, 0, 0, 0), "09:10": (60, 40, 200, 100), "09:20": (90, 40, 300, 400)}


def archive_at(path: Path, clock: str = "09:21", **filled: list[dict[str, Any]]) -> Archive:
    archive = at_moment(path, SESSION, time.fromisoformat(clock))
    for dataset, given_rows in filled.items():
        archive.fill(dataset, rows(dataset, given_rows, "kis_market"))
    return archive


def test_arbitrage_that_buys_stocks_sells_futures(tmp_path: Path) -> None:
    archive = archive_at(tmp_path, program_minute_market=minute_rows(SESSION, BOUGHT))
    found = block(archive, market="KOSPI")["arbitrage"]
    assert ("SHORT", True) == (found["futures_position"], found["meta"]["futures_position"]["estimated"])


def test_a_missed_poll_leaves_its_bins_empty_and_is_not_carried_into_the_next(tmp_path: Path) -> None:
    polled = {clock: totals for clock, totals in BOUGHT.items() if clock != "09:10"}
    archive = archive_at(tmp_path, program_minute_market=minute_rows(SESSION, polled))
    answer = ask(archive, market="KOSPI", time_window="TODAY")
    series = answer["program_trading"]["time_series"]
    assert [("09:00", None), ("09:10", None)] == [(one["time"], one["net"]) for one in series]
    assert -50 * MILLION == series[-1]["cumulative_net"]
    assert 19 == answer["data_quality"]["missing_rows"]


@given(st.sets(st.sampled_from(range(1, 61))), st.lists(st.integers(-50, 50), min_size=61, max_size=61))
def test_a_bin_is_known_when_both_its_edges_are(lost: set[int], moves: list[int]) -> None:
    """Whatever was polled, a bin is the difference of its edges or null; nothing is spread over others."""
    import polars as pl

    seen = [minute for minute in range(61) if minute not in lost]
    totals = [sum(moves[1 : minute + 1]) for minute in range(61)]
    at = [moment(SESSION, time(9 + minute // 60, minute % 60)) for minute in seen]
    columns = {f"program_{side}_amount": [totals[minute] for minute in seen] for side in ("buy", "sell", "net")}
    series = pl.DataFrame({"at": at, **columns})
    figures = Figures(SESSION, ("KOSPI",), at[-1], {}, series, pl.DataFrame(), [], provisional=False)
    found = program_bins.time_series(figures, "program", "TODAY") or []
    for place, one in enumerate(found):
        left, right = 10 * place, min(10 * place + 10, seen[-1])
        known = right in seen and (left in seen or left == 0)
        assert (totals[right] - totals[left] if known else None) == one.net


def test_the_last_hour_is_null_when_its_start_was_not_polled(tmp_path: Path) -> None:
    polled = {"09:00": (0, 0, 0, 0), "10:31": (10, 5, 10, 5), "11:30": (20, 5, 20, 5)}
    archive = archive_at(tmp_path, "11:31", program_minute_market=minute_rows(SESSION, polled))
    found = block(archive, market="KOSPI", time_window="1H")
    assert (None, "MISSING_INPUT") == (found["summary"]["net_value"], found["summary"]["meta"]["net_value"]["reason"])
    assert "10:30" in found["summary"]["meta"]["net_value"]["note"]
    assert found["time_series"][0]["net"] is None


def test_less_than_an_hour_after_the_open_the_last_hour_is_the_session(tmp_path: Path) -> None:
    archive = archive_at(
        tmp_path,
        program_minute_market=minute_rows(SESSION, BOUGHT),
        index_minute=bars(SESSION, {before("09:20"): 5_000}),
    )
    hour, whole = (block(archive, market="KOSPI", time_window=window)["summary"] for window in ("1H", "CURRENT"))
    assert whole == hour
    assert (-50 * MILLION, round(100 * -50 / 5_000, 2)) == (hour["net_value"], hour["market_impact"])


def test_turnover_comes_from_the_investors_when_the_index_has_no_bar(tmp_path: Path) -> None:
    at = moment(SESSION, time(9, 20))
    bought = {f"{group}_buy_amount": 1_000 * MILLION for group in four_groups(1, 2, 3)}
    names = {name.replace("_net_amount_buy_amount", "_buy_amount"): value for name, value in bought.items()}
    investors = [{"market": "KOSPI", "session": SESSION, "at": at} | names]
    archive = archive_at(tmp_path, program_minute_market=minute_rows(SESSION, BOUGHT), investor_minute_market=investors)
    found = block(archive, market="KOSPI")
    assert (round(100 * -50 / 4_000, 2), "SUM_OF_INVESTORS") == (
        found["summary"]["market_impact"],
        found["summary"]["meta"]["market_impact"]["method"],
    )


def test_without_turnover_shares_are_null_and_the_lean_stands(tmp_path: Path) -> None:
    answer = ask(archive_at(tmp_path, program_minute_market=minute_rows(SESSION, BOUGHT)), market="KOSPI")
    found = answer["program_trading"]
    assert round(100 * 390 / 830, 2) == found["summary"]["buy_ratio"]
    assert (None, "MISSING_INPUT") == (
        found["summary"]["market_impact"],
        found["summary"]["meta"]["market_impact"]["reason"],
    )
    assert found["arbitrage"]["intensity"] is None
    assert any("index_minute" in gap["what"] for gap in answer["coverage"])


def test_minutes_that_stop_before_the_close_give_way_to_the_day(tmp_path: Path) -> None:
    whole = dict(minute_rows(SESSION, {"15:40": (500, 100, 900, 700)})[0])
    del whole["at"]
    archive = archive_at(
        tmp_path, "19:00", program_minute_market=minute_rows(SESSION, BOUGHT), program_day_market=[whole]
    )
    answer = ask(archive, market="KOSPI", time_window="TODAY")
    assert ("DAY", 600 * MILLION) == (answer["resolution"], answer["program_trading"]["summary"]["net_value"])
    assert any("Minutes end at 09:20" in warning for warning in answer["warnings"])
    assert 2 == len(answer["program_trading"]["time_series"])


def test_all_is_as_of_the_newest_minute_of_both_markets(tmp_path: Path) -> None:
    both = minute_rows(SESSION, BOUGHT) + minute_rows(SESSION, {"09:10": (1, 1, 4, 1)}, "KOSDAQ")
    answer = ask(archive_at(tmp_path, program_minute_market=both))
    assert f"{SESSION}T09:10:00+09:00" == answer["as_of"]
    assert (20 + 100 + 3) * MILLION == answer["program_trading"]["summary"]["net_value"]
    with pytest.raises(NoData, match="NOT_COLLECTED"):
        ask(archive_at(tmp_path / "one", program_minute_market=minute_rows(SESSION, BOUGHT)))


def test_the_whole_is_made_of_its_two_parts_where_the_source_leaves_it_out(tmp_path: Path) -> None:
    bare = [
        {name: value for name, value in row.items() if not name.startswith("program_")}
        for row in minute_rows(SESSION, BOUGHT)
    ]
    found = block(archive_at(tmp_path, program_minute_market=bare), market="KOSPI")["summary"]
    assert (390 * MILLION, 440 * MILLION, -50 * MILLION) == (
        found["total_buy"],
        found["total_sell"],
        found["net_value"],
    )


def test_a_source_of_net_alone_leaves_both_sides_null(tmp_path: Path) -> None:
    net = [{"market": "KOSPI", "session": SESSION, "at": moment(SESSION, time(9, 20)), "program_net_amount": 7}]
    answer = ask(archive_at(tmp_path, program_minute_market=net), market="KOSPI")
    summary = answer["program_trading"]["summary"]
    assert (7, None, "NOT_AVAILABLE_FROM_SOURCE") == (
        summary["net_value"],
        summary["total_buy"],
        summary["meta"]["total_buy"]["reason"],
    )
    assert answer["data_quality"]["closure_ok"] is None


def test_a_minute_that_is_old_while_the_session_runs_is_a_warning(tmp_path: Path) -> None:
    answer = ask(archive_at(tmp_path, "10:00", program_minute_market=minute_rows(SESSION, BOUGHT)), market="KOSPI")
    assert any("40 minutes before now" in warning for warning in answer["warnings"])


def test_stocks_without_a_row_are_told_because_shares_are_then_too_high(tmp_path: Path) -> None:
    whole = dict(minute_rows(SESSION, {"15:40": (500, 100, 900, 700)})[0])
    del whole["at"]
    listed = [{"code": code, "valid_from": SESSION, "name": code, "market": "KOSPI"} for code in ("000001", "000002")]
    traded = [{"code": code, "session": SESSION, "raw_close": 10, "volume": 5} for code in ("000001", "000002")]
    stock = {"code": "000001", "session": SESSION, "program_buy_amount": 5, "program_sell_amount": 3}
    archive = archive_at(
        tmp_path, "19:00", program_day_market=[whole], instruments=listed, daily_bars=traded, program_day_stock=[stock]
    )
    answer = ask(archive, market="KOSPI")
    assert [("000001", 100.0)] == [(one["code"], one["ratio"]) for one in answer["program_trading"]["top_stocks"]]
    assert any("1 of 2 stocks that traded" in gap["what"] for gap in answer["coverage"])


def test_figures_of_another_venue_are_no_answer(tmp_path: Path) -> None:
    archive = at_moment(tmp_path, SESSION, time(9, 21))
    archive.fill(
        "program_minute_market",
        rows("program_minute_market", minute_rows(SESSION, BOUGHT), "kis_market", venue="NXT"),
    )
    with pytest.raises(NoData, match="NOT_COLLECTED"):
        ask(archive, market="KOSPI")


def test_at_the_open_nothing_is_traded_and_nothing_is_neutral(tmp_path: Path) -> None:
    archive = archive_at(tmp_path, "09:01", program_minute_market=minute_rows(SESSION, {"09:00": (0, 0, 0, 0)}))
    found = block(archive, market="KOSPI")
    assert (0, None, "ZERO_DENOMINATOR") == (
        found["summary"]["total_buy"],
        found["summary"]["buy_ratio"],
        found["summary"]["meta"]["buy_ratio"]["reason"],
    )
    assert (None, []) == (found["arbitrage"]["futures_position"], found["time_series"])


def test_the_sample_has_none_and_says_how_to_bring_one_s_own(sample: Archive) -> None:
    with pytest.raises(NoData, match=r"NOT_COLLECTED.*sugeup import FILE"):
        ask(sample)


def test_an_empty_lake_names_the_jobs_that_fill_it(tmp_path: Path) -> None:
    for arguments in ({}, {"market": "KOSDAQ"}, {"session": SESSION}):
        with pytest.raises(NoData, match=r"NOT_COLLECTED.*sugeup job run daily"):
            ask(open_archive(tmp_path), **arguments)


@pytest.mark.parametrize(
    ("session", "code"),
    [
        (date(2026, 2, 17), "MARKET_CLOSED"),
        (date(2026, 2, 28), "MARKET_CLOSED"),
        (sessions.next(SESSION), "NOT_PUBLISHED_YET"),
        (date(2010, 1, 5), "OUT_OF_HISTORY"),
    ],
)
def test_a_session_without_figures_is_explained(tmp_path: Path, session: date, code: str) -> None:
    archive = archive_at(tmp_path, program_minute_market=minute_rows(SESSION, BOUGHT))
    with pytest.raises(NoData) as caught:
        ask(archive, market="KOSPI", session=session)
    assert code == caught.value.code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"market": "KONEX"}, "'KOSDAQ'"),
        ({"program_type": "INDEX"}, "'NON_ARBITRAGE'"),
        ({"time_window": "5D"}, "'TODAY'"),
        ({"stock_code": "005930"}, "time_window"),
    ],
)
def test_a_bad_argument_is_refused_with_what_is_allowed(tmp_path: Path, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match="INVALID_ARGUMENT") as caught:
        ask(open_archive(tmp_path), **arguments)
    assert words in str(caught.value)
