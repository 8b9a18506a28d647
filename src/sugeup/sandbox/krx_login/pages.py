"""The pages of single days: prices, foreign holdings, short sales and balances of every stock of a market."""

from __future__ import annotations

from datetime import date

from sugeup.sandbox.krx_login.desk import NOTHING, Desk, Row, share, whole

SIGNS = {1: "1", -1: "2", 0: "3"}


def prices(desk: Desk) -> list[Row]:
    """전체 시세 of a day: dashes on a day that is no session, nothing of a day that is not over."""
    day = desk.dated("trdDd")
    if day is None or day > desk.moment.day:
        return []
    if not desk.over(day):
        return [] if desk.moment.trades and day == desk.moment.day else [_unpriced(desk, code) for code in _now(desk)]
    bars = desk.figures.day("daily_bars", day)
    found = []
    for code in desk.codes(day):
        bar = bars.get(code)
        if bar is None:
            continue
        change = bar["raw_close"] - bar["base_price"]
        found.append(
            _named(desk, code)
            | {
                "TDD_CLSPRC": whole(bar["raw_close"]),
                "FLUC_TP_CD": SIGNS[(change > 0) - (change < 0)],
                "CMPPREVDD_PRC": whole(change),
                "FLUC_RT": share(change, bar["base_price"]),
                "TDD_OPNPRC": whole(bar["raw_open"] or 0),
                "TDD_HGPRC": whole(bar["raw_high"] or 0),
                "TDD_LWPRC": whole(bar["raw_low"] or 0),
                "ACC_TRDVOL": whole(bar["volume"]),
                "ACC_TRDVAL": whole(bar["amount"]),
                "MKTCAP": whole(bar["market_cap"]),
                "LIST_SHRS": whole(bar["listed_shares"]),
            }
        )
    return found


def foreign(desk: Desk) -> list[Row]:
    """외국인 보유량 at the end of a day, from the next morning on."""
    day = desk.dated("trdDd")
    if day is None or not desk.morning(day):
        return []
    rows, bars = desk.figures.day("foreign_holding", day), desk.figures.day("daily_bars", day)
    return [
        {
            "ISU_SRT_CD": code,
            "ISU_ABBRV": desk.name(code),
            "TDD_CLSPRC": whole(bars[code]["raw_close"]) if code in bars else NOTHING,
            "LIST_SHRS": whole(rows[code]["listed_shares"]),
            "FORN_HD_QTY": whole(rows[code]["held_shares"]),
            "FORN_SHR_RT": share(rows[code]["held_shares"], rows[code]["listed_shares"]),
            "FORN_ORD_LMT_QTY": whole(rows[code]["limit_shares"]),
            "FORN_LMT_EXHST_RT": share(rows[code]["held_shares"], rows[code]["limit_shares"]),
        }
        for code in desk.codes(day)
        if code in rows
    ]


def short_trades(desk: Desk) -> list[Row]:
    """공매도 거래 of a day, in its evening; a stock without a short sale has zeros."""
    day = desk.dated("trdDd")
    if day is None or not desk.over(day) or not desk.evening(day):
        return []
    rows, bars = desk.figures.day("short_day", day), desk.figures.day("daily_bars", day)
    found = []
    for code in desk.codes(day):
        bar, row = bars.get(code), rows.get(code)
        if bar is None:
            continue
        volume, amount = (row["short_volume"], row["short_amount"]) if row else (0, 0)
        found.append(
            {
                "ISU_CD": code,
                "ISU_ABBRV": desk.name(code),
                "SECUGRP_NM": "주권",
                "CVSRTSELL_TRDVOL": whole(volume),
                "ACC_TRDVOL": whole(bar["volume"]),
                "TRDVOL_WT": share(volume, bar["volume"]),
                "CVSRTSELL_TRDVAL": whole(amount),
                "ACC_TRDVAL": whole(bar["amount"]),
                "TRDVAL_WT": share(amount, bar["amount"]),
            }
        )
    return found


def short_balances(desk: Desk) -> list[Row]:
    """공매도 잔고 at the end of a day: zeros while it is not published, as life has it."""
    day = desk.dated("trdDd")
    if day is None or not desk.over(day):
        return []
    rows, bars = desk.figures.day("short_balance", day), desk.figures.day("daily_bars", day)
    public = desk.evening(day, lag=3)
    found = []
    for code in desk.codes(day):
        row, bar = rows.get(code), bars.get(code)
        if row is None or bar is None:
            continue
        held, worth = (row["balance_shares"], row["balance_amount"]) if public else (0, 0)
        found.append(
            {
                "ISU_CD": code,
                "ISU_ABBRV": desk.name(code),
                "BAL_QTY": whole(held),
                "LIST_SHRS": whole(row["listed_shares"]),
                "BAL_AMT": whole(worth),
                "MKTCAP": whole(bar["market_cap"]),
                "BAL_RTO": share(held, row["listed_shares"]),
            }
        )
    return found


def _now(desk: Desk) -> list[str]:
    newest: date | None = desk.moment.closed
    return [] if newest is None else desk.codes(newest)


def _named(desk: Desk, code: str) -> Row:
    return {
        "ISU_SRT_CD": code,
        "ISU_ABBRV": desk.name(code),
        "MKT_NM": desk.market,
        "SECT_TP_NM": "",
        "MKT_ID": desk.given.get("mktId", ""),
    }


def _unpriced(desk: Desk, code: str) -> Row:
    names = (
        "TDD_CLSPRC", "FLUC_TP_CD", "CMPPREVDD_PRC", "FLUC_RT", "TDD_OPNPRC", "TDD_HGPRC", "TDD_LWPRC", "ACC_TRDVOL",
        "ACC_TRDVAL", "MKTCAP", "LIST_SHRS",
    )  # fmt: skip
    return _named(desk, code) | dict.fromkeys(names, NOTHING)
