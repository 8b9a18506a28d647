"""Verification finds what is wrong in a store that looks whole: broken rows, gaps, sources that disagree, drift."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sugeup.archive import Want
from sugeup.market import sessions
from sugeup.records import Origin, Standing
from sugeup.records.ledger import State
from tests.support.archives import rows
from tests.support.vendors import CODES, ORIGINS, Desk, Truth, desk, endpoint, vendor

DAYS = sessions.sessions(date(2026, 1, 5), date(2026, 2, 13))
MORNING = date(2026, 2, 19), 8, 10


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a filled market, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("filled")
    found = desk(folder, DAYS)
    found.run("backfill", sessions=len(DAYS), everything=True)
    found.clock.at(*MORNING)
    found.run("confirm")
    return folder


@pytest.fixture
def market(tmp_path: Path, filled: Path) -> Desk:
    """A filled market on the morning after its last evening."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    found = desk(tmp_path, DAYS)
    found.clock.at(*MORNING)
    return found


def notes(market: Desk) -> dict[str, str]:
    outcome = market.run("verify")
    assert outcome.error is None
    return {step.step: step.note or "" for step in outcome.steps}


def test_a_sound_lake_is_called_sound(market: Desk) -> None:
    found = notes(market)
    assert "every table can be read" == found["store"]
    assert found["identities"].endswith("hold")
    assert "no gaps" == found["gaps"]
    assert "sources agree, where there are two" == found["sources"]
    assert found["drift"].endswith("as the source says")


def test_a_row_that_breaks_an_identity_is_named(market: Desk) -> None:
    bad = {"code": CODES[0], "session": DAYS[-1], "foreign_buy_volume": 5, "foreign_sell_volume": 1}
    market.archive.fill(
        "investor_day_stock", rows("investor_day_stock", [bad | {"foreign_net_volume": 9}], source="exchange")
    )
    found = notes(market)["identities"]
    assert CODES[0] in found and "5 - 1 ≠ 9" in found


def test_sessions_that_were_never_asked_for_are_a_gap(market: Desk) -> None:
    market.archive.fill("short_day", Want(CODES, date(2025, 12, 1), date(2025, 12, 1)))
    found = notes(market)["gaps"]
    assert (
        "short_day: 84 sessions of 4 scopes" in found and "2025-12-02" in found and "sugeup job run backfill" in found
    )


def test_sources_that_disagree_are_listed_with_both_figures(market: Desk) -> None:
    other = {"code": CODES[1], "session": DAYS[-1], "short_volume": 123_456}
    market.archive.fill("short_day", rows("short_day", [other], source="portal"))
    found = notes(market)["sources"]
    assert all(word in found for word in (CODES[1], "broker 129", "portal 123,456", "short_volume"))


def test_what_the_source_changed_since_is_stored_and_told(market: Desk) -> None:
    market.clock.at(date(2026, 2, 19), 3, 30)
    frame = market.truth.rows["short_day"]
    market.truth.rows["short_day"] = frame.with_columns(short_volume=pl.col("short_volume") + 1)
    assert "short_day: the source has changed 4 of" in notes(market)["drift"]
    market.holds("short_day", [DAYS[-1]])


def test_damage_ends_it(market: Desk) -> None:
    file = next((market.folder / "short_day").rglob("*.parquet"))
    file.write_bytes(b"no table")
    outcome = market.run("verify")
    assert (74, State.FAILED) == (outcome.error and outcome.error.exit_code, outcome.steps[0].state)
    assert "sugeup store restore" in str(outcome.error)


def test_a_second_source_is_asked_for_some_figures_and_what_it_says_otherwise_is_listed(market: Desk) -> None:
    told = {name: frame.with_columns(pl.lit("second").alias("source")) for name, frame in market.truth.rows.items()}
    other = Truth(told, market.clock, page=30)
    market.second = (vendor(endpoint("short_second", "short_day", source="second"), name="second"), other)
    found = notes(market)
    assert f"asked for {DAYS[-1]}: short_day of second" == found["second"]
    assert "sources agree, where there are two" == found["sources"]
    assert {"broker"} == set(market.archive.read("short_day")["source"])

    market.clock.at(date(2026, 2, 20), 3, 30)
    first = told["short_day"]
    more = pl.col("short_volume") + 7 * ((pl.col("code") == CODES[2]) & (pl.col("session") == DAYS[-1]))
    other.rows["short_day"] = first.with_columns(short_volume=more.cast(pl.Int64))
    market.archive.fill("short_day", Want(CODES, DAYS[-1], DAYS[-1], again=True, vendor="second"))
    said = notes(market)["sources"].split("; ")
    assert 1 == len(said)
    assert f"short_day {CODES[2]} {DAYS[-1]} short_volume: broker" in said[0] and "second" in said[0]


def test_without_a_second_source_that_is_said(market: Desk) -> None:
    assert "no fact has a second source that can be asked" == notes(market)["second"]


def test_a_sum_may_differ_by_the_rounding_of_its_leaves_and_a_leaf_by_its_own(
    market: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    coarse = Origin("rounded", "Rounded", "반올림", Standing.PORTAL_COPY, unit_won=1_000_000)
    monkeypatch.setitem(ORIGINS, "rounded", coarse)
    code, day = CODES[0], DAYS[-1]
    mine = {"institution_net_amount": 90_000_000, "individual_net_amount": 5_000_000}
    theirs = {"institution_net_amount": 97_000_000, "individual_net_amount": 9_000_000}
    fill = market.archive.fill
    fill("investor_day_stock", rows("investor_day_stock", [{"code": code, "session": day} | mine], source="exchange"))
    fill("investor_day_stock", rows("investor_day_stock", [{"code": code, "session": day} | theirs], source="rounded"))
    told = notes(market)["sources"]
    assert "individual_net_amount" in told and "institution_net_amount" not in told


def test_a_source_that_counts_government_inside_pension_funds_does_not_disagree(market: Desk) -> None:
    code, day = CODES[1], DAYS[-1]
    apart = {"pension_fund_net_amount": 700, "government_net_amount": 42}
    for source, given in (("exchange", apart), ("portal", {"pension_fund_net_amount": 742})):
        row = {"code": code, "session": day} | given
        market.archive.fill("investor_day_stock", rows("investor_day_stock", [row], source=source))
    assert "pension_fund" not in notes(market)["sources"]
    wrong = {"code": code, "session": day, "pension_fund_net_amount": 800}
    market.archive.fill("investor_day_stock", rows("investor_day_stock", [wrong], source="copy"))
    assert "pension_fund_net_amount" in notes(market)["sources"]
