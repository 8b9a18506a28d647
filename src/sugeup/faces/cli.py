"""The command line: `sugeup VERB`. Every use-case is a command; beside them import, calendar, demo, serve and mcp."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from sugeup import registry, settings
from sugeup.app import App, configure_logging
from sugeup.archive import Archive
from sugeup.errors import Refused, SugeupError
from sugeup.faces import commands, screen
from sugeup.market import sessions
from sugeup.settings import LakeName
from sugeup.usecases.wording import Grid

app = typer.Typer(
    name="sugeup",
    help="수급: who is buying and who is selling on the Korean stock market. Figures with evidence, no advice.",
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
_chosen: dict[str, LakeName | None] = {"lake": None}


@app.callback()
def options(
    lake: Annotated[
        str | None,
        typer.Option(metavar="real|demo|simulated", help="Which figures to use; default: SUGEUP_LAKE, else real."),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Options of every command."""
    if version:
        screen.show_parts([f"sugeup {importlib.metadata.version('sugeup')}"])
        raise typer.Exit
    names = [name.value for name in LakeName]
    if lake is not None and lake not in names:
        raise Refused(f"--lake {lake!r} is none of {', '.join(names)}.", hint="Choose one of them.")
    _chosen["lake"] = None if lake is None else LakeName(lake)


def opened(lake: LakeName | None = None) -> App:
    """The application over the lake that the command line or the settings name."""
    loaded = settings.load()
    configure_logging(loaded)
    return App.open(loaded, lake or _chosen["lake"])


def archive() -> Archive:
    """The archive of that lake."""
    return opened().archive


for _case in registry.usecases().values():
    commands.add(app, _case, archive)


@app.command("calendar")
def calendar(
    year: Annotated[str, typer.Argument(metavar="YEAR", help="2005 to 2027.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Trading days and hours of a year, and the weekdays on which the exchange is closed (거래일 달력)."""
    if not year.isdigit():
        raise Refused(f"YEAR={year!r} is no year.", hint="Write it as 2026.")
    found = sessions.calendar(int(year))
    if as_json:
        screen.write_json(found)
        return
    usual = [row for row in found["sessions"] if row["kind"] != "REGULAR"]
    special = [[row["date"], row["open"] or "–", row["close"] or "–", row["label"], row["evidence"]] for row in usual]
    closed = [[row["date"], row["reason"], row["evidence"]] for row in found["closed"]]
    screen.show_parts(
        [
            f"{year}: {len(found['sessions'])} sessions",
            Grid(["special hours", "open", "close", "", "evidence"], special),
            "",
            Grid(["closed", "reason", "evidence"], closed),
        ]
    )


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV or Parquet.", show_default=False)],
    dataset: Annotated[str | None, typer.Option(help="Dataset of a file in sugeup's own columns.")] = None,
    source: Annotated[str | None, typer.Option(help="Name of the source, when the file does not say.")] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where to write rejected rows; default: beside the lake.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Take figures from files: known layouts or sugeup's own columns. Checks every row; can be repeated safely."""
    from sugeup.faces import importing

    importing.run(opened(), files, dataset=dataset, source=source, rejects=rejects, as_json=as_json)


@app.command("demo")
def demo_(
    once: Annotated[bool, typer.Option("--once", help="Answer and exit instead of serving.")] = False,
) -> None:
    """Load the bundled sample of real figures, answer two questions with every null explained, then serve."""
    from sugeup.faces import demo

    demo.run(opened(LakeName.DEMO), once=once)


@app.command("serve")
def serve(
    host: Annotated[str | None, typer.Option(help="Loopback address; default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Default 8410.")] = None,
) -> None:
    """Serve REST (/api/v1) and MCP (/mcp) on this machine until Ctrl-C."""
    from sugeup.faces import serving

    serving.serve(opened(), host=host, port=port)


@app.command("mcp")
def mcp_() -> None:
    """Serve MCP over standard input and output, for Claude Desktop, Claude Code, Cursor and others."""
    from sugeup.faces import mcp
    from sugeup.faces.answering import Answering

    mcp.server(Answering(opened())).run("stdio")


def _hint(message: str) -> str:
    if "--lake" in message:
        return "--lake stands before the command: sugeup --lake demo status."
    return "`sugeup --help` lists commands, `sugeup COMMAND --help` its options."


def main() -> None:
    """Run the command line; errors become one message and an exit code."""
    as_json = "--json" in sys.argv
    arguments = sys.argv[1:] or ["--help"]
    try:
        sys.exit(app(arguments, standalone_mode=False) or 0)
    except SugeupError as error:
        screen.show_error(error, as_json=as_json)
        sys.exit(error.exit_code)
    except TyperException as error:
        screen.show_error(Refused(error.format_message(), hint=_hint(error.format_message())), as_json=as_json)
        sys.exit(Refused.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
