"""프로그램매매 beside the investors: sums of the same sessions, of a stock or of markets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from sugeup.archive import Archive
from sugeup.usecases import doors, program_figures
from sugeup.usecases.answers import Gap, Meta, Shown
from sugeup.usecases.daily_scope import Scope
from sugeup.usecases.investor_blocks import Draft

_FIELDS = {
    f"{name}_{side}": f"{kind}_{side}_amount"
    for name, kind in (("total", "program"), ("arbitrage", "arbitrage"), ("non_arbitrage", "non_arbitrage"))
    for side in ("buy", "sell")
}
_SPLIT = "the split is not published per stock"


class Program(Shown):
    """프로그램매매, an order-entry method of all groups: shown beside them, never added."""

    total_buy: int | None
    total_sell: int | None
    arbitrage_buy: int | None
    arbitrage_sell: int | None
    non_arbitrage_buy: int | None
    non_arbitrage_sell: int | None
    meta: Meta


def program(archive: Archive, scope: Scope) -> tuple[Program, list[Gap]]:
    """Won of the period; there are no partial sums. The gap says what is not stored and which job collects it."""
    dataset = "program_day_stock" if scope.security else "program_day_market"
    columns = [name for name in _FIELDS.values() if scope.security is None or name.startswith("program_")]
    days = scope.period_days
    rows = archive.read(dataset, columns=columns, scopes=scope.scopes, start=days[0], end=days[-1])
    rows = rows.filter(pl.col("venue") == "KRX")
    if scope.security is None:
        rows = program_figures.completed(rows, ("buy", "sell"))
    expected = scope.scene.trading["session"].to_list()
    stored = rows.filter(pl.col("session").is_in(expected))
    missing = len(expected) - _whole(stored, len(scope.scopes))
    draft = Draft({}, {})
    sources = stored["source"].unique().sort().to_list()
    for field, column in _FIELDS.items():
        _enter(draft, field, stored, column, expected, missing, sources)
    for source in sources if not missing else ():
        scope.add_source(source)
    return Program(**draft.values, meta=draft.meta), _gaps(archive, dataset, expected, missing)


def _whole(rows: pl.DataFrame, scopes: int) -> int:
    """Sessions with a row of every scope."""
    return rows.group_by("session").len().filter(pl.col("len") == scopes).height


def _enter(
    draft: Draft,
    field: str,
    rows: pl.DataFrame,
    column: str,
    expected: Sequence[date],
    missing: int,
    sources: Sequence[str],
) -> None:
    if column not in rows.columns:
        draft.put(field, None, unit="won", reason="NOT_AVAILABLE_FROM_SOURCE", note=_SPLIT)
    elif not expected:
        draft.put(field, None, unit="won", reason="HALTED", note="no trade in the period")
    elif rows.is_empty():
        draft.put(field, None, unit="won", reason="NOT_COLLECTED", note="no source of 프로그램매매 is stored")
    elif missing:
        note = f"{missing} of {len(expected)} sessions have no row"
        draft.put(field, None, unit="won", reason="MISSING_INPUT", note=note)
    elif rows[column].null_count():
        note = f"{', '.join(sources)} does not publish it"
        draft.put(field, None, unit="won", reason="NOT_AVAILABLE_FROM_SOURCE", note=note)
    else:
        running = None if rows["final"].all() else True
        draft.put(field, int(rows[column].sum()), unit="won", source=", ".join(sources), provisional=running)


def _gaps(archive: Archive, dataset: str, expected: Sequence[date], missing: int) -> list[Gap]:
    if not missing:
        return []
    how = doors.how(archive, dataset)
    reason = "NOT_COLLECTED" if missing == len(expected) else "MISSING_INPUT"
    part = "" if missing == len(expected) else f" of {missing} of {len(expected)} sessions"
    return [Gap(what=f"program trading 프로그램매매{part}", reason=reason, how=how)]
