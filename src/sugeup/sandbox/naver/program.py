"""프로그램 매매동향: arbitrage, the rest and both, by day and by minute."""

from __future__ import annotations

from sugeup.sandbox.figures import Found
from sugeup.sandbox.naver import minutes
from sugeup.sandbox.naver.desk import Desk, Row, clock, day, won

_PARTS = {"diff": "arbitrage", "biDiff": "non_arbitrage"}


def market_trend_program(desk: Desk) -> Row:
    """Days or minutes of one market, newest first."""
    market = desk.given["krxMarketType"]
    if desk.given["periodType"] == "TIME":
        return minutes.listed(desk, "program_minute_market", market, lambda row: _row(row, clock(row["minute"])))
    frame = desk.figures.scope("program_day_market", market).slice(None, desk.moment.closed)
    height = frame.height

    def rows(start: int, stop: int) -> list[Row]:
        return [_row(row, "") for row in frame.slice(height - stop, stop - start).to_dicts()[::-1]]

    return desk.paged(height, rows)


def _row(row: Found, time: str) -> Row:
    found = {"bizdate": day(row["session"]), "time": time}
    sums = {"Buy": 0, "Sell": 0}
    for name, kind in _PARTS.items():
        bought, sold = won(row[f"{kind}_buy_amount"]), won(row[f"{kind}_sell_amount"])
        found |= _sides(name, bought, sold)
        sums["Buy"] += bought
        sums["Sell"] += sold
    return found | _sides("totalDiff", sums["Buy"], sums["Sell"])


def _sides(name: str, bought: int, sold: int) -> dict[str, str]:
    return {f"{name}BuyAmt": str(bought), f"{name}SellAmt": str(sold), f"{name}PureBuyAmt": str(bought - sold)}
