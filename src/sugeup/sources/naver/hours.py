"""Which hours a figure of a day covers, since the exchange trades in the evening too."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from sugeup.market import sessions
from sugeup.market.calendar_tables import FIRST, LAST
from sugeup.market.sessions import SEOUL
from sugeup.sources.replies.moments import SETTLING, received
from sugeup.sources.vendor import Reply


def covered(day: date, reply: Reply) -> str:
    """REGULAR where there was no after-market; TOTAL once it is over, UNKNOWN before."""
    for phase in sessions.phases(day) if FIRST <= day <= LAST else ():
        if phase.phase == "AFTER" and phase.close is not None:
            over = datetime.combine(day, phase.close, SEOUL) + SETTLING
            return "TOTAL" if received(reply) >= over else "UNKNOWN"
    return "REGULAR"


def told(frame: pl.DataFrame, reply: Reply, *, known: bool = True) -> pl.DataFrame:
    """The rows of days with the hours of each; `known`: whether the figures are known to have the after-market in."""
    days = frame["session"].unique().to_list()
    if not days:
        return frame
    said = {day: covered(day, reply) for day in days}
    if not known:
        said = {day: "REGULAR" if hours == "REGULAR" else "UNKNOWN" for day, hours in said.items()}
    return frame.with_columns(pl.col("session").replace_strict(said, return_dtype=pl.String).alias("hours"))
