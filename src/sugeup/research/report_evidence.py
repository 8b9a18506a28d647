"""The part of the accuracy report beside hit rates of signals: forecasts, moods, lookalikes, stability, curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sugeup.market import overheating
from sugeup.research import forecasts, lookalikes, moods, report_checks, stability
from sugeup.research.report_cells import UNKNOWN, percent, points, share, span

PICTURES = ("pictures/paths.svg", "pictures/reliability.svg")
Rows = Sequence[Mapping[str, Any]]


def real(found: Mapping[str, Any]) -> str:
    """Sections from the part `evidence` of the real figures; `found` is the whole real part."""
    told = found["evidence"]
    parts = [_forecasts(told["forecasts"]), _moods(told["moods"]), _lookalikes(told["lookalikes"])]
    parts += [
        _untried(told, found),
        _stability(told["stability"]),
        _curves(told),
        report_checks.early(told["revisions"]),
    ]
    return "\n".join(parts)


def _forecasts(rows: Rows) -> str:
    winners = ", ".join(f"{row['signal']} ({row['level'].lower()}, {row['investor']})" for row in rows if row["beats"])
    lines = [
        "## Forecasts of flows",
        "",
        "Event: sign of Σnet ÷ Σturnover over the next five sessions. Benchmark: it stays as it was over the last five "
        "(sign persistence), on the same cells; everywhere: the same rule on all cells. `flow.forecast` on every fifth "
        "session, so that outcomes do not overlap; the others on all, n ÷ 5 independent ones. Lift: hit rate less "
        f"benchmark, percentage points, sessions drawn in blocks of {forecasts.BLOCK}; p adjusted over the {len(rows)} "
        "tests of this table. A label of `inv.trend` has the sign of the last week by definition, so its lift is 0: "
        "whether it picks weeks that go on more often is the difference from everywhere.",
        "",
        f"Forecasts that beat the last sign: {winners or 'none'}.",
        "",
        "| level | investor | signal | n | hit rate | 95% | last sign | everywhere | lift | p adj |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['level'].lower()} | {row['investor']} | {row['signal']} | {row['n']:,} | {share(row['value'])} | "
            f"{span(row['lo'], row['hi'])} | {share(row['base'])} | {share(row['everywhere'])} | {_lift(row)} | "
            f"{share(row['p_adj'])} |"
        )
    return "\n".join([*lines, ""])


def _moods(rows: Rows) -> str:
    different = ", ".join(f"{_mood(row)} ({points(row['lift'])})" for row in rows if row["differs"])
    lines = [
        "## After extreme moods",
        "",
        f"Return of the index from the next open to the close {moods.AHEAD} sessions later, after scores in the lowest "
        f"and the highest decile of up to {moods.PAST:,} scores before them ({moods.LEAST} at least), against all "
        "sessions. Scores: `sen.type_score` of each class in its market, as `get_sentiment_history` tells it. "
        "`sen.overall` is not tried: of its five components the real figures have the return of the index alone. "
        f"Difference in percentage points, sessions drawn in blocks of {moods.BLOCK}, and in each half of them; "
        f"spells: runs of such sessions; p two-sided, adjusted over the {len(rows)} tests of this table.",
        "",
        f"After which returns differ: {different or 'none'}. A difference is no rule for trading: costs are not taken "
        "off, and the other market is in the table too.",
        "",
        "| market | class | decile | n | spells | mean % | all % | difference | halves | p adj |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['market']} | {row['score']} | {row['end'].lower()} | {row['n']:,} | {row['runs']:,} | "
            f"{percent(row['mean'], None, None)} | {percent(row['base'], None, None)} | {_lift(row)} | "
            f"{' / '.join(points(half) for half in row['halves'])} | {share(row['p_adj'])} |"
        )
    return "\n".join([*lines, ""])


def _mood(row: Mapping[str, Any]) -> str:
    return f"{row['market']}, {row['score']}, {row['end'].lower()} decile"


def _lookalikes(rows: Rows) -> str:
    lines = [
        "## What the nearest past stretches foretell",
        "",
        f"`smt.similar_patterns` on every {lookalikes.AHEAD}th session of each stock, as the tracker shows it "
        f"({lookalikes.LENGTH} sessions of net ÷ turnover, {lookalikes.NEAREST} nearest, {lookalikes.AHEAD} ahead): "
        "is the sign of their mean outcome that of the return? Benchmark: the sign of the mean outcome of all earlier "
        f"stretches. p: {lookalikes.DRAWS:,} rearrangements of whole sessions. Last column: answers with a p of their "
        f"own up to {lookalikes.UNLIKELY:.2f}; by chance alone as many. The 95% take stocks of one "
        "session as independent, which p and lift do not.",
        "",
        "| flow of | n | hit rate | 95% | benchmark | lift | p adj | own p ≤ 0.10 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row["n"]:
            lines.append(
                f"| {row['investor']} | {row['n']:,} | {share(row['value'])} | {span(row['lo'], row['hi'])} | "
                f"{share(row['base'])} | {_lift(row)} | {share(row['p_adj'])} | {share(row['unlikely']['value'])} |"
            )
    return "\n".join([*lines, ""])


def _untried(told: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    return (
        "Not tried on real figures: the sector ranker and `sec.rotation_signal`, because sectors have no history here "
        f"(memberships are known from {told['sectors']} on, flows of stocks until {found['stocks']['last']}); "
        "execution style and entry slots, because they need the minutes of each stock.\n"
    )


def _stability(rows: Rows) -> str:
    parts = ("KOSPI", "KOSDAQ", *stability.SIZES, "free")
    lines = [
        "## Stability",
        "",
        f"Hit rate less base rate in percentage points, {stability.AHEAD} sessions ahead, for each part by itself; – "
        f"below {stability.LEAST} signals. Years: above the base in so many of those with {stability.LEAST} signals. "
        "Sizes: thirds of the stocks by capitalisation. Without bans: sessions on which short selling was forbidden "
        f"({_bans()}) left out. Nothing is tested here.",
        "",
        "| level | kind | n | overall | years | lowest | highest | KOSPI | KOSDAQ | small | middle | large "
        "| without bans |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        years = row["years"]
        side = f" {row['direction']}" if row["kind"].endswith("REVERSAL") else ""
        above = f"{years['above']} of {years['of']}" if years["of"] else UNKNOWN
        cells = " | ".join(points(row[name]["gap"]) if name in row else UNKNOWN for name in parts)
        lines.append(
            f"| {row['level'].lower()} | {row['kind']}{side} | {row['n']:,} | {points(row['gap'])} | {above} | "
            f"{_year(years['lowest'])} | {_year(years['highest'])} | {cells} |"
        )
    return "\n".join([*lines, ""])


def _bans() -> str:
    return ", ".join(f"{first} to {last}" for first, last, _ in overheating.BANS)


def _year(pair: Sequence[Any] | None) -> str:
    return UNKNOWN if pair is None else f"{points(pair[1])} ({pair[0]})"


def _curves(told: Mapping[str, Any]) -> str:
    lines = ["## Around the signals", ""]
    if told["paths"]:
        lines += [
            "Return of the stock less that of its index, times the sign of the signal, added up from ten sessions "
            "before to twenty after, of the kinds told most often; band: 95%, sessions drawn in blocks of 20. What "
            "lies left of 0 was known: a rise there is no result of the signal.",
            "",
            f"![Paths around signals]({PICTURES[0]})",
            "",
        ]
    if told["reliability"]:
        lines += [
            "Probabilities of the walk-forward maps with most signals tried, accepted or not (see the calibrations "
            "above), against the share that happened (Wilson 95%); on the diagonal they would be right.",
            "",
            f"![Reliability]({PICTURES[1]})",
            "",
        ]
    return "\n".join(lines)


def _lift(row: Mapping[str, Any]) -> str:
    if row["lift_lo"] is None:
        return points(row["lift"])
    return f"{points(row['lift'])} ({points(row['lift_lo'])} to {points(row['lift_hi'])})"
