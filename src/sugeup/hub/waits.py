"""How long to wait before a request is sent again."""

from __future__ import annotations

import random
from datetime import UTC
from email.utils import parsedate_to_datetime

from sugeup.sources.vendor import Outcome, Pace, Reply, Verdict

FIRST = 0.5
LONGEST = 20.0
PATIENCE = 60.0
"""A vendor that asks for a longer wait is not waited for: the caller is told when to come again."""


def backoff(failed: int, least: float = 0.0) -> float:
    """Seconds before the next attempt after so many failed ones: full jitter over a doubling span, above `least`."""
    return least + random.uniform(0, min(FIRST * 2 ** (failed - 1), LONGEST))  # noqa: S311


def asked_for(verdict: Verdict, reply: Reply) -> float | None:
    """Seconds that the vendor asks for, by its verdict or by Retry-After (seconds or a date); None: it does not say."""
    if verdict.wait is not None:
        return max(verdict.wait, 0.0)
    said = reply.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(((at if at.tzinfo else at.replace(tzinfo=UTC)) - reply.received_at).total_seconds(), 0.0)


def least(outcome: Outcome, asked: float | None, pace: Pace) -> float:
    """The shortest wait: what was asked for, else a whole window where we were too fast."""
    if asked is not None:
        return asked
    return pace.seconds if outcome is Outcome.LIMITED else 0.0
