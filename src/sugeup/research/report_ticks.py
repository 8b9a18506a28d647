"""대량체결 집중 on the accuracy page: what LARGE_TRADE_CLUSTER finds of block trades in simulated trades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sugeup.research.large_trades import FAMILIES, HISTORY, QUIET
from sugeup.research.report_cells import UNKNOWN, rate


def found(ticks: Mapping[str, Any]) -> str:
    """The section."""
    seeds, quiet = ticks["seeds"], ticks["quiet"]
    shares = ", ".join(f"{100 * share:.0f}% at strength {strength}" for strength, share in ticks["share"].items())
    lines = [
        "## Large executions in trades: LARGE_TRADE_CLUSTER",
        "",
        f"{ticks['events']} block trades of {len(seeds)} markets (seeds {seeds[0]} to {seeds[-1]}) with {HISTORY} "
        "sessions of trades before them. Answers are made as `get_smart_money_tracker` makes them. Found: a signal in "
        "one of the five windows that hold the event. False alarms: runs of signals of the same stocks (which are "
        f"drawn at random) on the {QUIET} sessions before, in a market without events, for each stock-session that has "
        f"an answer: {quiet['answered']:,} of {quiet['sessions']:,}; the others have no large trade in nearly all "
        "windows (ZERO_VARIANCE). Precision where events are as rare as planted, "
        f"{1e6 * ticks['base']:.0f} in a million stock-sessions.",
        "",
        f"The block is what 기타법인 sell, in the median {shares} of the day's turnover. Simulated trades do not carry "
        "it: they are cut out of minute bars, which know the volume of the day alone, and the rows “as simulated” show "
        "what that leaves to find. “One print” puts it among the day's trades as one execution that a buyer began. A "
        "block agreed on after hours (장 마감 후 대량매매) is no such execution: it has no side, the signed value "
        "leaves it out, and no row of this table promises to find it.",
        "",
        "| trades | at once | strength | answered | found | false alarms in 1,000 stock-sessions | precision |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in ticks["rows"]:
        wrong, right = row["false"], row["precision"]
        lines.append(
            f"| {row['way']} | {row['family']} | {row['strength']:g} | {row['answered']} | {rate(row['recall'])} | "
            f"{1000 * wrong['value']:.1f} ({1000 * wrong['lo']:.1f}–{1000 * wrong['hi']:.1f}) | {_precision(right)} |"
        )
    lines += [
        "",
        "Answered: events with a z in one of their windows; the others count as missed. At once: stocks asked about; "
        f"of {FAMILIES[-1]}, as many p-values are corrected for, the other stocks being ordinary. An alarm by "
        "itself hardly ever is a block: large executions are usual, and the signal says that there were more of them "
        "than before, no more.",
    ]
    return "\n".join([*lines, ""])


def _precision(cell: Mapping[str, Any]) -> str:
    if cell["value"] is None:
        return UNKNOWN
    low, high = (UNKNOWN if end is None else f"{end:.4f}" for end in (cell["lo"], cell["hi"]))
    return f"{cell['value']:.4f} ({low}–{high})"
