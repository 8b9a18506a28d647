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
from sugeup.market import investors, sessions
from sugeup.records.upkeep import Condition
from sugeup.sources import checks
from sugeup.sources.files.layout import ROW

SESSIONS = 20
"""Newest sessions whose rows are looked at."""
SAMPLE = 10
"""Stocks that are asked for again."""
SHOWN = 5
JOINED = ("listed_shares", "market_cap")
"""Columns of prices that come from the list of stocks where a source does not tell them, rounded as that one is."""
DIGIT = 0.0051
"""Half of the last digit of a level or a percentage; a price is told in full."""
SUMS = ("foreign_buy", "foreign_sell", "foreign_net", "institution_")
"""Beginnings of columns that a source may have added up from rounded leaves."""
COMPARED = (*daily.ORDER, "foreign_holding")
"""Datasets of which two sources may tell the same facts."""


def stages(_work: Work) -> Sequence[Stage]:
    """From what can be told without the network to what cannot."""
    return [
        Stage("store", _sound),
        Stage("identities", _identities),
        Stage("gaps", _gaps),
        Stage("second", _second),
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
    for dataset in COMPARED:
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


def _second(work: Work) -> Done:
    """The same facts asked of a second source: of markets all, of stocks some, others every day.

    What it says is stored behind the preferred row, and never mixed with it.
    """
    session = sessions.previous(today_of(work))
    total, notes, asked = Done(), [], []
    for dataset in COMPARED:
        declared = records.dataset(dataset)
        wanted = tuple(scopes.of_market(work.archive, dataset)) if declared.scope != "code" else _sample(work, session)
        for name in work.archive.doors(dataset).open[1:]:
            want = Want(wanted, session, session, priority=3, vendor=name)
            try:
                filled = work.archive.fill(dataset, want, stop=work.stop.is_set)
            except ConfigError as error:
                notes.append(f"{name} was not asked: {error.message}")
                continue
            asked.append(f"{dataset} of {name}")
            total += Done(filled.rows.added + filled.rows.kept, filled.calls)
            notes += [str(error) for error in filled.stopped]
    said = f"asked for {session}: {', '.join(asked)}" if asked else "no fact has a second source that can be asked"
    return total + Done(notes=(said, *dict.fromkeys(notes)))


def _rivals(work: Work) -> Done:
    """Figures of the same key by two sources, further apart than both round."""
    notes, start = [], _start(work)
    for dataset in COMPARED:
        declared = records.dataset(dataset)
        pairs = work.care.rivals(declared, start)
        if pairs.is_empty():
            continue
        apart = _apart(work, pairs)
        notes += [
            f"{dataset} {scope} {day} {column}: {source} {value:,.0f}, {other} {second:,.0f}"
            for scope, day, column, source, value, other, second in apart.head(SHOWN).iter_rows()
        ]
        if apart.height > SHOWN:
            notes.append(f"{dataset}: {apart.height:,} such figures in all")
    return Done(notes=tuple(notes) or ("sources agree, where there are two",))


def _apart(work: Work, pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs further apart than both sources round: a sum is rounded with each of its leaves."""
    sources = {*pairs["source"], *pairs["other_source"]}
    origins = {name: work.archive.origin(name) for name in sources}
    won, shares = (
        {name: getattr(origin, unit) for name, origin in origins.items()} for unit in ("unit_won", "unit_shares")
    )
    parts = {
        name: max(len(investors.members(name.partition("_")[0])), 1) if name.startswith(SUMS) else 1
        for name in pairs["column"].unique()
    }
    slack = sum(
        pl.when(pl.col("column").str.ends_with("amount"))
        .then(pl.col(side).replace_strict(won, return_dtype=pl.Float64))
        .when(pl.col("column").str.ends_with("volume") | pl.col("column").str.ends_with("shares"))
        .then(pl.col(side).replace_strict(shares, return_dtype=pl.Float64))
        .otherwise(DIGIT)
        for side in ("source", "other_source")
    ) * pl.col("column").replace_strict(parts, return_dtype=pl.Int64)
    bare = [name for name, origin in origins.items() if origin.bare_institution]
    unlike = pl.col("source").is_in(bare) != pl.col("other_source").is_in(bare)
    other_thing = pl.col("column").str.starts_with("institution_") & unlike  # one has 국가·지자체 in it, one has not
    told = pairs.filter(~pl.col("column").is_in(list(JOINED)), ~other_thing)
    return told.filter((pl.col("value") - pl.col("other_value")).abs() > slack)


def _drift(work: Work) -> Done:
    """Some stocks asked for again: what the source has changed since is stored, and told."""
    session = sessions.previous(today_of(work))
    chosen = _sample(work, session)
    total, notes = Done(), []
    for dataset in ("investor_day_stock", "program_day_stock", "short_day"):
        try:
            want = Want(chosen, session, session, again=True, priority=3)
            filled = work.archive.fill(dataset, want, stop=work.stop.is_set)
        except ConfigError as error:
            return Done(notes=(f"not asked: {error.message}",))
        total += Done(filled.rows.added + filled.rows.replaced, filled.calls)
        if filled.rows.replaced:
            notes.append(
                f"{dataset}: the source has changed {filled.rows.replaced:,} of {len(chosen)} rows of {session}"
            )
        notes += [str(error) for error in filled.stopped]
    return total + Done(notes=tuple(notes) or (f"{len(chosen)} stocks of {session} are as the source says",))


def _sample(work: Work, session: date) -> tuple[str, ...]:
    """Some stocks, others every session."""
    codes = scopes.stocks(work.archive, session)
    if not codes:
        return ()
    start, step = session.toordinal() * 7, max(len(codes) // SAMPLE, 1)
    return tuple(dict.fromkeys(codes[(start + number * step) % len(codes)] for number in range(SAMPLE)))


def _start(work: Work) -> date:
    return sessions.previous(today_of(work), SESSIONS)


JOB = Job("verify", "검증", "Identities, gaps, disagreements between sources, changes at the source.", stages, today_of)
