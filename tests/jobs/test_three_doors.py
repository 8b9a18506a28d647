"""The same market through three doors: KIS, LS and the member pages of KRX tell the same figures, or are found out."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sugeup import records
from sugeup.archive import Archive, Want
from sugeup.market import investors
from sugeup.records import Kind
from sugeup.sandbox.disputes import Dispute
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from tests.support.required import unavailable
from tests.support.sandboxes import market
from tests.support.several import Several, filling, serving

PLAN = Plan(seed=2026, stocks=24, first=date(2025, 3, 4), sessions=64)
TEN = Plan(seed=2026, stocks=10, first=date(2025, 3, 4), sessions=44)
"""So few that `verify` asks for every stock."""
SESSIONS = 60
DOORS = ("kis", "ls", "krx_login")
BY_ALL = {
    "daily_bars": 6,
    "investor_day_stock": 60,
    "investor_day_market": 20,
    "program_day_market": 12,
    "short_day": 2,
}
"""Datasets that each of the three gives, and columns with a figure of at least two of them."""
BY_TWO = {
    "program_day_stock": (("kis", "ls"), 6),
    "index_day": (("kis", "ls"), 6),
    "foreign_holding": (("ls", "krx_login"), 1),
}
TWO = ("KOSPI", "KOSDAQ")
MARKETS = {"index_day": (*TWO, "KOSPI200"), "investor_day_market": TWO, "program_day_market": TWO}


@pytest.fixture(autouse=True)
def _pykrx() -> None:
    if importlib.util.find_spec("pykrx") is None:
        unavailable("pykrx is not installed")


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Archive]]:
    """Sixty sessions of every dataset, a lake for each door."""
    with ExitStack() as stack:
        address, sandbox = stack.enter_context(serving(market(PLAN)))
        found = {}
        for door in DOORS:
            lake = stack.enter_context(filling(tmp_path_factory.mktemp(door), address, sandbox, door))
            lake.at(market(PLAN).sessions[SESSIONS + 1], 9, 30)
            for dataset in (*BY_ALL, *BY_TWO):
                if lake.archive.doors(dataset).past:
                    _fill(lake, dataset)
            found[door] = lake.archive
        yield found


def _fill(lake: Several, dataset: str) -> None:
    days, codes = market(PLAN).sessions, market(PLAN).codes
    done = lake.archive.fill(dataset, Want(MARKETS.get(dataset, tuple(codes)), days[0], days[SESSIONS - 1]))
    assert done.complete and not done.faults, (dataset, done)


def figures(archive: Archive, dataset: str) -> pl.DataFrame:
    """Stored figures, one a row: scope, session, column, value, and how far rounding may have moved it."""
    rows = archive.read(dataset, end=market(PLAN).sessions[SESSIONS - 1])
    return _long(rows, dataset, archive)


def _long(rows: pl.DataFrame, dataset: str, archive: Archive | None = None) -> pl.DataFrame:
    declared = records.dataset(dataset)
    if "products" in rows.columns:
        rows = rows.filter(pl.col("products") == "STOCK")
    if "government_net_amount" in rows.columns:  # the exchange's page of markets has 국가·지자체 in 연기금등
        sides = [f"{side}_{measure}" for side in investors.SIDES for measure in investors.MEASURES]
        rows = rows.with_columns(
            (pl.col(f"pension_fund_{side}") + pl.col(f"government_{side}").fill_null(0)).alias(f"pension_fund_{side}")
            for side in sides
        ).drop(f"government_{side}" for side in sides)
    numbers = [
        name
        for name in declared.measures
        if name in rows.columns
        and declared.column(name).kind in (Kind.INTEGER, Kind.NUMBER)
        and name not in declared.key
    ]
    sources = rows["source"] if archive is not None else pl.Series(["truth"] * rows.height)
    long = (
        rows.select(declared.scope, "session", *(pl.col(name).cast(pl.Float64) for name in numbers), source=sources)
        .unpivot(numbers, index=[declared.scope, "session", "source"], variable_name="column")
        .drop_nulls("value")
        .rename({declared.scope: "scope"})
    )
    units = pl.lit(0.0)
    if archive is not None:
        told = {name: archive.origin(name) for name in long["source"].unique()}
        won = {name: float(origin.unit_won or 1) for name, origin in told.items()}
        shares = {name: float(origin.unit_shares or 1) for name, origin in told.items()}
        money = pl.col("column").str.ends_with("amount")
        volume = pl.col("column").str.ends_with("volume")
        units = (
            pl.when(money)
            .then(pl.col("source").replace_strict(won, return_dtype=pl.Float64))
            .when(volume)
            .then(pl.col("source").replace_strict(shares, return_dtype=pl.Float64))
            .otherwise(1.0)
        )
    # a leaf is rounded once; a net is the difference of two, a sum of institutions has eight leaves
    parts = (
        pl.when(pl.col("column").str.starts_with("institution"))
        .then(8)
        .when(pl.col("column").str.contains("^pension_fund|^foreign_(buy|sell|net)|^program"))
        .then(2)
        .otherwise(1)
    ) * pl.when(pl.col("column").str.contains("_net_")).then(2).otherwise(1)
    exact = pl.when(units <= 1).then(pl.when(pl.col("value") % 1 == 0).then(0.0).otherwise(0.0051))
    return long.with_columns(exact.otherwise(units / 2 * parts).alias("slack")).drop("source")


def apart(first: pl.DataFrame, second: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Figures that differ by more than both round, and how many columns were compared."""
    keys = ["scope", "session", "column"]
    both = first.join(second, on=keys, suffix="_other")
    differing = both.filter((pl.col("value") - pl.col("value_other")).abs() > pl.col("slack") + pl.col("slack_other"))
    return differing, both["column"].n_unique()


@pytest.mark.torture
@pytest.mark.parametrize("dataset", [*BY_ALL, *BY_TWO])
def test_every_door_tells_the_truth_within_its_rounding(dataset: str, lakes: dict[str, Archive]) -> None:
    days = market(PLAN).sessions[:SESSIONS]
    truth = _long(market(PLAN).rows(dataset, days[0], days[-1]), dataset)
    for door in BY_TWO[dataset][0] if dataset in BY_TWO else DOORS:
        told = figures(lakes[door], dataset)
        wrong, _ = apart(truth, told)
        assert wrong.is_empty(), (door, wrong)
        invented = told.join(truth, on=["scope", "session", "column"], how="anti").filter(pl.col("value") != 0)
        assert set(invented["column"]) <= {"listed_shares", "market_cap"}, (door, invented)
        assert {*days} == {*told["session"]}, door


@pytest.mark.torture
@pytest.mark.parametrize("dataset", [*BY_ALL, *BY_TWO])
def test_the_doors_agree_about_every_stock_and_session(dataset: str, lakes: dict[str, Archive]) -> None:
    doors, least = BY_TWO.get(dataset, (DOORS, BY_ALL.get(dataset, 0)))
    told = {door: figures(lakes[door], dataset) for door in doors}
    most = 0
    for first, second in itertools.combinations(doors, 2):
        differing, compared = apart(told[first], told[second])
        assert differing.is_empty(), (first, second, differing)
        shared = set(told[first]["column"]) & set(told[second]["column"])
        keys = [
            set(
                told[door]
                .filter((pl.col("value") != 0) & pl.col("column").is_in(list(shared)))
                .select("scope", "session")
                .rows()
            )
            for door in (first, second)
        ]
        assert keys[0] == keys[1], (first, second)
        most = max(most, compared)
    assert most >= least, f"{most} columns were compared"


def _disputes(made: SimulatedMarket, day: date) -> tuple[Dispute, ...]:
    codes = made.codes
    return (
        Dispute("kis", "daily_bars", codes[0], day, "volume", 11),
        Dispute("ls", "foreign_holding", codes[1], day, "held_shares", 1_234),
        Dispute("krx_login", "short_day", codes[2], day, "short_volume", 77),
    )


@pytest.mark.torture
def test_three_planted_disagreements_are_found_with_both_figures_and_nothing_else(tmp_path: Path) -> None:
    made = market(TEN)
    evening, morning = made.sessions[40], made.sessions[41]
    planted = _disputes(made, evening)
    with serving(made, planted) as (address, sandbox), filling(tmp_path, address, sandbox, *DOORS) as lake:
        lake.at(evening, 19)
        for job in ("universe", "backfill"):
            assert lake.run(job, sessions=20).error is None, job
        lake.at(morning, 8, 10)
        assert lake.run("confirm").error is None
        lake.at(morning, 20)
        outcome = lake.run("verify")
    assert outcome.error is None
    notes = {step.step: step.note or "" for step in outcome.steps}
    said = notes["sources"].split("; ")
    for one in planted:
        rows = made.rows(one.dataset, evening, evening).filter(pl.col("code") == one.scope)
        right = int(rows[one.column][0])
        mine = [line for line in said if line.startswith(f"{one.dataset} {one.scope} {evening} {one.column}:")]
        assert mine, (one, said)
        for line in mine:
            assert f"{right:,}" in line and f"{right + one.by:,}" in line, line
        said = [line for line in said if line not in mine]
    assert [] == said, "\n".join(said)
