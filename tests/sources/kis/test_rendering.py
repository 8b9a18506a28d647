"""What a vendor would write of random figures is read back as those figures, row for row and unit for unit."""

from __future__ import annotations

import functools
import time
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.market import investors, sessions
from sugeup.sources.kis import KIS
from sugeup.sources.kis.vendor import ROUTES
from sugeup.sources.vendor import Ask, Endpoint
from tests.sources.kis.answers import SPECIFICATION, ask, reply

DAYS = sessions.sessions(date(2026, 1, 2), date(2026, 11, 20))
BLOCKS = {
    block["key"]: block["fields"] for block in SPECIFICATION["endpoints"]["investor_trade_by_stock_daily"]["blocks"]
}
FIELDS: dict[str, str] = BLOCKS["output2"]
PREFIXES = {
    "individual": "prsn",
    "foreign_registered": "frgn_reg",
    "foreign_other": "frgn_nreg",
    "financial_investment": "scrt",
    "insurance": "insu",
    "investment_trust": "ivtr",
    "private_fund": "pe_fund",
    "bank": "bank",
    "other_financial": "mrbn",
    "pension_fund": "fund",
    "government": "etc_orgt",
    "other_corporation": "etc_corp",
}
MILLION = 1_000_000
traded = st.dictionaries(
    st.sampled_from(sorted(PREFIXES)),
    st.tuples(*(st.integers(0, 10**7) for _ in range(4))),
    min_size=1,
)
"""By investor: bought and sold shares, bought and sold million won; who is not named did not trade."""


@functools.cache
def named(prefix: str, side: str, measure: str) -> str:
    """The one field of the specification that has these three in its name."""
    unit = {"volume": "shares", "amount": "million won"}[measure]
    marks = {"buy": ("shnu", "bidp"), "sell": ("seln", "askp"), "net": ("ntby",)}[side]
    found = [
        field
        for field, told in FIELDS.items()
        if told == unit and any(field.startswith(f"{prefix}_{mark}_") for mark in marks)
    ]
    assert 1 == len(found), (prefix, side, measure, found)
    return found[0]


def rendered(day: date, figures: dict[str, tuple[int, int, int, int]]) -> tuple[dict[str, str], dict[str, Any]]:
    """One row as the vendor writes it, and as we have it."""
    told = {who: figures.get(who, (0, 0, 0, 0)) for who in PREFIXES}
    sums = {
        "foreign": ("frgn", investors.members("foreign")),
        "institution": ("orgn", investors.members("institution")),
    }
    row = dict.fromkeys(FIELDS, "1") | {"stck_bsop_date": f"{day:%Y%m%d}"}
    ours: dict[str, Any] = {"session": day}
    everyone = {who: (PREFIXES[who], told[who]) for who in PREFIXES}
    for total, (prefix, leaves) in sums.items():
        whole = tuple(sum(told[leaf][place] for leaf in leaves) for place in range(4))
        everyone[total] = (prefix, whole)  # type: ignore[assignment]
    for who, (prefix, (bought, sold, paid, got)) in everyone.items():
        shown = (bought, sold, paid, got)
        if who == "institution":
            shown = tuple(figure - told["government"][place] for place, figure in enumerate(shown))  # type: ignore[assignment]
        for measure, (plus, minus), (seen_plus, seen_minus), unit in (
            ("volume", (bought, sold), (shown[0], shown[1]), 1),
            ("amount", (paid, got), (shown[2], shown[3]), MILLION),
        ):
            values = {"buy": plus, "sell": minus, "net": plus - minus}
            seen = {"buy": seen_plus, "sell": seen_minus, "net": seen_plus - seen_minus}
            for side in investors.SIDES:
                row[named(prefix, side, measure)] = str(seen[side])
                ours[investors.column(who, side, measure)] = values[side] * unit
    return row, ours


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(DAYS), traded, max_size=12))
def test_investors_of_a_stock_are_read_back(figures: dict[date, dict[str, tuple[int, int, int, int]]]) -> None:
    pairs = [rendered(day, figures[day]) for day in sorted(figures, reverse=True)]
    found = {"rt_cd": "0", "output1": {}, "output2": [row for row, _ in pairs]}
    endpoint = KIS.endpoint("investor_trade_by_stock_daily")
    page = endpoint.parse(Ask(("005930",), DAYS[0], DAYS[-1]), reply(found))
    wanted = [ours for _, ours in pairs if any(value for name, value in ours.items() if name != "session")]
    assert (len(wanted), 0) == (page.frame.height, page.faults.height)
    names = list(wanted[0]) if wanted else []
    assert wanted == [{name: row[name] for name in names} for row in page.frame.rows(named=True)]


SIMPLE = [
    ("program_trade_by_stock_daily", 1),
    ("daily_short_sale", 1),
    ("daily_loan_trans", 1),
    ("mktfunds", 1),
    ("comp_program_trade_daily", 1),
    ("inquire_daily_indexchartprice", 1),
]


@pytest.mark.parametrize("endpoint", [KIS.endpoint(name) for name, _ in SIMPLE], ids=lambda one: one.name)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_figures_by_day_are_read_back(endpoint: Endpoint, data: st.DataObject) -> None:
    block = ROUTES[endpoint.name].blocks[0]
    days = data.draw(st.lists(st.sampled_from(DAYS), unique=True, max_size=8))
    figures = {
        day: {
            field.name: data.draw(st.integers(1, 10**6), label=field.name)
            for field in block.fields
            if field.name != block.dated
        }
        for day in days
    }
    listed = [
        {**{name: str(value) for name, value in figures[day].items()}, str(block.dated): f"{day:%Y%m%d}"}
        for day in days
    ]
    page = endpoint.parse(ask(endpoint), reply({"rt_cd": "0", block.keys[0]: listed}))
    kept = [field for field in block.fields if field.column in page.frame.columns and field.name != block.dated]
    assert [
        {field.column: figures[day][field.name] * field.unit for field in kept} | {"session": day} for day in days
    ] == page.frame.select(*(field.column for field in kept), "session").to_dicts()


def test_reading_a_page_of_thirty_days_takes_a_fraction_of_the_time_to_the_next_call() -> None:
    """At 18 calls a second, three milliseconds of computing a page are about five hundredths of a core."""
    pairs = [rendered(day, dict.fromkeys(PREFIXES, (1200, 800, 90, 60))) for day in DAYS[-30:][::-1]]
    endpoint = KIS.endpoint("investor_trade_by_stock_daily")
    answer = reply({"rt_cd": "0", "output1": {}, "output2": [row for row, _ in pairs]})
    question = ask(endpoint)
    assert 30 == endpoint.parse(question, answer).frame.height
    spent = []
    for _ in range(40):
        before = time.thread_time()
        endpoint.parse(question, answer)
        spent.append(time.thread_time() - before)
    assert sorted(spent)[10] < 0.006
