"""`sugeup demo`: the bundled sample of real figures, two answered questions, then a server to connect to."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from sugeup import registry
from sugeup.app import App
from sugeup.faces import payload, screen, serving
from sugeup.faces.importing import bar
from sugeup.jobs.sample import load_sample
from sugeup.usecases.whole_text import nulls
from sugeup.usecases.wording import ABSENT

_QUESTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("시장: who is buying on KOSPI and KOSDAQ?", {}),
    ("종목: who is buying Samsung Electronics (five sessions)?", {"stock_code": "005930", "period": "5D"}),
)
_EXPLAINED = ("inv.trend", "inv.intensity", "beh.consistency", "inv.price_correlation", "inv.momentum_score")


def run(app: App, *, once: bool) -> None:
    """Load the sample into the demo lake, answer, explain each figure and each null, then serve."""
    screen.OUT.print("수급 sugeup demo · real figures of the bundled sample (not live)", style="bold")
    with bar() as tell:
        loaded = load_sample(app.archive, tell)
    rows = sum(table.added + table.replaced + table.kept + table.same for table in loaded.tables)
    screen.OUT.print(
        f"{rows:,} rows of {len({t.dataset for t in loaded.tables})} datasets in {app.path}\n", soft_wrap=True
    )
    case = registry.usecases()["get_investor_trading"]
    ask = registry.bind(case, app.archive)
    for question, arguments in _QUESTIONS:
        screen.OUT.print(question, style="bold")
        answer = ask(**arguments)
        screen.show_parts([*case.text(answer), "", *nulls(payload.plain(answer))])
        screen.OUT.print()
    screen.OUT.print("What the figures mean (`sugeup explain` lists all):", style="bold")
    for id in _EXPLAINED:
        one = registry.metrics()[id]
        screen.OUT.print(f"  {one.korean} {one.id}: {one.formula}", markup=False, soft_wrap=True)
    screen.OUT.print(f"  {ABSENT} is 'not known': the null lines above say why; nothing is filled in.\n")
    port = app.settings.port if once else serving.free(app.settings.host, app.settings.port)
    screen.show_parts(connecting(app.settings.host, port))
    if not once:
        serving.serve(app, port=port)


def connecting(host: str, port: int) -> list[object]:
    """How clients connect to this machine's server."""
    address = f"http://{host}:{port}"
    command = shutil.which("sugeup") or str(Path(sys.argv[0]).resolve())
    desktop = json.dumps({"mcpServers": {"sugeup": {"command": command, "args": ["--lake", "demo", "mcp"]}}})
    return [
        "Connect:",
        f"  REST             {address}/api/v1/investor-trading?market=KOSPI   paths: {address}/api/v1/openapi.json",
        f"  Claude Code      claude mcp add sugeup -- {command} --lake demo mcp",
        f"  Claude Desktop   {desktop}",
        f'  Cursor           {{"mcpServers": {{"sugeup": {{"url": "{address}/mcp"}}}}}}',
        f"  any streamable-HTTP client   {address}/mcp",
        "  ChatGPT and other hosted clients cannot reach this machine: they need a tunnel to that address.",
        f"  Without a server: {command} --lake demo investor-trading 005930 --period 20D",
        f"A market that is collected and runs, with invented figures: {command} demo --market simulated",
    ]
