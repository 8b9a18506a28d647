"""The command line: `sugeup VERB`. Every use-case is a command; beside them those that import, serve and look after it.

It starts from the index and imports nothing that computes: each command imports what it needs when it is run.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from sugeup.errors import Refused, SugeupError
from sugeup.faces import chosen, commands, completing
from sugeup.faces.chosen import opened
from sugeup.faces.index import Index, index

if TYPE_CHECKING:
    from sugeup.app import App
    from sugeup.archive import Archive
    from sugeup.settings import LakeName


def options(
    lake: Annotated[
        str | None,
        typer.Option(
            metavar="real|demo|simulated",
            help="Which figures to use; default: SUGEUP_LAKE, else real.",
            autocompletion=completing.lakes,
        ),
    ] = None,
    as_stored_on: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Answer from what was stored here at a time: 2026-11-01T12:00 (Seoul), or 2026-11-01 for its end.",
        ),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Options of every command."""
    if version:
        from importlib.metadata import version as installed

        sys.stdout.write(f"sugeup {installed('sugeup')}\n")
        raise typer.Exit
    chosen.lake = None if lake is None else _lake(lake)
    chosen.stored_on = None if as_stored_on is None else _moment(as_stored_on)


def _lake(text: str) -> LakeName:
    from sugeup.settings import LakeName

    names = [name.value for name in LakeName]
    if text not in names:
        raise Refused(f"--lake {text!r} is none of {', '.join(names)}.", hint="Choose one of them.")
    return LakeName(text)


def _moment(text: str) -> datetime:
    """A time in UTC; Seoul is meant where no zone is written, the end of the day where only the day is."""
    from sugeup.market.sessions import SEOUL

    given = text.strip()
    try:
        if len(given) <= len("2026-11-01"):
            found = datetime.combine(date.fromisoformat(given), time.max)
        else:
            found = datetime.fromisoformat(given)
        return (found if found.tzinfo is not None else found.replace(tzinfo=SEOUL)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(
            f"--as-stored-on {text[:40]!r} is no time.", hint="Write 2026-11-01, 2026-11-01T12:00 or with an offset."
        ) from None


def archive() -> Archive:
    """The archive of that lake."""
    return opened().archive


def calendar(
    year: Annotated[str, typer.Argument(metavar="YEAR", help="2005 to 2027.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Trading days and hours of a year, and the weekdays on which the exchange is closed (거래일 달력)."""
    from sugeup.faces import screen
    from sugeup.market import sessions
    from sugeup.usecases.wording import Grid

    if not (year.isascii() and year.isdigit() and len(year) <= 9):
        raise Refused(f"YEAR={year[:40]!r} is no year.", hint="Write it as 2026.")
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


def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV or Parquet.", show_default=False)],
    dataset: Annotated[
        str | None,
        typer.Option(help="Dataset of a file in sugeup's own columns.", autocompletion=completing.datasets),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Name of the source, when the file does not say.")] = None,
    session: Annotated[
        datetime | None,
        typer.Option(help="Day of files saved on the pages of KRX, which do not say it.", formats=["%Y-%m-%d"]),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where to write rejected rows; default: beside the lake.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Take figures from files: known layouts or sugeup's own columns. Checks every row; can be repeated safely."""
    app = opened(write=True)
    from sugeup.faces import importing

    day = None if session is None else session.date()
    importing.run(app, files, dataset=dataset, source=source, session=day, rejects=rejects, as_json=as_json)


def demo_(
    once: Annotated[bool, typer.Option("--once", help="Answer and exit instead of serving.")] = False,
    market: Annotated[
        str,
        typer.Option(
            metavar="sample|simulated|both",
            help="sample: bundled real figures. simulated: collect from a sandbox. both: one after the other.",
        ),
    ] = "sample",
    anew: Annotated[
        bool, typer.Option("--anew", help="simulated, both: remove the simulated lake's figures first.")
    ] = False,
) -> None:
    """Answer two questions with every null explained, then serve: over the bundled sample, or a simulated market."""
    from sugeup import settings
    from sugeup.settings import LakeName

    if market not in (markets := ("sample", "simulated", "both")):
        raise Refused(f"--market {market[:40]!r} is none of {', '.join(markets)}.", hint="Choose one of them.")
    if anew and market == "sample":
        raise Refused("--anew begins the simulated market again.", hint="Add --market simulated.")
    app = opened(LakeName.DEMO, write=True)

    def simulated(address: str) -> App:
        from sugeup.app import App

        free = {"kis_calls": 20, "kis_window": 0.01, "kis_daily_quota": 10**9, "market_cap_floor": 0}
        return App.open(settings.load(sandbox_url=address, **free), LakeName.SIMULATED)

    from sugeup.faces import demo, simulated_demo

    if market != "simulated":
        demo.run(app, once=once or market == "both")
    if market != "sample":
        simulated_demo.run(simulated, once=once, anew=anew)


def serve(
    host: Annotated[str | None, typer.Option(help="Loopback address; default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Default 8410.")] = None,
    schedule: Annotated[
        bool, typer.Option("--schedule", help="Also run the jobs at their times (`sugeup job list`).")
    ] = False,
) -> None:
    """Serve REST (/api/v1) and MCP (/mcp) on this machine until Ctrl-C."""
    app = opened()
    from sugeup.faces import serving

    serving.serve(app, host=host, port=port, schedule=schedule)


def mcp_() -> None:
    """Serve MCP over standard input and output, for Claude Desktop, Claude Code, Cursor and others."""
    app = opened()
    from sugeup.faces import mcp
    from sugeup.faces.answering import Answering

    mcp.server(Answering(app)).run("stdio")


def sandbox_(
    vendor: Annotated[
        list[str] | None, typer.Option(help="Whose interface; may be repeated; all when left out.")
    ] = None,
    host: Annotated[str, typer.Option(help="Loopback address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port.")] = 8420,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal markets.")] = 2026,
    stocks: Annotated[int, typer.Option(help="Number of stocks.")] = 2_800,
    sessions: Annotated[int, typer.Option(help="Number of trading days.")] = 300,
    first: Annotated[str, typer.Option(help="First trading day.")] = "2025-01-02",
    events: Annotated[float, typer.Option(help="Strength of planted events; 0: none.")] = 0.0,
    clock: Annotated[str | None, typer.Option(help="Moment at which it starts: 2025-06-02T15:45 (Seoul).")] = None,
    speed: Annotated[float, typer.Option(help="Seconds that pass in one; 0: stands still.")] = 1.0,
    hurry: Annotated[float, typer.Option(min=1, help="How many times the calls of its limits a vendor takes.")] = 1.0,
    fault: Annotated[list[str] | None, typer.Option(metavar="NAME[=RATE]", help="Fault, may be repeated.")] = None,
) -> None:
    """Serve interfaces of brokers and public sources over a simulated market, here, until Ctrl-C (모의 시세 서버).

    The figures are invented; the clock is its own and can be moved.
    """
    from sugeup.faces import sandbox

    sandbox.run(vendors=vendor or [], host=host, port=port, seed=seed, stocks=stocks, sessions=sessions, first=first,
                events=events, clock=clock, speed=speed, hurry=hurry, faults=fault or [])  # fmt: skip


def evaluate(
    seeds: Annotated[int, typer.Option(min=1, max=200, help="How many simulated markets.")] = 20,
    stocks: Annotated[int, typer.Option(min=60, max=3000, help="Stocks of each.")] = 300,
    quick: Annotated[bool, typer.Option("--quick", help="Two small markets and no real figures.")] = False,
    from_results: Annotated[
        bool, typer.Option("--from-results", help="Write the page anew from accuracy.json; measure nothing.")
    ] = False,
    folder: Annotated[Path | None, typer.Option(help="Where to write; default: docs, with --quick accuracy.")] = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Markets simulated at once.")] = 2,
    ship: Annotated[bool, typer.Option("--ship", help="Also bring the verdicts into the package's table.")] = False,
) -> int:
    """Whether signals find planted events in simulated markets, and whether anything follows in real figures.

    Precision, recall, delay and false discoveries beside an ideal detector; hit rates; leaks (정확도).
    """
    from sugeup.faces import evaluating

    where = folder or Path("accuracy" if quick else "docs")
    if from_results:
        return evaluating.again(where, ship=ship)

    def empty(path: Path) -> App:
        from sugeup import settings
        from sugeup.app import App
        from sugeup.settings import LakeName

        return App.open(settings.load(data_dir=path), LakeName.DEMO)

    return evaluating.run(empty, count=seeds, stocks=stocks, quick=quick, folder=where, processes=processes, ship=ship)


def doctor(
    online: Annotated[
        bool, typer.Option("--online", help="Also ask every source that is on one question of each kind.")
    ] = False,
    source: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Ask this source alone; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Look for what keeps sugeup from working here, and what to do: machine, settings, keys, tokens, limits, lakes.

    With --online also whether the sources answer, and as we know them; the report goes into the data folder.
    """
    from sugeup.faces import doctoring

    return doctoring.run(chosen.lake, as_json=as_json, online=online, named=source or [])


def application(known: Index) -> typer.Typer:
    """The command line over an index."""
    app = typer.Typer(
        name="sugeup",
        cls=commands.grouped(known),
        help="수급: who is buying and who is selling on the Korean stock market. Figures with evidence, no advice.",
        invoke_without_command=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(options)
    for question in known.questions.values():
        commands.add(app, question, archive)
    app.command("calendar")(calendar)
    app.command("import")(import_)
    app.command("demo")(demo_)
    app.command("serve")(serve)
    app.command("mcp")(mcp_)
    app.command("sandbox")(sandbox_)
    app.command("evaluate")(evaluate)
    app.command("doctor")(doctor)
    return app


app = application(index())


def _hint(message: str) -> str:
    for option, example in (("--lake", "--lake demo"), ("--as-stored-on", "--as-stored-on 2026-11-01")):
        if option in message:
            return f"{option} stands before the command: sugeup {example} status."
    return "`sugeup --help` lists commands, `sugeup COMMAND --help` its options."


def run(arguments: list[str]) -> int:
    """Run one command; an error becomes one message on the error stream. The exit code (errors.md)."""
    try:
        return int(app(arguments or ["--help"], standalone_mode=False) or 0)
    except SugeupError as error:
        return _failed(error, arguments)
    except TyperException as error:
        said = error.format_message()
        return _failed(Refused(said, hint=_hint(said)), arguments)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:
        return _failed(error, arguments)


def _failed(error: Exception, arguments: list[str]) -> int:
    """Show an error; one that nobody foresaw has its traceback in the log (LOG_LEVEL=DEBUG)."""
    from sugeup.faces import screen

    return screen.show_error(error, as_json="--json" in arguments)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="replace")  # a terminal that lacks Hangul shows ? instead of failing
    sys.exit(run(sys.argv[1:]))
