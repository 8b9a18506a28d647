"""The real hub asks the sandbox over real sockets: every report of a day comes, none of a later one, the key unseen."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, time
from pathlib import Path

import polars as pl
import pytest

from sugeup.archive import Archive, Supply, Want
from sugeup.errors import ConfigError, Retryable
from sugeup.hub import Hub
from sugeup.market.clock import FixedClock
from sugeup.sandbox.dart.reports import STATUS, Report, corp_of
from sugeup.sandbox.dart.service import Dart
from sugeup.sandbox.dart.service import Options as DartOptions
from sugeup.sandbox.kis.auth import KEY
from sugeup.sandbox.vendors import Options
from sugeup.sources import origins
from sugeup.sources.dart import DART
from sugeup.sources.vendor import Ask, Credentials, Pace, Page
from sugeup.store.lake import Lake
from sugeup.store.state import State
from tests.support.sandboxes import FREELY, Control, made, market, seoul, serving

FIRST, LAST = date(2025, 5, 7), date(2025, 6, 2)
EVENING = "2025-06-02T19:00"
DECISIONS = ("TREASURY_BUY", "TREASURY_SELL", "TREASURY_TRUST", "TREASURY_TRUST_END")
KINDS = {"dart_holdings": ("MAJOR", "OFFICER"), "dart_treasury_decisions": DECISIONS}
KINDS |= {"dart_treasury_status": ("TREASURY_STATUS",)}
NAMES = dict(
    zip(
        (
            "majorstock",
            "elestock",
            "tsstkAqDecsn",
            "tsstkDpDecsn",
            "tsstkAqTrctrCnsDecsn",
            "tsstkAqTrctrCcDecsn",
            STATUS,
        ),
        ("MAJOR", "OFFICER", *DECISIONS, "TREASURY_STATUS"),
        strict=True,
    )
)
FAST = Pace(1000, 0.1)


def service() -> Dart:
    found = made(EVENING).named("dart")
    assert isinstance(found, Dart)
    return found


def truth(*kinds: str, first: date = FIRST, last: date = LAST) -> list[Report]:
    """Reports of these kinds that were filed between two days; a status of no shares is told as none."""
    return [
        report
        for report in service().reports
        if first <= report.filed.date() <= last
        and NAMES[report.call] in kinds
        and not (report.call == STATUS and not report.held)
    ]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[tuple[str, Control]]:
    with serving(at=EVENING) as found:
        yield found


def hub(address: str, folder: Path, at: str = EVENING, *, key: str = KEY) -> Hub:
    clock = FixedClock(seoul(at).astimezone(UTC))
    hosts = {"api": f"{address}/api"}
    return Hub(DART, Credentials(key, ""), folder=folder, clock=clock, hosts=hosts, pace=FAST, attempts=3)


def asked(desk: Hub, name: str, first: date = FIRST, last: date = LAST) -> list[Page]:
    with desk:
        return list(desk.pages(DART.endpoint(name), Ask((), first, last)))


@pytest.mark.parametrize("name", KINDS)
def test_every_report_of_the_days_comes_back_as_it_was_filed(
    name: str, sandbox: tuple[str, Control], tmp_path: Path
) -> None:
    pages = asked(hub(sandbox[0], tmp_path), name)
    frame = pl.concat([page.frame for page in pages], how="diagonal_relaxed").unique("receipt_no").sort("receipt_no")
    wanted = truth(*KINDS[name])
    assert wanted, "nothing of the kind was filed"
    assert [report.number for report in wanted] == frame["receipt_no"].to_list()
    for report, row in zip(wanted, frame.iter_rows(named=True), strict=True):
        assert (report.code, report.holder, report.filed.date()) == (row["code"], row["holder"], row["filed_on"])
        assert (NAMES[report.call], corp_of(market().codes.index(report.code))) == (row["kind"], row["corp_code"])
        decided = report.call.startswith("tsstk")
        change = None if "Trctr" in report.call else report.change
        held = None if decided and not report.held else report.held
        moved = change if report.call != STATUS or report.bought or report.sold else None
        assert (held, moved) == (row["held_shares"], row["change_shares"])
        if report.call in {"majorstock", "elestock"}:
            assert row["held_pct"] == pytest.approx(100 * report.held / report.listed, abs=0.0051)
    assert 0 == sum(page.faults.height for page in pages)


def test_a_report_is_not_there_before_it_is_filed(tmp_path: Path) -> None:
    report = truth("OFFICER")[-1]
    day = report.filed.date()
    for minute, there in ((report.filed.replace(second=59), True), (report.filed.replace(hour=7), False)):
        with serving(at=minute.replace(tzinfo=None).isoformat()) as (address, _):
            pages = asked(hub(address, tmp_path / str(there), minute.isoformat()[:19]), "dart_holdings", day, day)
        numbers = [number for page in pages for number in page.frame["receipt_no"].to_list()]
        assert there == (report.number in numbers)


def test_a_day_costs_a_call_for_its_feed_and_one_for_each_company_and_kind(tmp_path: Path) -> None:
    day = truth("MAJOR")[0].filed.date()
    with serving(at=EVENING) as (address, control):
        asked(hub(address, tmp_path), "dart_holdings", day, day)
        calls = control.stats()["vendors"]["dart"]["calls"]
    filed = {(report.call, report.code) for report in truth("MAJOR", "OFFICER", first=day, last=day)}
    assert 1 + len(filed) == sum(calls.values()) and 1 == calls["list"]


def test_keys_quota_and_maintenance_are_told_apart(tmp_path: Path) -> None:
    keys = {KEY: "000", "blocked-key": "011"}
    options = Options(kis=FREELY.kis, dart=DartOptions(keys=keys, quota=1))
    with serving(at=EVENING, options=options) as (address, _):
        for key, code in (("another-key", "010"), ("blocked-key", "011")):
            with pytest.raises(ConfigError, match=code):
                asked(hub(address, tmp_path, key=key), "dart_holdings")
        with pytest.raises(Retryable) as spent:
            asked(hub(address, tmp_path), "dart_holdings")
    assert ("RATE_LIMITED", "QUOTA") == (spent.value.code, spent.value.details["reason"])
    closed = Options(kis=FREELY.kis, dart=DartOptions(closed=(time(18), time(20))))
    with serving(at=EVENING, options=closed) as (address, _), pytest.raises(Retryable) as down:
        asked(hub(address, tmp_path), "dart_holdings")
    assert ("SOURCE_DOWN", "MAINTENANCE") == (down.value.code, down.value.details["reason"])


@pytest.mark.slow
def test_the_key_stands_in_no_log_and_no_error_though_it_is_part_of_the_address(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(at=EVENING) as (address, control), caplog.at_level(logging.DEBUG):
        asked(hub(address, tmp_path), "dart_holdings")
        said = [str(caplog.text)]
        for fault in ("server_error", "reset", "malformed"):
            control.clear()
            control.fault(fault)
            with pytest.raises(Retryable) as down:
                asked(hub(address, tmp_path / fault), "dart_holdings")
            said.append(f"{down.value!r} {down.value} {down.value.hint} {down.value.details}")
    assert "crtfc_key" in said[0], "the address was not logged, so that nothing was tried"
    assert not [text for text in [*said, caplog.text] if KEY in text]
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert files and not [held for held in files if KEY.encode() in held]


@pytest.mark.slow
def test_rows_that_a_page_lacks_are_asked_for_again(tmp_path: Path) -> None:
    with serving(at=EVENING) as (address, control):
        control.fault("short_page", only=["list"])
        pages = asked(hub(address, tmp_path), "dart_holdings")
    numbers = {number for page in pages for number in page.frame["receipt_no"].to_list()}
    assert {report.number for report in truth("MAJOR", "OFFICER")} == numbers


@pytest.mark.slow
def test_an_archive_holds_the_reports_of_a_month_and_asks_for_no_day_twice(tmp_path: Path) -> None:
    clock = FixedClock(seoul(EVENING).astimezone(UTC))
    with serving(at=EVENING) as (address, control):
        supply = Supply([(DART, lambda: hub(address, tmp_path / "hub"))])
        standings = {name: origin.standing for name, origin in origins().items()}
        archive = Archive("real", Lake(tmp_path, standings), State(tmp_path / "state.sqlite"), clock, origins(), supply)
        filled = archive.fill("filings", Want((), FIRST, LAST))
        assert filled.complete and not filled.faults
        before = control.stats()["vendors"]["dart"]["total"]
        again = archive.fill("filings", Want((), FIRST, LAST))
        assert again.complete and before == control.stats()["vendors"]["dart"]["total"]
        supply.close()
    every = truth(*(kind for kinds in KINDS.values() for kind in kinds))
    stored = archive.read("filings")
    assert {report.number for report in every} == set(stored["receipt_no"])
    assert stored["final"].all() and {"dart"} == set(stored["source"])
    at = stored["known_at"].dt.convert_time_zone("Asia/Seoul")
    assert (at.dt.date() == stored["filed_on"]).all() and {time(18, 30)} == set(at.dt.time())
    code = every[0].code
    mine = archive.read("filings", scopes=[code], start=FIRST, end=LAST)
    assert {report.number for report in every if report.code == code} == set(mine["receipt_no"])
