"""Buy and sell where the preferred row has net alone: from the best row that has both, if it tells the same net.

A vendor's confirmed row of a market may be net only, while the row it gave after the close has both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from sugeup.archive import Archive
from sugeup.market import investors

_SIDES = ("buy", "sell")


@dataclass(frozen=True)
class Sides:
    """Where buy and sell of the period were taken from beside the preferred rows; `provisional`: not confirmed.

    `apart` counts rows whose other source, as final as the row itself, tells another net; `revised` those where it was
    provisional and another net was confirmed since: the buy and sell of both stay null.
    """

    sources: tuple[str, ...] = ()
    provisional: bool = False
    apart: int = 0
    revised: int = 0

    @property
    def source(self) -> str | None:
        """The sources in one text."""
        return ", ".join(self.sources) or None


def filled(
    archive: Archive, dataset: str, rows: pl.DataFrame, key: str, scopes: Sequence[str], days: Sequence[date]
) -> tuple[pl.DataFrame, Sides]:
    """The rows with buy and sell of the sessions `days` filled in, and where they came from."""
    amounts = [investors.column(group, side, "amount") for group in investors.GROUPS for side in _SIDES]
    nets = [investors.column(group, "net", measure) for group in investors.GROUPS for measure in investors.MEASURES]
    won = [name for name in nets if name.endswith("_amount")]
    empty = pl.all_horizontal(pl.col(amounts).is_null()) & pl.any_horizontal(pl.col(won).is_not_null())
    bare = rows.filter(pl.col("session").is_in(list(days)) & empty)
    if bare.is_empty():
        return rows, Sides()
    figures = [
        investors.column(group, side, measure)
        for group in investors.GROUPS
        for side in _SIDES
        for measure in investors.MEASURES
    ]
    other = archive.read(dataset, columns=figures, scopes=scopes, start=days[0], end=days[-1], having=amounts)
    other = other.filter(pl.col("venue") == "KRX")
    keys = [key, "session", *(["products"] if "products" in rows.columns else [])]
    told = other.select(*keys, pl.col("source", "final").name.prefix("other_"), pl.col(figures).name.prefix("other_"))
    joined = bare.select(*keys, "source", "final", *nets).join(told, on=keys)
    if joined.is_empty():
        return rows, Sides()
    origins = [archive.origin(name) for name in {*joined["source"], *joined["other_source"]}]
    slack = {
        "amount": _slack(max(origin.unit_won for origin in origins)),
        "volume": _slack(max(origin.unit_shares for origin in origins)),
    }
    same = pl.all_horizontal(
        _close(group, measure, most) for group in investors.GROUPS for measure, most in slack.items()
    )
    judged = joined.with_columns(same.fill_null(value=False).alias("same"))
    kept, unlike = judged.filter("same"), judged.filter(~pl.col("same"))
    revised = unlike.filter(pl.col("final") & ~pl.col("other_final")).height
    merged = rows.join(kept.select(*keys, *(f"other_{name}" for name in figures)), on=keys, how="left")
    merged = merged.with_columns(pl.coalesce(name, f"other_{name}").alias(name) for name in figures)
    return merged.select(rows.columns), Sides(
        sources=tuple(kept["other_source"].unique().sort()),
        provisional=not kept["other_final"].all(),
        apart=unlike.height - revised,
        revised=revised,
    )


def _slack(unit: int) -> int:
    """What rounding may leave between buy - sell and net, each of which is rounded to the unit."""
    return 2 * unit if unit > 1 else 0


def _close(group: str, measure: str, slack: int) -> pl.Expr:
    """Whether buy - sell of the other row is the net; a group without won in both, and missing shares, do not count."""
    buy, sell = (pl.col(f"other_{group}_{side}_{measure}") for side in _SIDES)
    net = pl.col(f"{group}_net_{measure}")
    close = (buy - sell - net).abs() <= slack
    if measure == "volume":
        return close.fill_null(value=True)
    return (buy.is_null() & sell.is_null() & net.is_null()) | close
