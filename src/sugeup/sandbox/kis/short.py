"""공매도, 대차, 신용: short sales, lending and margin by stock and day, each when it is published."""

from __future__ import annotations

from datetime import date

import polars as pl

from sugeup.market import sessions as calendar
from sugeup.sandbox.figures import Found, History
from sugeup.sandbox.kis.desk import Blocks, Desk, changes
from sugeup.sandbox.kis.envelope import MILLION, TEN_THOUSAND, Row, day, hundredths, share, sign, units, whole
from sugeup.sandbox.kis.investors import priced
from sugeup.sandbox.moment import EVENING, SETTLED

WINDOW = 100
CREDIT_SHOWN = 30
RANKED = 30
LAG = 2
"""Sessions after which lending and margin are public."""


def daily_short_sale(desk: Desk) -> Blocks:
    """Short sales between two dates, newest first, at most 100; sums from the first date asked for."""
    code, output1 = desk.code, desk.empty("output1")
    quote = desk.quote(code) if code else None
    if quote is not None:
        output1 |= {
            "stck_prpr": whole(quote.price),
            **changes(quote.price, quote.base, quote.limit),
            "acml_vol": whole(quote.volume),
            "prdy_vol": whole(quote.previous_volume),
        }
    first, last = desk.dated("FID_INPUT_DATE_1"), desk.dated("FID_INPUT_DATE_2")
    newest = desk.moment.public(0, EVENING)
    if not code or newest is None:
        return {"output1": output1, "output2": []}
    end = newest if last is None else min(last, newest)
    bars = desk.figures.stock("daily_bars", code).newest_first(first, end)
    shorts = {row["session"]: row for row in desk.figures.stock("short_day", code).newest_first(first, end)}
    found: list[Row] = []
    sums = [0, 0, 0, 0]
    for bar in reversed(bars):
        short = shorts.get(bar["session"], {"short_volume": 0, "short_amount": 0})
        sums = [
            one + more
            for one, more in zip(
                sums, (bar["volume"], bar["amount"], short["short_volume"], short["short_amount"]), strict=True
            )
        ]
        found.append(_short_row(desk, bar, short, sums))
    found = found[::-1][:WINDOW]
    if first is not None and len(found) < WINDOW and bars and first < bars[-1]["session"]:
        found.append(dict.fromkeys(desk.blocks["output2"], ""))
    return {"output1": output1, "output2": found}


def _short_row(desk: Desk, bar: Found, short: Found, sums: list[int]) -> Row:
    volume, amount, short_volume, short_amount = sums
    return priced(desk.blocks["output2"], bar) | {
        "stnd_vol_smtn": whole(volume),
        "ssts_cntg_qty": whole(short["short_volume"]),
        "ssts_vol_rlim": share(short["short_volume"], bar["volume"]),
        "acml_ssts_cntg_qty": whole(short_volume),
        "acml_ssts_cntg_qty_rlim": share(short_volume, volume),
        "stnd_tr_pbmn_smtn": whole(amount),
        "ssts_tr_pbmn": whole(short["short_amount"]),
        "ssts_tr_pbmn_rlim": share(short["short_amount"], bar["amount"]),
        "acml_ssts_tr_pbmn": whole(short_amount),
        "acml_ssts_tr_pbmn_rlim": share(short_amount, amount),
        "avrg_prc": whole(short["short_amount"] // short["short_volume"] if short["short_volume"] else 0),
    }


def short_sale(desk: Desk) -> Blocks:
    """The 30 stocks of which most was sold short on the newest session."""
    session = desk.moment.public(0, EVENING)
    if session is None:
        return {"output": []}
    shorts, bars = desk.figures.day("short_day", session), desk.figures.day("daily_bars", session)
    market = {"0001": "KOSPI", "1001": "KOSDAQ"}.get(desk.given["FID_INPUT_ISCD"])
    chosen = [row for code, row in shorts.items() if market is None or _market(desk, code, session) == market]
    chosen.sort(key=lambda row: (-row["short_volume"], row["code"]))
    found = []
    for rank, row in enumerate(chosen[:RANKED]):
        bar, code = bars[row["code"]], row["code"]
        found.append(
            {
                "mksc_shrn_iscd": code,
                "hts_kor_isnm": desk.name(code),
                "stck_prpr": whole(bar["raw_close"]),
                **changes(bar["raw_close"], bar["base_price"]),
                "acml_vol": whole(bar["volume"]),
                "acml_tr_pbmn": whole(bar["amount"]),
                "ssts_cntg_qty": whole(row["short_volume"]),
                "ssts_vol_rlim": share(row["short_volume"], bar["volume"]),
                "ssts_tr_pbmn": whole(row["short_amount"]),
                "ssts_tr_pbmn_rlim": share(row["short_amount"], bar["amount"]),
                "stnd_date1": "0" if rank else day(session),
                "stnd_date2": "0" if rank else day(session),
                "avrg_prc": whole(row["short_amount"] // row["short_volume"] if row["short_volume"] else 0),
            }
        )
    return {"output": found}


def _market(desk: Desk, code: str, on: date) -> str:
    found = desk.figures.known(code, on)
    return str(found["market"]) if found else ""


def daily_loan_trans(desk: Desk) -> Blocks:
    """Lending between two dates, newest first, at most 100: of a stock with 3, of a whole market with 1 and 2."""
    whose = desk.given["MRKT_DIV_CLS_CODE"]
    first, last = desk.dated("START_DATE"), desk.dated("END_DATE")
    newest = desk.moment.public(LAG, SETTLED)
    end = newest if last is None or newest is None else min(last, newest)
    if whose == "3":
        code = desk.code
        if not code:
            return {"output1": []}
        rows = desk.figures.stock("lending", code).newest_first(first, end, WINDOW)
        bars = desk.figures.stock("daily_bars", code)
        return {"output1": [_lent(row, bars.at(row["session"])) for row in rows]}
    market = "KOSPI" if whose == "1" else "KOSDAQ"
    history: History = desk.figures.once(f"lending {market}", lambda: _market_lending(desk, market))
    levels = desk.figures.scope("index_day", market)
    found = []
    for row in history.newest_first(first, end, WINDOW):
        level, before = levels.at(row["session"]), levels.before(row["session"])
        close = level["close"] if level else 0.0
        change = close - (before["close"] if before else close)
        found.append(
            _lent(row, None)
            | {
                "stck_prpr": hundredths(close),
                "prdy_vrss_sign": sign(round(change, 2)),
                "prdy_vrss": hundredths(change),
                "prdy_ctrt": share(change, close - change),
                "acml_vol": units(level["volume"] if level else 0, 1_000),
            }
        )
    return {"output1": found}


def _market_lending(desk: Desk, market: str) -> History:
    figures = desk.figures
    members = [code for code in figures.codes if figures.instruments[code][0]["market"] == market]
    frame = figures.market.rows("lending", figures.sessions[0], figures.sessions[-1], members)
    return History(frame.group_by("session").agg(pl.exclude("code").sum()).sort("session"))


def _lent(row: Found, bar: Found | None) -> Row:
    found = {
        "bsop_date": day(row["session"]),
        "new_stcn": whole(row["new_shares"]),
        "rdmp_stcn": whole(row["repaid_shares"]),
        "prdy_rmnd_vrss": whole(row["new_shares"] - row["repaid_shares"]),
        "rmnd_stcn": whole(row["balance_shares"]),
        "rmnd_amt": units(row["balance_amount"], MILLION),
    }
    if bar is None:
        return found
    change = bar["raw_close"] - bar["base_price"]
    price = {
        "stck_prpr": hundredths(bar["raw_close"]),
        "prdy_vrss_sign": sign(change),
        "prdy_vrss": hundredths(change),
        "prdy_ctrt": share(change, bar["base_price"]),
        "acml_vol": whole(bar["volume"]),
    }
    return found | price


def daily_credit_balance(desk: Desk) -> Blocks:
    """Margin of a stock, the 30 days up to a settlement date, newest first; a trade settles two sessions later."""
    code = desk.code
    newest = desk.moment.public(LAG, SETTLED)
    settled = desk.dated("FID_INPUT_DATE_1")
    if not code or newest is None:
        return {"output": []}
    if settled is not None:
        on_or_before = settled if calendar.is_session(settled) else calendar.previous(settled)
        newest = min(newest, calendar.previous(on_or_before, LAG))
    rows = desk.figures.stock("credit", code).newest_first(None, newest, CREDIT_SHOWN)
    bars = desk.figures.stock("daily_bars", code)
    return {"output": [_owed(desk, row, bars.at(row["session"]) or {}) for row in rows]}


def _owed(desk: Desk, row: Found, bar: Found) -> Row:
    found: Row = {"deal_date": day(row["session"]), "stlm_date": day(calendar.next(row["session"], LAG))}
    price = priced(desk.blocks["output"], bar) | {"stck_prpr": whole(bar["raw_close"])}
    for ours, theirs in (("loan", "whol_loan"), ("stock_loan", "whol_stln")):
        for step, name in (("new", "new"), ("repaid", "rdmp"), ("balance", "rmnd")):
            found[f"{theirs}_{name}_stcn"] = whole(row[f"{ours}_{step}_shares"])
            found[f"{theirs}_{name}_amt"] = units(row[f"{ours}_{step}_amount"], TEN_THOUSAND)
        found[f"{theirs}_rmnd_rate"] = share(row[f"{ours}_balance_shares"], bar["listed_shares"])
        found[f"{theirs}_gvrt"] = share(row[f"{ours}_new_shares"], bar["volume"])
    return price | found
