"""What the verdict rests on: the quarter, the stocks that stand in for an index, and distances that are honest."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.market import overheating, sessions
from sugeup.metrics import short
from sugeup.usecases import short_panel, short_rule
from tests.support.archives import open_archive, rows

DAY = date(2026, 1, 15)


def test_the_quarter_before_is_counted_without_bans() -> None:
    fourth = short_rule.quarter_days(DAY)
    assert (date(2025, 10, 1), date(2025, 12, 30)) == (fourth[0], fourth[-1])
    assert (date(2025, 3, 31),) == short_rule.quarter_days(date(2025, 4, 10))
    last_before_the_ban = short_rule.quarter_days(date(2025, 3, 31))
    assert (date(2023, 10, 4), date(2023, 11, 3)) == (last_before_the_ban[0], last_before_the_ban[-1])


def test_forty_sessions_before_leave_out_a_ban() -> None:
    found = short_panel.counted(date(2025, 4, 10), 40)
    assert 41 == len(found) and date(2025, 4, 10) == found[-1]
    assert 8 == sum(date(2025, 3, 31) <= day < date(2025, 4, 10) for day in found)
    assert not any(overheating.banned(day) for day in found)
    assert [(found[0], date(2023, 11, 3)), (date(2025, 3, 31), date(2025, 4, 10))] == short_panel.runs(found)


def market_of(tmp_path: Path, missing: int = 0) -> Any:
    """Three KOSPI stocks of falling size; 5%, 10% and 50% sold short; a preferred share, an ETF."""
    archive = open_archive(tmp_path)
    about = [("000001", 300, 5, {}), ("000002", 200, 10, {}), ("000003", 100, 50, {})]
    about += [("000005", 900, 90, {"is_preferred": True}), ("100000", 900, 90, {"kind": "ETF"})]
    quarter = short_rule.quarter_days(DAY)
    instruments, bars, sold = [], [], []
    for code, size, share, more in about:
        instruments.append({"code": code, "valid_from": quarter[0], "market": "KOSPI", "kind": "STOCK"} | more)
        for day in quarter[missing:]:
            bars.append({"code": code, "session": day, "amount": 100, "raw_close": 1, "listed_shares": size})
            sold.append({"code": code, "session": day, "short_amount": share})
    archive.fill("instruments", rows("instruments", instruments))
    archive.fill("daily_bars", rows("daily_bars", bars))
    archive.fill("short_day", rows("short_day", sold))
    return archive


def test_the_largest_ordinary_stocks_stand_in_for_the_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = market_of(tmp_path)
    instruments = archive.read("instruments")
    whole = short_rule.quarters(archive, instruments, ["KOSPI"], DAY)["KOSPI"]
    assert (pytest.approx((5 + 10 + 50) / 3), 3, None) == (whole.value, whole.n, whole.reason)
    monkeypatch.setitem(short_rule.INDEX, "KOSPI", ("KOSPI", "KOSPI200", 2))
    largest = short_rule.quarters(archive, instruments, ["KOSPI"], DAY)["KOSPI"]
    assert (7.5, 2) == (largest.value, largest.n)
    assert "KOSPI200 are not stored: the 2 largest" in largest.note


def test_a_quarter_with_a_session_missing_has_no_share(tmp_path: Path) -> None:
    archive = market_of(tmp_path, missing=1)
    found = short_rule.quarters(archive, archive.read("instruments"), ["KOSPI", "KONEX"], DAY)
    assert (None, "INSUFFICIENT_HISTORY") == (found["KOSPI"].value, found["KOSPI"].reason)
    assert (None, "MISSING_INPUT") == (found["KONEX"].value, found["KONEX"].reason)
    days = len(short_rule.quarter_days(DAY))
    assert f"{days - 1} of the quarter's {days} sessions" in found["KOSPI"].note


FIGURES = st.fixed_dictionaries(
    {
        "return": st.floats(-30, 30).map(lambda x: round(x, 1)),
        "ratio": st.floats(0, 60).map(lambda x: round(x, 1)),
        "multiple": st.floats(0, 12).map(lambda x: round(x, 1)),
        "mean_ratio": st.floats(0, 12).map(lambda x: round(x, 1)),
    }
)


@given(figures=FIGURES, market=st.sampled_from(overheating.MARKETS), quarter=st.floats(0, 10))
def test_the_first_type_whose_distances_are_all_0_is_the_verdict(
    figures: dict[str, float], market: str, quarter: float
) -> None:
    verdict = short.overheat(
        market, figures["return"], figures["ratio"], quarter, figures["multiple"], figures["mean_ratio"], 40, False
    ).at()
    met = [
        condition.type
        for condition in overheating.STANDING.conditions
        if market in condition.markets
        and all(room.met for room in short_rule.rooms(condition, figures, verdict["threshold"]))
    ]
    assert verdict["value"] == (met[0] if met else "NONE")


@given(figures=FIGURES, quarter=st.floats(0, 10))
def test_a_distance_is_never_negative_and_0_when_met(figures: dict[str, float], quarter: float) -> None:
    for condition in overheating.STANDING.conditions:
        for room in short_rule.rooms(condition, figures, quarter):
            assert room.distance is not None and room.distance >= 0
            assert not room.met or 0 == room.distance


def test_a_figure_that_is_missing_leaves_its_distance_null() -> None:
    absent = dict.fromkeys(("return", "ratio", "multiple", "mean_ratio"))
    rooms = short_rule.rooms(overheating.STANDING.conditions[0], absent, None)
    assert {(None, None, None)} == {(room.value, room.distance, room.met) for room in rooms}


def test_the_list_of_a_day_is_known_by_any_mark_of_it(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    day, after = DAY, sessions.next(DAY)
    marks = [
        {"code": "000001", "session": day, "kind": "SHORT_OVERHEAT"},
        {"code": "000002", "session": day, "kind": "HALT"},
    ]
    archive.fill("designations", rows("designations", marks))
    lists = short_rule.official(archive, [day, after])
    assert [1.0, 0.0] == lists.barred(day, ["000001", "000002"]).tolist()
    assert [True] == [bool(cell != cell) for cell in lists.barred(after, ["000001"])]
    assert "NOT_COLLECTED" == lists.lacking(after)[0]


def test_stored_members_of_the_index_at_the_end_of_the_quarter_come_before_stand_ins(tmp_path: Path) -> None:
    archive = market_of(tmp_path)
    end = short_rule.quarter_days(DAY)[-1]
    member = {"scheme": "INDEX", "sector": "KOSPI200", "valid_from": end}
    archive.fill(
        "sector_membership",
        rows(
            "sector_membership",
            [
                member | {"code": "000003"},
                member | {"code": "000001", "valid_from": date(2025, 1, 2), "valid_to": date(2025, 12, 1)},
                member | {"code": "000002", "valid_from": DAY},
            ],
        ),
    )
    found = short_rule.quarters(archive, archive.read("instruments"), ["KOSPI"], DAY)["KOSPI"]
    assert (50.0, 1) == (found.value, found.n)
    assert "the 1 members of KOSPI200" in found.note
