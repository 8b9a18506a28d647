"""What is usual and what is not, on days made so that the answer is known: entry, exit, halves, anomalies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.market import sessions
from tests.support.archives import days, open_archive
from tests.support.clock_days import GROUPS, HALF_HOURS, at, fill_index, fill_market, snapshots, unexplained

CASE = registry.usecases()["get_time_based_flow"]
PAST = days(45)
DAY = PAST[-1]
MILLION = 1_000_000
ENTRY, EXIT = 60, 330
"""Foreigners buy in the half-hour from 10:00 and sell in the one from 14:30."""


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    answer = payload.plain(registry.bind(CASE, archive)(market="KOSPI", interval="30M", **arguments))
    return {name: value for name, value in answer.items() if name not in {"generated_at", "warnings"}}


def day_totals(number: int, shock: int = 0) -> Callable[[int], dict[str, tuple[int, int]]]:
    """Running totals of a day: some trading in every half-hour, and what foreigners do at their two, each day anew."""
    drawn = np.random.default_rng(number)
    reached: dict[int, dict[str, tuple[int, int]]] = {}
    before, totals = 0, dict.fromkeys(GROUPS, (0, 0))
    for minute in HALF_HOURS:
        steady = 100 * (minute - before)
        wins = {group: int(drawn.integers(40)) for group in GROUPS}
        wins["foreign"] += (before == ENTRY) * (1_000 + int(drawn.integers(800))) + (before == 180) * shock
        loses = {"foreign": wins["institution"] + (before == EXIT) * (300 + int(drawn.integers(90)))}
        loses |= {"individual": wins["foreign"], "institution": wins["other_corporation"]}
        wins["individual"] += loses["foreign"] - wins["institution"]
        loses["other_corporation"] = sum(wins.values()) - sum(loses.values())
        for group, (bought, sold) in totals.items():
            totals[group] = (
                bought + (steady + wins[group]) * MILLION,
                sold + (steady + loses[group]) * MILLION,
            )
        reached[minute], before = dict(totals), minute
    return reached.__getitem__


def level(number: int) -> Callable[[int], float]:
    """An index that moves most in the first half-hour and not at all from 13:00 to 14:00."""
    return lambda at: 2500.0 + (number + 1) * min(at, 30) + 0.1 * min(at, 240) + 0.1 * max(0, at - 300)


def index_amount(minute: int) -> int:
    """Turnover of the index since the open."""
    return MILLION * (300 * min(minute, 400) + 900 * min(minute, 30))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("patterns")
    archive = open_archive(path)
    given = [row for n, day in enumerate(PAST[:-1]) for row in snapshots("KOSPI", day, day_totals(n))]
    given += snapshots("KOSPI", DAY, day_totals(len(PAST), 40_000))
    fill_market(archive, "KOSPI", given)
    for number, day in enumerate(PAST[-20:]):
        fill_index(archive, "KOSPI", day, level(number), index_amount, 390)
    return path


@pytest.fixture
def archive(lake: Path) -> Archive:
    return open_archive(lake)


def test_the_usual_hours_of_a_group_are_found(archive: Archive) -> None:
    foreign, individual = (ask(archive)["patterns"][group] for group in ("foreign", "individual"))
    assert ("10:00-10:30", "14:30-15:00") == (foreign["typical_entry_time"], foreign["typical_exit_time"])
    assert ("14:30-15:00", "10:00-10:30") == (individual["typical_entry_time"], individual["typical_exit_time"])
    assert 20 == foreign["meta"]["typical_entry_time"]["n"]
    assert foreign["consistency_score"] > 0.3
    low, high = foreign["meta"]["consistency_score"]["ci"]
    assert low <= foreign["consistency_score"] <= high


def test_halves_of_the_day_are_tested_and_corrected_together(archive: Archive) -> None:
    patterns = ask(archive)["patterns"]
    assert ("BUY", "SELL") == (patterns["foreign"]["morning_bias"], patterns["individual"]["morning_bias"])
    assert "net buying on 20 of 20 days" in patterns["foreign"]["meta"]["morning_bias"]["note"]
    assert 0 < patterns["foreign"]["meta"]["morning_bias"]["p_adj"] < 0.001


def test_a_shock_is_an_anomaly_with_its_size_and_ordinary_bins_are_not(archive: Archive) -> None:
    answer = ask(archive)
    assert {("12:00", "foreign"), ("12:00", "individual")} <= {
        (one["time"], one["investor"]) for one in answer["anomalies"]
    }
    one = next(found for found in answer["anomalies"] if found["investor"] == "foreign" and found["time"] == "12:00")
    shown = next(found for found in answer["time_flow_data"] if found["time"] == "12:00")
    assert shown["foreign"]["net"] == one["magnitude"] > 39_000 * MILLION
    assert ("FLOW", True, True) == (one["type"], one["z_score"] > 10, one["p_adj"] <= 0.05)
    assert answer["meta"]["anomalies"]["n"] >= 1_000
    assert [] == ask(archive, date=PAST[-2])["anomalies"]


def test_fewer_than_a_thousand_pooled_values_give_no_anomalies(archive: Archive) -> None:
    answer = ask(archive, date=PAST[30])
    assert (None, "INSUFFICIENT_HISTORY") == (answer["anomalies"], answer["meta"]["anomalies"]["reason"])
    assert answer["meta"]["anomalies"]["n"] < 1_000


def test_windows_describe_turnover_and_impact_of_the_past(archive: Archive) -> None:
    windows = ask(archive)["optimal_trading_windows"]
    assert ["10:00-10:30", "14:30-15:00"] == windows["high_liquidity"]
    assert ["13:00-13:30", "13:30-14:00"] == windows["low_impact"]
    assert "10:00-10:30" == windows["foreign_active"][0]
    assert "itd.windows" == windows["meta"]["low_impact"]["metric"]


def test_turnover_is_taken_from_what_reaches_further_back(archive: Archive) -> None:
    assert "SUM_OF_BUYS" == ask(archive)["meta"]["time_flow_data.turnover"]["method"]


def test_intensity_is_the_percentile_among_the_last_twenty_of_the_same_bin(archive: Archive) -> None:
    def size(number: int) -> float:
        end, start = (day_totals(number)(minute) for minute in (90, 60))
        net = (end["foreign"][0] - start["foreign"][0]) - (end["foreign"][1] - start["foreign"][1])
        return abs(net) / sum(end[group][0] - start[group][0] for group in GROUPS)

    now = PAST[40]
    past, current = [size(number) for number in range(20, 40)], size(40)
    below, equal = sum(one < current for one in past), sum(one == current for one in past)
    one = next(found for found in ask(archive, date=now)["time_flow_data"] if found["time"] == "10:00")
    assert round(1 + 9 * (below + equal / 2) / 20, 1) == one["foreign"]["intensity"]


def test_sessions_that_come_later_change_no_answer_about_an_earlier_day(archive: Archive) -> None:
    before = ask(archive, date=DAY)
    after = sessions.next(DAY)
    fill_market(archive, "KOSPI", snapshots("KOSPI", after, day_totals(99, -90_000)))
    assert before == ask(archive, date=DAY)
    assert str(after) == ask(open_archive(archive._panels.root, at(after, 700)))["date"]  # type: ignore[attr-defined]


def test_a_running_session_is_no_part_of_the_patterns(lake: Path, tmp_path: Path) -> None:
    archive = open_archive(tmp_path, at(DAY, 65))
    given = [row for n, day in enumerate(PAST[20:-1], 20) for row in snapshots("KOSPI", day, day_totals(n))]
    fill_market(archive, "KOSPI", given)
    without = ask(archive, date=PAST[-2])["patterns"]
    fill_market(archive, "KOSPI", snapshots("KOSPI", DAY, day_totals(45), (30, 60)), final=False)
    assert without == ask(archive)["patterns"]


def test_a_missed_poll_of_the_past_costs_that_session_alone(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    for number, day in enumerate(PAST[-22:]):
        polled = [minute for minute in HALF_HOURS if number % 3 or minute != 240]
        fill_market(archive, "KOSPI", snapshots("KOSPI", day, day_totals(number), polled))
    answer = ask(archive)
    assert ("10:00-10:30", 13) == (
        answer["patterns"]["foreign"]["typical_entry_time"],
        answer["patterns"]["foreign"]["meta"]["typical_entry_time"]["n"],
    )
    assert 20 == answer["patterns"]["foreign"]["meta"]["morning_bias"]["n"]


def test_every_null_says_why_and_the_text_stands_on_its_own(archive: Archive) -> None:
    for arguments in ({}, {"date": PAST[5]}, {"session": "MORNING"}, {"date": date(2026, 1, 2)}):
        answer = ask(archive, **arguments)
        assert not unexplained(answer), arguments
    shown = registry.bind(CASE, archive)(market="KOSPI", interval="10M")
    text = "\n".join(str(part) for part in CASE.text(shown))
    assert len(text.splitlines()) <= 30
    for words in ("시간대별 수급", "KOSPI", "매수 10:00-10:30", "오전 매수 우위 BUY", "보장 아님", "외국인합계"):
        assert words in text
    assert 39 * 4 == len(CASE.rows(shown))
