"""Rows of answers in our columns: figures that were quoted, sums, hours, what is left out and why."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup import records
from sugeup.errors import SchemaDrift
from sugeup.market import investors
from sugeup.market.sessions import SEOUL
from sugeup.sources import checks, origins
from sugeup.sources.naver import NAVER
from sugeup.sources.naver.stocks import NOT_SETTLED
from sugeup.sources.replies.pages import EMPTY, PADDING, RUNNING
from sugeup.sources.replies.timed import OLDER, OUTSIDE, UNFINISHED
from sugeup.sources.vendor import Endpoint
from tests.sources.naver.answers import (
    DAY,
    ENDPOINTS,
    EVENING,
    MORNING,
    SPECIFICATION,
    ask,
    everyone,
    parsed,
    recorded,
    reply,
    row,
    time_of,
)

DAILY, MINUTES = NAVER.endpoint("naver_market_daily"), NAVER.endpoint("naver_market_time")
PROGRAM, PROGRAM_MINUTES = NAVER.endpoint("naver_program_daily"), NAVER.endpoint("naver_program_time")
FUNDS = NAVER.endpoint("naver_deposits")
TREND, HOLDING = NAVER.endpoint("naver_stock_trend"), NAVER.endpoint("naver_stock_holding")
EVERY = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
LATE = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SEOUL).astimezone(UTC)


def test_the_quoted_investor_comes_out_in_won_and_shares_and_nobody_else_does() -> None:
    day = date(2026, 9, 23)
    asked = ask(DAILY, day, day)
    found = DAILY.parse(asked, reply(recorded("market_trend_daily"), LATE)).frame.row(0, named=True)
    assert (7_623_010_000_000, 8_113_438_000_000, -490_428_000_000) == tuple(
        found[f"foreign_registered_{side}_amount"] for side in investors.SIDES
    )
    assert (61_598_650, 73_296_544, -11_697_894) == tuple(
        found[f"foreign_registered_{side}_volume"] for side in investors.SIDES
    )
    others = [name for name in found if name.endswith(("_amount", "_volume")) and "foreign_registered" not in name]
    assert {None} == {found[name] for name in others}
    assert ("KOSPI", day, "naver_market", "KRX", "STOCK") == tuple(
        found[name] for name in ("market", "session", "source", "venue", "products")
    )


def test_quoted_deposits_come_out_in_won() -> None:
    day = date(2026, 9, 9)
    found = FUNDS.parse(ask(FUNDS, day, day), reply(recorded("market_trend_deposit"), LATE)).frame.row(0, named=True)
    assert (102_846_200_000_000, 31_989_800_000_000) == (found["deposits"], found["loan_balance_amount"])


def test_the_quoted_stock_comes_out_as_three_groups_and_a_holding() -> None:
    day = date(2026, 8, 27)
    rows = recorded("stock_trend")
    flows = TREND.parse(ask(TREND, day, day), reply(rows, LATE)).frame.row(0, named=True)
    assert (-3_223_427, 1_381_786, -97_433) == tuple(
        flows[f"{name}_net_volume"] for name in ("individual", "foreign", "institution")
    )
    held = HOLDING.parse(ask(HOLDING, day, day), reply(rows, LATE)).frame.row(0, named=True)
    assert ("005930", 2_730_850_645) == (held["code"], held["held_shares"])
    assert not {"limit_shares", "listed_shares", "limit_use_pct"} & set(held)


@EVERY
def test_a_row_passes_the_checks_under_the_name_of_its_origin(endpoint: Endpoint) -> None:
    asked_at = MORNING if endpoint.dataset == "foreign_holding" or endpoint.scope.value == "none" else EVENING
    found = parsed(endpoint, [row(endpoint, time=time_of(endpoint))], asked_at)
    assert (1, 0, {}) == (found.frame.height, found.faults.height, found.notes)
    dataset, origin = records.dataset(endpoint.dataset), origins()[endpoint.source]
    context = checks.Context(asked_at, origin.unit_won, origin.unit_shares, whole_market=False)
    assert [] == checks.check(dataset, found.frame, context).faults.rows()
    assert endpoint.dataset in origin.notes


@given(st.lists(st.integers(0, 10**7), min_size=24, max_size=24), st.permutations(sorted(SPECIFICATION["investors"])))
def test_sums_are_those_of_their_leaves_in_any_order_of_investors(figures: list[int], order: list[str]) -> None:
    listed = []
    for place, code in enumerate(order):
        bought, sold = (one * 1_000_000 for one in figures[2 * place : 2 * place + 2])
        listed.append(
            {"investorGubun": code, "diffValue": str(bought - sold), "buyPrice": str(bought), "sellPrice": str(sold),
             "buyQuant": str(bought // 50_000), "sellQuant": str(sold // 50_000)}
        )  # fmt: skip
    frame = parsed(DAILY, [row(DAILY) | {"netAmounts": listed}]).frame
    if not any(figures):
        assert frame.is_empty()
        return
    found = frame.row(0, named=True)
    for group in ("foreign", "institution"):
        for side in investors.SIDES:
            for measure in investors.MEASURES:
                parts = [found[investors.column(leaf, side, measure)] for leaf in investors.members(group)]
                assert sum(parts) == found[investors.column(group, side, measure)]
    assert sum(figures[::2]) * 1_000_000 == sum(found[f"{leaf.id}_buy_amount"] for leaf in investors.LEAVES)


def test_a_leaf_that_is_not_listed_is_null_and_so_is_its_sum() -> None:
    listed = [one for one in everyone() if one["investorGubun"] != "7000"]
    found = parsed(DAILY, [row(DAILY) | {"netAmounts": listed}]).frame.row(0, named=True)
    assert (None, None) == (found["government_buy_amount"], found["institution_buy_amount"])
    assert found["foreign_buy_amount"] is not None


@pytest.mark.parametrize("code", ["8001", "", "9000"])
def test_an_investor_that_nobody_knows_or_that_comes_twice_is_a_changed_answer(code: str) -> None:
    listed = everyone()
    listed[0]["investorGubun"] = code
    with pytest.raises(SchemaDrift, match="investorGubun") as raised:
        parsed(DAILY, [row(DAILY) | {"netAmounts": listed}])
    assert "market_trend_daily" == raised.value.details["endpoint"]


def test_printed_sums_are_read_over() -> None:
    listed = [*everyone(), {"investorGubun": "9999", "diffValue": "0"}]
    assert 1 == parsed(DAILY, [row(DAILY) | {"netAmounts": listed}]).frame.height


@EVERY
def test_a_missing_field_is_named(endpoint: Endpoint) -> None:
    read = {"bizdate", "netAmounts", "diffPureBuyAmt", "creditLoan", "organPureBuyQuant", "frgnStock"}
    whole = row(endpoint, time=time_of(endpoint))
    for name in read & set(whole):
        cut = {key: value for key, value in whole.items() if key != name}
        with pytest.raises(SchemaDrift, match=name) as raised:
            parsed(endpoint, [cut, cut])
        assert "naver" == raised.value.details["vendor"]


def test_a_missing_figure_of_an_investor_is_named() -> None:
    listed = everyone()
    del listed[3]["buyQuant"]
    with pytest.raises(SchemaDrift, match=r"netAmounts\.3100\.buyQuant"):
        parsed(DAILY, [row(DAILY) | {"netAmounts": listed}])


def test_rows_of_another_stock_are_not_taken() -> None:
    with pytest.raises(SchemaDrift, match="another stock"):
        parsed(TREND, [row(TREND) | {"itemCode": "000660"}])


def test_blank_is_null_and_zeros_throughout_are_no_row() -> None:
    blank = row(TREND) | {"foreignerPureBuyQuant": ""}
    assert parsed(TREND, [blank]).frame["foreign_net_volume"][0] is None
    nothing = row(TREND) | dict.fromkeys(
        ("organPureBuyQuant", "individualPureBuyQuant", "foreignerPureBuyQuant", "tradeVolume"), "0"
    )
    found = parsed(TREND, [nothing])
    assert (0, {EMPTY: 1}) == (found.frame.height, found.notes)
    assert {PADDING: 1} == parsed(FUNDS, [row(FUNDS) | {"bizdate": ""}, row(FUNDS)]).notes


@pytest.mark.parametrize("endpoint", [DAILY, PROGRAM], ids=lambda one: one.name)
def test_the_row_of_a_running_session_is_left_out(endpoint: Endpoint) -> None:
    found = parsed(endpoint, [row(endpoint)], at(DAY, 11))
    assert (0, {RUNNING: 1}) == (found.frame.height, found.notes)
    assert 1 == parsed(endpoint, [row(endpoint)], at(DAY, 15, 45)).frame.height


def test_groups_of_a_stock_are_there_in_the_evening_and_its_holding_next_morning() -> None:
    assert 0 == parsed(TREND, [row(TREND)], at(DAY, 18, 9)).frame.height
    assert 1 == parsed(TREND, [row(TREND)], at(DAY, 18, 10)).frame.height
    early = parsed(HOLDING, [row(HOLDING)], EVENING)
    assert (0, {NOT_SETTLED: 1}) == (early.frame.height, early.notes)
    assert 1 == parsed(HOLDING, [row(HOLDING)], at(date(2026, 9, 9), 8)).frame.height


@pytest.mark.parametrize("endpoint", [DAILY, PROGRAM], ids=lambda one: one.name)
def test_a_day_with_an_after_market_says_whether_it_is_all_in(endpoint: Endpoint) -> None:
    day = date(2026, 9, 15)
    said = {
        moment: parsed(endpoint, [row(endpoint, day)], moment, ask(endpoint, day, day)).frame["hours"][0]
        for moment in (at(day, 19), at(day, 20, 9), at(day, 20, 10), at(date(2026, 9, 16), 8))
    }
    assert ["UNKNOWN", "UNKNOWN", "TOTAL", "TOTAL"] == list(said.values())
    assert "REGULAR" == parsed(endpoint, [row(endpoint)], at(day, 19)).frame["hours"][0]


def test_of_a_stock_it_is_not_known_whether_the_after_market_is_in() -> None:
    day = date(2026, 9, 15)
    found = parsed(TREND, [row(TREND, day), row(TREND, date(2026, 9, 11))], LATE, ask(TREND, date(2026, 9, 1), day))
    assert ["UNKNOWN", "REGULAR"] == found.frame["hours"].to_list()


@pytest.mark.parametrize("endpoint", [MINUTES, PROGRAM_MINUTES], ids=lambda one: one.name)
def test_minutes_of_the_regular_session_stay_and_each_is_told_once(endpoint: Endpoint) -> None:
    day = date(2026, 9, 15)
    times = ["200400", "160100", "154000", "153000", "100130", "100100", "090100"]
    found = parsed(endpoint, [row(endpoint, day, time) for time in times], at(day, 21), ask(endpoint, day, day))
    local = [moment.astimezone(SEOUL).strftime("%H:%M") for moment in found.frame["at"].to_list()]
    assert ["15:40", "15:30", "10:01", "09:01"] == local
    assert {OUTSIDE: 2, OLDER: 1} == found.notes
    assert {"REGULAR"} == set(found.frame["hours"])
    running = parsed(endpoint, [row(endpoint, day, "100100")], at(day, 10, 1), ask(endpoint, day, day))
    assert {UNFINISHED: 1} == running.notes


def test_minutes_of_the_session_before_are_not_taken_for_todays() -> None:
    found = parsed(MINUTES, [row(MINUTES, date(2026, 9, 7), "100000")], at(DAY, 16))
    assert found.frame.is_empty()


@EVERY
def test_the_same_answer_gives_the_same_page_and_is_not_changed(endpoint: Endpoint) -> None:
    rows = [row(endpoint, time=time_of(endpoint))]
    before = copy.deepcopy(rows)
    first, second = parsed(endpoint, rows), parsed(endpoint, rows)
    assert before == rows
    assert first.frame.equals(second.frame)
    assert isinstance(first.frame, pl.DataFrame)
