"""모의 공시: reports about the companies of a plan, the same for equal plans. Who reports is a part, never a person.

Holders of 5%, officers and the companies themselves. Numbers of shares fit to those listed at the end, and what a
company holds of its own follows from what it decided. Numbers of companies begin with 9, where the regulator has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from sugeup.market.sessions import SEOUL, closure
from sugeup.sandbox.draws import generator
from sugeup.sandbox.figures import Figures, Found
from sugeup.specifications import specification

NAMES: dict[str, str] = specification("dart")["report_names"]
FEEDS = {"majorstock": "D", "elestock": "D", "tesstkAcqsDspsSttus": "A"}
DECISIONS = ("tsstkAqDecsn", "tsstkDpDecsn", "tsstkAqTrctrCnsDecsn", "tsstkAqTrctrCcDecsn")
STATUS = "tesstkAcqsDspsSttus"
_RATES = {"majorstock": 0.008, "elestock": 0.03, "decision": 0.002}
"""Reports a session of one company."""
_WEIGHTS = (0.45, 0.25, 0.2, 0.1)
_OPEN, _MINUTES = 8 * 60, 10 * 60
"""Reports are filed from eight to six."""
_EXCHANGE_ALONE = ("근로자의 날", "연말휴장일")
"""Days on which offices work and reports are filed, although the exchange is closed."""
_PERIODS = (("11011", 12, 31, 75, 90), ("11013", 3, 31, 35, 45), ("11012", 6, 30, 35, 45), ("11014", 9, 30, 35, 45))
"""Code, last day of the period, and how many days after it the report is filed."""
_WORDS = ("주요주주", "기관투자자", "특별관계자"), ("임원", "등기임원", "주요주주 법인")


@dataclass(frozen=True)
class Report:
    """One report. `held`: shares after it, before it in a decision. `period`: year and code of a periodic report."""

    call: str
    code: str
    filed: datetime
    holder: str
    held: int
    change: int
    listed: int
    period: tuple[str, str] = ("", "")
    before: int = 0
    bought: int = 0
    sold: int = 0
    number: str = ""

    @property
    def feed(self) -> str:
        """Kind of report in the feed."""
        return FEEDS.get(self.call, "B")

    @property
    def name(self) -> str:
        """Its name in the feed."""
        if self.call != STATUS:
            return NAMES[self.call]
        year, code = self.period
        month = {"11011": "12", "11013": "03", "11012": "06", "11014": "09"}[code]
        return f"{NAMES[code]} ({year}.{month})"


def corp_of(place: int) -> str:
    """The regulator's number of the company at a place of the market's order."""
    return f"9{place:07d}"


def reports(figures: Figures) -> list[Report]:
    """Every report of a plan, oldest first, numbered within its day."""
    found = [report for place, code in enumerate(figures.codes) for report in _company(figures, place, code)]
    found.sort(key=lambda one: (one.filed, one.code, one.call, one.holder))
    counts: dict[date, int] = {}
    numbered = []
    for report in found:
        day = report.filed.date()
        counts[day] = counts.get(day, 0) + 1
        numbered.append(replace(report, number=f"{day:%Y%m%d}{counts[day]:06d}"))
    return numbered


def _company(figures: Figures, place: int, code: str) -> Iterator[Report]:
    stock = figures.known(code, figures.sessions[-1])
    if stock is None or stock["is_preferred"]:
        return
    days = [day for day in figures.sessions if figures.listed(code, day) is not None]
    if not days:
        return
    chance = generator(figures.market.plan.seed, "filings", 0, place)
    shares = int(stock["listed_shares"])
    yield from _holders(chance, "majorstock", code, days, shares)
    yield from _holders(chance, "elestock", code, days, shares)
    yield from _treasury(chance, code, days, stock, shares)


def _holders(chance: np.random.Generator, call: str, code: str, days: Sequence[date], shares: int) -> Iterator[Report]:
    """Reports of up to three holders: each changes what he held before."""
    major = call == "majorstock"
    words = _WORDS[0 if major else 1]
    held = {
        f"{words[number]} {'ABC'[number]}": int(shares * chance.uniform(*((0.05, 0.2) if major else (0.0001, 0.01))))
        for number in range(3)
    }
    for filed in _drawn(chance, _RATES[call], days):
        holder = sorted(held)[int(chance.integers(3))]
        step = int(chance.uniform(-0.2, 0.25) * held[holder]) or 1
        held[holder] += step
        yield Report(call, code, filed, holder, held[holder], step, shares)


def _treasury(
    chance: np.random.Generator, code: str, days: Sequence[date], stock: Found, shares: int
) -> Iterator[Report]:
    """Decisions about the company's own shares, carried out at once, and what it holds at the end of each period."""
    own = int(shares * chance.uniform(0, 0.08)) if chance.random() < 0.7 else 0
    name = str(stock["name"])
    moves: list[tuple[date, int]] = []
    start = own
    for filed in _drawn(chance, _RATES["decision"], days):
        call = DECISIONS[int(chance.choice(len(DECISIONS), p=_WEIGHTS))]
        size = int(shares * chance.uniform(0.001, 0.01))
        step = {"tsstkAqDecsn": size, "tsstkDpDecsn": -min(size, own)}.get(call, 0)
        if call == "tsstkDpDecsn" and not step:
            continue
        yield Report(call, code, filed, name, own, step, shares)
        own += step
        moves.append((filed.date(), step))
    for period, end, day in _periods(chance, days):
        since = date(end.year, 1, 1)
        before = start + sum(step for moved, step in moves if moved < since)
        steps = [step for moved, step in moves if since <= moved <= end]
        bought, sold = sum(step for step in steps if step > 0), -sum(step for step in steps if step < 0)
        held = before + bought - sold
        yield Report(
            STATUS, code, _moment(chance, day), name, held, bought - sold, shares, period, before, bought, sold
        )


def _periods(chance: np.random.Generator, days: Sequence[date]) -> Iterator[tuple[tuple[str, str], date, date]]:
    """Periods whose report falls into the plan: year and code, last day, day of filing."""
    for year in range(days[0].year - 1, days[-1].year + 1):
        for code, month, last, least, most in _PERIODS:
            end = date(year, month, last)
            there = [day for day in days if end + timedelta(days=least) <= day <= end + timedelta(days=most)]
            if there:
                yield (str(year), code), end, there[int(chance.integers(len(there)))]


def _drawn(chance: np.random.Generator, rate: float, days: Sequence[date]) -> list[datetime]:
    """Moments of reports, in order."""
    count = int(chance.poisson(rate * len(days)))
    return sorted(_moment(chance, days[int(place)]) for place in chance.integers(len(days), size=count))


def _moment(chance: np.random.Generator, day: date) -> datetime:
    """A minute of the day, or of the next one where the exchange alone is closed on it."""
    minute = _OPEN + int(chance.integers(_MINUTES))
    after = day + timedelta(days=1)
    if minute % 2 and (shut := closure(after)) is not None and shut.reason_ko in _EXCHANGE_ALONE:
        day = after
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=SEOUL)
