"""Sections of the accuracy report on early figures and on shuffled flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sugeup.research import revisions, shuffles
from sugeup.research.report_cells import UNKNOWN, mark, rate, share

Rows = Sequence[Mapping[str, Any]]


def early(found: Mapping[str, Rows]) -> str:
    """Section on early figures, from the part `revisions` of the evidence."""
    lines = [
        "## Early figures against final ones",
        "",
        "Revision: mean of |final - early| ÷ traded, %; net: mean of |final| ÷ traded, the revision of an estimate of "
        "0. Sign: share with the sign of the final figure where neither is 0. An estimate that agrees on half or fewer "
        f"is withdrawn; below {revisions.LEAST} nothing is decided. Real: tallies of whole markets by minute that have "
        "a final day in the sample, a few sessions. Simulated: tallies of stocks (가집계) and evening figures (잠정치) "
        "of the sandbox; they show what the sandbox was built with, not how good real ones are.",
        "",
        "| figures | investor | at | n | revision % | net % | changed | sign | withdrawn |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, rows in found.items():
        for row in rows:
            if row["n"]:
                gone = UNKNOWN if row["withdrawn"] is None else "withdrawn" if row["withdrawn"] else "no"
                lines.append(
                    f"| {name} | {row['investor']} | {row['at']} | {row['n']:,} | {share(row['revision'])} | "
                    f"{share(row['net'])} | {share(row['changed'])} | {rate(row['agreement'])} | {gone} |"
                )
    return "\n".join([*lines, ""])


def shuffled(rows: Rows) -> str:
    """Section on shuffled flows, from the part `flows` of the leaks."""
    lines = [
        "## Shuffled flows",
        "",
        "Flows and turnover of each stock of a simulated market without events dealt out anew in blocks of sessions; "
        "prices stay. Whatever a test tells is false then. False: share of families, after Benjamini-Hochberg within "
        f"each, with a signal; ✗ where its lower bound is above {shuffles.MOST:.2f}. Of sectors the sessions on which "
        "a signal begins. Blocks of one session leave flows no memory; in blocks of twenty it stays.",
        "",
        "| detector | family | block | false | per 1,000 | ≤ 0.10 |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['detector']} | {row['family']} | {row['block']} | {rate(row['rate'])} | {row['per_1000']:.3f} | "
            f"{mark(not row['above'])} |"
        )
    return "\n".join([*lines, ""])
