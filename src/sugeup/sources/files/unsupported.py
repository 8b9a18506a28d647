"""Known files that are not taken, each with the reason: adjusted prices, several sessions in one row, or no dataset."""

from __future__ import annotations

from sugeup.sources.files.layout import Layout

ADJUSTED = (
    "its prices are adjusted (수정주가), which change with every later event and are never stored; "
    "prices that are raw may be given in our columns: code, session, raw_open, raw_high, raw_low, raw_close, volume"
)
SUMMED = "its rows are sums over several sessions, which cannot be split into days; give one row per code and session"
NO_DATASET = "this file is a known one, but sugeup stores no dataset for it"


def _refused(name: str, title: str, columns: str, reason: str) -> Layout:
    return Layout(name, title, dict.fromkeys(columns.split()), refuse=reason)


_BAR = "open high low close volume"
LAYOUTS = (
    _refused("stocks_ohlcv", "종목 수정주가 일봉", f"date code {_BAR} ret_pct theme", ADJUSTED),
    _refused("close_kospi", "KOSPI 수정주가 종가", "date code name close ret_pct", ADJUSTED),
    _refused("ohlcv_allmarket", "전 종목 수정주가 일봉", f"date code {_BAR}", ADJUSTED),
    _refused(
        "stock_netbuy_private_equity",
        "사모펀드 종목별 누적 매매",
        "period investor code name sell_volume buy_volume net_volume sell_amount buy_amount net_amount",
        SUMMED,
    ),
    _refused(
        "derivatives_daily", "파생상품 투자자", "date product investor sell_amount buy_amount net_amount", NO_DATASET
    ),
    _refused(
        "market_funds_daily",
        "증시자금",
        "date 투자자예탁금 파생예수금 RP잔고 위탁매매미수금 반대매매금액 반대매매비중 "
        "신용융자 신용융자_유가 신용융자_코스닥 대주 대주_유가 대주_코스닥 "
        "청약자금대출 예탁증권담보융자 신용_예탁금배율 신용_대주비",
        NO_DATASET,
    ),
    _refused("vkospi_daily", "VKOSPI", "date VKOSPI VKOSPI_시가 VKOSPI_고가 VKOSPI_저가", NO_DATASET),
    _refused("theme_members", "테마 구성 종목", "theme name code", NO_DATASET),
    _refused("ticks", "체결", "seq ts code price volume side", NO_DATASET),
    _refused("minute_bars", "종목 1분봉", f"code ts {_BAR}", NO_DATASET),
    _refused("market_index_1min", "지수 1분", "ts market index change change_pct", NO_DATASET),
    _refused(
        "krx_allmarket_snapshots",
        "장중 전 종목 시세",
        "snapshot_ts date code open high low last volume amount",
        NO_DATASET,
    ),
    _refused(
        "stock_investor_estimates",
        "장중 투자자 추정",
        "ts estimated code name foreign_net institution_net individual_net",
        NO_DATASET,
    ),
    _refused(
        "program_by_investor",
        "투자자별 프로그램 매매",
        "ts market investor total_net_mn arbitrage_net_mn non_arbitrage_net_mn",
        NO_DATASET,
    ),
    _refused(
        "program_market_intraday",
        "시장 프로그램 매매",
        "ts market total_net_mn arbitrage_net_mn non_arbitrage_net_mn",
        NO_DATASET,
    ),
    _refused(
        "stock_program_intraday",
        "종목 프로그램 매매",
        "ts code foreign_est_qty institution_est_qty program_net_qty price change_pct",
        NO_DATASET,
    ),
    _refused("broker_doc_response_rows", "증권사 API 문서 예시", "source api tr_id row field value", NO_DATASET),
    Layout(
        "program_daily_example",
        "프로그램 매매 API 응답 예시",
        dict.fromkeys(("date", "arbt_smtn_ntby_qty", "nabt_smtn_ntby_qty", "whol_smtn_ntby_qty")),
        refuse=NO_DATASET,
        partial=True,
    ),
)
