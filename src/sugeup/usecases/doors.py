"""Where missing figures can be had: the job that collects them from whoever is connected, or whom to connect."""

from __future__ import annotations

from sugeup import records
from sugeup.archive import Archive
from sugeup.market import timetable

COMPUTED = frozenset(name for name, job in timetable.COLLECTED_BY.items() if job in ("analyse", "refit"))
"""Datasets that no source gives because they are computed here."""
_FILES = "`sugeup import FILE...` takes your own"


def how(archive: Archive, *datasets: str) -> str:
    """How to get rows of these datasets into a lake: what to run, or which source to connect first.

    The first dataset that nobody who is connected gives decides; without any, the jobs that collect them.
    """
    if archive.name == "demo":
        return f"the bundled sample has none; {_FILES}"
    for dataset in datasets:
        if not archive.doors(dataset).open and dataset not in COMPUTED:
            return _connect(archive, dataset)
    if any(dataset not in COMPUTED and _unlisted(archive, dataset) for dataset in datasets):
        return f"it takes a list of stocks (instruments): {_connect(archive, 'instruments')}"
    return "; ".join(dict.fromkeys(_collect(archive, dataset) for dataset in datasets))


def hint(archive: Archive, *datasets: str) -> str:
    """`how` as a sentence, for the hint of an error."""
    said = how(archive, *datasets)
    return f"{said[0].upper()}{said[1:]}."


def _connect(archive: Archive, dataset: str) -> str:
    job = timetable.COLLECTED_BY.get(dataset)
    givers = [f"{korean} ({name})" for name, korean in archive.doors(dataset).shut]
    if not givers and job is not None and not _known(archive):
        return f"`sugeup job run {job}` collects it once a source is connected (`sugeup sources`); or {_FILES}"
    if not givers:
        return f"no source gives it; {_FILES}"
    named = givers[0] if len(givers) == 1 else f"{', '.join(givers[:-1])} or {givers[-1]}"
    if job is None:
        return f"{named} would give it, but no job collects it; {_FILES}"
    return (
        f"{named} would give it: `sugeup sources` says how to connect one, then `sugeup job run {job}`"
        f"{_when(job)}; or {_FILES}"
    )


def _unlisted(archive: Archive, dataset: str) -> bool:
    """Whether figures of single stocks cannot be asked for, because nobody tells which stocks there are."""
    if records.dataset(dataset).scope != "code" or dataset == "instruments" or archive.doors("instruments").open:
        return False
    listed = bool(archive.doors("instruments").shut)
    return listed and archive.read("instruments", columns=[]).is_empty()


def _known(archive: Archive) -> bool:
    """Whether the archive knows any source at all."""
    every = (archive.doors(dataset) for dataset in timetable.COLLECTED_BY)
    return any(one.open or one.shut for one in every)


def _collect(archive: Archive, dataset: str) -> str:
    there = archive.doors(dataset)
    job = timetable.COLLECTED_BY.get(dataset)
    if job is None:
        return f"no job collects it; {_FILES}"
    if dataset in COMPUTED:
        return f"`sugeup job run {job}` computes it"
    past = ", `sugeup job run backfill` its past" if dataset in timetable.PAST and there.past else ""
    return f"`sugeup job run {job}` collects it from {', '.join(there.open)}{_when(job)}{past}"


def _when(job: str) -> str:
    return " while a session runs; no source keeps its past" if job == "intraday" else ""
