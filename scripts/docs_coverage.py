"""docs/coverage.md: what each set of sources can answer; then what the sample fills, and why the rest is null."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

import docs_coverage_sources
from docs_console import open_sample
from docs_text import code, page, table
from sugeup import records, registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.market import investors, sessions
from sugeup.records import Dataset
from sugeup.records.schema import PROVENANCE

_EARLIER = ("f", "KOSPI on the session of c", {"market": "KOSPI"})
_CASES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("a", "KOSPI", {"market": "KOSPI"}),
    ("b", "KOSDAQ", {"market": "KOSDAQ"}),
    ("c", "KOSPI+KOSDAQ", {"market": "ALL"}),
    ("d", "005930 삼성전자, a stock with flows and prices", {"stock_code": "005930"}),
    ("e", "068270 셀트리온, a stock whose adjusted prices are left out", {"stock_code": "068270"}),
)
_PATTERNS, _RUNS, _NAMED = 4, 4, 4
"""How many kinds of gaps, runs of sessions and scopes are named before the rest is only counted."""


def pages() -> dict[str, str]:
    """Path below docs/ and text."""
    with tempfile.TemporaryDirectory() as folder:
        archive = open_sample(Path(folder)).archive
        return {"coverage.md": _page(archive)}


def _page(archive: Archive) -> str:
    ask = registry.bind(registry.usecases()["get_investor_trading"], archive)
    answers = {mark: payload.plain(ask(**given)) for mark, _, given in _CASES}
    both = answers["c"]["period"]["end"]
    answers["f"] = payload.plain(ask(**_EARLIER[2], session=both))
    notes: dict[str, int] = {}
    cells = {mark: dict(_fields(answer, notes)) for mark, answer in answers.items()}
    asked = [
        [mark, said, answers[mark]["period"]["end"], ", ".join(answers[mark]["sources"])]
        for mark, said, _ in (*_CASES, _EARLIER)
    ]
    return page(
        "What can be answered, and from which source",
        "Which source fills which field: first by set of sources, on a simulated market; then what the bundled sample "
        "of real figures holds.",
        *docs_coverage_sources.parts(),
        "## The bundled sample",
        "Field by field of [get_investor_trading](reference/tools.md#get_investor_trading), for one "
        "session (`period` 1D), "
        "the newest one that the sample holds for the question. ✓: the answer has a value. Otherwise "
        "the reason that the "
        "answer itself gives in `meta`, with the number of its note below; – : the field does not "
        "belong to this answer. "
        "What the words mean: [errors](reference/errors.md#why-a-value-is-null).",
        table(["", "question", "session", "sources"], asked),
        _matrix(cells),
        "### Notes of the answers",
        "\n".join(f"{number}. {note}" for note, number in notes.items()),
        "### What is in the sample",
        "Rows that are current; those of a less preferred source lie in the revision log beside them "
        "and are read where the "
        "current row has no value (`rows behind`).",
        _held(archive),
        "### Sub-types of 기관계",
        "Where a question about KOSPI finds the net won of the sub-types, whatever source its total has. "
        "KOSDAQ and single stocks have none.",
        _sub_types(archive),
        "### Missing sessions",
        "Sessions of the exchange between the first and the last row of a scope (a code, a market, "
        "an index) on which it has "
        "no row. Scopes with the same span and the same gaps share a line; at most "
        f"{_PATTERNS} lines a dataset, at most {_RUNS} runs a line.",
        _gaps(archive),
    )


def _fields(answer: dict[str, Any], notes: dict[str, int]) -> Iterable[tuple[str, str]]:
    """Path of every value of an answer's blocks with its mark."""
    for block in ("stock_info", "investor_data", "market_impact", "historical_comparison"):
        if block in answer:
            yield from _walk(block, answer[block], notes)


def _walk(path: str, node: dict[str, Any], notes: dict[str, int]) -> Iterable[tuple[str, str]]:
    meta = node.get("meta", {})
    for name, value in node.items():
        if name in {"meta", "investor"}:
            continue
        if isinstance(value, dict):
            yield from _walk(f"{path}.{name}", value, notes)
            continue
        about = meta.get(name, {})
        note = about.get("note")
        if value is not None:
            method = about.get("method")
            yield f"{path}.{name}", f"✓ {method}" if method else "✓"
            continue
        number = f" [{notes.setdefault(note, len(notes) + 1)}]" if note else ""
        yield f"{path}.{name}", f"{about.get('reason', 'no reason given')}{number}"


def _matrix(cells: dict[str, dict[str, str]]) -> str:
    """A line per field; fields that read the same for several investors share one."""
    names = list(dict.fromkeys(name for marks in cells.values() for name in marks))
    lines: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for name in names:
        group, shown = _without_group(name)
        marks = tuple(cells[mark].get(name, "–") for mark in cells)
        lines.setdefault((shown, marks), []).append(group)
    rows = []
    for (shown, marks), groups in lines.items():
        who = "" if groups == [""] else "all four" if set(groups) == set(investors.GROUPS) else ", ".join(groups)
        rows.append([code(shown), who, *marks])
    return table(["field", "investors", *cells], rows)


def _without_group(path: str) -> tuple[str, str]:
    parts = path.split(".")
    if parts[0] == "investor_data" and parts[1] in investors.GROUPS and len(parts) == 3:
        return parts[1], f"investor_data.*.{parts[2]}"
    if parts[0] == "historical_comparison":
        group = parts[2].removesuffix("_net_change")
        return group, f"historical_comparison.{parts[1]}.*_net_change"
    return "", path


def _held(archive: Archive) -> str:
    """Per dataset and source: rows, scopes, dates, and the columns that any row fills."""
    rows = []
    for dataset in records.datasets().values():
        frame = archive.read(dataset.name)
        behind = Counter(_asked(archive, dataset))
        for source in sorted(
            set(frame["source"]) | set(behind), key=lambda name: (archive.origin(name).standing, name)
        ):
            part = frame.filter(pl.col("source") == source)
            spare = behind[source] - part.height
            dates = f"{part[dataset.dated].min()} ~ {part[dataset.dated].max()}" if part.height else ""
            rows.append(
                [
                    dataset.name,
                    source,
                    f"{part.height:,}",
                    f"{spare:,}" if spare else "",
                    part[dataset.scope].n_unique() or "",
                    dates,
                    _filled(dataset, part),
                ]
            )
    return table(["dataset", "source", "rows", "rows behind", "scopes", "from ~ to", "columns with values"], rows)


def _sub_types(archive: Archive) -> str:
    """Per source: the sessions for which it is the best one with sub-types, and which of them it fills."""
    leaves = [investors.column(leaf, "net", "amount") for leaf in investors.members("institution")]
    found = archive.read("investor_day_market", columns=leaves, having=leaves)
    rows = []
    for source in sorted(found["source"].unique(), key=lambda name: (archive.origin(name).standing, name)):
        part = found.filter(pl.col("source") == source)
        filled = [
            f"{investors.korean(leaf)} to {last}" if last < part["session"].max() else investors.korean(leaf)
            for leaf, column in zip(investors.members("institution"), leaves, strict=True)
            if (last := part.filter(pl.col(column).is_not_null())["session"].max()) is not None
        ]
        markets = ", ".join(part["market"].unique().sort())
        first, last_session = part["session"].min(), part["session"].max()
        rows.append([source, markets, f"{part.height:,}", f"{first} ~ {last_session}", ", ".join(filled)])
    return table(["source", "market", "sessions", "from ~ to", "sub-types"], rows)


def _asked(archive: Archive, dataset: Dataset) -> dict[str, int]:
    """Rows that were stored of each source, current or not, by the ledger."""
    found: dict[str, int] = {}
    for span in archive.coverage(dataset.name):
        found[span.source] = found.get(span.source, 0) + span.rows
    return found


def _filled(dataset: Dataset, part: pl.DataFrame) -> str:
    """Columns with values; flow columns as investors and their measures."""
    provenance = {column.name for column in PROVENANCE}
    held = [n for n in dataset.measures if n not in provenance and part.height and part[n].null_count() < part.height]
    plain: list[str] = []
    flows: dict[str, list[str]] = {}
    for name in held:
        for one in investors.ALL:
            if name.startswith(f"{one.id}_") and name.removeprefix(f"{one.id}_").split("_")[0] in investors.SIDES:
                flows.setdefault(name.removeprefix(f"{one.id}_"), []).append(one.korean)
                break
        else:
            plain.append(name)
    by_who: dict[tuple[str, ...], list[str]] = {}
    for measure, who in flows.items():
        by_who.setdefault(tuple(who), []).append(measure)
    return "; ".join(
        [*([", ".join(plain)] if plain else []), *(f"{', '.join(m)}: {' '.join(w)}" for w, m in by_who.items())]
    )


def _gaps(archive: Archive) -> str:
    rows = []
    for dataset in records.datasets().values():
        if dataset.dated != "session":
            continue
        frame = archive.read(dataset.name, columns=[])
        kinds: dict[tuple[date, date, tuple[date, ...]], list[str]] = {}
        for scope, part in _by_scope(frame, dataset):
            held = set(part["session"])
            first, last = min(held), max(held)
            lost = tuple(day for day in sessions.sessions(first, last) if day not in held)
            kinds.setdefault((first, last, lost), []).append(scope)
        ordered = sorted(kinds.items(), key=lambda pair: (-len(pair[1]), pair[1]))
        for (first, last, lost), scopes in ordered[:_PATTERNS]:
            rows.append([dataset.name, _named(scopes), f"{first} ~ {last}", f"{len(lost)}", _runs(lost)])
        rest = ordered[_PATTERNS:]
        if rest:
            least, most = min(len(key[2]) for key, _ in rest), max(len(key[2]) for key, _ in rest)
            count = sum(len(scopes) for _, scopes in rest)
            span = f"{min(key[0] for key, _ in rest)} ~ {max(key[1] for key, _ in rest)}"
            rows.append(
                [dataset.name, f"{count} others", span, f"{least} to {most}", f"{len(rest)} further kinds of gaps"]
            )
    return table(["dataset", "scopes", "from ~ to", "missing sessions", "which"], rows)


def _by_scope(frame: pl.DataFrame, dataset: Dataset) -> list[tuple[str, pl.DataFrame]]:
    """Rows of each code, market or index, in order."""
    return sorted(((str(key), part) for (key,), part in frame.group_by([dataset.scope])), key=lambda pair: pair[0])


def _named(scopes: list[str]) -> str:
    return ", ".join(scopes) if len(scopes) <= _NAMED else f"{len(scopes)} of them"


def _runs(lost: tuple[date, ...]) -> str:
    """Missing sessions as runs of neighbouring sessions."""
    runs: list[list[date]] = []
    for day in lost:
        if runs and sessions.next(runs[-1][-1]) == day:
            runs[-1].append(day)
        else:
            runs.append([day])
    longest = sorted(sorted(runs, key=len, reverse=True)[:_RUNS])
    said = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} ~ {run[-1]} ({len(run)})" for run in longest)
    return said + (f" and {len(runs) - len(longest)} shorter runs" if len(runs) > len(longest) else "") or "none"
