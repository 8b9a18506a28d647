"""`python -m bench [--only PREFIX] [--write-docs]`: writes bench/results.json; fails on a missed limit or no match."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench import document
from bench.measure import Figure

BENCHES = ("faces", "growth", "hub", "lake", "metrics", "tools")
RESULTS = Path(__file__).with_name("results.json")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--only", default="", help="prefix of the benches to run")
    parser.add_argument("--write-docs", action="store_true", help="write docs/performance.md from the last results")
    asked = parser.parse_args()
    if asked.write_docs:
        document.PAGE.write_text(document.page(held()), encoding="utf-8")
        return 0
    chosen = [name for name in BENCHES if name.startswith(asked.only)]
    if not chosen:
        print(f"no bench begins with {asked.only!r}; there are: {', '.join(BENCHES)}")
        return 2
    figures = []
    for name in chosen:
        figures += importlib.import_module(f"bench.{name}").run()
    others = [one for one in held() if one.name.partition(".")[0] not in chosen]
    results = sorted([*others, *figures], key=lambda one: BENCHES.index(one.name.partition(".")[0]))
    RESULTS.write_text(json.dumps([asdict(one) for one in results], indent=1))
    for one in figures:
        print(f"{'ok    ' if one.ok else 'MISSED'} {one.name}: {one.value} {one.unit}, at most {one.limit}")
    return 0 if all(one.ok for one in figures) else 1


def held() -> list[Figure]:
    """Figures of earlier runs, of benches that are still there."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    return [Figure(**one) for one in known if one["name"].partition(".")[0] in BENCHES]


if __name__ == "__main__":
    sys.exit(main())
