"""Market-level investor flows by minute, cumulative since the open, as a broker's mobile screen showed them.

One row per snapshot, market and investor in 억원, e.g. 2026-06-19 10:03:01, KOSPI, 사모펀드, 기관계, 2507, 1046, -1461.
The screen is not refreshed every minute: the finest interval that can be used is five minutes.
"""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind, Origin, Standing
from sugeup.sources.files.layout import EOK, Labels, Layout, Rows, Table
from sugeup.sources.files.moments import BEFORE_OPEN, OLDER, counted, since_open, timed
from sugeup.sources.files.wide import widen

_DATASET = "investor_minute_market"
_GROUP = ("ts", "market")
_NAMES: dict[str, str | None] = {
    "개인": "individual",
    "외국인": "foreign",
    "기관계": "institution",
    "금융투자": "financial_investment",
    "보험": "insurance",
    "투신": "investment_trust",
    "사모펀드": "private_fund",
    "은행": "bank",
    "기타금융": "other_financial",
    "연기금등": "pension_fund",
    "국가/지자체": None,
    "기타법인": "other_corporation",
}
_SIDES = {"buy_eok": ("buy", "amount"), "sell_eok": ("sell", "amount"), "net_eok": ("net", "amount")}


def minutes(frame: pl.DataFrame) -> Rows:
    """One wide row per market and minute, the last snapshot of the minute; 국가/지자체 (always 0) is null."""
    running = since_open(timed(frame))
    latest = running.filter(pl.col("ts") == pl.col("ts").max().over("at", "market"))
    wide = widen(latest, ("session", "at", "market"), _NAMES, _SIDES, unit=EOK)
    counts = {BEFORE_OPEN: frame.height - running.height, OLDER: running.height - latest.height}
    left_out = counted(counts) | dict(wide.left_out)
    return Rows(wide.frame, left_out, wide.faults)


LAYOUTS = (
    Layout(
        "market_investor_1min",
        "시장별 투자자 1분 누적 (억원)",
        {
            "ts": Kind.INSTANT,
            "market": Kind.TEXT,
            "investor": Kind.TEXT,
            "parent": None,
            "sell_eok": Kind.INTEGER,
            "buy_eok": Kind.INTEGER,
            "net_eok": Kind.INTEGER,
        },
        (Table(_DATASET, minutes, "kb_screen_copy"),),
        Labels("investor", frozenset(_NAMES)),
        _GROUP,
    ),
)
ORIGINS = (
    Origin(
        "kb_screen_copy",
        "Copy of a broker's mobile screen, market flows by minute",
        "KB증권 모바일 화면 사본",
        Standing.OTHER_COPY,
        unit_won=EOK,
        notes={
            _DATASET: "Rounded to 100 million won and not refreshed every minute. 국가·지자체 sits in 연기금등: null. "
            "Rows before the open are left out. Investors are refreshed at different moments, so the four groups do "
            "not always add to zero."
        },
        provenance="ox9osub/kb-investor-flow data/2026-MM-DD.json@d61dee134995",
    ),
)
