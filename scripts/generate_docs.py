"""Writes the pages of docs/ that are made from the code, and the tool list of the READMEs.

    python scripts/generate_docs.py             write what changed
    python scripts/generate_docs.py --check     exit 1 and name the pages that are stale, missing or left over
    python scripts/generate_docs.py --console   also run what the pages show and write what it prints

The same code gives the same bytes: no time, no machine, no order of a set.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import docs_console
import docs_coverage
import docs_errors
import docs_faces
import docs_index
import docs_metrics
import docs_records

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
READMES = {"README.md": "en", "README.ko.md": "ko"}
_LIST = re.compile(r"(<!-- tools -->\n).*?(<!-- /tools -->)", re.DOTALL)


def generated() -> dict[Path, str]:
    """Every generated file with the text it should have."""
    made: dict[str, str] = {}
    for module in (docs_records, docs_metrics, docs_errors, docs_faces, docs_coverage):
        made |= module.pages()
    found = {DOCS / name: text for name, text in made.items()}
    found[ROOT / "src" / "sugeup" / "faces" / "index.json"] = docs_index.text()
    for name, language in READMES.items():
        path = ROOT / name
        found[path] = _LIST.sub(
            lambda marks, language=language: f"{marks[1]}\n{docs_faces.tool_list(language)}\n\n{marks[2]}",
            path.read_text(encoding="utf-8"),
        )
    return found


def stale(wanted: dict[Path, str]) -> list[str]:
    """What differs from the wanted files, in words."""
    said = []
    for path, text in sorted(wanted.items()):
        shown = path.relative_to(ROOT)
        if not path.exists():
            said.append(f"{shown}: missing")
        elif path.read_text(encoding="utf-8") != text:
            said.append(f"{shown}: stale")
        elif path.parent == ROOT and not _LIST.search(text):
            said.append(f"{shown}: the marks <!-- tools --> and <!-- /tools --> are gone")
    return said + [f"{path.relative_to(ROOT)}: no longer generated, delete it" for path in _left_over(wanted)]


def _left_over(wanted: dict[Path, str]) -> list[Path]:
    return sorted(path for path in (DOCS / "reference").rglob("*") if path.is_file() and path not in wanted)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when a page is not as the code says"
    )
    parser.add_argument("--console", action="store_true", help="also refresh the output shown in console blocks")
    arguments = parser.parse_args()
    wanted = generated()
    differing = stale(wanted)
    if arguments.check:
        print("\n".join([*differing, "run `make docs`"]) if differing else f"{len(wanted)} generated files are fresh")
        return 1 if differing else 0
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in _left_over(wanted):
        path.unlink()
    print("\n".join(differing) if differing else f"{len(wanted)} generated files were fresh")
    if arguments.console:
        for path in docs_console.refresh(ROOT):
            print(f"{path.relative_to(ROOT)}: console output refreshed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
