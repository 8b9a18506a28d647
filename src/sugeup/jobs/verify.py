"""검증: stored figures against their own rules, the calendar, their source, and other sources of the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from sugeup import records
from sugeup.archive import Want, comparing, holes
from sugeup.errors import ConfigError, CorruptStore
from sugeup.jobs import daily, scopes
from sugeup.jobs.job import Done, Job, Stage, Work
from sugeup.jobs.universe import today_of
from sugeup.market import sessions
from sugeup.records.upkeep import Condition
from sugeup.sources import checks
from sugeup.sources.files.layout import ROW

SESSIONS = 20
"""Newest sessions whose rows are looked at."""
SAMPLE = 10
"""Stocks that are asked for again."""
SHOWN = 5


def stages(_work: Work) -> Sequence[Stage]:
    """From what can be told without the network to what cannot."""
    return [
        Stage("store", _sound),
        Stage("identities", _identities),
        Stage("gaps", _gaps),
        Stage("sources", _rivals),
        Stage("drift", _drift),
    ]


def _sound(work: Work) -> Done:
    damaged = [one for one in work.care.check() if one.condition is Condition.DAMAGED]
    if damaged:
        raise CorruptStore(
            f"{len(damaged)} findings of damage: {', '.join(dict.fromkeys(one.table for one in damaged))}.",
            hint="`sugeup store restore` brings back the last good version.",
        )
    return Done(notes=("every table can be read",))


def _identities(work: Work) -> Done:
    """The checks of the way in, held again against what is stored around them now."""
    notes, start = [], _start(work)
    for dataset in (*daily.ORDER, "foreign_holding"):
        declared = records.dataset(dataset)
        rows = work.archive.read(dataset, start=start)
        for (source,), part in rows.group_by(["source"], maintain_order=True):
            numbered = part.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW))
            context = comparing.context_of(work.archive, declared, str(source), part)
            found = checks.check(declared, numbered, context)
            if found.faults.height:
                first = found.faults.row(0, named=True)
                at = numbered.row(first[ROW] - 1, named=True)
                notes.append(
                    f"{dataset} of {source}: {found.faults.height:,} rows fail, {at[declared.scope]} "
                    f"{at[declared.dated]}: {first['reason']} ({first['value']})"
                )
    return Done(notes=tuple(notes) or (f"rows since {start} hold",))


def _gaps(work: Work) -> Done:
    """Sessions that nobody was asked for, between the first and the last that somebody was, of listed stocks."""
    notes = []
    lives = _lives(work)
    for dataset in daily.ORDER:
        spans = work.archive.coverage(dataset)
        if not spans:
            continue
        days = sessions.sessions(min(span.first for span in spans), max(span.last for span in spans))
        wanted = dict.fromkeys(span.scope for span in spans)
        missing = holes.open_cells(wanted, days, spans)
        inside = {scope: [day for day in found if _alive(lives, scope, day)] for scope, found in missing.items()}
        inside = {scope: found for scope, found in inside.items() if found}
        if inside:
            scope, found = next(iter(inside.items()))
            notes.append(
                f"{dataset}: {sum(map(len, inside.values())):,} sessions of {len(inside):,} scopes were never asked "
                f"for, {scope} {found[0]} for one; `sugeup job run backfill` fills them"
            )
    return Done(notes=tuple(notes) or ("no gaps",))


def _lives(work: Work) -> dict[str, tuple[date | None, date | None]]:
    rows = work.archive.read("instruments", columns=["listed_on", "delisted_on"])
    newest = rows.sort("code", "valid_from").unique("code", keep="last")
    return {
        code: (listed, gone) for code, listed, gone in newest.select("code", "listed_on", "delisted_on").iter_rows()
    }


def _alive(lives: dict[str, tuple[date | None, date | None]], scope: str, day: date) -> bool:
    listed, gone = lives.get(scope, (None, None))
    return (listed is None or listed <= day) and (gone is None or day <= gone)


def _rivals(work: Work) -> Done:
    """Figures of the same key by two sources, further apart than both round."""
    notes, start = [], _start(work)
    for dataset in (*daily.ORDER, "foreign_holding"):
        declared = records.dataset(dataset)
        pairs = work.care.rivals(declared, start)
        if pairs.is_empty():
            continue
        units = {
            name: max(work.archive.origin(name).unit_won, work.archive.origin(name).unit_shares)
            for name in {*pairs["source"], *pairs["other_source"]}
        }
        slack = sum(pl.col(side).replace_strict(units, return_dtype=pl.Int64) for side in ("source", "other_source"))
        apart = pairs.filter((pl.col("value") - pl.col("other_value")).abs() > slack)
        notes += [
            f"{dataset} {scope} {day} {column}: {source} {value:,.0f}, {other} {second:,.0f}"
            for scope, day, column, source, value, other, second in apart.head(SHOWN).iter_rows()
        ]
        if apart.height > SHOWN:
            notes.append(f"{dataset}: {apart.height:,} such figures in all")
    return Done(notes=tuple(notes) or ("sources agree, where there are two",))


def _drift(work: Work) -> Done:
    """Some stocks asked for again: what the source has changed since is stored, and told."""
    session = sessions.previous(today_of(work))
    codes = scopes.stocks(work.archive, session)
    ordinal = session.toordinal()
    chosen = (
        tuple(codes[(ordinal * 7 + number * max(len(codes) // SAMPLE, 1)) % len(codes)] for number in range(SAMPLE))
        if codes
        else ()
    )
    total, notes = Done(), []
    for dataset in ("investor_day_stock", "program_day_stock", "short_day"):
        try:
            want = Want(tuple(dict.fromkeys(chosen)), session, session, again=True, priority=3)
            filled = work.archive.fill(dataset, want, stop=work.stop.is_set)
        except ConfigError as error:
            return Done(notes=(f"not asked: {error.message}",))
        total += Done(filled.rows.added + filled.rows.replaced, filled.calls)
        if filled.rows.replaced:
            notes.append(
                f"{dataset}: the source has changed {filled.rows.replaced:,} of {len(chosen)} rows of {session}"
            )
        notes += [str(error) for error in filled.stopped]
    return total + Done(notes=tuple(notes) or (f"{len(set(chosen))} stocks of {session} are as the source says",))


def _start(work: Work) -> date:
    return sessions.previous(today_of(work), SESSIONS)


JOB = Job("verify", "검증", "Identities, gaps, disagreements between sources, changes at the source.", stages, today_of)
