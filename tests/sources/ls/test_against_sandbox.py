"""The hub asks the sandbox over real sockets: what it makes of the answers is the simulated market's truth.

The sandbox writes the vendor's answers without knowing the source's tables, and the source reads them without knowing
the sandbox's; a field, a unit, a flag or a page that one of them has wrong does not come back as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sugeup import records
from sugeup.hub import Hub
from sugeup.market.clock import FixedClock
from sugeup.records import Kind
from sugeup.sandbox.ls import bars, investors, market_flows, program_stock
from sugeup.sandbox.ls import members as sandbox_members
from sugeup.sandbox.ls.auth import KEY, SECRET
from sugeup.sandbox.ls.service import Options as LsOptions
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.vendors import Options
from sugeup.sources import checks, origins
from sugeup.sources.ls import LS
from sugeup.sources.replies.paging import session_before
from sugeup.sources.vendor import Ask, Credentials, Endpoint, Page, Reach, Scope
from tests.support.sandboxes import FREELY, Control, market, seoul, serving

pytestmark = pytest.mark.slow

FIRST, DAY = date(2025, 3, 4), date(2025, 6, 2)
EVENING, NOON = "2025-06-02T18:45", "2025-06-02T11:00:20"
HURRY = 1e6
CODES = market().codes
SIMULATED_FUNDS = "market_funds"
"""Forty stocks have a fraction of the deposits that the checks expect of the whole market."""


@dataclass
class Desk:
    """A hub of this vendor at a sandbox whose clock stands still."""

    hub: Hub
    moment: str

    @property
    def now(self) -> datetime:
        """The moment, in UTC."""
        return seoul(self.moment).astimezone(UTC)

    def pages(self, name: str, ask: Ask) -> list[Page]:
        """Every page of an ask."""
        return list(self.hub.pages(LS.endpoint(name), ask))

    def rows(self, name: str, ask: Ask) -> pl.DataFrame:
        """The rows of all pages, of which none may be faulty."""
        pages = self.pages(name, ask)
        assert [] == [row for page in pages for row in page.faults.rows()]
        return pl.concat([page.frame for page in pages], how="diagonal_relaxed")


def hub(address: str, folder: Path, moment: str, *, key: str = KEY, hurry: float = HURRY, attempts: int = 5) -> Hub:
    given: dict[str, Any] = {"folder": folder, "clock": FixedClock(seoul(moment)), "hosts": {"api": address}}
    return Hub(LS, Credentials(key, SECRET), **given, hurry=hurry, attempts=attempts)


def desks(tmp: Path, moment: str) -> Iterator[Desk]:
    with serving(at=moment) as (address, _), hub(address, tmp, moment) as asked:
        yield Desk(asked, moment)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    yield from desks(tmp_path_factory.mktemp("evening"), EVENING)


@pytest.fixture(scope="module")
def noon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    yield from desks(tmp_path_factory.mktemp("noon"), NOON)


def question(endpoint: Endpoint, first: date = FIRST) -> Ask:
    """Everything the sandbox has of its first stock, or of its market."""
    scopes: dict[Scope, tuple[str, ...]] = {
        Scope.STOCK: CODES[: endpoint.batch],
        Scope.MARKET: ("KOSPI",),
        Scope.INDEX: ("KOSPI",),
        Scope.NONE: (),
    }
    if endpoint.reach is Reach.TODAY or "minute" in endpoint.dataset or endpoint.dataset == "broker_members":
        first = DAY
    if endpoint.name in {"t8412", "t1621"}:
        first = session_before(FIRST, DAY) or DAY
    return Ask(scopes[endpoint.scope], first, DAY)


@pytest.mark.parametrize("endpoint", LS.endpoints, ids=lambda one: one.name)
def test_every_endpoint_is_answered_in_pages_that_pass_the_checks(endpoint: Endpoint, evening: Desk) -> None:
    frame = evening.rows(endpoint.name, question(endpoint))
    dataset = records.dataset(endpoint.dataset)
    assert frame.height > 0
    assert not frame.select(pl.struct(dataset.full_key).is_duplicated().any()).item()
    if endpoint.dataset != SIMULATED_FUNDS:
        assert [] == faulty(frame, endpoint, evening.now)


def faulty(frame: pl.DataFrame, endpoint: Endpoint, now: datetime) -> list[tuple[object, ...]]:
    """Rows that the checks do not let into a lake."""
    origin = origins()[endpoint.source]
    context = checks.Context(now=now, unit_won=origin.unit_won, unit_shares=origin.unit_shares)
    return checks.check(records.dataset(endpoint.dataset), frame, context).faults.rows()


COMPARED = [one for one in LS.endpoints if one.dataset not in {"instruments", "sector_membership"}]
OTHERWISE = {"t1716": "institution_"}
"""Columns that mean something else than ours: the vendor's 기관 of that question lacks the government."""
COARSER = {("t1102_bar", "listed_shares"): 1_000}
"""Columns that come in another unit than the others of their row."""
PARTS = {"institution_": 8, "program_": 2}
"""Figures that are sums of rounded ones; a difference of two is off by one unit at most."""


@pytest.mark.parametrize("endpoint", COMPARED, ids=lambda one: one.name)
def test_figures_come_back_as_they_were_to_the_rounding_of_the_vendor(endpoint: Endpoint, evening: Desk) -> None:
    dataset, asked = records.dataset(endpoint.dataset), question(endpoint)
    frame = evening.rows(endpoint.name, asked)
    if endpoint.name == "t1102":  # brokers stand there with the minute of the answer
        frame = frame.drop("at")
    truth = true(dataset, asked)
    if endpoint.name == "t1601":
        truth = market().rows("investor_day_market", DAY, DAY, ("KOSPI",))
    named = [one for one in dataset.key if one != "products" and one in frame.columns and one in truth.columns]
    both = frame.join(truth, on=named, how="inner", suffix="_true")
    assert both.height > frame.height // 2
    if endpoint.dataset == "investor_day_stock":  # today's may be corrected next morning
        both = both.filter(pl.col("session") < DAY)
    assert compared(both, endpoint) > 0


def true(dataset: records.Dataset, asked: Ask) -> pl.DataFrame:
    """The market's rows; it tells minutes of one session at a time."""
    if "at" not in dataset.key:
        return market().rows(dataset.name, asked.first, asked.last, asked.scopes or None)
    days = [day for day in market().sessions if asked.first <= day <= asked.last]
    return pl.concat(market().rows(dataset.name, day, day, asked.scopes) for day in days)


def compared(both: pl.DataFrame, endpoint: Endpoint) -> int:
    """How many columns were held against the truth; none may be further away than the rounding."""
    origin, seen = origins()[endpoint.source], 0
    for column in records.dataset(endpoint.dataset).columns:
        name = column.name
        skipped = f"{name}_true" not in both.columns or name.startswith(OTHERWISE.get(endpoint.name, "-"))
        if skipped or column.kind not in {Kind.INTEGER, Kind.NUMBER}:
            continue
        unit = {"won": origin.unit_won, "shares": origin.unit_shares}.get(column.unit, 1)
        unit = COARSER.get((endpoint.name, name), unit)
        parts = next((count for start, count in PARTS.items() if name.startswith(start)), 2)
        allowed = 0.0051 if column.kind is Kind.NUMBER else (unit * parts + 1) // 2 if unit > 1 else 0
        apart = (both[name] - both[f"{name}_true"]).abs().max()
        assert apart is None or float(apart) <= allowed, name  # type: ignore[arg-type]
        assert both[name].is_not_null().any(), name
        seen += 1
    return seen


LIVE = ("t1601", "t1602", "t1621", "t1632", "t1662", "t1637_minute")


@pytest.mark.parametrize("name", LIVE)
def test_what_the_running_session_has_done_is_the_truth_of_its_minute(name: str, noon: Desk) -> None:
    endpoint = LS.endpoint(name)
    frame = noon.rows(name, Ask(question(endpoint).scopes, DAY, DAY))
    dataset = records.dataset(endpoint.dataset)
    assert [] == faulty(frame, endpoint, noon.now)
    truth = market().rows(dataset.name, DAY, DAY, question(endpoint).scopes)
    both = frame.join(truth, on=[one for one in dataset.key if one != "products"], how="inner", suffix="_true")
    assert frame.height == both.height > 0
    assert compared(both, endpoint) > 0
    assert frame.height in ({1} if name == "t1601" else {119, 120})  # of the first minute there may be zeros alone
    assert frame["at"].max() == seoul("2025-06-02T11:00" if name == "t1601" else "2025-06-02T10:59").astimezone(UTC)


def test_nothing_of_today_is_stored_of_questions_by_day_while_it_runs(noon: Desk) -> None:
    for endpoint in LS.endpoints:
        if endpoint.reach is Reach.PAST and "minute" not in endpoint.dataset:
            frame = noon.rows(endpoint.name, question(endpoint))
            assert DAY not in frame["session"].to_list(), endpoint.name


def test_pages_lead_back_to_the_first_day(evening: Desk) -> None:
    sessions = [one for one in market().sessions if one <= DAY]
    for name in ("t1702", "t1717", "t1927", "t1637", "t8410", "t1665", "t1633", "t1514"):
        ask = question(LS.endpoint(name))
        pages = evening.pages(name, ask)
        found = [day for page in pages for day in page.frame["session"].to_list()]
        assert len(found) == len(set(found)) and {*found} <= {*sessions}, name
        assert sessions[0] in found, name
        if name in {"t1702", "t1717", "t1927", "t1637"}:
            assert len(pages) > 1, name


def test_bars_of_a_minute_go_on_into_the_session_before(evening: Desk) -> None:
    first = session_before(FIRST, DAY)
    assert first is not None
    frame = evening.rows("t8412", Ask(CODES[:1], first, DAY))
    truth = pl.concat(market().rows("minute_bars", day, day, CODES[:1]) for day in (first, DAY))
    assert {first, DAY} == {*frame["session"].to_list()}
    assert truth.filter(pl.col("volume") > 0).height == frame.height


def test_a_list_of_stocks_says_what_each_is(evening: Desk) -> None:
    frame = evening.rows("t8436", Ask((), DAY, DAY))
    truth = market().rows("instruments", date(1900, 1, 1), DAY)
    listed = truth.filter(pl.col("delisted_on").is_null() | (pl.col("delisted_on") >= DAY))["code"].to_list()
    assert {*listed} == {*frame["code"]}
    assert {"STOCK"} == {*frame["kind"]} and {"KOSPI", "KOSDAQ"} == {*frame["market"]}


def test_every_stock_has_the_industry_that_it_was_given_and_no_wider_one(evening: Desk) -> None:
    told = evening.rows("t1516", Ask((), DAY, DAY))
    truth = market().rows("sector_membership", date(1900, 1, 1), DAY).filter(pl.col("scheme") == "KRX_INDUSTRY")
    held = {*market().rows("daily_bars", DAY, DAY)["code"]}
    newest = dict(truth.sort("valid_from").filter(pl.col("code").is_in(held)).select("code", "sector").rows())
    assert newest == dict(told.select("code", "sector").rows()) and len(held) == told.height
    assert {"KRX_INDUSTRY"} == {*told["scheme"]} and {DAY} == {*told["valid_from"]}
    assert not {"0027", "1009"} & {*told["sector"]}


def test_members_of_the_index_are_those_that_were_given(evening: Desk) -> None:
    told = evening.rows("t1516_index", Ask((), DAY, DAY))
    held = {*market().rows("daily_bars", DAY, DAY)["code"]}
    large = {code for code, within in zip(CODES, market().stocks.kospi200, strict=True) if within}
    assert large & held == {*told["code"]} and {("INDEX", "KOSPI200")} == {*told.select("scheme", "sector").rows()}


def test_pages_of_members_are_turned_to_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_members, "ROWS", 2)
    with serving(at=EVENING) as (address, control), hub(address, tmp_path, EVENING) as asked:
        desk = Desk(asked, EVENING)
        short = desk.rows("t1516", Ask((), DAY, DAY))
        calls = control.stats()["vendors"]["ls"]["calls"]["t1516"]
        monkeypatch.setattr(sandbox_members, "ROWS", 500)
        assert desk.rows("t1516", Ask((), DAY, DAY)).drop("row").sort("code").equals(short.drop("row").sort("code"))
        assert calls > control.stats()["vendors"]["ls"]["calls"]["t1516"] - calls


def test_rows_that_are_missing_from_one_answer_move_no_stock(tmp_path: Path) -> None:
    """Rows are left out of three pages in ten: whoever lacks in a small industry does not fall back to the wide one."""
    with serving(at=EVENING) as (address, control), hub(address, tmp_path, EVENING) as asked:
        desk = Desk(asked, EVENING)
        whole = dict(desk.rows("t1516", Ask((), DAY, DAY)).select("code", "sector").rows())
        index = {*desk.rows("t1516_index", Ask((), DAY, DAY))["code"]}
        control.fault("short_page", 1.0, amount=0.3)
        told = dict(desk.rows("t1516", Ask((), DAY, DAY)).select("code", "sector").rows())
        again = {*desk.rows("t1516_index", Ask((), DAY, DAY))["code"]}
    assert told.items() <= whole.items()
    assert again <= index


def test_the_evening_tells_base_prices_of_ex_rights_days_too(evening: Desk) -> None:
    ask = Ask(CODES, DAY, DAY)
    told = pl.concat([evening.rows("t1102_bar", replace(ask, scopes=(code,))) for code in CODES[:12]])
    told = told.select("code", "base_price")
    truth = market().rows("daily_bars", DAY, DAY).select("code", "base_price")
    assert {code: price for code, price in truth.rows() if code in CODES[:12]} == dict(told.rows())


def test_a_base_price_is_not_the_last_close_where_rights_went_off(tmp_path: Path) -> None:
    larger = market(EVENTFUL)
    event = larger.rows("corporate_actions", larger.sessions[2], larger.sessions[-1]).row(0, named=True)
    code, day = event["code"], event["effective_session"]
    moment = f"{day:%Y-%m-%d}T18:45"
    with serving(EVENTFUL, at=moment) as (address, _), hub(address, tmp_path, moment) as asked:
        row = Desk(asked, moment).rows("t1102_bar", Ask((code,), day, day)).row(0, named=True)
    bars = larger.rows("daily_bars", larger.sessions[0], day, (code,)).sort("session")
    assert bars["base_price"][-1] == row["base_price"] != bars["raw_close"][-2]


EVENTFUL = Plan(seed=2055, stocks=60, first=date(2025, 3, 4), sessions=40)
"""A stock of these is consolidated."""
WRONG = [
    ("t1702", investors, "WON", 1_000),
    ("t1637", program_stock, "STOCK_UNIT", 1),
    ("t8410", bars, "MILLION", 1_000),
    ("t8412", bars, "MILLION", 1_000),
    ("t1665", market_flows, "EOK", 1_000_000),
    ("t1621", market_flows, "UNITS", {"amount": 1_000_000, "volume": 1_000}),
]
LARGEST = max(CODES, key=lambda code: sum(market().rows("daily_bars", FIRST, DAY, (code,))["amount"]))


@pytest.mark.parametrize(("name", "module", "table", "unit"), WRONG, ids=[one[0] for one in WRONG])
def test_a_wrong_unit_is_caught_by_the_checks(
    name: str, module: object, table: str, unit: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor's units were told by arithmetic: were one of them another, its rows must not get in."""
    endpoint = LS.endpoint(name)
    with serving(at=EVENING) as (address, _), hub(address, tmp_path, EVENING) as asked:
        desk, ask = Desk(asked, EVENING), question(endpoint)
        ask = replace(ask, scopes=(LARGEST,)) if endpoint.scope is Scope.STOCK else ask
        right, sound = checked(desk, endpoint, ask)
        monkeypatch.setattr(module, table, unit)
        frame, found = checked(desk, endpoint, ask)
    assert 0 == sound.faults.height and right.height == frame.height
    assert found.frame.height < frame.height // 3, found.faults


def checked(desk: Desk, endpoint: Endpoint, ask: Ask) -> tuple[pl.DataFrame, checks.Checked]:
    """Rows and what the checks say of them beside prices and turnover, which are in a lake by then."""
    frame = pl.concat([page.frame for page in desk.pages(endpoint.name, ask)], how="diagonal_relaxed")
    origin = origins()[endpoint.source]
    prices = market().rows("daily_bars", FIRST, DAY).select("code", "session", "raw_low", "raw_high")
    traded = market().rows("index_day", FIRST, DAY, ("KOSPI", "KOSDAQ"))
    context = checks.Context(
        now=desk.now,
        unit_won=origin.unit_won,
        unit_shares=origin.unit_shares,
        bars=prices,
        turnover=traded.select(pl.col("index_code").alias("market"), "session", pl.col("amount").alias("turnover")),
    )
    return frame, checks.check(records.dataset(endpoint.dataset), frame, context)


def test_the_limit_of_each_question_is_kept_by_the_clock_of_the_vendor(tmp_path: Path) -> None:
    """At the vendor's own pace nothing is refused; each question has its own second."""
    with serving(at=EVENING, options=Options(ls=LsOptions())) as (address, control):
        with hub(address, tmp_path, EVENING, hurry=1.0) as asked:
            list(asked.pages(LS.endpoint("t1702"), Ask(CODES[:1], DAY, DAY)))
            for name in ("t1927", "t8410", "t1637"):
                list(asked.pages(LS.endpoint(name), Ask(CODES[:1], DAY, DAY)))
        stats = control.stats()["vendors"]["ls"]
    assert 0 == stats["rejected"]
    assert {"t1702": 4, "t1927": 1, "t8410": 1, "t1637": 1} == stats["calls"]


def test_asked_faster_than_its_limit_the_vendor_refuses_and_the_answer_comes_all_the_same(tmp_path: Path) -> None:
    """Waits are drawn at random, so that five of them may be shorter than the second of the limit: more are allowed."""
    with serving(at=EVENING, options=Options(ls=LsOptions())) as (address, control):
        with hub(address, tmp_path, EVENING, hurry=1_000, attempts=20) as asked:
            pages = list(asked.pages(LS.endpoint("t1702"), Ask(CODES[:1], DAY, DAY)))
        assert 1 == sum(page.frame.height for page in pages)
        assert control.stats()["vendors"]["ls"]["rejected"] > 0


def test_a_token_ends_at_seven_and_another_one_is_asked_for(tmp_path: Path) -> None:
    """The vendor says a day; at 07:00 it takes the token no more, and by then the hub has another one."""
    issued = {}
    with serving(at="2025-06-02T19:00") as (address, control):
        for moment in ("2025-06-02T19:00", "2025-06-03T03:00", "2025-06-03T07:00:30", "2025-06-03T12:00"):
            control.move(set=moment)
            issued[moment] = _asked(address, tmp_path, moment, control)
    assert [1, 1, 2, 2] == list(issued.values())


def _asked(address: str, folder: Path, moment: str, control: Control) -> int:
    """Ask something at a moment; how many tokens the sandbox has issued by then."""
    with hub(address, folder, moment) as asked:
        rows = list(asked.pages(LS.endpoint("t8410"), Ask(CODES[:1], FIRST, DAY)))
    assert rows[0].frame.height > 50
    return int(control.stats()["vendors"]["ls"]["tokens"])


def test_a_second_token_voids_the_first_and_the_hub_gets_another(tmp_path: Path) -> None:
    with serving(at=EVENING) as (address, control), hub(address, tmp_path / "one", EVENING) as first:
        ask = Ask(CODES[:1], DAY, DAY)
        list(first.pages(LS.endpoint("t8410"), ask))
        with hub(address, tmp_path / "two", EVENING) as second:
            list(second.pages(LS.endpoint("t8410"), ask))
        assert 2 == control.stats()["vendors"]["ls"]["tokens"]


def test_a_paper_key_gives_no_row_and_no_zero(tmp_path: Path) -> None:
    options = Options(kis=FREELY.kis, ls=LsOptions(times=1e6, paper=frozenset({KEY})))
    with serving(at=EVENING, options=options) as (address, _), hub(address, tmp_path, EVENING) as asked:
        for name in ("t1702", "t1717", "t1716", "t1665", "t1601", "t1602", "t1662", "t1637"):
            endpoint = LS.endpoint(name)
            if endpoint.build(question(endpoint)).path == "/stock/chart":
                continue
            pages = list(asked.pages(endpoint, question(endpoint)))
            assert 0 == sum(page.frame.height for page in pages), name
