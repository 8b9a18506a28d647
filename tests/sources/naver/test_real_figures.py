"""Figures of real sessions, written in the vendor's shape and read back: sums, units and checks hold on them.

No raw answers of the vendor are at hand; the figures are those that others copied from it or from a broker's screen.
They lie beside the repository; without them these tests cannot run, and say so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from sugeup import records
from sugeup.market.sessions import SEOUL
from sugeup.sources import checks, origins
from sugeup.sources.naver import NAVER
from sugeup.sources.vendor import Ask
from tests.sources.naver.answers import document, reply

EOK = 100_000_000
CODES = {
    "금융투자": "1000", "보험": "2000", "투신": "3000", "사모펀드": "3100", "은행": "4000", "기타금융": "5000",
    "연기금등": "6000", "국가/지자체": "7000", "기타법인": "7100", "개인": "8000", "외국인": "9000",
}  # fmt: skip
DAILY, TREND, HOLDING = (
    NAVER.endpoint(name) for name in ("naver_market_daily", "naver_stock_trend", "naver_stock_holding")
)
COLLECTION = Path(__file__).parents[3].parent / "shared" / "data"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=SEOUL).astimezone(UTC)


def real(name: str) -> pl.DataFrame:
    path = COLLECTION / name
    if not path.exists():
        pytest.skip(f"NOT TESTED: the shared collection of public figures is not beside the repository: no {name}")
    return pl.read_parquet(path)


def test_copied_groups_and_holdings_of_221_stocks_come_back_and_pass_the_checks() -> None:
    frame = real("investor/stock_daily_foreign_inst.parquet").with_columns(pl.col("date").cast(pl.Date))
    read = 0
    for (code,), part in frame.sort("date", descending=True).group_by(["code"], maintain_order=True):
        rows = [
            {
                "itemCode": code,
                "bizdate": f"{one['date']:%Y%m%d}",
                "closePrice": str(one["close"]),
                "tradeVolume": str(one["volume"]),
                "organPureBuyQuant": str(one["inst_net_volume"]),
                "individualPureBuyQuant": "",
                "foreignerPureBuyQuant": str(one["foreign_net_volume"]),
                "frgnStock": str(one["foreign_holding_shares"]),
                "frgnHoldRatio": str(one["foreign_holding_pct"]),
            }
            for one in part.iter_rows(named=True)
        ]
        asked = Ask((str(code),), part["date"].min(), part["date"].max())  # type: ignore[arg-type]
        for endpoint, columns in (
            (TREND, {"inst_net_volume": "institution_net_volume", "foreign_net_volume": "foreign_net_volume"}),
            (HOLDING, {"foreign_holding_shares": "held_shares"}),
        ):
            found = endpoint.parse(asked, reply(document(endpoint, rows), NOW))
            checked = checks.check(records.dataset(endpoint.dataset), found.frame, checks.Context(NOW))
            assert [] == [*found.faults.rows(), *checked.faults.rows()]
            both = checked.frame.join(part, left_on="session", right_on="date", how="inner", suffix="_copied")
            assert both.height == checked.frame.height
            for theirs, ours in columns.items():
                wanted = both[f"{theirs}_copied"] if f"{theirs}_copied" in both.columns else both[theirs]
                assert wanted.to_list() == both[ours].to_list()
            read += both.height
    assert read > 15_000


def test_both_sides_of_real_days_add_to_the_printed_sum_and_pass_the_checks_of_size() -> None:
    frame = real("intraday/market_investor_1min.parquet")
    last = frame.filter(pl.col("ts") == pl.col("ts").max().over("market", pl.col("ts").dt.date()))
    days = 0
    for (market, day), part in last.group_by(["market", pl.col("ts").dt.date().alias("day")], maintain_order=True):
        figures = {one["investor"]: one for one in part.iter_rows(named=True)}
        if not CODES.keys() <= figures.keys() or "기관계" not in figures:
            continue
        assert isinstance(day, date)
        amounts = [
            {
                "investorGubun": code,
                "buyPrice": str(figures[name]["buy_eok"] * EOK),
                "sellPrice": str(figures[name]["sell_eok"] * EOK),
                "diffValue": str((figures[name]["buy_eok"] - figures[name]["sell_eok"]) * EOK),
                "buyQuant": "",
                "sellQuant": "",
            }
            for name, code in CODES.items()
        ]
        rows = [{"bizdate": f"{day:%Y%m%d}", "time": "", "netAmounts": amounts}]
        found = DAILY.parse(Ask((str(market),), day, day), reply(document(DAILY, rows), NOW))
        origin = origins()[DAILY.source]
        context = checks.Context(NOW, unit_won=origin.unit_won, unit_shares=origin.unit_shares)
        checked = checks.check(records.dataset(DAILY.dataset), found.frame, context)
        assert ([], 1) == (checked.faults.rows(), checked.frame.height)
        row = checked.frame.row(0, named=True)
        for side in ("buy", "sell"):
            printed = figures["기관계"][f"{side}_eok"] * EOK
            assert abs(row[f"institution_{side}_amount"] - printed) <= 8 * EOK, (market, day, side)
        assert row["individual_net_amount"] == row["individual_buy_amount"] - row["individual_sell_amount"]
        days += 1
    assert days > 20
