"""The real hub asks the sandbox over real sockets: what comes back is the simulated market, on the day it is out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sugeup import records
from sugeup.archive import Archive, Supply, Want
from sugeup.errors import ConfigError, NoData, Retryable, SchemaDrift
from sugeup.hub import Hub
from sugeup.market import publication
from sugeup.market.clock import FixedClock
from sugeup.market.sector_names import industry
from sugeup.records.ledger import Asked
from sugeup.sandbox.kis.auth import KEY
from sugeup.sandbox.krx.service import Options as KrxOptions
from sugeup.sandbox.vendors import Options
from sugeup.sources import checks, origins
from sugeup.sources.krx import KRX
from sugeup.sources.vendor import Ask, Credentials, Pace, Page
from sugeup.store.lake import Lake
from sugeup.store.state import State
from tests.support.sandboxes import FREELY, Control, market, seoul, serving

DAY, BEFORE = date(2025, 6, 2), date(2025, 5, 30)
MORNING = "2025-06-04T08:30"
"""The next trading day; June 3 was an election day."""
CODES = market().codes
FAST = Pace(1000, 0.1)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[tuple[str, Control]]:
    with serving(at=MORNING) as found:
        yield found


def hub(address: str, folder: Path, at: str = MORNING, *, key: str = KEY, quota: int | None = None) -> Hub:
    clock = FixedClock(seoul(at).astimezone(UTC))
    hosts = {"api": f"{address}/svc/apis"}
    return Hub(KRX, Credentials(key, ""), folder=folder, clock=clock, hosts=hosts, pace=FAST, quota=quota, attempts=3)


def asked(desk: Hub, name: str, scopes: Sequence[str], day: date) -> list[Page]:
    with desk:
        return list(desk.pages(KRX.endpoint(name), Ask(tuple(scopes), day, day)))


def test_the_bars_of_a_day_are_those_of_the_market(sandbox: tuple[str, Control], tmp_path: Path) -> None:
    pages = asked(hub(sandbox[0], tmp_path), "krx_bydd_trd", CODES, DAY)
    frame = pl.concat([page.frame for page in pages])
    dataset = records.dataset("daily_bars")
    truth = market().rows("daily_bars", DAY, DAY)
    assert_frame_equal(truth, frame.sort("code").select(truth.columns))
    assert frame["status"].eq("HALTED").any() and 2 == len(pages)
    origin = origins()["krx_api"]
    context = checks.Context(
        now=seoul(MORNING).astimezone(UTC), unit_won=origin.unit_won, unit_shares=origin.unit_shares
    )
    assert [] == [row for page in pages for row in checks.check(dataset, page.frame, context).faults.rows()]


def test_the_indices_of_a_day_are_those_of_the_market(sandbox: tuple[str, Control], tmp_path: Path) -> None:
    truth = market().rows("index_day", DAY, DAY)
    told = [code for code in truth["index_code"] if code in {"KOSPI", "KOSDAQ", "KOSPI200"} or industry(code)]
    pages = asked(hub(sandbox[0], tmp_path), "krx_index_dd_trd", truth["index_code"].to_list(), DAY)
    names = ["index_code", "session", "open", "high", "low", "close", "volume", "amount"]
    frame = pl.concat([page.frame for page in pages]).sort("index_code").select(names)
    assert_frame_equal(truth.filter(pl.col("index_code").is_in(told)).select(names), frame, abs_tol=0.0051)


def test_the_list_of_stocks_is_that_of_the_session_before(sandbox: tuple[str, Control], tmp_path: Path) -> None:
    pages = asked(hub(sandbox[0], tmp_path), "krx_base_info", (), date(2025, 6, 4))
    frame = pl.concat([page.frame for page in pages]).sort("code")
    names = ["code", "isin", "name", "name_en", "market", "kind", "listed_on", "par_amount", "listed_shares"]
    names += ["is_preferred"]
    truth = market().rows("instruments", date(1900, 1, 1), DAY).filter(pl.col("delisted_on").is_null())
    newest = truth.sort("code", "valid_from").unique("code", keep="last")
    assert_frame_equal(newest.sort("code").select(names), frame.select(names))


def test_a_day_that_is_not_out_is_refused_and_never_rows_of_zero(tmp_path: Path) -> None:
    for at in ("2025-06-02T19:00", "2025-06-03T12:00", "2025-06-04T07:59"):
        with serving(at=at) as (address, _), pytest.raises(NoData) as refused:
            asked(hub(address, tmp_path / at, at), "krx_bydd_trd", CODES, DAY)
        assert "NOT_PUBLISHED_YET" == refused.value.code


def test_a_closed_day_has_no_rows(sandbox: tuple[str, Control], tmp_path: Path) -> None:
    pages = asked(hub(sandbox[0], tmp_path), "krx_bydd_trd", CODES, date(2025, 6, 1))
    assert [0, 0] == [page.frame.height for page in pages]


def test_a_wrong_key_and_an_api_without_approval_are_told_apart(tmp_path: Path) -> None:
    options = Options(kis=FREELY.kis, krx=KrxOptions(keys={KEY: frozenset({"ksq_bydd_trd"})}))
    with serving(at=MORNING, options=options) as (address, _):
        with pytest.raises(ConfigError, match="ksq_bydd_trd") as unapproved:
            asked(hub(address, tmp_path), "krx_bydd_trd", CODES, DAY)
        with pytest.raises(ConfigError, match="refused the key"):
            asked(hub(address, tmp_path, key="another-key"), "krx_bydd_trd", CODES, DAY)
        assert 2 == len(asked(hub(address, tmp_path), "krx_index_dd_trd", ("KOSPI", "KOSDAQ"), DAY))
    assert "openapi.krx.co.kr" in str(unapproved.value.hint)


def test_the_quota_of_a_day_holds_over_all_processes(sandbox: tuple[str, Control], tmp_path: Path) -> None:
    assert 2 == len(asked(hub(sandbox[0], tmp_path, quota=2), "krx_bydd_trd", CODES, DAY))
    with pytest.raises(Retryable) as spent:
        asked(hub(sandbox[0], tmp_path, quota=2), "krx_bydd_trd", CODES, DAY)
    assert ("RATE_LIMITED", "QUOTA") == (spent.value.code, spent.value.details["reason"])


@pytest.mark.slow
def test_the_quota_of_the_exchange_itself_is_told(tmp_path: Path) -> None:
    options = Options(kis=FREELY.kis, krx=KrxOptions(quota=1))
    with serving(at=MORNING, options=options) as (address, _), pytest.raises(Retryable) as spent:
        asked(hub(address, tmp_path), "krx_bydd_trd", CODES, DAY)
    assert "RATE_LIMITED" == spent.value.code


def test_the_key_stands_in_no_log_and_no_error(tmp_path: Path) -> None:
    with serving(at=MORNING) as (address, control):
        control.fault("server_error", only=["ksq_bydd_trd"])
        with pytest.raises(Retryable) as down:
            asked(hub(address, tmp_path, key=KEY), "krx_bydd_trd", CODES, DAY)
    assert KEY not in f"{down.value} {down.value.details}"
    texts = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert texts and not [text for text in texts if KEY.encode() in text]


@pytest.mark.slow
def test_a_fault_of_the_wire_is_asked_again(tmp_path: Path) -> None:
    for fault in ("half_body", "malformed", "reset"):
        with serving(at=MORNING) as (address, control):
            control.fault(fault, 0.4)
            frame = pl.concat([page.frame for page in asked(hub(address, tmp_path), "krx_bydd_trd", CODES, DAY)])
            assert len(market().listed_codes(DAY)) == frame.height


def test_a_field_with_another_name_is_drift(tmp_path: Path) -> None:
    with serving(at=MORNING) as (address, control):
        control.fault("renamed_field")
        seen = set()
        for name in ("krx_bydd_trd", "krx_index_dd_trd", "krx_base_info"):
            day = DAY if name != "krx_base_info" else date(2025, 6, 4)
            try:
                asked(hub(address, tmp_path), name, (), day)
            except SchemaDrift as drift:
                seen.add(str(drift.details["field"]))
    assert seen, "none of the renamed fields was one that is read"


@pytest.mark.slow
def test_an_archive_fills_a_week_with_two_calls_a_day_and_leaves_last_evening_to_others(
    sandbox: tuple[str, Control], tmp_path: Path
) -> None:
    evening = "2025-06-04T19:00"
    clock = FixedClock(seoul(evening).astimezone(UTC))
    with serving(at=evening) as (address, control):
        supply = Supply([(KRX, lambda: hub(address, tmp_path / "hub", evening))])
        standings = {name: origin.standing for name, origin in origins().items()}
        state = State(tmp_path / "state.sqlite")
        archive = Archive("real", Lake(tmp_path, standings), state, clock, origins(), supply)
        filled = archive.fill("daily_bars", Want(CODES, date(2025, 5, 26), date(2025, 6, 4)))
        assert filled.complete
        supply.close()
        calls = control.stats()["vendors"]["krx"]["calls"]
    last = max(span.last for span in archive.coverage("daily_bars"))
    assert DAY == last, "June 4 comes on the morning of June 5"
    asks = len({day for day in market().sessions if date(2025, 5, 26) <= day <= DAY})
    assert calls == {"stk_bydd_trd": calls["stk_bydd_trd"], "ksq_bydd_trd": calls["ksq_bydd_trd"]}
    assert calls["stk_bydd_trd"] in {asks, 2 * asks}, "a day is asked for once, or twice where stocks are missing"
    stored = archive.read("daily_bars", start=date(2025, 5, 26), end=DAY)
    truth = market().rows("daily_bars", date(2025, 5, 26), DAY)
    assert_frame_equal(truth, stored.select(truth.columns))
    assert stored["final"].all()
    assert all(isinstance(span, Asked) and span.final for span in archive.coverage("daily_bars"))
    public = {day: publication.known_at("daily_bars", day) for day in stored["session"].unique()}
    assert stored.filter(pl.col("known_at") != pl.col("session").replace_strict(public)).is_empty()
