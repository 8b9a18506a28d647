"""What a check finds: fine, to be noticed, or to be repaired, with the step that repairs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

CONFIG, STORE, DOWN, DRIFT = 78, 74, 75, 76
"""Exit codes of a failure: the configuration or the machine has to be changed; stored data has to be restored; a source
does not answer; a source's answers are no longer as we know them."""


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line of the report. `todo` is empty when nothing has to be done, `exit_code` 0 unless the check failed."""

    check: str
    state: State
    said: str
    todo: str = ""
    exit_code: int = 0


def ok(check: str, said: str, todo: str = "") -> Finding:
    """All is well; `todo` may still tell what is possible."""
    return Finding(check, State.OK, said, todo)


def warn(check: str, said: str, todo: str) -> Finding:
    """It works, but not for long, or not for everything."""
    return Finding(check, State.WARN, said, todo)


def fail(check: str, said: str, todo: str, exit_code: int = CONFIG) -> Finding:
    """It does not work until `todo` is done."""
    return Finding(check, State.FAIL, said, todo, exit_code)


Check = Callable[[], Iterable[Finding]]


def examine(checks: Iterable[tuple[str, Check]]) -> list[Finding]:
    """The findings of all checks, in order; a check that breaks is a failure of its own and stops no other."""
    found: list[Finding] = []
    for name, check in checks:
        try:
            found += check()
        except Exception as error:
            found.append(
                fail(name, f"the check broke: {type(error).__name__}: {str(error)[:200]}", "Report this; it is a bug.")
            )
    return found


def exit_code(found: Iterable[Finding]) -> int:
    """0, or the exit code of the first failure."""
    return next((one.exit_code for one in found if one.state is State.FAIL), 0)
