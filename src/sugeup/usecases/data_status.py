"""자료 현황: which figures are stored, from which source, up to which session, and what is not there."""

from __future__ import annotations

from typing import Any

import polars as pl

from sugeup import records
from sugeup.archive import Archive
from sugeup.market import sessions
from sugeup.records import Dataset
from sugeup.registry import usecase
from sugeup.usecases.answers import Answer, Gap, Shown
from sugeup.usecases.wording import Grid, moment, plain


class SourceStatus(Shown):
    """Rows of one source: how many are current, over which dates and scopes (codes, markets), and when last asked."""

    source: str
    title: str
    rows: int
    scopes: int
    first: str
    last: str
    asked_at: str | None
    notes: str | None


class DatasetStatus(Shown):
    """One dataset; `sessions_behind` counts exchange sessions between its newest row and now."""

    dataset: str
    korean: str
    rows: int
    newest: str | None
    sessions_behind: int | None
    provisional_rows: int
    sources: list[SourceStatus]


class DataStatus(Answer):
    """Every dataset, stored or not."""

    lake: str
    datasets: list[DatasetStatus]


def text(answer: Any, detailed: bool) -> list[object]:
    """A line per dataset; `detailed` adds one per source."""
    lines = []
    for one in answer.datasets:
        lines.append(
            [
                one.korean,
                one.dataset,
                plain(one.rows),
                one.newest or "–",
                "–" if one.sessions_behind is None else plain(one.sessions_behind),
                str(len(one.sources)),
            ]
        )
        if detailed:
            lines += [
                [f"  {source.source}", source.title, plain(source.rows), source.last, "", f"{source.scopes} scopes"]
                for source in one.sources
            ]
    head = f"자료 현황 · lake {answer.lake}" + (" · SIMULATED 모의" if answer.simulated else "")
    notes = [f"없음 {gap.what}: {gap.how}" for gap in answer.coverage]
    return [head, "", Grid(["자료", "dataset", "rows", "newest", "behind", "sources"], lines), *notes]


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per dataset and source."""
    return [
        {"dataset": one.dataset, "korean": one.korean} | source.model_dump()
        for one in answer.datasets
        for source in one.sources
    ]


@usecase(tool="get_data_status", path="/status", verb="status", title="자료 현황", text=text, rows=rows)
def get_data_status(archive: Archive) -> DataStatus:
    """Which figures are stored and how fresh they are (자료 현황): datasets, sources, dates, rows, gaps.

    Use it when an answer says NOT_COLLECTED or looks stale.
    """
    found = [_status(archive, dataset) for dataset in records.datasets().values()]
    stored = [one.newest for one in found if one.newest]
    return DataStatus(
        as_of=None if not stored else f"{max(stored)}T00:00:00+09:00",
        generated_at=moment(archive.clock.now()),
        scope="LAKE",
        venue="KRX",
        sources=sorted({source.source for one in found for source in one.sources}),
        provisional=any(one.provisional_rows for one in found),
        simulated=archive.name == "simulated",
        coverage=[
            Gap(
                what=f"{one.korean} {one.dataset}",
                reason="NOT_COLLECTED",
                how="nothing is stored; import a file with `sugeup import FILE...`",
            )
            for one in found
            if not one.rows
        ],
        warnings=[],
        lake=archive.name,
        datasets=found,
    )


def _status(archive: Archive, dataset: Dataset) -> DatasetStatus:
    rows = archive.read(dataset.name, columns=[])
    asked: dict[str, str] = {}
    for span in archive.coverage(dataset.name):
        asked[span.source] = max(asked.get(span.source, ""), moment(span.asked_at))
    grouped = rows.group_by("source").agg(
        pl.len().alias("rows"),
        pl.col(dataset.scope).n_unique().alias("scopes"),
        pl.col(dataset.dated).min().alias("first"),
        pl.col(dataset.dated).max().alias("last"),
    )
    sources = [
        SourceStatus(
            source=source,
            title=archive.origin(source).title,
            rows=count,
            scopes=scopes,
            first=str(first),
            last=str(last),
            asked_at=asked.get(source),
            notes=archive.origin(source).notes.get(dataset.name),
        )
        for source, count, scopes, first, last in grouped.sort("rows", descending=True).iter_rows()
    ]
    newest = rows[dataset.dated].max()
    today = archive.clock.now().astimezone(sessions.SEOUL).date()
    behind = None
    if newest is not None and dataset.dated == "session":
        behind = max(sessions.count_between(newest, today) - 1, 0) if newest <= today else 0  # type: ignore[operator, arg-type]
    return DatasetStatus(
        dataset=dataset.name,
        korean=dataset.korean,
        rows=rows.height,
        newest=None if newest is None else str(newest),
        sessions_behind=behind,
        provisional_rows=int((~rows["final"]).sum()),
        sources=sources,
    )
