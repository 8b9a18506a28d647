"""Files that a member saves by hand on the pages of KRX: cp949, Korean headings, no day inside."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sugeup import records
from sugeup.archive import Archive
from sugeup.errors import Refused
from sugeup.jobs.importing import import_files
from sugeup.market import investors
from sugeup.specifications import specification
from tests.support.lakes import archive_in
from tests.support.sandboxes import market

HEADINGS = specification("krx_login")["downloads"]
KRX = specification("krx_login")["investors"]
DAY = date(2025, 6, 2)
LATER = datetime(2025, 6, 13, 12, 0, tzinfo=UTC)
LEAVES = {str(leaf.krx): leaf.id for leaf in investors.LEAVES}
Truth = dict[str, Any]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return archive_in(tmp_path / "lake", LATER)


def put(folder: Path, screen: str, rows: Sequence[Sequence[object]], name: str, encoding: str = "cp949") -> Path:
    """A file as the site writes it: headings bare, values in quotes."""
    text = io.StringIO()
    text.write(",".join(HEADINGS[screen]) + "\n")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    path = folder / name
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def truth(dataset: str) -> list[Truth]:
    return market().rows(dataset, DAY, DAY).to_dicts()


def stored(archive: Archive, dataset: str) -> pl.DataFrame:
    """What is stored, held against the truth in every column that the truth has."""
    declared = records.dataset(dataset)
    wanted = market().rows(dataset, DAY, DAY)
    names = [*declared.key[:2], *(name for name in declared.measures if name in wanted.columns)]
    return archive.read(dataset).select(names)


def bars(folder: Path, name: str = "data_2711_20250613.csv", change: dict[str, Any] | None = None) -> Path:
    rows = [
        [
            one["code"], "이름", "KOSPI", "", one["raw_close"], one["raw_close"] - one["base_price"], "0.00",
            one["raw_open"] or 0, one["raw_high"] or 0, one["raw_low"] or 0, one["volume"], one["amount"],
            one["market_cap"], one["listed_shares"],
        ]
        for one in (row | (change or {}) for row in truth("daily_bars"))
    ]  # fmt: skip
    return put(folder, "12001", rows, name)


def purchases(folder: Path, *, left_out: tuple[str, ...] = ("7050",), changed: str = "") -> list[Path]:
    """A file for each investor, of those who traded a stock; one of the figures of `changed` is another."""
    found = []
    for code, korean in KRX.items():
        if code in left_out:
            continue
        rows: list[list[object]] = []
        for one in truth("investor_day_stock"):
            names = LEAVES.values() if code == "9999" else (LEAVES[code],)
            sold, bought, took, paid = (
                sum(one[f"{name}_{side}_{measure}"] for name in names)
                for measure in ("volume", "amount")
                for side in ("sell", "buy")
            )
            if code == changed and not rows:
                bought, sold = bought + 1, sold + 1
            if sold or bought:
                rows.append([one["code"], "이름", sold, bought, bought - sold, took, paid, paid - took])
        found.append(put(folder, "12010", rows, f"{korean.replace(' ', '')}_20250613.csv"))
    return found


def test_prices_of_a_day_are_stored_as_they_were(archive: Archive, tmp_path: Path) -> None:
    report = import_files(archive, [bars(tmp_path)], session=DAY)
    assert (40, 0) == (report.stored, report.rejected.height)
    wanted = market().rows("daily_bars", DAY, DAY)
    found = stored(archive, "daily_bars")
    assert_frame_equal(wanted.select(found.columns).sort("code"), found.sort("code"))
    held = archive.read("daily_bars")
    assert ({"krx_download"}, {"KRX"}, {True}) == (set(held["source"]), set(held["venue"]), set(held["final"]))
    assert 0 == import_files(archive, [bars(tmp_path)], session=DAY).stored


def test_a_file_without_a_day_says_what_to_give(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"no column says of which day.*20250613.*saved.*--session 2026-11-20"):
        import_files(archive, [bars(tmp_path)])
    assert archive.read("daily_bars").is_empty()


def test_a_day_that_is_no_session_is_rejected_row_by_row(archive: Archive, tmp_path: Path) -> None:
    report = import_files(archive, [bars(tmp_path)], session=date(2025, 6, 3))
    assert (0, 40) == (report.stored, report.rejected.height)
    assert "no exchange session" in report.rejected["reason"][0]


def test_a_named_day_is_for_files_of_the_pages_alone(archive: Archive, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("code,session,foreign_net_volume\n005930,2025-06-02,5\n")
    with pytest.raises(Refused, match="none of those that are saved on the pages of KRX"):
        import_files(archive, [own], session=DAY)


def test_a_row_of_a_stock_is_made_of_a_file_for_each_investor(archive: Archive, tmp_path: Path) -> None:
    report = import_files(archive, purchases(tmp_path), session=DAY)
    assert (39, 0, 1) == (report.stored, report.rejected.height, len(report.tables))
    found = stored(archive, "investor_day_stock")
    wanted = market().rows("investor_day_stock", DAY, DAY).select(found.columns)
    assert_frame_equal(wanted.sort("code"), found.sort("code"))


def test_without_the_file_of_the_state_it_is_null_where_the_others_add_up(archive: Archive, tmp_path: Path) -> None:
    """Where the state traded they do not, and the stock is rejected: nobody's figures are made up."""
    report = import_files(archive, purchases(tmp_path, left_out=("7050", "7000")), session=DAY)
    alone = {
        one["code"]
        for one in truth("investor_day_stock")
        if one["government_buy_volume"] or one["government_sell_volume"]
    }
    assert 39 - len(alone) == report.stored
    held = archive.read("investor_day_stock")
    assert held["government_net_amount"].is_null().all() and alone.isdisjoint(held["code"])


def test_a_missing_investor_is_named(archive: Archive, tmp_path: Path) -> None:
    files = [one for one in purchases(tmp_path) if not one.name.startswith(("보험", "전체"))]
    with pytest.raises(Refused, match=r"missing: 전체, 보험.*in one command"):
        import_files(archive, files, session=DAY)
    assert archive.read("investor_day_stock").is_empty()


def test_a_stock_whose_investors_do_not_add_up_is_rejected_and_the_others_are_stored(
    archive: Archive, tmp_path: Path
) -> None:
    report = import_files(archive, purchases(tmp_path, changed="8000"), session=DAY)
    assert (38, 1) == (report.stored, report.rejected.height)
    assert "do not add to 전체" in report.rejected["reason"][0]


@pytest.mark.parametrize(
    ("name", "said"),
    [("data_1_20250613.csv", "no investor"), ("개인과 보험.csv", "more than one investor: 2000, 8000")],
)
def test_a_name_that_does_not_say_the_investor_is_told_how_to(
    archive: Archive, tmp_path: Path, name: str, said: str
) -> None:
    purchases(tmp_path)
    (tmp_path / "개인_20250613.csv").rename(tmp_path / name)
    with pytest.raises(Refused, match=rf"{said}.*rename it"):
        import_files(archive, sorted(tmp_path.glob("*.csv")), session=DAY)


def test_names_that_a_mac_spells_in_parts_are_read(archive: Archive, tmp_path: Path) -> None:
    files = []
    for path in purchases(tmp_path):
        files.append(path.rename(tmp_path / unicodedata.normalize("NFD", path.name)))
    assert 39 == import_files(archive, files, session=DAY).stored


def test_foreign_holdings_have_the_limit_and_its_exact_use(archive: Archive, tmp_path: Path) -> None:
    rows = [
        [one["code"], "이름", 0, 0, 0, one["listed_shares"], one["held_shares"], 1.0, one["limit_shares"], 1.0]
        for one in truth("foreign_holding")
    ]
    rows.append(["000001", "이름", "-", "", "", 10, "-", "-", "-", "-"])
    report = import_files(archive, [put(tmp_path, "12023", rows, "data_1_20250613.csv")], session=DAY)
    assert (40, 0) == (report.stored, report.rejected.height)
    held = archive.read("foreign_holding")
    exact = held.select((100 * pl.col("held_shares") / pl.col("limit_shares")).alias("limit_use_pct"))
    assert_frame_equal(exact, held.select("limit_use_pct"))


def test_short_sales_are_of_stocks_that_traded(archive: Archive, tmp_path: Path) -> None:
    traded = {one["code"]: one["volume"] for one in truth("daily_bars")}
    short = {one["code"]: one for one in truth("short_day")}
    rows = [
        [code, "이름", short.get(code, {}).get("short_volume", 0), 0, 0, volume, 0.0,
         short.get(code, {}).get("short_amount", 0), 0, 0, 0, 0.0]
        for code, volume in traded.items()
    ]  # fmt: skip
    report = import_files(archive, [put(tmp_path, "32001", rows, "공매도.csv", "utf-8-sig")], session=DAY)
    found = stored(archive, "short_day")
    assert_frame_equal(market().rows("short_day", DAY, DAY).select(found.columns).sort("code"), found.sort("code"))
    assert {"stock that did not trade": 1} == dict(report.tables[0].left_out)


def test_balances_of_zero_throughout_are_not_published_yet(archive: Archive, tmp_path: Path) -> None:
    rows = [
        [one["code"], "이름", one["balance_shares"], one["listed_shares"], one["balance_amount"], 0, 0.0]
        for one in truth("short_balance")
    ]
    zeros = [[row[0], row[1], 0, row[3], 0, 0, 0.0] for row in rows]
    report = import_files(archive, [put(tmp_path, "33001", zeros, "data_1_20250613.csv")], session=DAY)
    assert (0, [40]) == (report.stored, list(report.tables[0].left_out.values()))
    import_files(archive, [put(tmp_path, "33001", rows, "data_1_20250613.csv")], session=DAY)
    found = stored(archive, "short_balance")
    assert_frame_equal(market().rows("short_balance", DAY, DAY).select(found.columns).sort("code"), found.sort("code"))


def by_day(folder: Path, side: str, measure: str, name: str, add: int = 0) -> Path:
    rows = []
    for one in market().rows("investor_day_market", date(2025, 5, 28), DAY, ["KOSPI"]).to_dicts():
        order = specification("krx_login")["endpoints"]["krx_login_market_investors"]["order"]
        by_korean = {leaf.korean.replace(" ", ""): leaf.id for leaf in investors.LEAVES}
        figures = [one[f"{by_korean[korean.replace(' ', '')]}_{side}_{measure}"] for korean in order]
        figures[6] += one[f"government_{side}_{measure}"]
        rows.append([f"{one['session']:%Y/%m/%d}", *figures, sum(figures) + add])
    return put(folder, "12009", rows, name)


def test_a_market_by_day_says_its_days_and_its_name_the_rest(archive: Archive, tmp_path: Path) -> None:
    files = [
        by_day(tmp_path, side, measure, f"KOSPI {korean} {unit}.csv")
        for side, korean in (("buy", "매수"), ("sell", "매도"))
        for measure, unit in (("amount", "거래대금"), ("volume", "거래량"))
    ]
    report = import_files(archive, files)
    assert (4, 0) == (report.stored, report.rejected.height)
    row = archive.read("investor_day_market").filter(pl.col("session") == DAY).to_dicts()[0]
    wanted = market().rows("investor_day_market", DAY, DAY, ["KOSPI"]).to_dicts()[0]
    for name in ("individual", "foreign", "foreign_other", "institution", "bank", "other_corporation"):
        for measure in investors.MEASURES:
            for side in investors.SIDES:
                column = investors.column(name, side, measure)
                assert wanted[column] == row[column], column
    assert row["government_net_amount"] is None
    with pytest.raises(Refused, match="says in every row"):
        import_files(archive, files, session=DAY)


def test_net_purchases_of_a_market_alone_fill_the_net_alone(archive: Archive, tmp_path: Path) -> None:
    import_files(archive, [by_day(tmp_path, "net", "amount", "코스피_순매수_거래대금.csv")])
    row = archive.read("investor_day_market").filter(pl.col("session") == DAY).to_dicts()[0]
    assert row["individual_net_amount"] is not None and row["individual_buy_amount"] is None


def test_a_market_s_row_that_does_not_add_up_is_rejected(archive: Archive, tmp_path: Path) -> None:
    report = import_files(archive, [by_day(tmp_path, "net", "amount", "코스피 순매수 거래대금.csv", add=1)])
    assert (0, True) == (report.stored, report.rejected.height > 0)


def test_a_file_of_the_same_evening_is_provisional(tmp_path: Path) -> None:
    """Saved before the morning on which such figures are settled, it is known when it is imported."""
    evening = datetime(2025, 6, 2, 10, 0, tzinfo=UTC)
    archive = archive_in(tmp_path / "lake", evening)
    import_files(archive, purchases(tmp_path), session=DAY)
    held = archive.read("investor_day_stock")
    assert (39, {False}, {evening}) == (held.height, set(held["final"]), set(held["known_at"]))
    later = archive_in(tmp_path / "lake", LATER)
    assert 39 == import_files(later, purchases(tmp_path), session=DAY).stored
    assert later.read("investor_day_stock")["final"].all()
