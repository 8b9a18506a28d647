"""Pages of the data dictionary: one per dataset with its JSON schema, an index, and the sources of rows."""

from __future__ import annotations

import json

from docs_text import code, page, table
from sugeup import records, sources
from sugeup.market import investors, publication
from sugeup.records import Column, Dataset
from sugeup.records.flows import FLOWS
from sugeup.records.schema import PROVENANCE

_TABLES = {
    "day": "by session",
    "month": "by month of the session",
    "year": "by year of the session",
    "whole": "in one piece",
}


def pages() -> dict[str, str]:
    """Path below docs/ and text of every page."""
    found = {"reference/records.md": _index(), "reference/sources.md": _sources()}
    for dataset in records.datasets().values():
        found[f"reference/records/{dataset.name}.md"] = _dictionary(dataset)
        schema = json.dumps(dataset.json_schema(), ensure_ascii=False, indent=2)
        found[f"reference/records/{dataset.name}.schema.json"] = schema + "\n"
    return found


def _index() -> str:
    rows = [
        [
            f"[{one.name}](records/{one.name}.md)",
            one.korean,
            one.meaning,
            ", ".join(one.full_key),
            f"[schema](records/{one.name}.schema.json)",
        ]
        for one in records.datasets().values()
    ]
    return page(
        "Records: the data dictionary",
        "Every dataset is declared once, in `src/sugeup/records`; the table in the lake, the columns "
        "of a frame, the JSON "
        "schema and these pages derive from that declaration. Won and shares are whole numbers, "
        "prices are raw (원주가), "
        "missing is null and never 0.",
        table(["dataset", "Korean", "one row is", "key", "JSON schema"], rows),
        "## Columns of every dataset",
        "After its own columns each row says where it comes from and since when it could be known:",
        _columns(PROVENANCE),
        "Which row is current when two share a key: final before provisional, then the source that "
        "stands nearer to the "
        "exchange ([sources](sources.md)), then the one known last. The others stay in the revision log "
        "([decision 001](../decisions/001-two-tables-per-dataset.md)).",
    )


def _dictionary(dataset: Dataset) -> str:
    flows = set(FLOWS) <= set(dataset.columns)
    own = [column for column in dataset.columns if not flows or column not in FLOWS]
    facts = [
        ["Korean", dataset.korean],
        ["key", ", ".join(map(code, dataset.full_key))],
        ["date column", code(dataset.dated)],
        ["whose row", code(dataset.scope)],
        ["stored", _TABLES[dataset.partition.value]],
        ["public", _public(dataset)],
        ["JSON schema", f"[{dataset.name}.schema.json]({dataset.name}.schema.json)"],
    ]
    return page(
        f"{dataset.name} {dataset.korean}",
        dataset.meaning,
        table(["", ""], facts),
        "## Columns",
        _columns(own),
        _matrix(dataset) if flows else "",
        "Provenance (`" + "`, `".join(column.name for column in PROVENANCE) + "`) follows in every dataset: see "
        "[records](../records.md#columns-of-every-dataset).",
        _notes(dataset),
        "[All datasets](../records.md)",
    )


def _columns(columns: tuple[Column, ...] | list[Column]) -> str:
    return table(
        ["column", "type", "unit", "Korean", "meaning"],
        [
            [
                code(one.name) + (" (never null)" if one.required else ""),
                one.kind.value,
                one.unit,
                one.korean,
                one.meaning + (f" One of {', '.join(map(code, one.values))}." if one.values else ""),
            ]
            for one in columns
        ],
    )


def _matrix(dataset: Dataset) -> str:
    """The flow columns as investor x (side, measure): the cell is the unit, read from the declared column."""
    shapes = [(side, measure) for measure in investors.MEASURES for side in investors.SIDES]
    rows = []
    for one in investors.ALL:
        units = [dataset.column(investors.column(one.id, side, measure)).unit for side, measure in shapes]
        rows.append([code(one.id), one.korean, one.english, one.krx or "sum", one.group, *units])
    sums = "; ".join(
        f"{code(group)} = {' + '.join(investors.members(group))}"
        for group in investors.GROUPS
        if len(investors.members(group)) > 1
    )
    return "\n\n".join(
        [
            f"## Flow columns: {len(FLOWS)} whole numbers, `{{investor}}_{{side}}_{{measure}}`",
            "A column is named by its row and its heading, for example `foreign_net_amount`. Each may be null. "
            "`buy` 매수, `sell` 매도, `net` 순매수 = buy - sell, held wherever a source gives all three.",
            table(["investor", "Korean", "English", "KRX code", "group", *(f"{s}_{m}" for s, m in shapes)], rows),
            f"The twelve leaves add to zero, and so do the four groups. Stored sums: {sums}.",
        ]
    )


def _public(dataset: Dataset) -> str:
    rules = [rule for rule in publication.RULES if rule.dataset == dataset.name]
    if not rules:
        at = (
            "the end of its minute"
            if any(column.name == "at" for column in dataset.columns)
            else "the start of its date"
        )
        return f"known from {at} on"
    said = []
    for rule in rules:
        day = "the session itself" if not rule.lag else f"{rule.lag} session{'s' if rule.lag > 1 else ''} later"
        since = "" if rule.valid_from.year < 2000 else f"since {rule.valid_from}: "
        said.append(f"{since}{day}, {rule.at:%H:%M} in Seoul ({rule.evidence})")
    return "; ".join(said)


def _notes(dataset: Dataset) -> str:
    rows = [
        [code(origin.name), origin.notes[dataset.name]]
        for origin in sources.origins().values()
        if dataset.name in origin.notes
    ]
    if not rows:
        return ""
    return "## What known sources leave out or derive\n\n" + table(["source", "note"], rows)


def _sources() -> str:
    standings = sorted({origin.standing for origin in sources.origins().values()})
    ordered = sorted(sources.origins().values(), key=lambda one: (one.standing, one.name))
    rows = [
        [
            code(one.name),
            f"{one.title} ({one.korean})",
            f"{one.standing.value} {one.standing.name}",
            _rounding(one.unit_won, one.unit_shares),
            ", ".join(one.notes),
            one.provenance,
        ]
        for one in ordered
    ]
    return page(
        "Sources of rows",
        "Every row names one source in its column `source`. Where two sources hold the same key, the "
        "smaller standing is "
        f"current: {' < '.join(f'{one.value} {one.name}' for one in standings)}; a source that nobody has described is "
        "90 UNKNOWN. Figures of two sources are never averaged, and never mixed inside a row "
        "([decision 002](../decisions/002-group-totals-and-sub-types-from-different-sources.md)).",
        table(["source", "what it is", "standing", "rounded to", "datasets with notes", "provenance"], rows),
        "The notes, what each source leaves out or derives, stand on the page of the [dataset](records.md).",
    )


def _rounding(won: int, shares: int) -> str:
    said = [f"{won:,} won"] if won > 1 else []
    said += [f"{shares:,} shares"] if shares > 1 else []
    return ", ".join(said) or "exact"
