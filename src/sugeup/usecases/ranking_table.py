"""One row per stock with the figures of a flow ranking, the order by each measure, and the row as it is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from pydantic import Field

from sugeup.metrics.outcome import REASONS, Outcome
from sugeup.usecases.answers import Meta, Shown
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.ranking_scene import Scene

_UNLISTED = "no names of stocks (instruments) are stored"
_DIGITS = {"net_to_turnover": 2, "z": 2, "foreign_z": 2, "institution_z": 2, "change_rate": 2}


class RankedStock(Shown):
    """One stock of the ranking; its `meta` says why a figure is null."""

    rank: int
    code: str
    name: str | None
    market: str | None
    net_amount: int | None = Field(description="Net of the period, won.")
    net_volume: int | None = Field(None, description="Shares, where no won are stored.")
    net_to_turnover: float | None
    z: float | None = Field(description="Robust z of the last 5 sessions.")
    streak: int | None = Field(description="Sessions in a row: + buying, - selling.")
    focus: str | None = Field(description="쌍끌이 label.")
    foreign_z: float | None
    institution_z: float | None
    current_price: int | None
    change_rate: float | None
    market_cap: int | None
    halted: bool | None
    meta: Meta


def table(scene: Scene) -> pl.DataFrame:
    """Figures of every stock, null where they cannot be computed; columns `why_…` hold the reason of a null."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(scene.turned_over > 0, 100 * scene.total / scene.turned_over, np.nan)
    focus, foreign, institution = scene.focus
    z, streak, nothing = scene.z(scene.investor), scene.streaks, np.full(len(scene.stocks), np.nan)
    idle = scene.halted[:, -1]
    figures = {
        "net_amount": scene.total if scene.basis == "AMOUNT" else nothing,
        "net_volume": scene.total if scene.basis == "VOLUME" else nothing,
        "net_to_turnover": share,
        "z": z.value[:, -1],
        "streak": streak.value[:, -1],
        "foreign_z": foreign.value[:, -1],
        "institution_z": institution.value[:, -1],
        "current_price": scene.today.newest("raw_close"),
        "change_rate": np.where(idle, np.nan, 100 * scene.ret),
        "market_cap": scene.today.newest("market_cap"),
    }
    traded = np.isfinite(scene.today.newest("volume")) | np.isfinite(scene.today.newest("amount"))
    told = {
        "name": list(scene.stocks.names),
        "market": list(scene.stocks.markets),
        "focus": _labels(focus),
        "halted": [bool(flag) if known else None for flag, known in zip(idle, traded, strict=True)],
        "why_net": scene.why_net,
        "why_z": _reasons(z),
        "why_foreign_z": _reasons(foreign),
        "why_institution_z": _reasons(institution),
        "why_streak": _reasons(streak),
    }
    return pl.DataFrame(
        {"code": list(scene.stocks.codes), **told, **figures},
        schema_overrides=dict.fromkeys(told, pl.String) | {"code": pl.String, "halted": pl.Boolean},
    ).with_columns(pl.col(pl.Float64).fill_nan(None))


def order(stocks: pl.DataFrame, by: str, sign: int) -> pl.DataFrame:
    """Stocks that qualify, best first and equal ones by code, with their `rank`; sign 1: bought, -1: sold.

    쌍끌이 (DOUBLE) is ordered by the weaker of the two z: both have to be unusual.
    """
    keys: tuple[str, ...]
    match by:
        case "STREAK":
            kept, keys = stocks.filter(pl.col("streak") * sign > 0), ("streak", "net_to_turnover")
        case "DOUBLE":
            weaker = pl.min_horizontal(pl.col("foreign_z") * sign, pl.col("institution_z") * sign) * sign
            label = "DOUBLE_BUY" if sign > 0 else "DOUBLE_SELL"
            kept, keys = stocks.filter(pl.col("focus") == label).with_columns(weaker.alias("weaker")), ("weaker",)
        case "NET_AMOUNT":
            kept, keys = stocks.filter(pl.col("net_amount") * sign > 0), ("net_amount",)
        case _:
            kept, keys = stocks.filter(pl.col("net_to_turnover") * sign > 0), ("net_to_turnover",)
    ordered = kept.sort([pl.col(key) * -sign for key in keys] + [pl.col("code")], nulls_last=True)
    return ordered.with_row_index("rank", offset=1)


def shown(row: dict[str, Any], scene: Scene) -> RankedStock:
    """A row of the ranking as an answer shows it: rounded, each null with its reason."""
    draft = Draft({}, {})
    net = row["why_net"]
    other = "no won are stored" if scene.basis == "VOLUME" else None
    draft.put("net_amount", _whole(row["net_amount"]), reason="MISSING_INPUT" if other else net, note=other)
    if scene.basis == "VOLUME":
        draft.put("net_volume", _whole(row["net_volume"]), reason=net)
    _put(draft, row, "net_to_turnover", net or "MISSING_INPUT", None if net else "turnover of a session is missing")
    halt = "HALTED" if row["halted"] else None
    for name in ("z", "foreign_z", "institution_z"):
        _put(draft, row, name, halt or row[f"why_{name}"], "a halt, a gap or a short history")
    why = halt or row["why_streak"] or "MISSING_INPUT"
    draft.put("streak", _whole(row["streak"]), reason=_unless(row["streak"], why))
    draft.put("focus", row["focus"], reason=_unless(row["focus"], halt or "MISSING_INPUT"))
    for name, note in (("current_price", "no price is stored"), ("market_cap", "no market capitalisation is stored")):
        draft.put(
            name,
            _whole(row[name]),
            reason=_unless(row[name], "MISSING_INPUT"),
            note=_unless(row[name], note),
        )
    _put(draft, row, "change_rate", "HALTED" if row["halted"] else "MISSING_INPUT", None)
    draft.put("halted", row["halted"], reason=_unless(row["halted"], "MISSING_INPUT"))
    for name in ("name", "market"):
        draft.put(name, row[name], reason=_unless(row[name], "MISSING_INPUT"), note=_unless(row[name], _UNLISTED))
    return RankedStock(rank=row["rank"], code=row["code"], **draft.values, meta=draft.meta)


def _put(draft: Draft, row: dict[str, Any], name: str, reason: str | None, note: str | None) -> None:
    value = row[name]
    if value is not None:
        draft.put(name, round(value, _DIGITS[name]))
    else:
        draft.put(name, None, reason=reason or "MISSING_INPUT", note=note)


def _unless(value: Any, said: str) -> str | None:
    return said if value is None else None


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _labels(found: Outcome) -> list[str | None]:
    return [None if name is None else str(name) for name in found.names()]


def _reasons(found: Outcome) -> list[str | None]:
    return [REASONS[int(code)] or None for code in found.reason[:, -1].tolist()]
