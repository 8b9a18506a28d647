"""기간별시세: bars of a stock by day, week, month and year, raw or on the scale of today (수정주가)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sugeup.sandbox.board import Quote
from sugeup.sandbox.figures import Found
from sugeup.sandbox.kis.desk import NXT, Blocks, Desk, changes
from sugeup.sandbox.kis.envelope import EOK, Row, day, hundredths, share, sign, units, whole

PERIODS: dict[str, Callable[[date], Any]] = {
    "W": lambda at: at.isocalendar()[:2],
    "M": lambda at: (at.year, at.month),
    "Y": lambda at: at.year,
}
DAYS_SHOWN = 100
_DROPPED = {"RIGHTS": "01", "DIVIDEND": "02"}


def inquire_daily_itemchartprice(desk: Desk) -> Blocks:
    """Bars of days, weeks, months or years between two dates: the newest hundred of them."""
    code, output1 = desk.code, desk.empty("output1")
    quote = desk.quote(code) if code else None
    if quote is not None:
        output1 |= _snapshot(desk, code, quote)
    if not code or desk.venue == NXT:
        return {"output1": output1, "output2": []}
    first, last = desk.dated("FID_INPUT_DATE_1"), desk.dated("FID_INPUT_DATE_2")
    period = desk.given["FID_PERIOD_DIV_CODE"]
    rows = desk.bars(code, first, last, DAYS_SHOWN if period == "D" else None)
    if desk.given["FID_ORG_ADJ_PRC"] == "0":
        rows = adjusted(desk, code, rows)
    if period != "D":
        rows = grouped(rows, period)[:DAYS_SHOWN]
    actions = {row["effective_session"]: row for row in desk.figures.actions.get(code, ())}
    return {"output1": output1, "output2": [_bar(desk, row, actions.get(row["session"])) for row in rows]}


def _snapshot(desk: Desk, code: str, quote: Quote) -> Row:
    stock = desk.figures.known(code, desk.moment.day) or {}
    before = desk.figures.stock("daily_bars", code).before(quote.session) or {}
    return {
        **changes(quote.price, quote.base, quote.limit),
        "stck_prdy_clpr": whole(quote.previous),
        "acml_vol": whole(quote.volume),
        "acml_tr_pbmn": whole(quote.amount),
        "hts_kor_isnm": str(stock["name"]),
        "stck_prpr": whole(quote.price),
        "stck_shrn_iscd": code,
        "prdy_vol": whole(quote.previous_volume),
        "stck_mxpr": whole(quote.upper),
        "stck_llam": whole(quote.lower),
        "stck_oprc": whole(quote.open),
        "stck_hgpr": whole(quote.high),
        "stck_lwpr": whole(quote.low),
        "stck_prdy_oprc": whole(before.get("raw_open") or 0),
        "stck_prdy_hgpr": whole(before.get("raw_high") or 0),
        "stck_prdy_lwpr": whole(before.get("raw_low") or 0),
        "prdy_vrss_vol": whole(quote.volume - quote.previous_volume),
        "vol_tnrt": share(quote.volume, quote.listed_shares),
        "stck_fcam": whole(stock["par_amount"]),
        "lstn_stcn": whole(quote.listed_shares),
        "cpfn": units(int(stock["par_amount"]) * quote.listed_shares, EOK),
        "hts_avls": units(quote.price * quote.listed_shares, EOK),
    }


def _bar(desk: Desk, row: Found, action: Found | None) -> Row:
    change = row["raw_close"] - row["base_price"]
    return desk.empty("output2") | {
        "stck_bsop_date": day(row["session"]),
        "stck_clpr": whole(row["raw_close"]),
        "stck_oprc": whole(row["raw_open"] or 0),
        "stck_hgpr": whole(row["raw_high"] or 0),
        "stck_lwpr": whole(row["raw_low"] or 0),
        "acml_vol": whole(row["volume"]),
        "acml_tr_pbmn": whole(row["amount"]),
        "flng_cls_code": _DROPPED.get(action["kind"], "00") if action else "00",
        "prtt_rate": hundredths(action["share_factor"] if action else 0.0),
        "mod_yn": "Y" if action else "N",
        "prdy_vrss_sign": sign(change),
        "prdy_vrss": whole(change),
    }


def adjusted(desk: Desk, code: str, rows: Sequence[Found]) -> list[Found]:
    """Bars on the scale of today (수정주가), for the actions that have taken effect by now."""
    done = [row for row in desk.figures.actions.get(code, ()) if row["effective_session"] <= desk.moment.day]
    if not done:
        return list(rows)
    found = []
    for row in rows:
        price, shares = 1.0, 1.0
        for action in done:
            if action["effective_session"] > row["session"]:
                price *= action["price_factor"]
                shares *= action["share_factor"]
        scaled: dict[str, Any] = {
            name: None if row[name] is None else int(row[name] * price + 0.5)
            for name in ("raw_open", "raw_high", "raw_low", "raw_close", "base_price")
        }
        found.append(row | scaled | {"volume": int(row["volume"] * shares + 0.5)})
    return found


def grouped(rows: Sequence[Found], period: str) -> list[Found]:
    """Bars of weeks (W), months (M) or years (Y) out of days, newest first, dated by their last session."""
    groups: dict[Any, list[Found]] = {}
    for row in rows:
        key: date = row["session"]
        groups.setdefault(PERIODS[period](key), []).append(row)
    found = []
    for days in groups.values():
        traded = [row for row in days if row["raw_open"]] or [days[0]]
        found.append(
            days[0]
            | {
                "raw_open": traded[-1]["raw_open"],
                "raw_high": max(row["raw_high"] or row["raw_close"] for row in traded),
                "raw_low": min(row["raw_low"] or row["raw_close"] for row in traded),
                "base_price": days[-1]["base_price"],
                "volume": sum(row["volume"] or 0 for row in days),
                "amount": sum(row["amount"] or 0 for row in days),
            }
        )
    return found
