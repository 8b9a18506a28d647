"""기준정보: rows of instruments, industries, corporate actions and marks of a plan, by the day from which they hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from sugeup.sandbox import sectors
from sugeup.sandbox.draws import generator
from sugeup.sandbox.lifecycle import Lifecycle
from sugeup.sandbox.marks import Marks
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.universe import Universe

SCHEME = "KRX_INDUSTRY"
_OLDEST = date(1990, 1, 3)


def isin(code: str) -> str:
    """ISIN of a Korean share code with its check digit. >>> isin("005930") gives KR7005930003."""
    body = f"KR7{code}00"
    digits = "".join(str(int(letter, 36)) for letter in body)
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return f"{body}{-sum(value // 10 + value % 10 for value in doubled) % 10}"


def instruments(plan: Plan, days: Sequence[date], stocks: Universe, life: Lifecycle) -> list[dict[str, Any]]:
    """One row per stock and change: listing (or the plan's first session), new number of shares, end of listing."""
    age = generator(plan.seed, "listed-on").random(plan.stocks)
    found = []
    for at, code in enumerate(stocks.codes):
        start = max(int(life.first[at]), 0)
        since = days[start] if life.first[at] >= 0 else _OLDEST + (days[0] - _OLDEST) * float(age[at])
        changes = [start, *(int(row) for row in np.flatnonzero(life.factor[:, at] != 1.0))]
        ends = int(life.last[at]) < len(days)
        if ends:
            changes.append(int(life.last[at]))
        par = int(stocks.par[at])
        for place, row in enumerate(changes):
            after = days[changes[place + 1]] if place + 1 < len(changes) else None
            found.append(
                {
                    "code": code,
                    "valid_from": days[row],
                    "isin": isin(code),
                    "name": stocks.names[at],
                    "name_en": stocks.names_en[at],
                    "market": stocks.market_name(at),
                    "kind": "STOCK",
                    "listed_on": since,
                    "delisted_on": days[row] if ends and place + 1 == len(changes) else None,
                    "par_amount": max(round(par / float(life.factor[start : row + 1, at].prod())), 1),
                    "listed_shares": int(life.shares[row, at]),
                    "is_preferred": bool(stocks.preferred[at]),
                    "nxt_tradable": bool(stocks.nxt[at]),
                    "valid_to": None if after is None else after - timedelta(days=1),
                }
            )
    return found


def memberships(days: Sequence[date], stocks: Universe, life: Lifecycle) -> list[dict[str, Any]]:
    """The industry of each stock, from its first session in the plan on."""
    return [
        {
            "code": code,
            "scheme": SCHEME,
            "valid_from": days[max(int(life.first[at]), 0)],
            "sector": sectors.ALL[int(stocks.sector[at])].code,
            "sector_name": sectors.ALL[int(stocks.sector[at])].name,
            "valid_to": days[int(life.last[at])] if int(life.last[at]) < len(days) else None,
        }
        for at, code in enumerate(stocks.codes)
    ]


def actions(days: Sequence[date], stocks: Universe, life: Lifecycle) -> list[dict[str, Any]]:
    """Splits and consolidations with both factors."""
    return [
        {
            "code": stocks.codes[at],
            "effective_session": days[row],
            "kind": "SPLIT" if life.factor[row, at] > 1 else "CONSOLIDATION",
            "share_factor": float(life.factor[row, at]),
            "price_factor": 1.0 / float(life.factor[row, at]),
            "evidence": "listed_shares,base_price",
        }
        for row, at in zip(*np.nonzero(life.factor != 1.0), strict=True)
    ]


def designations(days: Sequence[date], rows: slice, stocks: Universe, marked: Marks) -> pl.DataFrame:
    """Every mark of some sessions."""
    codes, dated = np.array(stocks.codes), np.array(days[rows], dtype="datetime64[D]")
    flags = {
        "HALT": (marked.halt, None),
        "ADMINISTRATIVE": (marked.administrative, None),
        "LIQUIDATION": (marked.liquidation, None),
        "SHORT_OVERHEAT": (marked.overheat, None),
        "WARNING": (marked.warning > 0, marked.warning),
    }
    found = []
    for kind, (flag, level) in flags.items():
        row, at = np.nonzero(flag[rows])
        steps = [None] * len(row) if level is None else [str(step) for step in level[rows][row, at]]
        found.append(
            pl.DataFrame(
                {
                    "code": codes[at],
                    "session": dated[row],
                    "kind": [kind] * len(row),
                    "level": pl.Series(steps, dtype=pl.String),
                },
                schema_overrides={"code": pl.String, "kind": pl.String},
            )
        )
    return pl.concat(found)
