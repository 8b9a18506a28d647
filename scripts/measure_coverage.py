"""Measures what each set of sources can answer, and writes coverage_by_source.json beside this file.

    python scripts/measure_coverage.py                      every set
    python scripts/measure_coverage.py --only kis --print   one set, not written

A lake for each set is filled from the sandbox by the jobs; then every tool and list is asked in each, and the answers
are gone through field by field.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import coverage_file
import coverage_lakes as lakes
from sugeup import records, registry
from sugeup.archive import Archive
from sugeup.errors import SugeupError
from sugeup.faces import payload
from sugeup.records.schema import PROVENANCE

STOCK = "{stock}"
"""Stands for the code of a stock of the simulated market."""
_KOSPI, _BOTH = {"market": "KOSPI"}, {"market": "ALL"}
_ONE = {"stock_code": STOCK}
QUESTIONS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("get_investor_trading", "a stock", _ONE),
    ("get_investor_trading", "a stock, 20 sessions", {**_ONE, "period": "20D"}),
    ("get_investor_trading", "KOSPI", _KOSPI),
    ("get_investor_trading", "KOSPI and KOSDAQ", _BOTH),
    ("get_investor_sentiment", "KOSPI and KOSDAQ", {**_BOTH, "granularity": "OVERALL"}),
    ("get_investor_sentiment", "by type", {**_BOTH, "granularity": "BY_TYPE"}),
    ("get_investor_sentiment", "by sector", {**_BOTH, "granularity": "BY_SECTOR"}),
    ("get_market_brief", "KOSPI and KOSDAQ", _BOTH),
    ("get_ownership_changes", "a stock", _ONE),
    ("get_program_trading", "KOSPI", _KOSPI),
    ("get_program_trading", "KOSPI, the day", {**_KOSPI, "time_window": "TODAY"}),
    ("get_sector_investor_flow", "all sectors", {"period": "1D"}),
    ("get_short_selling", "a stock", _ONE),
    ("get_short_selling", "KOSPI and KOSDAQ", _BOTH),
    ("get_smart_money_tracker", "large orders", {"detection_method": "LARGE_ORDERS"}),
    ("get_smart_money_tracker", "clusters of institutions", {"detection_method": "INSTITUTION_CLUSTER"}),
    ("get_smart_money_tracker", "foreign surges", {"detection_method": "FOREIGN_SURGE"}),
    ("get_time_based_flow", "KOSPI", {**_KOSPI, "interval": "30M"}),
    ("get_time_based_flow", "a stock", {**_ONE, "interval": "30M"}),
    ("rank_flows", "foreign purchases", {}),
    ("search_stock", "a code", {"query": STOCK}),
    ("list_stocks", "all", {}),
    ("get_stock", "a stock", _ONE),
    ("get_prices", "a stock", _ONE),
    ("get_stock_flows", "a stock", _ONE),
    ("get_stock_behavior", "a stock", _ONE),
    ("get_stock_patterns", "a stock", _ONE),
    ("get_stock_indicators", "a stock", _ONE),
    ("get_stock_estimates", "a stock", _ONE),
    ("get_holdings", "a stock", _ONE),
    ("get_shorts", "a stock", _ONE),
    ("get_filings", "a stock", _ONE),
    ("get_market_flows", "KOSPI", _KOSPI),
    ("get_market_program", "KOSPI", _KOSPI),
    ("get_market_minutes", "KOSPI", _KOSPI),
    ("get_sentiment_history", "KOSPI and KOSDAQ", _BOTH),
    ("list_sectors", "all", {}),
)
"""Use-case, what is asked in words, arguments. Not asked: `explain_metric`, `get_data_status`, `list_sources`."""
_ABOUT = frozenset(
    {"as_of", "generated_at", "scope", "venue", "sources", "provisional", "simulated", "coverage", "warnings"}
    | {"next_cursor", "total", "period", "meta"}
)
"""Fields around the figures."""


def measured(names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Rows by dataset and marks by question, for these sets of sources."""
    found: dict[str, Any] = {}
    with lakes.served() as (sandbox, address):
        code = sandbox.world.market.codes[0]
        for name, sources in names.items():
            began = time.monotonic()
            with (
                tempfile.TemporaryDirectory() as folder,
                lakes.filled(sources, Path(folder), sandbox, address) as filling,
            ):
                found[name] = {
                    "datasets": stored(filling.archive),
                    "questions": {
                        f"{case}: {said}": asked(filling.archive, case, _filled(given, code))
                        for case, said, given in QUESTIONS
                    },
                    "jobs": filling.said,
                }
            print(f"{name}: {time.monotonic() - began:.1f} s", file=sys.stderr)
    return found


def stored(archive: Archive) -> dict[str, dict[str, int]]:
    """Per dataset: rows, scopes, and columns with a value."""
    about = {column.name for column in PROVENANCE}
    found = {}
    for name, dataset in records.datasets().items():
        rows = archive.read(name)
        if rows.height:
            filled = [one for one in dataset.measures if one not in about and rows[one].null_count() < rows.height]
            found[name] = {"rows": rows.height, "scopes": rows[dataset.scope].n_unique(), "columns": len(filled)}
    return found


def asked(archive: Archive, case: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of the answer with "" or why each is null, and what the answer says is missing; or the error."""
    try:
        answer = payload.plain(registry.bind(registry.usecases()[case], archive)(**given))
    except SugeupError as error:
        return {"error": error.code, "message": error.message, "hint": error.hint}
    fields: dict[str, str] = {}
    for path, mark in _fields(answer, "", ()):
        if fields.get(path, mark) or not mark:
            fields[path] = "" if not mark else fields.get(path, mark)
    gaps = [[gap["what"], gap["reason"], gap["how"]] for gap in answer.get("coverage", ())]
    return {"fields": dict(sorted(fields.items())), "gaps": gaps}


def _filled(given: Mapping[str, Any], code: str) -> dict[str, Any]:
    return {name: code if value == STOCK else value for name, value in given.items()}


def _fields(node: Mapping[str, Any], path: str, trail: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    """Every field of figures with "" or the reason that the nearest `meta` gives; elements of lists are one."""
    if isinstance(meta := node.get("meta"), dict):
        trail = (*trail, (meta, ()))
    for name, value in node.items():
        if name in _ABOUT:
            continue
        here = f"{path}.{name}" if path else name
        inner = tuple((meta, (*parts, name)) for meta, parts in trail)
        if isinstance(value, dict):
            yield from _fields(value, here, inner)
        elif isinstance(value, list):
            for one in value:
                if isinstance(one, dict):
                    yield from _fields(one, f"{here}[]", inner)
            if value and not isinstance(value[0], dict):
                yield here, ""
        else:
            yield here, "" if value is not None else _reason(inner)


def _reason(trail: Sequence[tuple[Mapping[str, Any], tuple[str, ...]]]) -> str:
    for meta, parts in reversed(trail):
        for n in range(len(parts), 0, -1):
            if reason := meta.get(".".join(parts[:n]), {}).get("reason"):
                return str(reason)
    return "null"


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--only", action="append", choices=lakes.SOURCES, help="this set, the others stay as they are; may be repeated"
    )
    parser.add_argument("--print", action="store_true", help="print the figures and do not write them")
    arguments = parser.parse_args()
    names = {one: lakes.SOURCES[one] for one in arguments.only or lakes.SOURCES}
    found = measured(names)
    if arguments.print:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        kept = coverage_file.read() if coverage_file.RESULT.exists() else {}
        coverage_file.write(
            {one: found.get(one, kept.get(one)) for one in lakes.SOURCES if one in found or one in kept}
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
