"""`sugeup demo --market simulated`: a sandbox, the jobs that collect from it, two answers, and a session that runs."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time as clocks
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast

from filelock import FileLock, Timeout

from sugeup import jobs, registry
from sugeup.app import App
from sugeup.errors import ConfigError, NoData, Retryable, SugeupError
from sugeup.faces import payload, sandbox_process, screen, serving
from sugeup.faces.job_commands import stopping
from sugeup.faces.progress import progress
from sugeup.hub.remote_clock import RemoteClock
from sugeup.jobs import running, scopes
from sugeup.jobs.job import Options
from sugeup.market import investors, sessions, timetable
from sugeup.market.sessions import SEOUL
from sugeup.metrics import investor
from sugeup.records.ledger import State
from sugeup.usecases.whole_text import nulls
from sugeup.usecases.wording import Grid, eok, plain

PLAN = {"seed": 2026, "stocks": 80, "first": date(2025, 1, 2), "sessions": 130, "events": 0.0}
BEFORE = 90
"""Sessions of the plan that are over when it begins."""
PAST = 80
"""Sessions back that are filled: as many as the measures of trend and intensity need."""
SPEED = 30
"""Seconds of the simulated market in one second: a minute of its session every two."""
EVENING, MORNING = time(19, 0), time(8, 54)
WATCH = 20.0
"""Seconds between two lines of the running session."""
Open = Callable[[str], App]
"""Opens the simulated lake over a sandbox at an address."""


def run(opened: Open, *, once: bool, anew: bool) -> None:
    """Fill the simulated lake from a sandbox of its own, answer, then serve while its session runs; until Ctrl-C.

    `anew` removes the figures of the lake first. What an interrupted run stored is kept, and the sandbox's clock goes
    on where it was. Raises Retryable when another one runs on the same lake, ConfigError when the lake is another's.
    """
    app = opened("")
    with _alone(app.path):
        if anew:
            _remove(app.path)
        at = resumed(app)
        screen.OUT.print("수급 sugeup demo · SIMULATED 모의 · invented figures of invented companies", style="bold")
        screen.ERR.print(f"starting a sandbox: {PLAN['stocks']} stocks, {PLAN['sessions']} sessions …")
        with sandbox_process.started(PLAN, at, SPEED) as address:
            app = opened(address)
            collect(app, fresh=at == beginning())
            answer(app)
            _tell_address(app, address)
            if not once:
                _serve(app)


def beginning() -> datetime:
    """When a new lake begins: a quarter past the close of a session, with history behind it."""
    return datetime.combine(_days()[BEFORE], time(15, 45), SEOUL)


def collect(app: App, *, fresh: bool) -> None:
    """Lists, the past, and the evening of the session, through the hub as from a broker."""
    screen.OUT.print(f"clock of the sandbox: {app.clock.now().astimezone(SEOUL):%Y-%m-%d %H:%M} in Seoul")
    _job(app, "universe")
    if not any(run.state is State.COMPLETED for run in app.journal.runs("backfill", limit=5)):
        _job(app, "backfill")
    if fresh:
        _go(app, datetime.combine(_today(app), EVENING, SEOUL))
    _job(app, "daily")


def answer(app: App) -> None:
    """The two questions: the largest stock with every investor, and a market."""
    since = sessions.previous(timetable.collected(app.clock.now()))
    code = scopes.stocks(app.archive, since)[0]
    screen.OUT.print(f"\n종목 SIMULATED: who is buying {code}, an invented company?", style="bold")
    screen.show_parts(_answered(app, "get_investor_trading", {"stock_code": code}))
    screen.show_parts(_sides(app, code))
    screen.OUT.print("\n시장 SIMULATED: who is buying on the simulated KOSPI?", style="bold")
    screen.show_parts(_answered(app, "get_investor_trading", {"market": "KOSPI"}))


def _answered(app: App, name: str, arguments: dict[str, str]) -> list[object]:
    case = registry.usecases()[name]
    answer = registry.bind(case, app.archive)(**arguments)
    return [*case.text(answer), "", *nulls(payload.plain(answer))]


def _sides(app: App, code: str) -> list[object]:
    """Every investor of the newest session with both sides and the average price of each."""
    case = registry.usecases()["get_stock_flows"]
    row = cast(Any, registry.bind(case, app.archive)(stock_code=code, limit=1)).rows[0]
    lines = []
    for one in investors.ALL:
        has = row.flows.get(one.id, {})
        amounts = [has.get(f"{side}_amount") for side in ("buy", "sell", "net")]
        prices = [_average(has.get(f"{side}_amount"), has.get(f"{side}_volume")) for side in ("buy", "sell")]
        lines.append([one.korean, *(eok(won) for won in amounts), *prices])
    head = ["투자자", "매수(억원)", "매도(억원)", "순매수(억원)", "평균매수가", "평균매도가"]
    return [f"{row.session} · SIMULATED 모의 · {'확정 final' if row.final else '잠정 provisional'}", Grid(head, lines)]


def _average(amount: int | None, volume: int | None) -> str:
    if amount is None or volume is None:
        return plain(None)
    return plain(investor.avg_price(amount, volume, "STOCK").at()["value"])


def _job(app: App, name: str) -> None:
    """Run a job, shown as one line; what is left of it ends the demo, Ctrl-C stores what was received."""
    job = jobs.named(name)
    began = clocks.monotonic()
    with stopping() as stop, progress(job.korean) as tell:
        outcome = running.run(job, app.work(Options(PAST, everything=True, floor=0), tell, stop))
        asked = stop.is_set()
    if asked:
        screen.ERR.print("What was received is stored; run it again to go on.")
        raise KeyboardInterrupt
    if outcome.error is not None:
        raise outcome.error
    rows, calls = sum(step.rows for step in outcome.steps), sum(step.calls for step in outcome.steps)
    took = f"{rows:,} rows from {calls:,} answers in {clocks.monotonic() - began:.1f} s"
    screen.OUT.print(f"{job.korean} {name} · session {outcome.session} · {took}", soft_wrap=True)


def _serve(app: App) -> None:
    """Serve with the timetable while the sandbox's clock runs, from the next session's morning if none is running."""
    now = app.clock.now()
    today = timetable.running(now)
    if today is None or now > timetable.ends(today) - timedelta(minutes=30):
        _go(app, datetime.combine(sessions.next(now.astimezone(SEOUL).date()), MORNING, SEOUL))
    port = serving.free(app.settings.host, app.settings.port)
    local = app.clock.now().astimezone(SEOUL)
    screen.OUT.print(
        f"\nThe session of {local:%Y-%m-%d} runs, a minute in every {60 / SPEED:g} seconds; evening figures come at "
        f"19:00. Ask meanwhile:\n"
        f"  http://{app.settings.host}:{port}/api/v1/investor-trading?market=KOSPI\n"
        f"  http://{app.settings.host}:{port}/api/v1/status\n"
        f"  MCP: http://{app.settings.host}:{port}/mcp",
        soft_wrap=True,
    )
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(app, ended), daemon=True)
    watcher.start()
    try:
        serving.serve(app, port=port, schedule=True)
    finally:
        ended.set()
        watcher.join(5)


def _watch(app: App, ended: threading.Event) -> None:
    """A line of the running session now and then, until the end: its figures change as it runs."""
    minutes = registry.bind(registry.usecases()["get_market_minutes"], app.archive)
    shown = None
    while not ended.wait(WATCH):
        try:
            newest = cast(Any, minutes(market="KOSPI", limit=1)).rows[0]
        except (SugeupError, IndexError):
            continue  # nothing of today yet, or the lake is being written: the next look will do
        if newest.at == shown or date.fromisoformat(newest.at[:10]) != _today(app):
            continue
        shown = newest.at
        nets = (
            f"{investors.korean(one)} {eok(newest.flows.get(one, {}).get('net_amount'))}" for one in investors.GROUPS
        )
        screen.OUT.print(f"{shown[:16]} SIMULATED KOSPI 누적 순매수(억원): {' · '.join(nets)}", soft_wrap=True)


def _tell_address(app: App, address: str) -> None:
    own = f"SUGEUP_SANDBOX_URL={address} " if not address.endswith(f":{sandbox_process.PORT}") else ""
    screen.OUT.print(
        f"\nEvery figure above is invented; they lie in {app.path}, apart from real ones.\n"
        f"In another terminal, while this runs: {own}sugeup --lake simulated status",
        soft_wrap=True,
    )


def _go(app: App, moment: datetime) -> None:
    """Set the sandbox's clock, forwards only."""
    if moment > app.clock.now():
        cast(RemoteClock, app.clock).go(moment)
        screen.OUT.print(f"clock of the sandbox: {moment.astimezone(SEOUL):%Y-%m-%d %H:%M}")


def resumed(app: App) -> datetime:
    """Where the clock of the lake was when it was last collected; the beginning when it never was."""
    seen = [asked.asked_at for asked in app.archive.coverage()]
    for run_ in app.journal.runs(limit=20):
        seen += [at for at in (run_.started_at, run_.ended_at) if at is not None]
    newest = max(seen, default=datetime.min.replace(tzinfo=UTC))
    end = datetime.combine(_days()[-1], time(0), SEOUL)
    if newest >= end:
        raise NoData(
            f"The simulated market of this lake is over: its last session is {_days()[-1]}.",
            code="MARKET_CLOSED",
            hint="`sugeup demo --market simulated --anew` removes its figures and begins again.",
        )
    return max(newest.astimezone(SEOUL) + timedelta(seconds=1), beginning()) if seen else beginning()


def _today(app: App) -> date:
    return app.clock.now().astimezone(SEOUL).date()


def _days() -> list[date]:
    first, count = cast(date, PLAN["first"]), cast(int, PLAN["sessions"])
    return [first, *(sessions.next(first, ahead) for ahead in range(1, count))]


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One such demo at a time on a lake; the system frees the lock when the process ends."""
    lock = FileLock(path.with_name("simulated.demo.lock"), timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with lock:
            yield
    except Timeout:
        raise Retryable(
            f"another `sugeup demo --market simulated` runs on {path}.",
            code="BUSY",
            hint="End it with Ctrl-C, or choose another SUGEUP_DATA_DIR.",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path.parent} cannot be written: {error.strerror or error}.", hint="Choose another SUGEUP_DATA_DIR."
        ) from None


def _remove(path: Path) -> None:
    """Delete the simulated lake, and nothing that is not one."""
    known = {"market.json", "state.sqlite", "format.json"}
    if path.name != "simulated" or (path.exists() and not known & {one.name for one in path.iterdir()}):
        if path.exists() and any(path.iterdir()):
            raise ConfigError(f"{path} does not look like a simulated lake; it is not removed.", hint="Look into it.")
        return
    if path.exists():
        shutil.rmtree(path)
        screen.OUT.print(f"removed {path}", soft_wrap=True)
