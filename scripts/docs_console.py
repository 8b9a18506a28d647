"""Blocks of the documents that are run: what they print is what the page shows below them.

Every `$ ...` line of a ```console block is run by a shell. A ```python block is run by the interpreter; a ```text block
right after it holds its output.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sugeup.app import App
from sugeup.jobs.sample import load_sample
from sugeup.market.clock import FixedClock
from sugeup.settings import LakeName, Settings

LOADED_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PYTHON = re.compile(r"(^```python\n(.*?)^```$)(?:\n\n```text\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Shown:
    """One command (or program) of a document and the output that stands below it."""

    path: Path
    command: str
    output: str
    python: bool = False


def documents(root: Path) -> list[Path]:
    """Every Markdown page that is kept in the repository."""
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def shown(path: Path) -> Iterator[Shown]:
    """The commands of a page, then its programs."""
    text = path.read_text(encoding="utf-8")
    for block in _BLOCK.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield Shown(path, command, output)
    for _, program, output in _PYTHON.findall(text):
        yield Shown(path, program, output, python=True)


def open_sample(folder: Path) -> App:
    """The bundled sample in a lake of its own below `folder`, loaded at a fixed moment."""
    app = App.open(Settings(data_dir=folder), LakeName.DEMO, FixedClock(LOADED_AT))
    load_sample(app.archive)
    return app


def run(one: Shown, data: Path, work: Path) -> str:
    """What it prints on both streams, 100 columns wide and without colour, in the folder `work`."""
    inherited = os.environ
    environment = {name: value for name, value in inherited.items() if not name.startswith("SUGEUP_")}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{inherited['PATH']}",
        "SUGEUP_DATA_DIR": str(data),
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", one.command] if one.python else ["bash", "-c", one.command],
        cwd=work,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    printed = "\n".join(line.rstrip() for line in done.stdout.decode().splitlines()).rstrip()
    return printed and printed + "\n"


def refresh(root: Path) -> list[Path]:
    """Run everything shown and write its output below it; the pages that changed."""
    changed = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        open_sample(data)
        every = {one.command: one for path in documents(root) for one in shown(path)}
        with ThreadPoolExecutor(4) as pool:
            outputs = pool.map(lambda one: run(one, data, Path(folder)), every.values())
            printed = dict(zip(every, outputs, strict=True))
        for path in documents(root):
            text = path.read_text(encoding="utf-8")
            fresh = _BLOCK.sub(lambda block: _console(block[1], printed), text)
            fresh = _PYTHON.sub(lambda block: _python(block, printed), fresh)
            if fresh != text:
                path.write_text(fresh, encoding="utf-8")
                changed.append(path)
    return changed


def _console(block: str, printed: dict[str, str]) -> str:
    commands = [part.partition("\n")[0] for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return "```console\n" + "".join(f"$ {command}\n{printed[command]}" for command in commands) + "```"


def _python(block: re.Match[str], printed: dict[str, str]) -> str:
    output = printed[block[2]]
    return block[1] + (f"\n\n```text\n{output}```" if output else "")
