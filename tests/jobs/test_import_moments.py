"""Rows of moments, funds and memberships in our own columns: what is stored, and what is rejected with which reason."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sugeup.archive import Archive
from sugeup.jobs.importing import ImportReport, import_files

SLICES = Path(__file__).parents[1] / "fixtures" / "layouts"
DAY = "2026-02-13"
TICK = {"code": "005930", "session": DAY, "seq": 1, "at": f"{DAY}T10:00:01", "price": 181_000, "volume": 3, "side": 1}
BAR = {"code": "005930", "session": DAY, "at": f"{DAY}T10:00:00", "raw_open": 181_000, "raw_high": 182_000,
       "raw_low": 180_500, "raw_close": 181_000, "volume": 100, "amount": 18_120_000}  # fmt: skip
LEVEL = {"index_code": "KOSPI", "session": DAY, "at": f"{DAY}T10:00:00", "low": 5500.0, "close": 5500.1, "high": 5501.0}
TALLY = {"code": "005930", "session": DAY, "slot": 3, "foreign_net_volume": -5_000, "institution_net_volume": 2_000}
FUNDS = {"session": DAY, "deposits": 100 * 10**12, "receivables": 10**12, "loan_balance_amount": 30 * 10**12,
         "loan_balance_kospi_amount": 20 * 10**12, "loan_balance_kosdaq_amount": 10 * 10**12}  # fmt: skip
PROGRAM = {"market": "KOSPI", "session": DAY, "at": f"{DAY}T10:00:00", "program_net_amount": 3 * 10**9,
           "arbitrage_net_amount": -(10**9), "non_arbitrage_net_amount": 4 * 10**9}  # fmt: skip
OF_STOCK = {"code": "005930", "session": DAY, "at": f"{DAY}T10:00:00", "program_buy_volume": 10_000,
            "program_sell_volume": 4_000, "program_net_volume": 6_000}  # fmt: skip
MEMBER = {"code": "005930", "scheme": "WICS", "valid_from": "2026-02-28", "sector": "IT"}
STORED_DAY = {"code": "005930", "session": DAY, "raw_open": 180_000, "raw_high": 184_000, "raw_low": 179_000,
              "raw_close": 181_000, "volume": 1_000_000}  # fmt: skip


def taken(archive: Archive, folder: Path, *rows: dict[str, Any], **about: Any) -> ImportReport:
    path = folder / "given.csv"
    pl.DataFrame(list(rows), infer_schema_length=None).write_csv(path)
    return import_files(archive, [path], **about)


@pytest.mark.parametrize(
    ("dataset", "row"),
    [
        ("ticks", TICK), ("ticks", TICK | {"side": None}), ("minute_bars", BAR), ("index_minute", LEVEL),
        ("stock_estimate", TALLY), ("market_funds", FUNDS), ("program_minute_market", PROGRAM),
        ("program_minute_stock", OF_STOCK), ("sector_membership", MEMBER),
    ],
)  # fmt: skip
def test_a_right_row_is_stored_once(archive: Archive, tmp_path: Path, dataset: str, row: dict[str, Any]) -> None:
    report = taken(archive, tmp_path, row)
    assert (report.tables[0].dataset, report.stored, report.rejected.height) == (dataset, 1, 0)
    assert taken(archive, tmp_path, row).stored == 0
    assert archive.read(dataset).height == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (TICK | {"side": 2}, "side is not 1 (buyer), -1 (seller) or empty"),
        (TICK | {"volume": 0}, "volume is 0"),
        (TICK | {"price": 0}, "price is 0"),
        (TICK | {"price": ""}, "price is empty"),
        (TICK | {"price": 181_234}, "tick grid"),
        (TICK | {"seq": -1}, "seq is negative"),
        (TICK | {"at": f"{DAY}T08:59:59"}, "outside the hours 09:00 to 15:40"),
        (TICK | {"at": f"{DAY}T15:40:01"}, "outside the hours 09:00 to 15:40"),
        (TICK | {"at": f"{DAY}T16:00:00", "venue": "NXT", "hours": "TOTAL", "side": 5}, "side is not"),
        (TICK | {"at": f"{DAY}T20:01:00", "venue": "NXT"}, "outside the hours 08:00 to 20:00"),
        (TICK | {"at": "2026-02-12T10:00:01"}, "at is not on the day of the session"),
        (TICK | {"known_at": f"{DAY}T09:59:00"}, "known_at lies before at"),
        (TICK | {"session": "2026-02-14", "at": "2026-02-14T10:00:00"}, "weekend (Saturday)"),
        (BAR | {"raw_low": 183_000}, "raw_low is above raw_high"),
        (BAR | {"raw_close": 183_000}, "raw_close lies outside"),
        (BAR | {"raw_close": 181_010}, "tick grid"),
        (BAR | {"amount": 18}, "looks like million (백만) won"),
        (BAR | {"at": f"{DAY}T10:00:30"}, "not the start of a minute"),
        (LEVEL | {"close": 5502.0}, "close lies outside low to high"),
        (LEVEL | {"at": f"{DAY}T08:50:00"}, "outside the hours"),
        (TALLY | {"slot": 6}, "slot is not 1 to 5"),
        (TALLY | {"slot": 0}, "slot is not 1 to 5"),
        (TALLY | {"slot": 1}, "institution_net_volume is not published in slot 1"),
        (TALLY | {"slot": 2}, "foreign_net_volume is not published in slot 2"),
        (TALLY | {"final": "true"}, "always provisional"),
        (TALLY | {"known_at": f"{DAY}T11:09:00"}, "known_at lies before the slot's time"),
        (FUNDS | {"deposits": 100 * 10**6}, "deposits is not of a plausible size: the figure looks like million"),
        (FUNDS | {"deposits": 100 * 10**4}, "looks like hundred million (억) won"),
        (FUNDS | {"receivables": 10**9}, "looks like thousand (천) won"),
        (FUNDS | {"loan_balance_kosdaq_amount": 10**13 - 10**9}, "do not add to loan_balance_amount"),
        (FUNDS | {"session": "2025-12-31"}, "year-end"),
        (PROGRAM | {"arbitrage_net_amount": 10**9}, "do not add to program_net_amount"),
        (OF_STOCK | {"program_net_volume": 6_001}, "program_net_volume is not program_buy_volume minus"),
    ],
)
def test_a_wrong_row_is_rejected_with_the_reason(
    archive: Archive, tmp_path: Path, row: dict[str, Any], said: str
) -> None:
    report = taken(archive, tmp_path, row)
    assert said in report.rejected["reason"].item()
    assert report.stored == 0


def test_trades_are_ordered_in_time_and_each_has_its_place(archive: Archive, tmp_path: Path) -> None:
    report = taken(
        archive,
        tmp_path,
        TICK,
        TICK | {"seq": 2, "at": f"{DAY}T09:59:59"},
        TICK | {"seq": 3},
        TICK | {"code": "000660"},
    )
    assert report.rejected["row"].to_list() == [2]
    assert "smaller seq" in report.rejected["reason"].item()
    clash = taken(archive, tmp_path, TICK | {"seq": 9}, TICK | {"seq": 9, "volume": 8})
    assert "contradicts another row of the same code, session, seq" in clash.rejected["reason"][0]


def test_prices_of_a_moment_are_held_against_the_stored_day(archive: Archive, tmp_path: Path) -> None:
    taken(archive, tmp_path, STORED_DAY)
    report = taken(archive, tmp_path, TICK, TICK | {"seq": 2, "price": 185_000}, TICK | {"seq": 3, "price": 178_000})
    assert report.rejected["reason"].to_list() == ["price lies outside the prices of that day"] * 2
    bars = taken(archive, tmp_path, BAR, BAR | {"at": f"{DAY}T10:01:00", "raw_high": 184_500})
    assert bars.rejected["reason"].to_list() == ["raw_high lies outside the prices of that day"]
    after = TICK | {"seq": 4, "price": 185_000, "at": f"{DAY}T17:00:00", "hours": "TOTAL"}
    assert taken(archive, tmp_path, after).stored == 1


def test_program_amounts_of_a_stock_are_held_against_its_prices(archive: Archive, tmp_path: Path) -> None:
    taken(archive, tmp_path, STORED_DAY)
    wrong = OF_STOCK | {"program_buy_amount": 1_810_000}
    assert "looks like thousand (천) won" in taken(archive, tmp_path, wrong).rejected["reason"].item()
    assert taken(archive, tmp_path, OF_STOCK | {"program_buy_amount": 1_810_000_000}).stored == 1


def test_a_file_of_program_orders_in_million_won_is_rejected(archive: Archive, tmp_path: Path) -> None:
    small = PROGRAM | {"program_net_amount": 3, "arbitrage_net_amount": -1, "non_arbitrage_net_amount": 4}
    report = taken(archive, tmp_path, small, small | {"at": f"{DAY}T10:01:00"})
    assert report.rejected.height == 2
    assert "a wrong unit, give won" in report.rejected["reason"][0]


def test_a_stock_has_one_sector_in_a_scheme_but_any_number_of_themes(archive: Archive, tmp_path: Path) -> None:
    both = taken(archive, tmp_path, MEMBER, MEMBER | {"sector": "소재"})
    assert both.rejected.height == 2 and "a stock has one sector" in both.rejected["reason"][0]
    theme = MEMBER | {"scheme": "THEME"}
    assert taken(archive, tmp_path, MEMBER, theme, theme | {"sector": "2차전지"}).stored == 3
    assert taken(archive, tmp_path, MEMBER, theme, theme | {"sector": "2차전지"}).stored == 0
    later = taken(archive, tmp_path, MEMBER | {"sector": "소재"})
    assert "the store has the sector IT from that day on" in later.rejected["reason"].item()
    assert taken(archive, tmp_path, MEMBER | {"sector": "소재", "valid_from": "2026-03-02"}).stored == 1


def test_a_tally_without_a_stamp_is_known_after_its_slot_and_never_final(archive: Archive, tmp_path: Path) -> None:
    taken(archive, tmp_path, TALLY)
    stored = archive.read("stock_estimate").row(0, named=True)
    assert (stored["final"], stored["known_at"]) == (False, datetime(2026, 2, 13, 2, 30, tzinfo=UTC))
    assert archive.read("stock_estimate", as_of=datetime(2026, 2, 13, 2, 29, tzinfo=UTC)).is_empty()


def test_final_figures_replace_those_of_the_evening_and_both_are_kept_in_time(archive: Archive) -> None:
    import_files(archive, [SLICES / "stock_investor_estimates.csv"])
    evening = archive.read("investor_day_stock", scopes=["005930"]).row(0, named=True)
    assert (evening["final"], evening["institution_net_volume"]) == (False, 4_465_185)
    assert archive.read("investor_day_stock", as_of=datetime(2026, 2, 9, 13, 4, tzinfo=UTC)).is_empty()


def test_funds_are_read_by_year_and_replaced_as_one_row_a_session(archive: Archive, tmp_path: Path) -> None:
    taken(archive, tmp_path, FUNDS)
    report = taken(archive, tmp_path, FUNDS | {"deposits": 101 * 10**12})
    assert (report.tables[0].replaced, report.tables[0].added) == (1, 0)
    assert archive.read("market_funds")["deposits"].to_list() == [101 * 10**12]
    assert archive.coverage("market_funds")[0].scope == "KRX"
