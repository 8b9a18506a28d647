"""A small vendor of a test: pure functions over a frame of truth, with switches for what can go wrong. No network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from sugeup import jobs, records
from sugeup.archive import Archive, Supply
from sugeup.archive.supply import Owner
from sugeup.errors import SugeupError
from sugeup.jobs import running
from sugeup.jobs.job import Options, Work
from sugeup.jobs.running import Outcome
from sugeup.market import sessions
from sugeup.records import Origin, Standing
from sugeup.sources.files.layout import FAULT_SCHEMA
from sugeup.sources.vendor import Ask, Endpoint, Pace, Page, Reach, Reply, Request, Scope, Vendor
from sugeup.store.care import Care
from sugeup.store.lake import Lake
from sugeup.store.state import State

BROKER = Origin("broker", "Test broker", "증권사", Standing.BROKER_API)
ORIGINS = {
    "broker": BROKER,
    "second": Origin("second", "Second broker", "다른 증권사", Standing.SECOND_BROKER_API),
    "exchange": Origin("exchange", "Exchange file", "거래소", Standing.EXCHANGE_FILE),
    "portal": Origin("portal", "Portal copy", "포털", Standing.PORTAL_COPY),
}


@dataclass
class SetClock:
    """A clock that a test moves."""

    instant: datetime

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.instant

    def at(self, day: date, hour: int, minute: int = 0) -> None:
        """Set it to a time in Seoul."""
        self.instant = datetime.combine(day, time(hour, minute), sessions.SEOUL).astimezone(UTC)


def _never(*_: object) -> Request:
    raise AssertionError("the test vendor is asked through its door")


def endpoint(
    name: str,
    dataset: str,
    *,
    scope: Scope = Scope.STOCK,
    reach: Reach = Reach.PAST,
    batch: int = 1,
    span: int = 0,
    published: time | None = None,
    depth: int | None = None,
    source: str = "broker",
    sweep: bool = False,
) -> Endpoint:
    """An endpoint of the test vendor; its door knows the truth."""

    def parse(_ask: Ask, _reply: Reply) -> Page:
        raise AssertionError("the test vendor's answers are frames already")

    return Endpoint(name, dataset, source, scope, reach, _never, parse, batch, span, published, depth, sweep=sweep)


def vendor(*endpoints: Endpoint, name: str = "broker") -> Vendor:
    """A vendor of these endpoints."""
    nothing: Any = _never
    return Vendor(
        name,
        "Test broker",
        "증권사",
        {"api": "http://127.0.0.1"},
        Pace(18, 1.05),
        sign=nothing,
        judge=nothing,
        endpoints=tuple(endpoints),
    )


@dataclass
class Truth:
    """The door of the test vendor: rows by dataset, and what goes wrong.

    `errors`: endpoint → what it raises, for an ask; `broken`: (dataset, scope) → columns that come out wrong;
    `unreadable`: datasets whose pages report a row that could not be read; `page`: rows per page; `floating`: lists
    that are dated by the day on which they are asked for; `leave_out`: scopes and days that are missing once; `notes`:
    what every page says beside its rows.
    """

    rows: dict[str, pl.DataFrame]
    clock: SetClock
    published: time = time(15, 45)
    page: int = 1000
    errors: dict[str, Callable[[Ask], SugeupError | None]] = field(default_factory=dict)
    broken: dict[tuple[str, str], Mapping[str, object]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    floating: set[str] = field(default_factory=set)
    leave_out: set[tuple[str, date]] = field(default_factory=set)
    notes: Mapping[str, int] = field(default_factory=dict)
    asks: list[tuple[str, Ask]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def pages(self, endpoint: Endpoint, ask: Ask, *, priority: int) -> Iterator[Page]:
        """Pages of the truth, newest first, as far as it is published."""
        with self._lock:
            self.asks.append((endpoint.name, ask))
        declared = records.dataset(endpoint.dataset)
        frame = self.rows.get(endpoint.dataset, declared.empty())
        local = self.clock.now().astimezone(sessions.SEOUL)
        newest = local.date() if local.time() >= self.published else local.date() - timedelta(days=1)
        if endpoint.dataset in self.floating:
            frame = frame.with_columns(pl.lit(local.date()).alias(declared.dated))
        else:
            frame = frame.filter(pl.col(declared.dated).is_between(ask.first, min(ask.last, newest)))
        if endpoint.scope is not Scope.NONE:
            frame = frame.filter(pl.col(declared.scope).is_in(ask.scopes))
        frame = frame.sort(declared.dated, descending=True)
        with self._lock:
            gone = {
                (scope, day) for scope, day in self.leave_out if scope in ask.scopes and ask.first <= day <= ask.last
            }
            self.leave_out -= gone
        for scope, day in gone:
            frame = frame.filter((pl.col(declared.scope) != scope) | (pl.col(declared.dated) != day))
        for scope in ask.scopes:
            for column, value in self.broken.get((endpoint.dataset, scope), {}).items():
                mine = pl.when(pl.col(declared.scope) == scope).then(pl.lit(value)).otherwise(column)
                frame = frame.with_columns(mine.cast(frame.schema[column]).alias(column))
        faults = pl.DataFrame(
            [(1, "unreadable", "x")] if endpoint.dataset in self.unreadable else [], schema=FAULT_SCHEMA, orient="row"
        )
        wrong = self.errors.get(endpoint.name, lambda _ask: None)(ask)
        for start in range(0, max(frame.height, 1), self.page):
            if wrong is not None and (start or frame.height <= self.page):
                raise wrong
            yield Page(frame[start : start + self.page], faults=faults, notes=self.notes)

    def send(self, request: Request, *, priority: int) -> Reply:
        """Nothing but pages can be had of it."""
        raise AssertionError(f"{request.path} was asked at {priority}")

    def close(self) -> None:
        """Nothing is open."""

    @property
    def asked(self) -> int:
        """Asks so far."""
        return len(self.asks)


def truth_rows(dataset: str, given: list[dict[str, object]]) -> pl.DataFrame:
    """Rows as a parser gives them: our columns without time of knowledge and finality."""
    declared = records.dataset(dataset)
    about = {"source": "broker", "venue": "KRX", "products": "STOCK", "hours": "REGULAR"}
    frame = declared.conform(pl.DataFrame([about | row for row in given], infer_schema_length=None))
    return frame.drop("known_at", "ingested_at", "final")


def archive_of(
    folder: Path, clock: SetClock, truth: Truth, *endpoints: Endpoint, second: tuple[Vendor, Truth] | None = None
) -> Archive:
    """An archive whose only source is the test vendor, or which has a second one."""
    lake = Lake(folder, {name: int(origin.standing) for name, origin in ORIGINS.items()})  # type: ignore[arg-type]
    owners: list[Owner] = [(vendor(*endpoints), lambda: truth)]
    if second is not None:
        other = second[1]
        owners.append((second[0], lambda: other))
    supply = Supply(owners)
    return Archive("real", lake, State(folder / "state.sqlite"), clock, ORIGINS, supply)


CODES = ("005930", "000660", "035720", "035420")
"""Stocks of the small market, the largest first."""
STOCK_DAYS = ("daily_bars", "investor_day_stock", "program_day_stock", "short_day")
MARKET_DAYS = ("index_day", "investor_day_market", "program_day_market")


def small_market(days: Sequence[date], codes: Sequence[str] = CODES) -> dict[str, pl.DataFrame]:
    """Truth of a few stocks and two markets: every figure passes the checks and tells its day and scope apart."""
    index = [
        {
            "index_code": name,
            "session": day,
            "open": 100.0,
            "high": 101.0,
            "low": 99.0,
            "close": 100.0,
            "amount": 10**13,
        }
        for name in ("KOSPI", "KOSDAQ", "KOSPI200", "0013")
        for day in days
    ]
    markets = [
        {"market": market, "session": day, "individual_net_amount": n * 10**9, "foreign_net_amount": -n * 10**9}
        for market in ("KOSPI", "KOSDAQ", "0013")
        for n, day in enumerate(days, 100)
    ]
    programs = [
        {"market": market, "session": day, "program_net_amount": n * 10**9}
        for market in ("KOSPI", "KOSDAQ")
        for n, day in enumerate(days, 100)
    ]
    stocks: dict[str, list[dict[str, object]]] = {name: [] for name in STOCK_DAYS}
    for place, code in enumerate(codes):
        for n, day in enumerate(days):
            key = {"code": code, "session": day}
            price = 10_000 + 10 * n
            prices = {f"raw_{name}": price for name in ("open", "high", "low", "close")}
            base = {"base_price": price - 10, "volume": 1000, "amount": 1000 * price, "status": "TRADED"}
            stocks["daily_bars"].append(key | prices | base)
            net = 100 * place + n
            stocks["investor_day_stock"].append(key | {"foreign_net_volume": net, "individual_net_volume": -net})
            stocks["program_day_stock"].append(key | {"program_net_volume": net})
            stocks["short_day"].append(key | {"short_volume": net})
    return {
        "index_day": truth_rows("index_day", index),
        "investor_day_market": truth_rows("investor_day_market", markets),
        "program_day_market": truth_rows("program_day_market", programs),
        **{name: truth_rows(name, rows) for name, rows in stocks.items()},
        "instruments": _listed(days[0], codes),
        "sector_membership": truth_rows(
            "sector_membership",
            [{"code": codes[0], "scheme": "KRX_INDUSTRY", "valid_from": days[0], "sector": "0013"}],
        ),
    }


def _listed(day: date, codes: Sequence[str]) -> pl.DataFrame:
    given = [
        {
            "code": code,
            "valid_from": day,
            "name": code,
            "market": "KOSPI",
            "kind": "STOCK",
            "listed_shares": 10 ** (8 - n),
        }
        for n, code in enumerate(codes)
    ]
    return truth_rows("instruments", given)


def endpoints() -> tuple[Endpoint, ...]:
    """One endpoint for each dataset of the small market; today's bars come several stocks at a time."""
    closed = time(15, 45)
    return (
        endpoint("intstock_multprice", "daily_bars", reach=Reach.TODAY, batch=3, published=closed),
        *(endpoint(f"{name}_past", name, published=closed) for name in STOCK_DAYS),
        endpoint("index_day_past", "index_day", scope=Scope.INDEX, published=closed),
        *(endpoint(f"{name}_past", name, scope=Scope.MARKET, published=closed) for name in MARKET_DAYS[1:]),
        endpoint("list", "instruments", scope=Scope.NONE, reach=Reach.NOW),
        endpoint("sectors", "sector_membership", scope=Scope.NONE, reach=Reach.NOW),
    )


@dataclass
class Desk:
    """The small market with its clock, an archive of it and what a job works with."""

    folder: Path
    clock: SetClock
    truth: Truth
    archive: Archive
    second: tuple[Vendor, Truth] | None = None
    """Another vendor of the same market."""

    def work(self, **options: object) -> Work:
        """What a job works with; each call opens the lake anew, as a process does."""
        archive = archive_of(self.folder, self.clock, self.truth, *endpoints(), second=self.second)
        lake = Lake(self.folder, {name: origin.standing for name, origin in ORIGINS.items()})
        state = State(self.folder / "state.sqlite")
        self.archive = archive
        return Work(archive, state, Care(lake, state, self.clock), self.folder, Options(**options))  # type: ignore[arg-type]

    def run(self, name: str, **options: object) -> Outcome:
        """Run a job."""
        return running.run(jobs.named(name), self.work(**options))

    def holds(self, dataset: str, days: Sequence[date], codes: Sequence[str] = CODES) -> None:
        """The stored rows of the days are the truth of these stocks, exactly."""
        declared = records.dataset(dataset)
        wanted = self.truth.rows[dataset].filter(pl.col("session").is_in(days))
        if declared.scope == "code":
            wanted = wanted.filter(pl.col("code").is_in(codes))
        stored = self.archive.read(dataset).filter(pl.col("session").is_in(days))
        columns = [*declared.key, *(n for n in declared.measures if n not in {"listed_shares", "market_cap"})]
        assert_frame_equal(wanted.select(columns).sort(declared.key), stored.select(columns))


def desk(folder: Path, days: Sequence[date]) -> Desk:
    """The small market over some days; its clock stands at 19:00 of the last of them."""
    clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))
    clock.at(days[-1], 19)
    truth = Truth(small_market(days), clock, page=30)
    truth.floating = {"instruments", "sector_membership"}
    return Desk(folder, clock, truth, archive_of(folder, clock, truth, *endpoints()))
