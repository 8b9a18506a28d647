"""The answers agree with public figures that were not imported: a portal's copy for stocks, an HTS export for KOSPI."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from sugeup import get_investor_trading
from sugeup.archive import Archive
from sugeup.market import investors

CHECKS = Path(__file__).parent / "fixtures" / "checks"
MILLION = 1_000_000
PRINTED = {"individual": "개인", "foreign": "외국인", "other_corporation": "기타법인+기타"}
LEAVES = {
    "financial_investment": "금융투자",
    "insurance": "보험",
    "investment_trust": "투신",
    "private_fund": "사모펀드",
    "bank": "은행",
    "other_financial": "기타금융",
    "pension_fund": "연기금등",
}


def rows(name: str) -> Iterator[dict[str, str]]:
    with (CHECKS / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def test_eight_stocks_on_five_dates_agree_with_the_portal_exactly(sample: Archive) -> None:
    checked = list(rows("naver_stock_net_volume.csv"))
    assert 40 == len(checked)
    assert 8 == len({row["code"] for row in checked})
    for row in checked:
        answer = get_investor_trading(sample, stock_code=row["code"], session=date.fromisoformat(row["date"]))
        assert ["pykrx_copy"] == answer.sources[:1]
        for group, column in (("foreign", "foreign_net_volume"), ("institution", "inst_net_volume")):
            assert int(row[column]) == getattr(answer.investor_data, group).net_volume, row


def test_twenty_dates_of_kospi_agree_with_the_hts_export_within_its_rounding(sample: Archive) -> None:
    """Group totals come from the exchange's own figures; the export prints millions."""
    checked = list(rows("hts_kospi_flows.csv"))
    assert 20 == len(checked)
    for row in checked:
        answer = get_investor_trading(sample, market="KOSPI", session=date.fromisoformat(row["date"]))
        assert ["krx_market_copy"] == answer.sources[:1]
        printed = {group: int(row[label]) for group, label in PRINTED.items()}
        printed["institution"] = sum(int(row[label]) for label in (*LEAVES.values(), "국가·지자체"))
        for group, millions in printed.items():
            off = millions * MILLION - getattr(answer.investor_data, group).net_amount
            assert abs(off) <= 9 * MILLION, (row["date"], group, off)


def test_sub_types_of_kospi_are_those_of_the_hts_export(sample: Archive) -> None:
    for row in rows("hts_kospi_flows.csv"):
        answer = get_investor_trading(sample, market="KOSPI", session=date.fromisoformat(row["date"]))
        assert answer.investor_data.institution is not None
        inside = answer.investor_data.institution.sub_categories
        assert inside is not None and "hts_export" in answer.sources
        for leaf, label in LEAVES.items():
            assert int(row[label]) * MILLION == getattr(inside, leaf), (row["date"], leaf)


@pytest.mark.parametrize("market", ["KOSPI", "KOSDAQ", "ALL"])
@pytest.mark.parametrize("period", ["1D", "5D", "20D", "60D"])
def test_groups_of_the_sample_close_wherever_all_four_exist(sample: Archive, market: str, period: str) -> None:
    answer = get_investor_trading(sample, market=market, period=period, session=date(2026, 5, 29))  # type: ignore[arg-type]
    nets = [getattr(answer.investor_data, group).net_amount for group in investors.GROUPS]
    assert 0 == sum(nets)
    assert answer.data_quality.closure_ok is True


def test_a_missing_session_of_the_sample_is_reported_and_not_summed_over(sample: Archive) -> None:
    """Most stocks have no flows for several weeks around the turn of 2026 (a defect of the collected files)."""
    answer = get_investor_trading(sample, stock_code="000660", period="60D", session=date(2026, 2, 13))
    assert answer.data_quality.missing_rows > 0
    assert answer.investor_data.foreign is not None and answer.investor_data.foreign.net_volume is None
