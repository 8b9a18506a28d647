"""Known files that are not taken, each with the reason."""

from __future__ import annotations

from sugeup.sources.files.layout import Layout

ADJUSTED = (
    "its prices are adjusted (수정주가), which change with every later event and are never stored; "
    "prices that are raw may be given in our columns: code, session, raw_open, raw_high, raw_low, raw_close, volume"
)
SUMMED = "its rows are sums over several sessions, which cannot be split into days; give one row per code and session"
DELAYED = (
    "its rows are prices of the day so far, delayed by 20 minutes, at moments half an hour to an hour apart: neither "
    "bars of a minute, whose opening, highest and lowest price they do not hold, nor the bar of a day that has ended; "
    "give the end of the day in our columns of daily_bars"
)
BY_INVESTOR = (
    "its rows split program trading by investor at one moment, and no dataset does: program_minute_market holds the "
    "market's orders without an investor, and a sum over investors would be a figure that no source published"
)
EXAMPLE = (
    "its rows are examples printed in a broker's API manual, not figures that were collected of a session: {missing}"
)
_UNNAMED = "they do not even say of which market they are"
_UNTYPED = "answers of dozens of calls, one field a row, as text"


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
        "krx_allmarket_snapshots",
        "장중 전 종목 시세 (20분 지연)",
        "snapshot_ts date code open high low last volume amount",
        DELAYED,
    ),
    _refused(
        "program_by_investor",
        "투자자별 프로그램 매매",
        "ts market investor total_net_mn arbitrage_net_mn non_arbitrage_net_mn",
        BY_INVESTOR,
    ),
    _refused(
        "broker_doc_response_rows",
        "증권사 API 문서 예시",
        "source api tr_id row field value",
        EXAMPLE.format(missing=_UNTYPED),
    ),
    Layout(
        "program_daily_example",
        "프로그램 매매 API 응답 예시",
        dict.fromkeys(("date", "arbt_smtn_ntby_qty", "nabt_smtn_ntby_qty", "whol_smtn_ntby_qty")),
        refuse=EXAMPLE.format(missing=_UNNAMED),
        partial=True,
    ),
)
