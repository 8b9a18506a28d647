"""Fails when a source file is longer than 400 lines, or when the median module outgrows 160."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

LIMIT = 400
MEDIAN_LIMIT = 160


def main() -> int:
    """Count the lines of every module."""
    root = Path(__file__).parent.parent
    lengths = {
        path.relative_to(root): len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("src", "tests", "scripts", "bench", "evals")
        for path in sorted((root / folder).rglob("*.py"))
    }
    long = [f"{path}: {length} lines, at most {LIMIT}" for path, length in lengths.items() if length > LIMIT]
    median = statistics.median(length for path, length in lengths.items() if path.parts[0] == "src" and length > 5)
    if median > MEDIAN_LIMIT:
        long.append(f"median module of src: {median} lines, at most {MEDIAN_LIMIT}")
    print("\n".join(long) if long else f"{len(lengths)} files, median module {median:.0f} lines")
    return 1 if long else 0


if __name__ == "__main__":
    sys.exit(main())
