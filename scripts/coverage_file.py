"""The file of what was measured: each field once, with a mark for each set of sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULT = Path(__file__).with_name("coverage_by_source.json")
FILLED, ABSENT = "✓", "–"
Measured = dict[str, Any]


def write(measured: Measured, path: Path = RESULT) -> None:
    """Write what was measured of every set; the words of hints and gaps are left out."""
    questions: dict[str, Any] = {}
    for name, one in measured.items():
        for question, answer in one["questions"].items():
            entry = questions.setdefault(question, {"refused": {}, "fields": {}})
            if "error" in answer:
                entry["refused"][name] = answer["error"]
            for field, mark in answer.get("fields", {}).items():
                entry["fields"].setdefault(field, {})[name] = mark or FILLED
    for entry in questions.values():
        told = sorted(entry["fields"].items())
        entry["fields"] = {field: " ".join(marks.get(name, ABSENT) for name in measured) for field, marks in told}
    datasets = {name: one["datasets"] for name, one in measured.items()}
    text = json.dumps({"sets": [*measured], "datasets": datasets, "questions": questions}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def read(path: Path = RESULT) -> Measured:
    """By set: `datasets`, and `questions` with the `error` or the `fields`: "" for a value, or why there is none."""
    written = json.loads(path.read_text(encoding="utf-8"))
    found: Measured = {name: {"datasets": written["datasets"][name], "questions": {}} for name in written["sets"]}
    for question, entry in written["questions"].items():
        for place, name in enumerate(written["sets"]):
            if name in entry["refused"]:
                found[name]["questions"][question] = {"error": entry["refused"][name]}
                continue
            marks = {field: told.split(" ")[place] for field, told in entry["fields"].items()}
            found[name]["questions"][question] = {
                "fields": {field: "" if mark == FILLED else mark for field, mark in marks.items() if mark != ABSENT}
            }
    return found
