"""Two independent readings of the specification meet over real sockets: what is collected is the market's truth.

The whole way is real: the archive's holes, the door with pykrx in its process, the pages of the sandbox, checks, store.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sugeup import records
from sugeup.archive import Archive, Supply
from sugeup.archive.wants import Want
from sugeup.errors import Retryable
from sugeup.hub.pykrx import Pykrx
from sugeup.market import investors
from sugeup.sandbox.krx_login.service import KEY, SECRET
from sugeup.sources import origins
from sugeup.sources.krx_login import VENDOR
from sugeup.sources.vendor import Credentials, Scope
from sugeup.store.lake import Lake
from sugeup.store.state import State
from tests.support.sandboxes import FREELY, Control, market, seoul, serving

pytestmark = pytest.mark.torture

FIRST, BEFORE, LAST = date(2025, 5, 28), date(2025, 5, 30), date(2025, 6, 2)
LATER = "2025-06-16T19:05"
"""Everything of those days is public and settled."""
CODES = market().codes
BY_NAME = {one.dataset: one for one in VENDOR.endpoints if one.scope is not Scope.NONE}


class Clock:
    """A clock that a test moves."""

    def __init__(self, text: str) -> None:
        self.set(text)

    def set(self, text: str) -> None:
        self.at = seoul(text).astimezone(UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class Collecting:
    """A lake whose only source are the member pages of a sandbox."""

    archive: Archive
    clock: Clock
    control: Control

    def go(self, text: str) -> None:
        """Both clocks to a moment."""
        self.clock.set(text)
        self.control.move(set=text)

    @property
    def calls(self) -> int:
        return int(self.control.stats()["vendors"]["krx_login"]["total"])

    def stored(self, dataset: str, columns: list[str]) -> pl.DataFrame:
        return self.archive.read(dataset).select(columns).sort(columns[:2])


@contextmanager
def collecting(folder: Path, text: str) -> Iterator[Collecting]:
    clock = Clock(text)
    with serving(at=text, options=FREELY) as (address, control):
        supply = Supply([(VENDOR, lambda: _door(folder, clock, address))])
        lake = Lake(folder / "lake", {name: one.standing for name, one in origins().items()})
        archive = Archive("real", lake, State(folder / "lake" / "state.sqlite"), clock, origins(), supply)
        try:
            yield Collecting(archive, clock, control)
        finally:
            supply.close()


def _door(folder: Path, clock: Clock, address: str) -> Pykrx:
    credentials = Credentials(KEY, SECRET)
    return Pykrx(VENDOR, credentials, folder=folder / "hub", clock=clock, hosts={"api": address}, hurry=100_000.0)


def scopes(dataset: str) -> tuple[str, ...]:
    return CODES if BY_NAME[dataset].scope is Scope.STOCK else ("KOSPI", "KOSDAQ")


def truth(dataset: str, first: date, last: date) -> pl.DataFrame:
    """What the pages can say of the market's truth, in our columns."""
    declared = records.dataset(dataset)
    frame = market().rows(dataset, first, last)
    if "products" in frame.columns:
        frame = frame.filter(pl.col("products") == "STOCK")
    if declared.scope == "market":
        frame = frame.filter(pl.col("market").is_in(["KOSPI", "KOSDAQ"]))
    if dataset == "investor_day_market":  # 국가·지자체 has no column of its own there
        both = [(side, measure) for side in investors.SIDES for measure in investors.MEASURES]
        frame = frame.with_columns(
            (pl.col(f"pension_fund_{side}_{measure}") + pl.col(f"government_{side}_{measure}")).alias(
                f"pension_fund_{side}_{measure}"
            )
            for side, measure in both
        ).drop(f"government_{side}_{measure}" for side, measure in both)
    if dataset == "foreign_holding":  # ours follows from the shares
        frame = frame.with_columns((100 * pl.col("held_shares") / pl.col("limit_shares")).alias("limit_use_pct"))
    measures = [name for name in declared.measures if name in frame.columns]
    return frame.select(declared.key[0], declared.key[1], *measures).sort(declared.key[:2])


def traded(frame: pl.DataFrame, dataset: str, first: date, last: date) -> pl.DataFrame:
    """Without stocks that were halted: of those the pages of trades have no row."""
    if dataset not in {"short_day", "investor_day_stock"}:
        return frame
    bars = market().rows("daily_bars", first, last).filter(pl.col("volume") > 0).select("code", "session")
    return frame.join(bars, on=["code", "session"], how="semi").sort("code", "session")


def test_every_figure_comes_back_as_it_was_to_the_won_and_the_share(tmp_path: Path) -> None:
    """And asked again, nothing more is asked: the ledger knows every day of every scope."""
    with collecting(tmp_path, LATER) as lake:
        for dataset in BY_NAME:
            done = lake.archive.fill(dataset, Want(scopes(dataset), FIRST, LAST))
            assert ({}, (), (), 0) == (done.failures, done.left, done.stopped, done.faults), dataset
            wanted = traded(truth(dataset, FIRST, LAST), dataset, FIRST, LAST)
            found = lake.stored(dataset, wanted.columns)
            assert_frame_equal(wanted, found, check_exact=True, check_dtypes=True)
            held = lake.archive.read(dataset)
            assert held["final"].all() and held["source"].unique().to_list() == [BY_NAME[dataset].source]
        asked = lake.calls
        for dataset in BY_NAME:
            lake.archive.fill(dataset, Want(scopes(dataset), FIRST, LAST))
        assert asked == lake.calls


def test_a_session_of_everything_takes_less_than_fifty_questions(tmp_path: Path) -> None:
    """26 for investors of stocks, 8 for markets, 2 for each of the others; a halted stock makes it ask four more."""
    with collecting(tmp_path, LATER) as lake:
        for dataset in BY_NAME:
            lake.archive.fill(dataset, Want(scopes(dataset), LAST, LAST))
        assert 26 + 8 + 5 * 2 + 2 * 2 == lake.calls
        assert 1 == lake.control.stats()["vendors"]["krx_login"]["tokens"]


def test_the_list_of_stocks_is_that_of_the_session_before(tmp_path: Path) -> None:
    with collecting(tmp_path, f"{LAST}T08:05") as lake:
        assert lake.archive.fill("instruments", Want((), LAST, LAST)).complete
        held = lake.archive.read("instruments")
        bars = market().rows("daily_bars", BEFORE, BEFORE).sort("code")
        assert bars["code"].to_list() == held["code"].to_list()
        assert bars["listed_shares"].to_list() == held["listed_shares"].to_list()
        assert {LAST} == {*held["valid_from"]} and {"KOSPI", "KOSDAQ"} == {*held["market"]}
        assert held["kind"].is_null().all() and held["name"].is_not_null().all()
        assert 2 == lake.calls


def belonging(scheme: str) -> dict[str, str]:
    """Sector of every stock in a scheme on the session of the pages; the exchange's list has no name for 0031."""
    rows = market().rows("sector_membership", market().sessions[0], BEFORE)
    if scheme == "INDEX":
        return dict.fromkeys(np.array(CODES)[market().stocks.kospi200].tolist(), "KOSPI200")
    return dict(rows.filter(pl.col("sector") != "0031").sort("valid_from").select("code", "sector").rows())


def test_every_stock_has_the_industry_that_it_was_given_and_an_index_its_members(tmp_path: Path) -> None:
    """Dated from the session of the pages; two questions and three, and no more of them on that day."""
    with collecting(tmp_path, f"{LAST}T08:05") as lake:
        for _ in range(2):
            assert lake.archive.fill("sector_membership", Want((), LAST, LAST)).complete
            held = lake.archive.read("sector_membership")
            assert {BEFORE} == {*held["valid_from"]} and held["valid_to"].null_count() == held.height
            for scheme in ("KRX_INDUSTRY", "INDEX"):
                mine = held.filter(pl.col("scheme") == scheme)
                assert belonging(scheme) == dict(mine.select("code", "sector").rows())
            assert 5 == lake.calls


@pytest.mark.parametrize("fault", ["short_page", "malformed", "renamed_field", "server_error"])
def test_a_list_that_comes_in_part_ends_no_membership(tmp_path: Path, fault: str) -> None:
    """Next morning one of the pages is cut short, spoilt or missing: whoever is not on it stays where it was."""
    with collecting(tmp_path, f"{LAST}T08:05") as lake:
        lake.archive.fill("sector_membership", Want((), LAST, LAST))
        before = lake.archive.read("sector_membership")
        lake.go("2025-06-04T08:05")
        lake.control.fault(fault, only=["MDCSTAT03901"], amount=0.3)
        day = date(2025, 6, 4)
        lake.archive.fill("sector_membership", Want((), day, day))
        held = lake.archive.read("sector_membership").filter(pl.col("scheme") == "KRX_INDUSTRY")
        assert before.filter(pl.col("scheme") == "KRX_INDUSTRY").rows() == held.rows()


def test_the_evening_is_provisional_and_the_morning_corrects_it(tmp_path: Path) -> None:
    evening, morning = f"{LAST}T19:05", "2025-06-04T08:15"  # 2025-06-03 was a holiday
    with collecting(tmp_path, evening) as lake:
        want = Want(CODES, LAST, LAST)
        lake.archive.fill("investor_day_stock", want)
        first = lake.archive.read("investor_day_stock")
        assert 39 == first.height and not first["final"].any()
        lake.go(morning)
        lake.archive.fill("investor_day_stock", Want(CODES, LAST, LAST, confirm=True))
        wanted = traded(truth("investor_day_stock", LAST, LAST), "investor_day_stock", LAST, LAST)
        assert_frame_equal(wanted, lake.stored("investor_day_stock", wanted.columns), check_exact=True)
        assert lake.archive.read("investor_day_stock")["final"].all()


def test_what_is_not_public_yet_is_asked_again_later(tmp_path: Path) -> None:
    """Short balances of 2025-06-02 are public on 2025-06-09 at 18:30: until then the page has zeros."""
    with collecting(tmp_path, f"{LAST}T19:05") as lake:
        want = Want(CODES, LAST, LAST)
        for moment, rows in ((f"{LAST}T19:05", 0), ("2025-06-09T18:20", 0), ("2025-06-09T18:35", 40)):
            lake.go(moment)
            lake.archive.fill("short_balance", want)
            assert rows == lake.archive.read("short_balance").height, moment
        for moment, rows in ((f"{LAST}T19:05", 0), ("2025-06-04T07:59", 0), ("2025-06-04T08:01", 40)):
            lake.go(moment)
            lake.archive.fill("foreign_holding", want)
            assert rows == lake.archive.read("foreign_holding").height, moment


def test_a_day_without_rows_in_part_is_not_stored_in_part(tmp_path: Path) -> None:
    """Rows that are missing in one of 26 answers show in the sum of all investors."""
    with collecting(tmp_path, LATER) as lake:
        lake.control.fault("short_page", only=["MDCSTAT02401"], amount=0.2)
        done = lake.archive.fill("investor_day_stock", Want(CODES, LAST, LAST))
        assert done.faults > 0
        lake.control.clear()
        lake.archive.fill("investor_day_stock", Want(CODES, LAST, LAST))
        wanted = traded(truth("investor_day_stock", LAST, LAST), "investor_day_stock", LAST, LAST)
        assert_frame_equal(wanted, lake.stored("investor_day_stock", wanted.columns), check_exact=True)


def test_a_renamed_field_stops_its_dataset_alone(tmp_path: Path) -> None:
    with collecting(tmp_path, LATER) as lake:
        lake.control.fault("renamed_field", only=["MDCSTAT02601"])
        done = lake.archive.fill("program_day_market", Want(("KOSPI", "KOSDAQ"), LAST, LAST))
        assert ["SCHEMA_DRIFT"] == [error.code for error in done.stopped]
        assert 40 == lake.archive.fill("daily_bars", Want(CODES, LAST, LAST)).rows.added


def test_an_address_that_is_kept_out_ends_the_work_and_says_until_when(tmp_path: Path) -> None:
    with collecting(tmp_path, LATER) as lake:
        lake.control.fault("blocked")
        for dataset in BY_NAME:
            done = lake.archive.fill(dataset, Want(scopes(dataset), LAST, LAST))
            assert [("RATE_LIMITED", "BLOCKED")] == [(one.code, one.details["reason"]) for one in done.stopped]
            assert isinstance(done.stopped[0], Retryable) and "again_at" in done.stopped[0].details
            assert done.left
        assert lake.calls <= 2  # the first question, and once more after a new log-in
