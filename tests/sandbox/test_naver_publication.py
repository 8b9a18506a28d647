"""When a figure is there: minutes as they end, groups of a stock in the evening, holdings the morning after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from sugeup.sandbox.plan import Plan
from sugeup.sandbox.vendors import Options
from tests.sandbox.test_naver_contract import CODE, FREELY, asking, path, rows, usual
from tests.support.sandboxes import made, market

DAY = date(2025, 6, 2)
LATER = Plan(seed=2026, stocks=12, first=date(2026, 9, 1), sessions=20)


def at(
    clock: str,
    name: str,
    day: date = DAY,
    *,
    options: Options = FREELY,
    code: str = CODE,
    given: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    with asking(made(f"{day}T{clock}", options=options)) as http:
        return rows(http.get(path(name, code), params=usual(name, **(given or {}))).json())


@pytest.mark.parametrize("name", ["market_trend_time", "market_trend_program"])
def test_minutes_grow_with_the_session_and_stand_until_the_next(name: str) -> None:
    period = {"periodType": "TIME"} if name == "market_trend_program" else {}
    newest = {clock: at(clock, name, given=period)[0] for clock in ("08:59", "09:05", "14:00", "15:45", "23:00")}
    assert ["20250530", *["20250602"] * 4] == [row["bizdate"] for row in newest.values()]
    assert ["154000", "090500", "140000", "154000", "154000"] == [row["time"] for row in newest.values()]


def test_on_a_day_without_trading_the_session_before_is_shown() -> None:
    assert "20250530" == at("12:00", "market_trend_time", date(2025, 6, 1))[0]["bizdate"]
    assert "20250530" == at("12:00", "market_trend_daily", date(2025, 6, 1))[0]["bizdate"]


def test_the_row_of_the_day_grows_and_ends_as_the_last_minute() -> None:
    early, late = at("10:00", "market_trend_daily")[0], at("15:45", "market_trend_daily")[0]
    assert {"20250602"} == {early["bizdate"], late["bizdate"]}
    assert early["netAmounts"] != late["netAmounts"]
    assert at("15:45", "market_trend_time")[0]["netAmounts"] == late["netAmounts"]
    assert at("10:00", "market_trend_time")[0]["netAmounts"] == early["netAmounts"]
    assert "20250530" == at("08:00", "market_trend_daily")[0]["bizdate"]


def test_programme_trading_of_a_day_is_there_after_it() -> None:
    assert "20250530" == at("15:00", "market_trend_program")[0]["bizdate"]
    assert "20250602" == at("15:31", "market_trend_program")[0]["bizdate"]


def test_deposits_come_two_sessions_late() -> None:
    assert "20250528" == at("07:59", "market_trend_deposit")[0]["bizdate"]
    assert "20250529" == at("08:00", "market_trend_deposit")[0]["bizdate"]


def test_groups_of_a_stock_come_in_the_evening_and_the_holding_next_morning() -> None:
    assert "20250530" == at("18:09", "stock_trend")[0]["bizdate"]
    evening = at("18:10", "stock_trend")
    assert ("20250602", "", "") == tuple(evening[0][name] for name in ("bizdate", "frgnStock", "frgnHoldRatio"))
    assert evening[1]["frgnStock"]
    morning = at("08:00", "stock_trend", date(2025, 6, 4))
    truth = market().rows("foreign_holding", DAY, DAY, [CODE])["held_shares"][0]
    assert ("20250602", str(truth)) == (morning[0]["bizdate"], morning[0]["frgnStock"])


def test_groups_of_the_evening_are_corrected_next_morning_and_never_again() -> None:
    names = ("individualPureBuyQuant", "foreignerPureBuyQuant", "organPureBuyQuant")
    options = Options(1.0, naver=FREELY.naver)
    changed = 0
    for code in market().codes[:6]:
        said = [
            [one[name] for name in names]
            for one in (
                at("19:00", "stock_trend", options=options, code=code)[0],
                at("09:00", "stock_trend", date(2025, 6, 4), options=options, code=code)[0],
                at("09:00", "stock_trend", date(2025, 6, 5), options=options, code=code)[1],
            )
        ]
        changed += said[0] != said[1]
        assert said[1] == said[2]
    assert changed > 2


def test_since_the_exchange_trades_in_the_evening_rows_run_on_to_eight() -> None:
    with asking(made("2026-09-16T21:00", plan=LATER, options=FREELY)) as http:
        sizes = [usual("market_trend_time", pageSize="100", startIdx=page) for page in ("0", "1")]
        found = [row for given in sizes for row in rows(http.get(path("market_trend_time"), params=given).json())]
    times = [row["time"] for row in found]
    assert ("200400", True) == (times[0], "160000" in times)
    assert not [time for time in times if "154000" < time < "160000"]
    with asking(made("2026-09-11T21:00", plan=LATER, options=FREELY)) as http:
        found = rows(http.get(path("market_trend_time"), params=usual("market_trend_time")).json())
    assert "154000" == found[0]["time"]
