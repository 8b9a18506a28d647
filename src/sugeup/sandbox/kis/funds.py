"""증시자금: deposits, loans and unpaid purchases of the market by day, two sessions late."""

from __future__ import annotations

from datetime import date
from functools import partial

from sugeup.sandbox.kis.desk import Blocks, Desk
from sugeup.sandbox.kis.envelope import EOK, MILLION, day, hundredths, sign, units
from sugeup.sandbox.moment import SETTLED

FUNDS_SHOWN = 30
FUNDS_LAG = 2


def mktfunds(desk: Desk) -> Blocks:
    """증시자금 up to a date, newest first, two sessions late; what is not simulated is 0."""
    newest = desk.moment.public(FUNDS_LAG, SETTLED)
    last = desk.dated("FID_INPUT_DATE_1")
    end = newest if last is None or newest is None else min(last, newest)
    rows = desk.figures.scope("market_funds", "").newest_first(None, end, FUNDS_SHOWN + 1)
    levels = desk.figures.scope("index_day", "KOSPI")
    found = []
    for at, row in enumerate(rows[:FUNDS_SHOWN]):
        now, before = levels.at(row["session"]), levels.before(row["session"])
        close = now["close"] if now else 0.0
        previous = before["close"] if before else close
        earlier = rows[at + 1]["deposits"] if at + 1 < len(rows) else row["deposits"]
        change = round(close - previous, 2)
        cap = desk.figures.once(f"cap {row['session']}", partial(_cap, desk, row["session"]))
        found.append(
            desk.empty("output")
            | {
                "bsop_date": day(row["session"]),
                "bstp_nmix_prpr": hundredths(close),
                "bstp_nmix_prdy_vrss": hundredths(change),
                "prdy_vrss_sign": sign(change),
                "prdy_ctrt": hundredths(100 + (100 * change / previous if previous else 0)),
                "hts_avls": units(cap, MILLION),
                "cust_dpmn_amt": units(row["deposits"], EOK),
                "cust_dpmn_amt_prdy_vrss": units(row["deposits"] - earlier, EOK),
                "uncl_amt": units(row["receivables"], EOK),
                "crdt_loan_rmnd": units(row["loan_balance_amount"], EOK),
                "futs_tfam_amt": units(row["futures_deposits"], EOK),
            }
        )
    return {"output": found}


def _cap(desk: Desk, on: date) -> int:
    members = desk.figures.day("daily_bars", on)
    return sum(
        int(row["market_cap"] or 0)
        for code, row in members.items()
        if (desk.figures.known(code, on) or {}).get("market") == "KOSPI"
    )
