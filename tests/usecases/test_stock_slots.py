"""get_time_based_flow of one stock: five tallies, shares only, each against the tally before, and nothing invented."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from sugeup.market import sessions
from tests.support.archives import days, open_archive, rows
from tests.support.clock_days import at, fill_tallies, unexplained
from tests.support.truths import texts

CASE = registry.usecases()["get_time_based_flow"]
DAY = date(2026, 2, 27)
CODE = "005930"
NONE = "NOT_AVAILABLE_FROM_SOURCE"


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(stock_code=CODE, **arguments))


def named(archive: Archive, listed_on: date | None = None) -> Archive:
    given = {
        "code": CODE,
        "valid_from": date(2020, 1, 2),
        "name": "삼성전자",
        "market": "KOSPI",
        "listed_on": listed_on,
    }
    archive.fill("instruments", rows("instruments", [given]))
    return archive


def fill_bars(archive: Archive, day: date, volume: int = 10, first: int = 0) -> None:
    """A bar a minute at 70,000 won and one more won each minute."""
    given = [
        {
            "code": CODE,
            "session": day,
            "at": at(day, minute),
            "raw_open": 70_000 + minute,
            "raw_high": 70_001 + minute,
            "raw_low": 70_000 + minute,
            "raw_close": 70_001 + minute,
            "volume": volume,
            "amount": volume * 70_000,
        }
        for minute in (*range(first, 380), 390)
    ]
    archive.fill("minute_bars", rows("minute_bars", given))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    found = named(open_archive(tmp_path))
    fill_tallies(found, CODE, DAY, [100, 100, 150, 90, 300], [0, 40, 10, 70, 75])
    return found


def test_a_group_is_compared_with_its_own_tally_before(archive: Archive) -> None:
    answer = ask(archive)
    assert ("STOCK", "SLOT", CODE, "삼성전자") == tuple(
        answer[name] for name in ("scope", "resolution", "stock_code", "stock_name")
    )
    assert ["09:00", "09:30", "10:00", "11:20", "13:20"] == [one["time"] for one in answer["time_flow_data"]]
    assert ["09:30", "10:00", "11:20", "13:20", "14:30"] == [one["until"] for one in answer["time_flow_data"]]
    shares = {
        group: [one[group]["net_volume"] for one in answer["time_flow_data"]] for group in ("foreign", "institution")
    }
    assert {"foreign": [100, None, 50, -60, 210], "institution": [None, 40, -30, 60, 5]} == shares
    assert "2026-02-27T14:30:00+09:00" == answer["as_of"]


def test_a_slot_that_does_not_tell_a_group_is_not_zero_and_says_so(archive: Archive) -> None:
    first, second, third, *_ = ask(archive)["time_flow_data"]
    assert "NOT_PUBLISHED_YET" == first["meta"]["institution.net_volume"]["reason"]
    assert "NOT_PUBLISHED_YET" == second["meta"]["foreign.net_volume"]["reason"]
    assert "since 09:30, the tally before" == third["meta"]["foreign.net_volume"]["note"]
    assert "since 09:00, the tally before" == second["meta"]["institution.net_volume"]["note"]


def test_everything_is_estimated_and_won_are_not_available(archive: Archive) -> None:
    answer = ask(archive)
    assert answer["provisional"] is True
    meta = answer["meta"]
    assert meta["time_flow_data.foreign.net_volume"]["estimated"] is True
    for group in ("foreign", "institution", "individual", "other_corporation"):
        for name in ("buy", "sell", "net", "avg_price"):
            assert NONE == meta[f"time_flow_data.{group}.{name}"]["reason"]
            assert all(one[group][name] is None for one in answer["time_flow_data"])
    assert all(one["individual"]["net_volume"] is None for one in answer["time_flow_data"])
    assert (None, "INSUFFICIENT_HISTORY") == (answer["anomalies"], meta["anomalies"]["reason"])
    assert {NONE} == {about["reason"] for about in answer["patterns"]["foreign"]["meta"].values()}
    assert not unexplained(answer)


def test_a_missed_slot_costs_the_two_it_bounds(tmp_path: Path) -> None:
    archive = named(open_archive(tmp_path))
    fill_tallies(archive, CODE, DAY, [100, None, None, 90, 300], [None, 40, None, 70, 75])
    answer = ask(archive)
    assert [100, None, None, None, 210] == [one["foreign"]["net_volume"] for one in answer["time_flow_data"]]
    third, fourth = answer["time_flow_data"][2:4]
    assert (
        "slot 3 is not stored"
        == third["meta"]["foreign.net_volume"]["note"]
        == fourth["meta"]["institution.net_volume"]["note"]
    )
    assert 2 == answer["data_quality"]["missed_bins"]
    assert any("1 of 5 slots" == gap["what"] for gap in answer["coverage"])


def test_prices_and_turnover_come_from_minutes_where_they_are_stored(archive: Archive) -> None:
    assert "MISSING_INPUT" == ask(archive)["meta"]["time_flow_data.turnover"]["reason"]
    fill_bars(archive, DAY)
    second = ask(archive)["time_flow_data"][1]
    assert (70_030.0, 70_060.0, 0.04) == tuple(second["price_impact"][name] for name in ("open", "close", "change"))
    assert 30 * 10 * 70_000 == second["turnover"]


def test_minutes_that_begin_late_are_not_taken_for_the_whole_session(archive: Archive) -> None:
    fill_bars(archive, DAY, first=350)
    answer = ask(archive)
    assert all(one["turnover"] is None for one in answer["time_flow_data"])
    assert "MISSING_INPUT" == answer["meta"]["time_flow_data.price_impact.open"]["reason"]


def test_intensity_is_on_shares_against_the_same_slot_of_twenty_sessions(archive: Archive) -> None:
    for place, day in enumerate(days(21, DAY)[:-1]):
        fill_tallies(archive, CODE, day, [10 * place, 0, 0, 0, 0], [None, 0, 0, 0, 0])
        fill_bars(archive, day)
    fill_bars(archive, DAY)
    answer = ask(archive)
    # 100 shares of 300; the past had 0, 10, ... 190 of 300: ten below, one equal.
    assert round(1 + 9 * 10.5 / 20, 1) == answer["time_flow_data"][0]["foreign"]["intensity"]
    assert "VOLUME_BASIS" == answer["meta"]["time_flow_data.foreign.intensity"]["method"]
    assert not unexplained(answer)


def test_a_stock_listed_lately_has_no_reference_yet(tmp_path: Path) -> None:
    archive = named(open_archive(tmp_path), sessions.previous(DAY, 2))
    fill_tallies(archive, CODE, DAY, [100, None, 150, 90, 300], [None, 40, 10, 70, 75])
    fill_bars(archive, DAY)
    assert "NEW_LISTING" == ask(archive)["time_flow_data"][0]["meta"]["foreign.intensity"]["reason"]


def test_later_slots_of_a_running_session_are_not_shown(tmp_path: Path) -> None:
    archive = named(open_archive(tmp_path, at(DAY, 75)))
    fill_tallies(archive, CODE, DAY, [100, None, None, None, None], [None, 40, None, None, None])
    answer = ask(archive)
    assert ["09:30", "10:00"] == [one["until"] for one in answer["time_flow_data"]]
    assert any("running" in warning for warning in answer["warnings"])


def test_a_slot_before_a_late_open_does_not_exist(tmp_path: Path) -> None:
    exam = date(2025, 11, 13)
    archive = named(open_archive(tmp_path))
    fill_tallies(archive, CODE, exam, [None, None, 150, 90, 300], [None, None, 10, 70, 75])
    answer = ask(archive)
    assert ["10:00", "11:20", "13:20"] == [one["time"] for one in answer["time_flow_data"]]
    assert [150, -60, 210] == [one["foreign"]["net_volume"] for one in answer["time_flow_data"]]


def test_half_days_take_the_slots_that_end_in_them(archive: Archive) -> None:
    ends = {
        part: [one["until"] for one in ask(archive, session=part)["time_flow_data"]]
        for part in ("MORNING", "AFTERNOON")
    }
    assert {"MORNING": ["09:30", "10:00", "11:20"], "AFTERNOON": ["13:20", "14:30"]} == ends


def test_a_stock_without_tallies_and_an_unknown_one_say_what_to_do(archive: Archive) -> None:
    given = {"code": "000660", "valid_from": date(2020, 1, 2), "name": "SK하이닉스", "market": "KOSPI"}
    archive.fill("instruments", rows("instruments", [given]))
    run = registry.bind(CASE, archive)
    with pytest.raises(NoData) as absent:
        run(stock_code="000660")
    assert ("NOT_COLLECTED", True) == (absent.value.code, "sugeup job run intraday" in str(absent.value.hint))
    with pytest.raises(Refused) as unknown:
        run(stock_code="123456")
    assert "UNKNOWN_STOCK" == unknown.value.code
    with pytest.raises(Refused, match="listed on KOSPI"):
        ask(archive, market="KOSDAQ")


def test_the_text_shows_shares_and_marks_them_as_estimates(archive: Archive) -> None:
    answer = registry.bind(CASE, archive)(stock_code=CODE)
    text = "\n".join(str(part) for part in CASE.text(answer))
    assert "추정 estimated" in text and "외국인합계(주)" in text and "+210" in text and "없음" in text
    detailed = texts(CASE, answer, detailed=True)
    assert "null " in detailed and "null " not in text
    found = CASE.rows(answer)
    assert 5 * 4 == len(found)
    assert 210 == next(row["net_volume"] for row in found if (row["until"], row["investor"]) == ("14:30", "foreign"))
