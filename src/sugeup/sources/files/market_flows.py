"""Market-level investor flows by day: copies of the exchange's figures, an HTS export and a portal's table.

All four files are long, one row per date, market and investor, in won. What each 외국인 and 투신 holds differs by file
and is settled here: a sum never fills a leaf, a leaf that sits inside another is null.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from sugeup.market import investors
from sugeup.records import Kind, Origin, Standing
from sugeup.sources.files.layout import EOK, MILLION, Labels, Layout, Rows, Table, faults, without
from sugeup.sources.files.wide import widen

OUT_OF_HISTORY = "OUT_OF_HISTORY: before 2005-01-03, where the trading calendar begins"
_HISTORY_FROM = date(2005, 1, 3)
_GOVERNMENT_UNTIL = date(2018, 12, 7)
_NET = {"net_amount": ("net", "amount")}
_DATED = {"date": Kind.DATE, "market": Kind.TEXT, "investor": Kind.TEXT, "net_amount": Kind.INTEGER}
_GROUP = ("date", "market")

_TOTALS: dict[str, str | None] = {
    "개인": "individual",
    "외국인합계": "foreign",
    "기관계": "institution",
    "기타법인": "other_corporation",
}
_COMMON: dict[str, str | None] = {
    "개인": "individual",
    "외국인": "foreign",
    "기관계": "institution",
    "금융투자": "financial_investment",
    "보험": "insurance",
    "은행": "bank",
    "기타금융": "other_financial",
    "연기금등": "pension_fund",
}
_HTS: dict[str, str | None] = _COMMON | {
    "투신": "investment_trust",
    "사모펀드": "private_fund",
    "국가·지자체": "government",
    "기타법인+기타": "other_corporation",
}
_NAVER: dict[str, str | None] = _COMMON | {"투신(사모 포함)": None, "기타법인": "other_corporation"}


def _keyed(rows: Rows) -> Rows:
    return Rows(rows.frame.rename({"date": "session"}), rows.left_out, rows.faults)


def totals(frame: pl.DataFrame) -> Rows:
    """Four group nets; 외국인합계 fills the sum `foreign` only. Row: 2005-01-03, KOSDAQ, 개인, -4049825335."""
    return _keyed(widen(frame, _GROUP, _TOTALS, _NET))


def both_sides(frame: pl.DataFrame) -> Rows:
    """Buy, sell and net of the four groups with ETF, ETN and ELW; 전체 (always net 0) is dropped."""
    sides = {"buy_amount": ("buy", "amount"), "sell_amount": ("sell", "amount"), "net_amount": ("net", "amount")}
    return _keyed(widen(frame, _GROUP, _TOTALS | {"전체": None}, sides))


def hts_details(frame: pl.DataFrame) -> Rows:
    """Groups and eight institution leaves; 기관계 is ours, the sum of eight leaves. Row: 2005-01-03, KOSPI, 투신, ….

    Until 2012-07-13 the export's 기관계 lacks 국가·지자체, later it holds it: a row whose difference to the sum of the
    leaves is neither nothing nor 국가·지자체 is faulty. After 2018-12-07 국가·지자체 is 0 because it sits in 연기금등:
    null from then on.
    """
    covered = frame.filter(pl.col("date") >= _HISTORY_FROM)
    early = frame.height - covered.height
    wide = _keyed(widen(covered, _GROUP, _HTS, _NET))
    leaves = [investors.column(leaf, "net", "amount") for leaf in investors.members("institution")]
    ours = pl.sum_horizontal(leaves, ignore_nulls=False)
    printed, government = pl.col("institution_net_amount"), pl.col("government_net_amount")
    near = 9 * MILLION
    odd = faults(
        wide.frame,
        ((ours - printed).abs() > near) & ((ours - government - printed).abs() > near),
        "기관계 differs from the sum of its leaves by more than rounding and 국가·지자체",
        printed,
    )
    frame = without(wide.frame, odd).with_columns(
        pl.coalesce(ours, printed).alias("institution_net_amount"),
        pl.when(pl.col("session") <= _GOVERNMENT_UNTIL).then(government).alias("government_net_amount"),
    )
    left_out = dict(wide.left_out) | ({OUT_OF_HISTORY: early} if early else {})
    return Rows(frame, left_out, pl.concat([wide.faults, odd]))


def portal_details(frame: pl.DataFrame) -> Rows:
    """Groups and the leaves that the portal keeps apart; 투신(사모 포함) fills neither leaf."""
    return _keyed(widen(frame, _GROUP, _NAVER, _NET))


_FLOWS = "investor_day_market"
LAYOUTS = (
    Layout(
        "market_daily_net",
        "시장별 투자자 순매수 (4주체, 원)",
        _DATED,
        (Table(_FLOWS, totals, "krx_market_copy"),),
        Labels("investor", frozenset(_TOTALS)),
        _GROUP,
    ),
    Layout(
        "market_daily_detail_kospi",
        "KOSPI 투자자 세부 순매수 (HTS 저장분)",
        _DATED,
        (Table(_FLOWS, hts_details, "hts_export"),),
        Labels("investor", frozenset(_HTS)),
        _GROUP,
    ),
    Layout(
        "market_daily_detail_kospi_naver",
        "KOSPI 투자자 세부 순매수 (네이버 금융)",
        _DATED,
        (Table(_FLOWS, portal_details, "naver_market_copy"),),
        Labels("investor", frozenset(_NAVER)),
        _GROUP,
    ),
    Layout(
        "market_daily_buysell_kospi",
        "KOSPI 투자자 매수·매도 (ETF·ETN·ELW 포함)",
        _DATED | {"buy_amount": Kind.INTEGER, "sell_amount": Kind.INTEGER},
        (Table(_FLOWS, both_sides, "krx_market_all_copy", products="ALL"),),
        Labels("investor", frozenset(_TOTALS) | {"전체"}),
        _GROUP,
    ),
)
ORIGINS = (
    Origin(
        "krx_market_copy",
        "Copy of the exchange's investor totals by market",
        "거래소 시장별 투자자 합계 사본",
        Standing.EXCHANGE_FILE,
        notes={_FLOWS: "Net amounts of the four groups, exact to the won; leaves, buy and sell are not in the file."},
        provenance="yongsoo-choi0214/stock-dashboard data/flows.parquet@9418fddbdb42 (KRX)",
    ),
    Origin(
        "hts_export",
        "Export of a broker's home trading system, KOSPI by investor",
        "HTS 화면 저장분",
        Standing.HTS_EXPORT,
        unit_won=MILLION,
        notes={
            _FLOWS: "Printed in million won. 기관계 is computed as the sum of eight leaves. "
            "기타법인+기타 fills 기타법인 (within a million won of the exchange's on all but one of 4,677 sessions). "
            "국가·지자체 is null after 2018-12-07, when it sits in 연기금등. "
            "2022-08-08 differs from the final figures by 2.6 (개인) and 2.8 (기타법인) billion won."
        },
        provenance="tohichoi/kospi-investor-flow 시간별 일별동향_20251030_000958.xls@15ae58e171d5",
    ),
    Origin(
        "naver_market_copy",
        "Copy of a portal's KOSPI table by investor",
        "네이버 금융 투자자별 매매동향 사본",
        Standing.PORTAL_COPY,
        unit_won=EOK,
        notes={
            _FLOWS: "Rounded to 100 million won. 투신 and 사모 come as one figure and fill neither; "
            "국가·지자체 sits in 연기금등 and is null."
        },
        provenance="nextinvestment/kospi-flows data/market_flows.parquet@b78e5293c151 (Naver Finance)",
    ),
    Origin(
        "krx_market_all_copy",
        "Copy of the exchange's KOSPI totals with ETF, ETN and ELW",
        "거래소 시장별 투자자 매수·매도 사본 (ETF·ETN·ELW 포함)",
        Standing.EXCHANGE_FILE,
        unit_won=MILLION,
        notes={_FLOWS: "With ETF, ETN and ELW (products ALL): not comparable with stock-only rows. In million won."},
        provenance="PJS-creator/krx-kospi-investor-flow krx_kospi_investor_{sell,buy,net}_amt.csv@c2bde908852d",
    ),
)
