"""보고서: docs/accuracy.md from the figures of an evaluation; the same text for the same figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sugeup.research import power, report_checks, report_evidence, report_ticks, rules
from sugeup.research.report_cells import UNKNOWN as _UNKNOWN
from sugeup.research.report_cells import mark as _mark
from sugeup.research.report_cells import percent as _percent
from sugeup.research.report_cells import rate as _rate
from sugeup.research.report_cells import share as _share
from sugeup.research.report_cells import span as _span

PICTURES = ("pictures/power.svg", "pictures/lifts.svg")


def page(results: Mapping[str, Any]) -> str:
    """The whole page."""
    parts = [_head(results), _detectors(results["simulated"]), _misses(results["simulated"])]
    parts += [_ideal(results["simulated"]), _candidates(results["simulated"])]
    if results.get("ticks"):
        parts.append(report_ticks.found(results["ticks"]))
    if results.get("real"):
        parts += [_real(results["real"]), report_evidence.real(results["real"])]
    parts += [
        _leaks(results["leakage"]),
        report_checks.shuffled(results["leakage"]["flows"]),
        _verdicts(results["verdicts"]),
    ]
    return "\n".join(parts)


def _head(results: Mapping[str, Any]) -> str:
    size = results["size"]
    strengths = ", ".join(f"{one:g}" for one in size["strengths"])
    first, last = size["seeds"][0], size["seeds"][-1]
    return "\n".join(
        [
            "# Accuracy: do the signals find what they say, and does anything follow?",
            "",
            "Written by `sugeup evaluate` from [accuracy.json](accuracy.json);",
            "`sugeup evaluate --from-results` writes it anew. Nothing on this page is advice.",
            "Definitions: `explain_metric`, and the sentences above each table.",
            "",
            f"Simulated: {len(size['seeds'])} markets (seeds {first} to {last}) of {size['stocks']} stocks and "
            f"{size['sessions']} sessions, each at strengths {strengths} of planted events (1: the best linear",
            "detector that is not told when reaches an AUC of 0.90 on real figures). Intervals are 95%: Wilson for",
            "proportions, bootstrap over seeds for areas.",
            "",
        ]
    )


def _detectors(found: Mapping[str, Any]) -> str:
    lines = [
        "## What the detectors find in simulated markets",
        "",
        "An alarm is a run of signals of one kind on one stock. It is true when it lies in a planted event that it "
        "tells of. Recall counts target events where the detector could judge. Ideal: recall of the matched filter "
        "at as many false alarms per stretch of 60 sessions without events. Daily FDR is what Benjamini-Hochberg "
        "promises: the mean over sessions of false ÷ told; precision is over all alarms of all sessions together.",
        "",
        f"Aims at strength {power.AIMED:g}: precision ≥ {power.PRECISION}, recall ≥ {power.SHARE} of the ideal, "
        f"daily FDR ≤ {power.FALSE}, in this order. ✓ met, ✗ missed, – not measured, or "
        f"on fewer than {power.FEW} alarms or events.",
        "",
        f"![Recall by strength]({PICTURES[0]})",
        "",
        "| kind | strength | alarms | precision | recall | ideal | delay, median | daily FDR | decoys fooled | aims |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in found["detectors"]:
        for strength, told in row["by_strength"].items():
            if strength == "0":
                continue
            delay = _UNKNOWN if not told["delay"] else f"{told['delay']['median']:g}"
            marks = " ".join(_mark(row["aims"][name]) for name in power.AIMS) if float(strength) == power.AIMED else ""
            lines.append(
                f"| {row['name']} | {strength} | {told['alarms']:,} | {_rate(told['precision'])} | "
                f"{_rate(told['recall'])} | {_share(told['ideal_recall'])} | {delay} | {_share(told['daily_fdr'])} | "
                f"{_rate(told['decoys'])} | {marks} |"
            )
    lines += [
        "",
        "Without any event: alarms per 1,000 stock-sessions, and share of stretches of 60 sessions with one.",
        "",
        "| kind | per 1,000 | stretches |",
        "|---|---|---|",
    ]
    for row in found["detectors"]:
        told = row["by_strength"]["0"]
        per = told["per_1000_stock_sessions"]
        rare = _UNKNOWN if per is None else f"{per:.3f}"
        lines.append(f"| {row['name']} | {rare} | {_rate(row['stretch_false_alarms'])} |")
    short = found["overheat"]
    lines += [
        "",
        f"SHORT_OVERHEAT is a rule, not a test: against the list of the simulated exchange, which computes its own, "
        f"{_rate(short['precision'])} of ours are on it and {_rate(short['recall'])} of it are ours.",
        "",
    ]
    return "\n".join(lines)


def _misses(found: Mapping[str, Any]) -> str:
    lines = ["## Where the aims are missed, and why", ""]
    for row in found["detectors"]:
        if not row["targets"] or all(met in (True, None) for met in row["aims"].values()):
            continue
        told = row["by_strength"].get(f"{power.AIMED:g}")
        if told:
            missed = ", ".join(name for name in power.AIMS if row["aims"][name] is False)
            lines.append(f"- **{row['name']}** misses {missed}: {WHY.get(row['kind'], WHY['']).strip()}")
    lines += ["", "Planted events that nothing is meant to find:"]
    lines += [f"- {kind}: {why}" for kind, why in rules.UNWATCHED.items()]
    return "\n".join([*lines, ""])


_SIGNS = (
    "the sign test takes days as independent, but flows persist, and it is corrected over the four groups of one stock "
    "and not over all stocks of the evening: it describes what is common. UNUSUAL_BUYING and UNUSUAL_SELLING are "
    "tested over all stocks and a year of evenings: they are told a thousand times more rarely."
)
_YEAR = (
    "with a family of all stocks on 250 sessions the bar is a p of a few in a million. Foreigners are one series: of "
    "their accumulations fifteen sessions are worth about five, because flows persist, and they last five to thirty, "
    "which is not known; the ideal detector is told the length. A lower bar finds more at the price of false alarms: "
    "at twice the level about a tenth more events, and precision falls to about 0.8."
)
WHY: dict[str, str] = {
    "": "see the table.",
    "FOREIGN_SURGE": "Σnet ÷ Σturnover of five sessions is led by the busiest day, and its z stands on a dozen "
    "independent windows, so that ordinary z are as large as those of events. Daily FDR is kept; over many sessions "
    "with one or no event, the few false alarms of each add up beside few events.",
    "INSTITUTION_SAME_SIDE": "as FOREIGN_SURGE; besides, the sum of institutions is tested although the event lies in "
    "how many kinds buy at once, which the sum sees only in part.",
    "FOREIGN_ACCUMULATION": _SIGNS,
    "INSTITUTION_ACCUMULATION": _SIGNS,
    "INSTITUTION_DISTRIBUTION": _SIGNS,
    "INDIVIDUAL_ACCUMULATION": "as FOREIGN_ACCUMULATION.",
    "INDIVIDUAL_DISTRIBUTION": "as FOREIGN_ACCUMULATION.",
    "FOREIGN_UNUSUAL_BUYING": _YEAR,
    "SURGE": "a rule on price and volume without a test: small stocks rise by 20% in a week by themselves.",
    "DUMP": "as SURGE.",
    "ANOMALY": "the p-values of about 9,000 held-out scores can flag only what is stranger than nearly all of them, "
    "and weak events of two weeks are never strange on a single day.",
    "SHORT_OVERHEAT": "stocks meet the rule without anything planted; the list of the exchange is the right measure, "
    "see above.",
    "SECTOR_INFLOW": "the event happens to 15 stocks of a sector of more, weighted by won: large members that have "
    "nothing drown it, and z of sums stands on few independent windows. SECTOR_UNUSUAL_INFLOW gives each member one "
    "vote and looks for both sides at once ([decision 014](decisions/014-unusual-sectors.md)).",
    "SECTOR_OUTFLOW": "as SECTOR_INFLOW.",
    "SECTOR_UNUSUAL_INFLOW": "15 stocks of a sector of up to 50 are diluted where each member has one vote; the ideal "
    "detector is told which they are.",
    "SECTOR_UNUSUAL_OUTFLOW": "as SECTOR_UNUSUAL_INFLOW.",
    "WINDOW_DRESSING": "about seven quarter-ends in a market, fifteen stocks of three hundred.",
}


def _ideal(found: Mapping[str, Any]) -> str:
    strengths = [f"{one:g}" for one in found["strengths"] if one]
    head = " | ".join(f"scan × {one}" for one in strengths)
    lines = [
        "## The ideal detector",
        "",
        "Fisher's direction on windows of market-free figures, trained on every second stock of a market without "
        "events, tried on the others. Known: told the window. Scan: the largest of all windows in 60 sessions.",
        "",
        f"| event | known × 1 | {head} | found at 1% false alarms × 1 | × 2 |",
        "|---|---|" + "---|" * (len(strengths) + 2),
    ]
    for name, one in found["ideal"].items():
        known = _area(one["known"].get("1"))
        scans = " | ".join(_area(one["scan"][strength]) for strength in strengths)
        at = " | ".join(_share(one["at_1pct"].get(strength)) for strength in ("1", "2"))
        lines.append(f"| {name} | {known} | {scans} | {at} |")
    return "\n".join([*lines, ""])


def _candidates(found: Mapping[str, Any]) -> str:
    lines = [
        "## The same events by another statistic",
        "",
        "What the signals of UNUSUAL_BUYING and UNUSUAL_SELLING rest on, in the one window that suits each kind "
        "(`research/candidates.py`): the mean of daily net ÷ turnover held against the stock's own year "
        "(`smt.evened_flow`; of institutions the sum over five kinds, of foreigners together with price and volume, "
        "`smt.backed_flow`), tested over all stocks and a year of sessions together (`smt.unusual_flow`). Definitions "
        "of the kinds in the first table stay as they are.",
        "",
        "| kind | strength | alarms | precision | recall | ideal | daily FDR |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found["candidates"]:
        for strength, told in row["by_strength"].items():
            if strength != "0":
                lines.append(
                    f"| {row['name']} | {strength} | {told['alarms']:,} | {_rate(told['precision'])} | "
                    f"{_rate(told['recall'])} | {_share(told['ideal_recall'])} | {_share(told['daily_fdr'])} |"
                )
    return "\n".join([*lines, ""])


def _real(found: Mapping[str, Any]) -> str:
    markets, stocks, storm = found["markets"], found["stocks"], found["regime"]
    tests = sum(row["p_value"] is not None for row in found["rows"])
    winners = [row for row in found["rows"] if row["beats"]]
    lines = [
        "## What followed in real figures",
        "",
        f"{' and '.join(markets['names'])} from {markets['first']} to {markets['last']}; {stocks['n']} stocks from "
        f"{stocks['first']} to {stocks['last']} (net purchases in shares, VOLUME_BASIS). A hit: sign × return above 0 "
        "from the next open to the close h sessions later; stocks ahead of their index, against all stocks of the same "
        "dates; markets against all sessions of the regime. `val.hit_rate`: n ÷ h independent signals, and p adjusted "
        f"over all {tests} tests of this part.",
        "",
        f"Signals that beat their base rate: {_names(winners)}.",
        "",
        f"![Hit rate less base rate]({PICTURES[1]})",
        "",
        "| level | kind | h | regime | n | hit rate | base | 95% | p adj | mean return % |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in found["rows"]:
        lines.append(
            f"| {row['level'].lower()} | {row['name']} | {row['h']} | {row['regime']} | {row['n']:,} | "
            f"{_share(row['value'])} | {_share(row['base'])} | {_span(row['lo'], row['hi'])} | "
            f"{_share(row['p_adj'])} | {_percent(row['mean'], row['mean_lo'], row['mean_hi'])} |"
        )
    if storm.get("n"):
        lines += [
            "",
            f"Regime as a forecast of stormy weeks (KOSPI, {storm['n']:,} sessions, event in "
            f"{_share(storm['base_rate'])} of them): right in {_share(storm['regime']['value'])} "
            f"({_span(storm['regime']['lo'], storm['regime']['hi'])}); the volatility of the last 20 sessions alone is "
            f"right in {_share(storm['benchmark']['value'])} "
            f"({_span(storm['benchmark']['lo'], storm['benchmark']['hi'])}). Brier skill of its probability: "
            f"{_share(storm['brier_skill'])}.",
        ]
    lines += [
        "",
        "Calibration (walk-forward by month, embargo of five sessions): no confidence is told unless it is accepted.",
        "",
        "| level | kind | decided | tried | base rate | Brier skill | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for level, rows in found["calibrations"].items():
        for row in rows:
            lines.append(
                f"| {level.lower()} | {row['kind']} | {row['n']:,} | {row['tried']:,} | {_share(row['base_rate'])} | "
                f"{_share(row['brier_skill'])} | {row['refused'] or 'accepted'} |"
            )
    return "\n".join([*lines, ""])


def _leaks(found: Mapping[str, Any]) -> str:
    chance = found["labels"]
    lines = [
        "## Leaks",
        "",
        f"- Figures after each of {len(found['future']['at'])} sessions were multiplied by up to 1,000 with random "
        f"signs, and cut off: kinds whose signals before changed: {', '.join(found['future']['kinds']) or 'none'}.",
        f"- Figures of a session withheld from {found['withheld']['stocks']} stocks: kinds that judged them all the "
        f"same, or changed earlier sessions: {', '.join(found['withheld']['kinds']) or 'none'}.",
        f"- Labels dealt out at random: found {chance['shuffled']['hits']} of {chance['shuffled']['n']} events "
        f"({_rate(chance['shuffled'])}) against {_rate(chance['true'])} of the real ones.",
        f"- Outcomes dealt out at random {found['calibration']['times']} times: calibrations accepted in "
        f"{_share(found['calibration']['accepted'])} of them.",
    ]
    return "\n".join([*lines, ""])


def _verdicts(found: Mapping[str, Any]) -> str:
    lines = [
        "## Validated",
        "",
        "True only where the aims are met on simulated markets and what followed beat the base rate on real figures. "
        "Everything else is a description, and answers say so.",
        "",
        "| kind | simulated | real | validated |",
        "|---|---|---|---|",
    ]
    for kind, one in found.items():
        both = one["simulated"] is True and one["real"] is True
        lines.append(f"| {kind} | {_mark(one['simulated'])} | {_mark(one['real'])} | {str(both).lower()} |")
    return "\n".join([*lines, ""])


def _names(rows: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{row['name']} ({row['level'].lower()}, {row['h']}, {row['regime']})" for row in rows) or "none"


def _area(cell: Mapping[str, Any] | None) -> str:
    if cell is None:
        return _UNKNOWN
    return f"{cell['value']:.3f}" + ("" if cell["lo"] is None else f" ({cell['lo']:.3f}–{cell['hi']:.3f})")
