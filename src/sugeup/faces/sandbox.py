"""`sugeup sandbox`: a vendor's interface over a simulated market, on this machine, and what to set to use it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sugeup.errors import Refused
from sugeup.faces import screen


def run(
    *,
    vendors: Sequence[str],
    host: str,
    port: int,
    seed: int,
    stocks: int,
    sessions: int,
    first: str,
    events: float,
    clock: str | None,
    speed: float,
    hurry: float,
    faults: Sequence[str],
) -> None:
    """Simulate a market and serve it until Ctrl-C. Raises Refused, ConfigError or Retryable for what cannot be."""
    from sugeup.sandbox import control, running
    from sugeup.sandbox.kis.auth import KEY, SECRET
    from sugeup.sandbox.plan import Plan
    from sugeup.sandbox.vendors import Options

    at = None if clock is None else control.moment(clock)
    plan = Plan(seed=seed, stocks=stocks, first=_day(first), sessions=sessions, events=events)
    listener = running.listen(host, port)
    screen.ERR.print(f"simulating {stocks:,} stocks over {sessions} sessions (seed {seed}) …")
    sandbox = running.build(plan, at=at, speed=speed, switched=faults, options=Options(hurry=hurry), served=vendors)

    def started(address: str) -> None:
        names = ", ".join(one.name for one in sandbox.services)
        moment = sandbox.world.clock.seoul()
        screen.ERR.print(
            f"sandbox of {names} on {address}: invented figures of invented companies, no advice, no vendor. "
            f"Its clock: {moment:%Y-%m-%d %H:%M:%S} in Seoul, {speed:g} seconds a second.\n"
            f"  with sugeup:      SUGEUP_LAKE=simulated SUGEUP_SANDBOX_URL={address}\n"
            f"  with any client:  host {address}, app key {KEY}, app secret {SECRET}\n"
            f"  to control it:    {address}/sandbox/clock, /sandbox/faults, /sandbox/stats, /sandbox/plan\n"
            "  Ctrl-C ends it"
        )

    running.serve(sandbox, listener, started)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"--first {text[:40]!r} is no date.", hint="Write it as 2025-01-02.") from None
