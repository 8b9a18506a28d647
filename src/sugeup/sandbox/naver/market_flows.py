"""투자자별 매매동향: everyone in a market by day and by minute."""

from __future__ import annotations

from sugeup.sandbox.figures import Found
from sugeup.sandbox.moment import State
from sugeup.sandbox.naver import minutes
from sugeup.sandbox.naver.desk import Desk, Row, clock, day, won
from sugeup.specifications import specification

INVESTORS: dict[str, str] = specification("naver")["investors"]


def market_trend_daily(desk: Desk) -> Row:
    """Days, newest first; today's row grows while the session runs."""
    market, moment = desk.given["marketType"], desk.moment
    frame = desk.figures.scope("investor_day_market", market).slice(None, moment.closed)
    running: list[Found] = []
    if moment.state is State.OPEN:
        seen = desk.figures.intraday("investor_minute_market", moment.day, market)
        upto = seen.upto(moment.minute)
        running = [seen.row(upto - 1)] if upto else []
    ahead, height = len(running), frame.height

    def rows(start: int, stop: int) -> list[Row]:
        past = frame.slice(height - (stop - ahead), stop - max(start, ahead)).to_dicts()[::-1] if stop > ahead else []
        return [{"bizdate": day(row["session"]), "time": "", "netAmounts": _everyone(row)} for row in
                (*running[start:], *past)]  # fmt: skip

    return desk.paged(ahead + height, rows)


def market_trend_time(desk: Desk) -> Row:
    """Minutes of the newest session, cumulative."""

    def written(row: Found) -> Row:
        return {"bizdate": day(row["session"]), "time": clock(row["minute"]), "netAmounts": _everyone(row)}

    return minutes.listed(desk, "investor_minute_market", desk.given["marketType"], written)


def _everyone(row: Found) -> list[Row]:
    found = []
    for code, leaf in INVESTORS.items():
        bought, sold = won(row[f"{leaf}_buy_amount"]), won(row[f"{leaf}_sell_amount"])
        found.append(
            {
                "investorGubun": code,
                "diffValue": str(bought - sold),
                "sellQuant": str(row[f"{leaf}_sell_volume"]),
                "sellPrice": str(sold),
                "buyQuant": str(row[f"{leaf}_buy_volume"]),
                "buyPrice": str(bought),
            }
        )
    return found
