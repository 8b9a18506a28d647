"""The page about the simulated market: what it is, how it is used, and the table of facts with our values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sugeup.sandbox.targets import Target

_HEAD = """# The simulated market

Written by `python -m sugeup.sandbox.report`; do not edit.

A market that does not exist, with the habits of the one that does: 2,800 invented stocks, exact accounts, and, when
asked for, events of which is known when they happen and how strong they are. It is what brokers are emulated from and
what detectors are held against. Its codes begin with 8 and its names say that they are invented (모의전자001), so no
figure of it can be taken for a real one.

    from datetime import date
    from pathlib import Path

    from sugeup.sandbox.market import SimulatedMarket
    from sugeup.sandbox.plan import Plan

    market = SimulatedMarket(Plan(seed=7, stocks=300, sessions=120, events=1.0))
    market.rows("investor_day_stock", date(2025, 3, 4), date(2025, 3, 4))   # truth, in won and shares
    market.labels                                                           # what was planted, where and when
    market.write_truth(Path("truth"))                                       # everything as Parquet

## What holds exactly

- For every stock and session the twelve leaves' purchases add to the volume and so do their sales; the same for won.
  Net of all leaves is 0, nothing is negative, and each leaf's mean price lies between low and high (to the 12 won that
  rounding leaves).
- Prices lie on the tick grid of their date and inside the limit of 30% of the base price. A split or consolidation
  moves base price and listed shares by its factor, after three sessions of halt. A halted stock keeps its row in
  `daily_bars` and in balances and has none in flows.
- The return of an index is that of the value of its members. Flows and programme trading of a market or an industry
  are the sums of its stocks. Loans of `market_funds` are the sum of the stocks' loans. Balances of lending and credit
  are yesterday's plus new less repaid, but for splits.
- Equal plans give equal figures, whatever was asked before and on which machine, up to the last bit of the
  exponential function of the machine's mathematical library.

## What is drawn, in short

Activity of a stock is a slow and a fast state, rare news, and a part that all stocks share. The return is the market's
(with volatility that persists and rises after falls), the industry's, and the stock's own, which is wilder on busy days
and jumps on news, mostly up. Each leaf answers the stock's move of today and yesterday, keeps some direction for days,
and has a mood about the whole market; foreigners take the other side of institutions, both lean against each other's
trades of the day before, and on crowded days net is a smaller part of volume. 개인 takes what is left. Programme
trading, short selling, balances, lending, credit and foreign holding follow from the settled trades.

Left out: ETF, ETN, ELW, KONEX, dividends and rights issues, the ban on short selling (it is open throughout), the wider
limit on a stock's first session. NXT trades beside the rows, which are KRX's alone (`nxt_volume`, `nxt_share`).

## Planted events

`events` is the strength in multiples of each kind's default, at which the best linear detector that does not know the
day reaches an AUC of 0.90 within 60 sessions of real figures: 0.5 is hard, 2 must be found. Amplitudes spread by 30%.
Kinds: accumulation (5 to 30 sessions), accumulation_inst, distribution, foreign_surge, institution_same_side,
pump_and_dump, sector_rotation, block_trade, window_dressing, short_squeeze, short_overheating. There are about as many
decoys: the same gross with random signs, near misses of the overheating rule, heavy two-sided days, moves of the whole
market, halts and splits, and the longest runs that chance alone made. No stock has two within 60 sessions. Where a
template names 개인 and one group, the other group absorbs the difference, so that the accounts close. Overheating is
the exchange's rule: return and short share are set to meet it, and the mark on the next session follows from it.

"""


_PARTS = {
    "daily": (
        "Daily facts",
        "Means of three seeds (1, 2, 3) of 300 sessions and 2,800 stocks without events. The generator's figures were "
        "chosen by hand on seeds 1 to 6. Flows of stocks and short selling are measured on stocks of the ranks by size "
        "that were observed.",
    ),
    "further": (
        "Further daily facts",
        "Of these no simulated value was known to compare with; they are told, not counted. The same markets.",
    ),
    "intraday": (
        "Within the day",
        "Six sessions of seed 1. The real figures come from 16 sessions of one month (`im.`), 44 stocks on one day "
        "(`mb.`) and one stock on one day (`tick015760.`): wide evidence it is not.",
    ),
}


def page(facts: Sequence[Target], found: Mapping[str, float], unseen: Mapping[str, float]) -> str:
    """The whole page; `unseen` holds the daily figures of seeds on which nothing was chosen."""
    return _HEAD + _unseen(facts, unseen) + "\n".join(_part(name, facts, found) for name in _PARTS)


def _unseen(facts: Sequence[Target], unseen: Mapping[str, float]) -> str:
    daily = [fact for fact in facts if fact.part == "daily"]
    missed = [fact for fact in daily if not fact.inside(unseen[fact.name])]
    said = ", ".join(f"`{fact.name}` {unseen[fact.name]:.3g} ({fact.lo:.3g} … {fact.hi:.3g})" for fact in missed)
    return (
        "## Seeds that were not looked at\n\n"
        f"Three more seeds (7, 8, 9), on which no figure was chosen: {len(daily) - len(missed)} of {len(daily)} daily "
        f"facts lie in their band.{f' Outside: {said}.' if missed else ''}\n\n"
    )


def _part(part: str, facts: Sequence[Target], found: Mapping[str, float]) -> str:
    title, said = _PARTS[part]
    chosen = [fact for fact in facts if fact.part == part]
    lines = [_line(fact, found[fact.name]) for fact in chosen]
    missed = [fact.name for fact in chosen if not fact.inside(found[fact.name])]
    counted = f"{len(chosen) - len(missed)} of {len(chosen)} lie in their band."
    outside = f" Outside: {', '.join(f'`{name}`' for name in missed)}." if missed else ""
    return "\n".join(
        [
            f"## {title}",
            "",
            f"{said} {counted}{outside}",
            "",
            "| fact | real | band | simulated | inside | unit |",
            "|---|---|---|---|---|---|",
            *lines,
            "",
        ]
    )


def _line(fact: Target, value: float) -> str:
    inside = "yes" if fact.inside(value) else "**no**"
    unit = fact.unit.replace("|", "\\|")
    return f"| `{fact.name}` | {fact.value:.4g} | {fact.lo:.4g} … {fact.hi:.4g} | {value:.4g} | {inside} | {unit} |"
