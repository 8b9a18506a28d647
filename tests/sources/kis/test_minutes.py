"""Minutes: turnover from cumulative figures, pages that overlap by a row, and what is no minute of the session."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.market import sessions
from sugeup.sources.kis import KIS, futures
from sugeup.sources.vendor import Ask
from tests.sources.kis.answers import reply

DAY = date(2026, 11, 24)
AFTER = datetime(2026, 11, 24, 6, 50, tzinfo=UTC)
Bar = tuple[datetime, int, int]
"""Minute in Seoul, volume, turnover."""


def trading_day(day: date, volumes: list[int]) -> list[Bar]:
    opened = datetime.combine(day, datetime.min.time().replace(hour=9))
    return [(opened + timedelta(minutes=place), volume, volume * 70_000) for place, volume in enumerate(volumes)]


def rendered(bars: list[Bar], end: datetime, cap: int, *, crossing: bool) -> dict[str, Any]:
    """What the vendor answers: the newest `cap` minutes up to `end`, newest first, with the turnover since the open."""
    totals: dict[date, int] = {}
    rows = []
    for moment, volume, amount in bars:
        totals[moment.date()] = totals.get(moment.date(), 0) + amount
        rows.append(
            {
                "stck_bsop_date": f"{moment:%Y%m%d}",
                "stck_cntg_hour": f"{moment:%H%M%S}",
                **dict.fromkeys(("stck_oprc", "stck_hgpr", "stck_lwpr", "stck_prpr"), "70000"),
                "cntg_vol": str(volume),
                "acml_tr_pbmn": str(totals[moment.date()]),
                "moment": moment.isoformat(),
            }
        )
    there = [row for row in rows if datetime.fromisoformat(row["moment"]) <= end]
    if not crossing:
        there = [row for row in there if row["stck_bsop_date"] == f"{end:%Y%m%d}"]
    return {"rt_cd": "0", "output1": {}, "output2": there[::-1][:cap]}


def collected(
    name: str, bars: list[Bar], cap: int, ask: Ask, *, crossing: bool = True
) -> list[tuple[datetime, int, int]]:
    endpoint = KIS.endpoint(name)
    found: list[tuple[datetime, int, int]] = []
    question: Ask | None = ask
    for _ in range(200):
        assert question is not None
        query = endpoint.build(question).query
        day = query.get("FID_INPUT_DATE_1", f"{DAY:%Y%m%d}")
        end = datetime.fromisoformat(f"{day}T{query['FID_INPUT_HOUR_1']}")
        page = endpoint.parse(question, reply(rendered(bars, end, cap, crossing=crossing), AFTER))
        found += page.frame.select("at", "volume", "amount").rows()
        question = page.after
        if question is None:
            return found
    raise AssertionError("the pages have no end")


def as_stored(bars: list[Bar]) -> list[tuple[datetime, int, int]]:
    return [
        (moment.replace(tzinfo=sessions.SEOUL).astimezone(UTC), volume, amount)
        for moment, volume, amount in bars
        if volume
    ]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=100))
def test_every_minute_of_the_day_comes_once_with_its_own_turnover(volumes: list[int]) -> None:
    bars = trading_day(DAY, volumes)
    found = collected("inquire_time_itemchartprice", bars, 30, Ask(("005930",), DAY, DAY))
    assert as_stored(bars) == sorted(found)


@pytest.mark.parametrize("crossing", [True, False])
def test_past_days_come_whole_whether_or_not_a_page_reaches_into_the_day_before(crossing: bool) -> None:
    days = sessions.sessions(date(2026, 11, 19), DAY)
    bars = [bar for day in days for bar in trading_day(day, [1 + place % 7 for place in range(150)])]
    question = Ask(("005930",), date(2026, 11, 20), date(2026, 11, 23))
    found = collected("inquire_time_dailychartprice", bars, 120, question, crossing=crossing)
    wanted = [bar for bar in bars if date(2026, 11, 20) <= bar[0].date() <= date(2026, 11, 23)]
    assert as_stored(wanted) == sorted(found)


def test_minutes_to_come_are_padding_and_the_next_page_ends_now() -> None:
    endpoint = KIS.endpoint("inquire_time_itemchartprice")
    bars = trading_day(DAY, [1] * 391)
    found = rendered(bars, datetime(2026, 11, 24, 15, 30), 30, crossing=True)
    now = datetime(2026, 11, 24, 10, 0, 30, tzinfo=sessions.SEOUL).astimezone(UTC)
    page = endpoint.parse(Ask(("005930",), DAY, DAY), reply(found, now))
    assert 0 == page.frame.height
    assert page.after is not None
    assert "100000" == endpoint.build(page.after).query["FID_INPUT_HOUR_1"]


def test_a_rejected_minute_leaves_the_next_one_without_a_turnover() -> None:
    found = rendered(trading_day(DAY, [1, 2, 3]), datetime(2026, 11, 24, 15, 30), 30, crossing=True)
    found["output2"][1]["cntg_vol"] = "n/a"
    page = KIS.endpoint("inquire_time_itemchartprice").parse(Ask(("005930",), DAY, DAY), reply(found, AFTER))
    assert [(3, None), (1, 70_000)] == page.frame.select("volume", "amount").rows()
    assert [2] == page.faults["row"].to_list()


def test_bars_outside_the_regular_session_are_left_out() -> None:
    bars = [(datetime(2026, 11, 24, hour, 0), 5, 350_000) for hour in (8, 10, 17)]
    late = datetime(2026, 11, 24, 11, tzinfo=UTC)
    found = rendered(bars, datetime(2026, 11, 24, 20), 30, crossing=True)
    page = KIS.endpoint("inquire_time_itemchartprice").parse(Ask(("005930",), DAY, DAY), reply(found, late))
    assert [datetime(2026, 11, 24, 1, tzinfo=UTC)] == page.frame["at"].to_list()


def test_minutes_of_futures_end_before_the_oldest_and_leave_the_night_out() -> None:
    endpoint = KIS.endpoint("inquire_time_fuopchartprice")
    row = {
        "stck_bsop_date": "20261124",
        **dict.fromkeys(("futs_oprc", "futs_hgpr", "futs_lwpr", "futs_prpr"), "359.60"),
        "cntg_vol": "3",
        "acml_tr_pbmn": "31394925",
    }
    hours = ("253000", "180000", "154500", "084500")
    found = {"rt_cd": "0", "output2": [{**row, "stck_cntg_hour": hour} for hour in hours]}
    page = endpoint.parse(Ask(("101V09",), DAY, DAY), reply(found, datetime(2026, 11, 24, 12, tzinfo=UTC)))
    assert [6, 23] == [moment.hour for moment in page.frame["at"]]
    assert 31_394_925_000 == page.frame["amount"][0]
    assert page.after is None
    found["output2"].pop()
    older = endpoint.parse(Ask(("101V09",), DAY, DAY), reply(found))
    assert older.after is not None
    assert "20261124154400" == older.after.cursor


def test_a_future_at_a_moment_has_the_basis_against_the_index() -> None:
    from tests.sources.kis.answers import MOMENTS, ask, document

    endpoint = KIS.endpoint("futures_inquire_price")
    moment = MOMENTS[endpoint.name]
    row = endpoint.parse(ask(endpoint), reply(document(endpoint), moment)).frame.row(0, named=True)
    assert (395.0, 394.66, 0.34, 395.48) == (row["close"], row["spot"], row["market_basis"], row["theoretical"])
    assert row["amount"] == pytest.approx(220_924 * 394 * 250_000, rel=0.02)
    night = endpoint.parse(ask(endpoint), reply(document(endpoint), moment + timedelta(hours=5)))
    assert 0 == night.frame.height


def test_an_index_is_no_contract() -> None:
    with pytest.raises(Refused, match="contracts"):
        KIS.endpoint("inquire_time_fuopchartprice").build(Ask(("KOSPI200",), DAY, DAY))
    assert futures.contracts_file().host == "files"
