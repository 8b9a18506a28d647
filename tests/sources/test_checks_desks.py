"""Checks of lent shares, loans, marks, events, futures, brokers and program days tell rows that cannot be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from sugeup import records
from sugeup.sources.checks import Context, check
from sugeup.sources.files.layout import ROW

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
BARS = pl.DataFrame({"code": ["005930"], "session": [DAY], "raw_low": [70_000], "raw_high": [72_000]})
COMMON = {"source": "broker", "venue": "KRX", "products": "STOCK", "hours": "REGULAR"}
STOCK = {"code": "005930", "session": DAY}


def reasons(dataset: str, *rows: dict[str, Any], unit_won: int = 1) -> list[str]:
    declared = records.dataset(dataset)
    frame = pl.DataFrame([COMMON | row for row in rows], infer_schema_length=None)
    frame = declared.conform(frame).drop("known_at", "ingested_at", "final")
    numbered = frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW))
    checked = check(declared, numbered, Context(now=NOW, unit_won=unit_won, bars=BARS))
    return checked.faults["reason"].to_list()


def test_lent_shares_are_worth_the_prices_of_the_day() -> None:
    lent = STOCK | {"new_shares": 0, "repaid_shares": 5, "balance_shares": 1_000_000}
    assert [] == reasons("lending", lent | {"balance_amount": 71_000_000_000}, unit_won=1_000_000)
    assert "million" in reasons("lending", lent | {"balance_amount": 71_000})[0]
    assert "too large" in reasons("lending", lent | {"balance_amount": 71_000_000_000_000_000})[0]
    assert "negative" in reasons("lending", STOCK | {"balance_shares": -1})[0]


def test_a_loan_may_be_a_part_of_an_older_price_but_not_in_another_unit() -> None:
    loan = STOCK | {"loan_balance_shares": 1_000_000, "stock_loan_balance_shares": 100}
    assert [] == reasons(
        "credit", loan | {"loan_balance_amount": 45_000_000_000, "stock_loan_balance_amount": 7_000_000}
    )
    assert "a wrong unit" in reasons("credit", loan | {"loan_balance_amount": 4_500_000})[0]


def test_balances_need_not_follow_from_what_was_lent_and_returned() -> None:
    assert [] == reasons("lending", STOCK | {"new_shares": 10, "repaid_shares": 0, "balance_shares": 3})


@pytest.mark.parametrize(
    ("kind", "level", "wrong"),
    [
        ("WARNING", "2", False),
        ("HALT", None, False),
        ("WARNING", None, True),
        ("WARNING", "4", True),
        ("HALT", "1", True),
    ],
)
def test_a_warning_has_a_step_and_no_other_mark_has_one(kind: str, level: str | None, wrong: bool) -> None:
    assert wrong == bool(reasons("designations", STOCK | {"kind": kind, "level": level}))


def test_factors_of_an_event_are_positive_and_a_split_keeps_the_value() -> None:
    event = {"code": "005930", "effective_session": DAY, "kind": "SPLIT"}
    assert [] == reasons("corporate_actions", event | {"share_factor": 50.0, "price_factor": 0.02})
    assert [] == reasons("corporate_actions", event | {"price_factor": 0.02})
    assert "share_factor times" in reasons("corporate_actions", event | {"share_factor": 50.0, "price_factor": 0.5})[0]
    assert "not above 0" in reasons("corporate_actions", event | {"kind": "RIGHTS", "price_factor": 0.0})[0]


FUTURE = {"contract": "A0163000", "session": DAY, "at": AT, "close": 395.0}


def test_a_basis_is_the_future_less_its_index() -> None:
    assert [] == reasons("futures_minute", FUTURE | {"spot": 394.66, "market_basis": 0.34})
    assert "market_basis" in reasons("futures_minute", FUTURE | {"spot": 394.66, "market_basis": -0.34})[0]
    assert "expiry" in reasons("futures_minute", FUTURE | {"expiry": date(2026, 9, 10)})[0]
    assert "outside" in reasons("futures_minute", FUTURE | {"open": 400.0, "high": 396.0, "low": 394.0})[0]


def broker(rank: int, volume: int, share: float, side: str = "BUY") -> dict[str, Any]:
    return STOCK | {"at": AT, "side": side, "rank": rank, "volume": volume, "share_pct": share}


def test_brokers_are_ranked_by_their_volume() -> None:
    assert [] == reasons("broker_members", broker(1, 900, 40.0), broker(2, 900, 40.0), broker(1, 5, 3.0, "SELL"))
    assert "the rank above" in reasons("broker_members", broker(1, 900, 40.0), broker(2, 901, 40.0))[0]
    assert "not 1 to 5" in reasons("broker_members", broker(6, 1, 1.0))[0]
    assert 2 == len(reasons("broker_members", broker(1, 900, 60.0), broker(2, 800, 50.0)))


def test_program_days_hold_the_same_identities_as_their_minutes() -> None:
    sides = {"program_buy_amount": 30, "program_sell_amount": 10, "program_net_amount": 20}
    grown = {name: figure * 10**9 for name, figure in sides.items()}
    assert [] == reasons("program_day_market", {"market": "KOSPI", "session": DAY} | grown)
    assert reasons(
        "program_day_market", {"market": "KOSPI", "session": DAY} | grown | {"program_net_amount": 21 * 10**9}
    )
    assert "10 million" in reasons("program_day_market", {"market": "KOSPI", "session": DAY} | sides)[0]
    bought = STOCK | {"program_buy_volume": 10_000, "program_buy_amount": 710_000_000}
    assert [] == reasons("program_day_stock", bought)
    assert "a wrong unit" in reasons("program_day_stock", bought | {"program_buy_amount": 710_000})[0]


def test_a_net_of_summed_leaves_may_differ_by_the_rounding_of_each_of_them() -> None:
    million = 1_000_000
    leaves = {f"{leaf}_net_amount": 0 for leaf in ("financial_investment", "insurance", "bank")}
    sums = {"institution_buy_amount": 10 * million, "institution_sell_amount": 4 * million}
    near, far = {"institution_net_amount": 9 * million}, {"institution_net_amount": 10 * million}
    assert [] == reasons("investor_day_stock", STOCK | leaves | sums | near, unit_won=million)
    assert reasons("investor_day_stock", STOCK | leaves | sums | far, unit_won=million)
    assert reasons("investor_day_stock", STOCK | sums | near, unit_won=million)
