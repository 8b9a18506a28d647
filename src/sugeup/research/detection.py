"""찾아냈는가: signals held against labelled events - precision, recall, delay, false discoveries, decoys.

Signals of one kind on one stock with at most `GAP` sessions between them are one alarm. An alarm is true when one of
its signals lies within a labelled event that it tells of, or shortly after it (`rules`). An event is found when a
signal of its kind lies there, and counts only where the detector could judge at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from sugeup.metrics import statistics
from sugeup.research.detectors import Found
from sugeup.research.figures import Flags
from sugeup.research.rules import Rule

GAP = 5
"""Sessions between two signals of one alarm at most."""


@dataclass(frozen=True)
class Event:
    """A label in places: rows of stocks (or of the sector), first and last session; `sign` of its amplitude."""

    id: str
    kind: str
    codes: tuple[str, ...]
    first: int
    last: int
    sign: int
    decoy: bool


@dataclass
class Tally:
    """Counts of one kind of signal, which add up over markets.

    `alarms`, `true`: alarms and those within an event. `events`, `found`: eligible target events by kind and those
    found; `delays`: sessions from an event's first to its first signal. `decoys`, `fooled`: decoys that it could
    judge, and those with a signal. `cells`: stock-sessions judged. `discoveries`, `false_share`: sessions with a
    signal and the sum over them of the share that is false; `days`: sessions judged. `windows`, `struck`: stretches of
    60 sessions without any label, and those with a signal.
    """

    alarms: int = 0
    true: int = 0
    decoys: int = 0
    fooled: int = 0
    cells: int = 0
    days: int = 0
    discoveries: int = 0
    false_share: float = 0.0
    windows: int = 0
    struck: int = 0
    events: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    delays: list[int] = field(default_factory=list)

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(**{name: value + getattr(other, name) for name, value in vars(self).items()})


STRETCH = 60
JUDGED = 0.9
"""Part of a stretch that must have been judged."""


def events(labels: pl.DataFrame, days: Sequence[date]) -> tuple[Event, ...]:
    """Labels as events in places of sessions. Columns: event_id, kind, codes, first, last, amplitude, decoy."""
    place = {day: at for at, day in enumerate(days)}
    return tuple(
        Event(
            row["event_id"],
            row["kind"],
            tuple(row["codes"]),
            place[row["first"]],
            place[row["last"]],
            -1 if row["amplitude"] < 0 else 1,
            bool(row["decoy"]),
        )
        for row in labels.iter_rows(named=True)
        if row["first"] in place and row["last"] in place
    )


def tally(found: Found, rule: Rule, planted: Sequence[Event], codes: Sequence[str]) -> Tally:
    """Counts of one kind in one market. `codes`: of the rows of `found`, unless it has members."""
    rows = _rows(found, codes)
    told = Tally(cells=int(found.judged.sum()), days=int(found.judged.any(axis=0).sum()))
    inside = np.zeros(found.fired.shape, bool)
    touched = np.zeros(found.fired.shape, bool)
    for one in planted:
        window = slice(one.first, one.last + rule.after + 1)
        for row in _places(one, rows, found):
            touched[row, max(one.first - GAP, 0) : one.last + rule.after + GAP + 1] = True
            counts = one.kind in rule.targets or one.kind in rule.also
            if counts and not one.decoy and rule.sign in (0, one.sign):
                inside[row, window] = True
    for one in planted:
        window = slice(one.first, one.last + rule.after + 1)
        places = _places(one, rows, found)
        judged = [row for row in places if found.judged[row, window].any()]
        if not judged:
            continue
        signals = np.flatnonzero(found.fired[judged, window].any(axis=0))
        if one.decoy:
            told.decoys += 1
            told.fooled += bool(signals.size)
        elif one.kind in rule.targets and rule.sign in (0, one.sign):
            told.events[one.kind] += 1
            told.found[one.kind] += bool(signals.size)
            told.delays += [int(signals[0])] if signals.size else []
    _alarms(told, found.fired, inside)
    _daily(told, found.fired, inside)
    _quiet(told, found, touched)
    return told


def _rows(found: Found, codes: Sequence[str]) -> dict[str, int]:
    """Row of each code; of the sector where rows are sectors."""
    if found.members is None:
        return {code: row for row, code in enumerate(codes)}
    return {code: row for row, members in enumerate(found.members) for code in members}


def _places(one: Event, rows: Mapping[str, int], found: Found) -> list[int]:
    """Rows that an event concerns; every row for one of the whole market."""
    if not one.codes:
        return list(range(found.fired.shape[0]))
    return sorted({rows[code] for code in one.codes if code in rows})


def _alarms(told: Tally, fired: Flags, inside: Flags) -> None:
    for row in np.flatnonzero(fired.any(axis=1)):
        at = np.flatnonzero(fired[row])
        starts = np.flatnonzero(np.diff(at, prepend=-GAP - 2) > GAP)
        for part in np.split(at, starts[1:]):
            told.alarms += 1
            told.true += bool(inside[row, part].any())


def _daily(told: Tally, fired: Flags, inside: Flags) -> None:
    """The false discovery rate that Benjamini-Hochberg speaks of: the mean over sessions of false ÷ told."""
    count = fired.sum(axis=0)
    false = (fired & ~inside).sum(axis=0)
    some = count > 0
    told.discoveries += int(some.sum())
    told.false_share += float((false[some] / count[some]).sum())


def _quiet(told: Tally, found: Found, touched: Flags) -> None:
    """Stretches of 60 judged sessions without any label, and those with a signal."""
    sessions = found.fired.shape[1]
    for start in range(sessions % STRETCH, sessions, STRETCH):
        cut = slice(start, start + STRETCH)
        quiet = (found.judged[:, cut].mean(axis=1) >= JUDGED) & ~touched[:, cut].any(axis=1)
        told.windows += int(quiet.sum())
        told.struck += int((found.fired[:, cut].any(axis=1) & quiet).sum())


def told(counts: Tally) -> dict[str, Any]:
    """Rates with Wilson intervals; None where there is nothing to count."""
    daily = counts.false_share / counts.days if counts.days else None
    return {
        "alarms": counts.alarms,
        "precision": rate(counts.true, counts.alarms),
        "false_discoveries": rate(counts.alarms - counts.true, counts.alarms),
        "daily_fdr": daily,
        "recall": rate(counts.found.total(), counts.events.total()),
        "by_event": {kind: rate(counts.found[kind], n) for kind, n in sorted(counts.events.items())},
        "delay": _quartiles(counts.delays),
        "decoys": rate(counts.fooled, counts.decoys),
        "stretch_false_alarms": rate(counts.struck, counts.windows),
        "per_1000_stock_sessions": 1000 * counts.alarms / counts.cells if counts.cells else None,
    }


def rate(hits: int, n: int) -> dict[str, float | int | None]:
    """A proportion with its 95% Wilson interval; value None for n = 0."""
    cell = statistics.wilson_interval(hits, n).at()
    return {"value": cell["value"], "lo": cell["lo"], "hi": cell["hi"], "hits": hits, "n": n}


def _quartiles(delays: Sequence[int]) -> dict[str, float] | None:
    if not delays:
        return None
    low, middle, high = (float(part) for part in np.quantile(delays, [0.25, 0.5, 0.75]))
    return {"q25": low, "median": middle, "q75": high, "n": len(delays)}


def shuffled(planted: Sequence[Event], codes: Sequence[str], sessions: int, seed: int) -> tuple[Event, ...]:
    """The same events on other stocks and other days, at random: what any signal would find by chance."""
    chance = np.random.default_rng(seed)
    moved = []
    for one in planted:
        length = one.last - one.first
        first = int(chance.integers(0, max(1, sessions - length)))
        names = tuple(str(code) for code in chance.choice(np.array(codes), len(one.codes), replace=False))
        moved.append(Event(one.id, one.kind, names, first, first + length, one.sign, one.decoy))
    return tuple(moved)
