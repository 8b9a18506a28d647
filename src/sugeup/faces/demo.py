"""`sugeup demo`: the bundled sample of real figures, two answered questions, then a server to connect to."""

from __future__ import annotations

from rich.progress import Progress

from sugeup import registry
from sugeup.app import App
from sugeup.faces import screen, serving
from sugeup.jobs.sample import load_sample
from sugeup.usecases.wording import ABSENT

_QUESTIONS = (
    ("시장: who is buying on KOSPI?", {"market": "KOSPI"}),
    ("종목: who is buying Samsung Electronics (five sessions)?", {"stock_code": "005930", "period": "5D"}),
)
_EXPLAINED = ("inv.trend", "inv.intensity", "beh.consistency", "inv.price_correlation", "inv.momentum_score")


def run(app: App, *, once: bool) -> None:
    """Load the sample into the demo lake, answer, explain each figure and each null, then serve."""
    screen.OUT.print("수급 sugeup demo · real figures of the bundled sample (not live)", style="bold")
    with Progress(console=screen.ERR, transient=True) as progress:
        task = progress.add_task("loading the sample", total=None)
        loaded = load_sample(app.archive, lambda done, total: progress.update(task, completed=done, total=total))
    screen.OUT.print(f"{loaded.rows:,} rows in {app.path}\n")
    case = registry.usecases()["get_investor_trading"]
    ask = registry.bind(case, app.archive)
    for question, arguments in _QUESTIONS:
        screen.OUT.print(question, style="bold")
        screen.show_parts(case.text(ask(**arguments), True))
        screen.OUT.print()
    screen.OUT.print("What the figures mean (`sugeup explain` lists all):", style="bold")
    for id in _EXPLAINED:
        one = registry.metrics()[id]
        screen.OUT.print(f"  {one.korean} {one.id}: {one.formula}", markup=False)
    screen.OUT.print(f"  {ABSENT} is 'not known': the null lines above say why; nothing is filled in.\n")
    screen.show_parts(connecting(app.settings.host, app.settings.port))
    if not once:
        serving.serve(app)


def connecting(host: str, port: int) -> list[object]:
    """How clients connect to this machine's server."""
    address = f"http://{host}:{port}"
    return [
        "Connect:",
        f"  REST             {address}/api/v1/investor-trading?market=KOSPI   docs {address}/api/v1/docs",
        "  Claude Code      claude mcp add sugeup -- sugeup --lake demo mcp",
        '  Claude Desktop   {"mcpServers": {"sugeup": {"command": "sugeup", "args": ["--lake", "demo", "mcp"]}}}',
        f'  Cursor           {{"mcpServers": {{"sugeup": {{"url": "{address}/mcp"}}}}}}',
        f"  any streamable-HTTP client   {address}/mcp",
        "  ChatGPT and other hosted clients cannot reach this machine: they need a tunnel to that address.",
        "  Without a server: sugeup --lake demo investor-trading 005930 --period 20D",
    ]
