"""종목별 외국인·기관: three groups and foreign holding of a stock by day; today's row comes in the evening."""

from __future__ import annotations

from datetime import time

import numpy as np

from sugeup.sandbox.figures import Found
from sugeup.sandbox.moment import SETTLED
from sugeup.sandbox.naver.desk import Desk, Row, day
from sugeup.sandbox.revisions import provisional

SHOWN_FROM = time(18, 10)
_GROUPS = {"organPureBuyQuant": "orgn", "individualPureBuyQuant": "individual", "foreignerPureBuyQuant": "foreign"}


def stock_trend(desk: Desk) -> list[Row]:
    """Days of one stock, newest first; the newest is provisional while it is. An unknown code has none."""
    code = desk.given["code"]
    bars = desk.figures.stock("daily_bars", code).slice(None, desk.moment.public(0, SHOWN_FROM))
    start = desk.page * desk.size
    stop = min(start + desk.size, bars.height)
    if start >= stop:
        return []
    shown = bars.slice(bars.height - stop, stop - start).to_dicts()[::-1]
    held = desk.figures.stock("foreign_holding", code)
    settled = desk.moment.public(1, SETTLED)
    found = []
    for bar in shown:
        session = bar["session"]
        flows = _flows(desk, code, bar)
        holding = held.at(session) if settled is not None and session <= settled else None
        found.append(
            {
                "itemCode": code,
                "bizdate": day(session),
                "closePrice": str(bar["raw_close"]),
                "tradeVolume": str(bar["volume"]),
                **{name: str(flows.get(f"{group}_net_volume", 0)) for name, group in _GROUPS.items()},
                "frgnStock": "" if holding is None else str(holding["held_shares"]),
                "frgnHoldRatio": "" if holding is None else _share(holding["held_shares"], bar["listed_shares"]),
            }
        )
    return found


def _flows(desk: Desk, code: str, bar: Found) -> Found:
    session = bar["session"]
    frame = desk.figures.stock("investor_day_stock", code).slice(session, session)
    if not frame.height:
        return {}
    if not desk.moment.settled(session):
        plan, place = desk.figures.market.plan, desk.figures.place(code)
        frame = provisional(frame, plan.seed, session, place, desk.revisions)
    return frame.row(0, named=True)


def _share(held: int, listed: int) -> str:
    """Percent with two decimals as a 32-bit number, printed in full."""
    return str(float(np.float32(round(100 * held / listed, 2)))) if listed else ""
