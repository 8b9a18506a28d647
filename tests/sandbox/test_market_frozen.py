"""The generator is frozen: equal plans give equal truth in every later version; a change needs a decision record.

The hash covers every whole number, text and date of the truth. Numbers are drawn by counter (Philox) and made whole at
the end, in double precision: a mathematical library that rounds an exponential function differently changes the last
bit of a latent figure, and only where that lies within about 1e-16 of a rounding edge does a whole number change. So
the hash should hold on every platform, but it is no law of nature: on a new platform compare the rows before blaming
the code. Numbers with decimals (index levels, ratios) are rounded before they are hashed. NumPy does not promise that
its distributions draw the same for ever; should it change one, this test says so.
"""

from __future__ import annotations

import hashlib
import json
from importlib import resources

import polars as pl
import pytest

from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.tables import MAKERS

FROZEN = json.loads(resources.files("sugeup.sandbox").joinpath("frozen.json").read_text(encoding="utf-8"))


def digest(market: SimulatedMarket) -> str:
    """One hash of all rows of all daily datasets and of the labels."""
    whole = hashlib.sha256()
    for name in sorted(MAKERS):
        rows = market.rows(name, market.sessions[0], market.sessions[-1])
        whole.update(f"{name} {rows.columns} {len(rows)}\n".encode())
        whole.update(rounded(rows).write_csv(include_header=False).encode())
    labels = market.labels.with_columns(pl.col("codes", "leaves").list.join(" "))
    whole.update(rounded(labels).write_csv(include_header=False).encode())
    return whole.hexdigest()


def rounded(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns((pl.col(pl.Float64) * 10_000).round().cast(pl.Int64))


def test_the_truth_of_a_small_plan_is_what_it_was() -> None:
    market = SimulatedMarket(Plan(stocks=60, sessions=40, events=1))
    assert FROZEN["stocks=60,sessions=40,events=1"] == digest(market), (
        "the generator is frozen; a change needs a decision record in docs/decisions and new hashes in frozen.json"
    )


@pytest.mark.slow
def test_the_truth_of_a_larger_plan_is_what_it_was() -> None:
    market = SimulatedMarket(Plan(stocks=600, sessions=180, events=1, turbulence=2.0))
    assert FROZEN["stocks=600,sessions=180,events=1,turbulence=2"] == digest(market), (
        "the generator is frozen; a change needs a decision record in docs/decisions and new hashes in frozen.json"
    )
