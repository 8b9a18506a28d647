"""판정: which kinds of signals the figures of an evaluation support, with the figures in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sugeup.research import power
from sugeup.research.outcomes import ALL, HORIZONS


def verdicts(simulated: Mapping[str, Any], real: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Kind → `simulated`, `real` (true, false, null: not measured) and `why`, in the order of the kinds."""
    found: dict[str, dict[str, Any]] = {}
    for row in simulated["detectors"]:
        told = row["by_strength"].get(f"{power.AIMED:g}")
        met = [row["aims"][name] for name in power.AIMS] if row["targets"] else []
        entry = found.setdefault(row["kind"], {"simulated": None, "real": None, "why": ""})
        if False in met or (met and None not in met):
            entry["simulated"] = all(met) and entry["simulated"] is not False
        entry["why"] = _planted(told) if row["targets"] and told else "no event of the simulated markets is its target"
    for row in (real or {"rows": []})["rows"]:
        if row["h"] != HORIZONS[0] or row["regime"] != ALL:
            continue
        entry = found.setdefault(
            row["kind"], {"simulated": None, "real": None, "why": "no planted event is its target"}
        )
        if row["level"] == "STOCK" or entry["real"] is None:
            entry["real"] = bool(row["beats"]) and entry["real"] is not False
            entry["why"] = f"{entry['why'].split('; real')[0]}; real {row['level'].lower()}s: {_real(row)}"
    return {kind: found[kind] for kind in sorted(found)}


def _planted(told: Mapping[str, Any]) -> str:
    precision, recall, ideal = told["precision"]["value"], told["recall"]["value"], told["ideal_recall"]
    if precision is None or recall is None:
        return "too few planted events or alarms to tell"
    beside = "" if ideal is None else f" (ideal {ideal:.2f})"
    return f"planted events: precision {precision:.2f}, recall {recall:.2f}{beside}"


def _real(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return f"only {row['n']} signals"
    return f"hit rate {row['value']:.2f} ({row['lo']:.2f} to {row['hi']:.2f}) against {row['base']:.2f}, n {row['n']:,}"
