"""An archive whose only vendor is this one collects whole rows, and knows afterwards what it has."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sugeup.archive import Archive, Supply, Want
from sugeup.market import sessions
from sugeup.market.clock import FixedClock
from sugeup.sources import origins
from sugeup.sources.ls import LS
from sugeup.sources.replies.parts import groups
from sugeup.sources.vendor import Ask, Endpoint, Page
from sugeup.store.lake import Lake
from sugeup.store.state import State
from tests.sources.ls.answers import documents, key, question, reply, rows

NOW = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
"""08:30 of the next morning in Seoul: yesterday's figures are final."""
FIRST, LAST = date(2026, 11, 20), date(2026, 11, 24)


class Desk:
    """Gives the vendor's examples for every session that is asked for; `calls`: names of the questions put."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def pages(self, endpoint: Endpoint, ask: Ask, priority: int) -> Iterator[Page]:
        def each() -> Iterator[Page]:
            part: Ask | None = ask
            answers = documents(endpoint)
            while part is not None:
                endpoint.build(part)
                place = len(self.calls)
                self.calls.append(question(endpoint).name)
                found = copy.deepcopy(answers[place % len(answers)])
                template = rows(found, question(endpoint))[0]
                end = date.fromisoformat(part.cursor[:8]) if part.cursor else part.last
                days = sessions.sessions(part.first, end)[::-1]
                dated = "mmdate" if "mmdate" in template else "date"
                found[key(found, question(endpoint))] = [{**template, dated: f"{day:%Y%m%d}"} for day in days]
                page = endpoint.parse(part, reply(found, NOW))
                yield page
                part = page.after

        for group in groups(each()):
            yield group[0] if endpoint.join is None else endpoint.join(ask, group)

    def contracts(self) -> Sequence[str]:
        return ()

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("dataset", "scope", "column", "source"),
    [
        ("investor_day_stock", "005930", "foreign_registered_net_amount", "ls"),
        ("investor_day_market", "KOSPI", "foreign_net_amount", "ls_market"),
        ("program_day_market", "KOSDAQ", "program_net_volume", "ls_market_million"),
        ("short_day", "005930", "short_amount", "ls"),
        ("index_day", "KOSPI", "advancers", "ls_market_million"),
    ],
)
def test_days_are_collected_once_and_covered(
    dataset: str, scope: str, column: str, source: str, tmp_path: Path
) -> None:
    desk = Desk()
    standings = {name: origin.standing for name, origin in origins().items()}
    lake, state = Lake(tmp_path / "lake", standings), State(tmp_path / "state.sqlite")
    archive = Archive("test", lake, state, FixedClock(NOW), origins(), Supply([(LS, lambda: desk)]))
    filled = archive.fill(dataset, Want((scope,), FIRST, LAST))
    assert ((), {}, 0) == (filled.stopped, filled.failures, filled.faults)
    stored = archive.read(dataset, scopes=[scope])
    assert list(sessions.sessions(FIRST, LAST)) == sorted(stored["session"])
    assert {source} == set(stored["source"])
    assert stored[column].is_not_null().all()
    assert stored["final"].all()
    asked = len(desk.calls)
    again = archive.fill(dataset, Want((scope,), FIRST, LAST))
    assert (asked, True) == (len(desk.calls), again.complete)
