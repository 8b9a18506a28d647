"""`python -m sugeup.sandbox`: the sandbox without the rest of sugeup; `sugeup sandbox` says more."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import date

from sugeup.errors import SugeupError
from sugeup.sandbox import control, running, vendors
from sugeup.sandbox.kis.service import RATE
from sugeup.sandbox.kis.service import Options as KisOptions
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.vendors import Options
from sugeup.sandbox.world import REVISIONS


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; the exit code."""
    plan = Plan()
    parser = argparse.ArgumentParser(prog="python -m sugeup.sandbox", description=__doc__)
    parser.add_argument("--vendor", action="append", default=[], choices=tuple(vendors.SERVICES))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=running.PORT)
    parser.add_argument("--seed", type=int, default=plan.seed)
    parser.add_argument("--stocks", type=int, default=plan.stocks)
    parser.add_argument("--sessions", type=int, default=plan.sessions)
    parser.add_argument("--first", type=date.fromisoformat, default=plan.first)
    parser.add_argument("--events", type=float, default=plan.events)
    parser.add_argument("--clock", type=control.moment)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--hurry", type=float, default=1.0)
    parser.add_argument("--revisions", type=float, default=REVISIONS)
    parser.add_argument("--token-seconds", type=float, default=60.0)
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--until-eof", action="store_true", help="end when the standard input ends: with its parent")
    given = parser.parse_args(arguments)
    if given.until_eof:
        threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        sandbox = running.build(
            Plan(given.seed, given.stocks, given.first, given.sessions, given.events),
            at=given.clock,
            speed=given.speed,
            switched=given.fault,
            options=Options(
                given.revisions, KisOptions(given.rate, token_seconds=given.token_seconds), hurry=given.hurry
            ),
            served=given.vendor,
        )
        running.serve(sandbox, running.listen(given.host, given.port), _say)
    except SugeupError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def _end_with_input() -> None:
    """Interrupt this process when whoever holds the other end of its input is gone, however it went."""
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    os.kill(os.getpid(), signal.SIGINT)


def _say(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
