"""Documents say what the code does: links resolve, and what is shown is what is printed."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from sugeup import records, registry
from sugeup.app import App
from sugeup.archive import Archive
from sugeup.errors import SugeupError
from sugeup.faces import cli
from sugeup.market import investors
from sugeup.metrics.outcome import REASONS
from sugeup.settings import Settings

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.ko.md")
_FENCE = re.compile(r"^(```+).*?^\1\s*$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="session")
def console() -> Iterator[ModuleType]:
    """The module that runs what the documents show."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        yield importlib.import_module("docs_console")
    finally:
        sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture(scope="session")
def sample(console: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[App, Path]:
    """The bundled sample in a lake of its own, and the data folder that holds it."""
    data = tmp_path_factory.mktemp("documents")
    return console.open_sample(data), data


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """The page without its code blocks."""
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def test_the_check_names_stale_missing_and_left_over_pages(console: ModuleType, tmp_path: Path) -> None:
    """Without a name a contributor would not know which page to look at."""
    made = importlib.import_module("generate_docs")
    wanted = {
        made.DOCS / "reference" / "errors.md": "other text",
        made.DOCS / "reference" / "no_such_page.md": "new",
    }
    said = made.stale(wanted)
    assert "docs/reference/errors.md: stale" in said
    assert "docs/reference/no_such_page.md: missing" in said
    assert "docs/reference/metrics.md: no longer generated, delete it" in said


def test_every_use_case_is_described_with_its_three_names() -> None:
    """A tool that the reference leaves out is not found."""
    page = read("docs/reference/tools.md")
    for case in registry.usecases().values():
        assert f"\n## {case.tool or case.name}\n" in page
        assert f"`GET /api/v1{case.path}`" in page
        assert f"`sugeup {case.verb}`" in page
        for argument in case.arguments.model_fields:
            assert f"| `{argument}` |" in page


@pytest.mark.parametrize("name", READMES)
def test_readmes_list_every_tool(name: str) -> None:
    """The list is what a reader decides by."""
    for case in registry.usecases().values():
        if case.tool:
            assert f"| `{case.tool}` |" in read(name)


def test_every_command_is_in_the_command_line_page() -> None:
    """Help that is missing on the page exists only for those who guess the command."""
    page = read("docs/reference/cli.md")
    group: Any = typer.main.get_command(cli.app)
    for name in group.commands:
        assert f"\n## sugeup {name}\n" in page


def test_every_setting_is_named_with_its_variables() -> None:
    """An undocumented variable changes what a command does without anybody knowing why."""
    page = read("docs/reference/settings.md")
    for name in Settings.model_fields:
        assert f"`SUGEUP_{name.upper()}`" in page
    assert "`LOG_LEVEL`" in page


def test_every_metric_error_reason_and_dataset_has_its_entry() -> None:
    """Answers point to these names; they have to be found."""
    metrics, errors, index = (read(f"docs/reference/{name}.md") for name in ("metrics", "errors", "records"))
    assert [id for id in registry.metrics() if f"\n### {id}\n" not in metrics] == []
    codes = [code for kind in SugeupError.__subclasses__() for code in kind.codes]
    assert [code for code in [*codes, *filter(None, REASONS)] if f"| `{code}` |" not in errors] == []
    assert [name for name in records.datasets() if f"(records/{name}.md)" not in index] == []


def test_the_glossary_and_the_flow_matrix_name_every_investor() -> None:
    """Folding 84 columns into a matrix must not lose one of them."""
    glossary, matrix = read("docs/glossary.md"), read("docs/reference/records/investor_day_stock.md")
    for one in investors.ALL:
        assert one.id in glossary
        assert f"| `{one.id}` | {one.korean} |" in matrix


@pytest.mark.parametrize("name", READMES)
def test_readmes_start_with_the_two_commands(name: str) -> None:
    """A newcomer must succeed with what stands there."""
    page = read(name)
    for command in ("make demo", "make test", "make demo ARGS=--once"):
        assert command in page
    assert len(page.splitlines()) <= 200


def test_both_readmes_have_the_same_sections_and_commands() -> None:
    """A section that only one language has is a promise to half of the readers."""

    def shape(name: str) -> list[str]:
        page = (ROOT / name).read_text(encoding="utf-8")
        outside = _FENCE.sub(lambda block: block[0].splitlines()[0], page)
        return [line.split(" ")[0] for line in outside.splitlines() if line.startswith(("#", "```", "| ", "<!--"))]

    def commands(name: str) -> list[str]:
        return re.findall(r"^(?:\$ )?((?:sugeup|make|claude) .*?)(?: +#.*)?$", read(name), flags=re.MULTILINE)

    def targets(name: str) -> list[str]:
        return [link for link in _LINK.findall(prose(ROOT / name)) if not link.startswith("README")]

    assert shape("README.md") == shape("README.ko.md")
    assert commands("README.md") == commands("README.ko.md")
    assert sorted(targets("README.md")) == sorted(targets("README.ko.md"))


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_resolve(path: Path) -> None:
    """A dead link ends the reader's way."""
    dead = []
    for link in _LINK.findall(prose(path)):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        there = (path.parent / target).resolve() if target else path
        if not there.exists() or (anchor and anchor not in _anchors(there)):
            dead.append(link)
    assert dead == []


def test_every_page_is_reached_from_the_map() -> None:
    """A page that no other names is read by nobody."""
    reached = {ROOT / "docs" / "index.md"}
    queue = list(reached)
    while queue:
        page = queue.pop()
        for link in _LINK.findall(prose(page)):
            there = (page.parent / link.partition("#")[0]).resolve()
            if there.suffix == ".md" and there.exists() and there not in reached:
                reached.add(there)
                queue.append(there)
    assert [str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md") if path not in reached] == []


def test_the_architecture_page_counts_the_reads_of_a_question(
    sample: tuple[App, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cost of a question is a promise of the page; another read must be noticed."""
    calls: list[str] = []
    read_rows = Archive.read

    def counted(archive: Archive, dataset: str, **wanted: Any) -> Any:
        calls.append(dataset)
        return read_rows(archive, dataset, **wanted)

    monkeypatch.setattr(Archive, "read", counted)
    ask = registry.bind(registry.usecases()["get_investor_trading"], sample[0].archive)
    page = read("docs/architecture.md")
    for question, arguments in (("a stock by its code", {"stock_code": "005930"}), ("a market", {"market": "KOSPI"})):
        calls.clear()
        ask(**arguments)
        assert f"| {question} | {', '.join(calls)} |" in page


@pytest.mark.slow
def test_what_a_page_shows_is_what_is_printed(console: ModuleType, sample: tuple[App, Path], tmp_path: Path) -> None:
    """An example that prints something else teaches something wrong."""
    every = [one for path in documents() for one in console.shown(path)]
    programs = {one.command: one for one in every}
    with ThreadPoolExecutor(2) as pool:
        outputs = pool.map(lambda one: console.run(one, sample[1], tmp_path), programs.values())
        printed = dict(zip(programs, outputs, strict=True))
    wrong = [f"{one.path.relative_to(ROOT)}: {one.command}" for one in every if printed[one.command] != one.output]
    assert wrong == [], "refresh with: python scripts/generate_docs.py --console"
    assert {path.name for path in documents() if list(console.shown(path))} >= {
        *READMES,
        "quickstart.md",
        "CONTRIBUTING.md",
    }


def _anchors(path: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(path), flags=re.MULTILINE):
        text = re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower())
        found.add(text.replace(" ", "-"))
    return found
