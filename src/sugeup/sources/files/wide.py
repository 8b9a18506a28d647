"""From long rows (one per investor) to our wide rows, and what to do with repeated rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from sugeup.market import investors
from sugeup.sources.files.layout import ROW, Rows, faults, no_faults, without

MERGED = "exact repeat of another row"
_LARGEST = 2**62


def once(frame: pl.DataFrame, key: Sequence[str]) -> Rows:
    """One row per key: exact repeats are merged and counted, rows that contradict each other are all faulty."""
    if not frame.select(pl.struct(key).is_duplicated().any()).item():
        return Rows(frame)
    distinct = frame.unique(subset=[name for name in frame.columns if name != ROW], keep="first", maintain_order=True)
    merged = frame.height - distinct.height
    named = ", ".join(key)
    clash = faults(
        distinct, pl.struct(key).is_duplicated(), f"contradicts another row of the same {named}: keep one of them"
    )
    return Rows(without(distinct, clash), {MERGED: merged} if merged else {}, clash)


def widen(
    frame: pl.DataFrame,
    group: Sequence[str],
    names: Mapping[str, str | None],
    values: Mapping[str, tuple[str, str]],
    *,
    unit: int = 1,
) -> Rows:
    """Rows by `group` and `investor` label as one wide row per group, `row` being the first of its rows.

    `names`: label -> investor id (None: dropped). `values`: column -> (side, measure). `unit`: won or shares of a 1 in
    the file. Rows that repeat a label with other figures make their whole group faulty.
    """
    single = once(frame, [*group, "investor"])
    beyond = pl.any_horizontal(pl.col(column).abs() > _LARGEST // unit for column in values)
    wrong = pl.concat([single.faults, faults(single.frame, beyond, f"is too large a figure in units of {unit:,}")])
    spoiled = companions(frame, group, wrong)
    clean = without(without(single.frame, wrong), spoiled)
    found = [
        (pl.col(column).filter(pl.col("investor") == label).first() * unit).alias(investors.column(name, side, measure))
        for label, name in names.items()
        if name is not None
        for column, (side, measure) in values.items()
    ]
    wide = clean.group_by(group, maintain_order=True).agg(pl.col(ROW).min(), *found)
    return Rows(wide, single.left_out, pl.concat([wrong, spoiled]))


def companions(frame: pl.DataFrame, group: Sequence[str], faulty: pl.DataFrame) -> pl.DataFrame:
    """Faults of the rows that share their group with a faulty one: their wide row would lack a figure."""
    if faulty.is_empty():
        return no_faults()
    rows = frame.join(faulty, on=ROW, how="semi").group_by(group).agg(pl.col(ROW).min().alias("__first"))
    beside = frame.join(rows, on=list(group), how="inner", nulls_equal=True).join(faulty, on=ROW, how="anti")
    return faults(
        beside,
        pl.lit(True),
        pl.format("belongs to the same {} as row {}, which is rejected", pl.lit(" and ".join(group)), "__first"),
    )
