"""get_time_based_flow on markets worked out by hand: what a bin holds, what a missed poll costs, whose clock counts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from sugeup.market import sessions
from tests.support.archives import days, open_archive
from tests.support.clock_days import (
    GROUPS,
    HALF_HOURS,
    at,
    even,
    fill_index,
    fill_market,
    snapshots,
    unexplained,
)
from tests.support.truths import texts

CASE = registry.usecases()["get_time_based_flow"]
DAY = date(2026, 2, 27)
MILLION = 1_000_000


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


def bins(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["time"]: one for one in answer["time_flow_data"]}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """One session of KOSPI with half-hourly snapshots and an index that rises a point a minute."""
    found = open_archive(tmp_path)
    fill_market(found, "KOSPI", snapshots("KOSPI", DAY, even))
    fill_index(found, "KOSPI", DAY, lambda minute: 2500.0 + minute, lambda minute: 6 * MILLION * min(minute, 400), 390)
    return found


def test_a_bin_is_the_difference_of_the_totals_at_its_bounds(archive: Archive) -> None:
    answer = ask(archive, market="KOSPI", interval="30M")
    one = bins(answer)["09:30"]
    assert (90 * MILLION, 30 * MILLION, 60 * MILLION) == tuple(one["foreign"][side] for side in ("buy", "sell", "net"))
    assert -60 * MILLION == one["individual"]["net"]
    assert 180 * MILLION == one["turnover"]
    assert (2530.0, 2560.0, round(100 * 30 / 2530, 2)) == tuple(
        one["price_impact"][name] for name in ("open", "close", "change")
    )
    assert "2026-02-27T15:40:00+09:00" == answer["as_of"]
    assert ("MARKET", "MINUTE", "KOSPI") == (answer["scope"], answer["resolution"], answer["market"])


def test_the_closing_auction_is_a_bin_of_its_own_that_ends_after_the_close(archive: Archive) -> None:
    found = bins(ask(archive, market="KOSPI", interval="30M"))
    assert ("15:00", "15:20") == (found["15:00"]["time"], found["15:00"]["until"])
    assert ("15:20", "15:30") == (found["15:20"]["time"], found["15:20"]["until"])
    assert 2 * 20 * MILLION == found["15:20"]["foreign"]["net"] == found["15:00"]["foreign"]["net"]
    assert 2 * 400 * MILLION == sum(one["foreign"]["net"] for one in found.values())


def test_a_snapshot_at_the_close_is_too_early_for_the_auction(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    fill_market(archive, "KOSPI", snapshots("KOSPI", DAY, even, (*HALF_HOURS[:-1], 390)))
    one = bins(ask(archive, market="KOSPI", interval="30M"))["15:20"]
    assert one["foreign"]["net"] is None
    assert ("MISSING_INPUT", "no snapshot after 15:30") == (
        one["meta"]["foreign.net"]["reason"],
        one["meta"]["foreign.net"]["note"],
    )


def test_what_is_told_long_after_the_close_belongs_to_another_market(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    fill_market(archive, "KOSPI", snapshots("KOSPI", DAY, even, (*HALF_HOURS, 500, 660)))
    found = bins(ask(archive, market="KOSPI", interval="30M"))
    assert 40 * MILLION == found["15:20"]["foreign"]["net"]
    assert "2026-02-27T15:40:00+09:00" == ask(archive, market="KOSPI")["as_of"]


@pytest.mark.parametrize("missed", [30, 180, 380, 400])
def test_a_missed_poll_costs_the_two_bins_it_bounds_and_nothing_else(tmp_path: Path, missed: int) -> None:
    archive = open_archive(tmp_path)
    polled = [minute for minute in HALF_HOURS if minute != missed]
    fill_market(archive, "KOSPI", snapshots("KOSPI", DAY, even, polled))
    answer = ask(archive, market="KOSPI", interval="30M")
    lost = [one for one in answer["time_flow_data"] if one["foreign"]["net"] is None]
    assert (1 if missed == 400 else 2) == len(lost) == answer["data_quality"]["missed_bins"]
    for one in lost:
        assert "no snapshot" in one["meta"]["foreign.buy"]["note"]
        assert "MISSING_INPUT" == one["meta"]["foreign.net"]["reason"]
    kept = sum(one["foreign"]["net"] for one in answer["time_flow_data"] if one["foreign"]["net"] is not None)
    assert 800 * MILLION - kept == {30: 120, 180: 120, 380: 80, 400: 40}[missed] * MILLION
    assert any(gap["what"].endswith("bins") for gap in answer["coverage"])


def test_snapshots_that_start_late_leave_the_morning_empty_and_never_one_big_bin(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    fill_market(archive, "KOSPI", snapshots("KOSPI", DAY, even, [m for m in HALF_HOURS if m >= 180]))
    found = bins(ask(archive, market="KOSPI", interval="30M"))
    early = [one["foreign"]["net"] for time, one in found.items() if time < "12:00"]
    assert [None] * 6 == early
    assert 60 * MILLION == found["12:00"]["foreign"]["net"]


def test_bins_finer_than_the_snapshots_are_null_and_never_interpolated(archive: Archive) -> None:
    found = bins(ask(archive, market="KOSPI", interval="10M"))
    assert all(one["foreign"]["net"] is None for time, one in found.items() if time != "15:20")
    assert 40 * MILLION == found["15:20"]["foreign"]["net"]


def test_half_days_are_counted_from_the_open(archive: Archive) -> None:
    morning = bins(ask(archive, market="KOSPI", interval="1H", session="MORNING"))
    afternoon = bins(ask(archive, market="KOSPI", interval="1H", session="AFTERNOON"))
    assert ["09:00", "10:00", "11:00"] == list(morning)
    assert ["12:00", "13:00", "14:00", "15:00", "15:20"] == list(afternoon)


def test_a_day_that_opens_late_is_cut_on_its_own_clock(tmp_path: Path) -> None:
    exam = date(2025, 11, 13)
    archive = open_archive(tmp_path)
    fill_market(archive, "KOSPI", snapshots("KOSPI", exam, even))
    morning = bins(ask(archive, market="KOSPI", interval="30M", session="MORNING"))
    assert ("10:00", "12:30") == (min(morning), max(morning))
    whole = bins(ask(archive, market="KOSPI", interval="30M"))
    assert ("16:20", "16:30") == (whole["16:20"]["time"], whole["16:20"]["until"])
    assert 60 * MILLION == whole["10:00"]["foreign"]["net"]


def test_the_first_session_of_a_year_is_an_hour_shorter(tmp_path: Path) -> None:
    first = date(2026, 1, 2)
    archive = open_archive(tmp_path)
    fill_market(archive, "KOSPI", snapshots("KOSPI", first, even, (*range(30, 301, 30), 320, 340)))
    whole = bins(ask(archive, market="KOSPI", interval="30M"))
    assert ["10:00", "15:00", "15:20"] == [list(whole)[place] for place in (0, -2, -1)]
    assert 40 * MILLION == whole["15:20"]["foreign"]["net"] == whole["15:00"]["foreign"]["net"]


def test_all_is_the_sum_of_both_markets_and_has_no_index(archive: Archive) -> None:
    fill_market(archive, "KOSDAQ", snapshots("KOSDAQ", DAY, lambda minute: even(minute, 2 * MILLION)))
    answer = ask(archive, interval="30M")
    one = bins(answer)["10:00"]
    assert 180 * MILLION == one["foreign"]["net"]
    assert one["price_impact"]["open"] is None
    assert "OUT_OF_SCOPE" == answer["meta"]["time_flow_data.price_impact.open"]["reason"]
    assert not unexplained(answer)


def test_all_takes_the_newest_session_that_both_markets_have(archive: Archive) -> None:
    before = sessions.previous(DAY)
    fill_market(archive, "KOSPI", snapshots("KOSPI", before, even))
    fill_market(archive, "KOSDAQ", snapshots("KOSDAQ", before, even))
    assert str(before) == ask(archive)["date"]
    assert str(DAY) == ask(archive, market="KOSPI")["date"]


def test_snapshots_that_do_not_close_are_withheld_and_never_repaired(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)

    def broken(minute: int) -> dict[str, tuple[int, int]]:
        return even(minute) | ({"other_corporation": (9 * MILLION, 0)} if minute == 60 else {})

    fill_market(archive, "KOSPI", snapshots("KOSPI", DAY, broken))
    answer = ask(archive, market="KOSPI", interval="30M")
    assert (False, 2, 0) == tuple(answer["data_quality"][key] for key in ("closure_ok", "withheld_bins", "missed_bins"))
    assert "RECONCILIATION_FAILED" in {gap["reason"] for gap in answer["coverage"]}
    found = bins(answer)
    for time in ("09:30", "10:00"):
        assert all(found[time][group]["net"] is None for group in GROUPS)
        assert "RECONCILIATION_FAILED" == found[time]["meta"]["foreign.net"]["reason"]
        units = [found[time]["meta"][f"foreign.{name}"]["unit"] for name in ("net", "intensity")]
        assert ["won", "1-10"] == units
    assert 60 * MILLION == found["09:00"]["foreign"]["net"] == found["10:30"]["foreign"]["net"]


def test_a_group_that_no_snapshot_has_is_null_everywhere_and_closure_is_unknown(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)

    def three(minute: int) -> dict[str, tuple[int, int]]:
        return {name: pair for name, pair in even(minute).items() if name != "other_corporation"}

    fill_market(archive, "KOSPI", snapshots("KOSPI", DAY, three))
    answer = ask(archive, market="KOSPI", interval="30M")
    assert answer["data_quality"]["closure_ok"] is None
    assert 60 * MILLION == bins(answer)["09:00"]["foreign"]["net"]
    assert "MISSING_INPUT" == answer["meta"]["time_flow_data.other_corporation.net"]["reason"]
    assert "MISSING_INPUT" == answer["meta"]["time_flow_data.turnover"]["reason"]
    assert not unexplained(answer)


def test_without_an_index_turnover_is_the_sum_of_all_purchases(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    fill_market(archive, "KOSPI", snapshots("KOSPI", DAY, even))
    answer = ask(archive, market="KOSPI", interval="30M")
    assert 150 * MILLION == bins(answer)["09:00"]["turnover"]
    assert "SUM_OF_BUYS" == answer["meta"]["time_flow_data.turnover"]["method"]
    assert "MISSING_INPUT" == answer["meta"]["time_flow_data.price_impact.change"]["reason"]


def test_a_running_session_shows_the_bins_that_are_over(tmp_path: Path) -> None:
    archive = open_archive(tmp_path, at(DAY, 65))
    fill_market(archive, "KOSPI", snapshots("KOSPI", DAY, even, (30, 60)), final=False)
    answer = ask(archive, market="KOSPI", interval="30M")
    assert ["09:00", "09:30"] == list(bins(answer))
    assert answer["provisional"] is True
    assert "2026-02-27T10:00:00+09:00" == answer["as_of"]
    assert any("running" in warning for warning in answer["warnings"])


@pytest.mark.parametrize("part", ["ALL", "AFTERNOON"])
def test_a_session_that_has_only_begun_has_no_bin_yet(tmp_path: Path, part: str) -> None:
    archive = open_archive(tmp_path, at(DAY, 5))
    fill_market(archive, "KOSPI", snapshots("KOSPI", DAY, even, (1, 2, 3)), final=False)
    answer = ask(archive, market="KOSPI", session=part)
    assert ([], None) == (answer["time_flow_data"], answer["anomalies"])
    assert "2026-02-27T09:03:00+09:00" == answer["as_of"]
    assert not unexplained(answer)
    assert "–" in texts(CASE, registry.bind(CASE, archive)(market="KOSPI", session=part), detailed=True)


def test_sources_are_never_mixed_in_one_session(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    fill_market(archive, "KOSPI", snapshots("KOSPI", DAY, even, HALF_HOURS[:3]))
    given = snapshots("KOSPI", DAY, lambda minute: even(minute, 5 * MILLION))
    fill_market(archive, "KOSPI", given, source="hts")
    answer = ask(archive, market="KOSPI", interval="30M")
    assert ["hts"] == answer["sources"]
    assert bins(answer)["09:00"]["foreign"]["net"] is None
    assert 300 * MILLION == bins(answer)["12:00"]["foreign"]["net"]
    assert any("second source" in warning for warning in answer["warnings"])


def test_a_source_that_stands_still_is_told_for_the_finest_interval(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    given = snapshots("KOSPI", DAY, lambda minute: even(minute - minute % 2), range(1, 381))
    fill_market(archive, "KOSPI", given)
    assert any("every minute" in said for said in ask(archive, market="KOSPI", interval="1M")["warnings"])
    assert not any("every minute" in said for said in ask(archive, market="KOSPI", interval="5M")["warnings"])


def test_a_short_history_gives_no_pattern_no_anomaly_and_no_neutral(archive: Archive) -> None:
    answer = ask(archive, market="KOSPI", interval="30M")
    for group in GROUPS:
        block = answer["patterns"][group]
        assert all(value is None for name, value in block.items() if name != "meta")
        assert "NOT_AVAILABLE_FROM_SOURCE" == block["meta"]["average_order_size"]["reason"]
        reasons = {about["reason"] for name, about in block["meta"].items() if name != "average_order_size"}
        assert {"INSUFFICIENT_HISTORY"} == reasons
        assert "INSUFFICIENT_HISTORY" == bins(answer)["09:00"]["meta"][f"{group}.intensity"]["reason"]
    assert (None, "INSUFFICIENT_HISTORY") == (answer["anomalies"], answer["meta"]["anomalies"]["reason"])
    assert not unexplained(answer)


def test_a_group_that_never_nets_has_no_pattern_rather_than_a_neutral_one(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    fill_market(archive, "KOSPI", [row for day in days(21) for row in snapshots("KOSPI", day, even)])
    block = ask(archive, market="KOSPI", interval="30M")["patterns"]["other_corporation"]
    for name in ("typical_entry_time", "typical_exit_time", "morning_bias", "consistency_score", "execution_pattern"):
        assert block[name] is None
        assert block["meta"][name]["reason"]


def test_days_that_cannot_be_answered_say_why(archive: Archive, tmp_path: Path) -> None:
    asked = {
        date(2026, 2, 17): "MARKET_CLOSED",
        date(2026, 2, 25): "OUT_OF_HISTORY",
        date(2026, 3, 20): "NOT_PUBLISHED_YET",
    }
    for day, code in asked.items():
        with pytest.raises(NoData) as caught:
            ask(archive, market="KOSPI", date=day)
        assert code == caught.value.code
    fill_market(archive, "KOSPI", snapshots("KOSPI", date(2026, 2, 24), even))
    with pytest.raises(NoData) as caught:
        ask(archive, market="KOSPI", date=date(2026, 2, 25))
    assert "NOT_COLLECTED" == caught.value.code
    with pytest.raises(NoData) as caught:
        ask(open_archive(tmp_path / "empty"))
    assert "NOT_COLLECTED" == caught.value.code
    assert "sugeup job run intraday" in str(caught.value.hint)


def test_an_unknown_interval_is_refused_with_those_allowed(archive: Archive) -> None:
    with pytest.raises(Refused, match="'1M', '5M', '10M', '30M' or '1H'"):
        ask(archive, interval="2M")
    assert "5M" == ask(archive, market="kospi", interval="5m")["interval"]


def test_old_figures_are_found_and_their_age_is_told(tmp_path: Path) -> None:
    archive = open_archive(tmp_path, at(DAY, 0) + timedelta(days=150))
    fill_market(archive, "KOSPI", snapshots("KOSPI", DAY, even))
    answer = ask(archive, market="KOSPI")
    assert (str(DAY), 150) == (answer["date"], int(answer["warnings"][0].split()[-3]))
