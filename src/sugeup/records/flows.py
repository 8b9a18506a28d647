"""수급: who bought and who sold. One wide row per scope and session, 14 investors by side and measure.

`net = buy - sell` holds wherever both exist; a source that gives only net fills only net. The twelve leaves add to
zero; the three groups 개인, 외국인, 기관 alone do not, because 기타법인 is missing from them.
"""

from __future__ import annotations

from sugeup.market import investors
from sugeup.records.schema import CODE, SESSION, Column, Dataset, Kind, Partition, integer, text

_SIDES = {"buy": "매수", "sell": "매도", "net": "순매수"}
_MEASURES = {"amount": ("거래대금", "won"), "volume": ("거래량", "shares")}


def _flow(investor: investors.Investor, side: str, measure: str) -> Column:
    korean, unit = _MEASURES[measure]
    sign = "Bought minus sold" if side == "net" else "Bought" if side == "buy" else "Sold"
    return integer(
        investors.column(investor.id, side, measure),
        unit,
        f"{investor.korean} {_SIDES[side]} {korean}",
        f"{sign} by {investor.english}, {unit}.",
    )


FLOWS: tuple[Column, ...] = tuple(
    _flow(investor, side, measure)
    for investor in investors.ALL
    for side in investors.SIDES
    for measure in investors.MEASURES
)
"""The 84 columns of an investor row."""

DERIVATIVE_MARKETS = ("KOSPI200_FUTURES", "KOSPI200_CALL", "KOSPI200_PUT", "STOCK_FUTURES", "ETF", "ETN", "ELW")
MARKET = text(
    "market",
    "시장",
    f"KOSPI, KOSDAQ, KONEX, a scope ({', '.join(DERIVATIVE_MARKETS)}), or a sector index code.",
    required=True,
)

INVESTOR_DAY_STOCK = Dataset(
    "investor_day_stock",
    "종목별 투자자별 일별 매매동향",
    "What each investor class bought and sold of one stock on one session.",
    ("code", "session"),
    (CODE, SESSION, *FLOWS),
    Partition.MONTH,
    scope="code",
)
INVESTOR_DAY_MARKET = Dataset(
    "investor_day_market",
    "시장별 투자자별 일별 매매동향",
    "What each investor class bought and sold in one market on one session.",
    ("market", "session", "products"),
    (MARKET, SESSION, *FLOWS),
    Partition.YEAR,
    scope="market",
)
INVESTOR_MINUTE_MARKET = Dataset(
    "investor_minute_market",
    "시장별 투자자별 장중 누적 매매동향",
    "What each investor class had bought and sold in one market since the open, minute by minute (cumulative).",
    ("market", "session", "at"),
    (
        MARKET,
        SESSION,
        Column("at", Kind.INSTANT, "UTC", "시각", "Minute of the snapshot, at its start.", True),
        *FLOWS,
    ),
    Partition.DAY,
    scope="market",
)
DATASETS = (INVESTOR_DAY_STOCK, INVESTOR_DAY_MARKET, INVESTOR_MINUTE_MARKET)
