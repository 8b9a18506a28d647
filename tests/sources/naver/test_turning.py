"""Pages by number: every wanted day comes once, far days cost few pages, and a list that misleads is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import NoData, SchemaDrift
from sugeup.hub.paging import pages
from sugeup.market import sessions
from sugeup.market.sessions import SEOUL
from sugeup.sources.naver import NAVER
from sugeup.sources.vendor import Ask, Endpoint, Page
from tests.sources.naver.answers import ask, document, reply, row

DAYS = sessions.sessions(date(2005, 1, 3), date(2026, 9, 8))[::-1]
NOW = datetime(2026, 9, 9, 9, 0, tzinfo=SEOUL)
DAILY = NAVER.endpoint("naver_market_daily")
PROGRAM = NAVER.endpoint("naver_program_daily")
TREND = NAVER.endpoint("naver_stock_trend")


class Site:
    """Lists days newest first, in pages by number; `only`: pages that it has, for all it says."""

    def __init__(self, endpoint: Endpoint, days: Any = DAYS, *, same: bool = False, only: int | None = None) -> None:
        self.endpoint, self.days, self.same, self.only = endpoint, days, same, only
        self.asked: list[int] = []

    def pages(self, asked: Ask) -> list[Page]:
        return list(pages("naver", self.endpoint.name, asked, self.page))

    def page(self, part: Ask) -> Page:
        query = self.endpoint.build(part).query
        number, size = int(query["startIdx"]), int(query["pageSize"])
        self.asked.append(number)
        start = 0 if self.same else number * size
        shown = self.days[start : start + size]
        if self.only is not None:
            shown = shown if number < self.only else []
        last = start + size >= len(self.days) or (self.only is not None and number + 1 >= self.only)
        return self.endpoint.parse(
            part, reply(document(self.endpoint, [row(self.endpoint, day) for day in shown], last=last), NOW)
        )


def told(found: list[Page]) -> list[date]:
    return pl.concat([page.frame for page in found])["session"].to_list()


def test_the_newest_day_costs_one_small_page() -> None:
    site = Site(DAILY)
    assert [DAYS[0]] == told(site.pages(ask(DAILY, DAYS[0], DAYS[0])))
    assert [0] == site.asked


def test_a_day_twenty_years_back_costs_two_or_three_pages() -> None:
    site = Site(DAILY)
    day = date(2006, 5, 17)
    assert [day] == told(site.pages(ask(DAILY, day, day)))
    assert len(site.asked) <= 3


def test_all_of_it_takes_as_many_pages_as_it_has() -> None:
    site = Site(DAILY)
    assert list(DAYS) == told(site.pages(ask(DAILY, DAYS[-1], DAYS[0])))
    assert list(range(-(-len(DAYS) // 200))) == site.asked


@pytest.mark.parametrize("endpoint", [DAILY, PROGRAM, TREND], ids=lambda one: one.name)
@settings(max_examples=25, deadline=None)
@given(start=st.integers(0, 1200), length=st.integers(1, 150))
def test_every_wanted_day_comes_once_wherever_it_lies(endpoint: Endpoint, start: int, length: int) -> None:
    days = DAYS[:1300]
    wanted = list(days[start : start + length])
    site = Site(replace(endpoint), days)
    assert wanted == told(site.pages(ask(endpoint, wanted[-1], wanted[0])))
    assert len(site.asked) <= 4 + length // 28


def test_rows_that_are_new_between_two_pages_repeat_some_and_lose_none() -> None:
    site = Site(DAILY, DAYS[5:800])
    wanted = ask(DAILY, DAYS[700], DAYS[5])
    first = site.page(wanted)
    site.days = DAYS[:800]
    assert first.after is not None
    rest = list(pages("naver", DAILY.name, first.after, site.page))
    assert set(DAYS[5:701]) == set(told([first, *rest]))


def test_a_site_that_repeats_its_first_page_is_told() -> None:
    with pytest.raises(SchemaDrift, match="no further back"):
        Site(DAILY, same=True).pages(ask(DAILY, DAYS[600], DAYS[0]))


def test_a_list_that_ends_early_is_no_proof_that_nothing_was_traded() -> None:
    site = Site(DAILY, only=1)
    with pytest.raises(NoData, match="ends at") as raised:
        site.pages(ask(DAILY, DAYS[600], DAYS[0]))
    assert "OUT_OF_HISTORY" == raised.value.code
    with pytest.raises(NoData, match="first page"):
        Site(DAILY, days=[]).pages(ask(DAILY, DAYS[600], DAYS[0]))


def test_before_the_known_beginning_there_is_nothing_and_that_is_an_answer() -> None:
    assert list(DAYS[-3:]) == told(Site(DAILY).pages(ask(DAILY, date(2004, 6, 1), DAYS[-3])))


def test_the_list_of_a_stock_may_begin_on_any_day() -> None:
    assert list(DAYS[:40]) == told(Site(TREND, DAYS[:40]).pages(ask(TREND, date(2020, 1, 2), DAYS[0])))


def test_a_leap_that_lands_behind_the_wanted_days_is_told() -> None:
    site = Site(DAILY, [day for at, day in enumerate(DAYS) if at < 30 or at > 2000])
    with pytest.raises(SchemaDrift, match="lies behind"):
        site.pages(ask(DAILY, DAYS[1990], DAYS[1980]))


def test_no_page_is_turned_for_the_hub_that_does_not_lead_on() -> None:
    found = Site(DAILY).pages(ask(DAILY, DAYS[900], DAYS[0]))
    cursors = [page.after.cursor for page in found if page.after is not None]
    assert len(set(cursors)) == len(cursors)
