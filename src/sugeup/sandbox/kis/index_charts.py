"""업종 차트: levels of an index by day and by minute, newest first."""

from __future__ import annotations

from datetime import date

from sugeup.sandbox.figures import Found
from sugeup.sandbox.kis.bars import grouped
from sugeup.sandbox.kis.desk import INDICES, Blocks, Desk
from sugeup.sandbox.kis.envelope import MILLION, THOUSAND, Row, day, hundredths, minute, units
from sugeup.sandbox.kis.index import changed, index_name, level
from sugeup.sandbox.moment import State

DAYS_SHOWN = 50
MINUTES_SHOWN = 102
_CLOSING = 15 * 60 + 30


def _chart_head(desk: Desk, code: str) -> Row:
    row, now = desk.empty("output1"), level(desk, code)
    if now is None:
        return row
    before = now.previous_row
    return (
        row
        | changed(now)
        | {
            "prdy_nmix": hundredths(now.previous),
            "hts_kor_isnm": index_name(code),
            "bstp_cls_code": code,
            "futs_prdy_oprc": hundredths(before.get("open", now.previous)),
            "futs_prdy_hgpr": hundredths(before.get("high", now.previous)),
            "futs_prdy_lwpr": hundredths(before.get("low", now.previous)),
        }
    )


def inquire_daily_indexchartprice(desk: Desk) -> Blocks:
    """Levels of an index between two dates, newest first, at most 50; today's row in the session."""
    code, period = desk.given["FID_INPUT_ISCD"], desk.given["FID_PERIOD_DIV_CODE"]
    first, last = desk.dated("FID_INPUT_DATE_1"), desk.dated("FID_INPUT_DATE_2")
    moment, index = desk.moment, INDICES.get(code, code)
    end = moment.closed if last is None or moment.closed is None else min(last, moment.closed)
    rows = desk.figures.scope("index_day", index).newest_first(first, end, DAYS_SHOWN if period == "D" else None)
    now = level(desk, code) if moment.state is State.OPEN else None
    if now is not None and (last is None or last >= moment.day) and (first is None or first <= moment.day):
        rows = [
            {
                "session": now.session, "open": now.open, "high": now.high, "low": now.low, "close": now.close,
                "volume": now.volume, "amount": now.amount,
            },
            *rows,
        ]  # fmt: skip
    if period != "D":
        rows = _periods(rows, period)
    return {
        "output1": _chart_head(desk, code),
        "output2": [
            {
                "stck_bsop_date": day(row["session"]),
                "bstp_nmix_prpr": hundredths(row["close"]),
                "bstp_nmix_oprc": hundredths(row["open"]),
                "bstp_nmix_hgpr": hundredths(row["high"]),
                "bstp_nmix_lwpr": hundredths(row["low"]),
                "acml_vol": units(row["volume"], THOUSAND),
                "acml_tr_pbmn": units(row["amount"], MILLION),
                "mod_yn": "N",
            }
            for row in rows[:DAYS_SHOWN]
        ],
    }


def _periods(rows: list[Found], period: str) -> list[Found]:
    bars = [
        {
            "session": row["session"], "raw_open": row["open"], "raw_high": row["high"], "raw_low": row["low"],
            "raw_close": row["close"], "base_price": row["open"], "volume": row["volume"], "amount": row["amount"],
        }
        for row in rows
    ]  # fmt: skip
    return [
        {
            "session": row["session"], "open": row["raw_open"], "high": row["raw_high"], "low": row["raw_low"],
            "close": row["raw_close"], "volume": row["volume"], "amount": row["amount"],
        }
        for row in grouped(bars, period)
    ]  # fmt: skip


def inquire_time_indexchartprice(desk: Desk) -> Blocks:
    """Minutes of an index, the newest 102, back into earlier sessions if asked; 888888 and 999999 mark the close.

    FID_INPUT_HOUR_1 is the length of a bar in seconds: 60, or 120, 300, 600 and so on for bars of several minutes.
    """
    code, moment = desk.given["FID_INPUT_ISCD"], desk.moment
    index = INDICES.get(code, code)
    output1 = _chart_head(desk, code)
    session = moment.shown
    if session is None or index not in desk.figures.scopes("index_day"):
        return {"output1": output1, "output2": []}
    length = max(int(desk.given["FID_INPUT_HOUR_1"] or "60") // 60, 1)
    found: list[Row] = []
    markers = desk.given["FID_ETC_CLS_CODE"] != "1"
    while len(found) < MINUTES_SHOWN:
        found += _session_minutes(desk, index, session, length, markers)
        before = [one for one in desk.figures.sessions if one < session]
        if desk.given["FID_PW_DATA_INCU_YN"] != "Y" or not before:
            break
        session = before[-1]
    return {"output1": output1, "output2": found[:MINUTES_SHOWN]}


def _session_minutes(desk: Desk, index: str, session: date, length: int, markers: bool) -> list[Row]:
    if session == desk.moment.day and desk.moment.state is State.BEFORE:
        return []
    rows = desk.figures.intraday("index_minute", session, index).until(desk.ended(session))[::-1]
    bars: dict[int, list[Found]] = {}
    for row in rows:
        bars.setdefault(row["minute"] // length * length, []).append(row)
    found: list[Row] = []
    reached = 0
    for label, part in bars.items():
        found.append(
            {
                "stck_bsop_date": day(session),
                "stck_cntg_hour": minute(label),
                "bstp_nmix_prpr": hundredths(part[-1]["close"]),
                "bstp_nmix_oprc": hundredths(part[0]["open"]),
                "bstp_nmix_hgpr": hundredths(max(row["high"] for row in part)),
                "bstp_nmix_lwpr": hundredths(min(row["low"] for row in part)),
                "cntg_vol": units(part[-1]["volume"] - reached, THOUSAND),
                "acml_tr_pbmn": units(part[-1]["amount"], MILLION),
            }
        )
        reached = part[-1]["volume"]
    if markers and rows and rows[-1]["minute"] >= _CLOSING:
        flat = dict.fromkeys(
            ("bstp_nmix_prpr", "bstp_nmix_oprc", "bstp_nmix_hgpr", "bstp_nmix_lwpr"), hundredths(rows[-1]["close"])
        )
        last = found[-1] | flat | {"cntg_vol": "0"}
        found += [last | {"stck_cntg_hour": "888888"}, last | {"stck_cntg_hour": "999999"}]
    return found[::-1]
