"""`python -m bench [--only PREFIX]`: writes bench/results.json; fails on a missed limit or when nothing matches."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench import lake, tools

BENCHES = {"lake": lake.run, "tools": tools.run}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--only", default="", help="prefix of the benches to run")
    only = parser.parse_args().only
    chosen = {name: run for name, run in BENCHES.items() if name.startswith(only)}
    if not chosen:
        print(f"no bench begins with {only!r}; there are: {', '.join(BENCHES)}")
        return 2
    figures = [figure for run in chosen.values() for figure in run()]
    Path(__file__).with_name("results.json").write_text(json.dumps([asdict(one) for one in figures], indent=1))
    for one in figures:
        print(f"{'ok    ' if one.ok else 'MISSED'} {one.name}: {one.value} {one.unit}, at most {one.limit}")
    return 0 if all(one.ok for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
