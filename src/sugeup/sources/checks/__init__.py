"""Checks of rows on the way in: each rejected row carries a reason in words. Pure; what they compare with is passed in.

    rows       every dataset: key, code, session, time of knowledge, signs, allowed words, repeated keys
    bars       prices inside the day's range and on the tick grid, turnover against volume, index levels
    flows      net = buy - sell, leaves = sums, amount ÷ volume near the day's prices, market figures against turnover
    intraday   moments inside the session's hours, trades in order and inside the day's prices, tallies of their slot
    programs   net = buy - sell, 차익 + 비차익 = whole, no more than the turnover of the market, unit
    scarce     market funds of a plausible size, one sector in a scheme
    positions  lent shares and loans against the prices of the day
    reference  steps of warnings, factors of corporate actions
    desks      basis of futures, ranks of brokers

A check may be added by adding a function to `CHECKS` of one of these modules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from sugeup.records import Dataset
from sugeup.sources.checks import bars, desks, flows, intraday, positions, programs, reference, rows, scarce
from sugeup.sources.checks.context import Context
from sugeup.sources.files.layout import ROW, no_faults, without
from sugeup.sources.files.wide import once

__all__ = ["Checked", "Context", "check"]

Check = Callable[[Dataset, pl.DataFrame, Context], pl.DataFrame]
CHECKS: tuple[Check, ...] = (
    *rows.CHECKS,
    *bars.CHECKS,
    *flows.CHECKS,
    *intraday.CHECKS,
    *programs.CHECKS,
    *scarce.CHECKS,
    *positions.CHECKS,
    *reference.CHECKS,
    *desks.CHECKS,
)


@dataclass(frozen=True)
class Checked:
    """Rows that passed, rows that did not (one reason each, the first found per check joined), counts and warnings."""

    frame: pl.DataFrame
    faults: pl.DataFrame
    left_out: Mapping[str, int] = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)


def check(dataset: Dataset, frame: pl.DataFrame, context: Context) -> Checked:
    """Rows of one dataset and source (our columns, `row`), checked; order of rows does not matter."""
    found = [no_faults(), *rows.identify(dataset, frame, context)]
    sound = without(frame, pl.concat(found))
    for one in CHECKS:
        found.append(one(dataset, sound, context))
    passed = without(sound, pl.concat(found))
    single = once(passed, [name for name in dataset.full_key if name in passed.columns])
    found.append(single.faults)
    passed = without(single.frame, single.faults)
    faulty = (
        pl.concat(found)
        .group_by(ROW, maintain_order=True)
        .agg(pl.col("reason").unique(maintain_order=True).str.join("; "), pl.col("value").drop_nulls().first())
    )
    return Checked(passed, faulty.sort(ROW), single.left_out, flows.warnings(dataset, passed, context))
