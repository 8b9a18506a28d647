"""Over real sockets: the hub asks the sandbox, an archive collects, and what is stored is the market's truth.

The sandbox writes the vendor's answers without knowing the source's tables; a field, a unit or a page that one of them
has wrong does not come back as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path

import polars as pl
import pytest

from sugeup import records
from sugeup.archive import Archive, Supply, Want
from sugeup.archive.wants import Filled
from sugeup.errors import ConfigError, Refused, Retryable, SchemaDrift
from sugeup.hub import Hub
from sugeup.market import publication
from sugeup.records import Kind
from sugeup.sandbox.naver.service import Options
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.vendors import Options as Every
from sugeup.sources import origins
from sugeup.sources.naver import NAVER
from sugeup.sources.naver.judging import PAGE
from sugeup.sources.vendor import Ask, Credentials, Endpoint, Reach, Request, Scope
from sugeup.store.lake import Lake
from sugeup.store.state import State
from tests.support.sandboxes import SMALL, Control, market, seoul, serving
from tests.support.vendors import SetClock

pytestmark = pytest.mark.slow

FIRST, DAY, NEXT = date(2025, 3, 4), date(2025, 6, 2), date(2025, 6, 4)
CODES = market().codes[:4]
FREELY = Every(naver=Options(rate=1_000_000))
SCOPES = {Scope.MARKET: ("KOSPI", "KOSDAQ"), Scope.STOCK: CODES, Scope.NONE: ()}
DAILY = NAVER.endpoint("naver_market_daily")
LATER = Plan(seed=2026, stocks=12, first=date(2026, 9, 1), sessions=20)


@dataclass
class Desk:
    """A sandbox, a clock that goes with it, and an archive that is filled from it."""

    hub: Hub
    archive: Archive
    clock: SetClock
    control: Control

    def move(self, day: date, hour: int, minute: int = 0) -> None:
        self.control.move(set=f"{day}T{hour:02d}:{minute:02d}")
        self.clock.at(day, hour, minute)

    def fill(self, endpoint: Endpoint, first: date, last: date, *, confirm: bool = False) -> Filled:
        return self.archive.fill(endpoint.dataset, Want(SCOPES[endpoint.scope], first, last, confirm=confirm))


@contextmanager
def serving_naver(folder: Path, plan: Plan = SMALL, at: str = "2025-06-02T19:00", attempts: int = 5) -> Iterator[Desk]:
    clock = SetClock(seoul(at).astimezone(UTC))
    with serving(plan, at=at, options=FREELY) as (address, control):
        hosts = {"api": address}
        nobody = Credentials("", "")
        with Hub(NAVER, nobody, folder=folder, clock=clock, hosts=hosts, hurry=100_000, attempts=attempts) as hub:
            standing = {name: origin.standing for name, origin in origins().items()}
            state = State(folder / "state.sqlite")
            supply = Supply([(NAVER, lambda: hub)])
            yield Desk(
                hub,
                Archive("simulated", Lake(folder / "lake", standing), state, clock, origins(), supply),
                clock,
                control,
            )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with serving_naver(tmp_path_factory.mktemp("naver")) as found:
        yield found


DERIVED = {"institution_": 8, "foreign_": 2, "program_": 2}
"""Sums of figures that the vendor rounds one by one."""


def true(desk: Desk, endpoint: Endpoint, first: date, last: date) -> pl.DataFrame:
    """Every stored row of these days is the truth to the vendor's rounding, and none is missing or too many."""
    dataset, origin = records.dataset(endpoint.dataset), origins()[endpoint.source]
    stored = desk.archive.read(dataset.name).filter(pl.col("session").is_between(first, last))
    truth = market().rows(dataset.name, first, last, SCOPES[endpoint.scope] or None)
    if endpoint.name == "naver_stock_trend":
        nets = [f"{who}_net_volume" for who in ("individual", "foreign", "institution")]
        traded = market().rows("daily_bars", first, last, CODES).filter(pl.col("volume") > 0)
        truth = truth.filter(pl.any_horizontal(pl.col(nets) != 0)).join(traded, on=["code", "session"], how="semi")
        truth = truth.with_columns(
            (pl.col("institution_net_volume") - pl.col("government_net_volume")).alias("institution_net_volume")
        )
    if "at" in dataset.key:
        truth = truth.filter(pl.col("at") > pl.col("at").min())
    key = [name for name in dataset.key if name in truth.columns and name != "products"]
    assert sorted(truth.select(key).rows()) == sorted(stored.select(key).rows())
    assert {endpoint.source} == set(stored["source"])
    both = stored.join(truth, on=key, how="inner", suffix="_true")
    compared = 0
    for column in dataset.columns:
        if f"{column.name}_true" not in both.columns or column.kind is not Kind.INTEGER:
            continue
        if stored[column.name].is_null().all():
            continue
        unit = {"won": origin.unit_won, "shares": origin.unit_shares}.get(column.unit, 1)
        parts = next((count for start, count in DERIVED.items() if column.name.startswith(start)), 1)
        parts *= 2 if "_net_" in column.name else 1
        apart = (both[column.name] - both[f"{column.name}_true"]).abs().max()
        assert isinstance(apart, int)
        assert apart <= (unit * parts / 2 if unit > 1 else 0), column.name
        compared += 1
    assert compared
    return stored


PAST = [one for one in NAVER.endpoints if one.reach is Reach.PAST]
TODAY = [one for one in NAVER.endpoints if one.reach is Reach.TODAY]
NEWEST = {"market_funds": date(2025, 5, 29), "foreign_holding": date(2025, 5, 30)}


@pytest.mark.parametrize("endpoint", PAST, ids=lambda one: one.name)
def test_days_are_collected_once_as_they_were_and_covered(endpoint: Endpoint, desk: Desk) -> None:
    last = NEWEST.get(endpoint.dataset, date(2025, 5, 30))
    done = desk.fill(endpoint, FIRST, last)
    assert ((), {}, 0) == (done.stopped, done.failures, done.faults)
    stored = true(desk, endpoint, FIRST, last)
    known = {day: publication.known_at(endpoint.dataset, day) for day in stored["session"].unique()}
    assert stored["final"].all()
    assert stored.filter(pl.col("known_at") != pl.col("session").replace_strict(known)).is_empty()
    calls = desk.control.stats()["total"]
    again = desk.fill(endpoint, FIRST, last)
    assert again.complete or endpoint.name == "naver_stock_trend"
    assert calls == desk.control.stats()["total"]


@pytest.mark.parametrize("endpoint", TODAY, ids=lambda one: one.name)
def test_minutes_of_the_session_are_collected_after_its_close(endpoint: Endpoint, desk: Desk) -> None:
    done = desk.fill(endpoint, DAY, DAY)
    assert ((), {}, 0) == (done.stopped, done.failures, done.faults)
    stored = true(desk, endpoint, DAY, DAY)
    assert 2 * 391 == stored.height
    assert ({"REGULAR"}, True) == (set(stored["hours"]), stored["final"].all())


def test_what_is_collected_in_the_evening_is_provisional_and_confirmed_next_morning(tmp_path: Path) -> None:
    with serving_naver(tmp_path) as desk:
        desk.fill(DAILY, DAY, DAY)
        assert [False, False] == desk.archive.read("investor_day_market")["final"].to_list()
        desk.move(NEXT, 8, 11)
        desk.fill(DAILY, DAY, DAY, confirm=True)
        assert true(desk, DAILY, DAY, DAY)["final"].all()
        assert desk.fill(DAILY, DAY, DAY, confirm=True).calls == 0


def test_with_an_after_market_the_day_is_total_and_its_minutes_end_with_the_regular_session(tmp_path: Path) -> None:
    day = date(2026, 9, 16)
    with serving_naver(tmp_path, LATER, f"{day}T20:30") as desk:
        desk.fill(DAILY, date(2026, 9, 9), day)
        hours = dict(desk.archive.read("investor_day_market").select("session", "hours").unique().rows())
        assert {day >= date(2026, 9, 14): said for day, said in hours.items()} == {True: "TOTAL", False: "REGULAR"}
        done = desk.fill(TODAY[0], day, day)
        assert ((), 0) == (done.stopped, done.faults)
        last = desk.archive.read("investor_minute_market")["at"].max()
        assert "15:40" == f"{last.astimezone(publication.SEOUL):%H:%M}"  # type: ignore[union-attr]


def test_a_page_that_stays_is_told_as_one_and_leaves_the_hole(tmp_path: Path) -> None:
    with serving_naver(tmp_path, attempts=2) as desk:
        desk.control.fault("page")
        done = desk.fill(DAILY, DAY, DAY)
        assert isinstance(error := done.stopped[0], Retryable)
        assert ("SOURCE_DOWN", True) == (error.code, PAGE in error.message)
        assert {"KOSPI", "KOSDAQ"} == {hole.scope for hole in done.left}
        assert desk.archive.read("investor_day_market").is_empty()
        assert desk.archive.coverage("investor_day_market") == []


def test_without_the_headers_of_a_browser_the_vendor_refuses_and_is_left_alone(tmp_path: Path) -> None:
    with serving_naver(tmp_path) as desk:
        bare = DAILY.build(Ask(("KOSPI",), DAY, DAY))
        assert desk.hub.send(bare).status == 200
        with pytest.raises(Retryable, match="asked too often"):
            desk.hub.send(Request(bare.path, bare.query, {"user-agent": "sugeup"}))
        with pytest.raises(Retryable):
            desk.hub.send(bare, deadline=1.0)


def test_wrong_questions_end_in_words(tmp_path: Path) -> None:
    with serving_naver(tmp_path) as desk:
        good = DAILY.build(Ask(("KOSPI",), DAY, DAY))
        with pytest.raises(SchemaDrift, match="too_big"):
            desk.hub.send(Request(good.path, {**good.query, "pageSize": "250"}))
        with pytest.raises(SchemaDrift, match="no longer answered"):
            desk.hub.send(Request("/api/domestic/market/gone"))
        with pytest.raises(Refused, match="no code"):
            list(desk.hub.pages(NAVER.endpoint("naver_stock_trend"), Ask(("x",), DAY, DAY)))


def test_no_key_is_needed_and_another_host_is_refused(tmp_path: Path) -> None:
    clock = SetClock(seoul("2025-06-02T19:00").astimezone(UTC))
    with pytest.raises(ConfigError):
        Hub(NAVER, Credentials("", ""), folder=tmp_path, clock=clock, hosts={"api": "http://example.com"})
